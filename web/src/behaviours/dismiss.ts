/** Messages that can be put away: `data-dismissible` with a hidden button `data-dismiss`. */
export function startDismiss(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-dismissible] [data-dismiss]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      button.closest("[data-dismissible]")?.remove();
      document.getElementById("contenuto")?.focus();
    });
  }
}

/** A form that came back with errors puts the reader on the summary of them. */
export function startFocus(): void {
  document.querySelector<HTMLElement>("[data-focus]")?.focus();
}

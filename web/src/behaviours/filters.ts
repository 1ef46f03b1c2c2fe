import { formUrl, swap } from "../swap";

/**
 * GET forms with `data-autosubmit`: a change applies at once. With `data-swap="#id"` only that part of the page is
 * replaced. A `data-autosubmit` form hides its `[data-noscript]` button, which is there for readers without scripts.
 */
export function startFilters(): void {
  for (const button of document.querySelectorAll<HTMLElement>("form[data-autosubmit] [data-noscript]")) {
    button.hidden = true;
  }
  let waiting = 0;
  const apply = (form: HTMLFormElement) => {
    const part = form.dataset.swap;
    if (part) void swap(formUrl(form), part);
    else form.requestSubmit();
  };
  document.addEventListener("change", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-autosubmit]");
    if (!form || (event.target as HTMLInputElement).type === "search") return;
    apply(form);
  });
  document.addEventListener("input", (event) => {
    const input = event.target as HTMLInputElement;
    const form = input.closest<HTMLFormElement>("form[data-autosubmit][data-swap]");
    if (!form || input.type !== "search") return;
    clearTimeout(waiting);
    waiting = window.setTimeout(() => apply(form), 250);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("form[data-autosubmit][data-swap]")) return;
    event.preventDefault();
    apply(form);
  });
}

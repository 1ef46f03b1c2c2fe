/** Navigation on phones and menus made of <details>. */
export function startMenus(): void {
  const toggle = document.querySelector<HTMLButtonElement>("[data-navtoggle]");
  const nav = toggle && document.getElementById(toggle.getAttribute("aria-controls") ?? "");
  toggle?.addEventListener("click", () => {
    const open = nav?.classList.toggle("bz-open") ?? false;
    toggle.setAttribute("aria-expanded", String(open));
  });

  const menus = () => document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]");
  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target as Node)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
    if (nav?.classList.contains("bz-open")) toggle?.click(), toggle?.focus();
  });

  // The skip link to the navigation must reach it even while it is folded.
  document.querySelector('.bz-skip a[href="#navigazione"]')?.addEventListener("click", () => {
    if (nav && toggle?.offsetParent && !nav.classList.contains("bz-open")) toggle.click();
  });

  // Filters are written open, for readers without scripts; on a phone they start folded.
  if (matchMedia("(max-width: 767.98px)").matches) {
    for (const details of document.querySelectorAll<HTMLDetailsElement>("details[data-fold]")) details.open = false;
  }
}

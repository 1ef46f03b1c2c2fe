// Replaces one part of the page with the same part of another URL's page: the server renders, the script moves.

let running: AbortController | null = null;

/**
 * Fetches `url`, puts its `selector` (and every `[data-swap-too]` with an id) into this page, hands the new data
 * addresses to the maps, and writes the URL into the address bar. A later call cancels an earlier one.
 * When anything goes wrong the browser simply goes to the URL.
 */
export async function swap(url: string, selector: string): Promise<boolean> {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  const target = document.querySelector(selector);
  if (!target) {
    location.assign(url);
    return false;
  }
  target.setAttribute("aria-busy", "true");
  target.classList.add("bz-busy");
  try {
    const response = await fetch(url, { signal: mine.signal, headers: { accept: "text/html" } });
    if (!response.ok) throw new Error(String(response.status));
    const next = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = next.querySelector(selector);
    if (!fresh) throw new Error(`no ${selector} in ${url}`);
    target.replaceChildren(...document.importNode(fresh, true).childNodes);
    for (const old of document.querySelectorAll("[data-swap-too][id]")) {
      const other = next.getElementById(old.id);
      if (other) old.replaceChildren(...document.importNode(other, true).childNodes);
    }
    moveMaps(next);
    history.replaceState(null, "", url);
    carryHidden();
    document.dispatchEvent(new CustomEvent("bz:swapped", { detail: { url } }));
    return true;
  } catch (error) {
    if (!mine.signal.aborted) location.assign(url);
    return false;
  } finally {
    if (running === mine) {
      target.removeAttribute("aria-busy");
      target.classList.remove("bz-busy");
    }
  }
}

/** Hidden fields that carry another form's choice (for readers without scripts) follow the address. */
function carryHidden(): void {
  const query = new URLSearchParams(location.search);
  for (const field of document.querySelectorAll<HTMLInputElement>('form[method="get"] input[type="hidden"]')) {
    field.value = query.get(field.name) ?? "";
  }
}

/** Maps stay alive over a swap; only the address of their data changes. */
function moveMaps(next: Document): void {
  const fresh = [...next.querySelectorAll<HTMLElement>("[data-map]")];
  [...document.querySelectorAll<HTMLElement>("[data-map]")].forEach((map, index) => {
    const other = fresh[index];
    if (!other || other.dataset.geojson === map.dataset.geojson) return;
    if (other.dataset.geojson === undefined) delete map.dataset.geojson;
    else map.dataset.geojson = other.dataset.geojson;
    map.dispatchEvent(new CustomEvent("bz:map-data"));
  });
}

/**
 * URL that a GET form leads to from here: its fields replace theirs in the present address, what other forms of the
 * page have put there stays, empty fields are left out and paging starts again.
 */
export function formUrl(form: HTMLFormElement): string {
  const url = new URL(form.action || location.href, location.href);
  const query = new URLSearchParams(location.search);
  query.delete("pagina");
  for (const field of form.elements) {
    const name = field.getAttribute("name");
    if (name) query.delete(name);
  }
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value !== "") query.append(name, value);
  }
  const text = query.toString();
  return text ? `${url.pathname}?${text}` : url.pathname;
}

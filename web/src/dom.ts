type Attributes = Record<string, string | number | boolean>;

/** Creates an element with attributes and children; text is always text, never markup. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  assign(element, attributes);
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag: string, attributes: Attributes = {}, ...children: Node[]): SVGElement {
  const element = document.createElementNS(SVG, tag) as SVGElement;
  assign(element, attributes);
  element.append(...children);
  return element;
}

function assign(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Icon of the sprite that the page already uses (its URL carries the version). */
export function icon(name: string): SVGElement {
  const known = document.querySelector<SVGUseElement>("svg use")?.getAttribute("href") ?? "/assets/sprites.svg";
  const sprite = known.split("#")[0];
  return svg("svg", { class: "icon bz-icon", "aria-hidden": "true", focusable: "false" },
    svg("use", { href: `${sprite}#${name}` }));
}

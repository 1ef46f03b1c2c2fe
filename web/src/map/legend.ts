import { el, svg } from "../dom";
import { severityColour } from "./icons";
import { mapTexts, severityNames } from "./texts";

const DASH: Record<1 | 2 | 3, string> = { 1: "0.1 7", 2: "10 5", 3: "" };

/** Legend under the map: line pattern, colour and words. */
export function legend(): HTMLElement {
  const names = severityNames();
  const items = ([3, 2, 1] as const).map((level) => {
    const line = svg("line", {
      x1: 4, y1: 5, x2: 30, y2: 5, stroke: severityColour(level), "stroke-width": 5,
      "stroke-linecap": level === 2 ? "butt" : "round",
      ...(DASH[level] ? { "stroke-dasharray": DASH[level] } : {}),
    });
    return el("li", {}, svg("svg", { class: "bz-swatch", viewBox: "0 0 34 10", "aria-hidden": "true" }, line), names[level - 1] ?? "");
  });
  return el("ul", { class: "bz-map-legend", "aria-label": mapTexts().legend }, ...items);
}

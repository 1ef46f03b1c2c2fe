import { el, svg } from "../dom";
import { OVER_COLOUR, severityColour } from "./icons";
import { mapTexts, severityNames } from "./texts";

const DASH: Record<1 | 2 | 3, string> = { 1: "0.1 7", 2: "10 5", 3: "" };

/** What the map shows at the moment. */
export interface Shown { hasSeverity: boolean; hasOver: boolean; hasApproximate: boolean }

/** Legend under the map: line pattern, colour and words of what is shown; null when nothing needs one. */
export function legend(shown: Shown): HTMLElement | null {
  const names = severityNames();
  const texts = mapTexts();
  const items: HTMLElement[] = [];
  if (shown.hasSeverity) {
    for (const level of [3, 2, 1] as const) {
      items.push(item(names[level - 1] ?? "", {
        stroke: severityColour(level), "stroke-width": 5, "stroke-linecap": level === 2 ? "butt" : "round",
        ...(DASH[level] ? { "stroke-dasharray": DASH[level] } : {}),
      }));
    }
  }
  if (shown.hasApproximate) {
    items.push(item(texts.approximate, {
      stroke: "#14263a", "stroke-width": 5, "stroke-dasharray": "1.8 2.5", "stroke-opacity": 0.6,
    }));
  }
  if (shown.hasOver) items.push(item(texts.over, { stroke: OVER_COLOUR, "stroke-width": 2.5 }));
  return items.length > 0 ? el("ul", { class: "bz-map-legend", "aria-label": texts.legend }, ...items) : null;
}

function item(words: string, pen: Record<string, string | number>): HTMLElement {
  const line = svg("line", { x1: 4, y1: 5, x2: 30, y2: 5, ...pen });
  return el("li", {}, svg("svg", { class: "bz-swatch", viewBox: "0 0 34 10", "aria-hidden": "true" }, line), words);
}

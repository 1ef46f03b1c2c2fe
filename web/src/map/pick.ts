// Choosing street stretches: a click, or Enter on what lies under the map's centre, adds or removes one.
import type { Map, MapGeoJSONFeature, Point2D } from "maplibre-gl";
import { el, icon } from "../dom";
import { mapTexts } from "./texts";

export class LinkPicker {
  private readonly chosen = new globalThis.Map<string, string>();

  constructor(
    private readonly map: Map, private readonly input: HTMLInputElement, private readonly list: HTMLElement,
  ) {
    for (const id of input.value.split(",").map((part) => part.trim()).filter(Boolean)) {
      this.chosen.set(id, knownNames(input.dataset.names)[id] ?? "");
    }
    const named = knownList(map.getContainer().dataset.highlight);
    map.addLayer({
      id: "named", type: "line", source: "city", "source-layer": "streets", filter: ["in", ["get", "name"], ["literal", named]],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": "#f2a900", "line-width": ["interpolate", ["linear"], ["zoom"], 11, 3, 16, 9], "line-opacity": 0.55 },
    }, "street-name");
    map.addLayer({
      id: "picked", type: "line", source: "city", "source-layer": "streets", filter: ["boolean", false],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": "#0059b3", "line-width": ["interpolate", ["linear"], ["zoom"], 11, 4, 16, 12], "line-opacity": 0.8 },
    }, "street-name");
    map.on("click", (event) => this.toggleAt(event.point));
    map.on("mousemove", (event) => {
      map.getCanvas().style.cursor = this.nearest(event.point) ? "pointer" : "";
    });
    // Names of stretches chosen earlier are in the tiles, once these have come.
    map.once("idle", () => { this.learnNames(); this.show(); });
    this.show();
  }

  toggleAt(point: Point2D): boolean {
    const feature = this.nearest(point);
    if (!feature) return false;
    const id = linkId(feature);
    if (this.chosen.has(id)) this.chosen.delete(id);
    else this.chosen.set(id, String(feature.properties["name"] ?? ""));
    this.show();
    return true;
  }

  private nearest({ x, y }: Point2D): MapGeoJSONFeature | undefined {
    // Small box first: what lies exactly there wins over what lies near.
    for (const reach of [3, 8, 14]) {
      const found = this.map.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]], { layers: ["street"] });
      if (found[0]) return found[0];
    }
    return undefined;
  }

  private learnNames(): void {
    for (const feature of this.map.querySourceFeatures("city", { sourceLayer: "streets" })) {
      const id = linkId(feature);
      if (this.chosen.get(id) === "") this.chosen.set(id, String(feature.properties["name"] ?? ""));
    }
  }

  private show(): void {
    const texts = mapTexts();
    const ids = [...this.chosen.keys()];
    this.input.value = ids.join(",");
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
    this.map.setFilter("picked", ["in", ["to-string", ["coalesce", ["get", "id"], ["id"]]], ["literal", ids]]);
    if (ids.length === 0) {
      this.list.replaceChildren(el("p", { class: "bz-muted" }, texts.pickedNone));
      return;
    }
    const items = ids.map((id, index) => {
      const name = this.chosen.get(id) || `${texts.stretch} ${index + 1}`;
      const remove = el("button", { type: "button", class: "bz-close" }, icon("it-close"),
        el("span", { class: "visually-hidden" }, texts.remove(name)));
      remove.addEventListener("click", () => {
        this.chosen.delete(id);
        this.show();
        (this.list.querySelector<HTMLElement>("button") ?? this.map.getCanvas()).focus();
      });
      return el("li", {}, name, remove);
    });
    this.list.replaceChildren(el("p", {}, `${texts.pickedTitle}: ${ids.length}`), el("ul", {}, ...items));
  }
}

function linkId(feature: Pick<MapGeoJSONFeature, "id" | "properties">): string {
  return String(feature.properties["id"] ?? feature.id ?? "");
}

/** Names of streets to make stand out, as the page gives them: a JSON array. */
function knownList(json: string | undefined): string[] {
  try {
    return JSON.parse(json || "[]") as string[];
  } catch {
    return [];
  }
}

/** Names of stretches chosen earlier, as the page gives them: a JSON object from id to name. */
function knownNames(json: string | undefined): Record<string, string> {
  try {
    return JSON.parse(json || "{}") as Record<string, string>;
  } catch {
    return {};
  }
}

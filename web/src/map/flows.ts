// Overlay of traffic: each way of a street beside the other, as wide as its cars and coloured by its load; or, for a
// scenario, what it gains and loses. Popups say in words what colour and width show.
import type { ExpressionSpecification, GeoJSONSource, Map, MapGeoJSONFeature } from "maplibre-gl";
import { LngLatBounds, Popup } from "maplibre-gl";
import { el, svg } from "../dom";
import { pageLang, t } from "../lang";

const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
/** By class of load; the last, over capacity, is also dashed. */
const LOAD = ["#6f93ad", "#d9a400", "#e07b1f", "#c2331f", "#6d0f1f"] as const;
const GAIN = "#b3132f";
const LOSE = "#0059b3";
const CLOSED = "#14263a";
const DETOUR = "#7a2a9e";

const get = (name: string): ExpressionSpecification => ["coalesce", ["get", name], 0];
const kind = (name: string): ExpressionSpecification => ["==", ["get", "kind"], name];
const isChanged: ExpressionSpecification = ["==", ["get", "changed"], true];
/** Pixels for cars per hour, by zoom. */
function width(cars: ExpressionSpecification, extra = 0): ExpressionSpecification {
  const pixels = (scale: number): ExpressionSpecification =>
    ["+", ["*", scale, ["interpolate", ["linear"], cars, 0, 0.8, 500, 2, 1500, 4.5, 4000, 9]], extra];
  return ["interpolate", ["linear"], ["zoom"], 10, pixels(0.5), 13, pixels(1), 17, pixels(2.4)];
}
const beside: ExpressionSpecification = ["interpolate", ["linear"], ["zoom"], 10, 0.6, 13, 2, 17, 6];

export class Flows {
  private popup: Popup | null = null;
  private highlighted = "";
  private kinds = new Set<string>();

  constructor(private readonly map: Map, private readonly container: HTMLElement) {
    this.addLayers();
    this.listen();
  }

  async load(): Promise<LngLatBounds | null> {
    const url = this.container.dataset.geojson ?? "";
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    const data = (await response.json()) as GeoJSON.FeatureCollection;
    this.kinds = new Set(data.features.map((feature) => String(feature.properties?.["kind"] ?? "")));
    if (data.features.some((feature) => feature.properties?.["changed"] === true)) this.kinds.add("changed");
    (this.map.getSource("flows") as GeoJSONSource).setData(data);
    return null;
  }

  highlight(id: string): void {
    if (id === this.highlighted) return;
    this.highlighted = id;
    this.map.setFilter("flow-on", ["==", ["to-string", ["get", "id"]], id]);
    for (const item of document.querySelectorAll<HTMLElement>("[data-work]")) {
      item.classList.toggle("bz-on", id !== "" && item.dataset.work === id);
    }
  }

  openAt({ x, y }: { x: number; y: number }, focus: boolean): boolean {
    const feature = this.at({ x, y });
    if (!feature) return false;
    this.popup?.remove();
    this.popup = new Popup({ maxWidth: "20rem", focusAfterOpen: focus, offset: 10 })
      .setLngLat(this.map.unproject([x, y])).setDOMContent(card(feature.properties)).addTo(this.map);
    this.popup.on("close", () => this.highlight(""));
    this.highlight(String(feature.properties["id"] ?? ""));
    return true;
  }

  legend(): HTMLElement {
    const line = (words: string, stroke: string, dash = "", thick = 5) => el("li", {},
      svg("svg", { class: "bz-swatch", viewBox: "0 0 34 10", "aria-hidden": "true" },
        svg("line", { x1: 4, y1: 5, x2: 30, y2: 5, stroke, "stroke-width": thick, ...(dash ? { "stroke-dasharray": dash } : {}) })), words);
    const items: HTMLElement[] = [];
    if (this.kinds.has("flow")) {
      const words = [t("Fino al 50% della capacità", "Up to 50% of capacity"), "50–75%", "75–90%", "90–100%",
        t("Oltre la capacità (tratteggiata)", "Over capacity (dashed)")];
      words.forEach((text, level) => items.push(line(text, LOAD[level] ?? "", level === 4 ? "4 3" : "")));
      items.push(line(t("Più spessa: più auto", "Wider: more cars"), "#52646f", "", 8));
    }
    if (this.kinds.has("change")) {
      items.push(line(t("Più auto di prima", "More cars than before"), GAIN));
      items.push(line(t("Meno auto di prima (tratteggiata)", "Fewer cars than before (dashed)"), LOSE, "6 3"));
    }
    if (this.kinds.has("changed")) items.push(line(t("Strada modificata", "Changed street"), CLOSED, "1.500 3"));
    if (this.kinds.has("detour")) items.push(line(t("Percorso alternativo", "Detour"), DETOUR, "8 4", 3));
    return el("ul", { class: "bz-map-legend", "aria-label": t("Legenda", "Legend") }, ...items);
  }

  private at({ x, y }: { x: number; y: number }): MapGeoJSONFeature | undefined {
    for (const reach of [3, 8]) {
      const found = this.map.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]],
        { layers: ["flow-line", "change-more", "change-less", "change-street"] });
      if (found[0]) return found[0];
    }
    return undefined;
  }

  private addLayers(): void {
    const { map } = this;
    map.addSource("flows", { type: "geojson", data: EMPTY });
    const round = { "line-cap": "butt", "line-join": "round" } as const;
    const before = map.getLayer("street-name") ? "street-name" : undefined;
    map.addLayer({
      id: "flow-on", type: "line", source: "flows", filter: ["==", ["get", "id"], ""], layout: round,
      paint: { "line-color": "#f2a900", "line-width": 16, "line-opacity": 0.6 },
    }, before);
    map.addLayer({
      id: "flow-line", type: "line", source: "flows", filter: kind("flow"),
      layout: { ...round, "line-sort-key": get("level") },
      paint: {
        "line-color": ["match", ["get", "level"], 0, LOAD[0], 1, LOAD[1], 2, LOAD[2], 3, LOAD[3], LOAD[4]],
        "line-width": width(get("volume")), "line-offset": beside,
      },
    }, before);
    map.addLayer({
      id: "flow-over", type: "line", source: "flows", filter: ["all", kind("flow"), ["==", ["get", "level"], 4]], layout: round,
      paint: { "line-color": "#fff", "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.7, 13, 1.4, 17, 4], "line-offset": beside, "line-dasharray": [3, 3] },
    }, before);
    const size: ExpressionSpecification = ["*", 2, ["abs", get("difference")]];
    const changes: [string, ExpressionSpecification, string, number[] | null][] = [
      ["change-more", [">=", get("difference"), 1], GAIN, null], ["change-less", ["<=", get("difference"), -1], LOSE, [2, 0.8]],
    ];
    for (const [id, filter, colour, dash] of changes) {
      map.addLayer({
        id, type: "line", source: "flows", filter: ["all", kind("change"), filter], layout: round,
        paint: { "line-color": colour, "line-width": width(size), "line-offset": beside, ...(dash ? { "line-dasharray": dash } : {}) },
      }, before);
    }
    map.addLayer({
      id: "detour-line", type: "line", source: "flows", filter: kind("detour"), layout: round,
      paint: { "line-color": DETOUR, "line-width": 4, "line-dasharray": [2, 1] },
    }, before);
    map.addLayer({
      id: "change-street", type: "line", source: "flows", filter: isChanged, layout: { "line-cap": "round" },
      paint: { "line-color": CLOSED, "line-width": 6, "line-dasharray": [0.2, 1.6] },
    }, before);
  }

  private listen(): void {
    const { map } = this;
    map.on("click", (event) => { this.openAt(event.point, false); });
    map.on("mousemove", (event) => { map.getCanvas().style.cursor = this.at(event.point) ? "pointer" : ""; });
    const lit = (event: Event) => {
      const item = (event.target as Element).closest?.<HTMLElement>("[data-work]");
      if (item) this.highlight(item.dataset.work ?? "");
    };
    const out = (event: Event) => {
      if ((event.target as Element).closest?.("[data-work]") && !this.popup?.isOpen()) this.highlight("");
    };
    document.addEventListener("mouseover", lit);
    document.addEventListener("focusin", lit);
    document.addEventListener("mouseout", out);
    document.addEventListener("focusout", out);
  }
}

function card(properties: Record<string, unknown>): HTMLElement {
  const language = pageLang() === "en" ? "en-GB" : "it-IT";
  const number = (name: string, digits = 0) => Number(properties[name] ?? 0)
    .toLocaleString(language, { maximumFractionDigits: digits, minimumFractionDigits: digits });
  const box = el("div", {}, el("p", { class: "bz-popup-title" },
    String(properties["name"] || t("Strada senza nome", "Street without a name"))));
  const say = (text: string) => box.append(el("p", {}, text));
  if (properties["kind"] === "flow") {
    const share = Math.round(Number(properties["ratio"] ?? 0) * 100);
    say(t(`${number("volume")} auto all'ora, ${share}% della capacità`, `${number("volume")} cars an hour, ${share}% of capacity`));
    say(t(`${number("minutes", 1)} minuti (${number("free_minutes", 1)} senza traffico)`,
      `${number("minutes", 1)} minutes (${number("free_minutes", 1)} without traffic)`));
  } else {
    say(t(`Prima ${number("before")}, dopo ${number("after")} auto all'ora`, `Before ${number("before")}, after ${number("after")} cars an hour`));
    if (properties["open"] === false) say(t("Chiusa al traffico in questo verso", "Closed to traffic this way"));
  }
  if (properties["synthetic"] === true) box.append(el("p", { class: "bz-muted" }, t("Domanda sintetica", "Synthetic demand")));
  return box;
}

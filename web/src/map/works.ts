// Overlay of worksites (or other places) from a GeoJSON address, with popups and links to the list beside the map.
import type { ExpressionSpecification, GeoJSONSource, LngLatLike, Map, MapGeoJSONFeature } from "maplibre-gl";
import { LngLatBounds, Popup } from "maplibre-gl";
import { el, icon } from "../dom";
import { addSeverityIcons, OVER_COLOUR, PLACE_COLOUR, severityColour } from "./icons";
import { mapTexts, severityNames } from "./texts";

const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
const TOUCH_LAYERS = ["work-touch", "work-point", "work-line-icon", "work-area"];

const severity: ExpressionSpecification = ["coalesce", ["get", "severity"], 0];
const isLine: ExpressionSpecification = ["==", ["geometry-type"], "LineString"];
// What is over is thin and grey, without signs: nobody shall take an open street for a closed one.
const isOver: ExpressionSpecification = ["==", ["get", "over"], true];
const isLive: ExpressionSpecification = ["!", isOver];
// Where only the street is known and not the stretch.
const isApproximate: ExpressionSpecification = ["==", ["get", "precision"], "whole-street"];
const isPoint: ExpressionSpecification = ["==", ["geometry-type"], "Point"];
const isArea: ExpressionSpecification = ["==", ["geometry-type"], "Polygon"];
const lineWidth = (scale: number): ExpressionSpecification =>
  ["interpolate", ["linear"], ["zoom"], 10, 3 * scale, 14, 5.5 * scale, 18, 11 * scale];

export class Works {
  /** Whether the data tells severities: only then does a legend of them make sense. */
  hasSeverity = false;
  /** Whether something is shown that is over, and something whose stretch is not known. */
  hasOver = false;
  hasApproximate = false;
  private popup: Popup | null = null;
  private highlighted = "";

  constructor(private readonly map: Map, private readonly container: HTMLElement) {
    this.addLayers();
    this.listen();
  }

  /** Loads the address of `data-geojson`; returns the data's bounds, or null when there is none. */
  async load(): Promise<LngLatBounds | null> {
    const url = this.container.dataset.geojson;
    let data = EMPTY;
    if (url) {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`${url}: ${response.status}`);
      data = (await response.json()) as GeoJSON.FeatureCollection;
    }
    this.popup?.remove();
    this.hasSeverity = data.features.some((feature) =>
      feature.properties?.["over"] !== true && feature.properties?.["severity"] !== undefined);
    this.hasOver = data.features.some((feature) => feature.properties?.["over"] === true);
    this.hasApproximate = data.features.some((feature) =>
      feature.properties?.["over"] !== true && feature.properties?.["precision"] === "whole-street");
    (this.map.getSource("works") as GeoJSONSource).setData(data);
    return boundsOf(data);
  }

  /** Emphasises one feature, or none with an empty id. */
  highlight(id: string): void {
    if (id === this.highlighted) return;
    this.highlighted = id;
    for (const layer of ["work-on", "work-on-point"]) {
      const kind = layer === "work-on" ? isLine : isPoint;
      this.map.setFilter(layer, ["all", kind, ["==", ["to-string", ["get", "id"]], id]]);
    }
    for (const item of document.querySelectorAll<HTMLElement>("[data-work]")) {
      item.classList.toggle("bz-on", id !== "" && item.dataset.work === id);
    }
  }

  /** Opens the popup of what lies at a point of the canvas; false when nothing does. */
  openAt(point: { x: number; y: number }, focus: boolean): boolean {
    const feature = this.at(point);
    if (!feature) return false;
    const where = feature.geometry.type === "Point"
      ? (feature.geometry.coordinates as LngLatLike) : this.map.unproject([point.x, point.y]);
    this.popup?.remove();
    this.popup = new Popup({ maxWidth: "20rem", focusAfterOpen: focus, offset: 14 })
      .setLngLat(where).setDOMContent(card(feature.properties)).addTo(this.map);
    this.popup.on("close", () => this.highlight(this.initial()));
    this.highlight(String(feature.properties["id"] ?? ""));
    return true;
  }

  private at({ x, y }: { x: number; y: number }): MapGeoJSONFeature | undefined {
    const found = this.map.queryRenderedFeatures([[x - 6, y - 6], [x + 6, y + 6]], { layers: TOUCH_LAYERS });
    return found.sort((a, b) => Number(b.properties["severity"] ?? 0) - Number(a.properties["severity"] ?? 0))[0];
  }

  private addLayers(): void {
    const { map } = this;
    addSeverityIcons(map);
    map.addSource("works", { type: "geojson", data: EMPTY });
    const round = { "line-cap": "round", "line-join": "round" } as const;
    map.addLayer({
      id: "work-area", type: "fill", source: "works", filter: isArea,
      paint: { "fill-color": PLACE_COLOUR, "fill-opacity": 0.18, "fill-outline-color": PLACE_COLOUR },
    });
    map.addLayer({
      id: "work-on", type: "line", source: "works", filter: ["==", ["get", "id"], ""], layout: round,
      paint: { "line-color": "#14263a", "line-width": lineWidth(2.2) },
    });
    map.addLayer({
      id: "work-over", type: "line", source: "works", filter: ["all", isLine, isOver], layout: round,
      paint: { "line-color": OVER_COLOUR, "line-width": lineWidth(0.45) },
    });
    map.addLayer({
      id: "work-case", type: "line", source: "works", filter: ["all", isLine, isLive, ["!", isApproximate]], layout: round,
      paint: { "line-color": "#fff", "line-width": lineWidth(1.5) },
    });
    // Each severity has its own dash: colour is never the only sign.
    map.addLayer({
      id: "work-line-0", type: "line", source: "works", filter: ["all", isLine, isLive, ["==", severity, 0]], layout: round,
      paint: { "line-color": PLACE_COLOUR, "line-width": lineWidth(1) },
    });
    const dashes: [1 | 2 | 3, number[] | null][] = [[1, [0.1, 1.6]], [2, [2.2, 1.1]], [3, null]];
    for (const [level, dash] of dashes) {
      map.addLayer({
        id: `work-line-${level}`, type: "line", source: "works", filter: ["all", isLine, isLive, ["!", isApproximate], ["==", severity, level]],
        layout: { "line-join": "round", "line-cap": level === 2 ? "butt" : "round" },
        paint: {
          "line-color": severityColour(level), "line-width": lineWidth(1),
          ...(dash ? { "line-dasharray": dash } : {}),
        },
      });
    }
    for (const level of [1, 2, 3] as const) {
      map.addLayer({
        id: `work-approximate-${level}`, type: "line", source: "works",
        filter: ["all", isLine, isLive, isApproximate, ["==", severity, level]], layout: { "line-cap": "butt" },
        paint: {
          "line-color": severityColour(level), "line-opacity": 0.6, "line-width": lineWidth(0.9), "line-dasharray": [0.35, 0.5],
        },
      });
    }
    map.addLayer({
      id: "work-touch", type: "line", source: "works", filter: isLine,
      paint: { "line-color": "#000", "line-opacity": 0, "line-width": 18 },
    });
    map.addLayer({
      id: "work-on-point", type: "circle", source: "works", filter: ["==", ["get", "id"], ""],
      paint: { "circle-radius": 18, "circle-color": "#14263a", "circle-stroke-color": "#fff", "circle-stroke-width": 2 },
    });
    const picture: ExpressionSpecification = ["case", [">", severity, 0], ["concat", "sev-", ["to-string", severity]], "place"];
    map.addLayer({
      id: "work-line-icon", type: "symbol", source: "works", filter: ["all", isLine, isLive, [">", severity, 0]], minzoom: 11,
      layout: {
        "symbol-placement": "line-center", "icon-image": picture, "icon-size": 0.85, "icon-rotation-alignment": "viewport",
        "icon-allow-overlap": true, "symbol-sort-key": severity,
      },
    });
    map.addLayer({
      id: "work-point", type: "symbol", source: "works", filter: isPoint,
      layout: { "icon-image": picture, "icon-allow-overlap": true, "symbol-sort-key": severity },
    });
  }

  private listen(): void {
    const { map } = this;
    map.on("click", (event) => { this.openAt(event.point, false); });
    map.on("mousemove", (event) => {
      const feature = this.at(event.point);
      map.getCanvas().style.cursor = feature ? "pointer" : "";
      if (!this.popup?.isOpen()) this.highlight(feature ? String(feature.properties["id"] ?? "") : this.initial());
    });
    const fromList = (event: Event) => {
      const item = (event.target as Element).closest?.<HTMLElement>("[data-work]");
      if (item) this.highlight(item.dataset.work ?? "");
    };
    const leave = (event: Event) => {
      if ((event.target as Element).closest?.("[data-work]")) this.highlight(this.initial());
    };
    document.addEventListener("mouseover", fromList);
    document.addEventListener("focusin", fromList);
    document.addEventListener("mouseout", leave);
    document.addEventListener("focusout", leave);
  }

  private initial(): string {
    return this.container.dataset.highlight ?? "";
  }
}

function card(properties: Record<string, unknown>): HTMLElement {
  const texts = mapTexts();
  const text = (name: string) => (properties[name] === undefined || properties[name] === null ? "" : String(properties[name]));
  const level = Number(properties["severity"]);
  const words = level >= 1 && level <= 3 ? severityNames()[level - 1] : undefined;
  const period = [
    text("starts") && texts.from(text("starts")), text("ends") && texts.to(text("ends")),
  ].filter(Boolean).join(" ");
  const box = el("div", {}, el("p", { class: "bz-popup-title" }, text("title") || text("street") || text("name")));
  if (words && properties["over"] !== true) box.append(el("p", {}, el("span", { class: `bz-badge bz-sev-${level}` }, icon(`bz-sev-${level}`), words)));
  if (text("street") && text("street") !== text("title") && text("title")) box.append(el("p", {}, text("street")));
  if (text("status") || period) box.append(el("p", {}, [text("status"), period].filter(Boolean).join(", ")));
  if (text("precision") === "whole-street") box.append(el("p", {}, texts.approximate));
  const href = text("path") || text("url");
  if (/^\/(?!\/)/.test(href)) box.append(el("p", {}, el("a", { href }, texts.open)));
  return box;
}

function boundsOf(data: GeoJSON.FeatureCollection): LngLatBounds | null {
  const bounds = new LngLatBounds();
  const add = (coordinates: unknown): void => {
    if (!Array.isArray(coordinates)) return;
    if (typeof coordinates[0] === "number") bounds.extend(coordinates as [number, number]);
    else coordinates.forEach(add);
  };
  for (const feature of data.features) {
    if (feature.geometry && "coordinates" in feature.geometry) add(feature.geometry.coordinates);
  }
  return bounds.isEmpty() ? null : bounds;
}

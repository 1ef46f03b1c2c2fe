// Finds `[data-map]` and builds the map in it. Without WebGL a sentence says so and the list remains.
import * as maplibregl from "maplibre-gl";
import type { LngLatBoundsLike, MapOptions } from "maplibre-gl";
import { el } from "../dom";
import { Flows } from "./flows";
import { startKeyboard } from "./keyboard";
import { legend } from "./legend";
import { LinkPicker } from "./pick";
import { baseStyle, FONT, FONT_BOLD } from "./style";
import { mapLocale, mapTexts } from "./texts";
import { Works } from "./works";

declare const WORKER_FILE: string;
maplibregl.setWorkerUrl(new URL(WORKER_FILE, import.meta.url).href);

function numbers(text: string | undefined, count: number): number[] | null {
  const found = (text ?? "").split(",").map(Number);
  return text && found.length === count && found.every(Number.isFinite) ? found : null;
}

function hasWebgl(): boolean {
  const canvas = document.createElement("canvas");
  return Boolean(canvas.getContext("webgl2") ?? canvas.getContext("webgl"));
}

function say(container: HTMLElement, text: string): void {
  container.replaceChildren(el("p", { class: "bz-map-fallback", role: "status" }, text));
}

function options(container: HTMLElement): MapOptions {
  const { dataset } = container;
  const bounds = numbers(dataset.bounds, 4) as [number, number, number, number] | null;
  const centre = numbers(dataset.center, 2) as [number, number] | null;
  const place: Partial<MapOptions> = centre
    ? { center: centre, zoom: Number(dataset.zoom) || 14 }
    : bounds ? { bounds: bounds as LngLatBoundsLike, fitBoundsOptions: { padding: 16 } } : { center: [12.5, 42.5], zoom: 5 };
  return {
    container,
    style: baseStyle(dataset.tiles ?? "/tiles/{z}/{x}/{y}.mvt", Number(dataset.maxzoom) || 16, dataset.attribution ?? ""),
    ...place,
    minZoom: 8,
    maxZoom: 19,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    locale: mapLocale(dataset.label ?? ""),
    attributionControl: dataset.attribution ? { compact: false } : false,
    localIdeographFontFamily: `"${FONT}", sans-serif`,
    // On a touch screen one finger must still scroll the page.
    cooperativeGestures: matchMedia("(pointer: coarse)").matches,
    fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 200,
  };
}

async function start(container: HTMLElement): Promise<void> {
  const texts = mapTexts();
  if (!hasWebgl()) return say(container, texts.noWebgl);
  // Labels are rasterised from the page's fonts, which must be there first.
  await Promise.all([FONT, FONT_BOLD].map((font) => document.fonts.load(`16px "${font}"`)));
  container.replaceChildren();
  let map: maplibregl.Map;
  try {
    map = new maplibregl.Map(options(container));
  } catch {
    return say(container, texts.noWebgl);
  }
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
  const frame = container.parentElement ?? container;
  const picking = container.dataset.mode === "pick-links";
  const works = container.dataset.geojson !== undefined;
  container.after(el("p", { class: "bz-map-help" }, picking ? texts.helpPick : texts.help));

  await new Promise<void>((done) => void map.once("load", () => done()));
  const input = frame.querySelector<HTMLInputElement>("[data-map-links]");
  const list = frame.querySelector<HTMLElement>("[data-map-picked]");
  const picker = picking && input && list ? new LinkPicker(map, input, list) : null;
  const flows = container.dataset.mode === "flows" ? new Flows(map, container) : null;
  const overlay = works && !flows ? new Works(map, container) : null;
  startKeyboard(map, container, (centre) => {
    if (picker) picker.toggleAt(centre as maplibregl.Point);
    else (flows ?? overlay)?.openAt(centre, true);
  });
  if (flows) {
    try {
      await flows.load();
      container.after(flows.legend());
    } catch {
      container.append(el("div", { class: "bz-map-here", role: "status" }, texts.failed));
    }
  }
  if (overlay) await show(overlay, map, container);
  container.dataset.ready = "true";
}

async function show(overlay: Works, map: maplibregl.Map, container: HTMLElement): Promise<void> {
  const load = async (fit: boolean) => {
    try {
      const bounds = await overlay.load();
      (container.parentElement ?? container).querySelector(".bz-map-legend")?.remove();
      const list = legend(overlay);
      if (list) container.after(list);
      if (fit && bounds) map.fitBounds(bounds, { padding: 48, maxZoom: 16, animate: false });
    } catch {
      container.append(el("div", { class: "bz-map-here", role: "status" }, mapTexts().failed));
    }
  };
  const fixed = numbers(container.dataset.center, 2) ?? numbers(container.dataset.bounds, 4);
  await load(!fixed || container.dataset.fit === "true");
  if (container.dataset.highlight) overlay.highlight(container.dataset.highlight);
  container.addEventListener("bz:map-data", () => void load(false));
}

for (const container of document.querySelectorAll<HTMLElement>("[data-map]")) void start(container);

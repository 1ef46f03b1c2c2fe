import type { Map } from "maplibre-gl";
import { el } from "../dom";

/** Pixels that an arrow key moves the map by, alone and with Shift. */
const STEP = 80;
const SMALL_STEP = 12;
const MOVE = { duration: 120 };

/**
 * Keyboard work on the map: arrows pan, + and - zoom; a ring marks the centre while the keyboard is in use, the
 * name of the street under it is told, and Enter acts on it.
 */
export function startKeyboard(map: Map, container: HTMLElement, act: (centre: { x: number; y: number }) => void): void {
  const ring = el("div", { class: "bz-map-cursor", "aria-hidden": "true" });
  const here = el("div", { class: "bz-map-here", role: "status" });
  container.append(ring, here);
  const centre = () => {
    const { clientWidth, clientHeight } = map.getCanvas();
    return { x: clientWidth / 2, y: clientHeight / 2 };
  };
  const tell = () => {
    if (!ring.classList.contains("bz-keyboard")) return;
    const { x, y } = centre();
    const [street] = map.queryRenderedFeatures([[x - 8, y - 8], [x + 8, y + 8]], { layers: ["street"] });
    here.textContent = street ? String(street.properties["name"] ?? "") : "";
  };
  const canvas = map.getCanvas();
  // Own steps instead of MapLibre's: 100 pixels are too coarse to put the ring on a street.
  map.keyboard.disable();
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const step = event.shiftKey ? SMALL_STEP : STEP;
    const moves: Record<string, () => void> = {
      ArrowLeft: () => map.panBy([-step, 0], MOVE),
      ArrowRight: () => map.panBy([step, 0], MOVE),
      ArrowUp: () => map.panBy([0, -step], MOVE),
      ArrowDown: () => map.panBy([0, step], MOVE),
      "+": () => map.zoomIn(MOVE),
      "=": () => map.zoomIn(MOVE),
      "-": () => map.zoomOut(MOVE),
      Enter: () => act(centre()),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    ring.classList.add("bz-keyboard");
    move();
    tell();
  });
  const off = () => {
    ring.classList.remove("bz-keyboard");
    here.textContent = "";
  };
  canvas.addEventListener("pointerdown", off);
  canvas.addEventListener("blur", off);
  map.on("moveend", tell);
}

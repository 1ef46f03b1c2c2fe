import type { Map } from "maplibre-gl";
import { el } from "../dom";

/**
 * Keyboard work on the map: MapLibre pans and zooms; here a ring marks the centre while the keyboard is in use, the
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
  canvas.addEventListener("keydown", (event) => {
    ring.classList.add("bz-keyboard");
    if (event.key === "Enter") {
      event.preventDefault();
      act(centre());
    }
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

import type { Map } from "maplibre-gl";

// The same shapes as the list's icons (assets/symbols.svg), so that list and map speak alike.
const SHAPES: Record<1 | 2 | 3, { path: string; colour: string }> = {
  3: { path: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20ZM5.500 10h13v4h-13v-4Z", colour: "#b3132f" },
  2: { path: "M12 2.200 23 21.500H1L12 2.200ZM11 9v6h2V9h-2Zm0 7.500v2h2v-2h-2Z", colour: "#b35900" },
  1: { path: "M12 1.500 22.500 12 12 22.500 1.500 12 12 1.500ZM11 11v6h2v-6h-2Zm0-3.500v2h2v-2h-2Z", colour: "#0059b3" },
};

export const severityColour = (level: 1 | 2 | 3): string => SHAPES[level].colour;

/** Colour of places that are no disturbance (a wi-fi point, a school): no severity, a plain pin. */
export const PLACE_COLOUR = "#0b7a75";
/** Colour of what is over. */
export const OVER_COLOUR = "#77838f";
const PIN = "M12 1.500a7.500 7.500 0 0 0-7.500 7.500c0 5.500 7.500 13.500 7.500 13.500s7.500-8 7.500-13.500A7.500 7.500 0 0 0 12 1.500ZM12 6a3 3 0 1 1 0 6 3 3 0 0 1 0-6Z";

/** Adds the images `sev-1`..`sev-3` and `place`, drawn on a canvas: nothing is fetched. */
export function addSeverityIcons(map: Map): void {
  const ratio = 3;
  const size = 28 * ratio;
  const images = [...([1, 2, 3] as const).map((level) => ({ name: `sev-${level}`, ...SHAPES[level] })),
    { name: "place", path: PIN, colour: PLACE_COLOUR }];
  for (const { name, path, colour } of images) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    const context = canvas.getContext("2d");
    if (!context) return;
    context.scale(size / 28, size / 28);
    context.translate(2, 2);
    const shape = new Path2D(path);
    const outline = new Path2D(path.split("Z")[0] + "Z");
    context.lineJoin = "round";
    context.strokeStyle = context.fillStyle = "#fff";
    context.lineWidth = 3;
    context.stroke(outline);
    context.fill(outline);
    context.fillStyle = colour;
    context.fill(shape, "evenodd");
    map.addImage(name, context.getImageData(0, 0, size, size), { pixelRatio: ratio });
  }
}

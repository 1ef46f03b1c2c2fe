import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";

export const FONT = "Titillium Web";
export const FONT_BOLD = "Titillium Web SemiBold";

/** Width of a street in pixels by zoom; `wide` for main roads. */
function width(wide: number, narrow: number, extra = 0): ExpressionSpecification {
  const at = (scale: number): ExpressionSpecification => [
    "match", ["get", "class"],
    ["motorway", "trunk"], wide * 1.25 * scale + extra,
    ["primary", "secondary", "main"], wide * scale + extra,
    ["tertiary"], ((wide + narrow) / 2) * scale + extra,
    narrow * scale + extra,
  ];
  return ["interpolate", ["exponential", 1.6], ["zoom"], 10, at(0.35), 13, at(0.8), 16, at(2.6), 19, at(7)];
}

/** Style over our own vector tiles; no sprite, no glyph URL: labels are drawn from the page's fonts. */
export function baseStyle(tiles: string, maxzoom: number, attribution: string): StyleSpecification {
  const layers: LayerSpecification[] = [
    { id: "ground", type: "background", paint: { "background-color": "#e4e9ed" } },
    {
      id: "municipality", type: "fill", source: "city", "source-layer": "boundary",
      filter: ["==", ["get", "kind"], "municipality"], paint: { "fill-color": "#f3f1ec" },
    },
    {
      id: "district-line", type: "line", source: "city", "source-layer": "districts",
      paint: { "line-color": "#a9b6c2", "line-width": 1, "line-dasharray": [2, 3] },
    },
    {
      id: "boundary-line", type: "line", source: "city", "source-layer": "boundary",
      paint: {
        "line-color": "#7d8fa1", "line-dasharray": [5, 2, 1, 2],
        "line-width": ["match", ["get", "kind"], "municipality", 1.8, 0.8],
      },
    },
    {
      id: "street-case", type: "line", source: "city", "source-layer": "streets",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": "#cdd2d3", "line-width": width(4.4, 2.6, 1.4) },
    },
    {
      id: "street", type: "line", source: "city", "source-layer": "streets",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-width": width(4.4, 2.6),
        "line-color": ["match", ["get", "class"],
          ["motorway", "trunk"], "#f6d9a8", ["primary", "secondary", "main"], "#ffe9b0", "#ffffff"],
      },
    },
    {
      id: "stop", type: "circle", source: "city", "source-layer": "stops", minzoom: 15,
      paint: { "circle-radius": 3.5, "circle-color": "#fff", "circle-stroke-color": "#0b7a75", "circle-stroke-width": 2 },
    },
    {
      id: "street-name", type: "symbol", source: "city", "source-layer": "streets", minzoom: 12.3,
      layout: {
        "symbol-placement": "line", "symbol-spacing": 260, "text-field": ["get", "name"], "text-font": [FONT],
        "text-size": ["interpolate", ["linear"], ["zoom"], 12, 10.5, 14, 12, 17, 15], "text-max-angle": 35, "text-padding": 4,
      },
      paint: { "text-color": "#33434f", "text-halo-color": "#fff", "text-halo-width": 1.6 },
    },
    {
      id: "neighbour-name", type: "symbol", source: "city", "source-layer": "boundary", maxzoom: 13,
      filter: ["!=", ["get", "kind"], "municipality"],
      layout: { "text-field": ["get", "name"], "text-font": [FONT], "text-size": 13, "text-letter-spacing": 0.06 },
      paint: { "text-color": "#5f7081", "text-halo-color": "#fff", "text-halo-width": 1.2 },
    },
    {
      id: "locality-name", type: "symbol", source: "city", "source-layer": "localities",
      layout: {
        "text-field": ["get", "name"], "text-font": [FONT_BOLD], "text-padding": 6,
        "text-size": ["interpolate", ["linear"], ["zoom"], 11, 12, 15, 17],
      },
      paint: { "text-color": "#10304f", "text-halo-color": "#fff", "text-halo-width": 1.8 },
    },
  ];
  return {
    version: 8,
    sources: {
      city: {
        type: "vector", tiles: [new URL(tiles, location.href).href.replaceAll("%7B", "{").replaceAll("%7D", "}")],
        maxzoom, ...(attribution ? { attribution } : {}),
      },
    },
    layers,
  };
}

// Draws `[data-chart]` figures from the table whose id they name. The table stays: the chart is a second view.
import uPlot from "uplot";
import { pageLang } from "../lang";
import { readTable, type TableData } from "./table";

// Colours differ in lightness too, and each series has its own dash.
const STROKES = ["#0059b3", "#a85600", "#0b7a75", "#7a2f8f", "#46586b"];
const DASHES: number[][] = [[], [8, 4], [2, 3], [12, 4, 2, 4], [4, 4]];
const HEIGHT = 260;

function draw(figure: HTMLElement): void {
  const table = document.getElementById(figure.dataset.chart ?? "");
  const found = table instanceof HTMLTableElement ? table : table?.querySelector("table");
  if (!found) return;
  const data = readTable(found, pageLang());
  if (data.labels.length < 2 || data.series.length === 0) return; // One number is not a chart.
  figure.hidden = false;
  figure.setAttribute("role", "img");
  const plot = new uPlot(options(figure, data), [
    data.labels.map((_, index) => index),
    ...data.series.map((series) => series.values),
  ] as uPlot.AlignedData, figure);
  new ResizeObserver(() => plot.setSize({ width: inner(figure), height: HEIGHT })).observe(figure);
}

const inner = (figure: HTMLElement) => Math.max(200, figure.clientWidth - 24);

function options(figure: HTMLElement, data: TableData): uPlot.Options {
  const number = new Intl.NumberFormat(pageLang() === "en" ? "en-GB" : "it-IT", { useGrouping: true });
  const barred = figure.dataset.kind === "bar";
  const font = '14px "Titillium Web", sans-serif';
  const labels = (plot: uPlot, at: number[]) => {
    const step = every(plot, data.labels);
    return at.map((value) => (Number.isInteger(value) && value % step === 0 ? (data.labels[value] ?? "") : ""));
  };
  return {
    width: inner(figure),
    height: HEIGHT,
    legend: { show: data.series.length > 1, live: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [-0.5, data.labels.length - 0.5] },
      y: { range: (_, low, high) => {
        // Bars begin at nought. A line that stays far from it shows its changes.
        const far = !barred && low > 0 && high - low < low;
        const bottom = far ? low - Math.max(high - low, low * 0.01) * 0.2 : Math.min(0, low);
        return [bottom, high === bottom ? bottom + 1 : high + (high - bottom) * 0.08];
      } },
    },
    axes: [
      { font, stroke: "#46586b", grid: { show: false }, splits: () => data.labels.map((_, i) => i), values: labels, space: 60 },
      { font, stroke: "#46586b", grid: { stroke: "#e4eaf0" }, size: 64, values: (_, at) => at.map((v) => number.format(v)) },
    ],
    series: [
      {},
      ...data.series.map((series, index) => ({
        label: series.name,
        stroke: STROKES[index % STROKES.length],
        dash: barred ? undefined : DASHES[index % DASHES.length],
        fill: barred ? STROKES[index % STROKES.length] : undefined,
        width: barred ? 0 : 2.5,
        paths: barred ? bars(index, data.series.length) : undefined,
        points: { show: !barred, size: 8 },
      }) as uPlot.Series),
    ],
  };
}

/** One label in how many has room below the axis. */
function every(plot: uPlot, labels: string[]): number {
  const letter = 7.5;
  const widest = Math.max(...labels.map((label) => label.length)) * letter + letter;
  const room = plot.bbox.width / devicePixelRatio / labels.length;
  return Math.max(1, Math.ceil(widest / room));
}

/** Bars of one series, placed beside those of the others around the row's position. */
function bars(index: number, count: number): uPlot.Series.PathBuilder | undefined {
  const width = 0.66 / count;
  const scaleValue = 1 as uPlot.Series.BarsPathBuilderFacetUnit;
  return uPlot.paths.bars?.({
    size: [1],
    disp: {
      x0: { unit: scaleValue, values: (plot) => Array.from(plot.data[0], (row) => row - 0.33 + index * width) },
      size: { unit: scaleValue, values: () => [width * 0.94] },
    },
  });
}

await document.fonts.ready;
for (const figure of document.querySelectorAll<HTMLElement>("[data-chart]")) draw(figure);

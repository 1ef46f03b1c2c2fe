/** What a chart needs from the table that stands beside it: labels of the rows and one series per value column. */
export interface TableData {
  labels: string[];
  series: { name: string; values: (number | null)[] }[];
}

/** "1.647,5" or "12 %" in the page's language as a number; null when the cell holds none. */
export function parseNumber(text: string, lang: "it" | "en"): number | null {
  const plain = text.replace(/[\s\u00a0%€]/g, "").replace(/\u2212/g, "-");
  const normal = lang === "it" ? plain.replace(/\./g, "").replace(",", ".") : plain.replace(/,/g, "");
  if (!/^[+-]?\d+(\.\d+)?$/.test(normal)) return null;
  return Number(normal);
}

/**
 * Reads the body rows: the first cell is the label (or its `data-short`); every column whose header is marked `data-series`, or every
 * numeric column when none is marked, is a series. A cell may carry the exact number in `data-value`.
 */
export function readTable(table: HTMLTableElement, lang: "it" | "en"): TableData {
  const headers = [...(table.tHead?.rows[0]?.cells ?? [])];
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]).filter((row) => row.cells.length > 1);
  const marked = headers.flatMap((cell, column) => (cell.hasAttribute("data-series") ? [column] : []));
  const cellValue = (row: HTMLTableRowElement, column: number): number | null => {
    const cell = row.cells[column];
    if (!cell) return null;
    const exact = cell.dataset.value;
    return exact === undefined ? parseNumber(cell.textContent ?? "", lang) : parseNumber(exact, "en");
  };
  const columns = marked.length > 0 ? marked
    : headers.map((_, column) => column).slice(1).filter((column) => rows.some((row) => cellValue(row, column) !== null));
  return {
    labels: rows.map((row) => row.cells[0]?.dataset.short ?? row.cells[0]?.textContent?.trim() ?? ""),
    series: columns.map((column) => ({
      name: headers[column]?.textContent?.trim() ?? "",
      values: rows.map((row) => cellValue(row, column)),
    })),
  };
}

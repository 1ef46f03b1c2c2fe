import { civil } from "../lang";

/** Works running on each day, from `from` on (civil date), one number per day. */
export interface DayCounts {
  from: string;
  counts: number[];
  /** Civil date of today, drawn apart; optional. */
  today?: string;
}

const DAY_MS = 86_400_000;

/** Checks what came from the page or the endpoint; null when it cannot be used. */
export function readCounts(value: unknown): DayCounts | null {
  if (typeof value !== "object" || value === null) return null;
  const { from, counts, today } = value as Record<string, unknown>;
  if (typeof from !== "string" || !civil(from)) return null;
  if (!Array.isArray(counts) || counts.length < 2 || !counts.every((n) => typeof n === "number" && n >= 0)) return null;
  return { from, counts: counts as number[], ...(typeof today === "string" ? { today } : {}) };
}

/** Civil date `index` days after `from`. */
export function dayAt(from: string, index: number): string {
  const start = civil(from);
  if (!start) return from;
  return new Date(start.getTime() + index * DAY_MS).toISOString().slice(0, 10);
}

/** Days between two civil dates, clamped to the range of the counts. */
export function indexOf(counts: DayCounts, day: string): number {
  const a = civil(counts.from);
  const b = civil(day);
  if (!a || !b) return 0;
  const index = Math.round((b.getTime() - a.getTime()) / DAY_MS);
  return Math.min(Math.max(index, 0), counts.counts.length - 1);
}

/** Bars to draw: one per day, or the largest of several days when there are more days than `most`. */
export function bars(counts: number[], most: number): { first: number; days: number; value: number }[] {
  const days = Math.max(1, Math.ceil(counts.length / most));
  const found = [];
  for (let first = 0; first < counts.length; first += days) {
    found.push({ first, days, value: Math.max(...counts.slice(first, first + days)) });
  }
  return found;
}

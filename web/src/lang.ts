/** Language of the page: Italian unless the document says English. */
export type Lang = "it" | "en";

export function pageLang(): Lang {
  return document.documentElement.lang.startsWith("en") ? "en" : "it";
}

/** Picks the text for the page's language. */
export function t(it: string, en: string): string {
  return pageLang() === "en" ? en : it;
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})/;

/** Civil date `YYYY-MM-DD` as UTC midnight, so that no time zone can move it; null when it is not a date. */
export function civil(text: string): Date | null {
  const match = DAY.exec(text);
  if (!match) return null;
  const date = new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])));
  return Number.isNaN(date.getTime()) ? null : date;
}

/** `2021-03-11` -> "11 marzo 2021", with the weekday in front when asked. */
export function longDate(text: string, weekday = false): string {
  const date = civil(text);
  if (!date) return text;
  return new Intl.DateTimeFormat(pageLang() === "en" ? "en-GB" : "it-IT", {
    day: "numeric", month: "long", year: "numeric", timeZone: "UTC", ...(weekday ? { weekday: "long" } : {}),
  }).format(date);
}

// Day slider: takes a GET form with a date field and adds a histogram, a range, play and single steps.
import { el, icon, svg } from "../dom";
import { longDate, t } from "../lang";
import { formUrl, swap } from "../swap";
import { bars, dayAt, indexOf, readCounts, type DayCounts } from "./counts";

const PLAY_MS = 900;
const WAIT_MS = 140;
const MOST_BARS = 370;

export function startDays(): void {
  for (const section of document.querySelectorAll<HTMLElement>("[data-days]")) void start(section);
}

async function start(section: HTMLElement): Promise<void> {
  const form = section.querySelector("form");
  const field = form?.querySelector<HTMLInputElement>('input[type="date"]');
  const counts = await load(section);
  if (form && field && counts) build(section, form, field, counts);
}

async function load(section: HTMLElement): Promise<DayCounts | null> {
  try {
    const inline = section.querySelector("script[data-counts]")?.textContent;
    if (inline) return readCounts(JSON.parse(inline));
    const source = section.dataset.src;
    if (!source) return null;
    const response = await fetch(source);
    return response.ok ? readCounts(await response.json()) : null;
  } catch {
    return null; // The form alone still works.
  }
}

function build(section: HTMLElement, form: HTMLFormElement, field: HTMLInputElement, counts: DayCounts): void {
  const last = counts.counts.length - 1;
  let index = indexOf(counts, field.value || counts.today || counts.from);
  let timer = 0;
  let playing = false;

  const output = el("output", { "aria-hidden": "true" });
  const play = el("button", { type: "button", class: "bz-iconbtn bz-days-play", "aria-pressed": "false" });
  const back = el("button", { type: "button", class: "bz-iconbtn" }, icon("it-chevron-left"),
    el("span", { class: "visually-hidden" }, t("Giorno precedente", "Previous day")));
  const next = el("button", { type: "button", class: "bz-iconbtn" }, icon("it-chevron-right"),
    el("span", { class: "visually-hidden" }, t("Giorno successivo", "Next day")));
  const range = el("input", { type: "range", min: 0, max: last, step: 1, "aria-label": t("Giorno", "Day") });
  const { drawing, mark } = histogram(counts);

  const show = () => {
    const day = dayAt(counts.from, index);
    const count = counts.counts[index] ?? 0;
    const words = count === 1 ? t("1 lavoro in corso", "1 running") : `${count} ${t("lavori in corso", "running")}`;
    range.value = String(index);
    range.setAttribute("aria-valuetext", `${longDate(day, true)}, ${words}`);
    output.replaceChildren(longDate(day, true), " ", el("span", { class: "bz-days-count" }, `· ${words}`));
    field.value = day;
    back.disabled = index === 0;
    next.disabled = index === last;
    mark(index);
  };
  const apply = () => {
    const part = section.dataset.swap ?? "#risultati";
    return swap(formUrl(form), part);
  };
  const go = (to: number) => {
    index = Math.min(Math.max(to, 0), last);
    show();
    clearTimeout(timer);
    timer = window.setTimeout(() => void apply(), WAIT_MS);
  };
  const setPlaying = (on: boolean) => {
    playing = on;
    play.setAttribute("aria-pressed", String(on));
    play.replaceChildren(playIcon(on), el("span", {}, on ? t("Pausa", "Pause") : t("Scorri", "Play")));
  };
  const run = async () => {
    while (playing && section.isConnected) {
      if (index >= last) break;
      index += 1;
      show();
      const pause = new Promise((done) => setTimeout(done, PLAY_MS));
      await apply();
      await pause;
    }
    setPlaying(false);
  };

  play.addEventListener("click", () => {
    if (playing) return setPlaying(false);
    if (index >= last) index = 0;
    setPlaying(true);
    void run();
  });
  const step = (by: number) => { setPlaying(false); go(index + by); };
  back.addEventListener("click", () => step(-1));
  next.addEventListener("click", () => step(1));
  range.addEventListener("input", () => { setPlaying(false); go(Number(range.value)); });
  range.addEventListener("keydown", (event) => {
    // A page is a week.
    const by = event.key === "PageUp" ? 7 : event.key === "PageDown" ? -7 : 0;
    if (by === 0) return;
    event.preventDefault();
    step(by);
  });
  field.addEventListener("change", () => {
    if (!field.value) return;
    const inside = dayAt(counts.from, 0) <= field.value && field.value <= dayAt(counts.from, last);
    if (inside) step(indexOf(counts, field.value) - index);
    else form.requestSubmit(); // Another period: the server sends its own counts.
  });
  for (const button of form.querySelectorAll<HTMLElement>("[data-noscript]")) button.hidden = true;

  setPlaying(false);
  show();
  section.prepend(
    el("div", { class: "bz-days-top" }, output, el("div", { class: "bz-days-buttons" }, back, next, play), form),
    el("div", { class: "bz-days-track" }, drawing, range),
    el("div", { class: "bz-days-scale", "aria-hidden": "true" },
      el("span", {}, longDate(dayAt(counts.from, 0))), el("span", {}, longDate(dayAt(counts.from, last)))),
  );
}

function playIcon(playing: boolean): SVGElement {
  const path = playing ? "M6 4h4v16H6zM14 4h4v16h-4z" : "M7 4l13 8-13 8z";
  return svg("svg", { class: "icon bz-icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: path }));
}

function histogram(counts: DayCounts): { drawing: SVGElement; mark: (index: number) => void } {
  const days = counts.counts.length;
  const top = Math.max(1, ...counts.counts);
  const today = counts.today ? indexOf(counts, counts.today) : -1;
  const drawing = svg("svg", {
    class: "bz-days-hist", viewBox: `0 0 ${days} 100`, preserveAspectRatio: "none", "aria-hidden": "true",
  });
  const drawn = bars(counts.counts, MOST_BARS).map((bar) => {
    const height = (bar.value / top) * 100;
    const rect = svg("rect", {
      x: bar.first + bar.days * 0.08, y: 100 - height, width: bar.days * 0.84, height,
      class: bar.first + bar.days <= today ? "bz-past" : "",
    });
    drawing.append(rect);
    return { bar, rect };
  });
  const mark = (index: number) => {
    for (const { bar, rect } of drawn) {
      rect.classList.toggle("bz-now", index >= bar.first && index < bar.first + bar.days);
    }
  };
  return { drawing, mark };
}

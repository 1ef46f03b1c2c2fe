import { longDate, pageLang, t } from "../lang";

/** Names of the three severities, from the least to the most disturbing. */
export const severityNames = (): [string, string, string] => [
  t("Lavori senza deviazioni", "Works, no diversion"),
  t("Circolazione rallentata", "Traffic slowed"),
  t("Strada chiusa", "Road closed"),
];

/** Before 8 and 11 the Italian preposition is elided, as in "dall'8 marzo"; the first of a month is "1º". */
function beforeDay(whole: string, elided: string, english: string, day: string): string {
  if (pageLang() === "en") return english + longDate(day);
  const number = Number(day.slice(8, 10));
  return (number === 8 || number === 11 ? elided : whole) + longDate(day).replace(/^1(?= )/, "1º");
}

export const mapTexts = () => ({
  noWebgl: t(
    "La mappa non è disponibile su questo dispositivo (manca WebGL). Le stesse informazioni sono nell'elenco.",
    "The map is not available on this device (WebGL is missing). The list holds the same information."),
  failed: t("I dati della mappa non sono arrivati. L'elenco resta completo.", "The map's data did not arrive. The list is complete."),
  open: t("Apri la scheda", "Open page"),
  remove: (name: string) => t(`Togli ${name}`, `Remove ${name}`),
  pickedNone: t("Nessun tratto scelto.", "No stretch chosen."),
  pickedTitle: t("Tratti scelti", "Chosen stretches"),
  stretch: t("Tratto", "Stretch"),
  from: (day: string) => beforeDay("dal ", "dall'", "from ", day),
  to: (day: string) => beforeDay("al ", "all'", "to ", day),
  over: t("Lavori conclusi", "Works that are over"),
  approximate: t("Posizione approssimata: è indicata tutta la strada", "Approximate position: the whole street is marked"),
  legend: t("Legenda", "Legend"),
  help: t(
    "Da tastiera: frecce per spostare, + e − per ingrandire, Invio per aprire ciò che sta al centro.",
    "Keyboard: arrows to move, + and − to zoom, Enter to open what is at the centre."),
  helpPick: t(
    "Un clic sceglie o toglie un tratto. Da tastiera: frecce per spostare (con Maiusc, di poco), + e − per ingrandire, Invio per il tratto al centro.",
    "A click chooses or removes a stretch. Keyboard: arrows to move (a little with Shift), + and − to zoom, Enter for the stretch at the centre."),
});

/** MapLibre's own words. */
export function mapLocale(label: string): Record<string, string> {
  return {
    "Map.Title": label,
    "NavigationControl.ZoomIn": t("Ingrandisci", "Zoom in"),
    "NavigationControl.ZoomOut": t("Riduci", "Zoom out"),
    "FullscreenControl.Enter": t("Schermo intero", "Full screen"),
    "FullscreenControl.Exit": t("Esci dallo schermo intero", "Leave full screen"),
    "Popup.Close": t("Chiudi", "Close"),
    "AttributionControl.ToggleAttribution": t("Fonti della mappa", "Map sources"),
    "CooperativeGesturesHandler.WindowsHelpText": t("Ctrl e rotella per ingrandire", "Use Ctrl + scroll to zoom"),
    "CooperativeGesturesHandler.MacHelpText": t("⌘ e rotella per ingrandire", "Use ⌘ + scroll to zoom"),
    "CooperativeGesturesHandler.MobileHelpText": t("Due dita per spostare la mappa", "Use two fingers to move the map"),
  };
}

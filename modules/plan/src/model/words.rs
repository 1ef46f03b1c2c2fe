//! The closed vocabularies of a plan, and how they are said.

use bisenzio_kernel::Lang;

/// One value of a closed vocabulary.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    pub value: &'static str,
    pub it: &'static str,
    pub en: &'static str,
}

const fn choice(value: &'static str, it: &'static str, en: &'static str) -> Choice {
    Choice { value, it, en }
}

/// States of projects and actions.
pub fn states() -> &'static [Choice] {
    const ALL: &[Choice] = &[
        choice("planned", "Programmato", "Planned"),
        choice("study", "In studio", "Under study"),
        choice("in-progress", "In corso", "Under way"),
        choice("testing", "In prova", "On trial"),
        choice("released", "Rilasciato", "Released"),
        choice("completed", "Concluso", "Completed"),
        choice("suspended", "Sospeso", "Suspended"),
    ];
    ALL
}

pub fn project_kinds() -> &'static [Choice] {
    const ALL: &[Choice] = &[
        choice("vertical", "Progetto verticale", "Vertical project"),
        choice("transversal", "Azione trasversale", "Cross-cutting action"),
        choice(
            "living-lab-action",
            "Azione degli Smart Living Lab",
            "Living Lab action",
        ),
        choice(
            "census",
            "Progetti delle aziende partecipate",
            "Projects of municipal companies",
        ),
        choice("climate", "Energia e clima", "Energy and climate"),
        choice("project", "Altro progetto", "Further project"),
    ];
    ALL
}

pub fn event_kinds() -> &'static [Choice] {
    const ALL: &[Choice] = &[
        choice("opening", "Apertura", "Opening"),
        choice("closing", "Chiusura", "Closing"),
        choice("start", "Avvio", "Start"),
        choice("launch", "Lancio", "Launch"),
        choice("selection", "Selezione", "Selection"),
        choice("end", "Fine", "End"),
        choice("release", "Rilascio", "Release"),
        choice("installation", "Installazione", "Installation"),
        choice("works", "Lavori", "Works"),
        choice("approval", "Approvazione", "Approval"),
        choice("signature", "Firma", "Signature"),
        choice("joining", "Adesione", "Joining"),
        choice("meeting", "Incontro", "Meeting"),
        choice("study", "Studio", "Study"),
        choice("publication", "Pubblicazione", "Publication"),
        choice("other", "Altro", "Other"),
    ];
    ALL
}

/// The words for a value; the value itself when it is not in the list.
pub fn choice_label(choices: &[Choice], value: &str, lang: Lang) -> String {
    choices
        .iter()
        .find(|c| c.value == value)
        .map_or(value, |c| lang.t(c.it, c.en))
        .to_owned()
}

/// The kind of badge that suits a state. Words always stand with it.
pub fn tone(state: &str) -> &'static str {
    match state {
        "released" | "completed" => "success",
        "in-progress" | "testing" => "info",
        "suspended" => "warning",
        _ => "neutral",
    }
}

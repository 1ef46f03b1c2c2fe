//! Which of the city's organisations a name in an act means.

use bisenzio_kernel::{Organisation, slug};

/// Words that say only what form a company has.
const LEGAL_FORMS: [&str; 16] = [
    "s", "p", "a", "r", "l", "c", "spa", "srl", "scrl", "scarl", "sas", "snc", "soc", "coop", "n", "onlus",
];

fn key(name: &str) -> Vec<String> {
    slug(name)
        .split('-')
        .filter(|w| !w.is_empty() && !LEGAL_FORMS.contains(w))
        .map(str::to_owned)
        .collect()
}

/// The organisation whose name stands in a text, whole words in order; the longest name wins.
pub fn find<'a>(text: &str, organisations: &'a [Organisation]) -> Option<&'a Organisation> {
    let words = key(text);
    organisations
        .iter()
        .filter_map(|organisation| {
            let name = key(&organisation.name);
            let stands = !name.is_empty() && words.windows(name.len()).any(|part| part == name);
            stands.then_some((name.len(), organisation))
        })
        .max_by_key(|(length, _)| *length)
        .map(|(_, organisation)| organisation)
}

/// A company's name without address and role: "C.E.A. Cooperativa Edile Appennino (Calderara ...)".
pub fn short_name(text: &str) -> String {
    // "(informazioni da) Autostrade per l'Italia": what stands before is no name either.
    let bare = match text
        .trim()
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
    {
        Some((_, rest)) if !rest.trim().is_empty() => rest,
        _ => text,
    };
    // "tavolo di crisi" is nobody's name: names begin with a capital or a figure.
    if bare.trim().starts_with(char::is_lowercase) {
        return String::new();
    }
    let cut = bare.trim().split(" (").next().unwrap_or(bare).trim();
    let cut = cut.split(" per conto di ").next().unwrap_or(cut);
    let cut = cut
        .strip_prefix("Ditta ")
        .or_else(|| cut.strip_prefix("Impresa "))
        .unwrap_or(cut);
    if cut.is_empty() {
        text.trim().to_owned()
    } else {
        cut.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organisation(id: &str, name: &str) -> Organisation {
        Organisation {
            id: id.into(),
            name: name.into(),
            kind: "utility".into(),
            network: None,
        }
    }

    #[test]
    fn companies_are_found_in_what_acts_write() {
        let all = [
            organisation("publiacqua", "Publiacqua S.p.A."),
            organisation("toscana-energia", "Toscana Energia S.p.A."),
            organisation("comune", "Comune di Prato"),
        ];
        let found = |text: &str| find(text, &all).map(|o| o.id.clone());
        let both = "C.E.A. Cooperativa Edile Appennino per conto di Toscana Energia S.p.A.";
        assert_eq!(found(both).as_deref(), Some("toscana-energia"));
        assert_eq!(found("PUBLIACQUA SPA").as_deref(), Some("publiacqua"));
        assert_eq!(found("Comune di Prato - Settore CC").as_deref(), Some("comune"));
        assert_eq!(found("Enel"), None);
        assert_eq!(found(""), None);
    }

    #[test]
    fn names_lose_their_addresses() {
        assert_eq!(
            short_name("Ditta Materi Massimo (Prato, Via Vella 1)"),
            "Materi Massimo"
        );
        assert_eq!(short_name("Publiacqua S.p.A."), "Publiacqua S.p.A.");
        assert_eq!(
            short_name("(informazioni da) Autostrade per l'Italia S.p.A."),
            "Autostrade per l'Italia S.p.A."
        );
        assert_eq!(short_name("tavolo di crisi (Comune di Vaiano, Prefettura)"), "");
        assert_eq!(short_name("(ignoto)"), "(ignoto)");
    }
}

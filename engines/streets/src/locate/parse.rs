//! What an Italian act says of a stretch of street.

use crate::names::StreetType;

/// One end of a stretch, or the spot itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A street that crosses or joins, as written.
    Street(String),
    /// A civic number, as written ("94/b").
    Number(String),
    /// Something else with a name: a bridge, a motorway exit.
    Landmark(String),
}

/// What a stretch's text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stretch {
    Between(Place, Place),
    At(Place),
    /// The text says the whole street ("in tutta l'area").
    Whole,
    /// The text says something this grammar does not know.
    Unknown,
}

/// Reads the text of a stretch; never fails.
pub fn stretch(text: &str) -> Stretch {
    let text = clean(text);
    let lower = lower(&text);
    if lower.is_empty()
        || ["tutta l'area", "tutta la piazza", "tutta la via", "intera"]
            .iter()
            .any(|w| lower.contains(w))
    {
        return Stretch::Whole;
    }
    if let Some(found) = between(&text, &lower) {
        return found;
    }
    if let Some(found) = from_to(&text, &lower) {
        return found;
    }
    at(&text, &lower).unwrap_or(Stretch::Unknown)
}

fn clean(text: &str) -> String {
    let text = text.replace(['’', '`', '´'], "'").replace(['\n', '\t'], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lower case with every byte in its place: only ASCII letters change, which all the grammar's words are.
fn lower(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// "tra A e B", "compreso fra A ed B".
fn between(text: &str, lower: &str) -> Option<Stretch> {
    let start = word(lower, &["tra", "fra"])?;
    let (text, lower) = (&text[start..], &lower[start..]);
    for (i, len) in separators(lower, &[" e ", " ed "]) {
        let right = text[i + len..].trim();
        if begins_place(right) {
            let (a, b) = (place(&text[..i])?, place(right)?);
            return Some(Stretch::Between(a, alike(b, right)));
        }
    }
    None
}

/// "da via A a via B", "dal civico 12 al 30", "dall'incrocio con A fino a B".
fn from_to(text: &str, lower: &str) -> Option<Stretch> {
    let start = word(lower, &["da", "dal", "dalla", "dallo", "dall'"])?;
    let (text, lower) = (&text[start..], &lower[start..]);
    let splits = separators(
        lower,
        &[
            " fino a ",
            " fino al ",
            " fino alla ",
            " fino all'",
            " a ",
            " al ",
            " alla ",
            " all'",
            " ad ",
        ],
    );
    let mut splits = splits;
    splits.sort_unstable();
    for (i, len) in splits {
        let right = text[i + len..].trim();
        if let (Some(a), Some(b)) = (place(&text[..i]), place(right)) {
            let number = matches!(a, Place::Number(_)) && digits(right);
            if begins_place(right)
                || number
                || matches!(b, Place::Landmark(_)) && right.starts_with(char::is_uppercase)
                || right.starts_with("ex ")
            {
                return Some(Stretch::Between(
                    a,
                    if number {
                        Place::Number(number_of(right))
                    } else {
                        b
                    },
                ));
            }
        }
    }
    None
}

/// "in corrispondenza dell'intersezione con X", "in prossimità del civico 371", "all'altezza del civico 5".
fn at(text: &str, lower: &str) -> Option<Stretch> {
    for mark in [
        "intersezione con ",
        "incrocio con ",
        "rotatoria con ",
        "confluenza con ",
        "angolo con ",
        "angolo ",
    ] {
        if let Some(i) = lower.find(mark) {
            return place(&text[i + mark.len()..]).map(Stretch::At);
        }
    }
    for mark in ["civico ", "civici ", "numero ", "n. "] {
        if let Some(i) = lower.find(mark) {
            let rest = text[i + mark.len()..].trim();
            if digits(rest) {
                return Some(numbers(rest));
            }
        }
    }
    None
}

/// "14 - 16 - 18", "114 - 114/a", "12 e 30", "371".
fn numbers(rest: &str) -> Stretch {
    let listed: Vec<String> = rest
        .split([' ', '-', ',', ';'])
        .filter(|w| !w.is_empty() && !matches!(*w, "e" | "ed" | "a" | "al" | "n."))
        .take_while(|w| digits(w))
        .map(number_of)
        .collect();
    match listed.as_slice() {
        [first, .., last] => Stretch::Between(Place::Number(first.clone()), Place::Number(last.clone())),
        [one] => Stretch::At(Place::Number(one.clone())),
        [] => Stretch::Unknown,
    }
}

/// One place, freed of "l'incrocio con", articles and what follows it.
fn place(text: &str) -> Option<Place> {
    let mut rest = text.trim().trim_start_matches(',').trim();
    // Each round takes one leading phrase off; there are only so many.
    for _ in 0..6 {
        let low = lower(rest);
        let leading = [
            "l'incrocio con",
            "l'intersezione con",
            "intersezione con",
            "incrocio con",
            "quello con",
            "quella con",
            "la rotatoria con",
            "la rotatoria di",
            "la rotonda con",
            "rotatoria con",
            "l'altezza di",
            "l'altezza del",
            "l'innesto con",
            "la confluenza con",
            "numero",
            "il numero",
            "il",
            "la",
            "lo",
            "i",
            "gli",
            "le",
        ];
        let found = leading.iter().find(|p| {
            low.strip_prefix(**p)
                .is_some_and(|after| after.starts_with([' ', '\'']))
        });
        match found {
            Some(phrase) => rest = rest[phrase.len()..].trim_start_matches('\'').trim(),
            None => break,
        }
    }
    if let Some(stripped) = strip_article(rest) {
        rest = stripped;
    }
    let low = lower(rest);
    for mark in ["civico", "n.c.", "nc.", "n."] {
        if let Some(after) = low.strip_prefix(mark) {
            let number = rest[rest.len() - after.len()..].trim();
            let number = number.trim_start_matches(|c: char| !c.is_ascii_digit());
            return digits(number).then(|| Place::Number(number_of(number)));
        }
    }
    if digits(rest) {
        return Some(Place::Number(number_of(rest)));
    }
    let name = until_qualifier(rest);
    if name.is_empty() {
        return None;
    }
    let first = name.split_whitespace().next().unwrap_or_default();
    let street = StreetType::read(first).filter(|k| !matches!(k, StreetType::Ponte | StreetType::Rotatoria));
    Some(if street.is_some() {
        Place::Street(name)
    } else {
        Place::Landmark(name)
    })
}

fn strip_article(rest: &str) -> Option<&str> {
    let low = lower(rest);
    let cut = low.strip_prefix("l'")?;
    Some(&rest[rest.len() - cut.len()..])
}

/// The name ends where the act goes on about lanes and directions.
fn until_qualifier(text: &str) -> String {
    let low = lower(text);
    let marks = [
        ", ",
        " (",
        " con direzione",
        " in direzione",
        " direzione ",
        " carreggiata",
        " corsia ",
        " corsie ",
        " eccetto",
        " verso ",
        " lato ",
        " all'altezza",
        "; ",
        ": ",
    ];
    let end = marks
        .iter()
        .filter_map(|m| low.find(m))
        .min()
        .unwrap_or(text.len());
    text[..end].trim().trim_end_matches(['.', ',']).to_owned()
}

/// After "tra l'incrocio con A", "quello con B" is a street even if its type is left out.
fn alike(place: Place, written: &str) -> Place {
    match place {
        Place::Landmark(name) if lower(written).starts_with("quell") => Place::Street(name),
        other => other,
    }
}

fn begins_place(text: &str) -> bool {
    let low = lower(text);
    let first = low.split([' ', '\'']).next().unwrap_or_default();
    StreetType::read(first).is_some()
        || matches!(
            first,
            "il" | "la"
                | "lo"
                | "l"
                | "le"
                | "i"
                | "gli"
                | "quello"
                | "quella"
                | "civico"
                | "intersezione"
                | "incrocio"
                | "numero"
                | "n."
                | "casello"
                | "sottopasso"
                | "cavalcavia"
                | "rampa"
        )
        || digits(&low)
}

fn digits(text: &str) -> bool {
    text.trim_start()
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_digit())
}

/// The number with its letter: "94/b", "12".
fn number_of(text: &str) -> String {
    let ok = |c: &char| c.is_ascii_alphanumeric() || *c == '/';
    text.trim_start()
        .chars()
        .take_while(ok)
        .collect::<String>()
        .to_lowercase()
}

/// Byte position just behind the first of the given words standing alone.
fn word(lower: &str, words: &[&str]) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for w in words {
        let mut from = 0;
        while let Some(found) = lower[from..].find(w) {
            let (start, end) = (from + found, from + found + w.len());
            let before = lower[..start]
                .chars()
                .next_back()
                .is_none_or(|c| !c.is_alphanumeric());
            let after = w.ends_with('\'') || lower[end..].starts_with(' ');
            if before && after {
                if best.is_none_or(|b| start < b.0) {
                    best = Some((start, end));
                }
                break;
            }
            from = end;
        }
    }
    best.map(|b| b.1)
}

fn separators(lower: &str, words: &[&str]) -> Vec<(usize, usize)> {
    let mut all: Vec<(usize, usize)> = words
        .iter()
        .flat_map(|w| lower.match_indices(w).map(|(i, m)| (i, m.len())))
        .collect();
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn street(s: &str) -> Place {
        Place::Street(s.into())
    }
    fn number(s: &str) -> Place {
        Place::Number(s.into())
    }
    fn landmark(s: &str) -> Place {
        Place::Landmark(s.into())
    }

    #[test]
    fn real_wordings_are_understood() {
        use Stretch::{At, Between};
        for (text, meaning) in [
            (
                "tra l'incrocio con via Marini e quello con via Orti del Pero",
                Between(street("via Marini"), street("via Orti del Pero")),
            ),
            (
                "tratto compreso tra Via Giulio Gacci e Via del Pozzo, in direzione di quest'ultima",
                Between(street("Via Giulio Gacci"), street("Via del Pozzo")),
            ),
            (
                "tra il civico 76 e l'intersezione con Via delle Fonti",
                Between(number("76"), street("Via delle Fonti")),
            ),
            (
                "tratto di viabilità principale compreso tra il civico 94/b ed il civico 77, con direzione da Ponte al Mercatale",
                Between(number("94/b"), number("77")),
            ),
            (
                "tratto compreso tra via Cerreto e Solano e via Malcantone e Vingone (località Figline)",
                Between(street("via Cerreto e Solano"), street("via Malcantone e Vingone")),
            ),
            (
                "tra via Gioberti ed il Ponte al Mercatale",
                Between(street("via Gioberti"), landmark("Ponte al Mercatale")),
            ),
            (
                "tra la rotatoria con la Declassata e l'incrocio con via Barsanti, corsie verso via Ferraris",
                Between(landmark("Declassata"), street("via Barsanti")),
            ),
            (
                "tratto di marciapiede interessato dai lavori, tra la Via Sornianese ed il civico 23",
                Between(street("Via Sornianese"), number("23")),
            ),
            (
                "tra intersezione con via Pasubio ed il sottopasso ferroviario",
                Between(street("via Pasubio"), landmark("sottopasso ferroviario")),
            ),
            (
                "da via Roma a via Firenze",
                Between(street("via Roma"), street("via Firenze")),
            ),
            ("dal numero civico 12 al 30", Between(number("12"), number("30"))),
            (
                "dal civico 12 al civico 30/a",
                Between(number("12"), number("30/a")),
            ),
            (
                "dall'incrocio con via A fino a via B",
                Between(street("via A"), street("via B")),
            ),
            ("da viale Piave alle ex Poste", Stretch::Unknown),
            (
                "in corrispondenza dell'intersezione con Via San Giorgio",
                At(street("Via San Giorgio")),
            ),
            ("all'intersezione con via Pistoiese", At(street("via Pistoiese"))),
            ("in prossimità del civico 371", At(number("371"))),
            (
                "area di sosta sul lato opposto ai civici 14 - 16 - 18 - 20",
                Between(number("14"), number("20")),
            ),
            ("in tutta l'area", Stretch::Whole),
            ("un tratto (non specificato)", Stretch::Unknown),
            ("", Stretch::Whole),
        ] {
            assert_eq!(stretch(text), meaning, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_grammar(text in "\\PC{0,80}") {
            stretch(&text);
        }

        #[test]
        fn broken_wordings_do_not_break_it(
            words in proptest::collection::vec(
                prop_oneof!["tra", "e", "ed", "da", "al", "l'incrocio con", "via", "civico", "12/b", "quello con", "È", "l'"], 0..12)
        ) {
            stretch(&words.join(" "));
        }
    }
}

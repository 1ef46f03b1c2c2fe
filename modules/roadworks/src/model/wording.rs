//! Words of acts and notices as a page shows them. The records keep what was written.

use bisenzio_kernel::{Lang, format};

/// A title for readers: days in Italian form, a capital first, no stray stops. Titles are in the city's language.
pub fn title(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match (word, words.last_mut()) {
            // "S.p.A. ." has one stop too many; elsewhere the stop lost its word.
            ("." | "," | ";", Some(before)) => {
                if !before.ends_with('.') {
                    before.push_str(word);
                }
            }
            _ => words.push(day(word).unwrap_or_else(|| word.to_owned())),
        }
    }
    let mut out = words.join(" ");
    let last = words.last().map(String::as_str).unwrap_or_default();
    let abbreviation = last.trim_end_matches('.').contains('.');
    if last.ends_with('.') && !last.ends_with("..") && !abbreviation {
        out.pop();
    }
    upper_first(&out)
}

/// "2025-05-11" with what stands around it, such as ")" or ",".
fn day(word: &str) -> Option<String> {
    let start = word.find(|c: char| c.is_ascii_digit())?;
    let (before, rest) = word.split_at(start);
    let (iso, after) = (rest.get(..10)?, rest.get(10..)?);
    if before.chars().chain(after.chars()).any(char::is_alphanumeric) {
        return None;
    }
    let date: jiff::civil::Date = iso.parse().ok()?;
    Some(format!("{before}{}{after}", format::date(date, Lang::It)))
}

/// A stretch with the articles that telegraphic acts leave out: "tra l'intersezione con via Pasubio".
pub fn stretch(text: &str) -> String {
    let mut out = text.to_owned();
    for noun in ["intersezione", "incrocio"] {
        out = out.replace(&format!("tra {noun} "), &format!("tra l'{noun} "));
    }
    out
}

/// An ASCII or other letter made capital; a text that begins with a quotation mark stays as it is.
pub fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn titles_read_as_an_office_writes_them() {
        assert_eq!(
            title("incontro di calcio, stadio Lungobisenzio, 2025-05-11 ore 15:00"),
            "Incontro di calcio, stadio Lungobisenzio, 11 maggio 2025 ore 15:00"
        );
        assert_eq!(
            title("lavori a cura di Autostrade per l'Italia S.p.A. ."),
            "Lavori a cura di Autostrade per l'Italia S.p.A."
        );
        assert_eq!(title("Corteggio Storico 2019."), "Corteggio Storico 2019");
        assert_eq!(
            title("Assessorato alla Mobilità (e-mail 2009-12-10)"),
            "Assessorato alla Mobilità (e-mail 10 dicembre 2009)"
        );
        assert_eq!(title("protocollo 2009-12-10bis"), "Protocollo 2009-12-10bis");
        assert_eq!(
            title("a cura dell'impresa Ni.M.A. S.a.s."),
            "A cura dell'impresa Ni.M.A. S.a.s."
        );
    }

    #[test]
    fn stretches_get_their_articles() {
        assert_eq!(
            stretch("tra intersezione con via Pasubio ed il sottopasso"),
            "tra l'intersezione con via Pasubio ed il sottopasso"
        );
        assert_eq!(
            stretch("tra l'incrocio con via Marini"),
            "tra l'incrocio con via Marini"
        );
    }

    proptest! {
        #[test]
        fn any_title_is_shown(text in "\\PC{0,60}") {
            prop_assert!(!title(&text).starts_with(' '));
        }
    }
}

//! What lists, feeds and API are asked for by query string, the same everywhere.

use bisenzio_kernel::{FieldError, Lang, Problem, slug};
use jiff::civil::Date;
use serde::Deserialize;

use crate::model::{Kind, Status};
use crate::store::filter::Filter;

/// Query string of `/cantieri` and its feeds. An empty value is as good as none.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub giorno: String,
    /// Street, by name or slug.
    pub via: String,
    /// Company, by name or slug.
    pub ditta: String,
    pub tipo: String,
    pub stato: String,
    pub q: String,
    pub codice: String,
    pub pagina: String,
    /// Not empty: the map shows what is over, too.
    pub conclusi: String,
}

impl Asked {
    /// # Errors
    /// 422 naming the field that cannot be read.
    pub fn day(&self) -> Result<Option<Date>, Problem> {
        optional(
            "giorno",
            &self.giorno,
            |text| text.parse().ok().filter(|_| text.len() == 10),
            "2026-03-11",
        )
    }

    /// # Errors
    /// As [`Asked::day`].
    pub fn status(&self) -> Result<Option<Status>, Problem> {
        optional("stato", &self.stato, Status::parse, "in-corso")
    }

    /// # Errors
    /// As [`Asked::day`].
    pub fn filter(&self) -> Result<Filter, Problem> {
        let kind = optional("tipo", &self.tipo, Kind::parse, "roadworks")?;
        let text = |value: &str| Some(slug(value)).filter(|s| !s.is_empty());
        Ok(Filter {
            street: text(&self.via),
            company: text(&self.ditta),
            kind,
            code: Some(self.codice.trim().to_owned()).filter(|c| !c.is_empty()),
            text: self.q.clone(),
        })
    }

    /// Lets go of what a page cannot read, and says so in the reader's language: a list with a notice helps more
    /// than a refusal. Feeds and APIs refuse, so that programs notice.
    pub fn forgive(&mut self, lang: Lang) -> Vec<String> {
        let mut notices = Vec::new();
        if self.day().is_err() {
            notices.push(unread_day(&self.giorno, lang));
            self.giorno.clear();
        }
        if self.status().is_err() {
            notices.push(unknown(lang.t("Lo stato", "The state"), &self.stato, lang));
            self.stato.clear();
        }
        if self.filter().is_err() {
            notices.push(unknown(lang.t("Il motivo", "The reason"), &self.tipo, lang));
            self.tipo.clear();
        }
        notices
    }

    pub fn with_past(&self) -> bool {
        !self.conclusi.trim().is_empty()
    }

    /// From 1.
    pub fn page(&self) -> i64 {
        self.pagina.trim().parse().unwrap_or(1).clamp(1, 100_000)
    }

    pub fn has_filter(&self) -> bool {
        [&self.via, &self.ditta, &self.tipo, &self.stato, &self.q]
            .iter()
            .any(|v| !v.trim().is_empty())
    }

    /// The query string without day and page: `via=x&tipo=y`, empty for no filter.
    pub fn query(&self) -> String {
        let pairs = [
            ("via", &self.via),
            ("ditta", &self.ditta),
            ("tipo", &self.tipo),
            ("stato", &self.stato),
            ("q", &self.q),
            ("codice", &self.codice),
            ("conclusi", &self.conclusi),
        ];
        let kept: Vec<String> = pairs
            .into_iter()
            .filter(|(_, value)| !value.trim().is_empty())
            .map(|(key, value)| format!("{key}={}", encode(value.trim())))
            .collect();
        kept.join("&")
    }

    /// `path?giorno=...&filters`
    pub fn address(&self, path: &str, day: Option<Date>) -> String {
        let mut parts: Vec<String> = day.map(|d| format!("giorno={d}")).into_iter().collect();
        let query = self.query();
        if !query.is_empty() {
            parts.push(query);
        }
        if parts.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", parts.join("&"))
        }
    }
}

/// For a day that cannot be read.
pub fn unread_day(text: &str, lang: Lang) -> String {
    let text = short(text);
    lang.t(
        "La data «{}» non si può leggere: si mostra il giorno di oggi. Una data si scrive così: 2026-03-11.",
        "The date \"{}\" cannot be read: today is shown. A date is written like 2026-03-11.",
    )
    .replace("{}", &text)
}

fn unknown(what: &str, text: &str, lang: Lang) -> String {
    format!(
        "{what} «{}» {}",
        short(text),
        lang.t(
            "non esiste: il filtro è stato tolto.",
            "does not exist: the filter was left out."
        )
    )
}

/// As much of a foreign text as a message repeats.
fn short(text: &str) -> String {
    text.trim().chars().take(40).collect()
}

fn optional<T>(
    field: &str,
    text: &str,
    read: impl Fn(&str) -> Option<T>,
    example: &str,
) -> Result<Option<T>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    read(text).map(Some).ok_or_else(|| {
        let detail = format!("\"{text}\" cannot be read: write it as {example}");
        Problem::invalid(vec![FieldError {
            field: field.to_owned(),
            detail,
        }])
    })
}

/// A value for a query string.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_filters_and_encode_them() {
        let asked = Asked {
            via: "via-roma".into(),
            q: "rete & gas".into(),
            pagina: "3".into(),
            ..Asked::default()
        };
        assert_eq!(
            asked.address("/cantieri", None),
            "/cantieri?via=via-roma&q=rete%20%26%20gas"
        );
        assert_eq!(Asked::default().address("/cantieri", None), "/cantieri");
        assert_eq!((asked.page(), Asked::default().page()), (3, 1));
        let mut wrong = Asked {
            giorno: "domani".into(),
            stato: "x".into(),
            ..Asked::default()
        };
        let notices = wrong.forgive(Lang::It);
        assert!(
            notices[0].starts_with("La data «domani» non si può leggere"),
            "{notices:?}"
        );
        assert_eq!((notices.len(), wrong.query().as_str()), (2, ""));
        assert_eq!(
            Asked {
                giorno: "domani".into(),
                ..Asked::default()
            }
            .day()
            .unwrap_err()
            .status,
            422
        );
    }
}

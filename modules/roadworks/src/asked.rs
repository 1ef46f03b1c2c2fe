//! What lists, feeds and API are asked for by query string, the same everywhere.

use bisenzio_kernel::{FieldError, Problem, slug};
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

//! How values of the graph and of the plan are written for people.

use bisenzio_kernel::{Lang, PartialDate, format};
use jiff::civil::{Date, Time};
use serde_json::Value;

use crate::model::Figure;

/// "2.300.000", "12,5".
pub fn number(value: f64, lang: Lang) -> String {
    format::number(value, 6, lang)
}

/// "16 access point"; the number alone when the unit is empty. Units that are words stand in the plural, so
/// one thing is "1" and not "1 piazze"; symbols (%, km/h, m²) always stand.
pub fn quantity(value: f64, unit: &str, lang: Lang) -> String {
    let number = number(value, lang);
    if unit.is_empty() || (is_word(unit) && value.abs() == 1.0) {
        number
    } else {
        format!("{number} {unit}")
    }
}

/// Whether a unit is a word ("piazze") and no symbol (%, km/h, m²).
pub fn is_word(unit: &str) -> bool {
    unit.split(|c: char| !c.is_alphabetic())
        .any(|part| part.chars().count() > 3)
}

/// A difference with its sign: "+1", "−3", "0".
pub fn signed(value: f64, lang: Lang) -> String {
    let text = number(value, lang);
    if value > 0.0 && text != "0" {
        format!("+{text}")
    } else {
        text
    }
}

/// "20 settembre 2021 – 2 ottobre 2021", or one date.
pub fn span(from: PartialDate, until: Option<PartialDate>, lang: Lang) -> String {
    match until {
        Some(until) if until != from => format!("{} – {}", from.display(lang), until.display(lang)),
        _ => from.display(lang),
    }
}

/// The date or period of a figure; empty when it has none.
pub fn figure_when(figure: &Figure, lang: Lang) -> String {
    figure
        .date
        .map(|date| span(date, figure.until, lang))
        .unwrap_or_default()
}

/// An attribute's value in words. References come out as their URN: who can look names up does it before.
pub fn value(value: &Value, lang: Lang) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => if *flag {
            lang.t("sì", "yes")
        } else {
            lang.t("no", "no")
        }
        .to_owned(),
        Value::Number(n) => n.as_f64().map_or_else(|| n.to_string(), |n| number(n, lang)),
        Value::String(text) => words(text, lang),
        Value::Array(list) if list.iter().all(is_opening) && !list.is_empty() => openings(list, lang),
        Value::Array(list) => {
            let parts: Vec<String> = list.iter().map(|one| self::value(one, lang)).collect();
            parts.join(", ")
        }
        Value::Object(map) => match map.get("@value") {
            Some(inner) => self::value(inner, lang),
            None => map
                .iter()
                .map(|(key, one)| format!("{key}: {}", self::value(one, lang)))
                .collect::<Vec<_>>()
                .join(", "),
        },
    }
}

/// Dates and instants are written out; other text stands as it is.
fn words(text: &str, lang: Lang) -> String {
    if let Ok(date) = text.parse::<PartialDate>() {
        return date.display(lang);
    }
    if text.len() >= 19
        && let Ok(instant) = text.parse::<jiff::Timestamp>()
    {
        return format::date(instant.to_zoned(jiff::tz::TimeZone::UTC).date(), lang);
    }
    text.to_owned()
}

fn is_opening(value: &Value) -> bool {
    ["date", "opens", "closes"]
        .iter()
        .all(|key| value.get(*key).is_some_and(Value::is_string))
}

/// Days under their hours: "9:00–13:00: 20 settembre 2021, 21 settembre 2021".
fn openings(list: &[Value], lang: Lang) -> String {
    let mut by_hours: Vec<(String, Vec<String>)> = Vec::new();
    for one in list {
        let text = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default();
        let hours = format!("{}–{}", hour(text("opens")), hour(text("closes")));
        let day = text("date")
            .parse::<Date>()
            .map_or_else(|_| text("date").to_owned(), |day| format::date(day, lang));
        match by_hours.iter_mut().find(|(known, _)| *known == hours) {
            Some((_, days)) => days.push(day),
            None => by_hours.push((hours, vec![day])),
        }
    }
    let parts: Vec<String> = by_hours
        .iter()
        .map(|(hours, days)| format!("{hours}: {}", days.join(", ")))
        .collect();
    parts.join("; ")
}

/// "09:00" as "9:00".
fn hour(text: &str) -> String {
    text.parse::<Time>()
        .map_or_else(|_| text.to_owned(), format::time)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_read_as_words() {
        assert_eq!(value(&json!(2_300_000), Lang::It), "2.300.000");
        assert_eq!(value(&json!("2021-05"), Lang::It), "maggio 2021");
        assert_eq!(
            value(&json!({"@type": "Date", "@value": "2021-03-05"}), Lang::It),
            "5 marzo 2021"
        );
        assert_eq!(value(&json!("2021-2023"), Lang::It), "2021-2023");
        assert_eq!(value(&json!(["a", true]), Lang::It), "a, sì");
        assert_eq!(quantity(1.0, "piazze", Lang::It), "1");
        assert_eq!(quantity(1.0, "km/h", Lang::It), "1 km/h");
        assert_eq!(quantity(2.0, "piazze", Lang::It), "2 piazze");
        assert_eq!(signed(1.0, Lang::It), "+1");
        assert_eq!(signed(-1.0, Lang::It), "−1");
    }

    #[test]
    fn opening_days_stand_under_their_hours() {
        let days = json!([
            {"date": "2021-11-02", "opens": "09:00", "closes": "13:00"},
            {"date": "2021-11-02", "opens": "13:30", "closes": "17:30"},
            {"date": "2021-11-09", "opens": "09:00", "closes": "13:00"}
        ]);
        assert_eq!(
            value(&days, Lang::It),
            "9:00–13:00: 2 novembre 2021, 9 novembre 2021; 13:30–17:30: 2 novembre 2021"
        );
    }
}

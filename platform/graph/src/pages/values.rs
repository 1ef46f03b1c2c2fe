//! Values as people read them.

use bisenzio_kernel::format;
use bisenzio_ngsi_ld::{AttributeInstance, AttributeValue, DateTime, Entity};
use jiff::civil::Date;
use serde_json::Value;

use super::links;
use super::words::{Words, cut, short, tail};

/// Letters of one value that a page shows.
const MOST_TEXT: usize = 2_000;
/// Items of a list that a page shows.
const MOST_ITEMS: usize = 50;
/// Levels of nesting that are taken apart.
const DEPTH: usize = 3;

/// A value for a page: a text, or items with an optional label each.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shown {
    pub(crate) text: String,
    /// A web address that the value is.
    pub(crate) href: String,
    pub(crate) items: Vec<Item>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Item {
    pub(crate) label: String,
    pub(crate) text: String,
    pub(crate) href: String,
    /// Language of the text where it is told.
    pub(crate) lang: String,
}

impl Shown {
    fn of(text: String) -> Self {
        Self {
            href: links::web_address(&text),
            text: cut(&text, MOST_TEXT),
            items: Vec::new(),
        }
    }

    /// The same in one line.
    pub(crate) fn line(&self) -> String {
        if self.items.is_empty() {
            return self.text.clone();
        }
        let parts: Vec<String> = self
            .items
            .iter()
            .map(|item| labelled(&item.label, &item.text))
            .collect();
        parts.join("; ")
    }
}

fn labelled(label: &str, text: &str) -> String {
    if label.is_empty() {
        text.to_owned()
    } else {
        format!("{label}: {text}")
    }
}

impl Words {
    /// The value of an attribute (expanded name), with its unit.
    pub(crate) fn instance(&self, attribute: &str, instance: &AttributeInstance) -> Shown {
        let mut shown = match &instance.value {
            AttributeValue::Property(value) | AttributeValue::JsonProperty(value) => {
                self.value(attribute, value)
            }
            AttributeValue::ListProperty(list) => self.value(attribute, &Value::Array(list.clone())),
            AttributeValue::VocabProperty(terms) => {
                let terms: Vec<String> = terms
                    .iter()
                    .map(|term| {
                        self.coded(attribute, &short(term))
                            .unwrap_or_else(|| self.attribute(term))
                    })
                    .collect();
                Shown::of(terms.join(", "))
            }
            AttributeValue::LanguageProperty(map) => self.languages(map),
            AttributeValue::GeoProperty(geometry) => Shown::of(self.geometry(geometry.json())),
            AttributeValue::Relationship(ids) | AttributeValue::ListRelationship(ids) => {
                let ids: Vec<&str> = ids.iter().map(|id| tail(id)).collect();
                Shown::of(ids.join(", "))
            }
        };
        let unit = instance.unit_code.as_deref().map(|code| self.unit(code));
        if let Some(unit) = unit.filter(|unit| !unit.is_empty() && shown.items.is_empty()) {
            let gap = if unit == "°" { "" } else { "\u{a0}" };
            shown.text = format!("{}{gap}{unit}", shown.text);
        }
        shown
    }

    pub(crate) fn value(&self, attribute: &str, value: &Value) -> Shown {
        match value {
            Value::Array(list) => {
                let mut items: Vec<Item> = list
                    .iter()
                    .take(MOST_ITEMS)
                    .map(|one| self.item(String::new(), attribute, one))
                    .collect();
                if list.len() > MOST_ITEMS {
                    items.push(Item {
                        text: format!("… ({})", self.count(list.len())),
                        ..Item::default()
                    });
                }
                match <[Item; 1]>::try_from(items) {
                    Ok([only]) => Shown {
                        text: only.text,
                        href: only.href,
                        items: Vec::new(),
                    },
                    Err(items) => Shown {
                        items,
                        ..Shown::default()
                    },
                }
            }
            Value::Object(map) if !map.contains_key("@value") => Shown {
                items: map
                    .iter()
                    .take(MOST_ITEMS)
                    .map(|(name, one)| self.item(self.attribute(name), name, one))
                    .collect(),
                ..Shown::default()
            },
            other => Shown::of(self.plain(attribute, other, 0)),
        }
    }

    fn item(&self, label: String, name: &str, value: &Value) -> Item {
        let text = self.plain(name, value, 0);
        Item {
            label,
            href: links::web_address(&text),
            text: cut(&text, MOST_TEXT),
            lang: String::new(),
        }
    }

    /// Any value in one line.
    fn plain(&self, name: &str, value: &Value, depth: usize) -> String {
        match value {
            Value::Null => String::new(),
            Value::Bool(true) => self.t("sì", "yes").to_owned(),
            Value::Bool(false) => "no".to_owned(),
            Value::Number(number) => self
                .coded(name, &number.to_string())
                .unwrap_or_else(|| self.number(name, number)),
            Value::String(text) => self.coded(name, text).unwrap_or_else(|| self.string(text)),
            Value::Object(map) if map.contains_key("@value") => map
                .get("@value")
                .map_or_else(String::new, |v| self.plain(name, v, depth)),
            nested if depth >= DEPTH => cut(&nested.to_string(), 200),
            Value::Array(list) => {
                let parts: Vec<String> = list
                    .iter()
                    .take(MOST_ITEMS)
                    .map(|one| self.plain(name, one, depth + 1))
                    .collect();
                parts.join(", ")
            }
            Value::Object(map) => {
                let parts: Vec<String> = map
                    .iter()
                    .take(MOST_ITEMS)
                    .map(|(key, one)| labelled(&self.attribute(key), &self.plain(key, one, depth + 1)))
                    .collect();
                parts.join("; ")
            }
        }
    }

    fn number(&self, name: &str, number: &serde_json::Number) -> String {
        if is_label(name) {
            return number.to_string();
        }
        match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => format::integer(whole, self.lang),
            (None, Some(value)) if value.abs() < 1e15 => format::number(value, 6, self.lang),
            _ => number.to_string(),
        }
    }

    /// Days and instants are written out; other texts stay as they are.
    fn string(&self, text: &str) -> String {
        if let Some(at) = DateTime::parse(text) {
            return self.instant(at.micros());
        }
        match text.parse::<Date>() {
            Ok(day) if text.len() == 10 => format::date(day, self.lang),
            _ => text.to_owned(),
        }
    }

    fn languages(&self, map: &serde_json::Map<String, Value>) -> Shown {
        let own = self.lang.as_str();
        let mut items: Vec<Item> = map
            .iter()
            .map(|(tag, value)| Item {
                label: self.language(tag),
                text: cut(&self.plain("", value, 0), MOST_TEXT),
                href: String::new(),
                lang: if tag.starts_with('@') {
                    String::new()
                } else {
                    tag.clone()
                },
            })
            .collect();
        items.sort_by_key(|item| (item.lang != own, item.label.clone()));
        Shown {
            items,
            ..Shown::default()
        }
    }

    fn language(&self, tag: &str) -> String {
        let words = match tag.split('-').next().unwrap_or_default() {
            "it" => self.t("Italiano", "Italian"),
            "en" => self.t("Inglese", "English"),
            "fr" => self.t("Francese", "French"),
            "de" => self.t("Tedesco", "German"),
            "es" => self.t("Spagnolo", "Spanish"),
            "zh" => self.t("Cinese", "Chinese"),
            "sq" => self.t("Albanese", "Albanian"),
            "ro" => self.t("Romeno", "Romanian"),
            "ar" => self.t("Arabo", "Arabic"),
            "ur" => "Urdu",
            "@none" => self.t("Senza lingua", "No language"),
            _ => tag,
        };
        words.to_owned()
    }

    /// A geometry in words; a map shows the rest.
    pub(crate) fn geometry(&self, geometry: &Value) -> String {
        let degrees = |at: &Value, n: usize| {
            let value = at.get(n).and_then(Value::as_f64).unwrap_or(f64::NAN);
            format::number(value, 5, self.lang)
        };
        let words = match geometry.get("type").and_then(Value::as_str) {
            Some("Point") => {
                let at = &geometry["coordinates"];
                return format!(
                    "{} {}, {} {}",
                    self.t("latitudine", "latitude"),
                    degrees(at, 1),
                    self.t("longitudine", "longitude"),
                    degrees(at, 0)
                );
            }
            Some("MultiPoint") => self.t("Punti sulla mappa", "Points on the map"),
            Some("LineString" | "MultiLineString") => self.t("Linea sulla mappa", "Line on the map"),
            Some("Polygon" | "MultiPolygon") => self.t("Area sulla mappa", "Area on the map"),
            _ => self.t("Forma sulla mappa", "Shape on the map"),
        };
        words.to_owned()
    }

    /// One attribute of an entity in one line; empty without it.
    pub(crate) fn cell(&self, entity: &Entity, attribute: &str) -> String {
        let all: Vec<String> = entity
            .instances(attribute)
            .iter()
            .map(|instance| self.instance(attribute, instance).line())
            .collect();
        cut(&all.join(", "), 160)
    }
}

/// Numbers that name something are not quantities: the year 2021 is not 2.021.
fn is_label(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["year", "code", "number", "postalcode", "phone"]
        .iter()
        .any(|end| name.ends_with(end))
        && !name.ends_with("spotnumber")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::words;
    use serde_json::json;

    fn line(name: &str, value: &Value) -> String {
        words().value(name, value).line()
    }

    #[test]
    fn values_are_said_as_an_office_says_them() {
        assert_eq!(line("open", &json!(true)), "sì");
        assert_eq!(line("count", &json!(1647)), "1.647");
        assert_eq!(line("projectYear", &json!(2021)), "2021");
        assert_eq!(line("temperature", &json!(21.5)), "21,5");
        assert_eq!(line("day", &json!("2026-03-11")), "11 marzo 2026");
        assert_eq!(
            line(
                "at",
                &json!({ "@type": "DateTime", "@value": "2026-03-11T08:00:00Z" })
            ),
            "11 marzo 2026, ore 9:00"
        );
        assert_eq!(line("list", &json!(["a", 2, { "name": "x" }])), "a; 2; Nome: x");
        assert_eq!(line("list", &json!([])), "");
    }

    #[test]
    fn nesting_and_length_are_bounded() {
        let mut deep = json!("x");
        for _ in 0..200 {
            deep = json!([deep]);
        }
        assert!(line("deep", &deep).chars().count() < 400);
        let long = json!("y".repeat(100_000));
        assert!(line("long", &long).chars().count() <= MOST_TEXT + 1);
        let many = json!((0..10_000).collect::<Vec<_>>());
        assert_eq!(words().value("many", &many).items.len(), MOST_ITEMS + 1);
    }
}

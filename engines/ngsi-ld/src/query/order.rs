//! `orderBy` (clause 4.23 of v1.9.1): `type;asc,name.subProperty;desc`.

use super::{MAX_QUERY_BYTES, MAX_QUERY_DEPTH};
use crate::context::Context;
use crate::error::{NgsiError, Result};
use crate::model::{AttributeInstance, AttributeValue, Entity};
use crate::parse::check_name;
use crate::uri::shorten;
use serde_json::Value;
use std::cmp::Ordering;

/// Most members to order by.
const MAX_KEYS: usize = 10;

/// A parsed `orderBy`.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderBy {
    keys: Vec<Key>,
}

#[derive(Debug, Clone, PartialEq)]
struct Key {
    raw: Vec<String>,
    expanded: Vec<String>,
    descending: bool,
}

/// What entities are compared by. Kinds of value follow one another in this order.
#[derive(Debug, Clone, PartialEq)]
enum Sort {
    Number(f64),
    Bool(bool),
    Text(String),
}

impl OrderBy {
    /// Reads a list of members, sub-attributes after a dot, each with `;asc` or `;desc`.
    ///
    /// Errors: `BadRequestData` for wrong grammar, `TooComplexQuery` beyond the limits.
    pub fn parse(text: &str, context: &Context) -> Result<Self> {
        let bad = || NgsiError::bad_param(format!("orderBy `{}` is not valid", shorten(text)));
        if text.len() > MAX_QUERY_BYTES || text.split(',').count() > MAX_KEYS {
            return Err(NgsiError::too_complex(format!(
                "orderBy has more than {MAX_KEYS} members"
            )));
        }
        let mut keys = Vec::new();
        for part in text.split(',') {
            let (path, direction) = part.split_once(';').unwrap_or((part, "asc"));
            let descending = match direction {
                "asc" => false,
                "desc" => true,
                _ => return Err(bad()),
            };
            let raw: Vec<String> = path.split('.').map(str::to_owned).collect();
            if raw.len() > MAX_QUERY_DEPTH || raw.iter().any(|name| check_name(name).is_err()) {
                return Err(bad());
            }
            let expanded = raw.iter().map(|name| context.expand(name).into_owned()).collect();
            keys.push(Key {
                raw,
                expanded,
                descending,
            });
        }
        Ok(Self { keys })
    }

    /// Sorts what has an entity; those without a member come last, whatever the direction. What is equal keeps
    /// its order.
    pub fn sort<T>(&self, items: &mut [T], entity: impl Fn(&T) -> &Entity) {
        items.sort_by_cached_key(|item| Row {
            keys: self
                .keys
                .iter()
                .map(|key| (key.descending, key.of(entity(item))))
                .collect(),
        });
    }
}

#[derive(PartialEq)]
struct Row {
    keys: Vec<(bool, Option<Sort>)>,
}

impl Eq for Row {}

impl PartialOrd for Row {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Row {
    fn cmp(&self, other: &Self) -> Ordering {
        for ((descending, a), (_, b)) in self.keys.iter().zip(&other.keys) {
            let order = match (a, b) {
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some(a), Some(b)) if *descending => b.compare(a),
                (Some(a), Some(b)) => a.compare(b),
            };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }
}

impl Sort {
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::Bool(_) => 1,
            Self::Text(_) => 2,
        }
    }
}

impl Key {
    fn of(&self, entity: &Entity) -> Option<Sort> {
        let (first, raw) = (self.expanded.first()?, self.raw.first()?);
        if let Some(list) = entity.attributes.get(first) {
            let default = list.iter().find(|i| i.dataset_id.is_none()).or(list.first())?;
            return self.within(default, 1);
        }
        if self.raw.len() > 1 {
            return None;
        }
        match raw.as_str() {
            "id" => Some(Sort::Text(entity.id.as_str().to_owned())),
            "type" => entity.types.first().cloned().map(Sort::Text),
            "scope" => entity.scope.first().cloned().map(Sort::Text),
            // Fixed width up to the last digit: it sorts as text.
            "createdAt" => entity.created_at.map(|t| time(t.micros())),
            "modifiedAt" => entity.modified_at.map(|t| time(t.micros())),
            _ => None,
        }
    }

    fn within(&self, instance: &AttributeInstance, at: usize) -> Option<Sort> {
        let Some(name) = self.expanded.get(at) else {
            return value(&instance.value);
        };
        if let Some(list) = instance.sub_attributes.get(name) {
            return self.within(list.first()?, at + 1);
        }
        if at + 1 != self.expanded.len() {
            return None;
        }
        match self.raw[at].as_str() {
            "observedAt" => instance.observed_at.map(|t| time(t.micros())),
            "createdAt" => instance.created_at.map(|t| time(t.micros())),
            "modifiedAt" => instance.modified_at.map(|t| time(t.micros())),
            "unitCode" => instance.unit_code.clone().map(Sort::Text),
            "datasetId" => instance
                .dataset_id
                .as_ref()
                .map(|id| Sort::Text(id.as_str().to_owned())),
            _ => None,
        }
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "microseconds stay below 2^53 until the year 2255"
)]
fn time(micros: i64) -> Sort {
    Sort::Number(micros as f64)
}

fn value(value: &AttributeValue) -> Option<Sort> {
    match value {
        AttributeValue::Property(json) | AttributeValue::JsonProperty(json) => scalar(json),
        AttributeValue::ListProperty(list) => scalar(list.first()?),
        AttributeValue::Relationship(targets) | AttributeValue::ListRelationship(targets) => {
            Some(Sort::Text(targets.first()?.as_str().to_owned()))
        }
        AttributeValue::VocabProperty(terms) => terms.first().cloned().map(Sort::Text),
        AttributeValue::LanguageProperty(map) => scalar(map.values().next()?),
        AttributeValue::GeoProperty(_) => None,
    }
}

fn scalar(json: &Value) -> Option<Sort> {
    match json {
        Value::Number(number) => number.as_f64().map(Sort::Number),
        Value::Bool(flag) => Some(Sort::Bool(*flag)),
        Value::String(text) => Some(Sort::Text(text.clone())),
        Value::Array(items) => scalar(items.first()?),
        Value::Object(map) => scalar(map.get("@value")?),
        Value::Null => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{InputFormat, entity};
    use proptest::prelude::*;
    use serde_json::json;

    fn order(text: &str) -> String {
        let c = Context::core();
        let mut items: Vec<Entity> = [
            json!({ "id": "urn:x:b", "type": "T", "name": "A", "level": 10 }),
            json!({ "id": "urn:x:a", "type": "T", "name": { "value": "C", "rank": 1 }, "level": 9 }),
            json!({ "id": "urn:x:c", "type": "S", "name": { "value": "B", "rank": 2 } }),
        ]
        .iter()
        .map(|body| entity(body, &c, InputFormat::Normalized).unwrap())
        .collect();
        OrderBy::parse(text, &c).unwrap().sort(&mut items, |e| e);
        items.iter().filter_map(|e| e.id.chars().last()).collect()
    }

    #[test]
    fn by_members_attributes_and_their_own() {
        assert_eq!(order("id"), "abc");
        assert_eq!(order("name"), "bca");
        assert_eq!(order("name;desc"), "acb");
        assert_eq!(order("level"), "abc", "numbers as numbers, without one last");
        assert_eq!(order("level;desc"), "bac");
        assert_eq!(order("name.rank;desc"), "cab");
        assert_eq!(order("type,name;desc"), "cab");
        assert_eq!(order("nothing"), "bac");
    }

    #[test]
    fn other_forms_are_refused() {
        for bad in ["", "a,", "a;up", "a..b", "a b", ";asc"] {
            assert!(OrderBy::parse(bad, &Context::core()).is_err(), "{bad}");
        }
        assert!(OrderBy::parse(&["a"; 11].join(","), &Context::core()).is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = OrderBy::parse(&text, &Context::core());
        }
    }
}

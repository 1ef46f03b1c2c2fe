//! Which entities are meant: `attribute = value`, all of them at once.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Conditions on attributes of a simplified (keyValues) entity. Values compare by their plain text, so
/// that `true`, `30` and `"30"` mean the same whether they come from a file or from a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Filter(#[schema(inline)] pub BTreeMap<String, String>);

impl Filter {
    /// Whether an entity passes: each attribute equals the value, or is a list that holds it.
    pub fn matches(&self, entity: &Value) -> bool {
        self.0.iter().all(|(name, wanted)| match entity.get(name) {
            Some(Value::Array(list)) => list.iter().any(|one| plain_text(one).as_ref() == Some(wanted)),
            Some(one) => plain_text(one).as_ref() == Some(wanted),
            None => false,
        })
    }
}

/// The text of a scalar; of a typed value (`@value`) its content; `None` for other structures.
pub(crate) fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Object(map) => map.get("@value").and_then(plain_text),
        Value::Null | Value::Array(_) => None,
    }
}

/// One `attribute = value` a line.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            write!(f, "{end}{name} = {value}")?;
        }
        Ok(())
    }
}

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut out = BTreeMap::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once('=').ok_or_else(|| line.to_owned())?;
            let (name, value) = (name.trim(), value.trim());
            if name.is_empty() || value.is_empty() {
                return Err(line.to_owned());
            }
            out.insert(name.to_owned(), value.to_owned());
        }
        Ok(Self(out))
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = BTreeMap::<String, Value>::deserialize(deserializer)?;
        let mut out = BTreeMap::new();
        for (name, value) in raw {
            let text = plain_text(&value)
                .filter(|text| !text.trim().is_empty() && !text.contains('\n'))
                .ok_or_else(|| {
                    D::Error::custom(format!("\"{name}\" must be text, a number, true or false"))
                })?;
            out.insert(name, text.trim().to_owned());
        }
        Ok(Self(out))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn compares_what_is_meant() {
        let filter: Filter = "project = pr-v1\nspeed = 30\nopen = true".parse().unwrap();
        assert!(filter.matches(&json!({"project": ["pr-v3", "pr-v1"], "speed": 30, "open": true})));
        assert!(!filter.matches(&json!({"project": "pr-v1", "speed": 30})));
        assert!(!filter.matches(&json!({"project": "pr-v1", "speed": 31, "open": true})));
        assert_eq!(filter.to_string().parse::<Filter>().unwrap(), filter);
        assert_eq!(
            serde_json::from_value::<Filter>(json!({"open": true, "speed": 30, "project": "pr-v1"})).unwrap(),
            filter
        );
        assert!("project".parse::<Filter>().is_err());
        assert!(serde_json::from_value::<Filter>(json!({"a": [1]})).is_err());
    }
}

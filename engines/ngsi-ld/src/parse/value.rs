//! Values of the eight kinds of attribute.

use super::{Purpose, Reader};
use crate::NGSI_LD_NULL;
use crate::datetime::{DateTime, is_time, parse_date};
use crate::error::{NgsiError, Result};
use crate::geometry::Geometry;
use crate::model::{AttributeKind, AttributeValue, FragmentValue, LanguageMap};
use crate::path::Path;
use crate::uri::{Uri, shorten};
use serde_json::Value;

impl Reader<'_> {
    pub(super) fn value(&self, kind: AttributeKind, value: &Value, path: &Path<'_>) -> Result<FragmentValue> {
        if value.as_str() == Some(NGSI_LD_NULL) {
            self.null_allowed(path)?;
            return Ok(FragmentValue::Null);
        }
        if value.is_null() && kind != AttributeKind::JsonProperty {
            return Err(NgsiError::bad(
                path,
                "null is not allowed; use urn:ngsi-ld:null in a patch",
            ));
        }
        let value = match kind {
            AttributeKind::Property => AttributeValue::Property(plain(value, path)?),
            AttributeKind::Relationship => AttributeValue::Relationship(targets(value, path, false)?),
            AttributeKind::GeoProperty => AttributeValue::GeoProperty(Geometry::from_json(value, path)?),
            AttributeKind::LanguageProperty => match self.language_map(value, path)? {
                Some(map) => AttributeValue::LanguageProperty(map),
                None => return Ok(FragmentValue::Null),
            },
            AttributeKind::VocabProperty => AttributeValue::VocabProperty(self.vocab(value, path)?),
            AttributeKind::JsonProperty => AttributeValue::JsonProperty(value.clone()),
            AttributeKind::ListProperty => AttributeValue::ListProperty(list(value, path)?),
            AttributeKind::ListRelationship => AttributeValue::ListRelationship(targets(value, path, true)?),
        };
        Ok(FragmentValue::Typed(value))
    }

    /// `None` when the whole map is nulled by `{"@none": "urn:ngsi-ld:null"}`.
    fn language_map(&self, value: &Value, path: &Path<'_>) -> Result<Option<LanguageMap>> {
        let map = value
            .as_object()
            .filter(|m| !m.is_empty())
            .ok_or_else(|| NgsiError::bad(path, "languageMap is a non-empty object of texts by language"))?;
        for (tag, text) in map {
            let here = path.member(tag);
            if !is_language_tag(tag) {
                return Err(NgsiError::bad(
                    &here,
                    format!("`{}` is not a language tag", shorten(tag)),
                ));
            }
            match text {
                Value::String(s) if s == NGSI_LD_NULL => {
                    self.null_allowed(&here)?;
                    if tag == "@none" && map.len() == 1 {
                        return Ok(None);
                    }
                    if self.purpose != Purpose::Merge {
                        return Err(NgsiError::bad(
                            &here,
                            "one language can only be removed by a merge",
                        ));
                    }
                }
                Value::String(_) => {}
                Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_string) => {}
                _ => return Err(NgsiError::bad(&here, "must be a string or an array of strings")),
            }
        }
        Ok(Some(map.clone()))
    }

    fn vocab(&self, value: &Value, path: &Path<'_>) -> Result<Vec<String>> {
        let expand = |item: &Value, path: &Path<'_>| match item.as_str() {
            Some(text) if !text.is_empty() => Ok(self.context.expand(text).into_owned()),
            _ => Err(NgsiError::bad(
                path,
                "vocab must be a string or an array of strings",
            )),
        };
        match value {
            Value::Array(items) if !items.is_empty() => items
                .iter()
                .enumerate()
                .map(|(i, v)| expand(v, &path.index(i)))
                .collect(),
            single => Ok(vec![expand(single, path)?]),
        }
    }
}

/// A Property value; typed dates and times (clause 4.6.3) are checked.
fn plain(value: &Value, path: &Path<'_>) -> Result<Value> {
    if let Value::Object(map) = value
        && let Some(inner) = map.get("@value")
        && let Some(kind) = map
            .get("@type")
            .or_else(|| map.get("type"))
            .and_then(Value::as_str)
    {
        let here = path.member("@value");
        let name = kind.rsplit(['/', ':', '#']).next().unwrap_or(kind);
        let text = inner.as_str().unwrap_or_default();
        let valid = match name {
            "DateTime" => DateTime::parse(text).is_some(),
            "Date" => parse_date(text).is_some(),
            "Time" => is_time(text),
            _ => true,
        };
        if !valid {
            return Err(NgsiError::bad(
                &here,
                format!("`{}` is not a valid {name}", shorten(text)),
            ));
        }
    }
    Ok(value.clone())
}

/// Targets of a relationship: one URI (or, in lists, `{"object": URI}`) or an array of them.
fn targets(value: &Value, path: &Path<'_>, list: bool) -> Result<Vec<Uri>> {
    let one = |item: &Value, path: &Path<'_>| {
        let text = item
            .as_str()
            .or_else(|| if list { item.get("object")?.as_str() } else { None });
        let text = text.ok_or_else(|| NgsiError::bad(path, "must be the URI of an entity"))?;
        Uri::parse_at(text, path)
    };
    match value {
        Value::Array(items) if list || !items.is_empty() => items
            .iter()
            .enumerate()
            .map(|(i, v)| one(v, &path.index(i)))
            .collect(),
        _ if list => Err(NgsiError::bad(path, "objectList must be an array")),
        single => Ok(vec![one(single, path)?]),
    }
}

fn list(value: &Value, path: &Path<'_>) -> Result<Vec<Value>> {
    let items = value
        .as_array()
        .or_else(|| value.get("@list")?.as_array())
        .ok_or_else(|| NgsiError::bad(path, "valueList must be an array"))?;
    if let Some(i) = items.iter().position(Value::is_null) {
        return Err(NgsiError::bad(&path.index(i), "null is not allowed in a list"));
    }
    Ok(items.clone())
}

fn is_language_tag(tag: &str) -> bool {
    tag == "@none"
        || (tag.len() <= 64
            && tag.split('-').enumerate().all(|(i, part)| {
                (1..=8).contains(&part.len())
                    && part.chars().all(|c| c.is_ascii_alphanumeric())
                    && (i > 0 || part.chars().all(|c| c.is_ascii_alphabetic()))
            }))
}

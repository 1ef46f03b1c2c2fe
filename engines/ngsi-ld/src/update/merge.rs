//! Merge patch (clause 5.5.12 and operation 5.6.17).

use super::append::set_scope;
use super::{UpdateResult, add_types, stamp, take, write};
use crate::NGSI_LD_NULL;
use crate::datetime::DateTime;
use crate::error::{NgsiError, Result};
use crate::geometry::Geometry;
use crate::model::{
    AttributeFragment, AttributeInstance, AttributeKind, AttributeValue, Attributes, Entity, EntityFragment,
    FragmentValue, Patch, simplified_value, without_nulls,
};
use crate::path::Path;
use crate::uri::Uri;
use indexmap::IndexMap;
use serde_json::{Map, Value};

/// Query parameters of the merge operation (clause 5.6.17).
#[derive(Debug, Clone, Default)]
pub struct MergeOptions {
    /// `observedAt`: set on every attribute written that had one before and got none in the patch.
    pub observed_at: Option<DateTime>,
    /// `lang`: the language that plain texts for a LanguageProperty are in.
    pub lang: Option<String>,
}

/// Merges a fragment read for [`crate::parse::Purpose::Merge`].
///
/// Errors: `BadRequestData` when a simplified value does not fit the kind of the stored attribute, or a new
/// attribute has no value. The entity is then unchanged.
pub fn merge(
    entity: &mut Entity,
    fragment: EntityFragment,
    options: &MergeOptions,
    now: DateTime,
) -> Result<UpdateResult> {
    let mut result = UpdateResult::default();
    let mut next = entity.clone();
    add_types(&mut next, fragment.types, &mut result);
    set_scope(&mut next, fragment.scope, &mut result);
    for (name, list) in fragment.attributes {
        for item in list {
            let dataset_id = item.dataset_id.clone();
            let old = next.instance(&name, dataset_id.as_ref()).cloned();
            match merged(old, item, options, &name)? {
                Some(instance) => write(&mut next, &mut result, &name, instance, now),
                None => {
                    let gone = take(&mut next.attributes, &name, dataset_id.as_ref());
                    result.note(&name, gone, None);
                }
            }
        }
    }
    let result = result.finish(&mut next, now);
    *entity = next;
    Ok(result)
}

/// The instance after merging, `None` when it goes away.
pub(super) fn merged(
    old: Option<AttributeInstance>,
    patch: AttributeFragment,
    options: &MergeOptions,
    name: &str,
) -> Result<Option<AttributeInstance>> {
    let fault = |why: &str| NgsiError::bad_param(format!("attribute {name}: {why}"));
    let value = match patch.value {
        FragmentValue::Null => return Ok(None),
        FragmentValue::Absent => None,
        FragmentValue::Typed(value) => Some(value),
        FragmentValue::Raw(raw) => Some(
            fitted(old.as_ref().map(|o| &o.value), raw, options.lang.as_deref())
                .map_err(|why| fault(&why))?,
        ),
    };
    let mut instance = match (old, value) {
        (None, None) => return Err(fault("it does not exist yet, so the patch must give its value")),
        (Some(old), None) => {
            if patch.kind.is_some_and(|k| k != old.kind()) {
                return Err(fault("the patch changes its type without giving a value"));
            }
            old
        }
        (None, Some(value)) => match without_nulls(value) {
            Some(value) => AttributeInstance {
                dataset_id: patch.dataset_id,
                ..AttributeInstance::new(value)
            },
            None => return Ok(None),
        },
        (Some(mut old), Some(value)) => {
            let Some(value) = merged_value(&old.value, value) else {
                return Ok(None);
            };
            old.value = value;
            if let (Some(at), true) = (options.observed_at, old.observed_at.is_some()) {
                old.observed_at = Some(at);
            }
            old
        }
    };
    patch.unit_code.apply(&mut instance.unit_code);
    patch.observed_at.apply(&mut instance.observed_at);
    if let Some(types) = patch.object_type {
        instance.object_type = types;
    }
    if let Some(value_type) = patch.value_type {
        instance.value_type = Some(value_type);
    }
    merge_subs(&mut instance, patch.sub_attributes, name)?;
    Ok(Some(instance))
}

fn merge_subs(
    instance: &mut AttributeInstance,
    patches: IndexMap<String, Vec<AttributeFragment>>,
    name: &str,
) -> Result<()> {
    for (sub, list) in patches {
        for patch in list {
            let dataset_id: Option<Uri> = patch.dataset_id.clone();
            let old = find(&instance.sub_attributes, &sub, dataset_id.as_ref()).cloned();
            match merged(old, patch, &MergeOptions::default(), &format!("{name}.{sub}"))? {
                Some(new) => super::put(&mut instance.sub_attributes, &sub, new),
                None => take(&mut instance.sub_attributes, &sub, dataset_id.as_ref()),
            };
        }
    }
    Ok(())
}

/// Objects merge member by member, everything else is replaced. `None` when nothing is left.
fn merged_value(old: &AttributeValue, new: AttributeValue) -> Option<AttributeValue> {
    match (old, new) {
        (AttributeValue::Property(Value::Object(old)), AttributeValue::Property(Value::Object(new))) => {
            Some(AttributeValue::Property(Value::Object(merged_objects(old, new))))
        }
        (AttributeValue::LanguageProperty(old), AttributeValue::LanguageProperty(new)) => {
            let map = merged_objects(old, new);
            (!map.is_empty()).then_some(AttributeValue::LanguageProperty(map))
        }
        (_, new) => without_nulls(new),
    }
}

fn merged_objects(old: &Map<String, Value>, new: Map<String, Value>) -> Map<String, Value> {
    let mut out = old.clone();
    for (key, value) in new {
        if value.as_str() == Some(NGSI_LD_NULL) {
            out.shift_remove(&key);
            continue;
        }
        let merged = match (out.get(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => Value::Object(merged_objects(old, new)),
            (_, Value::Object(new)) => Value::Object(merged_objects(&Map::new(), new)),
            (_, other) => other,
        };
        out.insert(key, merged);
    }
    out
}

/// A simplified value as the kind that the stored attribute has.
fn fitted(
    old: Option<&AttributeValue>,
    raw: Value,
    lang: Option<&str>,
) -> std::result::Result<AttributeValue, String> {
    let kind = match (old, lang) {
        (Some(old), _) => old.kind(),
        (None, Some(_)) if raw.is_string() => AttributeKind::LanguageProperty,
        (None, _) => return Ok(simplified_value(raw)),
    };
    let root = Path::root();
    match kind {
        AttributeKind::Property => Ok(AttributeValue::Property(raw)),
        AttributeKind::JsonProperty => Ok(AttributeValue::JsonProperty(raw)),
        AttributeKind::GeoProperty => Geometry::from_json(&raw, &root)
            .map(AttributeValue::GeoProperty)
            .map_err(|e| e.detail),
        AttributeKind::LanguageProperty => match raw {
            Value::String(_) => {
                let tag = lang.unwrap_or("@none").to_owned();
                Ok(AttributeValue::LanguageProperty(Map::from_iter([(tag, raw)])))
            }
            _ => Err("a text is expected for a LanguageProperty".to_owned()),
        },
        AttributeKind::Relationship | AttributeKind::ListRelationship => {
            let items = match &raw {
                Value::Array(items) => items.iter().collect(),
                single => vec![single],
            };
            let uris: Option<Vec<Uri>> = items
                .into_iter()
                .map(|v| v.as_str().and_then(|s| Uri::parse(s).ok()))
                .collect();
            let uris = uris
                .filter(|u| !u.is_empty())
                .ok_or("the URI of an entity is expected")?;
            Ok(match kind {
                AttributeKind::Relationship => AttributeValue::Relationship(uris),
                _ => AttributeValue::ListRelationship(uris),
            })
        }
        AttributeKind::ListProperty => match raw {
            Value::Array(items) => Ok(AttributeValue::ListProperty(items)),
            _ => Err("an array is expected for a ListProperty".to_owned()),
        },
        // Terms were not expanded in this form, so only the wrapped `{"vocab": …}` is unambiguous.
        AttributeKind::VocabProperty => Err("a VocabProperty is written {\"vocab\": …}".to_owned()),
    }
}

/// Partial update of one instance (clause 5.5.8): members given replace, others stay; sub-attributes are
/// replaced as wholes.
pub(super) fn partially_updated(
    old: &AttributeInstance,
    patch: AttributeFragment,
    name: &str,
    now: DateTime,
) -> Result<Option<AttributeInstance>> {
    let fault = |why: &str| NgsiError::bad_param(format!("attribute {name}: {why}"));
    let mut next = old.clone();
    match patch.value {
        FragmentValue::Null => return Ok(None),
        FragmentValue::Absent => {}
        FragmentValue::Typed(value) => {
            let Some(value) = without_nulls(value) else {
                return Ok(None);
            };
            next.value = value;
        }
        FragmentValue::Raw(raw) => next.value = fitted(Some(&old.value), raw, None).map_err(|w| fault(&w))?,
    }
    if next.kind() != old.kind() || patch.kind.is_some_and(|k| k != old.kind()) {
        return Err(fault("its type cannot be changed by a partial update"));
    }
    patch.unit_code.apply(&mut next.unit_code);
    patch.observed_at.apply(&mut next.observed_at);
    next.object_type = patch.object_type.unwrap_or(next.object_type);
    next.value_type = patch.value_type.or(next.value_type);
    for (sub, list) in patch.sub_attributes {
        for item in list {
            let dataset_id = item.dataset_id.clone();
            let before = find(&next.sub_attributes, &sub, dataset_id.as_ref()).cloned();
            // Given with a value it replaces the former whole; without one it only changes metadata.
            let base = if item.value == FragmentValue::Absent {
                before.clone()
            } else {
                None
            };
            let new = match item.value {
                FragmentValue::Null => None,
                _ => merged(base, item, &MergeOptions::default(), &format!("{name}.{sub}"))?,
            };
            match new {
                Some(mut new) => {
                    stamp(&mut new, before.as_ref(), now);
                    super::put(&mut next.sub_attributes, &sub, new);
                }
                None => {
                    take(&mut next.sub_attributes, &sub, dataset_id.as_ref());
                }
            }
        }
    }
    Ok(Some(next))
}

/// Whether a patch says nothing at all.
pub(super) fn is_empty(patch: &AttributeFragment) -> bool {
    patch.value == FragmentValue::Absent
        && patch.unit_code == Patch::Keep
        && patch.observed_at == Patch::Keep
        && patch.object_type.is_none()
        && patch.value_type.is_none()
        && patch.sub_attributes.is_empty()
}

fn find<'a>(all: &'a Attributes, name: &str, dataset_id: Option<&Uri>) -> Option<&'a AttributeInstance> {
    all.get(name)?
        .iter()
        .find(|i| i.dataset_id.as_ref() == dataset_id)
}

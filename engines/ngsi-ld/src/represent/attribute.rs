//! Attributes as JSON.

use super::{Format, Representation, one_or_many, terms};
use crate::context::Context;
use crate::geometry::Geometry;
use crate::model::{AttributeInstance, AttributeKind, AttributeValue};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// All instances of one attribute that the options keep; `None` when there are none.
pub(super) fn instances(
    list: &[AttributeInstance],
    context: &Context,
    options: &Representation,
) -> Option<Value> {
    let mut kept = list.iter().filter(|i| options.keeps_instance(i)).peekable();
    let first = kept.next()?;
    if kept.peek().is_none() {
        return Some(match options.format {
            Format::Simplified if first.dataset_id.is_some() => {
                datasets(std::iter::once(first), context, options)
            }
            _ => instance(first, context, options, false),
        });
    }
    let all = std::iter::once(first).chain(kept);
    Some(match options.format {
        Format::Simplified => datasets(all, context, options),
        _ => all.map(|i| instance(i, context, options, true)).collect(),
    })
}

/// `{"dataset": {"@none": value, "urn:…": value}}`, the simplified form of several instances (clause 4.5.5).
fn datasets<'a>(
    all: impl Iterator<Item = &'a AttributeInstance>,
    context: &Context,
    options: &Representation,
) -> Value {
    let map: Map<String, Value> = all
        .map(|i| {
            let key = i.dataset_id.as_deref().unwrap_or("@none").to_owned();
            (key, instance(i, context, options, true))
        })
        .collect();
    Value::Object(Map::from_iter([("dataset".to_owned(), Value::Object(map))]))
}

/// `among_others`: the concise form must then be an object, or an array of values would be read as one.
pub(super) fn instance(
    given: &AttributeInstance,
    context: &Context,
    options: &Representation,
    among_others: bool,
) -> Value {
    let (value, lang) = in_language(given, options);
    let kind = value.kind();
    let inline = options.inline.as_ref().filter(|inline| inline.is_open());
    let plain = match (&*value, inline) {
        (AttributeValue::Relationship(uris), Some(inline)) if options.format == Format::Simplified => {
            one_or_many(inline.simplified(uris, context))
        }
        (AttributeValue::ListRelationship(uris), Some(inline)) if options.format == Format::Simplified => {
            Value::Array(inline.simplified(uris, context))
        }
        (other, _) => plain_value(other, context),
    };
    match options.format {
        Format::Simplified => match kind {
            AttributeKind::Property | AttributeKind::GeoProperty | AttributeKind::Relationship => plain,
            wrapped => Value::Object(Map::from_iter([(wrapped.value_member().to_owned(), plain)])),
        },
        Format::Concise
            if lang.is_none()
                && !among_others
                && given.is_bare()
                && !options.sys_attrs
                && !(options.instance_ids && given.instance_id.is_some())
                && may_stand_alone(&value) =>
        {
            plain
        }
        format => {
            let mut map = Map::new();
            if format == Format::Normalized {
                map.insert("type".into(), kind.name().into());
            }
            map.insert(kind.value_member().into(), plain);
            if let Some(lang) = lang {
                map.insert("lang".into(), lang.into());
            }
            match (&*value, inline) {
                (AttributeValue::Relationship(uris), Some(inline)) => {
                    inline.add(uris, false, context, &mut map);
                }
                (AttributeValue::ListRelationship(uris), Some(inline)) => {
                    inline.add(uris, true, context, &mut map);
                }
                _ => {}
            }
            metadata(given, context, options, &mut map);
            Value::Object(map)
        }
    }
}

fn metadata(
    given: &AttributeInstance,
    context: &Context,
    options: &Representation,
    map: &mut Map<String, Value>,
) {
    let mut text = |name: &str, value: Option<Cow<'_, str>>| {
        if let Some(value) = value {
            map.insert(name.into(), value.into_owned().into());
        }
    };
    text("unitCode", given.unit_code.as_deref().map(Cow::Borrowed));
    text("observedAt", given.observed_at.map(|t| t.to_string().into()));
    text("datasetId", given.dataset_id.as_deref().map(Cow::Borrowed));
    text(
        "valueType",
        given.value_type.as_deref().map(|t| context.compact(t)),
    );
    if options.instance_ids {
        text("instanceId", given.instance_id.as_deref().map(Cow::Borrowed));
    }
    if options.sys_attrs {
        text("createdAt", given.created_at.map(|t| t.to_string().into()));
        text("modifiedAt", given.modified_at.map(|t| t.to_string().into()));
    }
    if options.sys_attrs || options.instance_ids {
        text("deletedAt", given.deleted_at.map(|t| t.to_string().into()));
    }
    if !given.object_type.is_empty() {
        map.insert("objectType".into(), terms(&given.object_type, context));
    }
    // Projections name attributes of the entity, never of attributes.
    let inner = Representation {
        format: options.format,
        sys_attrs: options.sys_attrs,
        instance_ids: options.instance_ids,
        lang: options.lang.clone(),
        ..Representation::default()
    };
    for (name, list) in &given.sub_attributes {
        if let Some(value) = instances(list, context, &inner) {
            map.insert(context.compact(name).into_owned(), value);
        }
    }
}

/// A language map becomes a Property in the best language when one is asked for (clause 4.15).
fn in_language<'a>(
    given: &'a AttributeInstance,
    options: &Representation,
) -> (Cow<'a, AttributeValue>, Option<String>) {
    if let (AttributeValue::LanguageProperty(map), Some(wanted)) = (&given.value, &options.lang)
        && let Some((tag, text)) = wanted.best(map)
    {
        return (
            Cow::Owned(AttributeValue::Property(text.clone())),
            Some(tag.to_owned()),
        );
    }
    (Cow::Borrowed(&given.value), None)
}

fn plain_value(value: &AttributeValue, context: &Context) -> Value {
    match value {
        AttributeValue::Property(v) | AttributeValue::JsonProperty(v) => v.clone(),
        AttributeValue::GeoProperty(g) => g.json().clone(),
        AttributeValue::LanguageProperty(map) => Value::Object(map.clone()),
        AttributeValue::VocabProperty(list) => terms(list, context),
        AttributeValue::ListProperty(list) => Value::Array(list.clone()),
        AttributeValue::Relationship(list) => one_or_many(list.iter().map(|u| u.as_str().into()).collect()),
        AttributeValue::ListRelationship(list) => list.iter().map(|u| Value::from(u.as_str())).collect(),
    }
}

/// Whether a bare value is read back as what it is. Objects and arrays of objects could be taken for
/// attributes, so they keep their wrapping.
fn may_stand_alone(value: &AttributeValue) -> bool {
    match value {
        AttributeValue::GeoProperty(_) => true,
        AttributeValue::Property(Value::Object(_)) => false,
        AttributeValue::Property(Value::Array(items)) => !items.iter().any(Value::is_object),
        AttributeValue::Property(_) => true,
        _ => false,
    }
}

/// The geometry of an instance, where it is a GeoProperty.
pub(super) fn geometry(instance: &AttributeInstance) -> Option<&Geometry> {
    match &instance.value {
        AttributeValue::GeoProperty(g) => Some(g),
        _ => None,
    }
}

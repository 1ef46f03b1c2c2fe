//! Bodies on their way to and from other brokers.

use super::AttributeSet;
use crate::context::Context;
use crate::datetime::DateTime;
use crate::error::Result;
use crate::model::{AttributeInstance, Entity};
use crate::parse::{self, InputFormat};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Members of an entity or a fragment that are no attributes.
const ENTITY_MEMBERS: [&str; 9] = [
    "id",
    "@id",
    "type",
    "@type",
    "scope",
    "@context",
    "createdAt",
    "modifiedAt",
    "deletedAt",
];

/// Members of an attribute whose content is no NGSI-LD name or attribute.
const VALUES: [&str; 4] = ["value", "json", "languageMap", "valueList"];
/// Members of an attribute that hold names.
const NAMES: [&str; 3] = ["vocab", "objectType", "valueType"];

/// Reads an entity of another broker, with the times that it tells (`options=sysAttrs`).
///
/// Errors: as [`parse::entity`].
pub fn read_entity(body: &Value, context: &Context) -> Result<Entity> {
    let mut entity = parse::entity(body, context, InputFormat::Normalized)?;
    entity.created_at = time(body, "createdAt");
    entity.modified_at = time(body, "modifiedAt");
    for (name, value) in body.as_object().into_iter().flatten() {
        let Some(instances) = entity.attributes.get_mut(context.expand(name).as_ref()) else {
            continue;
        };
        let given = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        for instance in instances {
            if let Some(told) = given.iter().find(|g| is_told(g, instance)) {
                instance.created_at = time(told, "createdAt");
                instance.modified_at = time(told, "modifiedAt");
            }
        }
    }
    Ok(entity)
}

fn is_told(given: &Value, instance: &AttributeInstance) -> bool {
    let dataset = given
        .get("datasetId")
        .and_then(Value::as_str)
        .filter(|d| *d != "@none");
    dataset == instance.dataset_id.as_ref().map(crate::Uri::as_str)
}

fn time(value: &Value, name: &str) -> Option<DateTime> {
    value.get(name)?.as_str().and_then(DateTime::parse)
}

/// Expanded names of the attributes of an entity or a fragment.
pub fn names_of(body: &Map<String, Value>, context: &Context) -> BTreeSet<String> {
    body.keys()
        .filter(|name| !ENTITY_MEMBERS.contains(&name.as_str()))
        .map(|name| context.expand(name).into_owned())
        .collect()
}

/// An entity or a fragment without the attributes that are not in the set.
pub fn keep_attributes(
    body: &Map<String, Value>,
    context: &Context,
    set: &AttributeSet,
) -> Map<String, Value> {
    body.iter()
        .filter(|(name, _)| ENTITY_MEMBERS.contains(&name.as_str()) || set.contains(&context.expand(name)))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The same entity, fragment or attribute with the names of another context; values stay as they are.
pub fn translate(body: &Value, from: &Context, to: &Context) -> Value {
    let rename = |name: &str| to.compact(&from.expand(name)).into_owned();
    let renamed = |value: &Value| match value {
        Value::String(name) => Value::String(rename(name)),
        Value::Array(names) => names
            .iter()
            .map(|name| {
                name.as_str()
                    .map_or_else(|| name.clone(), |name| rename(name).into())
            })
            .collect(),
        other => other.clone(),
    };
    match body {
        Value::Array(items) => items.iter().map(|item| translate(item, from, to)).collect(),
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| *name != "@context")
            .map(|(name, value)| match name.as_str() {
                "type" | "@type" => (name.clone(), renamed(value)),
                known if NAMES.contains(&known) => (name.clone(), renamed(value)),
                known if VALUES.contains(&known) || ENTITY_MEMBERS.contains(&known) => {
                    (name.clone(), value.clone())
                }
                _ => (rename(name), translate(value, from, to)),
            })
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

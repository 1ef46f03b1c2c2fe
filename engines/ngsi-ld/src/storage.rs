//! The internal JSON form in which entities are stored: expanded names, short keys, no loss.
//!
//! Entity: `{"i": id, "t": [types], "s": [scopes], "c": created, "m": modified, "x": deleted,
//! "a": {attribute IRI: instance | [instances]}}`. Instance: `{"k": kind letter, "v": value, "u": unitCode,
//! "o": observedAt, "d": datasetId, "y": objectType, "z": valueType, "n": instanceId, "c", "m", "x",
//! "s": {sub-attributes}}`. Times are microseconds since 1970 UTC; absent members are left out.

use crate::datetime::DateTime;
use crate::error::{ErrorKind, NgsiError, Result};
use crate::geometry::Geometry;
use crate::model::{AttributeInstance, AttributeKind, AttributeValue, Attributes, Entity};
use crate::path::Path;
use crate::uri::Uri;
use serde_json::{Map, Value};

/// Writes an entity in the storage form.
pub fn to_storage_json(entity: &Entity) -> Value {
    let mut map = Map::new();
    map.insert("i".into(), entity.id.as_str().into());
    map.insert("t".into(), strings(&entity.types));
    if !entity.scope.is_empty() {
        map.insert("s".into(), strings(&entity.scope));
    }
    times(&mut map, entity.created_at, entity.modified_at, entity.deleted_at);
    map.insert("a".into(), attributes(&entity.attributes));
    Value::Object(map)
}

/// [`to_storage_json`] as text.
pub fn to_storage_string(entity: &Entity) -> String {
    to_storage_json(entity).to_string()
}

/// Writes one attribute instance in the storage form (history, notifications).
pub fn instance_to_storage_json(instance: &AttributeInstance) -> Value {
    let mut map = Map::new();
    map.insert("k".into(), instance.kind().code().into());
    map.insert("v".into(), value(&instance.value));
    let mut text = |key: &str, content: Option<&str>| {
        if let Some(content) = content {
            map.insert(key.into(), content.into());
        }
    };
    text("u", instance.unit_code.as_deref());
    text("d", instance.dataset_id.as_deref());
    text("z", instance.value_type.as_deref());
    text("n", instance.instance_id.as_deref());
    if let Some(at) = instance.observed_at {
        map.insert("o".into(), at.micros().into());
    }
    if !instance.object_type.is_empty() {
        map.insert("y".into(), strings(&instance.object_type));
    }
    times(
        &mut map,
        instance.created_at,
        instance.modified_at,
        instance.deleted_at,
    );
    if !instance.sub_attributes.is_empty() {
        map.insert("s".into(), attributes(&instance.sub_attributes));
    }
    Value::Object(map)
}

fn times(map: &mut Map<String, Value>, c: Option<DateTime>, m: Option<DateTime>, x: Option<DateTime>) {
    for (key, time) in [("c", c), ("m", m), ("x", x)] {
        if let Some(time) = time {
            map.insert(key.into(), time.micros().into());
        }
    }
}

fn strings(items: &[String]) -> Value {
    items.iter().map(String::as_str).collect()
}

fn uris(items: &[Uri]) -> Value {
    items.iter().map(Uri::as_str).collect()
}

fn attributes(all: &Attributes) -> Value {
    let map = all
        .iter()
        .map(|(name, list)| {
            let stored = match list.as_slice() {
                [one] => instance_to_storage_json(one),
                many => many.iter().map(instance_to_storage_json).collect(),
            };
            (name.clone(), stored)
        })
        .collect();
    Value::Object(map)
}

fn value(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Property(v) | AttributeValue::JsonProperty(v) => v.clone(),
        AttributeValue::GeoProperty(g) => g.json().clone(),
        AttributeValue::LanguageProperty(map) => Value::Object(map.clone()),
        AttributeValue::ListProperty(list) => Value::Array(list.clone()),
        AttributeValue::VocabProperty(terms) => strings(terms),
        AttributeValue::Relationship(targets) | AttributeValue::ListRelationship(targets) => uris(targets),
    }
}

/// Reads an entity back from the storage form.
///
/// Errors: `InternalError` with the place, when the stored value is damaged.
pub fn from_storage_json(stored: Value) -> Result<Entity> {
    let root = Path::root();
    let mut map = object(stored, &root)?;
    let id = read_uri(map.get("i"), &root.member("i"))?;
    let types = read_strings(map.get("t"), &root.member("t"))?;
    let mut entity = Entity::new(id, types);
    if let Some(scope) = map.get("s") {
        entity.scope = read_strings(Some(scope), &root.member("s"))?;
    }
    entity.created_at = read_time(&map, "c", &root)?;
    entity.modified_at = read_time(&map, "m", &root)?;
    entity.deleted_at = read_time(&map, "x", &root)?;
    if let Some(all) = map.get_mut("a") {
        entity.attributes = read_attributes(all.take(), &root.member("a"))?;
    }
    Ok(entity)
}

/// [`from_storage_json`] from text.
pub fn from_storage_str(text: &str) -> Result<Entity> {
    let value = serde_json::from_str(text).map_err(|e| damaged(&Path::root(), &e.to_string()))?;
    from_storage_json(value)
}

/// Reads one attribute instance back from the storage form.
pub fn instance_from_storage_json(stored: Value) -> Result<AttributeInstance> {
    read_instance(stored, &Path::root())
}

fn damaged(path: &Path<'_>, why: &str) -> NgsiError {
    NgsiError::at(
        ErrorKind::InternalError,
        path,
        format!("stored entity is damaged: {why}"),
    )
}

fn object(value: Value, path: &Path<'_>) -> Result<Map<String, Value>> {
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(damaged(path, "not an object")),
    }
}

fn read_uri(value: Option<&Value>, path: &Path<'_>) -> Result<Uri> {
    let text = value
        .and_then(Value::as_str)
        .ok_or_else(|| damaged(path, "not a string"))?;
    Uri::parse(text).map_err(|e| damaged(path, &e.detail))
}

fn read_strings(value: Option<&Value>, path: &Path<'_>) -> Result<Vec<String>> {
    let items = value
        .and_then(Value::as_array)
        .ok_or_else(|| damaged(path, "not an array"))?;
    let texts: Option<Vec<String>> = items.iter().map(|v| v.as_str().map(str::to_owned)).collect();
    texts.ok_or_else(|| damaged(path, "not an array of strings"))
}

fn read_time(map: &Map<String, Value>, key: &str, path: &Path<'_>) -> Result<Option<DateTime>> {
    match map.get(key) {
        None => Ok(None),
        Some(v) => {
            let micros = v
                .as_i64()
                .ok_or_else(|| damaged(&path.member(key), "not a time"))?;
            Ok(Some(DateTime::from_micros(micros)))
        }
    }
}

fn read_attributes(value: Value, path: &Path<'_>) -> Result<Attributes> {
    let mut all = Attributes::new();
    for (name, stored) in object(value, path)? {
        let here = path.member(&name);
        let list = match stored {
            Value::Array(items) => {
                let read = items
                    .into_iter()
                    .enumerate()
                    .map(|(i, v)| read_instance(v, &here.index(i)));
                read.collect::<Result<Vec<_>>>()?
            }
            one => vec![read_instance(one, &here)?],
        };
        all.insert(name, list);
    }
    Ok(all)
}

fn read_instance(stored: Value, path: &Path<'_>) -> Result<AttributeInstance> {
    let mut map = object(stored, path)?;
    let kind = map
        .get("k")
        .and_then(Value::as_str)
        .and_then(AttributeKind::from_code)
        .ok_or_else(|| damaged(&path.member("k"), "unknown kind"))?;
    let raw = map
        .get_mut("v")
        .map(Value::take)
        .ok_or_else(|| damaged(path, "no value"))?;
    let mut instance = AttributeInstance::new(read_value(kind, raw, &path.member("v"))?);
    let text = |key: &str| match map.get(key) {
        None => Ok(None),
        Some(Value::String(s)) => Ok(Some(s.clone())),
        Some(_) => Err(damaged(&path.member(key), "not a string")),
    };
    instance.unit_code = text("u")?;
    instance.value_type = text("z")?;
    if let Some(d) = map.get("d") {
        instance.dataset_id = Some(read_uri(Some(d), &path.member("d"))?);
    }
    if let Some(n) = map.get("n") {
        instance.instance_id = Some(read_uri(Some(n), &path.member("n"))?);
    }
    if let Some(y) = map.get("y") {
        instance.object_type = read_strings(Some(y), &path.member("y"))?;
    }
    instance.observed_at = read_time(&map, "o", path)?;
    instance.created_at = read_time(&map, "c", path)?;
    instance.modified_at = read_time(&map, "m", path)?;
    instance.deleted_at = read_time(&map, "x", path)?;
    if let Some(subs) = map.get_mut("s") {
        instance.sub_attributes = read_attributes(subs.take(), &path.member("s"))?;
    }
    Ok(instance)
}

fn read_value(kind: AttributeKind, raw: Value, path: &Path<'_>) -> Result<AttributeValue> {
    let targets = |raw: &Value| -> Result<Vec<Uri>> {
        let items = raw.as_array().ok_or_else(|| damaged(path, "not an array"))?;
        items
            .iter()
            .enumerate()
            .map(|(i, v)| read_uri(Some(v), &path.index(i)))
            .collect()
    };
    Ok(match kind {
        AttributeKind::Property => AttributeValue::Property(raw),
        AttributeKind::JsonProperty => AttributeValue::JsonProperty(raw),
        AttributeKind::GeoProperty => AttributeValue::GeoProperty(Geometry::from_trusted(raw)),
        AttributeKind::LanguageProperty => AttributeValue::LanguageProperty(object(raw, path)?),
        AttributeKind::VocabProperty => AttributeValue::VocabProperty(read_strings(Some(&raw), path)?),
        AttributeKind::ListProperty => match raw {
            Value::Array(items) => AttributeValue::ListProperty(items),
            _ => return Err(damaged(path, "not an array")),
        },
        AttributeKind::Relationship => AttributeValue::Relationship(targets(&raw)?),
        AttributeKind::ListRelationship => AttributeValue::ListRelationship(targets(&raw)?),
    })
}

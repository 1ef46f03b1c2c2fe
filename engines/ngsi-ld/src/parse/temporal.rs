//! Bodies of the temporal operations (clauses 5.6.11, 5.6.12): attributes with several instances each.

use super::{InputFormat, Purpose, Reader, SYSTEM_MEMBERS, attribute, names};
use crate::context::Context;
use crate::error::{ErrorKind, NgsiError, Result};
use crate::model::{AttributeFragment, AttributeInstance, AttributeKind, Attributes, Entity};
use crate::path::Path;
use crate::temporal::scope_instance;
use crate::uri::Uri;
use serde_json::Value;

/// Most attribute instances in one body.
pub const MAX_INSTANCES: usize = 50_000;

/// Instances to add to the evolution of an entity.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TemporalFragment {
    /// `id`, where the body has it.
    pub id: Option<Uri>,
    /// Expanded types.
    pub types: Vec<String>,
    /// Scopes: one instance for each state, in the order given.
    pub scope: Vec<AttributeInstance>,
    /// Instances by expanded name, in the order given.
    pub attributes: Attributes,
}

/// Reads a temporal entity: id and type are there.
///
/// Errors: `BadRequestData` (or `InvalidRequest` when the body is not an object) with the place of the fault.
pub fn temporal_entity(body: &Value, context: &Context) -> Result<(Entity, TemporalFragment)> {
    let fragment = temporal_fragment(body, context)?;
    let root = Path::root();
    let id = fragment
        .id
        .clone()
        .ok_or_else(|| NgsiError::bad(&root.member("id"), "the entity has no id"))?;
    if fragment.types.is_empty() {
        return Err(NgsiError::bad(&root.member("type"), "the entity has no type"));
    }
    Ok((Entity::new(id, fragment.types.clone()), fragment))
}

/// Reads attribute instances to add.
///
/// Errors: as [`temporal_entity`], and `BadRequestData` beyond [`MAX_INSTANCES`].
pub fn temporal_fragment(body: &Value, context: &Context) -> Result<TemporalFragment> {
    let reader = Reader {
        context,
        format: InputFormat::Normalized,
        purpose: Purpose::Complete,
    };
    let root = Path::root();
    let map = body
        .as_object()
        .ok_or_else(|| NgsiError::at(ErrorKind::InvalidRequest, &root, "an entity is a JSON object"))?;
    let mut fragment = TemporalFragment::default();
    let mut left = MAX_INSTANCES;
    for (name, value) in map {
        let here = root.member(name);
        match name.as_str() {
            "@context" => {}
            "id" | "@id" => {
                let text = value
                    .as_str()
                    .ok_or_else(|| NgsiError::bad(&here, "id must be a string"))?;
                fragment.id = Some(Uri::parse_at(text, &here)?);
            }
            "type" | "@type" => fragment.types = reader.terms(value, &here)?,
            "scope" => fragment.scope = scopes(&reader, value, &here)?,
            system if SYSTEM_MEMBERS.contains(&system) => {}
            _ => {
                let expanded = names::expand_name(name, context, &here)?;
                let list = instances(&reader, value, &here)?;
                left = left.checked_sub(list.len()).ok_or_else(|| {
                    NgsiError::bad(&here, format!("more than {MAX_INSTANCES} attribute instances"))
                })?;
                if fragment.attributes.insert(expanded, list).is_some() {
                    return Err(NgsiError::bad(
                        &here,
                        "the same attribute is given under two names",
                    ));
                }
            }
        }
    }
    Ok(fragment)
}

fn instances(reader: &Reader<'_>, value: &Value, path: &Path<'_>) -> Result<Vec<AttributeInstance>> {
    let complete = |fragment: AttributeFragment, path: &Path<'_>| {
        fragment
            .into_instance()
            .ok_or_else(|| NgsiError::bad(path, "the attribute has no value"))
    };
    match value {
        Value::Array(items) if items.is_empty() => Err(NgsiError::bad(path, "there is no instance")),
        Value::Array(items) if attribute::is_instance_array(items) => items
            .iter()
            .enumerate()
            .map(|(i, item)| {
                let here = path.index(i);
                complete(reader.attribute(item, &here, 0)?, &here)
            })
            .collect(),
        single => Ok(vec![complete(reader.attribute(single, path, 0)?, path)?]),
    }
}

/// Scopes are written plainly, or as the instances of a Property (clause 4.18).
fn scopes(reader: &Reader<'_>, value: &Value, path: &Path<'_>) -> Result<Vec<AttributeInstance>> {
    let plain = |value: &Value, path: &Path<'_>| {
        let list = reader.scope(value, path)?.into_set().unwrap_or_default();
        Ok(scope_instance(&list))
    };
    match value {
        Value::Array(items) if attribute::is_instance_array(items) => items
            .iter()
            .enumerate()
            .map(|(i, item)| {
                let here = path.index(i);
                let read = reader.attribute(item, &here, 0)?;
                if read.kind.is_some_and(|kind| kind != AttributeKind::Property) {
                    return Err(NgsiError::bad(
                        &here,
                        "the evolution of a scope is that of a Property",
                    ));
                }
                let mut instance = plain(&item["value"], &here.member("value"))?;
                instance.observed_at = read.observed_at.into_set();
                Ok(instance)
            })
            .collect(),
        plainly => Ok(vec![plain(plainly, path)?]),
    }
}

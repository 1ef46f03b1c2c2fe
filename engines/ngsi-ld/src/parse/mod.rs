//! From JSON bodies to entities and fragments: normalised, concise and simplified forms
//! (clauses 4.5.0 to 4.5.25). The `@context` must already be resolved; a member `@context` is passed over.

mod attribute;
mod names;
pub(crate) mod temporal;
mod value;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use names::{check_name, is_keyword_alias};

use crate::context::Context;
use crate::error::{ErrorKind, NgsiError, Result};
use crate::model::{AttributeFragment, Entity, EntityFragment, FragmentValue, Patch};
use crate::path::Path;
use crate::uri::Uri;
use crate::{NGSI_LD_NULL, query};
use serde_json::{Map, Value};

/// Deepest nesting of sub-attributes.
pub const MAX_ATTRIBUTE_DEPTH: usize = 8;

/// How the body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InputFormat {
    /// Normalised or concise, told apart attribute by attribute.
    #[default]
    Normalized,
    /// Simplified (`keyValues`): bare values.
    Simplified,
}

/// What the body is for, which decides what may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Create, append, replace: every attribute complete, no NGSI-LD Null.
    Complete,
    /// Update attributes (5.6.2): complete attributes, or NGSI-LD Null to remove one.
    Update,
    /// Merge patch and partial update (5.6.17, 5.6.4): anything may be left out or null.
    Merge,
}

#[derive(Clone, Copy)]
pub(crate) struct Reader<'c> {
    pub context: &'c Context,
    pub format: InputFormat,
    pub purpose: Purpose,
}

/// Reads a whole entity.
///
/// Errors: `BadRequestData` (or `InvalidRequest` when the body is not an object) with the place of the fault.
pub fn entity(body: &Value, context: &Context, format: InputFormat) -> Result<Entity> {
    entity_at(body, context, format, &Path::root())
}

/// Like [`entity`], for an entity standing at `path` of a larger body (batch operations).
pub fn entity_at(body: &Value, context: &Context, format: InputFormat, path: &Path<'_>) -> Result<Entity> {
    let reader = Reader {
        context,
        format,
        purpose: Purpose::Complete,
    };
    let fragment = reader.entity(body, path)?;
    let id = fragment
        .id
        .ok_or_else(|| NgsiError::bad(&path.member("id"), "the entity has no id"))?;
    if fragment.types.is_empty() {
        return Err(NgsiError::bad(&path.member("type"), "the entity has no type"));
    }
    let mut entity = Entity::new(id, fragment.types);
    entity.scope = fragment.scope.into_set().unwrap_or_default();
    entity.attributes = crate::model::into_attributes(fragment.attributes);
    Ok(entity)
}

/// Reads a fragment of an entity (append, update, merge).
pub fn entity_fragment(
    body: &Value,
    context: &Context,
    format: InputFormat,
    purpose: Purpose,
) -> Result<EntityFragment> {
    Reader {
        context,
        format,
        purpose,
    }
    .entity(body, &Path::root())
}

/// Like [`entity_fragment`], for a fragment standing at `path` of a larger body.
pub fn entity_fragment_at(
    body: &Value,
    context: &Context,
    format: InputFormat,
    purpose: Purpose,
    path: &Path<'_>,
) -> Result<EntityFragment> {
    Reader {
        context,
        format,
        purpose,
    }
    .entity(body, path)
}

/// Reads the body of an operation on one attribute (partial update, replace).
///
/// With [`InputFormat::Simplified`] the body is the bare value.
pub fn attribute_fragment(
    body: &Value,
    context: &Context,
    format: InputFormat,
    purpose: Purpose,
) -> Result<AttributeFragment> {
    let reader = Reader {
        context,
        format,
        purpose,
    };
    let path = Path::root();
    if format == InputFormat::Simplified {
        return reader.simplified(body, &path);
    }
    match body {
        Value::Object(map) => reader.attribute_object(map, &path, 0, true),
        Value::String(s) if s == NGSI_LD_NULL => reader.attribute(body, &path, 0),
        _ => Err(NgsiError::bad(&path, "an attribute fragment is a JSON object")),
    }
}

/// Entity members that the broker sets itself; in a request they are passed over.
const SYSTEM_MEMBERS: [&str; 3] = ["createdAt", "modifiedAt", "deletedAt"];

impl Reader<'_> {
    fn entity(&self, body: &Value, path: &Path<'_>) -> Result<EntityFragment> {
        let map = body
            .as_object()
            .ok_or_else(|| NgsiError::at(ErrorKind::InvalidRequest, path, "an entity is a JSON object"))?;
        let mut fragment = EntityFragment::default();
        for (name, value) in map {
            let here = path.member(name);
            match name.as_str() {
                "@context" => {}
                "id" | "@id" => {
                    let text = value
                        .as_str()
                        .ok_or_else(|| NgsiError::bad(&here, "id must be a string"))?;
                    fragment.id = Some(Uri::parse_at(text, &here)?);
                }
                "type" | "@type" => fragment.types = self.terms(value, &here)?,
                "scope" => fragment.scope = self.scope(value, &here)?,
                system if SYSTEM_MEMBERS.contains(&system) => {}
                _ => {
                    let expanded = names::expand_name(name, self.context, &here)?;
                    let list = self.attribute_list(value, &here, 0)?;
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

    /// One name or a non-empty array of names, expanded, without repetitions.
    pub(crate) fn terms(&self, value: &Value, path: &Path<'_>) -> Result<Vec<String>> {
        let expand = |item: &Value, path: &Path<'_>| {
            let name = item
                .as_str()
                .ok_or_else(|| NgsiError::bad(path, "must be a string"))?;
            names::expand_name(name, self.context, path)
        };
        let mut out: Vec<String> = Vec::new();
        match value {
            Value::Array(items) if !items.is_empty() => {
                for (i, item) in items.iter().enumerate() {
                    let iri = expand(item, &path.index(i))?;
                    if !out.contains(&iri) {
                        out.push(iri);
                    }
                }
            }
            single => out.push(expand(single, path)?),
        }
        Ok(out)
    }

    fn scope(&self, value: &Value, path: &Path<'_>) -> Result<Patch<Vec<String>>> {
        if value.as_str() == Some(NGSI_LD_NULL) && self.purpose != Purpose::Complete {
            return Ok(Patch::Remove);
        }
        let one = |item: &Value, path: &Path<'_>| {
            item.as_str()
                .and_then(query::scope::normalize_scope)
                .ok_or_else(|| NgsiError::bad(path, "a scope is a path such as /Nord/Centro"))
        };
        let mut out: Vec<String> = Vec::new();
        match value {
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    let scope = one(item, &path.index(i))?;
                    if !out.contains(&scope) {
                        out.push(scope);
                    }
                }
            }
            single => out.push(one(single, path)?),
        }
        Ok(Patch::Set(out))
    }

    fn attribute_list(&self, value: &Value, path: &Path<'_>, depth: usize) -> Result<Vec<AttributeFragment>> {
        if self.format == InputFormat::Simplified {
            return self.simplified_list(value, path);
        }
        let Value::Array(items) = value else {
            return Ok(vec![self.attribute(value, path, depth)?]);
        };
        if !attribute::is_instance_array(items) {
            return Ok(vec![self.attribute(value, path, depth)?]);
        }
        let mut list: Vec<AttributeFragment> = Vec::with_capacity(items.len());
        for (i, item) in items.iter().enumerate() {
            let here = path.index(i);
            let next = self.attribute(item, &here, depth)?;
            if list.iter().any(|other| other.dataset_id == next.dataset_id) {
                return Err(NgsiError::bad(&here, "two instances have the same datasetId"));
            }
            list.push(next);
        }
        Ok(list)
    }

    /// Simplified attribute, which may be a `dataset` map of several instances (clause 4.5.5).
    fn simplified_list(&self, value: &Value, path: &Path<'_>) -> Result<Vec<AttributeFragment>> {
        let Some(datasets) = single_member(value, "dataset").and_then(Value::as_object) else {
            return Ok(vec![self.simplified(value, path)?]);
        };
        let path = path.member("dataset");
        let mut list = Vec::with_capacity(datasets.len());
        for (key, item) in datasets {
            let here = path.member(key);
            let mut fragment = self.simplified(item, &here)?;
            fragment.dataset_id = if key == "@none" {
                None
            } else {
                Some(Uri::parse_at(key, &here)?)
            };
            list.push(fragment);
        }
        Ok(list)
    }

    pub(crate) fn simplified(&self, value: &Value, path: &Path<'_>) -> Result<AttributeFragment> {
        match value {
            Value::Null => Err(NgsiError::bad(
                path,
                "null is not allowed; use urn:ngsi-ld:null in a patch",
            )),
            Value::String(s) if s == NGSI_LD_NULL => {
                self.null_allowed(path)?;
                Ok(AttributeFragment::new(FragmentValue::Null))
            }
            Value::Object(map) => {
                if let Some(kind) = attribute::wrapped_kind(map) {
                    let here = path.member(kind.value_member());
                    let value = self.value(kind, &map[kind.value_member()], &here)?;
                    return Ok(AttributeFragment {
                        kind: Some(kind),
                        ..AttributeFragment::new(value)
                    });
                }
                if crate::Geometry::looks_like(map) {
                    crate::Geometry::from_json(value, path)?;
                }
                Ok(AttributeFragment::new(FragmentValue::Raw(value.clone())))
            }
            other => Ok(AttributeFragment::new(FragmentValue::Raw(other.clone()))),
        }
    }

    pub(crate) fn null_allowed(&self, path: &Path<'_>) -> Result<()> {
        if self.purpose == Purpose::Complete {
            return Err(NgsiError::bad(path, "urn:ngsi-ld:null is only meant for updates"));
        }
        Ok(())
    }
}

fn single_member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let map: &Map<String, Value> = value.as_object()?;
    if map.len() == 1 { map.get(name) } else { None }
}

//! From entities to JSON: normalised, concise, simplified and GeoJSON representations
//! (clauses 4.5.1 to 4.5.17), names compacted with the user's `@context`.

mod attribute;
mod geojson;
mod language;
mod linked;
mod projection;

#[cfg(test)]
mod tests;

pub use self::geojson::{feature, feature_collection};
pub use language::LanguagePreference;
pub use linked::{Inline, targets};
pub use projection::Projection;

use crate::context::Context;
use crate::model::{AttributeInstance, Entity};
use crate::uri::Uri;
use serde_json::{Map, Value};

/// How attributes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Clause 4.5.2 and following.
    #[default]
    Normalized,
    /// Clause 4.5.1: what can be inferred is left out.
    Concise,
    /// Clause 4.5.4 (`keyValues`): bare values.
    Simplified,
}

/// Options of a representation.
#[derive(Debug, Clone, Default)]
pub struct Representation {
    /// How attributes are written.
    pub format: Format,
    /// `options=sysAttrs`: with creation, modification and deletion times.
    pub sys_attrs: bool,
    /// `instanceId` of attributes (temporal representation).
    pub instance_ids: bool,
    /// `lang`: language maps become texts in the best language.
    pub lang: Option<LanguagePreference>,
    /// `attrs`: only these attributes (expanded).
    pub attrs: Option<Vec<String>>,
    /// `pick`: only these members.
    pub pick: Option<Projection>,
    /// `omit`: all but these members.
    pub omit: Option<Projection>,
    /// `datasetId`: only these instances; `None` inside stands for the default instance (`@none`).
    pub dataset_ids: Option<Vec<Option<Uri>>>,
    /// `join=inline`: linked entities to write inside relationships.
    pub inline: Option<Inline>,
}

impl Representation {
    /// A representation in `format` with nothing else asked for.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            ..Self::default()
        }
    }

    /// Whether a member such as `id` or `scope` is shown.
    pub fn wants_member(&self, name: &str) -> bool {
        self.keeps_member(name)
    }

    /// Whether an attribute (expanded name) is shown.
    pub fn wants_attribute(&self, name: &str) -> bool {
        self.keeps_attribute(name)
    }

    /// Whether instances with this datasetId are shown.
    pub fn wants_dataset(&self, dataset_id: Option<&Uri>) -> bool {
        self.dataset_ids
            .as_ref()
            .is_none_or(|ids| ids.iter().any(|id| id.as_ref() == dataset_id))
    }

    pub(crate) fn keeps_member(&self, name: &str) -> bool {
        self.pick.as_ref().is_none_or(|p| p.has_member(name))
            && !self.omit.as_ref().is_some_and(|p| p.has_member(name))
    }

    pub(crate) fn keeps_attribute(&self, name: &str) -> bool {
        self.attrs.as_ref().is_none_or(|a| a.iter().any(|n| n == name))
            && self.pick.as_ref().is_none_or(|p| p.has_attribute(name))
            && !self.omit.as_ref().is_some_and(|p| p.omits_attribute(name))
    }

    /// Whether an entity has one of the attributes that `attrs` names, or none is named (clause 5.7.1.4).
    pub fn shows_some_attribute(&self, entity: &Entity) -> bool {
        self.attrs
            .as_ref()
            .is_none_or(|names| names.iter().any(|name| entity.attributes.contains_key(name)))
    }

    pub(crate) fn keeps_instance(&self, instance: &AttributeInstance) -> bool {
        self.dataset_ids
            .as_ref()
            .is_none_or(|ids| ids.contains(&instance.dataset_id))
    }
}

/// An entity as JSON, without `@context`.
pub fn entity(entity: &Entity, context: &Context, options: &Representation) -> Value {
    let mut map = Map::new();
    if options.keeps_member("id") {
        map.insert("id".into(), entity.id.as_str().into());
    }
    body(entity, context, options, &mut map);
    Value::Object(map)
}

/// An entity as JSON-LD: the same with the `@context` member.
pub fn entity_ld(item: &Entity, context: &Context, options: &Representation) -> Value {
    with_context(entity(item, context, options), context)
}

/// Several entities as a JSON array; in JSON-LD each carries its `@context` (clause 6.3.5).
pub fn entities<'e>(
    items: impl IntoIterator<Item = &'e Entity>,
    context: &Context,
    options: &Representation,
    json_ld: bool,
) -> Value {
    let one = if json_ld { entity_ld } else { entity };
    items.into_iter().map(|e| one(e, context, options)).collect()
}

/// Adds the `@context` member to an object.
pub fn with_context(mut value: Value, context: &Context) -> Value {
    if let Value::Object(map) = &mut value {
        map.insert("@context".into(), context.to_json());
    }
    value
}

/// One attribute alone, as under `/entities/{id}/attrs/{attr}` and in notifications of changes. `Null` when no
/// instance is left to show.
pub fn attribute(instances: &[AttributeInstance], context: &Context, options: &Representation) -> Value {
    attribute::instances(instances, context, options).unwrap_or_default()
}

/// One attribute instance alone, as one among others: never a bare array or object that could be misread.
pub fn instance(given: &AttributeInstance, context: &Context, options: &Representation) -> Value {
    attribute::instance(given, context, options, true)
}

/// Everything of an entity but its id.
fn body(entity: &Entity, context: &Context, options: &Representation, map: &mut Map<String, Value>) {
    if options.keeps_member("type") {
        map.insert("type".into(), terms(&entity.types, context));
    }
    if !entity.scope.is_empty() && options.keeps_member("scope") {
        map.insert(
            "scope".into(),
            one_or_many(entity.scope.iter().map(|s| s.as_str().into()).collect()),
        );
    }
    if options.sys_attrs {
        let times = [
            ("createdAt", entity.created_at),
            ("modifiedAt", entity.modified_at),
            ("deletedAt", entity.deleted_at),
        ];
        for (name, time) in times {
            if let Some(time) = time.filter(|_| options.keeps_member(name)) {
                map.insert(name.into(), time.to_string().into());
            }
        }
    }
    attributes(entity, context, options, map);
}

fn attributes(entity: &Entity, context: &Context, options: &Representation, map: &mut Map<String, Value>) {
    for (name, list) in &entity.attributes {
        if !options.keeps_attribute(name) {
            continue;
        }
        let own = options.for_relationship(entity, name);
        if let Some(value) = attribute::instances(list, context, own.as_ref().unwrap_or(options)) {
            map.insert(context.compact(name).into_owned(), value);
        }
    }
}

/// Compacted terms: a string when there is one, an array otherwise.
fn terms(iris: &[String], context: &Context) -> Value {
    one_or_many(
        iris.iter()
            .map(|iri| Value::String(context.compact(iri).into_owned()))
            .collect(),
    )
}

fn one_or_many(mut values: Vec<Value>) -> Value {
    if values.len() == 1 {
        values.swap_remove(0)
    } else {
        Value::Array(values)
    }
}

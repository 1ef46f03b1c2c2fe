//! From entities to JSON: normalised, concise, simplified and GeoJSON representations
//! (clauses 4.5.1 to 4.5.17), names compacted with the user's `@context`.

mod attribute;
mod geojson;
mod language;
mod linked;
mod projection;
mod view;

#[cfg(test)]
mod tests;

pub use geojson::{FeatureCollection, FeatureView};
pub use language::LanguagePreference;
pub use linked::{Inline, targets};
pub use projection::Projection;
pub use view::EntityView;

use crate::context::Context;
use crate::model::{AttributeInstance, Entity};
use crate::uri::Uri;
use serde::ser::{Serialize, Serializer};
use serde_json::Value;

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

    /// Whether an instance is left to show.
    pub(crate) fn keeps_some(&self, instances: &[AttributeInstance]) -> bool {
        instances.iter().any(|i| self.keeps_instance(i))
    }
}

/// An entity as JSON, without `@context`. Where it goes out as text, [`EntityView`] spares the tree of values.
pub fn entity(entity: &Entity, context: &Context, options: &Representation) -> Value {
    value_of(&EntityView::new(entity, context, options))
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
    if !options.keeps_some(instances) {
        return Value::Null;
    }
    value_of(&attribute::Instances {
        list: instances,
        context,
        options,
    })
}

/// One attribute instance alone, as one among others: never a bare array or object that could be misread.
pub fn instance(given: &AttributeInstance, context: &Context, options: &Representation) -> Value {
    value_of(&attribute::Instance {
        given,
        context,
        options,
        among_others: true,
    })
}

/// Nothing of the model can fail to be written: keys are texts and numbers are finite.
fn value_of(view: &impl Serialize) -> Value {
    serde_json::to_value(view).unwrap_or_default()
}

/// Compacted terms: a text when there is one, an array otherwise.
struct Terms<'a>(&'a [String], &'a Context);

impl Serialize for Terms<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let Self(iris, context) = self;
        match iris {
            [one] => context.compact(one).serialize(serializer),
            many => serializer.collect_seq(many.iter().map(|iri| context.compact(iri))),
        }
    }
}

/// The one element, or an array.
struct OneOrMany<'a, T>(&'a [T]);

impl<T: Serialize> Serialize for OneOrMany<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self.0 {
            [one] => one.serialize(serializer),
            many => serializer.collect_seq(many),
        }
    }
}

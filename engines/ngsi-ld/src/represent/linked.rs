//! Linked entity retrieval (clause 4.5.23): which entities relationships lead to, and writing them inside.

use super::{EntityView, Representation};
use crate::context::Context;
use crate::model::{AttributeValue, Entity};
use crate::uri::Uri;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::collections::HashMap;
use std::sync::Arc;

/// Entities to write inside the relationships that lead to them.
#[derive(Debug, Clone)]
pub struct Inline {
    entities: Arc<HashMap<String, Entity>>,
    /// How many relationships are still followed.
    level: u32,
    /// Entities on the way here: none is written within itself.
    above: Vec<String>,
    /// While a relationship is written: how its targets are.
    targets: Option<Box<Representation>>,
}

impl Inline {
    /// `contained_by` are entities that the caller has already and does not want again.
    pub fn new(entities: Arc<HashMap<String, Entity>>, level: u32, contained_by: Vec<String>) -> Self {
        Self {
            entities,
            level,
            above: contained_by,
            targets: None,
        }
    }

    /// Whether a relationship is being written whose targets go inside.
    pub(super) fn is_open(&self) -> bool {
        self.targets.is_some()
    }

    /// The entity behind a target; `None` when it is not at hand or contains the relationship.
    fn one<'a>(&'a self, target: &Uri, context: &'a Context) -> Option<EntityView<'a>> {
        let representation = self.targets.as_deref()?;
        if self.above.iter().any(|id| id == target.as_str()) {
            return None;
        }
        let entity = self.entities.get(target.as_str())?;
        Some(EntityView::new(entity, context, representation))
    }

    /// The simplified value: entities in the place of their identifiers.
    pub(super) fn simplified<'a>(&'a self, uris: &'a [Uri], context: &'a Context) -> Vec<Target<'a>> {
        uris.iter()
            .map(|uri| self.one(uri, context).map_or(Target::Named(uri), Target::Whole))
            .collect()
    }

    /// The members `entity` or `entityList` beside the identifiers.
    pub(super) fn add<M: SerializeMap>(
        &self,
        uris: &[Uri],
        list: bool,
        context: &Context,
        map: &mut M,
    ) -> Result<(), M::Error> {
        let found: Vec<EntityView<'_>> = uris.iter().filter_map(|uri| self.one(uri, context)).collect();
        match (found.as_slice(), uris) {
            ([], _) => Ok(()),
            ([one], [_]) if !list => map.serialize_entry("entity", one),
            _ => map.serialize_entry("entityList", &found),
        }
    }
}

/// What stands for the target of a relationship.
pub(super) enum Target<'a> {
    Named(&'a Uri),
    Whole(EntityView<'a>),
}

impl Serialize for Target<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Named(uri) => serializer.serialize_str(uri.as_str()),
            Self::Whole(entity) => entity.serialize(serializer),
        }
    }
}

/// Where the relationships lead that a representation shows: attribute and target, in order.
pub fn targets<'e>(entity: &'e Entity, options: &Representation) -> Vec<(&'e str, &'e Uri)> {
    let mut out = Vec::new();
    for (name, list) in &entity.attributes {
        if !options.keeps_attribute(name) {
            continue;
        }
        for instance in list.iter().filter(|i| options.keeps_instance(i)) {
            if let AttributeValue::Relationship(uris) | AttributeValue::ListRelationship(uris) =
                &instance.value
            {
                out.extend(uris.iter().map(|uri| (name.as_str(), uri)));
            }
        }
    }
    out
}

impl Representation {
    /// How entities are shown that a relationship leads to: what `pick` and `omit` say about them in braces,
    /// and everything else alike.
    pub fn of_linked(&self, attribute: &str) -> Self {
        let inner = |projection: &Option<super::Projection>| {
            projection.as_ref().and_then(|p| p.linked(attribute)).cloned()
        };
        Self {
            attrs: None,
            pick: inner(&self.pick),
            omit: inner(&self.omit),
            inline: None,
            ..self.clone()
        }
    }

    /// These options for one attribute of an entity, ready to write its targets inside. `None` when nothing is
    /// to be written inside.
    pub(super) fn for_relationship(&self, entity: &Entity, attribute: &str) -> Option<Self> {
        let inline = self.inline.as_ref().filter(|inline| inline.level > 0)?;
        let mut here = inline.clone();
        here.above.push(entity.id.as_str().to_owned());
        let mut below = here.clone();
        below.level -= 1;
        here.targets = Some(Box::new(Self {
            inline: Some(below),
            ..self.of_linked(attribute)
        }));
        Some(Self {
            inline: Some(here),
            ..self.clone()
        })
    }
}

//! Entities as they are written: views that serialise themselves straight from the model. Most answers go out as
//! text, and a tree of values in between would cost more than reading the entity.

use super::attribute::Instances;
use super::{OneOrMany, Representation, Terms};
use crate::context::Context;
use crate::model::Entity;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// An entity in a representation.
#[derive(Debug, Clone, Copy)]
pub struct EntityView<'e> {
    pub(super) entity: &'e Entity,
    context: &'e Context,
    options: &'e Representation,
    pub(super) ld: Option<&'e Value>,
}

impl<'e> EntityView<'e> {
    /// Without the `@context` member.
    pub fn new(entity: &'e Entity, context: &'e Context, options: &'e Representation) -> Self {
        Self {
            entity,
            context,
            options,
            ld: None,
        }
    }

    /// With an `@context` member (JSON-LD, clause 6.3.5), as [`Context::to_json`] gives it.
    #[must_use]
    pub fn with_context(self, context: &'e Value) -> Self {
        Self {
            ld: Some(context),
            ..self
        }
    }

    /// Whether the options leave nothing of the entity.
    pub fn is_empty(&self) -> bool {
        let options = self.options;
        let times = [
            ("createdAt", self.entity.created_at),
            ("modifiedAt", self.entity.modified_at),
            ("deletedAt", self.entity.deleted_at),
        ];
        let shows_time = || {
            options.sys_attrs
                && times
                    .iter()
                    .any(|(name, at)| at.is_some() && options.keeps_member(name))
        };
        !(options.keeps_member("id")
            || options.keeps_member("type")
            || (!self.entity.scope.is_empty() && options.keeps_member("scope"))
            || shows_time()
            || self
                .entity
                .attributes
                .iter()
                .any(|(name, list)| options.keeps_attribute(name) && options.keeps_some(list)))
    }

    /// Everything of the entity but its id.
    pub(super) fn body<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let Self {
            entity,
            context,
            options,
            ..
        } = self;
        if options.keeps_member("type") {
            map.serialize_entry("type", &Terms(&entity.types, context))?;
        }
        if !entity.scope.is_empty() && options.keeps_member("scope") {
            map.serialize_entry("scope", &OneOrMany(&entity.scope))?;
        }
        if options.sys_attrs {
            let times = [
                ("createdAt", entity.created_at),
                ("modifiedAt", entity.modified_at),
                ("deletedAt", entity.deleted_at),
            ];
            for (name, time) in times {
                if let Some(time) = time.filter(|_| options.keeps_member(name)) {
                    map.serialize_entry(name, &time.to_string())?;
                }
            }
        }
        for (name, list) in &entity.attributes {
            if !options.keeps_attribute(name) || !options.keeps_some(list) {
                continue;
            }
            let own = options.for_relationship(entity, name);
            let view = Instances {
                list,
                context,
                options: own.as_ref().unwrap_or(options),
            };
            map.serialize_entry(&*context.compact(name), &view)?;
        }
        Ok(())
    }
}

impl Serialize for EntityView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.options.keeps_member("id") {
            map.serialize_entry("id", self.entity.id.as_str())?;
        }
        self.body(&mut map)?;
        if let Some(context) = self.ld {
            map.serialize_entry("@context", context)?;
        }
        map.end()
    }
}

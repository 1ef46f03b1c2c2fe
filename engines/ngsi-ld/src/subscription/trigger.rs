//! What happened to an entity, and whether a subscription waits for it (clause 5.8.6).

use super::{EntitySelector, Subscription};
use crate::error::{NgsiError, Result};
use crate::model::Entity;
use crate::path::Path;
use crate::query::LinkedEntities;
use crate::update::{Change, ChangeKind};
use crate::uri::shorten;
use serde_json::Value;

/// A set of triggers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Triggers(u8);

const NAMES: [(&str, Triggers); 6] = [
    ("entityCreated", Triggers::ENTITY_CREATED),
    ("entityUpdated", Triggers::ENTITY_UPDATED),
    ("entityDeleted", Triggers::ENTITY_DELETED),
    ("attributeCreated", Triggers::ATTRIBUTE_CREATED),
    ("attributeUpdated", Triggers::ATTRIBUTE_UPDATED),
    ("attributeDeleted", Triggers::ATTRIBUTE_DELETED),
];

impl Triggers {
    /// An entity is new.
    pub const ENTITY_CREATED: Self = Self(1);
    /// Anything of an entity changed.
    pub const ENTITY_UPDATED: Self = Self(2);
    /// An entity is gone.
    pub const ENTITY_DELETED: Self = Self(4);
    /// A watched attribute is new.
    pub const ATTRIBUTE_CREATED: Self = Self(8);
    /// A watched attribute changed.
    pub const ATTRIBUTE_UPDATED: Self = Self(16);
    /// A watched attribute is gone.
    pub const ATTRIBUTE_DELETED: Self = Self(32);
    /// What a subscription waits for when it does not say (clause 5.2.12).
    pub const DEFAULT: Self = Self(8 | 16);

    /// Whether one of `other` is in this set.
    pub const fn any_of(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Names of the default set, for representations.
    pub(super) fn default_names() -> Value {
        Value::Array(vec!["attributeCreated".into(), "attributeUpdated".into()])
    }

    /// Reads `notificationTrigger`.
    pub(super) fn parse(value: &Value, path: &Path<'_>) -> Result<Self> {
        let list = value
            .as_array()
            .filter(|list| !list.is_empty() && list.len() <= NAMES.len())
            .ok_or_else(|| NgsiError::bad(path, "a list of one to six triggers is expected"))?;
        let mut set = Self(0);
        for (i, item) in list.iter().enumerate() {
            let name = item.as_str().unwrap_or_default();
            let known = NAMES.iter().find(|(known, _)| *known == name).ok_or_else(|| {
                NgsiError::bad(&path.index(i), format!("`{}` is not a trigger", shorten(name)))
            })?;
            set.0 |= known.1.0;
        }
        Ok(set)
    }

    const fn of(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::Created => Self::ATTRIBUTE_CREATED,
            ChangeKind::Updated => Self::ATTRIBUTE_UPDATED,
            ChangeKind::Deleted => Self::ATTRIBUTE_DELETED,
        }
    }
}

/// What happened to one entity in one operation.
#[derive(Debug, Clone, Copy)]
pub struct Occurrence<'a> {
    /// As it was; `None` when it is new.
    pub before: Option<&'a Entity>,
    /// As it is; `None` when it is gone.
    pub after: Option<&'a Entity>,
    /// Attribute instances that changed.
    pub changes: &'a [&'a Change],
}

impl<'a> Occurrence<'a> {
    /// The entity that selectors and queries look at: what is there now, or was there last.
    pub fn subject(&self) -> Option<&'a Entity> {
        self.after.or(self.before)
    }
}

impl Subscription {
    /// Whether an attribute is watched.
    pub(super) fn watches(&self, attribute: &str) -> bool {
        self.watched.is_empty() || self.watched.iter().any(|w| w == attribute)
    }

    /// Whether this subscription, active as it may be, is to be told of what happened. Cheap tests first.
    pub fn concerns(&self, what: &Occurrence<'_>, linked: &dyn LinkedEntities) -> bool {
        self.time_interval.is_none()
            && self.triggered(what)
            && what.subject().is_some_and(|entity| self.selects(entity, linked))
    }

    /// Whether an entity is one that this subscription is about.
    pub fn selects(&self, entity: &Entity, linked: &dyn LinkedEntities) -> bool {
        (self.entities.is_empty() || self.entities.iter().any(|s| s.selects(entity)))
            && self.scope_q.as_ref().is_none_or(|s| s.matches(&entity.scope))
            && self.q.as_ref().is_none_or(|q| q.matches_linked(entity, linked))
            && self.geo_q.as_ref().is_none_or(|g| g.matches(entity))
    }

    fn triggered(&self, what: &Occurrence<'_>) -> bool {
        let entity = match (what.before, what.after) {
            (None, _) => self.triggers.any_of(Triggers::ENTITY_CREATED),
            (_, None) => self.triggers.any_of(Triggers::ENTITY_DELETED),
            _ if self.triggers.any_of(Triggers::ENTITY_UPDATED) => {
                self.watched.is_empty() || what.changes.iter().any(|c| self.watches(&c.attribute))
            }
            _ => false,
        };
        entity
            || what
                .changes
                .iter()
                .any(|c| self.triggers.any_of(Triggers::of(c.kind)) && self.watches(&c.attribute))
    }
}

impl EntitySelector {
    fn selects(&self, entity: &Entity) -> bool {
        (self.ids.is_empty() || self.ids.contains(&entity.id))
            && self.types.as_ref().is_none_or(|t| t.matches(&entity.types))
            && self.id_pattern.as_ref().is_none_or(|p| p.is_match(&entity.id))
    }
}

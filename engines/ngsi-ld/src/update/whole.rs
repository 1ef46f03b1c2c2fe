//! Whole entities: create (5.6.1), replace (5.6.18), delete (5.6.6).

use super::{UpdateResult, stamp};
use crate::datetime::DateTime;
use crate::model::Entity;

/// Sets the broker's times on a new entity; every attribute counts as created.
pub fn create(entity: &mut Entity, now: DateTime) -> UpdateResult {
    entity.created_at = Some(now);
    entity.modified_at = Some(now);
    let mut result = UpdateResult {
        members_changed: true,
        ..UpdateResult::default()
    };
    for (name, list) in &mut entity.attributes {
        for instance in list {
            stamp(instance, None, now);
            result.note(name, None, Some(instance.clone()));
        }
    }
    result
}

/// Replaces all of an entity but its identifier and creation time; instances that had the same name and
/// datasetId count as updated, those that are gone as deleted.
pub fn replace(entity: &mut Entity, mut new: Entity, now: DateTime) -> UpdateResult {
    let mut result = UpdateResult {
        members_changed: entity.types != new.types || entity.scope != new.scope,
        ..UpdateResult::default()
    };
    for (name, list) in &mut new.attributes {
        for instance in list {
            let old = entity.instance(name, instance.dataset_id.as_ref());
            stamp(instance, old, now);
            result.note(name, old.cloned(), Some(instance.clone()));
        }
    }
    for (name, list) in &entity.attributes {
        for old in list {
            if new.instance(name, old.dataset_id.as_ref()).is_none() {
                result.note(name, Some(old.clone()), None);
            }
        }
    }
    entity.types = new.types;
    entity.scope = new.scope;
    entity.attributes = new.attributes;
    entity.modified_at = Some(now);
    entity.created_at = entity.created_at.or(Some(now));
    result
}

/// What differs between two states of an entity, `None` where there was or is none: for changes that were not made by
/// an operation of this module.
pub fn differences(before: Option<&Entity>, after: Option<&Entity>) -> UpdateResult {
    let mut result = UpdateResult {
        members_changed: match (before, after) {
            (Some(a), Some(b)) => a.types != b.types || a.scope != b.scope,
            _ => true,
        },
        ..UpdateResult::default()
    };
    for (name, list) in after.iter().flat_map(|e| &e.attributes) {
        for new in list {
            let old = before.and_then(|e| e.instance(name, new.dataset_id.as_ref()));
            if old.is_none_or(|old| !old.same_content(new)) {
                result.note(name, old.cloned(), Some(new.clone()));
            }
        }
    }
    for (name, list) in before.iter().flat_map(|e| &e.attributes) {
        for old in list {
            if after.is_none_or(|e| e.instance(name, old.dataset_id.as_ref()).is_none()) {
                result.note(name, Some(old.clone()), None);
            }
        }
    }
    result
}

/// What deleting the entity deletes, for history and notifications.
pub fn delete(entity: &Entity) -> UpdateResult {
    let mut result = UpdateResult {
        members_changed: true,
        ..UpdateResult::default()
    };
    for (name, list) in &entity.attributes {
        for old in list {
            result.note(name, Some(old.clone()), None);
        }
    }
    result
}

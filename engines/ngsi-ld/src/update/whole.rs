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

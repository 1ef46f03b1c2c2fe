//! Operations on one attribute: partial update (5.6.4), delete (5.6.5), replace (5.6.19).

use super::merge::{is_empty, partially_updated};
use super::{UpdateResult, stamp, take, write};
use crate::datetime::DateTime;
use crate::error::{NgsiError, Result};
use crate::model::{AttributeFragment, AttributeInstance, Entity, SCOPE};
use crate::uri::Uri;

/// Which instances of an attribute to delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeleteTarget {
    /// The instance without datasetId.
    Default,
    /// The instance with this datasetId.
    Dataset(Uri),
    /// `deleteAll=true`.
    All,
}

/// Updates one attribute instance (that of the fragment's datasetId) partially. `attribute` is expanded.
///
/// Errors: `ResourceNotFound` when the instance does not exist; `BadRequestData` when the fragment is empty or
/// changes the kind of attribute. The entity is then unchanged.
pub fn partial_update(
    entity: &mut Entity,
    attribute: &str,
    fragment: AttributeFragment,
    now: DateTime,
) -> Result<UpdateResult> {
    let dataset_id = fragment.dataset_id.clone();
    let old = existing(entity, attribute, dataset_id.as_ref())?;
    if is_empty(&fragment) {
        return Err(NgsiError::bad_param("the attribute fragment is empty"));
    }
    let mut result = UpdateResult::default();
    match partially_updated(old, fragment, attribute, now)? {
        // Untouched sub-attributes keep their own times.
        Some(mut next) => {
            next.created_at = next.created_at.or(Some(now));
            next.modified_at = Some(now);
            next.instance_id = None;
            let previous = super::put(&mut entity.attributes, attribute, next.clone());
            result.note(attribute, previous, Some(next));
        }
        None => {
            let gone = take(&mut entity.attributes, attribute, dataset_id.as_ref());
            result.note(attribute, gone, None);
        }
    }
    Ok(result.finish(entity, now))
}

/// Changes one instance of an attribute's evolution (5.6.14); it keeps its identifier.
///
/// Errors: `BadRequestData` when the fragment is empty, changes the kind of attribute or leaves no value.
pub fn patch_instance(
    old: &AttributeInstance,
    attribute: &str,
    fragment: AttributeFragment,
    now: DateTime,
) -> Result<AttributeInstance> {
    if is_empty(&fragment) {
        return Err(NgsiError::bad_param("the attribute fragment is empty"));
    }
    let mut next = partially_updated(old, fragment, attribute, now)?
        .ok_or_else(|| NgsiError::bad_param("an instance is removed with DELETE, not with a null"))?;
    next.modified_at = Some(now);
    Ok(next)
}

/// Replaces one attribute instance by a complete one.
///
/// Errors: `ResourceNotFound` when the instance does not exist; `BadRequestData` when the fragment has no value.
pub fn replace_attribute(
    entity: &mut Entity,
    attribute: &str,
    fragment: AttributeFragment,
    now: DateTime,
) -> Result<UpdateResult> {
    existing(entity, attribute, fragment.dataset_id.as_ref())?;
    let mut instance = fragment
        .into_instance()
        .ok_or_else(|| NgsiError::bad_param("the attribute fragment has no value"))?;
    let mut result = UpdateResult::default();
    stamp(&mut instance, None, now);
    write(entity, &mut result, attribute, instance, now);
    Ok(result.finish(entity, now))
}

/// Deletes instances of an attribute, or the scopes of the entity where `attribute` is the scope (clause 4.18).
///
/// Errors: `ResourceNotFound` when there is none to delete.
pub fn delete_attribute(
    entity: &mut Entity,
    attribute: &str,
    target: &DeleteTarget,
    now: DateTime,
) -> Result<UpdateResult> {
    let mut result = UpdateResult::default();
    if attribute == SCOPE && !entity.scope.is_empty() {
        entity.scope.clear();
        result.members_changed = true;
        return Ok(result.finish(entity, now));
    }
    match target {
        DeleteTarget::All => {
            for gone in entity.attributes.shift_remove(attribute).unwrap_or_default() {
                result.note(attribute, Some(gone), None);
            }
        }
        DeleteTarget::Default => {
            let gone = take(&mut entity.attributes, attribute, None);
            result.note(attribute, gone, None);
        }
        DeleteTarget::Dataset(id) => {
            let gone = take(&mut entity.attributes, attribute, Some(id));
            result.note(attribute, gone, None);
        }
    }
    if result.changes.is_empty() {
        return Err(missing(entity, attribute));
    }
    Ok(result.finish(entity, now))
}

fn existing<'e>(
    entity: &'e Entity,
    attribute: &str,
    dataset_id: Option<&Uri>,
) -> Result<&'e crate::model::AttributeInstance> {
    entity
        .instance(attribute, dataset_id)
        .ok_or_else(|| missing(entity, attribute))
}

fn missing(entity: &Entity, attribute: &str) -> NgsiError {
    NgsiError::not_found(format!(
        "entity {} has no such instance of attribute {attribute}",
        entity.id
    ))
}

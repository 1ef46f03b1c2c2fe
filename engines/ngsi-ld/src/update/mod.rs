//! Updates as pure functions (clauses 5.5.8, 5.5.12, 5.6.2 to 5.6.5, 5.6.17 to 5.6.19). Each changes the entity
//! it is given and tells what it did, for the answer, the history and the notifications. The current time
//! comes from the caller.

mod append;
mod attribute;
mod merge;
mod whole;

#[cfg(test)]
mod tests;

pub use append::{AppendMode, append, update_attributes};
pub use attribute::{DeleteTarget, delete_attribute, partial_update, patch_instance, replace_attribute};
pub use merge::{MergeOptions, merge};
pub use whole::{create, delete, differences, replace};

use crate::datetime::DateTime;
use crate::model::{AttributeInstance, Attributes, Entity};
use crate::uri::Uri;

/// What became of an attribute instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there before.
    Created,
    /// It was there and was written again (perhaps with the same content, see [`Change::content_changed`]).
    Updated,
    /// It is gone.
    Deleted,
}

/// One changed attribute instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Expanded attribute name.
    pub attribute: String,
    /// Which instance.
    pub dataset_id: Option<Uri>,
    /// What happened.
    pub kind: ChangeKind,
    /// How it was before; `None` when created.
    pub previous: Option<AttributeInstance>,
    /// How it is now; `None` when deleted.
    pub current: Option<AttributeInstance>,
}

impl Change {
    /// Whether anything but the times of the broker differs.
    pub fn content_changed(&self) -> bool {
        match (&self.previous, &self.current) {
            (Some(a), Some(b)) => !a.same_content(b),
            _ => true,
        }
    }
}

/// An attribute that an operation left alone, and why (clause 5.2.19).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotUpdated {
    /// Expanded attribute name.
    pub attribute: String,
    /// The reason, in English.
    pub reason: String,
}

/// What an operation did (clause 5.2.18).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UpdateResult {
    /// Expanded names of attributes written or removed, each once.
    pub updated: Vec<String>,
    /// Attributes left alone.
    pub not_updated: Vec<NotUpdated>,
    /// Every changed instance.
    pub changes: Vec<Change>,
    /// Whether types or scopes changed.
    pub members_changed: bool,
}

impl UpdateResult {
    /// Whether the operation did everything it was asked (204 instead of 207).
    pub fn is_complete(&self) -> bool {
        self.not_updated.is_empty()
    }

    /// Whether the entity was touched at all.
    pub fn is_changed(&self) -> bool {
        self.members_changed || !self.changes.is_empty()
    }

    fn refuse(&mut self, attribute: &str, reason: &str) {
        self.not_updated.push(NotUpdated {
            attribute: attribute.to_owned(),
            reason: reason.to_owned(),
        });
    }

    fn note(
        &mut self,
        attribute: &str,
        previous: Option<AttributeInstance>,
        current: Option<AttributeInstance>,
    ) {
        let kind = match (&previous, &current) {
            (None, Some(_)) => ChangeKind::Created,
            (Some(_), Some(_)) => ChangeKind::Updated,
            (Some(_), None) => ChangeKind::Deleted,
            (None, None) => return,
        };
        let dataset_id = current
            .as_ref()
            .or(previous.as_ref())
            .and_then(|i| i.dataset_id.clone());
        if !self.updated.iter().any(|n| n == attribute) {
            self.updated.push(attribute.to_owned());
        }
        self.changes.push(Change {
            attribute: attribute.to_owned(),
            dataset_id,
            kind,
            previous,
            current,
        });
    }

    fn finish(self, entity: &mut Entity, now: DateTime) -> Self {
        if self.is_changed() {
            entity.modified_at = Some(now);
        }
        self
    }
}

/// Sets the broker's times on a written instance, keeping creation times of what was there before.
fn stamp(instance: &mut AttributeInstance, previous: Option<&AttributeInstance>, now: DateTime) {
    instance.created_at = previous.and_then(|p| p.created_at).or(Some(now));
    instance.modified_at = Some(now);
    instance.instance_id = None;
    for (name, list) in &mut instance.sub_attributes {
        for sub in list {
            let old = previous
                .and_then(|p| p.sub_attributes.get(name))
                .and_then(|l| l.iter().find(|o| o.dataset_id == sub.dataset_id));
            // Carried over untouched by a patch: it keeps its times.
            if old.is_some_and(|o| o.modified_at.is_some() && o == sub) {
                continue;
            }
            stamp(sub, old, now);
        }
    }
}

/// Puts an instance in the place of the one with its datasetId, or adds it; gives back the former.
fn put(attributes: &mut Attributes, name: &str, instance: AttributeInstance) -> Option<AttributeInstance> {
    let list = attributes.entry(name.to_owned()).or_default();
    match list.iter_mut().find(|i| i.dataset_id == instance.dataset_id) {
        Some(slot) => Some(std::mem::replace(slot, instance)),
        None => {
            list.push(instance);
            None
        }
    }
}

/// Takes an instance out, and the attribute with its last instance.
fn take(attributes: &mut Attributes, name: &str, dataset_id: Option<&Uri>) -> Option<AttributeInstance> {
    let list = attributes.get_mut(name)?;
    let at = list.iter().position(|i| i.dataset_id.as_ref() == dataset_id)?;
    let gone = list.remove(at);
    if list.is_empty() {
        attributes.shift_remove(name);
    }
    Some(gone)
}

/// Writes an instance with its times and notes the change.
fn write(
    entity: &mut Entity,
    result: &mut UpdateResult,
    name: &str,
    mut instance: AttributeInstance,
    now: DateTime,
) {
    let old = entity.instance(name, instance.dataset_id.as_ref());
    stamp(&mut instance, old, now);
    let previous = put(&mut entity.attributes, name, instance.clone());
    result.note(name, previous, Some(instance));
}

/// Adds types that are not there yet.
fn add_types(entity: &mut Entity, types: Vec<String>, result: &mut UpdateResult) {
    for t in types {
        if !entity.types.contains(&t) {
            entity.types.push(t);
            result.members_changed = true;
        }
    }
}

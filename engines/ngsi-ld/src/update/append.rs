//! Append attributes (5.6.3) and update attributes (5.6.2).

use super::{UpdateResult, add_types, take, write};
use crate::datetime::DateTime;
use crate::model::{Entity, EntityFragment, FragmentValue, Patch, SCOPE};

/// Whether appending may replace what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendMode {
    /// Existing instances are replaced.
    Overwrite,
    /// `options=noOverwrite`: existing instances stay and are reported.
    NoOverwrite,
}

/// Appends attributes; the fragment must have been read for [`crate::parse::Purpose::Complete`].
///
/// New types are added. Scopes are replaced, or added to when nothing may be overwritten.
pub fn append(
    entity: &mut Entity,
    fragment: EntityFragment,
    mode: AppendMode,
    now: DateTime,
) -> UpdateResult {
    let mut result = UpdateResult::default();
    add_types(entity, fragment.types, &mut result);
    match (fragment.scope, mode) {
        (Patch::Set(scopes), AppendMode::NoOverwrite) => {
            for scope in scopes {
                if !entity.scope.contains(&scope) {
                    entity.scope.push(scope);
                    result.members_changed = true;
                }
            }
        }
        (scope, _) => set_scope(entity, scope, &mut result),
    }
    for (name, list) in fragment.attributes {
        for item in list {
            let exists = entity.instance(&name, item.dataset_id.as_ref()).is_some();
            if exists && mode == AppendMode::NoOverwrite {
                result.refuse(
                    &name,
                    "the attribute already exists and overwriting was not allowed",
                );
            } else if let Some(instance) = item.into_instance() {
                write(entity, &mut result, &name, instance, now);
            }
        }
    }
    result.finish(entity, now)
}

/// Replaces attribute instances that exist and appends those that do not, removes those given as NGSI-LD Null.
/// Nothing is removed that is not there, and an entity without a scope gets none: that is reported. The
/// fragment must have been read for [`crate::parse::Purpose::Update`].
pub fn update_attributes(entity: &mut Entity, fragment: EntityFragment, now: DateTime) -> UpdateResult {
    let mut result = UpdateResult::default();
    add_types(entity, fragment.types, &mut result);
    if fragment.scope != Patch::Keep && entity.scope.is_empty() {
        result.refuse(SCOPE, "the entity has no scope");
    } else {
        set_scope(entity, fragment.scope, &mut result);
    }
    for (name, list) in fragment.attributes {
        for item in list {
            let exists = entity.instance(&name, item.dataset_id.as_ref()).is_some();
            if item.value != FragmentValue::Null {
                if let Some(instance) = item.into_instance() {
                    write(entity, &mut result, &name, instance, now);
                }
            } else if exists {
                let gone = take(&mut entity.attributes, &name, item.dataset_id.as_ref());
                result.note(&name, gone, None);
            } else {
                result.refuse(&name, "the entity has no such attribute instance");
            }
        }
    }
    result.finish(entity, now)
}

pub(super) fn set_scope(entity: &mut Entity, scope: Patch<Vec<String>>, result: &mut UpdateResult) {
    let wanted = match scope {
        Patch::Keep => return,
        Patch::Set(scopes) => scopes,
        Patch::Remove => Vec::new(),
    };
    if entity.scope != wanted {
        entity.scope = wanted;
        result.members_changed = true;
    }
}

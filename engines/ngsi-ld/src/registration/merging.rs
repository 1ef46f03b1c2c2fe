//! One entity out of what several sources say (clause 4.5.5).

use crate::model::{AttributeInstance, Entity};

/// What one source says of an entity.
#[derive(Debug, Clone)]
pub struct Contribution {
    /// The entity, as far as the source has it.
    pub entity: Entity,
    /// The source only fills gaps (auxiliary).
    pub fills_gaps: bool,
}

/// Joins contributions of the same entity, the most trusted first: types and scopes add up; of each instance of an
/// attribute the newest counts. `None` when there are none.
pub fn merge(mut contributions: Vec<Contribution>) -> Option<Entity> {
    contributions.sort_by_key(|c| c.fills_gaps);
    let mut rest = contributions.into_iter();
    let mut whole = rest.next()?.entity;
    for Contribution { entity, fills_gaps } in rest {
        for name in entity.types {
            if !whole.types.contains(&name) {
                whole.types.push(name);
            }
        }
        for scope in entity.scope {
            if !whole.scope.contains(&scope) {
                whole.scope.push(scope);
            }
        }
        whole.created_at = earlier(whole.created_at, entity.created_at);
        whole.modified_at = whole.modified_at.max(entity.modified_at);
        for (name, instances) in entity.attributes {
            let have = whole.attributes.entry(name).or_default();
            for instance in instances {
                match have.iter_mut().find(|i| i.dataset_id == instance.dataset_id) {
                    None => have.push(instance),
                    Some(_) if fills_gaps => {}
                    Some(current) if is_newer(&instance, current) => *current = instance,
                    Some(_) => {}
                }
            }
        }
    }
    Some(whole)
}

fn earlier<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// By time of observation, which counts for more than none; else by time of modification; else who came first.
fn is_newer(new: &AttributeInstance, old: &AttributeInstance) -> bool {
    match (new.observed_at, old.observed_at) {
        (Some(new), Some(old)) if new != old => return new > old,
        (Some(_), None) => return true,
        (None, Some(_)) => return false,
        _ => {}
    }
    match (new.modified_at, old.modified_at) {
        (Some(new), Some(old)) => new > old,
        _ => false,
    }
}

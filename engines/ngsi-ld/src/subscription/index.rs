//! Many subscriptions, ordered so that a change meets only those that may care.

use super::{Occurrence, Subscription, Triggers};
use std::collections::HashMap;

/// Positions of subscriptions in the list that the index was made of.
type Positions = Vec<u32>;

/// By identifier, else by type, and within those by watched attribute.
#[derive(Debug, Default)]
pub struct Index {
    by_id: HashMap<String, Positions>,
    by_type: HashMap<String, Watchers>,
    any_type: Watchers,
}

#[derive(Debug, Default)]
struct Watchers {
    any_attribute: Positions,
    by_attribute: HashMap<String, Positions>,
}

impl Index {
    /// Orders change-based subscriptions; those with a `timeInterval` wait for no change.
    pub fn build<'s>(subscriptions: impl IntoIterator<Item = &'s Subscription>) -> Self {
        let mut index = Self::default();
        for (position, subscription) in (0_u32..).zip(subscriptions) {
            if subscription.time_interval.is_none() {
                index.add(position, subscription);
            }
        }
        index
    }

    fn add(&mut self, position: u32, subscription: &Subscription) {
        if subscription.entities.is_empty() {
            self.any_type.add(position, subscription);
        }
        for selector in &subscription.entities {
            if !selector.ids.is_empty() {
                for id in &selector.ids {
                    push(self.by_id.entry(id.as_str().to_owned()).or_default(), position);
                }
                continue;
            }
            match &selector.types {
                None => self.any_type.add(position, subscription),
                // A selected entity has at least one of the types named.
                Some(types) => {
                    for name in types.mentioned() {
                        self.by_type
                            .entry(name.to_owned())
                            .or_default()
                            .add(position, subscription);
                    }
                }
            }
        }
    }

    /// Positions of the subscriptions that may be concerned, ascending, each once.
    pub fn candidates(&self, what: &Occurrence<'_>) -> Vec<u32> {
        let mut found = Vec::new();
        let Some(entity) = what.subject() else {
            return found;
        };
        if let Some(list) = self.by_id.get(entity.id.as_str()) {
            found.extend_from_slice(list);
        }
        self.any_type.collect(what, &mut found);
        for name in &entity.types {
            if let Some(watchers) = self.by_type.get(name) {
                watchers.collect(what, &mut found);
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl Watchers {
    fn add(&mut self, position: u32, subscription: &Subscription) {
        // An entity may come or go without any watched attribute.
        let entity_itself = subscription.triggers.any_of(Triggers::ENTITY_CREATED)
            || subscription.triggers.any_of(Triggers::ENTITY_DELETED);
        if subscription.watched.is_empty() || entity_itself {
            push(&mut self.any_attribute, position);
            return;
        }
        for name in &subscription.watched {
            push(self.by_attribute.entry(name.clone()).or_default(), position);
        }
    }

    fn collect(&self, what: &Occurrence<'_>, found: &mut Positions) {
        found.extend_from_slice(&self.any_attribute);
        if self.by_attribute.is_empty() {
            return;
        }
        for change in what.changes {
            if let Some(list) = self.by_attribute.get(&change.attribute) {
                found.extend_from_slice(list);
            }
        }
    }
}

/// Positions come ascending: the same one twice stands at the end.
fn push(list: &mut Positions, position: u32) {
    if list.last() != Some(&position) {
        list.push(position);
    }
}

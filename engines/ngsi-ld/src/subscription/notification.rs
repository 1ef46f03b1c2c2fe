//! Notifications (clause 5.3.1): entities as they are after a change, what was removed as NGSI-LD Null, and what
//! was there before where that is asked for.

use super::{Accept, Join, Occurrence, Subscription, Triggers};
use crate::NGSI_LD_NULL;
use crate::context::Context;
use crate::datetime::DateTime;
use crate::model::{AttributeInstance, AttributeKind, AttributeValue, Entity, LOCATION};
use crate::represent::{self, Format, Representation};
use crate::update::{Change, ChangeKind};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Most linked entities sent along in one notification.
const MAX_LINKED: usize = 200;

/// Gives the entities that relationships lead to, where they may be read.
pub trait LinkedSource {
    /// The entity with this identifier.
    fn entity(&mut self, id: &str) -> Option<Entity>;
}

/// No relationship leads anywhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLinked;

impl LinkedSource for NoLinked {
    fn entity(&mut self, _id: &str) -> Option<Entity> {
        None
    }
}

/// The entities that tell of a change, the changed one first; `now` is when it happened.
pub fn changed_entity(
    subscription: &Subscription,
    what: &Occurrence<'_>,
    now: DateTime,
    linked: &mut dyn LinkedSource,
) -> Vec<Value> {
    let writer = Writer::of(subscription, now);
    match (what.before, what.after) {
        (_, Some(after)) => {
            let map = writer.present(after, what.changes);
            writer.joined(after, map, linked)
        }
        (Some(before), None) => vec![writer.finish(before, writer.gone(before, what.changes))],
        (None, None) => Vec::new(),
    }
}

/// The entities that show one as it is (periodic notifications).
pub fn current_entity(
    subscription: &Subscription,
    entity: &Entity,
    linked: &mut dyn LinkedSource,
) -> Vec<Value> {
    let writer = Writer::of(subscription, DateTime::from_micros(0));
    let map = writer.present(entity, &[]);
    writer.joined(entity, map, linked)
}

/// A notification before it is text.
#[derive(Debug)]
pub struct NotificationBody<'a> {
    /// Its identifier.
    pub id: &'a str,
    /// Of which subscription.
    pub subscription: &'a Subscription,
    /// When it was made.
    pub notified_at: DateTime,
    /// Entities.
    pub data: Vec<Value>,
}

impl NotificationBody<'_> {
    /// The body to send.
    pub fn to_json(self) -> Value {
        let endpoint = &self.subscription.notification.endpoint;
        let context = given_context(&self.subscription.context);
        let data = match endpoint.accept {
            Accept::Json => Value::Array(self.data),
            Accept::JsonLd => self
                .data
                .into_iter()
                .map(|mut entity| {
                    entity["@context"] = context.clone();
                    entity
                })
                .collect(),
            Accept::GeoJson => {
                let mut collection = json!({ "type": "FeatureCollection", "features": self.data });
                if !endpoint.prefers_plain() {
                    collection["@context"] = context;
                }
                collection
            }
        };
        json!({
            "id": self.id,
            "type": "Notification",
            "subscriptionId": self.subscription.id.as_str(),
            "notifiedAt": self.notified_at.to_string(),
            "data": data,
        })
    }
}

/// The @context just as the subscriber gave it.
fn given_context(context: &Context) -> Value {
    context.given().cloned().unwrap_or_else(|| context.to_json())
}

struct Writer<'s> {
    subscription: &'s Subscription,
    options: &'s Representation,
    now: DateTime,
}

impl<'s> Writer<'s> {
    fn of(subscription: &'s Subscription, now: DateTime) -> Self {
        Self {
            subscription,
            options: &subscription.notification.representation,
            now,
        }
    }

    fn context(&self) -> &Context {
        &self.subscription.context
    }

    /// An entity that is there, with what its last change did.
    fn present(&self, entity: &Entity, changes: &[&Change]) -> Map<String, Value> {
        let mut map = into_map(represent::entity(entity, self.context(), self.options));
        let told = Triggers::ATTRIBUTE_DELETED;
        let removals = self.subscription.triggers.any_of(told)
            || self.subscription.triggers.any_of(Triggers::ENTITY_UPDATED);
        let mut done: HashSet<&str> = HashSet::new();
        for change in changes {
            let name = change.attribute.as_str();
            let tells = match change.kind {
                ChangeKind::Created => false,
                ChangeKind::Updated => self.subscription.notification.show_changes,
                ChangeKind::Deleted => removals,
            };
            if tells && self.options.keeps_attribute(name) && done.insert(name) {
                let of_name: Vec<&Change> = changes.iter().filter(|c| c.attribute == name).copied().collect();
                if let Some(value) = self.attribute(entity.instances(name), &of_name, removals) {
                    map.insert(self.context().compact(name).into_owned(), value);
                }
            }
        }
        map
    }

    /// An entity that is gone: its identity and when it went; attributes only where their removal is waited for or
    /// former values are asked for.
    fn gone(&self, entity: &Entity, changes: &[&Change]) -> Map<String, Value> {
        let bare = Entity {
            attributes: crate::Attributes::new(),
            scope: Vec::new(),
            ..entity.clone()
        };
        let mut map = into_map(represent::entity(&bare, self.context(), self.options));
        map.insert("deletedAt".into(), self.now.to_string().into());
        let s = self.subscription;
        let awaited = s.triggers.any_of(Triggers::ATTRIBUTE_DELETED);
        for name in entity.attributes.keys() {
            let wanted = (awaited && s.watches(name)) || s.notification.show_changes;
            if !wanted || !self.options.keeps_attribute(name) {
                continue;
            }
            let of_name: Vec<&Change> = changes.iter().filter(|c| c.attribute == *name).copied().collect();
            if let Some(value) = self.attribute(&[], &of_name, true) {
                map.insert(self.context().compact(name).into_owned(), whole_null(value));
            }
        }
        map
    }

    /// One attribute: instances that are there with their former values, and those that were removed.
    fn attribute(&self, present: &[AttributeInstance], changes: &[&Change], removals: bool) -> Option<Value> {
        let kept: Vec<&AttributeInstance> = present
            .iter()
            .filter(|i| self.options.keeps_instance(i))
            .collect();
        let mut removed: Vec<&AttributeInstance> = changes
            .iter()
            .filter(|c| removals && c.kind == ChangeKind::Deleted)
            .filter_map(|c| c.previous.as_ref())
            .filter(|i| self.options.keeps_instance(i))
            .collect();
        let show = self.subscription.notification.show_changes;
        // The whole attribute went: one null says so, unless each instance has something to tell.
        if kept.is_empty() && removed.len() > 1 && !show {
            let main = removed.iter().position(|i| i.dataset_id.is_none()).unwrap_or(0);
            removed = vec![removed[main]];
        }
        if self.options.format == Format::Simplified {
            return self.simplified(&kept, &removed);
        }
        let mut all: Vec<Value> = Vec::with_capacity(kept.len() + removed.len());
        for instance in kept {
            let previous = changes
                .iter()
                .filter(|c| show && c.kind == ChangeKind::Updated && c.dataset_id == instance.dataset_id)
                .find_map(|c| c.previous.as_ref());
            all.push(self.instance(instance, previous));
        }
        all.extend(removed.into_iter().map(|instance| self.removed(instance)));
        match all.len() {
            0 => None,
            1 => all.pop(),
            _ => Some(Value::Array(all)),
        }
    }

    fn simplified(&self, kept: &[&AttributeInstance], removed: &[&AttributeInstance]) -> Option<Value> {
        let plain = |i: &AttributeInstance| {
            let default = AttributeInstance {
                dataset_id: None,
                ..i.clone()
            };
            let options = Representation {
                dataset_ids: None,
                ..self.options.clone()
            };
            represent::attribute(std::slice::from_ref(&default), self.context(), &options)
        };
        match (kept, removed) {
            ([], []) => None,
            ([], [one]) if one.dataset_id.is_none() => Some(NGSI_LD_NULL.into()),
            ([one], []) if one.dataset_id.is_none() => Some(plain(one)),
            _ => {
                let key = |i: &AttributeInstance| i.dataset_id.as_deref().unwrap_or("@none").to_owned();
                let mut map: Map<String, Value> = kept.iter().map(|i| (key(i), plain(i))).collect();
                map.extend(removed.iter().map(|i| (key(i), NGSI_LD_NULL.into())));
                Some(json!({ "dataset": map }))
            }
        }
    }

    /// An instance as an object, with its former value where there is one to tell.
    fn instance(&self, instance: &AttributeInstance, previous: Option<&AttributeInstance>) -> Value {
        let one = std::slice::from_ref(instance);
        let options = Representation {
            dataset_ids: None,
            ..self.options.clone()
        };
        let mut value = represent::attribute(one, self.context(), &options);
        let Some(previous) = previous else {
            return value;
        };
        let bare = matches!(&instance.value, AttributeValue::Property(v) if *v == value)
            || matches!(&instance.value, AttributeValue::GeoProperty(g) if *g.json() == value);
        if bare {
            value = json!({ instance.kind().value_member(): value });
        }
        if let Value::Object(map) = &mut value {
            let (name, former) = self.former(previous);
            map.insert(name.to_owned(), former);
        }
        value
    }

    fn former(&self, previous: &AttributeInstance) -> (&'static str, Value) {
        let name = match previous.kind() {
            AttributeKind::Property | AttributeKind::GeoProperty => "previousValue",
            AttributeKind::Relationship => "previousObject",
            AttributeKind::LanguageProperty => "previousLanguageMap",
            AttributeKind::VocabProperty => "previousVocab",
            AttributeKind::JsonProperty => "previousJson",
            AttributeKind::ListProperty => "previousValueList",
            AttributeKind::ListRelationship => "previousObjectList",
        };
        let plain = Representation::default();
        let mut value = represent::attribute(std::slice::from_ref(previous), self.context(), &plain);
        let former = value
            .get_mut(previous.kind().value_member())
            .map(Value::take)
            .unwrap_or_default();
        (name, former)
    }

    /// An instance that is gone (clause 4.5.0: NGSI-LD Null in the place of its value).
    fn removed(&self, instance: &AttributeInstance) -> Value {
        let mut map = Map::new();
        if self.options.format == Format::Normalized {
            map.insert("type".into(), instance.kind().name().into());
        }
        let null = match instance.kind() {
            AttributeKind::LanguageProperty => json!({ "@none": NGSI_LD_NULL }),
            _ => NGSI_LD_NULL.into(),
        };
        map.insert(instance.kind().value_member().into(), null);
        if let Some(id) = &instance.dataset_id {
            map.insert("datasetId".into(), id.as_str().into());
        }
        if self.options.sys_attrs {
            let times = [
                ("createdAt", instance.created_at),
                ("modifiedAt", instance.modified_at),
                ("deletedAt", Some(self.now)),
            ];
            for (name, time) in times {
                if let Some(time) = time {
                    map.insert(name.into(), time.to_string().into());
                }
            }
        }
        if self.subscription.notification.show_changes {
            let (name, former) = self.former(instance);
            map.insert(name.to_owned(), former);
        }
        Value::Object(map)
    }

    /// The entity, and those that its relationships lead to where they are asked for (clause 4.5.23).
    fn joined(
        &self,
        entity: &Entity,
        mut map: Map<String, Value>,
        linked: &mut dyn LinkedSource,
    ) -> Vec<Value> {
        let params = &self.subscription.notification;
        let mut left = MAX_LINKED;
        match params.join {
            None => vec![self.finish(entity, map)],
            Some(Join::Inline) => {
                self.inline(entity, &mut map, params.join_level, &mut left, linked);
                vec![self.finish(entity, map)]
            }
            Some(Join::Flat) => {
                let mut all = vec![self.finish(entity, map)];
                let mut known = HashSet::from([entity.id.as_str().to_owned()]);
                let mut level = vec![entity.clone()];
                for depth in 0..params.join_level {
                    let mut next = Vec::new();
                    for id in level.iter().flat_map(|e| self.targets(e, depth == 0)) {
                        if left > 0
                            && known.insert(id.clone())
                            && let Some(target) = linked.entity(&id)
                        {
                            left -= 1;
                            let map = into_map(represent::entity(&target, self.context(), &self.of_linked()));
                            all.push(self.finish(&target, map));
                            next.push(target);
                        }
                    }
                    level = next;
                }
                all
            }
        }
    }

    /// Where the relationships lead that are shown: of the entity itself those that the options keep.
    fn targets(&self, entity: &Entity, first: bool) -> Vec<String> {
        entity
            .attributes
            .iter()
            .filter(|(name, _)| !first || self.options.keeps_attribute(name))
            .flat_map(|(_, list)| list)
            .flat_map(|instance| match &instance.value {
                AttributeValue::Relationship(ids) | AttributeValue::ListRelationship(ids) => ids.as_slice(),
                _ => &[],
            })
            .map(|id| id.as_str().to_owned())
            .collect()
    }

    /// Projections are those of the entity itself: linked ones are shown whole.
    fn of_linked(&self) -> Representation {
        Representation {
            format: self.options.format,
            sys_attrs: self.options.sys_attrs,
            lang: self.options.lang.clone(),
            ..Representation::default()
        }
    }

    fn inline(
        &self,
        entity: &Entity,
        map: &mut Map<String, Value>,
        levels: u32,
        left: &mut usize,
        linked: &mut dyn LinkedSource,
    ) {
        for (name, list) in &entity.attributes {
            let Some(shown) = map.get_mut(self.context().compact(name).as_ref()) else {
                continue;
            };
            for instance in list {
                let (ids, member) = match &instance.value {
                    AttributeValue::Relationship(ids) => (ids, "entity"),
                    AttributeValue::ListRelationship(ids) => (ids, "entityList"),
                    _ => continue,
                };
                let mut found = Vec::new();
                for id in ids {
                    let Some(target) = (*left > 0).then(|| linked.entity(id)).flatten() else {
                        continue;
                    };
                    *left -= 1;
                    let mut inner = into_map(represent::entity(&target, self.context(), &self.of_linked()));
                    if levels > 1 {
                        self.inline(&target, &mut inner, levels - 1, left, linked);
                    }
                    found.push(Value::Object(inner));
                }
                if found.is_empty() {
                    continue;
                }
                let value = match found.len() {
                    1 if member == "entity" => found.swap_remove(0),
                    _ => Value::Array(found),
                };
                self.embed(shown, instance, member, value);
            }
        }
    }

    /// Puts linked entities into the instance that leads to them.
    fn embed(&self, shown: &mut Value, instance: &AttributeInstance, member: &str, value: Value) {
        if self.options.format == Format::Simplified {
            match shown.get_mut("dataset") {
                Some(datasets) => {
                    let key = instance.dataset_id.as_deref().unwrap_or("@none");
                    if let Some(slot) = datasets.get_mut(key) {
                        *slot = value;
                    }
                }
                None => *shown = value,
            }
            return;
        }
        let dataset = instance.dataset_id.as_deref();
        let is_it = |v: &Value| v.get("datasetId").and_then(Value::as_str) == dataset;
        let slot = match shown {
            Value::Array(list) => list.iter_mut().find(|v| is_it(v)),
            one => Some(one),
        };
        if let Some(Value::Object(map)) = slot {
            map.insert(member.to_owned(), value);
        }
    }

    /// The entity as its receiver reads it.
    fn finish(&self, entity: &Entity, map: Map<String, Value>) -> Value {
        if self.subscription.notification.endpoint.accept != Accept::GeoJson {
            return Value::Object(map);
        }
        let mut properties = map;
        properties.shift_remove("id");
        let geometry = entity.instance(LOCATION, None).and_then(|i| match &i.value {
            AttributeValue::GeoProperty(g) => Some(g.json().clone()),
            _ => None,
        });
        json!({
            "id": entity.id.as_str(),
            "type": "Feature",
            "geometry": geometry,
            "properties": properties,
        })
    }
}

/// With its entity, a language map is null as a whole, not in one language.
fn whole_null(mut value: Value) -> Value {
    let instances: &mut [Value] = match &mut value {
        Value::Array(list) => list,
        one => std::slice::from_mut(one),
    };
    for instance in instances {
        if let Some(map) = instance.get_mut("languageMap") {
            *map = NGSI_LD_NULL.into();
        }
    }
    value
}

fn into_map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

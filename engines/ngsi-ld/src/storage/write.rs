//! From the model to its storage form.

use crate::datetime::DateTime;
use crate::model::{AttributeInstance, AttributeValue, Attributes, Entity};
use crate::uri::Uri;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

type Outcome<S> = std::result::Result<<S as Serializer>::Ok, <S as Serializer>::Error>;

pub(super) struct WriteEntity<'e>(pub &'e Entity);

impl Serialize for WriteEntity<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Outcome<S> {
        let entity = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("i", entity.id.as_str())?;
        map.serialize_entry("t", &entity.types)?;
        if !entity.scope.is_empty() {
            map.serialize_entry("s", &entity.scope)?;
        }
        times(&mut map, entity.created_at, entity.modified_at, entity.deleted_at)?;
        map.serialize_entry("a", &WriteAttributes(&entity.attributes))?;
        map.end()
    }
}

fn times<M: SerializeMap>(
    map: &mut M,
    created: Option<DateTime>,
    modified: Option<DateTime>,
    deleted: Option<DateTime>,
) -> std::result::Result<(), M::Error> {
    for (key, time) in [("c", created), ("m", modified), ("x", deleted)] {
        if let Some(time) = time {
            map.serialize_entry(key, &time.micros())?;
        }
    }
    Ok(())
}

struct WriteAttributes<'e>(&'e Attributes);

impl Serialize for WriteAttributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Outcome<S> {
        let mut map = serializer.serialize_map(None)?;
        for (name, list) in self.0 {
            match list.as_slice() {
                [one] => map.serialize_entry(name, &WriteInstance(one))?,
                many => map.serialize_entry(name, &WriteInstances(many))?,
            }
        }
        map.end()
    }
}

struct WriteInstances<'e>(&'e [AttributeInstance]);

impl Serialize for WriteInstances<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Outcome<S> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for instance in self.0 {
            list.serialize_element(&WriteInstance(instance))?;
        }
        list.end()
    }
}

pub(super) struct WriteInstance<'e>(pub &'e AttributeInstance);

impl Serialize for WriteInstance<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Outcome<S> {
        let instance = self.0;
        let mut map = serializer.serialize_map(None)?;
        // The kind comes first: it says how the value is read.
        map.serialize_entry("k", instance.kind().code())?;
        map.serialize_entry("v", &WriteValue(&instance.value))?;
        let texts = [
            ("u", instance.unit_code.as_deref()),
            ("d", instance.dataset_id.as_deref()),
            ("z", instance.value_type.as_deref()),
            ("n", instance.instance_id.as_deref()),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                map.serialize_entry(key, text)?;
            }
        }
        if let Some(at) = instance.observed_at {
            map.serialize_entry("o", &at.micros())?;
        }
        if !instance.object_type.is_empty() {
            map.serialize_entry("y", &instance.object_type)?;
        }
        times(
            &mut map,
            instance.created_at,
            instance.modified_at,
            instance.deleted_at,
        )?;
        if !instance.sub_attributes.is_empty() {
            map.serialize_entry("s", &WriteAttributes(&instance.sub_attributes))?;
        }
        map.end()
    }
}

struct WriteValue<'e>(&'e AttributeValue);

impl Serialize for WriteValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Outcome<S> {
        match self.0 {
            AttributeValue::Property(v) | AttributeValue::JsonProperty(v) => v.serialize(serializer),
            AttributeValue::GeoProperty(g) => g.json().serialize(serializer),
            AttributeValue::LanguageProperty(map) => map.serialize(serializer),
            AttributeValue::ListProperty(list) => list.serialize(serializer),
            AttributeValue::VocabProperty(terms) => terms.serialize(serializer),
            AttributeValue::Relationship(targets) | AttributeValue::ListRelationship(targets) => {
                serializer.collect_seq(targets.iter().map(Uri::as_str))
            }
        }
    }
}

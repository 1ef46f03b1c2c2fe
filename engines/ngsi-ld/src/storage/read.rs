//! From the storage form back to the model. What this crate wrote is not checked again: URIs and geometries were
//! checked when they came in.

use crate::datetime::DateTime;
use crate::geometry::Geometry;
use crate::model::{AttributeInstance, AttributeKind, AttributeValue, Attributes, Entity, LanguageMap};
use crate::uri::Uri;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// A key of the storage form; borrowed where the text allows it.
#[derive(Deserialize)]
struct Key<'k>(#[serde(borrow)] Cow<'k, str>);

pub(super) struct ReadEntity(pub Entity);

impl<'de> Deserialize<'de> for ReadEntity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Entity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a stored entity")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entity, A::Error> {
                let (mut id, mut types) = (None, None);
                let mut entity = Entity::new(Uri::from_trusted(String::new()), Vec::new());
                while let Some(Key(key)) = map.next_key()? {
                    match key.as_ref() {
                        "i" => id = Some(Uri::from_trusted(map.next_value()?)),
                        "t" => types = Some(map.next_value()?),
                        "s" => entity.scope = map.next_value()?,
                        "c" => entity.created_at = time(&mut map)?,
                        "m" => entity.modified_at = time(&mut map)?,
                        "x" => entity.deleted_at = time(&mut map)?,
                        "a" => entity.attributes = map.next_value_seed(ReadAttributes)?,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                entity.id = id.ok_or_else(|| A::Error::missing_field("i"))?;
                entity.types = types.ok_or_else(|| A::Error::missing_field("t"))?;
                Ok(entity)
            }
        }
        deserializer.deserialize_map(Read).map(Self)
    }
}

fn time<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<DateTime>, A::Error> {
    map.next_value::<i64>()
        .map(|micros| Some(DateTime::from_micros(micros)))
}

struct ReadAttributes;

impl<'de> DeserializeSeed<'de> for ReadAttributes {
    type Value = Attributes;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Attributes, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ReadAttributes {
    type Value = Attributes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stored attributes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
        let mut all = Attributes::with_capacity(map.size_hint().unwrap_or(8).min(64));
        while let Some(name) = map.next_key::<String>()? {
            all.insert(name, map.next_value::<ReadInstances>()?.0);
        }
        Ok(all)
    }
}

/// One instance or several.
struct ReadInstances(Vec<AttributeInstance>);

impl<'de> Deserialize<'de> for ReadInstances {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Vec<AttributeInstance>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an attribute instance or several")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                instance(map).map(|one| vec![one])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(ReadInstance(one)) = list.next_element()? {
                    all.push(one);
                }
                Ok(all)
            }
        }
        deserializer.deserialize_any(Read).map(Self)
    }
}

pub(super) struct ReadInstance(pub AttributeInstance);

impl<'de> Deserialize<'de> for ReadInstance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = AttributeInstance;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an attribute instance")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                instance(map)
            }
        }
        deserializer.deserialize_map(Read).map(Self)
    }
}

fn instance<'de, A: MapAccess<'de>>(mut map: A) -> Result<AttributeInstance, A::Error> {
    let mut kind = None;
    let mut out: Option<AttributeInstance> = None;
    while let Some(Key(key)) = map.next_key()? {
        if key == "k" {
            let code: Key<'_> = map.next_value()?;
            kind = Some(
                AttributeKind::from_code(&code.0)
                    .ok_or_else(|| A::Error::custom("unknown kind of attribute"))?,
            );
            continue;
        }
        if key == "v" {
            let kind = kind.ok_or_else(|| A::Error::custom("a value before its kind"))?;
            out = Some(AttributeInstance::new(value(kind, &mut map)?));
            continue;
        }
        let Some(instance) = out.as_mut() else {
            return Err(A::Error::custom(
                "an attribute does not begin with its kind and value",
            ));
        };
        match key.as_ref() {
            "u" => instance.unit_code = Some(map.next_value()?),
            "z" => instance.value_type = Some(map.next_value()?),
            "d" => instance.dataset_id = Some(Uri::from_trusted(map.next_value()?)),
            "n" => instance.instance_id = Some(Uri::from_trusted(map.next_value()?)),
            "y" => instance.object_type = map.next_value()?,
            "o" => instance.observed_at = time(&mut map)?,
            "c" => instance.created_at = time(&mut map)?,
            "m" => instance.modified_at = time(&mut map)?,
            "x" => instance.deleted_at = time(&mut map)?,
            "s" => instance.sub_attributes = map.next_value_seed(ReadAttributes)?,
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
    }
    out.ok_or_else(|| de::Error::missing_field("v"))
}

fn value<'de, A: MapAccess<'de>>(kind: AttributeKind, map: &mut A) -> Result<AttributeValue, A::Error> {
    let uris = |texts: Vec<String>| texts.into_iter().map(Uri::from_trusted).collect();
    Ok(match kind {
        AttributeKind::Property => AttributeValue::Property(map.next_value()?),
        AttributeKind::JsonProperty => AttributeValue::JsonProperty(map.next_value()?),
        AttributeKind::GeoProperty => AttributeValue::GeoProperty(Geometry::from_trusted(map.next_value()?)),
        AttributeKind::LanguageProperty => AttributeValue::LanguageProperty(map.next_value::<LanguageMap>()?),
        AttributeKind::VocabProperty => AttributeValue::VocabProperty(map.next_value()?),
        AttributeKind::ListProperty => AttributeValue::ListProperty(map.next_value::<Vec<Value>>()?),
        AttributeKind::Relationship => AttributeValue::Relationship(uris(map.next_value()?)),
        AttributeKind::ListRelationship => AttributeValue::ListRelationship(uris(map.next_value()?)),
    })
}

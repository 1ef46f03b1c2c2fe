//! Attributes as JSON.

use super::{Format, OneOrMany, Representation, Terms};
use crate::context::Context;
use crate::geometry::Geometry;
use crate::model::{AttributeInstance, AttributeKind, AttributeValue};
use crate::uri::Uri;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use std::borrow::Cow;

type Outcome<S> = Result<<S as Serializer>::Ok, <S as Serializer>::Error>;

/// All instances of one attribute that the options keep, which are some.
pub(super) struct Instances<'a> {
    pub(super) list: &'a [AttributeInstance],
    pub(super) context: &'a Context,
    pub(super) options: &'a Representation,
}

impl<'a> Instances<'a> {
    fn kept(&self, among_others: bool) -> impl Iterator<Item = Instance<'a>> {
        let (context, options) = (self.context, self.options);
        let kept = self.list.iter().filter(|i| options.keeps_instance(i));
        kept.map(move |given| Instance {
            given,
            context,
            options,
            among_others,
        })
    }
}

impl Serialize for Instances<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Outcome<S> {
        let mut kept = self.kept(false);
        let first = kept.next();
        let only = first.filter(|_| kept.next().is_none());
        match (only, self.options.format) {
            (Some(only), format) if format != Format::Simplified || only.given.dataset_id.is_none() => {
                only.serialize(serializer)
            }
            (_, Format::Simplified) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("dataset", &Datasets(self))?;
                map.end()
            }
            _ => serializer.collect_seq(self.kept(true)),
        }
    }
}

/// `{"@none": value, "urn:…": value}`, the simplified form of several instances (clause 4.5.5).
struct Datasets<'a>(&'a Instances<'a>);

impl Serialize for Datasets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Outcome<S> {
        serializer.collect_map(
            self.0
                .kept(true)
                .map(|i| (i.given.dataset_id.as_deref().unwrap_or("@none"), i)),
        )
    }
}

pub(super) struct Instance<'a> {
    pub(super) given: &'a AttributeInstance,
    pub(super) context: &'a Context,
    pub(super) options: &'a Representation,
    /// The concise form must then be an object, or an array of values would be read as one.
    pub(super) among_others: bool,
}

impl Serialize for Instance<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Outcome<S> {
        let (given, options) = (self.given, self.options);
        let (value, lang) = in_language(given, options);
        let kind = value.kind();
        let plain = Plain {
            value: &value,
            of: self,
        };
        match options.format {
            Format::Simplified => match kind {
                AttributeKind::Property | AttributeKind::GeoProperty | AttributeKind::Relationship => {
                    plain.serialize(serializer)
                }
                wrapped => {
                    let mut map = serializer.serialize_map(Some(1))?;
                    map.serialize_entry(wrapped.value_member(), &plain)?;
                    map.end()
                }
            },
            Format::Concise
                if lang.is_none()
                    && !self.among_others
                    && given.is_bare()
                    && !options.sys_attrs
                    && !(options.instance_ids && given.instance_id.is_some())
                    && may_stand_alone(&value) =>
            {
                plain.serialize(serializer)
            }
            format => {
                let mut map = serializer.serialize_map(None)?;
                if format == Format::Normalized {
                    map.serialize_entry("type", kind.name())?;
                }
                map.serialize_entry(kind.value_member(), &plain)?;
                if let Some(lang) = lang {
                    map.serialize_entry("lang", lang)?;
                }
                if let (Some(inline), Some((uris, is_list))) = (&options.inline, targets(&value)) {
                    inline.add(uris, is_list, self.context, &mut map)?;
                }
                self.metadata(&mut map)?;
                map.end()
            }
        }
    }
}

impl Instance<'_> {
    fn metadata<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let (given, context, options) = (self.given, self.context, self.options);
        let mut text = |name: &str, value: Option<Cow<'_, str>>| match value {
            Some(value) => map.serialize_entry(name, &value),
            None => Ok(()),
        };
        text("unitCode", given.unit_code.as_deref().map(Cow::Borrowed))?;
        text("observedAt", given.observed_at.map(|t| t.to_string().into()))?;
        text("datasetId", given.dataset_id.as_deref().map(Cow::Borrowed))?;
        text(
            "valueType",
            given.value_type.as_deref().map(|t| context.compact(t)),
        )?;
        if options.instance_ids {
            text("instanceId", given.instance_id.as_deref().map(Cow::Borrowed))?;
        }
        if options.sys_attrs {
            text("createdAt", given.created_at.map(|t| t.to_string().into()))?;
            text("modifiedAt", given.modified_at.map(|t| t.to_string().into()))?;
        }
        if options.sys_attrs || options.instance_ids {
            text("deletedAt", given.deleted_at.map(|t| t.to_string().into()))?;
        }
        if !given.object_type.is_empty() {
            map.serialize_entry("objectType", &Terms(&given.object_type, context))?;
        }
        if given.sub_attributes.is_empty() {
            return Ok(());
        }
        // Projections name attributes of the entity, never of attributes.
        let inner = Representation {
            format: options.format,
            sys_attrs: options.sys_attrs,
            instance_ids: options.instance_ids,
            lang: options.lang.clone(),
            ..Representation::default()
        };
        for (name, list) in given.sub_attributes.iter().filter(|(_, list)| !list.is_empty()) {
            let view = Instances {
                list,
                context,
                options: &inner,
            };
            map.serialize_entry(&*context.compact(name), &view)?;
        }
        Ok(())
    }
}

/// A value without what is said of it.
struct Plain<'a> {
    value: &'a AttributeValue,
    of: &'a Instance<'a>,
}

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Outcome<S> {
        let (context, options) = (self.of.context, self.of.options);
        let inside = options
            .inline
            .as_ref()
            .filter(|inline| options.format == Format::Simplified && inline.is_open());
        if let (Some(inline), Some((uris, is_list))) = (inside, targets(self.value)) {
            let found = inline.simplified(uris, context);
            return if is_list {
                found.serialize(serializer)
            } else {
                OneOrMany(&found).serialize(serializer)
            };
        }
        match self.value {
            AttributeValue::Property(v) | AttributeValue::JsonProperty(v) => v.serialize(serializer),
            AttributeValue::GeoProperty(g) => g.json().serialize(serializer),
            AttributeValue::LanguageProperty(map) => map.serialize(serializer),
            AttributeValue::VocabProperty(list) => Terms(list, context).serialize(serializer),
            AttributeValue::ListProperty(list) => list.serialize(serializer),
            AttributeValue::Relationship(list) => match list.as_slice() {
                [one] => serializer.serialize_str(one.as_str()),
                many => serializer.collect_seq(many.iter().map(Uri::as_str)),
            },
            AttributeValue::ListRelationship(list) => serializer.collect_seq(list.iter().map(Uri::as_str)),
        }
    }
}

/// Where a relationship leads, and whether it is a list of relationships.
fn targets(value: &AttributeValue) -> Option<(&[Uri], bool)> {
    match value {
        AttributeValue::Relationship(uris) => Some((uris, false)),
        AttributeValue::ListRelationship(uris) => Some((uris, true)),
        _ => None,
    }
}

/// A language map becomes a Property in the best language when one is asked for (clause 4.15).
fn in_language<'a>(
    given: &'a AttributeInstance,
    options: &Representation,
) -> (Cow<'a, AttributeValue>, Option<&'a str>) {
    if let (AttributeValue::LanguageProperty(map), Some(wanted)) = (&given.value, &options.lang)
        && let Some((tag, text)) = wanted.best(map)
    {
        return (Cow::Owned(AttributeValue::Property(text.clone())), Some(tag));
    }
    (Cow::Borrowed(&given.value), None)
}

/// Whether a bare value is read back as what it is. Objects and arrays of objects could be taken for
/// attributes, so they keep their wrapping.
fn may_stand_alone(value: &AttributeValue) -> bool {
    match value {
        AttributeValue::GeoProperty(_) => true,
        AttributeValue::Property(Value::Object(_)) => false,
        AttributeValue::Property(Value::Array(items)) => !items.iter().any(Value::is_object),
        AttributeValue::Property(_) => true,
        _ => false,
    }
}

/// The geometry of an instance, where it is a GeoProperty.
pub(super) fn geometry(instance: &AttributeInstance) -> Option<&Geometry> {
    match &instance.value {
        AttributeValue::GeoProperty(g) => Some(g),
        _ => None,
    }
}

//! One attribute in normalised or concise form.

use super::{InputFormat, MAX_ATTRIBUTE_DEPTH, Purpose, Reader, names};
use crate::NGSI_LD_NULL;
use crate::datetime::DateTime;
use crate::error::{NgsiError, Result};
use crate::geometry::Geometry;
use crate::model::{AttributeFragment, AttributeKind, AttributeValue, FragmentValue, Patch};
use crate::path::Path;
use crate::uri::{Uri, shorten};
use serde_json::{Map, Value};

/// Members that hold the value of some kind of attribute.
const VALUE_MEMBERS: [&str; 7] = [
    "value",
    "object",
    "languageMap",
    "vocab",
    "json",
    "valueList",
    "objectList",
];

/// Members that say something about the value.
const METADATA: [&str; 5] = ["unitCode", "observedAt", "datasetId", "objectType", "valueType"];

/// Members that only the broker writes; in a request they are passed over.
const SYSTEM: [&str; 14] = [
    "createdAt",
    "modifiedAt",
    "deletedAt",
    "instanceId",
    "entity",
    "entityList",
    "previousValue",
    "previousObject",
    "previousLanguageMap",
    "previousVocab",
    "previousJson",
    "previousValueList",
    "previousObjectList",
    "@context",
];

/// The `type` member, under either of its names.
fn type_member(map: &Map<String, Value>) -> Option<(&'static str, &Value)> {
    map.get("type")
        .map(|v| ("type", v))
        .or_else(|| map.get("@type").map(|v| ("@type", v)))
}

fn named_kind(map: &Map<String, Value>) -> Option<AttributeKind> {
    type_member(map)
        .and_then(|(_, v)| v.as_str())
        .and_then(AttributeKind::from_name)
}

fn has_value_member(map: &Map<String, Value>) -> bool {
    VALUE_MEMBERS.iter().any(|m| map.contains_key(*m))
}

/// Whether an object can only be an attribute, not a compound value.
fn looks_like_attribute(value: &Value) -> bool {
    value.as_object().is_some_and(|map| {
        named_kind(map).is_some() || (has_value_member(map) && !map.contains_key("@value"))
    })
}

/// Whether an array is a list of attribute instances (clause 4.5.5) rather than an array value.
pub(super) fn is_instance_array(items: &[Value]) -> bool {
    !items.is_empty() && items.iter().all(looks_like_attribute)
}

/// The kind that a simplified value names by wrapping itself, such as `{"languageMap": {…}}`.
pub(super) fn wrapped_kind(map: &Map<String, Value>) -> Option<AttributeKind> {
    use AttributeKind::{JsonProperty, LanguageProperty, ListProperty, ListRelationship, VocabProperty};
    let kinds = [
        LanguageProperty,
        VocabProperty,
        JsonProperty,
        ListProperty,
        ListRelationship,
    ];
    kinds
        .into_iter()
        .find(|k| map.len() == 1 && map.contains_key(k.value_member()))
}

impl Reader<'_> {
    pub(super) fn attribute(
        &self,
        value: &Value,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<AttributeFragment> {
        match value {
            Value::Null => Err(NgsiError::bad(
                path,
                "null is not allowed; use urn:ngsi-ld:null in a patch",
            )),
            Value::String(s) if s == NGSI_LD_NULL => {
                self.null_allowed(path)?;
                Ok(AttributeFragment::new(FragmentValue::Null))
            }
            Value::Object(map) => self.attribute_object(map, path, depth, false),
            bare => {
                let value = FragmentValue::Typed(AttributeValue::Property(bare.clone()));
                Ok(AttributeFragment::new(value))
            }
        }
    }

    /// `forced` when the place already says that this is an attribute, so it is never a compound value.
    pub(super) fn attribute_object(
        &self,
        map: &Map<String, Value>,
        path: &Path<'_>,
        depth: usize,
        forced: bool,
    ) -> Result<AttributeFragment> {
        if depth >= MAX_ATTRIBUTE_DEPTH {
            let why = format!("attributes nested deeper than {MAX_ATTRIBUTE_DEPTH} levels");
            return Err(NgsiError::bad(path, why));
        }
        if Geometry::looks_like(map) {
            let geometry = Geometry::from_json(&Value::Object(map.clone()), path)?;
            let value = AttributeValue::GeoProperty(geometry);
            return Ok(AttributeFragment::new(FragmentValue::Typed(value)));
        }
        let kind = match self.kind(map, path, forced)? {
            Shape::Compound => {
                let value = AttributeValue::Property(Value::Object(map.clone()));
                return Ok(AttributeFragment::new(FragmentValue::Typed(value)));
            }
            Shape::Attribute(kind) => kind,
        };
        let mut fragment = AttributeFragment::new(self.value_of(map, kind, path)?);
        fragment.kind = kind;
        self.members(map, path, depth, &mut fragment)?;
        Ok(fragment)
    }

    fn kind(&self, map: &Map<String, Value>, path: &Path<'_>, forced: bool) -> Result<Shape> {
        let given: Vec<&str> = VALUE_MEMBERS
            .into_iter()
            .filter(|m| map.contains_key(*m))
            .collect();
        if let [first, second, ..] = given.as_slice() {
            let why = format!("an attribute cannot have both `{first}` and `{second}`");
            return Err(NgsiError::bad(&path.member(second), why));
        }
        if let Some((member, value)) = type_member(map) {
            if let Some(kind) = value.as_str().and_then(AttributeKind::from_name) {
                if let [other] = given.as_slice()
                    && *other != kind.value_member()
                {
                    let why = format!("`{other}` does not belong to a {}", kind.name());
                    return Err(NgsiError::bad(&path.member(other), why));
                }
                return Ok(Shape::Attribute(Some(kind)));
            }
            if forced || !given.is_empty() {
                let why = match value.as_str() {
                    Some(name) => format!("`{}` is not a type of attribute", shorten(name)),
                    None => "the type of an attribute is a string".to_owned(),
                };
                return Err(NgsiError::bad(&path.member(member), why));
            }
            return Ok(Shape::Compound);
        }
        if let [member] = given.as_slice() {
            let kind = AttributeKind::ALL
                .into_iter()
                .find(|k| k.value_member() == *member);
            let is_geometry = map
                .get("value")
                .and_then(Value::as_object)
                .is_some_and(Geometry::looks_like);
            let null = map[*member].as_str() == Some(NGSI_LD_NULL);
            return Ok(Shape::Attribute(if is_geometry {
                Some(AttributeKind::GeoProperty)
            } else if null && *member == "value" {
                // Nulling `value` fits Property and GeoProperty alike.
                None
            } else {
                kind
            }));
        }
        let metadata = METADATA.iter().any(|m| map.contains_key(*m));
        let only_sub_attributes =
            self.purpose == Purpose::Merge && !map.is_empty() && map.values().all(looks_like_attribute);
        if forced || metadata || only_sub_attributes {
            Ok(Shape::Attribute(None))
        } else {
            Ok(Shape::Compound)
        }
    }

    fn value_of(
        &self,
        map: &Map<String, Value>,
        kind: Option<AttributeKind>,
        path: &Path<'_>,
    ) -> Result<FragmentValue> {
        let member = kind.map_or("value", AttributeKind::value_member);
        match map.get(member) {
            Some(value) => self.value(
                kind.unwrap_or(AttributeKind::Property),
                value,
                &path.member(member),
            ),
            None if self.purpose == Purpose::Merge => Ok(FragmentValue::Absent),
            None => Err(NgsiError::bad(path, format!("member `{member}` is missing"))),
        }
    }

    fn members(
        &self,
        map: &Map<String, Value>,
        path: &Path<'_>,
        depth: usize,
        fragment: &mut AttributeFragment,
    ) -> Result<()> {
        for (name, value) in map {
            let here = path.member(name);
            match name.as_str() {
                "type" | "@type" => {}
                "unitCode" => {
                    fragment.unit_code = self.optional(value, &here, |text| {
                        (!text.is_empty() && text.len() <= 256).then(|| text.to_owned())
                    })?;
                }
                "observedAt" => fragment.observed_at = self.optional(value, &here, DateTime::parse)?,
                "datasetId" => fragment.dataset_id = self.dataset_id(value, &here)?,
                "objectType" => fragment.object_type = Some(self.terms(value, &here)?),
                "valueType" => fragment.value_type = self.terms(value, &here)?.into_iter().next(),
                known if VALUE_MEMBERS.contains(&known) || SYSTEM.contains(&known) => {}
                _ => {
                    let expanded = names::expand_name(name, self.context, &here)?;
                    let inner = Reader {
                        format: InputFormat::Normalized,
                        ..*self
                    };
                    let list = inner.attribute_list(value, &here, depth + 1)?;
                    if fragment.sub_attributes.insert(expanded, list).is_some() {
                        return Err(NgsiError::bad(
                            &here,
                            "the same attribute is given under two names",
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    fn optional<T>(
        &self,
        value: &Value,
        path: &Path<'_>,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Patch<T>> {
        match value.as_str() {
            Some(NGSI_LD_NULL) => {
                self.null_allowed(path)?;
                Ok(Patch::Remove)
            }
            Some(text) => match read(text) {
                Some(value) => Ok(Patch::Set(value)),
                None => Err(NgsiError::bad(
                    path,
                    format!("`{}` is not valid here", shorten(text)),
                )),
            },
            None => Err(NgsiError::bad(path, "must be a string")),
        }
    }

    fn dataset_id(&self, value: &Value, path: &Path<'_>) -> Result<Option<Uri>> {
        match value.as_str() {
            Some("@none") => Ok(None),
            Some(text) => Uri::parse_at(text, path).map(Some),
            None => Err(NgsiError::bad(path, "datasetId must be a URI")),
        }
    }
}

enum Shape {
    /// A JSON object that is itself the value of a Property.
    Compound,
    /// An attribute, of this kind where it could be told.
    Attribute(Option<AttributeKind>),
}

//! Fragments: what a request says about part of an entity, including what it wants removed.

use super::{AttributeInstance, AttributeKind, AttributeValue, Attributes};
use crate::NGSI_LD_NULL;
use crate::datetime::DateTime;
use crate::geometry::Geometry;
use crate::path::Path;
use crate::uri::Uri;
use indexmap::IndexMap;
use serde_json::Value;

/// What a fragment wants of one optional member.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Patch<T> {
    /// Not mentioned.
    #[default]
    Keep,
    /// New value.
    Set(T),
    /// NGSI-LD Null.
    Remove,
}

impl<T> Patch<T> {
    /// The new value, where there is one.
    pub fn into_set(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            _ => None,
        }
    }

    /// Applies the wish to a stored member.
    pub fn apply(self, target: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Set(value) => *target = Some(value),
            Self::Remove => *target = None,
        }
    }
}

/// What a fragment says about the value.
#[derive(Debug, Clone, PartialEq)]
pub enum FragmentValue {
    /// Nothing: only metadata or sub-attributes change.
    Absent,
    /// NGSI-LD Null: the attribute goes away.
    Null,
    /// A value of known kind. In a merge patch it may hold NGSI-LD Nulls inside.
    Typed(AttributeValue),
    /// A value in simplified form, whose kind the stored attribute decides (clause 5.6.17).
    Raw(Value),
}

/// A fragment of one attribute instance.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeFragment {
    /// The `type` given, where it was.
    pub kind: Option<AttributeKind>,
    /// The value.
    pub value: FragmentValue,
    /// `unitCode`.
    pub unit_code: Patch<String>,
    /// `observedAt`.
    pub observed_at: Patch<DateTime>,
    /// Which instance is meant.
    pub dataset_id: Option<Uri>,
    /// `objectType`, expanded.
    pub object_type: Option<Vec<String>>,
    /// `valueType`, expanded.
    pub value_type: Option<String>,
    /// Sub-attributes.
    pub sub_attributes: IndexMap<String, Vec<AttributeFragment>>,
}

impl AttributeFragment {
    /// A fragment with a value and nothing else.
    pub fn new(value: FragmentValue) -> Self {
        Self {
            kind: None,
            value,
            unit_code: Patch::Keep,
            observed_at: Patch::Keep,
            dataset_id: None,
            object_type: None,
            value_type: None,
            sub_attributes: IndexMap::new(),
        }
    }

    /// The instance that this fragment describes by itself; NGSI-LD Nulls inside are dropped. `None` when it
    /// has no value or wants the attribute removed.
    pub fn into_instance(self) -> Option<AttributeInstance> {
        let value = match self.value {
            FragmentValue::Absent | FragmentValue::Null => return None,
            FragmentValue::Typed(value) => without_nulls(value)?,
            FragmentValue::Raw(raw) => simplified_value(raw),
        };
        let mut instance = AttributeInstance::new(value);
        instance.unit_code = self.unit_code.into_set();
        instance.observed_at = self.observed_at.into_set();
        instance.dataset_id = self.dataset_id;
        instance.object_type = self.object_type.unwrap_or_default();
        instance.value_type = self.value_type;
        instance.sub_attributes = into_attributes(self.sub_attributes);
        Some(instance)
    }
}

/// A fragment of an entity.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EntityFragment {
    /// `id`, where the body repeated it.
    pub id: Option<Uri>,
    /// Expanded types to add.
    pub types: Vec<String>,
    /// Scopes.
    pub scope: Patch<Vec<String>>,
    /// Attributes by expanded name.
    pub attributes: IndexMap<String, Vec<AttributeFragment>>,
}

/// Instances of fragments that describe whole attributes; removals and valueless ones fall away.
pub(crate) fn into_attributes(fragments: IndexMap<String, Vec<AttributeFragment>>) -> Attributes {
    fragments
        .into_iter()
        .map(|(name, list)| {
            (
                name,
                list.into_iter()
                    .filter_map(AttributeFragment::into_instance)
                    .collect::<Vec<_>>(),
            )
        })
        .filter(|(_, list)| !list.is_empty())
        .collect()
}

/// The attribute value that a simplified value stands for when nothing stored tells otherwise.
pub(crate) fn simplified_value(raw: Value) -> AttributeValue {
    if let Value::Object(map) = &raw
        && Geometry::looks_like(map)
        && let Ok(geometry) = Geometry::from_json(&raw, &Path::root())
    {
        return AttributeValue::GeoProperty(geometry);
    }
    AttributeValue::Property(raw)
}

/// Removes NGSI-LD Nulls inside a value; `None` when nothing is left.
pub(crate) fn without_nulls(value: AttributeValue) -> Option<AttributeValue> {
    Some(match value {
        AttributeValue::Property(v) => AttributeValue::Property(prune(v)?),
        AttributeValue::LanguageProperty(mut map) => {
            map.retain(|_, v| v.as_str() != Some(NGSI_LD_NULL));
            if map.is_empty() {
                return None;
            }
            AttributeValue::LanguageProperty(map)
        }
        other => other,
    })
}

fn prune(value: Value) -> Option<Value> {
    match value {
        Value::String(s) if s == NGSI_LD_NULL => None,
        Value::Object(map) => Some(Value::Object(
            map.into_iter()
                .filter_map(|(k, v)| prune(v).map(|v| (k, v)))
                .collect(),
        )),
        other => Some(other),
    }
}

//! Attribute instances and their values.

use super::Attributes;
use crate::datetime::DateTime;
use crate::geometry::Geometry;
use crate::uri::Uri;
use serde_json::{Map, Value};

/// Texts by language tag; a value is a string or an array of strings (clause 4.5.18).
pub type LanguageMap = Map<String, Value>;

/// The eight kinds of attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttributeKind {
    /// Clause 4.5.2.
    Property,
    /// Clause 4.5.3.
    Relationship,
    /// Clause 4.5.2 with a GeoJSON value.
    GeoProperty,
    /// Clause 4.5.18.
    LanguageProperty,
    /// Clause 4.5.20.
    VocabProperty,
    /// Clause 4.5.24.
    JsonProperty,
    /// Clause 4.5.21.
    ListProperty,
    /// Clause 4.5.22.
    ListRelationship,
}

impl AttributeKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Property,
        Self::Relationship,
        Self::GeoProperty,
        Self::LanguageProperty,
        Self::VocabProperty,
        Self::JsonProperty,
        Self::ListProperty,
        Self::ListRelationship,
    ];

    /// Name in the `type` member.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Property => "Property",
            Self::Relationship => "Relationship",
            Self::GeoProperty => "GeoProperty",
            Self::LanguageProperty => "LanguageProperty",
            Self::VocabProperty => "VocabProperty",
            Self::JsonProperty => "JsonProperty",
            Self::ListProperty => "ListProperty",
            Self::ListRelationship => "ListRelationship",
        }
    }

    /// The kind with this name, compact or as a full IRI.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name
            .strip_prefix("https://uri.etsi.org/ngsi-ld/")
            .or_else(|| name.strip_prefix("ngsi-ld:"))
            .unwrap_or(name);
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// The member that holds the value.
    pub const fn value_member(self) -> &'static str {
        match self {
            Self::Property | Self::GeoProperty => "value",
            Self::Relationship => "object",
            Self::LanguageProperty => "languageMap",
            Self::VocabProperty => "vocab",
            Self::JsonProperty => "json",
            Self::ListProperty => "valueList",
            Self::ListRelationship => "objectList",
        }
    }

    /// One letter for the storage form.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Property => "P",
            Self::Relationship => "R",
            Self::GeoProperty => "G",
            Self::LanguageProperty => "L",
            Self::VocabProperty => "V",
            Self::JsonProperty => "J",
            Self::ListProperty => "A",
            Self::ListRelationship => "B",
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }
}

/// The value of an attribute instance.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeValue {
    /// Any JSON value but null.
    Property(Value),
    /// One target or several.
    Relationship(Vec<Uri>),
    /// A checked geometry.
    GeoProperty(Geometry),
    /// Texts by language.
    LanguageProperty(LanguageMap),
    /// One expanded term or several.
    VocabProperty(Vec<String>),
    /// Raw JSON that is never expanded.
    JsonProperty(Value),
    /// An ordered list of values.
    ListProperty(Vec<Value>),
    /// An ordered list of targets.
    ListRelationship(Vec<Uri>),
}

impl AttributeValue {
    /// Which kind of attribute has this value.
    pub const fn kind(&self) -> AttributeKind {
        match self {
            Self::Property(_) => AttributeKind::Property,
            Self::Relationship(_) => AttributeKind::Relationship,
            Self::GeoProperty(_) => AttributeKind::GeoProperty,
            Self::LanguageProperty(_) => AttributeKind::LanguageProperty,
            Self::VocabProperty(_) => AttributeKind::VocabProperty,
            Self::JsonProperty(_) => AttributeKind::JsonProperty,
            Self::ListProperty(_) => AttributeKind::ListProperty,
            Self::ListRelationship(_) => AttributeKind::ListRelationship,
        }
    }
}

/// One instance of an attribute (one per datasetId), with its sub-attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeInstance {
    /// The value, which also tells the kind.
    pub value: AttributeValue,
    /// Unit of measurement, UN/CEFACT common code.
    pub unit_code: Option<String>,
    /// When the value was true in the world.
    pub observed_at: Option<DateTime>,
    /// Which of several parallel values; `None` for the default instance.
    pub dataset_id: Option<Uri>,
    /// Expanded types of the target, relationships only.
    pub object_type: Vec<String>,
    /// Expanded datatype of the value, properties only.
    pub value_type: Option<String>,
    /// Identifier of this instance in the history.
    pub instance_id: Option<Uri>,
    /// When the broker first held it.
    pub created_at: Option<DateTime>,
    /// When the broker last changed it.
    pub modified_at: Option<DateTime>,
    /// When it was deleted (temporal representation and notifications).
    pub deleted_at: Option<DateTime>,
    /// Attributes of this attribute.
    pub sub_attributes: Attributes,
}

impl AttributeInstance {
    /// A default instance with nothing but a value.
    pub fn new(value: AttributeValue) -> Self {
        Self {
            value,
            unit_code: None,
            observed_at: None,
            dataset_id: None,
            object_type: Vec::new(),
            value_type: None,
            instance_id: None,
            created_at: None,
            modified_at: None,
            deleted_at: None,
            sub_attributes: Attributes::new(),
        }
    }

    /// Which kind of attribute this is.
    pub const fn kind(&self) -> AttributeKind {
        self.value.kind()
    }

    /// Whether two instances say the same, times and identifiers of the broker aside.
    pub fn same_content(&self, other: &Self) -> bool {
        self.value == other.value
            && self.unit_code == other.unit_code
            && self.observed_at == other.observed_at
            && self.dataset_id == other.dataset_id
            && self.object_type == other.object_type
            && self.value_type == other.value_type
            && same_attributes(&self.sub_attributes, &other.sub_attributes)
    }

    /// Whether nothing but the value is there (what the concise form may write without an object).
    pub(crate) fn is_bare(&self) -> bool {
        self.unit_code.is_none()
            && self.observed_at.is_none()
            && self.dataset_id.is_none()
            && self.object_type.is_empty()
            && self.value_type.is_none()
            && self.sub_attributes.is_empty()
    }
}

fn same_attributes(a: &Attributes, b: &Attributes) -> bool {
    a.len() == b.len()
        && a.iter().all(|(name, instances)| {
            b.get(name).is_some_and(|others| {
                instances.len() == others.len()
                    && instances.iter().all(|i| others.iter().any(|o| i.same_content(o)))
            })
        })
}

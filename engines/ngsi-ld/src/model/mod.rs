//! The information model: entities and attributes with expanded names (clauses 4.2, 4.5).

mod attribute;
mod fragment;

pub use attribute::{AttributeInstance, AttributeKind, AttributeValue, LanguageMap};
pub use fragment::{AttributeFragment, EntityFragment, FragmentValue, Patch};

use crate::datetime::DateTime;
use crate::uri::Uri;
use indexmap::IndexMap;

/// Attributes by expanded name, in the order given; each with one instance per datasetId.
pub type Attributes = IndexMap<String, Vec<AttributeInstance>>;

/// Expanded name of the default geospatial attribute.
pub const LOCATION: &str = "https://uri.etsi.org/ngsi-ld/location";

/// Expanded name of the scope, where it is named like an attribute.
pub const SCOPE: &str = "https://uri.etsi.org/ngsi-ld/scope";

/// An NGSI-LD entity; all names are expanded IRIs.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    /// Identifier.
    pub id: Uri,
    /// Expanded types, at least one, no repetitions.
    pub types: Vec<String>,
    /// Scopes with a leading slash (clause 4.18).
    pub scope: Vec<String>,
    /// Attributes.
    pub attributes: Attributes,
    /// When the broker first held it.
    pub created_at: Option<DateTime>,
    /// When the broker last changed it.
    pub modified_at: Option<DateTime>,
    /// When it was deleted; only on entities of the temporal representation and of notifications.
    pub deleted_at: Option<DateTime>,
}

impl Entity {
    /// An entity without attributes. `types` are expanded IRIs.
    pub fn new(id: Uri, types: Vec<String>) -> Self {
        Self {
            id,
            types,
            scope: Vec::new(),
            attributes: Attributes::new(),
            created_at: None,
            modified_at: None,
            deleted_at: None,
        }
    }

    /// The instance of an attribute with this datasetId (`None` is the default instance).
    pub fn instance(&self, attribute: &str, dataset_id: Option<&Uri>) -> Option<&AttributeInstance> {
        self.attributes
            .get(attribute)?
            .iter()
            .find(|i| i.dataset_id.as_ref() == dataset_id)
    }

    /// All instances of an attribute, empty when it is absent.
    pub fn instances(&self, attribute: &str) -> &[AttributeInstance] {
        self.attributes.get(attribute).map_or(&[], Vec::as_slice)
    }
}

pub(crate) use fragment::{into_attributes, simplified_value, without_nulls};

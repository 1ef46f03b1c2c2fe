//! Instances that only the temporal representation knows.

use crate::NGSI_LD_NULL;
use crate::datetime::DateTime;
use crate::geometry::Geometry;
use crate::model::{AttributeInstance, AttributeKind, AttributeValue};
use crate::uri::Uri;
use serde_json::{Map, Value};

/// NGSI-LD Null as the value of each kind of attribute: what a deleted attribute has (clauses 4.5.0, 4.5.7).
pub fn null_value(kind: AttributeKind) -> AttributeValue {
    let text = || Value::from(NGSI_LD_NULL);
    let targets = || Uri::parse(NGSI_LD_NULL).into_iter().collect();
    match kind {
        AttributeKind::Property => AttributeValue::Property(text()),
        AttributeKind::GeoProperty => AttributeValue::GeoProperty(Geometry::from_trusted(text())),
        AttributeKind::JsonProperty => AttributeValue::JsonProperty(text()),
        AttributeKind::VocabProperty => AttributeValue::VocabProperty(vec![NGSI_LD_NULL.to_owned()]),
        AttributeKind::LanguageProperty => {
            AttributeValue::LanguageProperty(Map::from_iter([("@none".to_owned(), text())]))
        }
        AttributeKind::ListProperty => AttributeValue::ListProperty(vec![text()]),
        AttributeKind::Relationship => AttributeValue::Relationship(targets()),
        AttributeKind::ListRelationship => AttributeValue::ListRelationship(targets()),
    }
}

/// The marker that an attribute of this kind was deleted.
pub fn deletion(kind: AttributeKind, at: DateTime) -> AttributeInstance {
    let mut marker = AttributeInstance::new(null_value(kind));
    marker.deleted_at = Some(at);
    marker
}

/// Scopes as the value of an instance; none at all once they were deleted.
pub fn scope_instance(scopes: &[String]) -> AttributeInstance {
    let list = scopes.iter().map(|s| Value::from(s.as_str())).collect();
    AttributeInstance::new(AttributeValue::Property(Value::Array(list)))
}

//! GeoJSON representation (clauses 4.5.16 and 4.5.17).

use super::EntityView;
use super::attribute::geometry;
use crate::geometry::Geometry;
use crate::model::LOCATION;
use crate::uri::Uri;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// An entity as a GeoJSON Feature (clause 4.5.16).
#[derive(Debug, Clone, Copy)]
pub struct FeatureView<'e> {
    /// What becomes the properties; its `@context`, if any, goes to the feature.
    pub entity: EntityView<'e>,
    /// Expanded name of the GeoProperty that becomes the geometry: `location` when `None`. An entity without it has
    /// a null geometry.
    pub geometry_property: Option<&'e str>,
    /// Which of its instances.
    pub dataset_id: Option<&'e Uri>,
}

impl Serialize for FeatureView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let list = self
            .entity
            .entity
            .instances(self.geometry_property.unwrap_or(LOCATION));
        let shape = list
            .iter()
            .find(|i| i.dataset_id.as_ref() == self.dataset_id)
            .and_then(geometry);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", self.entity.entity.id.as_str())?;
        map.serialize_entry("type", "Feature")?;
        map.serialize_entry("geometry", &shape.map(Geometry::json))?;
        map.serialize_entry("properties", &Properties(self.entity))?;
        if let Some(context) = self.entity.ld {
            map.serialize_entry("@context", context)?;
        }
        map.end()
    }
}

/// The body as an object of its own.
struct Properties<'e>(EntityView<'e>);

impl Serialize for Properties<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.body(&mut map)?;
        map.end()
    }
}

/// Features as a FeatureCollection; every feature may carry its own `@context` (clause 6.3.15).
#[derive(Debug, Clone)]
pub struct FeatureCollection<F>(pub Vec<F>);

impl<F: Serialize> Serialize for FeatureCollection<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("type", "FeatureCollection")?;
        map.serialize_entry("features", &self.0)?;
        map.end()
    }
}

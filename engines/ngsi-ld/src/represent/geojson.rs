//! GeoJSON representation (clauses 4.5.16 and 4.5.17).

use super::{Representation, attribute, body};
use crate::context::Context;
use crate::model::{Entity, LOCATION};
use crate::uri::Uri;
use serde_json::{Map, Value};

/// An entity as a GeoJSON Feature, without `@context`.
///
/// `geometry_property` is the expanded name of the GeoProperty that becomes the geometry (`location` when
/// `None`), `dataset_id` which of its instances; an entity without it has a null geometry.
pub fn feature(
    entity: &Entity,
    context: &Context,
    options: &Representation,
    geometry_property: Option<&str>,
    dataset_id: Option<&Uri>,
) -> Value {
    let list = entity.instances(geometry_property.unwrap_or(LOCATION));
    let geometry = list
        .iter()
        .find(|i| i.dataset_id.as_ref() == dataset_id)
        .and_then(attribute::geometry)
        .map_or(Value::Null, |g| g.json().clone());
    let mut properties = Map::new();
    body(entity, context, options, &mut properties);
    let mut map = Map::new();
    map.insert("id".into(), entity.id.as_str().into());
    map.insert("type".into(), "Feature".into());
    map.insert("geometry".into(), geometry);
    map.insert("properties".into(), Value::Object(properties));
    Value::Object(map)
}

/// Features as a GeoJSON FeatureCollection; `json_ld` adds the `@context` member (clause 6.3.15: unless the
/// client prefers a plain body).
pub fn feature_collection(features: Vec<Value>, context: &Context, json_ld: bool) -> Value {
    let mut map = Map::new();
    map.insert("type".into(), "FeatureCollection".into());
    map.insert("features".into(), Value::Array(features));
    if json_ld {
        map.insert("@context".into(), context.to_json());
    }
    Value::Object(map)
}

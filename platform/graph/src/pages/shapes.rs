//! Geometries for the map on a page.

use bisenzio_ngsi_ld::represent::{self, Format, Representation};
use bisenzio_ngsi_ld::{AttributeValue, Context, Entity};
use serde_json::{Map, Value, json};

use super::links;
use super::words::Words;

/// Parts of one entity's geometries that a map draws.
const MOST_PARTS: usize = 500;

/// Whether an entity can be drawn.
pub(crate) fn is_drawn(entity: &Entity) -> bool {
    geometries(entity).next().is_some()
}

/// Geometries with the name (expanded) of the attribute that holds them.
pub(crate) fn geometries(entity: &Entity) -> impl Iterator<Item = (&str, &Value)> {
    entity.attributes.iter().flat_map(|(name, list)| {
        list.iter().filter_map(move |instance| match &instance.value {
            AttributeValue::GeoProperty(geometry) => Some((name.as_str(), geometry.json())),
            _ => None,
        })
    })
}

/// An entity as features of the map component: one for each single part of its geometries.
pub(crate) fn features(words: &Words, entity: &Entity) -> Vec<Value> {
    let mut parts = Vec::new();
    for (_, geometry) in geometries(entity) {
        take_apart(geometry, &mut parts);
    }
    let properties = json!({
        "id": entity.id.as_str(),
        "title": words.title(entity),
        "status": words.types(&entity.types),
        "url": links::thing(&entity.id),
    });
    parts
        .into_iter()
        .map(|geometry| json!({ "type": "Feature", "geometry": geometry, "properties": properties }))
        .collect()
}

/// The map component tells points, lines and areas apart, not their multiple forms.
fn take_apart(geometry: &Value, out: &mut Vec<Value>) {
    let single = match geometry.get("type").and_then(Value::as_str) {
        Some("MultiPoint") => "Point",
        Some("MultiLineString") => "LineString",
        Some("MultiPolygon") => "Polygon",
        Some("GeometryCollection") => {
            for part in geometry
                .get("geometries")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                take_apart(part, out);
            }
            return;
        }
        _ => {
            if out.len() < MOST_PARTS {
                out.push(geometry.clone());
            }
            return;
        }
    };
    for part in geometry
        .get("coordinates")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if out.len() >= MOST_PARTS {
            return;
        }
        out.push(json!({ "type": single, "coordinates": part }));
    }
}

/// An entity as one feature for reuse: its values as properties, its first geometry whole.
pub(crate) fn export(words: &Words, entity: &Entity) -> Value {
    let context = Context::core();
    let geometry = geometries(entity).next().map(|(_, geometry)| geometry.clone());
    let mut properties = match represent::entity(entity, &context, &Representation::new(Format::Simplified)) {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    for (name, _) in geometries(entity) {
        properties.shift_remove(context.compact(name).as_ref());
    }
    properties.insert("title".into(), words.title(entity).into());
    properties.insert("url".into(), links::thing(&entity.id).into());
    json!({ "type": "Feature", "id": entity.id.as_str(), "geometry": geometry, "properties": properties })
}

/// West, south, east, north around all geometries, with a little room; `None` without any.
pub(crate) fn bounds(entity: &Entity) -> Option<String> {
    let mut found: Option<[f64; 4]> = None;
    for (_, geometry) in geometries(entity) {
        positions(geometry, &mut |x, y| {
            let b = found.get_or_insert([x, y, x, y]);
            *b = [b[0].min(x), b[1].min(y), b[2].max(x), b[3].max(y)];
        });
    }
    let [w, s, e, n] = found?;
    let room = 0.005;
    Some(format!(
        "{:.5},{:.5},{:.5},{:.5}",
        w - room,
        s - room,
        e + room,
        n + room
    ))
}

fn positions(geometry: &Value, f: &mut impl FnMut(f64, f64)) {
    for part in geometry
        .get("geometries")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        positions(part, f);
    }
    if let Some(coordinates) = geometry.get("coordinates") {
        each(coordinates, f);
    }
}

fn each(coordinates: &Value, f: &mut impl FnMut(f64, f64)) {
    let Some(list) = coordinates.as_array() else {
        return;
    };
    match (
        list.first().and_then(Value::as_f64),
        list.get(1).and_then(Value::as_f64),
    ) {
        (Some(x), Some(y)) => f(x, y),
        _ => list.iter().for_each(|inner| each(inner, f)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::{entity, words};

    #[test]
    fn multiple_forms_are_taken_apart_and_framed() {
        let one = entity(&json!({
            "id": "urn:a:1", "type": "A",
            "location": { "type": "GeoProperty", "value": { "type": "GeometryCollection", "geometries": [
                { "type": "MultiPoint", "coordinates": [[11.0, 43.0], [11.1, 43.1]] },
                { "type": "Polygon", "coordinates": [[[11.0, 43.0], [11.2, 43.0], [11.2, 43.2], [11.0, 43.0]]] }
            ] } }
        }));
        let features = features(&words(), &one);
        let kinds: Vec<&str> = features
            .iter()
            .filter_map(|f| f["geometry"]["type"].as_str())
            .collect();
        assert_eq!(kinds, ["Point", "Point", "Polygon"]);
        assert_eq!(
            bounds(&one).as_deref(),
            Some("10.99500,42.99500,11.20500,43.20500")
        );
        assert_eq!(bounds(&entity(&json!({ "id": "urn:a:2", "type": "A" }))), None);
    }
}

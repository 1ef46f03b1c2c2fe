//! `geoQ`: relation, geometry and coordinates, one a line, evaluated against a few shapes.
#![no_main]

use bisenzio_ngsi_ld::query::GeoQuery;
use bisenzio_ngsi_ld::{Context, Geometry, Path};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|text: &str| {
    let mut parts = text.splitn(3, '\n');
    let (Some(georel), Some(geometry), Some(coordinates)) = (parts.next(), parts.next(), parts.next()) else {
        return;
    };
    let coordinates = Value::String(coordinates.to_owned());
    let Ok(query) = GeoQuery::parse(georel, geometry, &coordinates, None, &Context::core()) else {
        return;
    };
    let _ = query.bbox();
    for shape in [
        json!({ "type": "Point", "coordinates": [11.1, 43.9] }),
        json!({ "type": "LineString", "coordinates": [[11, 43], [12, 44]] }),
        json!({ "type": "Polygon", "coordinates": [[[11, 43], [12, 43], [12, 44], [11, 43]]] }),
        json!({ "type": "Polygon", "coordinates": [[[0, 0], [2, 2], [0, 2], [2, 0], [0, 0]]] }),
    ] {
        if let Ok(shape) = Geometry::from_json(&shape, &Path::root()) {
            let _ = query.matches_geometry(&shape);
        }
    }
});

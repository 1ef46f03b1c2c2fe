//! GeoJSON geometries (RFC 7946, clause 4.7): checked on entry, kept as they were given, converted to `geo`
//! types when something has to be computed. Coordinates are WGS 84 longitude and latitude, in degrees.

use crate::error::{NgsiError, Result};
use crate::json::parse_strict;
use crate::path::Path;
use geo::{Coord, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use serde_json::{Map, Value};

/// Most positions in one geometry.
pub const MAX_POSITIONS: usize = 100_000;
const MAX_COLLECTION_DEPTH: usize = 4;

/// Names of the GeoJSON geometry types.
pub const GEOMETRY_TYPES: [&str; 7] = [
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
];

/// A valid GeoJSON geometry object.
#[derive(Debug, Clone, PartialEq)]
pub struct Geometry(Value);

impl Geometry {
    /// Reads a geometry object, or the same written inside a string (clause 4.7.1).
    ///
    /// Errors: `BadRequestData` naming the place: unknown type, open rings, too few positions, longitudes
    /// beyond ±180, latitudes beyond ±90, more than [`MAX_POSITIONS`].
    pub fn from_json(value: &Value, path: &Path<'_>) -> Result<Self> {
        let parsed;
        let value = match value {
            Value::String(text) => {
                parsed = parse_strict(text.as_bytes())
                    .map_err(|_| NgsiError::bad(path, "the text is not a GeoJSON geometry"))?;
                &parsed
            }
            other => other,
        };
        let mut left = MAX_POSITIONS;
        check(value, path, &mut left, 0).map(Self)
    }

    /// Whether a JSON value looks like a geometry (right `type` and the member that goes with it).
    pub fn looks_like(value: &Map<String, Value>) -> bool {
        let kind = value.get("type").and_then(Value::as_str);
        kind.is_some_and(|k| GEOMETRY_TYPES.contains(&k))
            && (value.contains_key("coordinates") || value.contains_key("geometries"))
    }

    /// Trusts a value that this crate has written (the storage form).
    pub(crate) fn from_trusted(value: Value) -> Self {
        Self(value)
    }

    /// The GeoJSON object.
    pub fn json(&self) -> &Value {
        &self.0
    }

    /// The geometry for computing; altitudes are dropped. `None` only for an empty or damaged stored value.
    pub fn to_geo(&self) -> Option<geo::Geometry<f64>> {
        convert(&self.0)
    }
}

fn check(value: &Value, path: &Path<'_>, left: &mut usize, depth: usize) -> Result<Value> {
    let object = value
        .as_object()
        .ok_or_else(|| NgsiError::bad(path, "a GeoJSON geometry is an object"))?;
    let kind = object
        .get("type")
        .and_then(Value::as_str)
        .filter(|k| GEOMETRY_TYPES.contains(k))
        .ok_or_else(|| NgsiError::bad(&path.member("type"), "not a GeoJSON geometry type"))?;
    let mut clean = Map::new();
    clean.insert("type".into(), kind.into());
    if kind == "GeometryCollection" {
        let here = path.member("geometries");
        if depth >= MAX_COLLECTION_DEPTH {
            return Err(NgsiError::bad(&here, "geometry collections nested too deeply"));
        }
        let items = array(object.get("geometries"), &here)?;
        let parts: Result<Vec<Value>> = items
            .iter()
            .enumerate()
            .map(|(i, g)| check(g, &here.index(i), left, depth + 1))
            .collect();
        clean.insert("geometries".into(), Value::Array(parts?));
    } else {
        let here = path.member("coordinates");
        let coordinates = object
            .get("coordinates")
            .ok_or_else(|| NgsiError::bad(&here, "coordinates are missing"))?;
        match kind {
            "Point" => position(coordinates, &here, left)?,
            "MultiPoint" => positions(coordinates, &here, left, 1)?,
            "LineString" => positions(coordinates, &here, left, 2)?,
            "MultiLineString" => each(coordinates, &here, |c, p| positions(c, p, left, 2))?,
            "Polygon" => polygon(coordinates, &here, left)?,
            _ => each(coordinates, &here, |c, p| polygon(c, p, left))?,
        }
        clean.insert("coordinates".into(), coordinates.clone());
    }
    if let Some(bbox) = object.get("bbox") {
        let here = path.member("bbox");
        let numbers = array(Some(bbox), &here)?;
        if !matches!(numbers.len(), 4 | 6) || !numbers.iter().all(Value::is_number) {
            return Err(NgsiError::bad(&here, "bbox has four or six numbers"));
        }
        clean.insert("bbox".into(), bbox.clone());
    }
    Ok(Value::Object(clean))
}

fn array<'v>(value: Option<&'v Value>, path: &Path<'_>) -> Result<&'v Vec<Value>> {
    value
        .and_then(Value::as_array)
        .filter(|a| !a.is_empty())
        .ok_or_else(|| NgsiError::bad(path, "must be a non-empty array"))
}

fn each(value: &Value, path: &Path<'_>, mut f: impl FnMut(&Value, &Path<'_>) -> Result<()>) -> Result<()> {
    array(Some(value), path)?
        .iter()
        .enumerate()
        .try_for_each(|(i, v)| f(v, &path.index(i)))
}

fn position(value: &Value, path: &Path<'_>, left: &mut usize) -> Result<()> {
    *left = left
        .checked_sub(1)
        .ok_or_else(|| NgsiError::bad(path, format!("more than {MAX_POSITIONS} positions")))?;
    let items = array(Some(value), path)?;
    if !matches!(items.len(), 2 | 3) {
        return Err(NgsiError::bad(
            path,
            "a position has longitude, latitude and optionally altitude",
        ));
    }
    for (i, item) in items.iter().enumerate() {
        let number = item.as_f64().filter(|n| n.is_finite());
        let number =
            number.ok_or_else(|| NgsiError::bad(&path.index(i), "a coordinate must be a finite number"))?;
        let limit = [180.0, 90.0, f64::MAX][i];
        if number.abs() > limit {
            let what = if i == 0 { "longitude" } else { "latitude" };
            return Err(NgsiError::bad(
                &path.index(i),
                format!("{what} {number} is beyond ±{limit}"),
            ));
        }
    }
    Ok(())
}

fn positions(value: &Value, path: &Path<'_>, left: &mut usize, least: usize) -> Result<()> {
    let items = array(Some(value), path)?;
    if items.len() < least {
        return Err(NgsiError::bad(
            path,
            format!("at least {least} positions are needed"),
        ));
    }
    items
        .iter()
        .enumerate()
        .try_for_each(|(i, p)| position(p, &path.index(i), left))
}

fn polygon(value: &Value, path: &Path<'_>, left: &mut usize) -> Result<()> {
    each(value, path, |ring, path| {
        positions(ring, path, left, 4)?;
        let items = array(Some(ring), path)?;
        if xy(&items[0]) != xy(&items[items.len() - 1]) {
            return Err(NgsiError::bad(
                path,
                "the ring is not closed: first and last position differ",
            ));
        }
        Ok(())
    })
}

fn xy(value: &Value) -> Option<Coord<f64>> {
    Some(Coord {
        x: value.get(0)?.as_f64()?,
        y: value.get(1)?.as_f64()?,
    })
}

fn line(value: &Value) -> Option<LineString<f64>> {
    value
        .as_array()?
        .iter()
        .map(xy)
        .collect::<Option<Vec<_>>>()
        .map(LineString::new)
}

fn lines(value: &Value) -> Option<Vec<LineString<f64>>> {
    value.as_array()?.iter().map(line).collect()
}

fn rings(value: &Value) -> Option<Polygon<f64>> {
    let mut all = lines(value)?.into_iter();
    Some(Polygon::new(all.next()?, all.collect()))
}

fn convert(value: &Value) -> Option<geo::Geometry<f64>> {
    let coordinates = || value.get("coordinates");
    Some(match value.get("type")?.as_str()? {
        "Point" => geo::Geometry::Point(Point(xy(coordinates()?)?)),
        "MultiPoint" => geo::Geometry::MultiPoint(MultiPoint(
            coordinates()?
                .as_array()?
                .iter()
                .map(|p| xy(p).map(Point))
                .collect::<Option<_>>()?,
        )),
        "LineString" => geo::Geometry::LineString(line(coordinates()?)?),
        "MultiLineString" => geo::Geometry::MultiLineString(MultiLineString(lines(coordinates()?)?)),
        "Polygon" => geo::Geometry::Polygon(rings(coordinates()?)?),
        "MultiPolygon" => geo::Geometry::MultiPolygon(MultiPolygon(
            coordinates()?
                .as_array()?
                .iter()
                .map(rings)
                .collect::<Option<_>>()?,
        )),
        "GeometryCollection" => geo::Geometry::GeometryCollection(geo::GeometryCollection(
            value
                .get("geometries")?
                .as_array()?
                .iter()
                .map(convert)
                .collect::<Option<_>>()?,
        )),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(v: Value) -> Result<Geometry> {
        Geometry::from_json(&v, &Path::root())
    }

    #[test]
    fn valid_ones_are_kept_as_given() {
        for g in [
            json!({"type":"Point","coordinates":[11.096, 43.88, 60]}),
            json!({"type":"LineString","coordinates":[[11,43],[12,44]]}),
            json!({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}),
            json!({"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]}),
            json!({"type":"GeometryCollection","geometries":[{"type":"MultiPoint","coordinates":[[1,2]]}]}),
        ] {
            let read = read(g.clone()).unwrap();
            assert_eq!(read.json(), &g);
            assert!(read.to_geo().is_some());
        }
        assert!(read(json!("{\"type\":\"Point\",\"coordinates\":[1,2]}")).is_ok());
    }

    #[test]
    fn faults_are_placed() {
        for (bad, at) in [
            (json!(1), "$"),
            (json!({"type":"Square","coordinates":[]}), "$.type"),
            (json!({"type":"Point"}), "$.coordinates"),
            (json!({"type":"Point","coordinates":[1]}), "$.coordinates"),
            (json!({"type":"Point","coordinates":[1,"2"]}), "$.coordinates[1]"),
            (json!({"type":"Point","coordinates":[181,2]}), "$.coordinates[0]"),
            (json!({"type":"Point","coordinates":[1,-91]}), "$.coordinates[1]"),
            (
                json!({"type":"LineString","coordinates":[[1,1]]}),
                "$.coordinates",
            ),
            (
                json!({"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}),
                "$.coordinates[0]",
            ),
            (
                json!({"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]}),
                "$.coordinates[0]",
            ),
        ] {
            assert_eq!(read(bad.clone()).unwrap_err().path.as_deref(), Some(at), "{bad}");
        }
    }
}

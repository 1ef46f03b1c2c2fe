//! Geo-queries (clause 4.10): parsing and exact evaluation.

use crate::context::Context;
use crate::error::{NgsiError, Result};
use crate::geometry::{GEOMETRY_TYPES, Geometry};
use crate::json::parse_strict;
use crate::model::{AttributeValue, Entity, LOCATION};
use crate::path::Path;
use crate::spatial::Bbox;
use crate::uri::shorten;
use geo::{BoundingRect, Closest, Distance, Euclidean, Haversine, HaversineClosestPoint, MapCoords, Relate};
use serde_json::{Value, json};

/// Metres in one degree of a great circle (mean earth radius 6,371,008.8 m).
const METRES_PER_DEGREE: f64 = 111_195.079_734_463_94;

/// A spatial relation of the entity's geometry to the reference geometry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GeoRelation {
    /// `near;maxDistance==metres` and `near;minDistance==metres`.
    Near {
        /// At most this far, in metres.
        max: Option<f64>,
        /// At least this far, in metres.
        min: Option<f64>,
    },
    /// The entity lies within the reference.
    Within,
    /// The entity contains the reference.
    Contains,
    /// They share some but not all interior points.
    Overlaps,
    /// They share at least a point.
    Intersects,
    /// They are the same set of points.
    Equals,
    /// They share no point.
    Disjoint,
}

impl GeoRelation {
    /// Parses `georel`.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = || NgsiError::bad_param(format!("georel `{}` is not valid", shorten(text)));
        let mut parts = text.split(';');
        let relation = match parts.next() {
            Some("near") => {
                let (mut max, mut min) = (None, None);
                for part in parts.by_ref() {
                    let (name, number) = part.split_once("==").ok_or_else(bad)?;
                    let metres: f64 = number.trim().parse().map_err(|_| bad())?;
                    if !metres.is_finite() || metres < 0.0 {
                        return Err(bad());
                    }
                    let slot = match name.trim() {
                        "maxDistance" => &mut max,
                        "minDistance" => &mut min,
                        _ => return Err(bad()),
                    };
                    if slot.replace(metres).is_some() {
                        return Err(bad());
                    }
                }
                if max.is_none() && min.is_none() {
                    return Err(NgsiError::bad_param(
                        "georel near needs maxDistance or minDistance in metres",
                    ));
                }
                Self::Near { max, min }
            }
            Some("within") => Self::Within,
            Some("contains") => Self::Contains,
            Some("overlaps") => Self::Overlaps,
            Some("intersects") => Self::Intersects,
            Some("equals") => Self::Equals,
            Some("disjoint") => Self::Disjoint,
            _ => return Err(bad()),
        };
        if parts.next().is_some() {
            Err(bad())
        } else {
            Ok(relation)
        }
    }
}

/// A parsed geo-query.
#[derive(Debug, Clone)]
pub struct GeoQuery {
    relation: GeoRelation,
    reference: geo::Geometry<f64>,
    /// Expanded name of the GeoProperty looked at.
    pub geoproperty: String,
}

impl GeoQuery {
    /// Builds a geo-query from its four members. `coordinates` is the array, or its text as in a URL;
    /// `geoproperty` defaults to `location`.
    ///
    /// Errors: `BadRequestData` for an unknown relation or an invalid geometry.
    pub fn parse(
        georel: &str,
        geometry: &str,
        coordinates: &Value,
        geoproperty: Option<&str>,
        context: &Context,
    ) -> Result<Self> {
        let relation = GeoRelation::parse(georel)?;
        if !GEOMETRY_TYPES.contains(&geometry) {
            return Err(NgsiError::bad_param(format!(
                "geometry `{}` is not valid",
                shorten(geometry)
            )));
        }
        let parsed;
        let coordinates = match coordinates {
            Value::String(text) => {
                parsed = parse_strict(text.as_bytes())
                    .map_err(|_| NgsiError::bad_param("coordinates are not a JSON array"))?;
                &parsed
            }
            given => given,
        };
        let root = Path::root();
        let member = if geometry == "GeometryCollection" {
            "geometries"
        } else {
            "coordinates"
        };
        let checked = Geometry::from_json(&json!({"type": geometry, member: coordinates}), &root)?;
        let reference = checked
            .to_geo()
            .ok_or_else(|| NgsiError::bad_param("the reference geometry is empty"))?;
        let geoproperty = geoproperty.map_or_else(|| LOCATION.to_owned(), |g| context.expand(g).into_owned());
        Ok(Self {
            relation,
            reference,
            geoproperty,
        })
    }

    /// The relation asked for.
    pub const fn relation(&self) -> GeoRelation {
        self.relation
    }

    /// A rectangle that every match touches, for an index prefilter; `None` when matches may lie anywhere
    /// (disjoint, near with only a least distance).
    pub fn bbox(&self) -> Option<Bbox> {
        let rect = self.reference.bounding_rect()?;
        let (west, east, south, north) = (rect.min().x, rect.max().x, rect.min().y, rect.max().y);
        match self.relation {
            GeoRelation::Disjoint | GeoRelation::Near { max: None, .. } => None,
            GeoRelation::Near {
                max: Some(metres), ..
            } => {
                // One per cent more than the sphere says: the planar distance of long shapes is not exact.
                let dlat = metres / METRES_PER_DEGREE * 1.01 + 1e-9;
                let (min_lat, max_lat) = ((south - dlat).max(-90.0), (north + dlat).min(90.0));
                let shrink = min_lat.abs().max(max_lat.abs()).to_radians().cos();
                let dlon = if shrink > 1e-6 { dlat / shrink } else { 360.0 };
                let (min_lon, max_lon) = (west - dlon, east + dlon);
                if min_lon < -180.0 || max_lon > 180.0 {
                    return Some(Bbox {
                        min_lon: -180.0,
                        min_lat,
                        max_lon: 180.0,
                        max_lat,
                    });
                }
                Some(Bbox {
                    min_lon,
                    min_lat,
                    max_lon,
                    max_lat,
                })
            }
            _ => Some(Bbox {
                min_lon: west,
                min_lat: south,
                max_lon: east,
                max_lat: north,
            }),
        }
    }

    /// Whether any instance of the GeoProperty stands in the relation.
    pub fn matches(&self, entity: &Entity) -> bool {
        entity
            .instances(&self.geoproperty)
            .iter()
            .any(|i| match &i.value {
                AttributeValue::GeoProperty(g) => self.matches_geometry(g),
                _ => false,
            })
    }

    /// Whether one geometry stands in the relation.
    pub fn matches_geometry(&self, geometry: &Geometry) -> bool {
        let Some(shape) = geometry.to_geo() else {
            return false;
        };
        let relate = || shape.relate(&self.reference);
        match self.relation {
            GeoRelation::Near { max, min } => {
                let metres = distance(&shape, &self.reference);
                max.is_none_or(|max| metres <= max) && min.is_none_or(|min| metres >= min)
            }
            GeoRelation::Within => relate().is_within(),
            GeoRelation::Contains => relate().is_contains(),
            GeoRelation::Overlaps => relate().is_overlaps(),
            GeoRelation::Intersects => relate().is_intersects(),
            // A self-crossing polygon has no topology, and is equal to itself all the same.
            GeoRelation::Equals => shape == self.reference || relate().is_equal_topo(),
            GeoRelation::Disjoint => relate().is_disjoint(),
        }
    }
}

/// Shortest distance in metres. Exact on the sphere when one side is a point; otherwise on the plane around
/// the second geometry, right to about a per mille at city scale.
fn distance(a: &geo::Geometry<f64>, b: &geo::Geometry<f64>) -> f64 {
    match (a, b) {
        (geo::Geometry::Point(p), geo::Geometry::Point(q)) => Haversine.distance(*p, *q),
        (geo::Geometry::Point(p), other) | (other, geo::Geometry::Point(p)) => {
            match other.haversine_closest_point(p) {
                Closest::Intersection(_) => 0.0,
                Closest::SinglePoint(q) => Haversine.distance(*p, q),
                Closest::Indeterminate => planar_distance(a, b),
            }
        }
        _ => planar_distance(a, b),
    }
}

fn planar_distance(a: &geo::Geometry<f64>, b: &geo::Geometry<f64>) -> f64 {
    let Some(rect) = b.bounding_rect() else {
        return f64::INFINITY;
    };
    let shrink = rect.center().y.to_radians().cos();
    let flat = |g: &geo::Geometry<f64>| {
        g.map_coords(|c| geo::Coord {
            x: c.x * shrink * METRES_PER_DEGREE,
            y: c.y * METRES_PER_DEGREE,
        })
    };
    Euclidean.distance(&flat(a), &flat(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn geometry(v: Value) -> Geometry {
        Geometry::from_json(&v, &Path::root()).unwrap()
    }

    fn query(georel: &str, kind: &str, coordinates: Value) -> GeoQuery {
        GeoQuery::parse(georel, kind, &coordinates, None, &Context::core()).unwrap()
    }

    fn point(lon: f64, lat: f64) -> Geometry {
        geometry(json!({"type": "Point", "coordinates": [lon, lat]}))
    }

    const SQUARE: &str = "[[[11,43],[12,43],[12,44],[11,44],[11,43]]]";

    #[test]
    fn near_in_metres() {
        // Piazza del Comune to Prato Centrale is about 700 m.
        let station = point(11.1034, 43.8793);
        let within = |m: f64| {
            query(
                &format!("near;maxDistance=={m}"),
                "Point",
                json!([11.0963, 43.8804]),
            )
        };
        assert!(within(700.0).matches_geometry(&station) && !within(500.0).matches_geometry(&station));
        assert!(
            query("near;minDistance==500", "Point", json!([11.0963, 43.8804])).matches_geometry(&station)
        );
        let line = geometry(json!({"type":"LineString","coordinates":[[11.10,43.0],[11.10,45.0]]}));
        assert!(within(400.0).matches_geometry(&line) && !within(200.0).matches_geometry(&line));
        let from_line = query(
            "near;maxDistance==400",
            "LineString",
            json!([[11.10, 43.0], [11.10, 45.0]]),
        );
        assert!(from_line.matches_geometry(&point(11.0963, 43.8804)));
    }

    #[test]
    fn relations() {
        let square = |rel: &str| query(rel, "Polygon", Value::String(SQUARE.into()));
        let other = |t: &str| {
            geometry(json!({"type":"Polygon","coordinates": serde_json::from_str::<Value>(t).unwrap()}))
        };
        let inside = other("[[[11.2,43.2],[11.4,43.2],[11.4,43.4],[11.2,43.2]]]");
        let across = other("[[[11.5,43.5],[12.5,43.5],[12.5,43.7],[11.5,43.7],[11.5,43.5]]]");
        let around = other("[[[10,42],[13,42],[13,45],[10,45],[10,42]]]");
        let away = other("[[[20,42],[21,42],[21,45],[20,42]]]");
        // The same ground with another starting corner.
        let same = other("[[[12,43],[12,44],[11,44],[11,43],[12,43]]]");
        assert!(square("within").matches_geometry(&inside) && !square("within").matches_geometry(&across));
        assert!(
            square("contains").matches_geometry(&around) && !square("contains").matches_geometry(&inside)
        );
        assert!(
            square("overlaps").matches_geometry(&across) && !square("overlaps").matches_geometry(&inside)
        );
        assert!(
            square("intersects").matches_geometry(&across) && !square("intersects").matches_geometry(&away)
        );
        assert!(square("equals").matches_geometry(&same) && !square("equals").matches_geometry(&inside));
        assert!(square("disjoint").matches_geometry(&away) && !square("disjoint").matches_geometry(&across));
        assert!(square("within").matches_geometry(&point(11.5, 43.5)));
    }

    #[test]
    fn boxes() {
        let b = query("near;maxDistance==1000", "Point", json!([11.0, 43.0]))
            .bbox()
            .unwrap();
        assert!(b.min_lat < 42.992 && b.max_lat > 43.008 && b.min_lon < 10.988 && b.max_lon > 11.012);
        let edge = query("near;maxDistance==100000", "Point", json!([179.9, 0.0]))
            .bbox()
            .unwrap();
        assert_eq!((edge.min_lon, edge.max_lon), (-180.0, 180.0));
        assert!(query("disjoint", "Point", json!([1, 1])).bbox().is_none());
        assert!(
            query("near;minDistance==1", "Point", json!([1, 1]))
                .bbox()
                .is_none()
        );
    }

    #[test]
    fn faults() {
        let c = Context::core();
        let point = json!([1, 1]);
        for rel in [
            "",
            "near",
            "near;maxDistance=5",
            "near;maxDistance==-1",
            "near;maxDistance==x",
            "touches",
            "within;maxDistance==3",
            "near;maxDistance==1;maxDistance==2",
            "near;maxDistance==1e999",
        ] {
            assert!(GeoQuery::parse(rel, "Point", &point, None, &c).is_err(), "{rel}");
        }
        assert!(GeoQuery::parse("within", "Square", &point, None, &c).is_err());
        assert!(GeoQuery::parse("within", "Point", &json!("[1,"), None, &c).is_err());
        assert!(GeoQuery::parse("within", "Polygon", &point, None, &c).is_err());
    }

    proptest::proptest! {
        // Rings that cross themselves, spikes and repeated points are valid GeoJSON and must not bring us down.
        #[test]
        fn any_two_geometries_can_be_compared(
            a in proptest::collection::vec((-3i32..3, -3i32..3), 3..9),
            b in proptest::collection::vec((-3i32..3, -3i32..3), 3..9),
            line in proptest::bool::ANY,
        ) {
            let ring = |points: &[(i32, i32)]| {
                let mut all: Vec<Value> = points.iter().map(|(x, y)| json!([x, y])).collect();
                all.push(all[0].clone());
                Value::Array(all)
            };
            let first = if line {
                geometry(json!({"type": "LineString", "coordinates": ring(&a)}))
            } else {
                geometry(json!({"type": "Polygon", "coordinates": [ring(&a)]}))
            };
            for rel in ["within", "contains", "overlaps", "intersects", "equals", "disjoint", "near;maxDistance==5"] {
                let q = query(rel, "Polygon", json!([ring(&b)]));
                let _ = q.matches_geometry(&first);
                let _ = q.bbox();
            }
            let touches = query("intersects", "Polygon", json!([ring(&b)])).matches_geometry(&first);
            let apart = query("disjoint", "Polygon", json!([ring(&b)])).matches_geometry(&first);
            proptest::prop_assert!(touches != apart);
        }
    }
}

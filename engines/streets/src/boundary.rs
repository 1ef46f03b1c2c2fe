//! A municipality's boundary: which points lie inside, and how a line is cut at it.

use serde_json::Value;

use crate::geometry::{Point, Projection, crossing, distance, lerp};

/// Polygons in WGS 84 degrees; in each the first ring is the outside, the others are holes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Boundary {
    pub polygons: Vec<Vec<Vec<[f64; 2]>>>,
}

/// Why a GeoJSON document is no boundary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BoundaryError {
    #[error("the document holds no Polygon or MultiPolygon")]
    NoPolygon,
    #[error("ring {ring} of polygon {polygon} is not a list of at least four [lon, lat] positions")]
    BadRing { polygon: usize, ring: usize },
}

impl Boundary {
    /// Reads every Polygon and MultiPolygon of a GeoJSON (RFC 7946) geometry, feature or collection.
    pub fn from_geojson(document: &Value) -> Result<Self, BoundaryError> {
        let mut geometries = Vec::new();
        collect(document, &mut geometries, 0);
        let mut polygons = Vec::new();
        for rings in geometries {
            let polygon = polygons.len();
            let rings = rings
                .as_array()
                .ok_or(BoundaryError::BadRing { polygon, ring: 0 })?;
            let mut out = Vec::new();
            for (ring, points) in rings.iter().enumerate() {
                let bad = BoundaryError::BadRing { polygon, ring };
                let points: Option<Vec<[f64; 2]>> = points
                    .as_array()
                    .ok_or(bad.clone())?
                    .iter()
                    .map(|p| Some([p.get(0)?.as_f64()?, p.get(1)?.as_f64()?]))
                    .collect();
                match points {
                    Some(points) if points.len() >= 4 => out.push(points),
                    _ => return Err(bad),
                }
            }
            if !out.is_empty() {
                polygons.push(out);
            }
        }
        if polygons.is_empty() {
            Err(BoundaryError::NoPolygon)
        } else {
            Ok(Self { polygons })
        }
    }

    /// `[west, south, east, north]` in degrees.
    pub fn bbox(&self) -> [f64; 4] {
        let mut b = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for p in self.polygons.iter().flatten().flatten() {
            b = [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])];
        }
        b
    }

    /// Middle of the bounding box.
    pub fn centre(&self) -> [f64; 2] {
        let b = self.bbox();
        [(b[0] + b[2]) / 2.0, (b[1] + b[3]) / 2.0]
    }

    /// Whether a point lies inside (even-odd rule over all rings of a polygon).
    pub fn contains(&self, [x, y]: [f64; 2]) -> bool {
        self.polygons.iter().any(|rings| {
            let mut inside = false;
            for ring in rings {
                for (a, b) in edges(ring) {
                    if (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0] {
                        inside = !inside;
                    }
                }
            }
            inside
        })
    }

    /// The same boundary in local metres.
    pub fn project(&self, projection: &Projection) -> Self {
        let ring = |r: &Vec<[f64; 2]>| r.iter().map(|p| projection.project(*p)).collect();
        Self {
            polygons: self
                .polygons
                .iter()
                .map(|rings| rings.iter().map(ring).collect())
                .collect(),
        }
    }

    /// The parts of a line that lie inside, in the line's own direction and in the same units as the boundary.
    pub fn clip(&self, line: &[Point]) -> Vec<Vec<Point>> {
        let mut parts: Vec<Vec<Point>> = Vec::new();
        let mut current: Vec<Point> = Vec::new();
        for w in line.windows(2) {
            let mut cuts: Vec<f64> = vec![0.0, 1.0];
            for ring in self.polygons.iter().flatten() {
                cuts.extend(
                    edges(ring)
                        .filter_map(|(a, b)| crossing(w[0], w[1], a, b))
                        .map(|c| c.0),
                );
            }
            cuts.sort_by(f64::total_cmp);
            for pair in cuts.windows(2) {
                if pair[1] - pair[0] < 1e-9 {
                    continue;
                }
                if self.contains(lerp(w[0], w[1], (pair[0] + pair[1]) / 2.0)) {
                    let (a, b) = (lerp(w[0], w[1], pair[0]), lerp(w[0], w[1], pair[1]));
                    if current.last().is_none_or(|l| distance(*l, a) > 1e-9) {
                        flush(&mut current, &mut parts);
                        current.push(a);
                    }
                    current.push(b);
                } else {
                    flush(&mut current, &mut parts);
                }
            }
        }
        flush(&mut current, &mut parts);
        parts
    }
}

fn flush(current: &mut Vec<Point>, parts: &mut Vec<Vec<Point>>) {
    if current.len() > 1 {
        parts.push(std::mem::take(current));
    }
    current.clear();
}

fn edges(ring: &[[f64; 2]]) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + '_ {
    ring.iter()
        .zip(ring.iter().cycle().skip(1))
        .map(|(a, b)| (*a, *b))
}

fn collect<'a>(value: &'a Value, out: &mut Vec<&'a Value>, depth: usize) {
    if depth > 8 {
        return;
    }
    match value.get("type").and_then(Value::as_str) {
        Some("Polygon") => out.extend(value.get("coordinates")),
        Some("MultiPolygon") => {
            out.extend(
                value
                    .get("coordinates")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten(),
            );
        }
        Some("Feature") => {
            if let Some(g) = value.get("geometry") {
                collect(g, out, depth + 1);
            }
        }
        Some("FeatureCollection") => {
            for f in value
                .get("features")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                collect(f, out, depth + 1);
            }
        }
        Some("GeometryCollection") => {
            for g in value
                .get("geometries")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                collect(g, out, depth + 1);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn square() -> Boundary {
        let ring = json!([[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]);
        Boundary::from_geojson(&json!({"type": "Polygon", "coordinates": [ring]})).expect("a square")
    }

    #[test]
    fn a_line_is_cut_where_it_leaves_and_comes_back() {
        let parts = square().clip(&[[-5.0, 5.0], [15.0, 5.0], [15.0, 8.0], [5.0, 8.0]]);
        assert_eq!(
            parts,
            vec![vec![[0.0, 5.0], [10.0, 5.0]], vec![[10.0, 8.0], [5.0, 8.0]]]
        );
    }

    #[test]
    fn bad_rings_and_missing_polygons_are_named() {
        let bad = json!({"type": "Polygon", "coordinates": [[[0, 0], [1, "x"], [1, 1], [0, 0]]]});
        assert_eq!(
            Boundary::from_geojson(&bad),
            Err(BoundaryError::BadRing { polygon: 0, ring: 0 })
        );
        assert_eq!(
            Boundary::from_geojson(&json!({"type": "Point"})),
            Err(BoundaryError::NoPolygon)
        );
    }
}

//! Bounding boxes and Z-order cell codes for a spatial index in front of exact evaluation.

use crate::geometry::Geometry;
use crate::model::{AttributeValue, Entity, LOCATION};
use geo::BoundingRect;

/// A rectangle in degrees WGS 84. Never crosses the antimeridian: what would is widened to all longitudes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bbox {
    /// Western edge.
    pub min_lon: f64,
    /// Southern edge.
    pub min_lat: f64,
    /// Eastern edge.
    pub max_lon: f64,
    /// Northern edge.
    pub max_lat: f64,
}

impl Bbox {
    /// Whether two rectangles share at least a point.
    pub fn intersects(&self, other: &Self) -> bool {
        self.min_lon <= other.max_lon
            && other.min_lon <= self.max_lon
            && self.min_lat <= other.max_lat
            && other.min_lat <= self.max_lat
    }

    /// The smallest rectangle around both.
    pub fn union(&self, other: &Self) -> Self {
        Self {
            min_lon: self.min_lon.min(other.min_lon),
            min_lat: self.min_lat.min(other.min_lat),
            max_lon: self.max_lon.max(other.max_lon),
            max_lat: self.max_lat.max(other.max_lat),
        }
    }
}

/// The rectangle around a geometry.
pub fn bbox(geometry: &Geometry) -> Option<Bbox> {
    let rect = geometry.to_geo()?.bounding_rect()?;
    Some(Bbox {
        min_lon: rect.min().x,
        min_lat: rect.min().y,
        max_lon: rect.max().x,
        max_lat: rect.max().y,
    })
}

/// The rectangle around all instances of a GeoProperty (expanded name). `None` when there is none.
pub fn attribute_bbox(entity: &Entity, attribute: &str) -> Option<Bbox> {
    entity
        .instances(attribute)
        .iter()
        .filter_map(|i| match &i.value {
            AttributeValue::GeoProperty(g) => bbox(g),
            _ => None,
        })
        .reduce(|a, b| a.union(&b))
}

/// The rectangle around the entity's `location`.
pub fn geojson_bbox(entity: &Entity) -> Option<Bbox> {
    attribute_bbox(entity, LOCATION)
}

/// Bits for each axis of a [`morton_code`]; a cell is then about 0.6 m by 0.3 m.
pub const MORTON_BITS: u32 = 26;

/// Z-order code of a position: points close together mostly share leading bits, so a box becomes a few
/// ranges of codes ([`morton_ranges`]). Fits a signed 64-bit database integer.
pub fn morton_code(lon: f64, lat: f64) -> i64 {
    interleave(axis(lon, 180.0), axis(lat, 90.0))
}

fn axis(value: f64, limit: f64) -> u32 {
    let cells = f64::from(1u32 << MORTON_BITS);
    let unit = ((value + limit) / (2.0 * limit)).clamp(0.0, 1.0);
    // Clamped to [0, cells - 1], so the cast loses only the fraction.
    (unit * cells).min(cells - 1.0) as u32
}

fn interleave(x: u32, y: u32) -> i64 {
    spread(x) | (spread(y) << 1)
}

fn spread(v: u32) -> i64 {
    let mut v = i64::from(v);
    v = (v | (v << 16)) & 0x0000_FFFF_0000_FFFF;
    v = (v | (v << 8)) & 0x00FF_00FF_00FF_00FF;
    v = (v | (v << 4)) & 0x0F0F_0F0F_0F0F_0F0F;
    v = (v | (v << 2)) & 0x3333_3333_3333_3333;
    (v | (v << 1)) & 0x5555_5555_5555_5555
}

/// Whether a position of this code lies in the box, but for the width of a cell: what ranges cover is larger.
pub fn morton_in(code: i64, bbox: &Bbox) -> bool {
    let (x, y) = (gather(code), gather(code >> 1));
    (axis(bbox.min_lon, 180.0)..=axis(bbox.max_lon, 180.0)).contains(&x)
        && (axis(bbox.min_lat, 90.0)..=axis(bbox.max_lat, 90.0)).contains(&y)
}

/// The opposite of [`spread`]: every second bit, from the lowest.
fn gather(code: i64) -> u32 {
    let mut v = code & 0x5555_5555_5555_5555;
    v = (v | (v >> 1)) & 0x3333_3333_3333_3333;
    v = (v | (v >> 2)) & 0x0F0F_0F0F_0F0F_0F0F;
    v = (v | (v >> 4)) & 0x00FF_00FF_00FF_00FF;
    v = (v | (v >> 8)) & 0x0000_FFFF_0000_FFFF;
    // 26 bits are left.
    ((v | (v >> 16)) & 0xFFFF_FFFF) as u32
}

/// At most `max_ranges` inclusive ranges of codes that together cover the box (and some ground around it).
pub fn morton_ranges(bbox: &Bbox, max_ranges: usize) -> Vec<(i64, i64)> {
    let (x0, x1) = (axis(bbox.min_lon, 180.0), axis(bbox.max_lon, 180.0));
    let (y0, y1) = (axis(bbox.min_lat, 90.0), axis(bbox.max_lat, 90.0));
    let whole = Cell {
        x: 0,
        y: 0,
        bits: MORTON_BITS,
    };
    let mut cells = vec![whole];
    // Split all cells one level at a time while the cover stays small enough.
    for _ in 0..MORTON_BITS {
        let next: Vec<Cell> = cells
            .iter()
            .flat_map(|c| {
                if c.inside(x0, x1, y0, y1) {
                    vec![*c]
                } else {
                    c.split().to_vec()
                }
            })
            .filter(|c| c.touches(x0, x1, y0, y1))
            .collect();
        if next.len() > max_ranges.max(1) {
            break;
        }
        cells = next;
    }
    let mut ranges: Vec<(i64, i64)> = cells.iter().map(Cell::range).collect();
    ranges.sort_unstable();
    ranges.dedup_by(|next, last| {
        let adjacent = next.0 <= last.1 + 1;
        if adjacent {
            last.1 = last.1.max(next.1);
        }
        adjacent
    });
    ranges
}

#[derive(Clone, Copy)]
struct Cell {
    x: u32,
    y: u32,
    bits: u32,
}

impl Cell {
    fn span(&self) -> u32 {
        (1u32 << self.bits) - 1
    }

    fn touches(&self, x0: u32, x1: u32, y0: u32, y1: u32) -> bool {
        self.x <= x1 && x0 <= self.x + self.span() && self.y <= y1 && y0 <= self.y + self.span()
    }

    fn inside(&self, x0: u32, x1: u32, y0: u32, y1: u32) -> bool {
        self.bits == 0
            || (x0 <= self.x && self.x + self.span() <= x1 && y0 <= self.y && self.y + self.span() <= y1)
    }

    fn split(&self) -> [Cell; 4] {
        let bits = self.bits - 1;
        let half = 1u32 << bits;
        let at = |dx, dy| Cell {
            x: self.x + dx,
            y: self.y + dy,
            bits,
        };
        [at(0, 0), at(half, 0), at(0, half), at(half, half)]
    }

    fn range(&self) -> (i64, i64) {
        let low = interleave(self.x, self.y);
        (low, low + (1i64 << (2 * self.bits)) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranges_cover_every_point_of_the_box(
            lon in -180.0..179.0f64, lat in -90.0..89.0f64, w in 0.0..1.0f64, h in 0.0..1.0f64,
            fx in 0.0..=1.0f64, fy in 0.0..=1.0f64, max in 1usize..40,
        ) {
            let bbox = Bbox { min_lon: lon, min_lat: lat, max_lon: lon + w, max_lat: lat + h };
            let ranges = morton_ranges(&bbox, max);
            prop_assert!(!ranges.is_empty() && ranges.len() <= max.max(4));
            let code = morton_code(lon + w * fx, lat + h * fy);
            prop_assert!(ranges.iter().any(|(a, b)| (*a..=*b).contains(&code)));
            prop_assert!(morton_in(code, &bbox));
            prop_assert!(!morton_in(morton_code(lon + w + 0.001, lat), &bbox));
            prop_assert!(!morton_in(morton_code(lon, lat - 0.001), &bbox) || lat < -89.998);
        }
    }

    #[test]
    fn a_small_box_needs_little_of_the_world() {
        let bbox = Bbox {
            min_lon: 11.08,
            min_lat: 43.87,
            max_lon: 11.11,
            max_lat: 43.90,
        };
        let covered: i64 = morton_ranges(&bbox, 16).iter().map(|(a, b)| b - a + 1).sum();
        assert!(covered < 1i64 << (2 * MORTON_BITS - 18));
    }
}

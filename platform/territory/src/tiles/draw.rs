//! What is drawn on which level, found through an R*-tree.

use std::collections::HashMap;

use bisenzio_streets::{Network, RoadClass};
use geo::{BoundingRect, LineString};
use rstar::{AABB, RTree, RTreeObject};

use super::clip::Window;
use super::encode::{Layers, Tags};
use super::projection::{EXTENT, TileId};
use crate::territory::{Area, Place};

/// Lines reach this far beyond the tile's edge, so that strokes and labels join.
const MARGIN: f64 = 128.0;
/// Bus stops only from here on: before they would hide the streets.
const STOPS_FROM: u8 = 15;

enum Kind {
    Street {
        id: String,
        name: String,
        class: RoadClass,
    },
    Area {
        layer: &'static str,
        name: String,
        kind: &'static str,
        indicative: bool,
    },
    Place {
        layer: &'static str,
        name: String,
    },
}

enum Shape {
    Line(Vec<(f64, f64)>),
    /// Rings of one polygon, the outer first.
    Polygon(Vec<Vec<(f64, f64)>>),
    Point((f64, f64)),
}

struct Drawn {
    kind: Kind,
    shape: Shape,
    envelope: AABB<[f64; 2]>,
}

impl RTreeObject for Drawn {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

/// Everything that can be drawn, in degrees.
pub(crate) struct DrawIndex(RTree<Drawn>);

impl DrawIndex {
    pub(crate) fn build(
        network: &Network,
        boundary: &[Area],
        neighbours: &[Area],
        districts: &[Area],
        localities: &[Place],
        stops: &[Place],
    ) -> Self {
        let mut all = streets(network);
        for (areas, layer, kind) in [
            (boundary, "boundary", "municipality"),
            (neighbours, "boundary", "neighbour"),
            (districts, "districts", "district"),
        ] {
            for area in areas {
                add_area(&mut all, area, layer, kind);
            }
        }
        for (places, layer) in [(localities, "localities"), (stops, "stops")] {
            for place in places {
                let at = (place.point.x(), place.point.y());
                let kind = Kind::Place {
                    layer,
                    name: place.name.clone(),
                };
                all.push(Drawn {
                    kind,
                    shape: Shape::Point(at),
                    envelope: AABB::from_point([at.0, at.1]),
                });
            }
        }
        Self(RTree::bulk_load(all))
    }

    /// The encoded tile; empty bytes where there is nothing.
    pub(crate) fn tile(&self, id: TileId) -> Vec<u8> {
        let [w, s, e, n] = id.bounds(MARGIN);
        let window = Window {
            min: -MARGIN,
            max: EXTENT + MARGIN,
        };
        let mut layers = Layers::default();
        let mut found: Vec<&Drawn> = self
            .0
            .locate_in_envelope_intersecting(&AABB::from_corners([w, s], [e, n]))
            .collect();
        // The tree's order is not stable between builds of the same data; a tile's bytes should be.
        found.sort_by(|a, b| a.kind.order().cmp(&b.kind.order()));
        for drawn in found {
            if drawn.kind.shown_at(id.z) {
                draw(&mut layers, drawn, id, window);
            }
        }
        layers.encode()
    }
}

fn streets(network: &Network) -> Vec<Drawn> {
    network
        .links
        .iter()
        .map(|link| {
            let points: Vec<(f64, f64)> = link.geometry.iter().map(|p| (p[0], p[1])).collect();
            let corners: Vec<[f64; 2]> = link.geometry.clone();
            Drawn {
                kind: Kind::Street {
                    id: link.id.clone(),
                    name: link.name.clone().unwrap_or_default(),
                    class: link.class,
                },
                envelope: AABB::from_points(corners.iter()),
                shape: Shape::Line(points),
            }
        })
        .collect()
}

fn add_area(all: &mut Vec<Drawn>, area: &Area, layer: &'static str, kind: &'static str) {
    for polygon in &area.shape {
        let Some(rect) = polygon.bounding_rect() else {
            continue;
        };
        let ring = |line: &LineString<f64>| line.coords().map(|c| (c.x, c.y)).collect::<Vec<_>>();
        let mut rings = vec![ring(polygon.exterior())];
        rings.extend(polygon.interiors().iter().map(ring));
        all.push(Drawn {
            kind: Kind::Area {
                layer,
                name: area.name.clone(),
                kind,
                indicative: area.indicative,
            },
            shape: Shape::Polygon(rings),
            envelope: AABB::from_corners([rect.min().x, rect.min().y], [rect.max().x, rect.max().y]),
        });
    }
}

impl Kind {
    fn shown_at(&self, zoom: u8) -> bool {
        match self {
            Kind::Street { class, .. } => zoom >= first_zoom(*class),
            Kind::Area { .. } => true,
            Kind::Place { layer, .. } => *layer != "stops" || zoom >= STOPS_FROM,
        }
    }

    fn order(&self) -> (u8, &str, &str) {
        match self {
            Kind::Area { layer, name, .. } => (0, layer, name),
            Kind::Street { id, name, .. } => (1, id, name),
            Kind::Place { layer, name } => (2, layer, name),
        }
    }
}

/// Every street of a city network matters to the eye from the level at which the city fills the screen.
fn first_zoom(class: RoadClass) -> u8 {
    match class {
        RoadClass::Motorway | RoadClass::Trunk | RoadClass::Primary | RoadClass::Secondary => 8,
        RoadClass::Tertiary | RoadClass::MotorwayLink | RoadClass::TrunkLink | RoadClass::PrimaryLink => 10,
        RoadClass::Service | RoadClass::Pedestrian | RoadClass::LivingStreet => 13,
        _ => 11,
    }
}

fn draw(layers: &mut Layers, drawn: &Drawn, id: TileId, window: Window) {
    let project = |points: &[(f64, f64)]| -> Vec<(f64, f64)> {
        points.iter().map(|&(lon, lat)| id.project(lon, lat)).collect()
    };
    let (layer, tags) = drawn.kind.tags();
    match &drawn.shape {
        Shape::Line(points) => layers.line(layer, &window.line(&project(points)), &tags),
        Shape::Polygon(rings) => {
            let rings: Vec<_> = rings
                .iter()
                .map(|r| window.ring(&project(r)))
                .filter(|r| !r.is_empty())
                .collect();
            layers.polygon(layer, &rings, &tags);
        }
        Shape::Point(point) => {
            let at = id.project(point.0, point.1);
            if window.holds(at) {
                layers.point(layer, at, &tags);
            }
        }
    }
}

impl Kind {
    fn tags(&self) -> (&'static str, Tags<'_>) {
        let mut tags: Tags<'_> = HashMap::new();
        match self {
            Kind::Street { id, name, class } => {
                tags.insert("id", id);
                tags.insert("class", class.as_highway());
                if !name.is_empty() {
                    tags.insert("name", name);
                }
                ("streets", tags)
            }
            Kind::Area {
                layer,
                name,
                kind,
                indicative,
            } => {
                tags.insert("name", name);
                tags.insert("kind", kind);
                tags.insert("indicative", if *indicative { "true" } else { "false" });
                (layer, tags)
            }
            Kind::Place { layer, name } => {
                tags.insert("name", name);
                (layer, tags)
            }
        }
    }
}

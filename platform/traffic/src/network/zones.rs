//! Where trips begin and end: the city's localities, and the gates where streets leave the municipality.

use bisenzio_streets::geometry::{Point, Projection, distance, nearest_on_segment};
use bisenzio_streets::{Network, RoadClass};
use bisenzio_territory::Territory;
use geo::MultiPolygon;
use serde::Serialize;

/// A dead end this near the municipality's boundary is where its street leaves, metres. Imports cut streets at the
/// boundary, so they end within rounding of it.
const AT_BOUNDARY: f64 = 60.0;

/// Streets through which a locality reaches the network: traffic that all entered at one node would jam it.
const CONNECTORS: usize = 12;

/// Speed on the small streets between a locality's doors and the network, km/h.
pub const CONNECTOR_KMH: f64 = 20.0;

/// The way over small streets is longer than the straight line by about this factor.
pub const DETOUR: f64 = 1.3;

/// What a zone stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZoneKind {
    /// A locality of the city with what lies nearer to it than to any other.
    Locality,
    /// A street that leaves the municipality: trips from and to elsewhere.
    Gate,
}

/// A zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    pub name: String,
    pub kind: ZoneKind,
    pub point: [f64; 2],
    /// Metres of street nearest to it; 0 for a gate.
    pub street_m: f64,
    /// Nodes of the street network by which it is reached, with metres to each.
    pub connectors: Vec<(usize, f64)>,
}

/// Zones of a territory; `usable` says of every node whether a car passes there.
pub fn zones(territory: &Territory, usable: &[bool]) -> Vec<Zone> {
    let network = &territory.network;
    let Some(first) = network.nodes.first() else {
        return Vec::new();
    };
    let projection = Projection::around([first.lon, first.lat]);
    let nodes: Vec<Point> = network
        .nodes
        .iter()
        .map(|n| projection.project([n.lon, n.lat]))
        .collect();
    let mut all: Vec<Zone> = territory
        .localities
        .iter()
        .map(|place| Zone {
            name: place.name.clone(),
            kind: ZoneKind::Locality,
            point: [place.point.x(), place.point.y()],
            street_m: 0.0,
            connectors: Vec::new(),
        })
        .collect();
    let centres: Vec<Point> = all.iter().map(|z| projection.project(z.point)).collect();
    let nearest = |p: Point| {
        let by_distance =
            |a: &usize, b: &usize| distance(centres[*a], p).total_cmp(&distance(centres[*b], p));
        (0..centres.len()).min_by(by_distance)
    };
    for link in &network.links {
        let middle = link.geometry[link.geometry.len() / 2];
        if let Some(zone) = nearest(projection.project(middle)) {
            all[zone].street_m += link.length_m;
        }
    }
    let gates = gates(network, territory, projection, &nodes, usable);
    let is_gate: Vec<bool> = (0..nodes.len())
        .map(|node| gates.iter().any(|g| g.connectors[0].0 == node))
        .collect();
    for (zone, centre) in all.iter_mut().zip(&centres) {
        let mut near: Vec<(usize, f64)> = (0..nodes.len())
            .filter(|&node| usable[node] && !is_gate[node])
            .map(|node| (node, distance(*centre, nodes[node])))
            .collect();
        near.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        near.truncate(CONNECTORS);
        zone.connectors = near;
    }
    all.retain(|zone| !zone.connectors.is_empty());
    all.extend(gates);
    all
}

/// Dead ends at the boundary on streets of class primary and above, or of a class nobody told.
fn gates(
    network: &Network,
    territory: &Territory,
    projection: Projection,
    nodes: &[Point],
    usable: &[bool],
) -> Vec<Zone> {
    let lines = rings(territory.boundary.iter().map(|area| &area.shape), projection);
    let mut found = Vec::new();
    for (node, links) in network.links_by_node().into_iter().enumerate() {
        let [only] = links[..] else { continue };
        let link = &network.links[only];
        let leaves = lines
            .iter()
            .flat_map(|ring| ring.windows(2))
            .any(|pair| nearest_on_segment(nodes[node], pair[0], pair[1]).2 <= AT_BOUNDARY);
        if !(leaves && usable[node] && is_main(link.class)) {
            continue;
        }
        let at = &network.nodes[node];
        found.push(Zone {
            name: link.name.clone().unwrap_or_default(),
            kind: ZoneKind::Gate,
            point: [at.lon, at.lat],
            street_m: 0.0,
            connectors: vec![(node, 0.0)],
        });
    }
    number_namesakes(&mut found);
    found
}

/// Two gates of one street, or two without a name, are told apart by a number.
fn number_namesakes(gates: &mut [Zone]) {
    let names: Vec<String> = gates.iter().map(|gate| gate.name.clone()).collect();
    for (at, gate) in gates.iter_mut().enumerate() {
        let same = |name: &&String| **name == names[at];
        if names.iter().filter(same).count() > 1 {
            let number = names[..=at].iter().filter(same).count();
            gate.name = format!("{} {number}", gate.name).trim().to_owned();
        }
    }
}

fn is_main(class: RoadClass) -> bool {
    class <= RoadClass::PrimaryLink || class == RoadClass::Road
}

fn rings<'a>(shapes: impl Iterator<Item = &'a MultiPolygon<f64>>, projection: Projection) -> Vec<Vec<Point>> {
    let projected =
        |ring: &geo::LineString<f64>| ring.0.iter().map(|c| projection.project([c.x, c.y])).collect();
    shapes
        .flat_map(|shape| &shape.0)
        .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
        .map(projected)
        .collect()
}

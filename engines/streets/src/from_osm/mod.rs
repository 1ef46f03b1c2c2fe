//! Builds a street network from OpenStreetMap elements.
//!
//! Pure: the reader of `.pbf` files gives plain nodes, ways and relations. Ways are cut where they meet; tags are
//! read as the OpenStreetMap wiki defines `highway`, `oneway`, `junction`, `lanes`, `maxspeed` and relations of
//! `type=restriction`.

pub mod tags;

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::boundary::Boundary;
use crate::geometry::ground_length;
use crate::model::{Attribution, Link, NameSource, Network, Node, RestrictionKind, TurnRestriction};

/// Tags of an element.
pub type Tags = BTreeMap<String, String>;

/// A node with its position in degrees.
#[derive(Debug, Clone, PartialEq)]
pub struct OsmNode {
    pub id: i64,
    pub lon: f64,
    pub lat: f64,
}

/// A way.
#[derive(Debug, Clone, PartialEq)]
pub struct OsmWay {
    pub id: i64,
    pub nodes: Vec<i64>,
    pub tags: Tags,
}

/// What a member of a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    Node,
    Way,
    Relation,
}

/// A member of a relation.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub role: String,
    pub kind: MemberKind,
    pub id: i64,
}

/// A relation.
#[derive(Debug, Clone, PartialEq)]
pub struct OsmRelation {
    pub id: i64,
    pub tags: Tags,
    pub members: Vec<Member>,
}

/// What building from OpenStreetMap did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct OsmReport {
    pub ways: usize,
    /// Ways that are no street for motor traffic.
    pub ways_left_out: usize,
    /// References to nodes that the extract does not hold; the way is cut there.
    pub missing_nodes: usize,
    pub restrictions: usize,
    /// Restrictions over a way, for some vehicles only, or with members outside the extract.
    pub restrictions_left_out: usize,
    pub nodes: usize,
    pub links: usize,
    pub network_km: f64,
}

/// The credit OpenStreetMap asks for.
pub fn attribution() -> Attribution {
    Attribution {
        text: "© OpenStreetMap contributors".into(),
        licence: "ODbL-1.0".into(),
        source: "https://www.openstreetmap.org/copyright".into(),
    }
}

/// Whether a way is a street of the network.
pub fn is_street(tags: &Tags) -> bool {
    tags::class(tags).is_some()
}

/// Builds the network. With a boundary, links with no point inside are left out.
pub fn from_osm(
    nodes: &[OsmNode],
    ways: &[OsmWay],
    relations: &[OsmRelation],
    boundary: Option<&Boundary>,
) -> (Network, OsmReport) {
    let mut report = OsmReport {
        ways: ways.len(),
        ..OsmReport::default()
    };
    let position: HashMap<i64, [f64; 2]> = nodes.iter().map(|n| (n.id, [n.lon, n.lat])).collect();
    let streets: Vec<&OsmWay> = ways.iter().filter(|w| is_street(&w.tags)).collect();
    report.ways_left_out = ways.len() - streets.len();
    let mut meets: HashMap<i64, usize> = HashMap::new();
    for way in &streets {
        for (i, id) in way.nodes.iter().enumerate() {
            let end = i == 0 || i + 1 == way.nodes.len();
            *meets.entry(*id).or_default() += if end { 2 } else { 1 };
        }
    }
    let mut builder = Builder {
        network: Network {
            attribution: attribution(),
            ..Network::default()
        },
        at: HashMap::new(),
    };
    // Which links a way became, for the restrictions.
    let mut links_of: HashMap<i64, Vec<usize>> = HashMap::new();
    for way in &streets {
        for piece in pieces(way, &position, &meets, &mut report.missing_nodes) {
            let geometry: Vec<[f64; 2]> = piece.iter().map(|id| position[id]).collect();
            if boundary.is_some_and(|b| !geometry.iter().any(|p| b.contains(*p))) {
                continue;
            }
            let links = links_of.entry(way.id).or_default();
            links.push(builder.network.links.len());
            let number = links.len();
            builder.add(way, number, &piece, geometry);
        }
    }
    for relation in relations
        .iter()
        .filter(|r| r.tags.get("type").is_some_and(|t| t == "restriction"))
    {
        let made = restriction(relation, &builder, &links_of);
        report.restrictions_left_out += usize::from(made.is_empty());
        builder.network.restrictions.extend(made);
    }
    let mut network = builder.network;
    network.canonicalise();
    report.restrictions = network.restrictions.len();
    report.nodes = network.nodes.len();
    report.links = network.links.len();
    report.network_km = network.length_km();
    (network, report)
}

/// A way cut at junctions and where the extract lacks a node.
fn pieces(
    way: &OsmWay,
    position: &HashMap<i64, [f64; 2]>,
    meets: &HashMap<i64, usize>,
    missing: &mut usize,
) -> Vec<Vec<i64>> {
    let mut out = Vec::new();
    let mut current: Vec<i64> = Vec::new();
    for id in &way.nodes {
        if !position.contains_key(id) {
            *missing += 1;
            if current.len() > 1 {
                out.push(std::mem::take(&mut current));
            }
            current.clear();
            continue;
        }
        if current.last() == Some(id) {
            continue;
        }
        current.push(*id);
        if current.len() > 1 && meets.get(id).is_some_and(|m| *m > 1) {
            out.push(std::mem::replace(&mut current, vec![*id]));
        }
    }
    if current.len() > 1 {
        out.push(current);
    }
    out
}

struct Builder {
    network: Network,
    at: HashMap<i64, usize>,
}

impl Builder {
    fn node(&mut self, id: i64, [lon, lat]: [f64; 2]) -> usize {
        *self.at.entry(id).or_insert_with(|| {
            self.network.nodes.push(Node {
                id: format!("n{id}"),
                lon,
                lat,
            });
            self.network.nodes.len() - 1
        })
    }

    fn add(&mut self, way: &OsmWay, number: usize, piece: &[i64], geometry: Vec<[f64; 2]>) {
        let Some(class) = tags::class(&way.tags) else {
            return;
        };
        let last = piece.len() - 1;
        let (from, to) = (
            self.node(piece[0], geometry[0]),
            self.node(piece[last], geometry[last]),
        );
        let name = tags::name(&way.tags);
        self.network.links.push(Link {
            id: format!("w{}-{number}", way.id),
            from,
            to,
            length_m: ground_length(&geometry),
            geometry,
            name_source: name.as_ref().map(|_| NameSource::Map),
            name,
            class,
            direction: tags::direction(&way.tags, class),
            direction_observed: false,
            lanes: tags::lanes(&way.tags),
            speed_kmh: Some(tags::speed_kmh(&way.tags).unwrap_or_else(|| class.default_speed_kmh())),
        });
    }
}

/// The turn restrictions a relation declares; several for `no_entry` and `no_exit` with several members.
fn restriction(
    relation: &OsmRelation,
    builder: &Builder,
    links_of: &HashMap<i64, Vec<usize>>,
) -> Vec<TurnRestriction> {
    let Some(declared) = relation.tags.get("restriction") else {
        return Vec::new();
    };
    let kind = match declared.split('_').next() {
        Some("no") => RestrictionKind::No,
        Some("only") => RestrictionKind::Only,
        _ => return Vec::new(),
    };
    let with_role = |role: &str| {
        relation
            .members
            .iter()
            .filter(|m| m.role == role)
            .collect::<Vec<_>>()
    };
    let via = match with_role("via").as_slice() {
        [m] if m.kind == MemberKind::Node => builder.at.get(&m.id).copied(),
        _ => None,
    };
    let Some(via) = via else { return Vec::new() };
    let touching = |role: &str| -> Vec<usize> {
        with_role(role)
            .into_iter()
            .filter(|m| m.kind == MemberKind::Way)
            .filter_map(|m| links_of.get(&m.id))
            .flatten()
            .copied()
            .filter(|&l| builder.network.links[l].from == via || builder.network.links[l].to == via)
            .collect()
    };
    let mut out = Vec::new();
    let to = touching("to");
    for from in touching("from") {
        for &to in &to {
            // A way that runs through the node gives two links; the one back only counts for a U-turn.
            if from != to || declared.ends_with("u_turn") {
                out.push(TurnRestriction {
                    kind,
                    declared: declared.clone(),
                    from,
                    via,
                    to,
                });
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;

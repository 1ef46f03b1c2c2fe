//! The city's streets as the engine's network, with the way back from its links to the streets.

pub mod table;
pub mod zones;

use bisenzio_streets::{Direction, Network as Streets, RestrictionKind};
use bisenzio_territory::Territory;
use bisenzio_traffic::network::{Delay, Link, Network, Turn, TurnRule};

pub use zones::{Zone, ZoneKind};

/// Direction in which a street is driven, relative to its geometry.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    Forward,
    Backward,
}

/// A street driven one way: what a link of the engine stands for. Links beyond these are connectors of zones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Driven {
    /// Index into the links of the street network.
    pub street: usize,
    pub way: Way,
    pub speed_kmh: f64,
}

/// The engine's network of a city.
#[derive(Clone, Debug)]
pub struct CityNetwork {
    /// Times in minutes, lengths in metres, volumes in cars per hour.
    pub engine: Network,
    /// By link of the engine; shorter than its links by the connectors.
    pub driven: Vec<Driven>,
    /// By street: links of the engine forward and backward.
    pub links_of: Vec<[Option<u32>; 2]>,
    pub zones: Vec<Zone>,
}

/// Translates a territory. Streets closed to cars, loops and streets without length are left out: nothing goes
/// through them. Two streets between the same nodes both stay.
///
/// Directions are the network's own, also where they were only seen in use: a street is not opened on a guess.
pub fn translate(territory: &Territory) -> CityNetwork {
    let streets = &territory.network;
    let carries = |street: usize| {
        let link = &streets.links[street];
        link.from != link.to && link.length_m > 0.0 && table::of(link.class).open
    };
    let mut usable = vec![false; streets.nodes.len()];
    for (_, link) in streets.links.iter().enumerate().filter(|(i, _)| carries(*i)) {
        usable[link.from] = true;
        usable[link.to] = true;
    }
    let zones = zones::zones(territory, &usable);
    let mut engine = Network::new(streets.nodes.len() + zones.len(), 0);
    engine.coordinates = streets.nodes.iter().map(|n| [n.lon, n.lat]).collect();
    engine.coordinates.extend(zones.iter().map(|z| z.point));
    let mut driven = Vec::new();
    let mut links_of = vec![[None; 2]; streets.links.len()];
    for street in (0..streets.links.len()).filter(|&s| carries(s)) {
        for way in ways(streets.links[street].direction) {
            let (link, speed_kmh) = drive(streets, street, *way);
            links_of[street][*way as usize] = Some(engine.add(link));
            driven.push(Driven {
                street,
                way: *way,
                speed_kmh,
            });
        }
    }
    engine.turns = turns(streets, &links_of);
    for (index, zone) in zones.iter().enumerate() {
        let centre = (streets.nodes.len() + index) as u32;
        engine.zones.push(centre);
        engine.passable[centre as usize] = false;
        for &(node, metres) in &zone.connectors {
            for (from, to) in [(centre, node as u32), (node as u32, centre)] {
                engine.add(connector(from, to, metres));
            }
        }
    }
    CityNetwork {
        engine,
        driven,
        links_of,
        zones,
    }
}

fn ways(direction: Direction) -> &'static [Way] {
    match direction {
        Direction::Both => &[Way::Forward, Way::Backward],
        Direction::Forward => &[Way::Forward],
        Direction::Backward => &[Way::Backward],
    }
}

fn drive(streets: &Streets, street: usize, way: Way) -> (Link, f64) {
    let link = &streets.links[street];
    let usual = table::of(link.class);
    let directions = ways(link.direction).len() as f64;
    let lanes = link
        .lanes
        .map_or(usual.lanes, |all| (f64::from(all) / directions).max(1.0));
    let limit = link.speed_kmh.filter(|kmh| *kmh >= 5.0);
    let speed = limit.map_or(usual.speed_kmh, |limit| limit.min(usual.speed_kmh.max(30.0)));
    let (from, to) = match way {
        Way::Forward => (link.from, link.to),
        Way::Backward => (link.to, link.from),
    };
    let made = Link {
        from: from as u32,
        to: to as u32,
        capacity: usual.lane_capacity * lanes,
        free_flow_time: minutes(link.length_m, speed),
        delay: table::BPR,
        length: link.length_m,
        toll: 0.0,
        kind: link.class as u32,
    };
    (made, speed)
}

/// Minutes for some metres at a speed.
pub fn minutes(metres: f64, kmh: f64) -> f64 {
    metres / 1000.0 / kmh * 60.0
}

fn connector(from: u32, to: u32, metres: f64) -> Link {
    Link {
        from,
        to,
        // Never looked at: the delay is constant.
        capacity: 1e6,
        free_flow_time: minutes(metres * zones::DETOUR, zones::CONNECTOR_KMH),
        delay: Delay::Constant,
        length: metres,
        toll: 0.0,
        kind: u32::MAX,
    }
}

/// Bans from the network's restrictions. An *only* bans every other street that leaves the node, but not the way back
/// into the same street, on which such signs are silent.
fn turns(streets: &Streets, links_of: &[[Option<u32>; 2]]) -> Vec<Turn> {
    let arriving = |street: usize, node: usize| {
        let way = if streets.links[street].to == node {
            Way::Forward
        } else {
            Way::Backward
        };
        links_of[street][way as usize]
    };
    let leaving = |street: usize, node: usize| {
        let way = if streets.links[street].from == node {
            Way::Forward
        } else {
            Way::Backward
        };
        links_of[street][way as usize]
    };
    let by_node = streets.links_by_node();
    let mut bans = Vec::new();
    for rule in &streets.restrictions {
        let Some(from_link) = arriving(rule.from, rule.via) else {
            continue;
        };
        let banned: Vec<usize> = match rule.kind {
            RestrictionKind::No => vec![rule.to],
            RestrictionKind::Only => by_node[rule.via]
                .iter()
                .copied()
                .filter(|street| *street != rule.to && *street != rule.from)
                .collect(),
        };
        bans.extend(banned.into_iter().filter_map(|street| {
            Some(Turn {
                from_link,
                to_link: leaving(street, rule.via)?,
                rule: TurnRule::Banned,
            })
        }));
    }
    bans.sort_by_key(|t| (t.from_link, t.to_link));
    bans.dedup_by_key(|t| (t.from_link, t.to_link));
    bans
}

impl CityNetwork {
    /// Whether there is something to assign: streets, and at least two zones.
    pub fn is_empty(&self) -> bool {
        self.driven.is_empty() || self.zones.len() < 2
    }

    /// Links of the engine that a street consists of.
    pub fn of_street(&self, street: usize) -> impl Iterator<Item = u32> + '_ {
        self.links_of.get(street).into_iter().flatten().flatten().copied()
    }
}

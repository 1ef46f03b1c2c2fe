//! `.net.xml`.

use std::collections::{HashMap, HashSet};

use super::xml::{Element, SumoError, each};
use crate::network::{Delay, Link, Network, Turn, TurnRule};

/// A network with the names that its file uses.
#[derive(Clone, Debug)]
pub struct SumoNetwork {
    /// Without zones; times in seconds, `kind` the number of lanes for cars.
    pub network: Network,
    /// Name of the edge of every link, and of the junction of every node.
    pub edges: Vec<String>,
    pub junctions: Vec<String>,
    /// SUMO's priority of every link.
    pub priorities: Vec<i32>,
}

/// Capacity of a link, pcu per hour: for each lane 1,900 from 70 km/h, 1,500 from 45 km/h, 1,000 below. These are
/// rules of thumb of this project, signals not considered, and no substitute for counts.
pub fn capacity(lanes: u32, metres_per_second: f64) -> f64 {
    let lane = match metres_per_second * 3.6 {
        v if v >= 70.0 => 1900.0,
        v if v >= 45.0 => 1500.0,
        _ => 1000.0,
    };
    f64::from(lanes) * lane
}

struct Edge {
    name: String,
    ends: (String, String),
    priority: i32,
    line: usize,
    lanes: Vec<bool>,
    speed: f64,
    length: f64,
}

/// Reads a network. What may be driven by cars (SUMO's class `passenger`) is taken.
///
/// # Errors
/// XML that is not well-formed, missing or senseless numbers, edges whose junction does not exist.
pub fn read_network(text: &str) -> Result<SumoNetwork, SumoError> {
    let mut edges: Vec<Edge> = Vec::new();
    let mut inside = false;
    let mut junctions: Vec<String> = Vec::new();
    let mut coordinates = Vec::new();
    let mut connections: Vec<(String, String, usize, usize, usize)> = Vec::new();
    let mut is_net = false;
    each(text, |e| {
        match e.name.as_str() {
            "net" => is_net = true,
            "edge" => {
                inside = matches!(e.get("function"), Some("internal" | "crossing" | "walkingarea"));
                if !inside {
                    edges.push(edge(e)?);
                }
            }
            "lane" if !inside => {
                let Some(edge) = edges.last_mut() else {
                    return Err(e.fail("<lane> outside an <edge>"));
                };
                let (speed, length) = (e.number("speed")?, e.number("length")?);
                if speed == 0.0 {
                    return Err(e.fail("speed is 0; it must be above 0"));
                }
                let cars = for_cars(e);
                edge.lanes.push(cars);
                if cars {
                    edge.speed = edge.speed.max(speed);
                    edge.length = edge.length.max(length);
                }
            }
            "junction" if e.get("type") != Some("internal") => {
                junctions.push(e.need("id")?.to_owned());
                let at = |name| {
                    let value = e.need(name)?.parse::<f64>().ok().filter(|v| v.is_finite());
                    value.ok_or_else(|| e.fail(format!("{name} is not a number")))
                };
                coordinates.push([at("x")?, at("y")?]);
            }
            "connection" => {
                let (from, to) = (e.need("from")?, e.need("to")?);
                if !from.starts_with(':') && !to.starts_with(':') {
                    let lanes = (e.number("fromLane")? as usize, e.number("toLane")? as usize);
                    connections.push((from.to_owned(), to.to_owned(), lanes.0, lanes.1, e.line));
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    if !is_net {
        return Err(SumoError {
            line: 1,
            problem: "there is no <net>".to_owned(),
        });
    }
    build(edges, junctions, coordinates, &connections)
}

fn edge(e: &Element) -> Result<Edge, SumoError> {
    Ok(Edge {
        name: e.need("id")?.to_owned(),
        ends: (e.need("from")?.to_owned(), e.need("to")?.to_owned()),
        priority: e.get("priority").and_then(|p| p.parse().ok()).unwrap_or(-1),
        line: e.line,
        lanes: Vec::new(),
        speed: 0.0,
        length: 0.0,
    })
}

fn for_cars(lane: &Element) -> bool {
    let lists = |name| {
        lane.get(name).map(|v| {
            v.split_whitespace()
                .any(|class| class == "passenger" || class == "all")
        })
    };
    lists("allow").unwrap_or_else(|| !lists("disallow").unwrap_or(false))
}

fn build(
    edges: Vec<Edge>,
    junctions: Vec<String>,
    coordinates: Vec<[f64; 2]>,
    connections: &[(String, String, usize, usize, usize)],
) -> Result<SumoNetwork, SumoError> {
    let node: HashMap<&str, u32> = junctions.iter().map(String::as_str).zip(0..).collect();
    let mut network = Network::new(junctions.len(), 0);
    network.hours_per_time_unit = 1.0 / 3600.0;
    network.coordinates = coordinates;
    let (mut names, mut priorities) = (Vec::new(), Vec::new());
    let all: HashMap<&str, &Edge> = edges.iter().map(|e| (e.name.as_str(), e)).collect();
    let mut link_of: HashMap<&str, u32> = HashMap::new();
    for edge in &edges {
        let end = |name: &str| {
            node.get(name).copied().ok_or_else(|| SumoError {
                line: edge.line,
                problem: format!("edge {}: there is no junction {name}", edge.name),
            })
        };
        let (from, to) = (end(&edge.ends.0)?, end(&edge.ends.1)?);
        let lanes = edge.lanes.iter().filter(|cars| **cars).count() as u32;
        if lanes == 0 {
            continue;
        }
        let link = network.add(Link {
            from,
            to,
            capacity: capacity(lanes, edge.speed),
            free_flow_time: edge.length / edge.speed,
            delay: Delay::Bpr { b: 0.15, power: 4.0 },
            length: edge.length,
            toll: 0.0,
            kind: lanes,
        });
        link_of.insert(&edge.name, link);
        names.push(edge.name.clone());
        priorities.push(edge.priority);
    }
    let mut allowed = HashSet::new();
    for (from, to, from_lane, to_lane, line) in connections {
        let lane = |name: &str, lane: usize| {
            let cars = all.get(name).and_then(|e| e.lanes.get(lane)).copied();
            cars.ok_or_else(|| SumoError {
                line: *line,
                problem: format!("there is no lane {lane} of an edge {name}"),
            })
        };
        if lane(from, *from_lane)? && lane(to, *to_lane)? {
            allowed.insert((link_of[from.as_str()], link_of[to.as_str()]));
        }
    }
    let mut leaving = vec![Vec::new(); network.nodes];
    for (index, link) in network.links.iter().enumerate() {
        leaving[link.from as usize].push(index as u32);
    }
    for (from_link, link) in network.links.iter().enumerate() {
        let from_link = from_link as u32;
        let banned = leaving[link.to as usize]
            .iter()
            .filter(|&&to| !allowed.contains(&(from_link, to)));
        network.turns.extend(banned.map(|&to_link| Turn {
            from_link,
            to_link,
            rule: TurnRule::Banned,
        }));
    }
    Ok(SumoNetwork {
        network,
        edges: names,
        junctions,
        priorities,
    })
}

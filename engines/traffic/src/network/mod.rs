//! The network as its maker sees it: nodes, links in their own order, zones, classes and turns.
//!
//! Times are in the network's own unit ([`Network::hours_per_time_unit`]), capacities and volumes in passenger-car
//! units (pcu) per hour, lengths in any unit. Indices count from 0.

mod check;
pub mod delay;
pub mod graph;

pub use check::NetworkError;
pub use delay::{Curve, Delay, Principle};
pub use graph::Graph;

/// A stretch of road in one direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub from: u32,
    pub to: u32,
    /// pcu per hour; 0 closes the link.
    pub capacity: f64,
    /// Time without other traffic.
    pub free_flow_time: f64,
    pub delay: Delay,
    pub length: f64,
    pub toll: f64,
    /// A class of road that only the maker of the network knows.
    pub kind: u32,
}

/// Kinds of vehicles that see the network differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    pub name: String,
    /// Passenger-car units of one vehicle.
    pub pcu: f64,
    /// Time units that one unit of toll is worth.
    pub toll_weight: f64,
    /// Time units that one unit of length is worth.
    pub length_weight: f64,
    /// Links, by index, that the class may not use.
    pub banned_links: Vec<u32>,
}

impl Class {
    /// Cars that mind neither tolls nor distance.
    pub fn cars() -> Self {
        Self {
            name: "cars".to_owned(),
            pcu: 1.0,
            toll_weight: 0.0,
            length_weight: 0.0,
            banned_links: Vec::new(),
        }
    }
}

/// What a movement from one link to the next costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TurnRule {
    Banned,
    /// Time added to the movement, >= 0.
    Penalty(f64),
}

/// A rule for the movement from the end of one link to the beginning of another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    pub from_link: u32,
    pub to_link: u32,
    pub rule: TurnRule,
}

/// A road network with its zones.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    pub nodes: usize,
    /// x and y of every node (longitude and latitude, or metres), or nothing.
    pub coordinates: Vec<[f64; 2]>,
    pub links: Vec<Link>,
    /// The node where the trips of a zone begin and end.
    pub zones: Vec<u32>,
    /// For every node whether trips that neither begin nor end there may pass through.
    pub passable: Vec<bool>,
    pub classes: Vec<Class>,
    pub turns: Vec<Turn>,
    /// Hours in one unit of time: 1/60 where times are minutes.
    pub hours_per_time_unit: f64,
}

impl Network {
    /// A network without links whose first `zones` nodes are the zones, for cars, in minutes.
    pub fn new(nodes: usize, zones: usize) -> Self {
        Self {
            nodes,
            coordinates: Vec::new(),
            links: Vec::new(),
            zones: (0..zones as u32).collect(),
            passable: vec![true; nodes],
            classes: vec![Class::cars()],
            turns: Vec::new(),
            hours_per_time_unit: 1.0 / 60.0,
        }
    }

    /// Adds a link and returns its index.
    pub fn add(&mut self, link: Link) -> u32 {
        self.links.push(link);
        self.links.len() as u32 - 1
    }

    /// Time of a link at a volume in pcu per hour, without tolls; infinite where the link is closed.
    pub fn time(&self, link: usize, volume: f64) -> f64 {
        let l = &self.links[link];
        if l.capacity == 0.0 {
            return f64::INFINITY;
        }
        Curve::new(
            l.delay,
            l.free_flow_time,
            l.capacity,
            0.0,
            Principle::UserEquilibrium,
        )
        .cost(volume)
    }
}

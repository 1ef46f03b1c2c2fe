//! What a network must fulfil before anything is computed on it.

use thiserror::Error;

use super::{Delay, Network, TurnRule};

/// Something in a network that makes no sense. Links, nodes and zones are counted from 0.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum NetworkError {
    #[error("link {link}: node {node} does not exist (there are {nodes})")]
    UnknownNode { link: usize, node: u32, nodes: usize },
    #[error("link {link}: {field} is {value}; it must be a number not below {least}")]
    BadLink {
        link: usize,
        field: &'static str,
        value: f64,
        least: f64,
    },
    #[error("zone {zone}: node {node} does not exist (there are {nodes})")]
    UnknownZoneNode { zone: usize, node: u32, nodes: usize },
    #[error("{what} has {found} entries for {nodes} nodes")]
    Length {
        what: &'static str,
        found: usize,
        nodes: usize,
    },
    #[error("class {class}: {field} is {value}; it must be a number {rule}")]
    BadClass {
        class: String,
        field: &'static str,
        value: f64,
        rule: &'static str,
    },
    #[error("class {class}: banned link {link} does not exist")]
    UnknownBannedLink { class: String, link: u32 },
    #[error("a network needs at least one class of vehicles")]
    NoClass,
    #[error("turn from link {from_link} to link {to_link}: {reason}")]
    BadTurn {
        from_link: u32,
        to_link: u32,
        reason: &'static str,
    },
}

impl Network {
    /// Checks every number and index.
    ///
    /// # Errors
    /// The first thing found wrong.
    pub fn check(&self) -> Result<(), NetworkError> {
        self.check_links()?;
        for (zone, &node) in self.zones.iter().enumerate() {
            if node as usize >= self.nodes {
                return Err(NetworkError::UnknownZoneNode {
                    zone,
                    node,
                    nodes: self.nodes,
                });
            }
        }
        if self.passable.len() != self.nodes {
            let found = self.passable.len();
            return Err(NetworkError::Length {
                what: "passable",
                found,
                nodes: self.nodes,
            });
        }
        if !self.coordinates.is_empty() && self.coordinates.len() != self.nodes {
            let found = self.coordinates.len();
            return Err(NetworkError::Length {
                what: "coordinates",
                found,
                nodes: self.nodes,
            });
        }
        self.check_classes()?;
        self.check_turns()
    }

    fn check_links(&self) -> Result<(), NetworkError> {
        for (link, l) in self.links.iter().enumerate() {
            for node in [l.from, l.to] {
                if node as usize >= self.nodes {
                    return Err(NetworkError::UnknownNode {
                        link,
                        node,
                        nodes: self.nodes,
                    });
                }
            }
            let (b, power, a) = match l.delay {
                Delay::Constant => (0.0, 0.0, 2.0),
                Delay::Bpr { b, power } => (b, power, 2.0),
                Delay::Conical { a } => (0.0, 0.0, a),
            };
            for (field, value, least) in [
                ("capacity", l.capacity, 0.0),
                ("free-flow time", l.free_flow_time, 0.0),
                ("length", l.length, 0.0),
                ("toll", l.toll, 0.0),
                ("b", b, 0.0),
                ("power", power, 0.0),
                ("conical parameter", a, 1.0 + 1e-6),
            ] {
                if !(value.is_finite() && value >= least) {
                    return Err(NetworkError::BadLink {
                        link,
                        field,
                        value,
                        least,
                    });
                }
            }
        }
        Ok(())
    }

    fn check_classes(&self) -> Result<(), NetworkError> {
        if self.classes.is_empty() {
            return Err(NetworkError::NoClass);
        }
        for class in &self.classes {
            let bad = |field, value, rule| NetworkError::BadClass {
                class: class.name.clone(),
                field,
                value,
                rule,
            };
            if !(class.pcu.is_finite() && class.pcu > 0.0) {
                return Err(bad("pcu", class.pcu, "above 0"));
            }
            for (field, value) in [
                ("toll weight", class.toll_weight),
                ("length weight", class.length_weight),
            ] {
                if !(value.is_finite() && value >= 0.0) {
                    return Err(bad(field, value, "not below 0"));
                }
            }
            if let Some(&link) = class
                .banned_links
                .iter()
                .find(|&&l| l as usize >= self.links.len())
            {
                return Err(NetworkError::UnknownBannedLink {
                    class: class.name.clone(),
                    link,
                });
            }
        }
        Ok(())
    }

    fn check_turns(&self) -> Result<(), NetworkError> {
        for turn in &self.turns {
            let bad = |reason| NetworkError::BadTurn {
                from_link: turn.from_link,
                to_link: turn.to_link,
                reason,
            };
            let (Some(from), Some(to)) = (
                self.links.get(turn.from_link as usize),
                self.links.get(turn.to_link as usize),
            ) else {
                return Err(bad("no such link"));
            };
            if from.to != to.from {
                return Err(bad("the second link does not begin where the first ends"));
            }
            if let TurnRule::Penalty(time) = turn.rule
                && !(time.is_finite() && time >= 0.0)
            {
                return Err(bad("the penalty must be a number not below 0"));
            }
        }
        Ok(())
    }
}

//! Changes of a network that a closure, a worksite or a plan brings.

use thiserror::Error;

use crate::network::{Link, Network, NetworkError, Turn};

/// One change. Links keep their indices; new ones come at the end.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The capacity times a factor, 0 or more; 0 closes the link.
    CapacityFactor {
        link: u32,
        factor: f64,
    },
    /// Another capacity, pcu per hour; 0 closes the link.
    Capacity {
        link: u32,
        capacity: f64,
    },
    Close {
        link: u32,
    },
    /// Another time without traffic; a speed limit is length over speed, in the network's units.
    FreeFlowTime {
        link: u32,
        time: f64,
    },
    /// The time without traffic divided by a factor above 0: half the speed is 0.5.
    SpeedFactor {
        link: u32,
        factor: f64,
    },
    /// The street is driven the other way round: the link is closed, its opposite is added.
    Reverse {
        link: u32,
    },
    /// A link that was not there.
    Open {
        link: Link,
    },
    /// A ban or penalty; it takes the place of a rule for the same movement.
    Turn(Turn),
}

/// Why a scenario cannot be computed.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ScenarioError {
    #[error("link {link} does not exist (there are {links})")]
    UnknownLink { link: u32, links: usize },
    #[error("link {link}: the factor is {factor}; it must be a number {rule}")]
    BadFactor {
        link: u32,
        factor: f64,
        rule: &'static str,
    },
    #[error("the base was computed without flows by origin; use paired segments")]
    NoFlowsByOrigin,
    #[error(transparent)]
    Network(#[from] NetworkError),
}

/// The network after the changes, in their order.
///
/// # Errors
/// A link that does not exist, a number that makes no sense.
pub fn apply(network: &Network, changes: &[Change]) -> Result<Network, ScenarioError> {
    let mut next = network.clone();
    for change in changes {
        apply_one(&mut next, change)?;
    }
    next.check()?;
    Ok(next)
}

fn apply_one(network: &mut Network, change: &Change) -> Result<(), ScenarioError> {
    match change {
        Change::CapacityFactor { link, factor } => {
            if !(factor.is_finite() && *factor >= 0.0) {
                return Err(ScenarioError::BadFactor {
                    link: *link,
                    factor: *factor,
                    rule: "not below 0",
                });
            }
            at(network, *link)?.capacity *= factor;
        }
        Change::Capacity { link, capacity } => at(network, *link)?.capacity = *capacity,
        Change::Close { link } => at(network, *link)?.capacity = 0.0,
        Change::FreeFlowTime { link, time } => at(network, *link)?.free_flow_time = *time,
        Change::SpeedFactor { link, factor } => {
            if !(factor.is_finite() && *factor > 0.0) {
                return Err(ScenarioError::BadFactor {
                    link: *link,
                    factor: *factor,
                    rule: "above 0",
                });
            }
            at(network, *link)?.free_flow_time /= factor;
        }
        Change::Reverse { link } => {
            let there = at(network, *link)?;
            let back = Link {
                from: there.to,
                to: there.from,
                ..there.clone()
            };
            there.capacity = 0.0;
            network.add(back);
        }
        Change::Open { link } => {
            network.add(link.clone());
        }
        Change::Turn(turn) => {
            network
                .turns
                .retain(|t| (t.from_link, t.to_link) != (turn.from_link, turn.to_link));
            network.turns.push(*turn);
        }
    }
    Ok(())
}

fn at(network: &mut Network, link: u32) -> Result<&mut Link, ScenarioError> {
    let links = network.links.len();
    network
        .links
        .get_mut(link as usize)
        .ok_or(ScenarioError::UnknownLink { link, links })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Delay;

    fn street() -> Network {
        let mut network = Network::new(2, 2);
        network.add(Link {
            from: 0,
            to: 1,
            capacity: 800.0,
            free_flow_time: 3.0,
            delay: Delay::Constant,
            length: 1.0,
            toll: 0.0,
            kind: 0,
        });
        network
    }

    #[test]
    fn changes_come_one_after_the_other() {
        let changes = [
            Change::CapacityFactor { link: 0, factor: 0.5 },
            Change::SpeedFactor { link: 0, factor: 0.5 },
            Change::Reverse { link: 0 },
        ];
        let next = apply(&street(), &changes).unwrap();
        assert_eq!(next.links[0].capacity, 0.0);
        let back = &next.links[1];
        assert_eq!(
            (back.from, back.to, back.capacity, back.free_flow_time),
            (1, 0, 400.0, 6.0)
        );
    }

    #[test]
    fn nonsense_is_refused() {
        for change in [
            Change::Close { link: 7 },
            Change::CapacityFactor {
                link: 0,
                factor: -1.0,
            },
            Change::SpeedFactor { link: 0, factor: 0.0 },
            Change::Capacity {
                link: 0,
                capacity: f64::NAN,
            },
        ] {
            assert!(
                apply(&street(), std::slice::from_ref(&change)).is_err(),
                "{change:?}"
            );
        }
    }
}

//! Static assignment: volumes at which nobody gains by taking another way.
//!
//! [`assign`] chooses an algorithm and runs it. Two are at hand:
//! * paired alternative segments ([`Equilibrium`]), which keeps the flows of each origin, reaches any precision
//!   and can be resumed after a change of the network;
//! * bi-conjugate Frank-Wolfe ([`frank_wolfe`]), which keeps volumes of links only, for networks whose flows by
//!   origin would not fit into memory.

pub mod commodity;
pub mod flows;
pub mod forest;
pub mod frank_wolfe;
mod pairs;
mod resume;
mod segments;
mod trace;
mod volumes;
pub mod ways;

use thiserror::Error;

pub use commodity::{Commodity, Unserved, commodities};
pub use flows::Flows;
pub use forest::Forest;
pub use frank_wolfe::LinkFlows;
pub use segments::Equilibrium;
pub use volumes::Volumes;

use crate::demand::Demand;
use crate::network::{Graph, Network, NetworkError, Principle};

/// Why an assignment cannot begin.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum AssignError {
    #[error(transparent)]
    Network(#[from] NetworkError),
    #[error("the network has {network} classes of vehicles, the demand {demand}")]
    Classes { network: usize, demand: usize },
    #[error("the network has {network} zones, the demand {demand}")]
    Zones { network: usize, demand: usize },
}

/// How to find the equilibrium.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// Paired segments, unless their memory would pass [`Options::memory`].
    #[default]
    Automatic,
    PairedSegments,
    BiconjugateFrankWolfe,
}

impl Algorithm {
    pub fn name(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::PairedSegments => "paired-segments",
            Self::BiconjugateFrankWolfe => "biconjugate-frank-wolfe",
        }
    }
}

/// How an assignment goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Relative gap to stop at.
    pub gap: f64,
    /// Iterations to stop at.
    pub iterations: usize,
    /// Threads to work on; the result is the same on any number.
    pub threads: usize,
    pub algorithm: Algorithm,
    pub principle: Principle,
    /// Bytes that flows by origin may take before [`Algorithm::Automatic`] does without them.
    pub memory: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            gap: 1e-6,
            iterations: 1000,
            threads: 1,
            algorithm: Algorithm::Automatic,
            principle: Principle::UserEquilibrium,
            memory: 4 << 30,
        }
    }
}

/// What is known of the flows after an iteration.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Iteration {
    /// Counted from 1.
    pub number: usize,
    /// `(TSTT - SPTT) / SPTT`: what all drivers together pay more than if each had the best way at these costs.
    pub relative_gap: f64,
    /// Beckmann's objective: the sum over links of the integral of cost over volume.
    pub objective: f64,
    /// Total cost of all trips, pcu per hour times time units.
    pub tstt: f64,
    /// Total cost if every trip went the best way at the same costs.
    pub sptt: f64,
}

impl Iteration {
    pub(crate) fn new(number: usize, objective: f64, tstt: f64, sptt: f64) -> Self {
        let relative_gap = if tstt <= sptt {
            0.0
        } else if sptt > 0.0 {
            (tstt - sptt) / sptt
        } else {
            f64::INFINITY
        };
        Self {
            number,
            relative_gap,
            objective,
            tstt,
            sptt,
        }
    }
}

/// What the caller says after each iteration. Whenever it stops, the flows are complete and conserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    Continue,
    Stop,
}

/// Called after each iteration; the caller holds the clock and the wish to go on.
pub type Report<'a> = &'a mut dyn FnMut(&Iteration) -> Control;

/// Flows that an algorithm found.
#[derive(Clone, Debug)]
pub enum Solution {
    Segments(Box<Equilibrium>),
    Links(LinkFlows),
}

/// A finished assignment.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub graph: Graph,
    pub solution: Solution,
    /// The algorithm that ran.
    pub algorithm: Algorithm,
    /// What the last iteration found.
    pub last: Iteration,
}

impl Assignment {
    /// Volume of every link of the network, pcu per hour.
    pub fn link_volumes(&self) -> Vec<f64> {
        self.graph.by_link(&self.volumes().volume)
    }

    /// Cost of every link of the network at these volumes, common to all classes; infinite where closed.
    pub fn link_costs(&self) -> Vec<f64> {
        self.graph.by_link(&self.volumes().cost)
    }

    /// Volumes by arc of the graph.
    pub fn volumes(&self) -> &Volumes {
        match &self.solution {
            Solution::Segments(all) => &all.volumes,
            Solution::Links(all) => &all.volumes,
        }
    }

    /// Trips that have no way, with origin and destination.
    pub fn unserved(&self) -> &[Unserved] {
        match &self.solution {
            Solution::Segments(all) => &all.unserved,
            Solution::Links(all) => &all.unserved,
        }
    }

    /// Flows by origin, if the algorithm keeps them.
    pub fn equilibrium(&self) -> Option<&Equilibrium> {
        match &self.solution {
            Solution::Segments(all) => Some(all),
            Solution::Links(_) => None,
        }
    }
}

/// Assigns a demand, one for each class, to a network.
///
/// # Errors
/// A network that makes no sense, a demand of other classes or zones.
pub fn assign(
    network: &Network,
    demand: &[Demand],
    options: &Options,
    report: Report,
) -> Result<Assignment, AssignError> {
    let graph = Graph::new(network, options.principle)?;
    let all = commodities(&graph, demand)?;
    let algorithm = match options.algorithm {
        Algorithm::Automatic if segments::memory(&graph, all.len()) > options.memory => {
            Algorithm::BiconjugateFrankWolfe
        }
        Algorithm::Automatic => Algorithm::PairedSegments,
        chosen => chosen,
    };
    let (solution, last) = if algorithm == Algorithm::BiconjugateFrankWolfe {
        let (flows, last) = frank_wolfe::solve(&graph, all, options, report);
        (Solution::Links(flows), last)
    } else {
        let mut flows = Equilibrium::begin(&graph, all, options.threads);
        let last = flows.solve(&graph, options, report);
        (Solution::Segments(Box::new(flows)), last)
    };
    Ok(Assignment {
        graph,
        solution,
        algorithm,
        last,
    })
}

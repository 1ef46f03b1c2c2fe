//! What if: a base, a few changes, the new equilibrium and what it costs.

mod changes;
mod outcome;

pub use changes::{Change, ScenarioError, apply};
pub use outcome::{Detour, LinkChange, OdChange, Outcome, OutcomeLimits, compare};

use crate::assign::{Algorithm, Assignment, Equilibrium, Iteration, Options, Report, Solution};
use crate::network::{Graph, Network};

/// Solves a scenario from the flows of its base.
///
/// `network` is the base's with [`apply`]'s changes; `options` must ask for the base's principle.
///
/// # Errors
/// A base without flows by origin, or changes that make no sense.
pub fn resume(
    base: &Assignment,
    network: &Network,
    options: &Options,
    report: Report,
) -> Result<Assignment, ScenarioError> {
    let flows = base.equilibrium().ok_or(ScenarioError::NoFlowsByOrigin)?;
    let graph = Graph::new(network, options.principle)?;
    let mut next = Equilibrium::resume(flows, &base.graph, &graph);
    let last: Iteration = next.solve(&graph, options, report);
    Ok(Assignment {
        graph,
        solution: Solution::Segments(Box::new(next)),
        algorithm: Algorithm::PairedSegments,
        last,
    })
}

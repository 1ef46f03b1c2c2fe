//! User equilibrium to any precision by paired alternative segments.
//!
//! Each iteration brings the shortest-path trees up to date, measures the gap, finds for every origin the used arcs
//! by which its trips lose, pairs each with the better way (`trace`), and balances all pairs in turn (`pairs`). Trees
//! are made at the same costs for all origins, so they can be made on any number of threads; flow is moved in one
//! fixed order, so the result does not depend on their number.

use super::commodity::{Commodity, Unserved};
use super::flows::Flows;
use super::forest::Forest;
use super::pairs::{Direction, Pairs};
use super::trace::Trace;
use super::volumes::Volumes;
use super::{Control, Iteration, Options, Report};
use crate::network::Graph;
use crate::network::graph::NONE;

/// Flows by origin on their way to equilibrium, and all that is known about them.
#[derive(Clone, Debug)]
pub struct Equilibrium {
    pub commodities: Vec<Commodity>,
    pub flows: Flows,
    pub volumes: Volumes,
    pub forest: Forest,
    /// Trips that have no way; they are in none of the commodities.
    pub unserved: Vec<Unserved>,
    pub(crate) pairs: Pairs,
    pub(crate) trace: Trace,
    pub(crate) direction: Direction,
}

/// Groups of origins in the first loading; each sees the costs that those before it cause.
pub(crate) const BLOCKS: usize = 64;
/// Rounds over all pairs in one iteration: at least these, and more as long as they cost less than the trees.
const SWEEPS: std::ops::RangeInclusive<usize> = 20..=200;
/// The rounds end when one gains less than this share of the first.
const WORTHWHILE: f64 = 1e-3;
/// Rounds gain slowly when one gains more than this share of the one before; then every so many rounds all pairs
/// together go on in the direction of the last, those left out that have fewer repetitions left.
const SLOW: f64 = 0.6;
const LEAP: usize = 3;
const NEAREST: [f64; 3] = [2.0, 20.0, 2.0];
/// Arcs that all together could close no more than this share of the gap are left alone.
const NEGLIGIBLE: f64 = 0.01;
/// Ways by which flow comes to one arc that are balanced in one iteration.
const WAYS: usize = 8;
/// An arc is done with when its pair has no more than this share of the loss left.
const BALANCED: f64 = 0.1;
/// Iterations after which a pair that moves nothing is forgotten.
const PATIENCE: u8 = 3;

/// Bytes that flows and trees of so many commodities take at most.
pub(crate) fn memory(graph: &Graph, commodities: usize) -> usize {
    // A plain table for each row and its blocks' beginnings are the worst that can come.
    commodities.saturating_mul(9 * graph.arcs() + 4 * graph.nodes)
}

/// Costs by class and arc.
pub(crate) fn class_costs(graph: &Graph, volumes: &Volumes) -> Vec<Vec<f64>> {
    (0..graph.classes())
        .map(|class| graph.costs_for(class, &volumes.cost))
        .collect()
}

impl Equilibrium {
    /// All trips on ways that were best when they were loaded, block after block.
    pub fn begin(graph: &Graph, mut all: Vec<Commodity>, threads: usize) -> Self {
        let mut flows = Flows::zero(all.len(), graph.arcs());
        let mut volumes = Volumes::new(graph, vec![0.0; graph.arcs()]);
        let mut forest = Forest::new(all.len(), graph.nodes);
        let mut unserved = Vec::new();
        let block = all.len().div_ceil(BLOCKS).max(1);
        for first in (0..all.len()).step_by(block) {
            let count = block.min(all.len() - first);
            let costs = class_costs(graph, &volumes);
            forest.grow(graph, &costs, &all, first..first + count, threads);
            for (index, commodity) in all.iter_mut().enumerate().skip(first).take(count) {
                let unreached = flows.load(graph, index, commodity, forest.tree(index));
                commodity.give_up(&unreached, &mut unserved);
                volumes.add_all(flows.row(index));
            }
            volumes.refresh(&graph.curves);
        }
        let (pairs, trace) = (Pairs::new(graph.nodes), Trace::new(graph.nodes));
        Self {
            commodities: all,
            flows,
            volumes,
            forest,
            unserved,
            pairs,
            trace,
            direction: Direction::default(),
        }
    }

    /// Flow of a commodity on an arc below which it is rounding, pcu per hour.
    pub fn rounding(&self, commodity: usize) -> f64 {
        super::resume::ROUNDING * self.commodities[commodity].total()
    }

    /// Goes on until the gap is reached, the iterations are used up or the caller stops. What is returned
    /// describes the flows exactly as they then are.
    pub fn solve(&mut self, graph: &Graph, options: &Options, report: Report) -> Iteration {
        let mut worth = 0.0;
        let mut number = 1;
        loop {
            if number > 1 {
                // The gap is measured on volumes free of accumulated rounding.
                self.volumes = Volumes::new(graph, self.flows.total());
            }
            let costs = class_costs(graph, &self.volumes);
            let (flows, all) = (&self.flows, &self.commodities);
            let findings = self
                .forest
                .compare(graph, &costs, all, flows, worth, options.threads);
            let own: f64 = findings.iter().map(|f| f.own_cost).sum();
            let iteration = Iteration::new(
                number,
                self.volumes.objective(&graph.curves) + own,
                self.volumes.total_cost() + own,
                findings.iter().map(|f| f.least_cost).sum(),
            );
            let gap = iteration.relative_gap;
            if report(&iteration) == Control::Stop || gap <= options.gap || number >= options.iterations {
                return iteration;
            }
            let used: u32 = findings.iter().map(|f| f.used).sum();
            worth = NEGLIGIBLE * gap.max(options.gap).min(1.0) * iteration.sptt / f64::from(used.max(1));
            for (index, finding) in findings.iter().enumerate() {
                for &(arc, excess) in &finding.excess {
                    self.improve(graph, index, arc, excess);
                }
            }
            self.sweep(graph);
            number += 1;
        }
    }

    /// Balances all pairs again and again while it pays.
    fn sweep(&mut self, graph: &Graph) {
        let first = self.pairs.sweep(graph, &mut self.volumes, &mut self.flows);
        let affordable = self.commodities.len() * graph.nodes / self.pairs.size().max(1);
        let mut before = first;
        for round in 1..affordable.clamp(*SWEEPS.start(), *SWEEPS.end()) {
            let gained = self.pairs.sweep(graph, &mut self.volumes, &mut self.flows);
            if gained < WORTHWHILE * first {
                break;
            }
            if gained > SLOW * before && round % LEAP == 0 {
                let nearest = NEAREST[round / LEAP % NEAREST.len()];
                self.pairs.go_on(
                    graph,
                    &mut self.volumes,
                    &mut self.flows,
                    &mut self.direction,
                    nearest,
                );
            }
            before = gained;
        }
        self.pairs.prune(PATIENCE, &self.flows);
    }

    /// Moves a commodity's flow off an arc by which it loses `excess`. Where its flow comes to the arc by several
    /// ways, one pair after the other is balanced, until it no longer loses there or is gone.
    fn improve(&mut self, graph: &Graph, index: usize, arc: u32, excess: f64) {
        let class = self.commodities[index].class;
        for _ in 0..WAYS {
            let row = self.flows.row(index);
            let before = row.get(arc);
            if before <= 0.0 {
                return;
            }
            let tree = self.forest.tree(index);
            let best = tree[graph.head[arc as usize] as usize];
            let found = (best != NONE)
                .then(|| {
                    self.pairs
                        .find(graph, class, best, arc, &self.volumes, row, excess)
                })
                .flatten();
            let pair = match found {
                Some(pair) => {
                    self.pairs.join(pair, index as u32);
                    pair
                }
                None => {
                    if !self
                        .trace
                        .segments(graph, tree, &mut self.flows, &mut self.volumes, index, arc)
                    {
                        return;
                    }
                    self.pairs
                        .insert(graph, class, &self.trace.dear, &self.trace.cheap, index as u32)
                }
            };
            self.pairs
                .balance(pair, graph, &mut self.volumes, &mut self.flows);
            let done = self.pairs.imbalance(pair, &self.volumes) <= BALANCED * excess;
            if done || self.flows.row(index).get(arc) >= before {
                return;
            }
        }
    }
}

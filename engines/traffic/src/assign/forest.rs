//! One shortest-path tree for every commodity, recomputed on many threads with the same result on any number.

use std::sync::Mutex;

use super::commodity::Commodity;
use super::flows::Flows;
use crate::network::Graph;
use crate::network::graph::NONE;
use crate::shortest::Search;

/// Trees by commodity: for every node the arc by which the best way comes.
#[derive(Clone, Debug, PartialEq)]
pub struct Forest {
    nodes: usize,
    via: Vec<u32>,
    /// By commodity all nodes in the order in which its tree was last followed.
    order: Vec<u32>,
}

/// What a commodity's tree says about its flows.
#[derive(Clone, Debug, Default)]
pub struct Finding {
    /// Cost of all its trips if each went the best way, at the costs the trees were made for.
    pub least_cost: f64,
    /// What its flows pay beside the costs common to all classes.
    pub own_cost: f64,
    /// Used arcs that are no part of a best way, with what a vehicle loses by each.
    pub excess: Vec<(u32, f64)>,
    /// Used arcs.
    pub used: u32,
}

/// Below this many nodes times commodities threads cost more than they bring.
const WORTH_THREADS: usize = 100_000;

impl Forest {
    pub fn new(commodities: usize, nodes: usize) -> Self {
        Self {
            nodes,
            via: vec![NONE; commodities * nodes],
            order: (0..commodities).flat_map(|_| 0..nodes as u32).collect(),
        }
    }

    pub fn tree(&self, commodity: usize) -> &[u32] {
        &self.via[commodity * self.nodes..(commodity + 1) * self.nodes]
    }

    pub fn tree_mut(&mut self, commodity: usize) -> &mut [u32] {
        &mut self.via[commodity * self.nodes..(commodity + 1) * self.nodes]
    }

    /// Grows the trees of a range of commodities anew.
    pub fn grow(
        &mut self,
        graph: &Graph,
        costs: &[Vec<f64>],
        all: &[Commodity],
        range: std::ops::Range<usize>,
        threads: usize,
    ) {
        let threads = if range.len() * self.nodes < WORTH_THREADS {
            1
        } else {
            threads
        };
        let rows = &mut self.via[range.start * self.nodes..range.end * self.nodes];
        let tasks = rows.chunks_mut(self.nodes.max(1)).zip(&all[range]);
        share(threads, tasks, |search, (via, commodity)| {
            search.run(graph, &costs[commodity.class as usize], commodity.origin, via);
        });
    }

    /// Brings all trees up to date with `costs` (by class and arc) and compares the flows with them. Arcs whose
    /// flow times loss is below `worth` are not listed.
    pub fn compare(
        &mut self,
        graph: &Graph,
        costs: &[Vec<f64>],
        all: &[Commodity],
        flows: &Flows,
        worth: f64,
        threads: usize,
    ) -> Vec<Finding> {
        let mut findings = vec![Finding::default(); all.len()];
        let tasks = self
            .via
            .chunks_mut(self.nodes.max(1))
            .zip(self.order.chunks_mut(self.nodes.max(1)))
            .zip(all)
            .zip(flows.rows())
            .zip(findings.iter_mut());
        let threads = if all.len() * self.nodes < WORTH_THREADS {
            1
        } else {
            threads
        };
        share(
            threads,
            tasks,
            |search, ((((via, order), commodity), row), finding)| {
                let own = graph.class_costs.get(commodity.class as usize);
                let costs = &costs[commodity.class as usize];
                search.repair_in(graph, costs, commodity.origin, via, order);
                for &(_, node, amount) in &commodity.destinations {
                    finding.least_cost += amount * search.label[node as usize];
                }
                let label = &search.label;
                for (arc, flow) in row.used() {
                    let arc = arc as usize;
                    let loss = label[graph.tail[arc] as usize] + costs[arc] - label[graph.head[arc] as usize];
                    finding.used += 1;
                    if flow * loss > worth {
                        finding.excess.push((arc as u32, loss));
                    }
                    if let Some(own) = own {
                        finding.own_cost += flow * own[arc];
                    }
                }
            },
        );
        findings
    }
}

/// Works off tasks on several threads. Each task stands for itself, so the result does not depend on who does it.
pub fn share<T: Send>(
    threads: usize,
    tasks: impl Iterator<Item = T> + Send,
    work: impl Fn(&mut Search, T) + Sync,
) {
    if threads <= 1 {
        let mut search = Search::default();
        tasks.for_each(|task| work(&mut search, task));
        return;
    }
    let queue = Mutex::new(tasks);
    let next = || {
        queue
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .next()
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut search = Search::default();
                while let Some(task) = next() {
                    work(&mut search, task);
                }
            });
        }
    });
}

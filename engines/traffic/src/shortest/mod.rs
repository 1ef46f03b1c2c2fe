//! Shortest paths from one node to all.
//!
//! Costs are one number per arc, not negative; an infinite one closes the arc. Nodes that may not be passed
//! through are reached but not left, unless the search begins there.

mod heap;

pub use heap::Heap;

use crate::network::graph::{Graph, NONE};

/// Labels of one search and the room it needs.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Least cost from the origin by node; infinite where there is no way.
    pub label: Vec<f64>,
    heap: Heap,
    chain: Vec<u32>,
}

const UNKNOWN: f64 = -1.0;

impl Search {
    /// Dijkstra's algorithm from `origin`. Fills the labels and, by node, the arc by which the best way comes
    /// (`via`, [`NONE`] at the origin and where there is no way).
    pub fn run(&mut self, graph: &Graph, costs: &[f64], origin: u32, via: &mut [u32]) {
        via.fill(NONE);
        self.label.clear();
        self.label.resize(graph.nodes, f64::INFINITY);
        self.heap.clear();
        self.label[origin as usize] = 0.0;
        self.relax(graph, costs, origin, via);
        self.settle(graph, costs, via);
    }

    /// The same result as [`Search::run`], starting from a tree that was right for other costs: the labels are
    /// recomputed along it and only what is no longer shortest is searched.
    pub fn repair(&mut self, graph: &Graph, costs: &[f64], origin: u32, via: &mut [u32]) {
        self.follow(graph, costs, origin, via);
        self.heap.clear();
        for tail in 0..graph.nodes {
            let reached = self.label[tail];
            if reached.is_finite() && (graph.passable[tail] || tail == origin as usize) {
                for arc in graph.outgoing(tail) {
                    let head = graph.head[arc];
                    let label = reached + costs[arc];
                    if label < self.label[head as usize] {
                        self.label[head as usize] = label;
                        via[head as usize] = arc as u32;
                        self.heap.push(label, head);
                    }
                }
            }
        }
        self.settle(graph, costs, via);
    }

    /// Labels along the tree `via`, whether or not it is shortest. Branches behind a closed arc come loose.
    pub fn follow(&mut self, graph: &Graph, costs: &[f64], origin: u32, via: &mut [u32]) {
        self.label.clear();
        self.label.resize(graph.nodes, UNKNOWN);
        self.label[origin as usize] = 0.0;
        via[origin as usize] = NONE;
        for start in 0..graph.nodes {
            let mut node = start;
            while self.label[node] == UNKNOWN {
                let arc = via[node];
                if arc == NONE {
                    self.label[node] = f64::INFINITY;
                    break;
                }
                self.chain.push(arc);
                node = graph.tail[arc as usize] as usize;
            }
            let mut label = self.label[node];
            while let Some(arc) = self.chain.pop() {
                label += costs[arc as usize];
                let head = graph.head[arc as usize] as usize;
                self.label[head] = label;
                if label == f64::INFINITY {
                    via[head] = NONE;
                }
            }
        }
    }

    fn settle(&mut self, graph: &Graph, costs: &[f64], via: &mut [u32]) {
        while let Some((label, node)) = self.heap.pop() {
            if label == self.label[node as usize] && graph.passable[node as usize] {
                self.relax(graph, costs, node, via);
            }
        }
    }

    #[inline]
    fn relax(&mut self, graph: &Graph, costs: &[f64], node: u32, via: &mut [u32]) {
        let reached = self.label[node as usize];
        for arc in graph.outgoing(node as usize) {
            let head = graph.head[arc];
            let label = reached + costs[arc];
            if label < self.label[head as usize] {
                self.label[head as usize] = label;
                via[head as usize] = arc as u32;
                self.heap.push(label, head);
            }
        }
    }
}

/// The arcs of the tree's way to `node`, first to last; empty at the origin and where there is no way.
pub fn way_to(graph: &Graph, via: &[u32], node: u32) -> Vec<u32> {
    let mut arcs = Vec::new();
    let mut at = node;
    while via[at as usize] != NONE {
        arcs.push(via[at as usize]);
        at = graph.tail[via[at as usize] as usize];
    }
    arcs.reverse();
    arcs
}

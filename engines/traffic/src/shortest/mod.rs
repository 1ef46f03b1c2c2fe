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
    /// Nodes in the order in which [`Search::follow_in`] met them.
    met: Vec<u32>,
}

const UNKNOWN: f64 = -1.0;
/// How often a tree is followed before what is still not shortest is searched, unless that is no more than a few nodes.
const ROUNDS: usize = 3;
const FEW: usize = 64;

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
        self.improve(graph, costs, origin, via);
        self.settle(graph, costs, via);
    }

    /// [`Search::repair`] that need not find out again in which order the tree is followed: `order` holds all nodes,
    /// each after the one it was reached from when last called, and is kept so. Any order gives the right result.
    pub fn repair_in(
        &mut self,
        graph: &Graph,
        costs: &[f64],
        origin: u32,
        via: &mut [u32],
        order: &mut [u32],
    ) {
        for _ in 0..ROUNDS {
            self.heap.clear();
            self.follow_in(graph, costs, origin, via, order);
            self.improve(graph, costs, origin, via);
            // Whole branches become shorter together: following them once more is cheaper than searching them.
            if self.heap.len() <= FEW {
                break;
            }
        }
        self.settle(graph, costs, via);
    }

    /// Finds the arcs by which a node is reached at less than its label, and takes them.
    fn improve(&mut self, graph: &Graph, costs: &[f64], origin: u32, via: &mut [u32]) {
        if !graph.passable[origin as usize] {
            self.improve_by(graph, costs, graph.outgoing(origin as usize), via);
        }
        for range in &graph.onward {
            self.improve_by(graph, costs, range.start as usize..range.end as usize, via);
        }
    }

    #[inline]
    fn improve_by(&mut self, graph: &Graph, costs: &[f64], arcs: std::ops::Range<usize>, via: &mut [u32]) {
        let ends = graph.tail[arcs.clone()].iter().zip(&graph.head[arcs.clone()]);
        for ((arc, (&tail, &head)), &cost) in arcs.clone().zip(ends).zip(&costs[arcs]) {
            let label = self.label[tail as usize] + cost;
            if label < self.label[head as usize] {
                self.label[head as usize] = label;
                via[head as usize] = arc as u32;
                self.heap.push(label, head);
            }
        }
    }

    /// [`Search::follow`] in a given order, which is mended where it is not that of the tree.
    fn follow_in(&mut self, graph: &Graph, costs: &[f64], origin: u32, via: &mut [u32], order: &mut [u32]) {
        self.label.clear();
        self.label.resize(graph.nodes, UNKNOWN);
        self.label[origin as usize] = 0.0;
        via[origin as usize] = NONE;
        self.met.clear();
        self.met.push(origin);
        let mut mended = false;
        for &start in &*order {
            let start = start as usize;
            if self.label[start] != UNKNOWN {
                continue;
            }
            let mut node = start;
            loop {
                let arc = via[node];
                if arc == NONE {
                    self.label[node] = f64::INFINITY;
                    self.met.push(node as u32);
                    break;
                }
                let tail = graph.tail[arc as usize] as usize;
                if self.label[tail] != UNKNOWN {
                    self.reach(node, arc, self.label[tail] + costs[arc as usize], via);
                    break;
                }
                mended = true;
                self.chain.push(arc);
                node = tail;
            }
            while let Some(arc) = self.chain.pop() {
                let label = self.label[node] + costs[arc as usize];
                node = graph.head[arc as usize] as usize;
                self.reach(node, arc, label, via);
            }
        }
        if mended {
            order.copy_from_slice(&self.met);
        }
    }

    #[inline]
    fn reach(&mut self, node: usize, arc: u32, label: f64, via: &mut [u32]) {
        self.label[node] = label;
        via[node] = if label == f64::INFINITY { NONE } else { arc };
        self.met.push(node as u32);
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

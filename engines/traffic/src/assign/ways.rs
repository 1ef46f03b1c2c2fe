//! The ways that the trips of one commodity take, as shares at each node.
//!
//! Flows by origin do not say which trip took which arc. Here each arc that enters a node brings the same share of
//! every trip that passes there, the assumption of proportionality (Bar-Gera and Boyce, 1999).

use super::flows::Row;
use crate::network::Graph;
use crate::network::graph::NONE;

/// Used arcs of one commodity, ordered from the origin outwards.
#[derive(Clone, Debug)]
pub struct Ways {
    /// Nodes that flow passes, each after all from which flow comes to it; the origin first.
    pub nodes: Vec<u32>,
    /// The arcs that enter `nodes[i]` are `arcs[first[i]..first[i + 1]]`.
    first: Vec<u32>,
    pub arcs: Vec<u32>,
    /// Part of the flow entering the node that each arc brings.
    pub share: Vec<f64>,
}

impl Ways {
    /// The ways of the flow `row` from `origin`. Flows up to `floor` count as rounding.
    pub fn new(graph: &Graph, row: &Row, origin: u32, floor: f64) -> Self {
        let mut used: Vec<u32> = row.used().filter(|u| u.1 > floor).map(|u| u.0).collect();
        used.sort_by_key(|&a| graph.head[a as usize]);
        // Entering arcs by node, and how many of them come from nodes not yet placed.
        let mut heads: Vec<u32> = used.iter().map(|&a| graph.head[a as usize]).collect();
        heads.dedup();
        let range = |node: u32| {
            let from = used.partition_point(|&a| graph.head[a as usize] < node);
            let to = used.partition_point(|&a| graph.head[a as usize] <= node);
            from..to
        };
        let mut waiting: Vec<u32> = vec![0; graph.nodes];
        for &arc in &used {
            waiting[graph.head[arc as usize] as usize] += 1;
        }
        let mut ways = Self {
            nodes: vec![origin],
            first: vec![0, 0],
            arcs: Vec::new(),
            share: Vec::new(),
        };
        let mut placed = vec![false; graph.nodes];
        placed[origin as usize] = true;
        let mut next = 0;
        loop {
            while next < ways.nodes.len() {
                for arc in graph.outgoing(ways.nodes[next] as usize) {
                    let head = graph.head[arc];
                    if row.get(arc as u32) > floor && !placed[head as usize] {
                        waiting[head as usize] -= 1;
                        if waiting[head as usize] == 0 {
                            placed[head as usize] = true;
                            ways.place(head, &used[range(head)], row);
                        }
                    }
                }
                next += 1;
            }
            // Flow that runs in a circle holds its nodes back: the one that most flow already reaches goes first,
            // without the arcs that have not been placed.
            let known = |node: u32| -> f64 {
                let arcs = used[range(node)]
                    .iter()
                    .filter(|&&a| placed[graph.tail[a as usize] as usize]);
                arcs.map(|&a| row.get(a)).sum()
            };
            let stuck = heads
                .iter()
                .copied()
                .filter(|&v| !placed[v as usize])
                .map(|v| (known(v), v));
            let Some((_, node)) = stuck.filter(|s| s.0 > 0.0).max_by(|a, b| a.0.total_cmp(&b.0)) else {
                break;
            };
            let arcs: Vec<u32> = used[range(node)]
                .iter()
                .copied()
                .filter(|&a| placed[graph.tail[a as usize] as usize])
                .collect();
            placed[node as usize] = true;
            ways.place(node, &arcs, row);
        }
        ways
    }

    fn place(&mut self, node: u32, arcs: &[u32], row: &Row) {
        let inflow: f64 = arcs.iter().map(|&a| row.get(a)).sum();
        self.nodes.push(node);
        for &arc in arcs {
            self.arcs.push(arc);
            self.share.push(row.get(arc) / inflow);
        }
        self.first.push(self.arcs.len() as u32);
    }

    /// The arcs entering `nodes[place]` with their shares.
    pub fn entering(&self, place: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        let range = self.first[place] as usize..self.first[place + 1] as usize;
        range.map(|i| (self.arcs[i], self.share[i]))
    }

    /// Expected value at each node of a sum along the ways: `gain(arc, value at its tail)` is the value after the
    /// arc. By node of the graph; nodes without flow keep what `values` held.
    pub fn forward(&self, graph: &Graph, values: &mut [f64], gain: impl Fn(u32, f64) -> f64) {
        values[self.nodes[0] as usize] = 0.0;
        for (place, &node) in self.nodes.iter().enumerate().skip(1) {
            let after =
                |(arc, share): (u32, f64)| share * gain(arc, values[graph.tail[arc as usize] as usize]);
            values[node as usize] = self.entering(place).map(after).sum();
        }
    }

    /// Loads amounts that end at nodes (by node of the graph, used up) on the ways; adds to the volumes `row`.
    pub fn backward(&self, graph: &Graph, amounts: &mut [f64], row: &mut [f64]) {
        for (place, &node) in self.nodes.iter().enumerate().skip(1).rev() {
            let amount = std::mem::take(&mut amounts[node as usize]);
            if amount == 0.0 {
                continue;
            }
            for (arc, share) in self.entering(place) {
                row[arc as usize] += amount * share;
                amounts[graph.tail[arc as usize] as usize] += amount * share;
            }
        }
        amounts[self.nodes[0] as usize] = 0.0;
    }

    /// Place of each node of the graph in [`Ways::nodes`], or [`NONE`].
    pub fn places(&self, graph: &Graph) -> Vec<u32> {
        let mut places = vec![NONE; graph.nodes];
        for (place, &node) in self.nodes.iter().enumerate() {
            places[node as usize] = place as u32;
        }
        places
    }
}

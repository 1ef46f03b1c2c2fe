//! Finding the two segments of a pair: the way flow takes and the best way, from where they part to where they meet.
//!
//! The used segment follows the arc with the largest flow at each node backwards (Xie and Xie, "New insights and
//! improvements of using paired alternative segments for traffic assignment", Transportation Research B 93, 2016):
//! what lies on it can be moved in one go.

use super::flows::{Flows, Row};
use super::volumes::Volumes;
use crate::network::Graph;
use crate::network::graph::NONE;

/// Segments as they are found, each from its head backwards, and room for finding them.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    pub dear: Vec<u32>,
    pub cheap: Vec<u32>,
    mark: Vec<u32>,
    stamp: u32,
}

impl Trace {
    pub fn new(nodes: usize) -> Self {
        Self {
            mark: vec![0; nodes],
            ..Self::default()
        }
    }

    /// Follows the most used arcs of a commodity from `arc` back until they meet the tree's way to its head.
    /// False if there is no pair: the flow runs in a circle, which is taken out, or has gone meanwhile.
    pub fn segments(
        &mut self,
        graph: &Graph,
        tree: &[u32],
        flows: &mut Flows,
        volumes: &mut Volumes,
        index: usize,
        arc: u32,
    ) -> bool {
        let head = graph.head[arc as usize];
        let (best, walked) = self.stamps();
        let mut node = head;
        self.mark[node as usize] = best;
        while tree[node as usize] != NONE {
            node = graph.tail[tree[node as usize] as usize];
            self.mark[node as usize] = best;
        }
        self.dear.clear();
        self.dear.push(arc);
        self.mark[head as usize] = walked;
        let mut node = graph.tail[arc as usize];
        while self.mark[node as usize] != best {
            if self.mark[node as usize] == walked {
                cancel(graph, &self.dear, node, flows.row_mut(index), volumes);
                return false;
            }
            self.mark[node as usize] = walked;
            let entering = graph.entering(node as usize).iter().copied();
            let Some(most) = flows.row(index).most_used(entering) else {
                return false;
            };
            self.dear.push(most);
            node = graph.tail[most as usize];
        }
        self.cheap.clear();
        let mut at = head;
        while at != node {
            self.cheap.push(tree[at as usize]);
            at = graph.tail[tree[at as usize] as usize];
        }
        !self.cheap.is_empty()
    }

    /// Two marks that no node bears yet.
    fn stamps(&mut self) -> (u32, u32) {
        if self.stamp > u32::MAX - 4 {
            self.mark.fill(0);
            self.stamp = 0;
        }
        self.stamp += 2;
        (self.stamp - 1, self.stamp)
    }
}

/// Takes out the flow that runs in a circle: along `walk`, from its head back, since `node` was first left.
fn cancel(graph: &Graph, walk: &[u32], node: u32, row: &mut Row, volumes: &mut Volumes) {
    let from = walk
        .iter()
        .position(|&a| graph.head[a as usize] == node)
        .unwrap_or(0);
    let circle = &walk[from..];
    let flow = row.least(circle);
    for &arc in circle {
        row.add(arc, -flow);
        volumes.add(&graph.curves, arc as usize, -flow);
    }
}

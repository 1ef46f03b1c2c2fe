//! The network as the algorithms see it: arcs sorted by the node they leave, turns spelt out.
//!
//! A node with turn rules becomes one node for each link that arrives and one for each that leaves, joined by an
//! arc for each movement that is allowed. Nodes are numbered so that neighbours are near one another in memory.

use std::collections::HashMap;

use super::{Curve, Network, NetworkError, Principle, TurnRule};

/// No link, no arc, no node.
pub const NONE: u32 = u32::MAX;

/// A directed graph in compressed rows with the cost curve of every arc.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Number of nodes, those of spelt-out turns included.
    pub nodes: usize,
    /// The arcs leaving node `v` are `first_out[v]..first_out[v + 1]`.
    pub first_out: Vec<u32>,
    pub tail: Vec<u32>,
    pub head: Vec<u32>,
    /// The arcs entering node `v` are `incoming[first_in[v]..first_in[v + 1]]`.
    pub first_in: Vec<u32>,
    pub incoming: Vec<u32>,
    pub passable: Vec<bool>,
    /// The arcs that leave passable nodes, as few ranges as there can be.
    pub onward: Vec<std::ops::Range<u32>>,
    /// Node of every zone.
    pub zones: Vec<u32>,
    pub curves: Vec<Curve>,
    /// The network's link of an arc, or [`NONE`] for a movement at a node.
    pub link_of_arc: Vec<u32>,
    pub arc_of_link: Vec<u32>,
    /// By class and arc: cost beside the common one; infinite where the class is banned. Empty when all are zero.
    pub class_costs: Vec<Vec<f64>>,
    /// Passenger-car units of one vehicle, by class.
    pub pcu: Vec<f64>,
    /// For every node of the graph the node of the network it stands for, several for one with spelt-out turns.
    pub node_of: Vec<u32>,
}

struct Draft {
    tail: u32,
    head: u32,
    link: u32,
    penalty: f64,
}

impl Graph {
    /// Builds the graph of a network for one principle of choice.
    ///
    /// # Errors
    /// What [`Network::check`] finds.
    pub fn new(network: &Network, principle: Principle) -> Result<Self, NetworkError> {
        network.check()?;
        let (mut drafts, mut node_of, mut passable) = draft(network);
        let nodes = node_of.len();
        let number = neighbourly(nodes, &drafts);
        for draft in &mut drafts {
            draft.tail = number[draft.tail as usize];
            draft.head = number[draft.head as usize];
        }
        let at: Vec<u32> = network.zones.iter().map(|&node| number[node as usize]).collect();
        let renumbered = |old: &[u32]| {
            let mut new = vec![0; old.len()];
            old.iter()
                .zip(&number)
                .for_each(|(&value, &place)| new[place as usize] = value);
            new
        };
        node_of = renumbered(&node_of);
        let flags: Vec<u32> = passable.iter().map(|&p| u32::from(p)).collect();
        passable = renumbered(&flags).into_iter().map(|p| p == 1).collect();
        let arcs = drafts.len();
        let (first_out, order) = rows(nodes, drafts.iter().map(|d| d.tail));
        let tail: Vec<u32> = order.iter().map(|&i| drafts[i as usize].tail).collect();
        let head: Vec<u32> = order.iter().map(|&i| drafts[i as usize].head).collect();
        let link_of_arc: Vec<u32> = order.iter().map(|&i| drafts[i as usize].link).collect();
        let (first_in, incoming) = rows(nodes, head.iter().copied());
        let mut arc_of_link = vec![NONE; network.links.len()];
        for (arc, &link) in link_of_arc.iter().enumerate() {
            if link != NONE {
                arc_of_link[link as usize] = arc as u32;
            }
        }
        // With one class its tolls are part of the curve; with several they stand beside it.
        let single = network.classes.len() == 1;
        let fixed: Vec<Vec<f64>> = (0..network.classes.len())
            .map(|class| fixed_costs(network, class))
            .collect();
        let mut curves = Vec::with_capacity(arcs);
        for (&i, &link) in order.iter().zip(&link_of_arc) {
            curves.push(if link == NONE {
                Curve::constant(drafts[i as usize].penalty)
            } else {
                let fixed = if single { fixed[0][link as usize] } else { 0.0 };
                curve(network, link, fixed, principle)
            });
        }
        let class_costs = if single {
            Vec::new()
        } else {
            let by_arc = |own: &Vec<f64>| {
                link_of_arc
                    .iter()
                    .map(|&l| own.get(l as usize).copied().unwrap_or(0.0))
                    .collect()
            };
            fixed.iter().map(by_arc).collect()
        };
        Ok(Self {
            nodes,
            onward: onward(&passable, &first_out),
            first_out,
            tail,
            head,
            first_in,
            incoming,
            passable,
            zones: at,
            curves,
            link_of_arc,
            arc_of_link,
            class_costs,
            pcu: network.classes.iter().map(|c| c.pcu).collect(),
            node_of,
        })
    }

    pub fn arcs(&self) -> usize {
        self.head.len()
    }

    pub fn classes(&self) -> usize {
        self.pcu.len()
    }

    /// Arcs leaving a node.
    #[inline]
    pub fn outgoing(&self, node: usize) -> std::ops::Range<usize> {
        self.first_out[node] as usize..self.first_out[node + 1] as usize
    }

    /// Arcs entering a node.
    #[inline]
    pub fn entering(&self, node: usize) -> &[u32] {
        &self.incoming[self.first_in[node] as usize..self.first_in[node + 1] as usize]
    }

    /// Costs of all arcs for one class, from the common ones.
    pub fn costs_for(&self, class: usize, common: &[f64]) -> Vec<f64> {
        match self.class_costs.get(class) {
            None => common.to_vec(),
            Some(own) => common.iter().zip(own).map(|(a, b)| a + b).collect(),
        }
    }

    /// Volumes by link of the network from volumes by arc.
    pub fn by_link(&self, by_arc: &[f64]) -> Vec<f64> {
        self.arc_of_link.iter().map(|&arc| by_arc[arc as usize]).collect()
    }
}

/// The arcs leaving passable nodes as ranges.
fn onward(passable: &[bool], first_out: &[u32]) -> Vec<std::ops::Range<u32>> {
    let mut ranges: Vec<std::ops::Range<u32>> = Vec::new();
    for (node, _) in passable.iter().enumerate().filter(|(_, p)| **p) {
        let (start, end) = (first_out[node], first_out[node + 1]);
        match ranges.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ => ranges.push(start..end),
        }
    }
    ranges
}

fn curve(network: &Network, link: u32, fixed: f64, principle: Principle) -> Curve {
    let l = &network.links[link as usize];
    if l.capacity == 0.0 || fixed == f64::INFINITY {
        return Curve::CLOSED;
    }
    Curve::new(l.delay, l.free_flow_time, l.capacity, fixed, principle)
}

/// What a class pays on each link whatever the volume; infinite where it may not drive.
fn fixed_costs(network: &Network, class: usize) -> Vec<f64> {
    let class = &network.classes[class];
    let cost = |l: &super::Link| class.toll_weight * l.toll + class.length_weight * l.length;
    let mut costs: Vec<f64> = network.links.iter().map(cost).collect();
    for &link in &class.banned_links {
        costs[link as usize] = f64::INFINITY;
    }
    costs
}

/// Compressed rows: where each row begins, and the entries ordered by row and then by number.
fn rows(nodes: usize, keys: impl Iterator<Item = u32> + Clone) -> (Vec<u32>, Vec<u32>) {
    let mut first = vec![0u32; nodes + 1];
    for key in keys.clone() {
        first[key as usize + 1] += 1;
    }
    for v in 0..nodes {
        first[v + 1] += first[v];
    }
    let mut next = first.clone();
    let mut entries = vec![0u32; first[nodes] as usize];
    for (i, key) in keys.enumerate() {
        entries[next[key as usize] as usize] = i as u32;
        next[key as usize] += 1;
    }
    (first, entries)
}

/// New numbers for nodes, in the order in which a search over arcs in both directions meets them.
fn neighbourly(nodes: usize, drafts: &[Draft]) -> Vec<u32> {
    let (first_out, out) = rows(nodes, drafts.iter().map(|d| d.tail));
    let (first_in, into) = rows(nodes, drafts.iter().map(|d| d.head));
    let mut number = vec![NONE; nodes];
    let mut order: Vec<u32> = Vec::with_capacity(nodes);
    for start in 0..nodes as u32 {
        let mut next = order.len();
        if number[start as usize] == NONE {
            number[start as usize] = order.len() as u32;
            order.push(start);
        }
        while next < order.len() {
            let node = order[next] as usize;
            let beyond = out[first_out[node] as usize..first_out[node + 1] as usize].iter();
            let behind = into[first_in[node] as usize..first_in[node + 1] as usize].iter();
            let neighbours = beyond
                .map(|&i| drafts[i as usize].head)
                .chain(behind.map(|&i| drafts[i as usize].tail));
            for neighbour in neighbours {
                if number[neighbour as usize] == NONE {
                    number[neighbour as usize] = order.len() as u32;
                    order.push(neighbour);
                }
            }
            next += 1;
        }
    }
    number
}

/// Arcs, network nodes and passability with turns spelt out.
fn draft(network: &Network) -> (Vec<Draft>, Vec<u32>, Vec<bool>) {
    let mut node_of: Vec<u32> = (0..network.nodes as u32).collect();
    let mut passable = network.passable.clone();
    let mut arcs: Vec<Draft> = network
        .links
        .iter()
        .enumerate()
        .map(|(i, l)| Draft {
            tail: l.from,
            head: l.to,
            link: i as u32,
            penalty: 0.0,
        })
        .collect();
    let rules: HashMap<(u32, u32), TurnRule> = network
        .turns
        .iter()
        .map(|t| ((t.from_link, t.to_link), t.rule))
        .collect();
    let mut split: Vec<u32> = network
        .turns
        .iter()
        .map(|t| network.links[t.from_link as usize].to)
        .collect();
    split.sort_unstable();
    split.dedup();
    let (first_in, into) = rows(network.nodes, network.links.iter().map(|l| l.to));
    let (first_out, out) = rows(network.nodes, network.links.iter().map(|l| l.from));
    for &node in &split {
        let row = |first: &[u32]| first[node as usize] as usize..first[node as usize + 1] as usize;
        let mut fresh = || {
            node_of.push(node);
            passable.push(true);
            node_of.len() as u32 - 1
        };
        let arriving: Vec<(u32, u32)> = into[row(&first_in)].iter().map(|&link| (link, fresh())).collect();
        let leaving: Vec<(u32, u32)> = out[row(&first_out)].iter().map(|&link| (link, fresh())).collect();
        for &(link, at) in &arriving {
            arcs[link as usize].head = at;
            arcs.push(Draft {
                tail: at,
                head: node,
                link: NONE,
                penalty: 0.0,
            });
        }
        for &(link, at) in &leaving {
            arcs[link as usize].tail = at;
            arcs.push(Draft {
                tail: node,
                head: at,
                link: NONE,
                penalty: 0.0,
            });
        }
        if network.passable[node as usize] {
            for &(from, a) in &arriving {
                for &(to, b) in &leaving {
                    let penalty = match rules.get(&(from, to)) {
                        Some(TurnRule::Banned) => continue,
                        Some(TurnRule::Penalty(time)) => *time,
                        None => 0.0,
                    };
                    arcs.push(Draft {
                        tail: a,
                        head: b,
                        link: NONE,
                        penalty,
                    });
                }
            }
        }
        // What is left at the node itself is where trips begin and end: a way through would dodge the rules.
        passable[node as usize] = false;
    }
    (arcs, node_of, passable)
}

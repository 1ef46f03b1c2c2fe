//! The ways between two zones, with what goes on each.

use crate::assign::Equilibrium;
use crate::assign::ways::Ways;
use crate::network::Graph;
use crate::network::graph::NONE;

/// A way that trips take.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// Links of the network from the origin to the destination.
    pub links: Vec<u32>,
    /// pcu per hour.
    pub flow: f64,
    /// Cost to the class, time units.
    pub cost: f64,
}

/// Shares of a pair's trips that are too small to list.
const LEAST_SHARE: f64 = 1e-6;

/// The used ways of one class between two zones, those with most flow first, at most `limit`; empty where there are no
/// trips. Where ways cross, trips are split in proportion (see [`Ways`]).
pub fn paths_between(
    graph: &Graph,
    flows: &Equilibrium,
    class: u32,
    origin: u32,
    destination: u32,
    limit: usize,
) -> Vec<Path> {
    let found = flows
        .commodities
        .iter()
        .position(|c| (c.class, c.zone) == (class, origin));
    let Some(index) = found else {
        return Vec::new();
    };
    let commodity = &flows.commodities[index];
    let Some(&(_, node, amount)) = commodity.destinations.iter().find(|d| d.0 == destination) else {
        return Vec::new();
    };
    let ways = Ways::new(
        graph,
        flows.flows.row(index),
        commodity.origin,
        flows.rounding(index),
    );
    let places = ways.places(graph);
    let costs = graph.costs_for(class as usize, &flows.volumes.cost);
    let mut paths = Vec::new();
    // Ways from the destination back, the most likely first: an expansion always takes the largest share at hand.
    let mut open = vec![(1.0, node, Vec::new())];
    while let Some((share, node, arcs)) = open.pop() {
        if paths.len() == limit {
            break;
        }
        if node == commodity.origin {
            paths.push(path(graph, &costs, &arcs, amount * share));
            continue;
        }
        let place = places[node as usize];
        if place == NONE {
            continue;
        }
        for (arc, part) in ways.entering(place as usize) {
            if share * part >= LEAST_SHARE {
                let mut longer: Vec<u32> = arcs.clone();
                longer.push(arc);
                let entry = (share * part, graph.tail[arc as usize], longer);
                let at = open.partition_point(|o: &(f64, u32, Vec<u32>)| o.0 < entry.0);
                open.insert(at, entry);
            }
        }
    }
    paths
}

/// A path from its arcs, last to first.
fn path(graph: &Graph, costs: &[f64], arcs: &[u32], flow: f64) -> Path {
    let links = arcs
        .iter()
        .rev()
        .map(|&a| graph.link_of_arc[a as usize])
        .filter(|&l| l != NONE);
    Path {
        links: links.collect(),
        flow,
        cost: arcs.iter().map(|&a| costs[a as usize]).sum(),
    }
}

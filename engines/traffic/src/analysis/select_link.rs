//! Who uses a link: trips and volumes of those that pass at least one of some links.

use crate::assign::Equilibrium;
use crate::assign::ways::Ways;
use crate::network::Graph;

/// Trips of a pair that pass the selected links.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SelectedTrips {
    pub class: u32,
    pub origin: u32,
    pub destination: u32,
    /// pcu per hour.
    pub amount: f64,
}

/// Trips and volumes of those that pass at least one of the selected links.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectLink {
    pub trips: Vec<SelectedTrips>,
    /// Volume by link of those trips, pcu per hour.
    pub volumes: Vec<f64>,
}

/// Which trips pass at least one of `links` of the network, by class, origin and destination.
pub fn trips_through(graph: &Graph, flows: &Equilibrium, links: &[u32]) -> Vec<SelectedTrips> {
    select(graph, flows, links, None)
}

/// Which trips pass at least one of `links`, and where else they go. Shares are proportional at nodes (see [`Ways`]).
pub fn select_link(graph: &Graph, flows: &Equilibrium, links: &[u32]) -> SelectLink {
    let mut by_arc = vec![0.0; graph.arcs()];
    let trips = select(graph, flows, links, Some(&mut by_arc));
    SelectLink {
        trips,
        volumes: graph.by_link(&by_arc),
    }
}

fn select(
    graph: &Graph,
    flows: &Equilibrium,
    links: &[u32],
    mut volumes: Option<&mut Vec<f64>>,
) -> Vec<SelectedTrips> {
    let mut selected = vec![false; graph.arcs()];
    for &link in links {
        if let Some(&arc) = graph.arc_of_link.get(link as usize) {
            selected[arc as usize] = true;
        }
    }
    let mut trips = Vec::new();
    let mut passed = vec![0.0; graph.nodes];
    for (index, commodity) in flows.commodities.iter().enumerate() {
        let row = flows.flows.row(index);
        if !(0..graph.arcs()).any(|a| selected[a] && row.get(a as u32) > 0.0) {
            continue;
        }
        let ways = Ways::new(graph, row, commodity.origin, flows.rounding(index));
        passed.fill(0.0);
        ways.forward(graph, &mut passed, |arc, before| {
            if selected[arc as usize] { 1.0 } else { before }
        });
        for &(destination, node, amount) in &commodity.destinations {
            let amount = amount * passed[node as usize];
            if amount > 0.0 {
                trips.push(SelectedTrips {
                    class: commodity.class,
                    origin: commodity.zone,
                    destination,
                    amount,
                });
            }
        }
        if let Some(volumes) = volumes.as_deref_mut() {
            add_volumes(
                graph,
                &ways,
                &selected,
                &passed,
                commodity.destinations.iter().map(|d| (d.1, d.2)),
                volumes,
            );
        }
    }
    trips
}

/// Adds the volumes of trips that pass a selected arc: those that have passed it when they take an arc, and those that
/// have not but will.
fn add_volumes(
    graph: &Graph,
    ways: &Ways,
    selected: &[bool],
    passed: &[f64],
    destinations: impl Iterator<Item = (u32, f64)>,
    volumes: &mut [f64],
) {
    // At each node, trips that pass there and are selected sooner or later, and of those the ones not yet selected.
    let mut all = vec![0.0; graph.nodes];
    let mut later = vec![0.0; graph.nodes];
    for (node, amount) in destinations {
        all[node as usize] += amount;
    }
    for (place, &node) in ways.nodes.iter().enumerate().skip(1).rev() {
        let (through, coming) = (all[node as usize], later[node as usize]);
        // What is yet to be selected beyond this node is, by proportion, among those not selected before it.
        let fresh = 1.0 - passed[node as usize];
        for (arc, share) in ways.entering(place) {
            let tail = graph.tail[arc as usize] as usize;
            let flow = through * share;
            all[tail] += flow;
            if selected[arc as usize] {
                volumes[arc as usize] += flow;
                later[tail] += flow * (1.0 - passed[tail]);
            } else {
                let not_before = 1.0 - passed[tail];
                let yet = if fresh > 0.0 {
                    coming * share * not_before / fresh
                } else {
                    0.0
                };
                volumes[arc as usize] += flow * passed[tail] + yet;
                later[tail] += yet;
            }
        }
    }
}

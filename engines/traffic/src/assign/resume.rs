//! Taking flows over to a changed network or another demand, so that the next equilibrium need not start from nothing.

use super::commodity::{Commodity, Unserved};
use super::flows::Flows;
use super::forest::Forest;
use super::pairs::{Direction, Pairs};
use super::segments::{BLOCKS, Equilibrium, class_costs};
use super::trace::Trace;
use super::volumes::Volumes;
use super::ways::Ways;
use crate::network::Graph;
use crate::network::graph::NONE;
use crate::shortest::Search;

/// Shares of a commodity's trips below this are rounding.
pub(crate) const ROUNDING: f64 = 1e-12;

impl Equilibrium {
    /// The flows of a base on a network that has the same links in the same order, with other properties or more
    /// links at the end, and other turns. Trips whose way is closed take the best that is left; those that have none
    /// are [`Equilibrium::unserved`]; those that had none and now have one are served.
    pub fn resume(base: &Self, before: &Graph, graph: &Graph) -> Self {
        let same = before.tail == graph.tail && before.head == graph.head;
        let mut next = if same {
            base.clone()
        } else {
            base.carried_over(before, graph)
        };
        if same {
            next.pairs.retain_open(graph);
        }
        let unserved = std::mem::take(&mut next.unserved);
        let mut homeless: Vec<Vec<(u32, u32, f64)>> = vec![Vec::new(); next.commodities.len()];
        let mut table = vec![0.0; graph.arcs()];
        for (index, homeless) in homeless.iter_mut().enumerate() {
            let commodity = &next.commodities[index];
            let shut = closed_arcs(graph, commodity);
            let shut: Vec<usize> = shut
                .filter(|&a| next.flows.row(index).get(a as u32) > 0.0)
                .collect();
            if !shut.is_empty() {
                let floor = ROUNDING * commodity.total();
                next.flows.row(index).expand(&mut table);
                homeless.extend(lift(graph, commodity, &shut, &mut table, floor));
                next.flows.set(index, &table);
            }
            let again = unserved
                .iter()
                .filter(|u| u.class == commodity.class && u.origin == commodity.zone);
            homeless.extend(again.map(|u| (u.destination, graph.zones[u.destination as usize], u.amount)));
        }
        next.volumes = Volumes::new(graph, next.flows.total());
        next.rehouse(graph, homeless);
        next
    }

    /// The same equilibrium for other trips: `change` gives the new amount (pcu per hour) for class, origin and
    /// destination zone of every pair that has trips. Shares of ways stay.
    pub fn with_trips(base: &Self, graph: &Graph, change: impl Fn(u32, u32, u32, f64) -> f64) -> Self {
        let mut next = base.clone();
        let mut amounts = vec![0.0; graph.nodes];
        let mut table = vec![0.0; graph.arcs()];
        for (index, commodity) in next.commodities.iter_mut().enumerate() {
            let floor = ROUNDING * commodity.total();
            let ways = Ways::new(graph, base.flows.row(index), commodity.origin, floor);
            for d in &mut commodity.destinations {
                d.2 = change(commodity.class, commodity.zone, d.0, d.2).max(0.0);
                amounts[d.1 as usize] += d.2;
            }
            table.fill(0.0);
            ways.backward(graph, &mut amounts, &mut table);
            next.flows.set(index, &table);
        }
        next.volumes = Volumes::new(graph, next.flows.total());
        next
    }

    /// Loads trips without a way on the best there is, block after block as in the first loading.
    fn rehouse(&mut self, graph: &Graph, mut homeless: Vec<Vec<(u32, u32, f64)>>) {
        let affected: Vec<usize> = (0..homeless.len()).filter(|&i| !homeless[i].is_empty()).collect();
        let mut search = Search::default();
        for block in affected.chunks(affected.len().div_ceil(BLOCKS).max(1)) {
            let costs = class_costs(graph, &self.volumes);
            for &index in block {
                let commodity = &mut self.commodities[index];
                let via = self.forest.tree_mut(index);
                search.repair(graph, &costs[commodity.class as usize], commodity.origin, via);
                let row = self.flows.row_mut(index);
                for (zone, node, amount) in homeless[index].drain(..) {
                    let listed = commodity.destinations.iter().position(|d| d.0 == zone);
                    if self.forest.tree(index)[node as usize] == NONE {
                        if let Some(place) = listed {
                            commodity.destinations.remove(place);
                        }
                        let (class, origin) = (commodity.class, commodity.zone);
                        self.unserved.push(Unserved {
                            class,
                            origin,
                            destination: zone,
                            amount,
                        });
                        continue;
                    }
                    if listed.is_none() {
                        commodity.destinations.push((zone, node, amount));
                    }
                    let mut at = node as usize;
                    while self.forest.tree(index)[at] != NONE {
                        let arc = self.forest.tree(index)[at] as usize;
                        row.add(arc as u32, amount);
                        self.volumes.volume[arc] += amount;
                        at = graph.tail[arc] as usize;
                    }
                }
            }
            self.volumes.refresh(&graph.curves);
        }
    }

    /// Flows brought over link by link to a graph with other arcs; at nodes with turn rules they are joined anew
    /// from what arrives and what leaves. What a ban leaves unjoined is lifted and loaded again.
    fn carried_over(&self, before: &Graph, graph: &Graph) -> Self {
        let mut commodities = self.commodities.clone();
        let mut flows = Flows::zero(commodities.len(), graph.arcs());
        let mut homeless = Vec::new();
        let mut table = vec![0.0; graph.arcs()];
        for (index, commodity) in commodities.iter_mut().enumerate() {
            commodity.origin = graph.zones[commodity.zone as usize];
            for d in &mut commodity.destinations {
                d.1 = graph.zones[d.0 as usize];
            }
            table.fill(0.0);
            for (arc, flow) in self.flows.row(index).used() {
                if let Some(&to) = graph.arc_of_link.get(before.link_of_arc[arc as usize] as usize) {
                    table[to as usize] = flow;
                }
            }
            homeless.push(join_turns(graph, commodity, &mut table));
            flows.set(index, &table);
        }
        let volumes = Volumes::new(graph, flows.total());
        let mut next = Self {
            forest: Forest::new(commodities.len(), graph.nodes),
            commodities,
            flows,
            volumes,
            unserved: self.unserved.clone(),
            pairs: Pairs::new(graph.nodes),
            trace: Trace::new(graph.nodes),
            direction: Direction::default(),
        };
        next.rehouse(graph, homeless);
        next
    }
}

/// Gives the movements at spelt-out nodes the flow of the links around them. If that cannot be done for the whole
/// commodity its flow is taken off and its trips are returned.
fn join_turns(graph: &Graph, commodity: &Commodity, row: &mut [f64]) -> Vec<(u32, u32, f64)> {
    let floor = ROUNDING * commodity.total();
    let mut ends = vec![0.0; graph.nodes];
    for d in &commodity.destinations {
        ends[d.1 as usize] += d.2;
    }
    // What arrives at each node and is not yet joined, and what leaves it.
    let mut arrived = vec![0.0; graph.nodes];
    let mut leaves = vec![0.0; graph.nodes];
    let turns: Vec<usize> = (0..graph.arcs())
        .filter(|&a| graph.link_of_arc[a] == NONE)
        .collect();
    for arc in (0..graph.arcs()).filter(|&a| graph.link_of_arc[a] != NONE) {
        arrived[graph.head[arc] as usize] += row[arc];
        leaves[graph.tail[arc] as usize] += row[arc];
    }
    // First what begins or ends at the node itself, which is left out of what passes, then what passes.
    let at_centre = |node: usize| !graph.passable[node];
    let mut begins = vec![0.0; graph.nodes];
    begins[commodity.origin as usize] = commodity.total();
    for &arc in &turns {
        let (tail, head) = (graph.tail[arc] as usize, graph.head[arc] as usize);
        let part = if at_centre(head) {
            let part = arrived[tail].min(ends[head]);
            ends[head] -= part;
            arrived[tail] -= part;
            part
        } else if at_centre(tail) {
            let part = leaves[head].min(begins[tail]);
            begins[tail] -= part;
            leaves[head] -= part;
            part
        } else {
            0.0
        };
        row[arc] = part;
    }
    for &arc in &turns {
        let (tail, head) = (graph.tail[arc] as usize, graph.head[arc] as usize);
        if !at_centre(head) && !at_centre(tail) {
            let part = arrived[tail].min(leaves[head]);
            row[arc] = part;
            arrived[tail] -= part;
            leaves[head] -= part;
        }
    }
    let torn = turns.iter().any(|&arc| {
        let (tail, head) = (graph.tail[arc] as usize, graph.head[arc] as usize);
        (!at_centre(tail) && arrived[tail] > floor) || (!at_centre(head) && leaves[head] > floor)
    });
    if !torn {
        return Vec::new();
    }
    row.fill(0.0);
    commodity.destinations.clone()
}

/// Arcs that the commodity's class cannot use.
fn closed_arcs(graph: &Graph, commodity: &Commodity) -> impl Iterator<Item = usize> {
    let own = graph.class_costs.get(commodity.class as usize);
    (0..graph.arcs())
        .filter(move |&arc| graph.curves[arc].is_closed() || own.is_some_and(|c| c[arc] == f64::INFINITY))
}

/// Takes the flow off the arcs `shut`, each with the whole way it belongs to, and returns what it wanted: destination
/// zone, node and amount.
fn lift(
    graph: &Graph,
    commodity: &Commodity,
    shut: &[usize],
    row: &mut [f64],
    floor: f64,
) -> Vec<(u32, u32, f64)> {
    let mut asked = vec![0.0; graph.nodes];
    for d in &commodity.destinations {
        asked[d.1 as usize] += d.2;
    }
    let mut lifted = vec![0.0; graph.nodes];
    for &arc in shut {
        while row[arc] > floor {
            let (way, end) = whole_way(graph, row, &asked, commodity.origin, arc);
            let mut amount = way.iter().map(|&a| row[a as usize]).fold(f64::INFINITY, f64::min);
            // An end that asks for nothing more is where rounding comes to rest.
            if let Some(end) = end.filter(|&end| asked[end] > 0.0) {
                amount = amount.min(asked[end]);
                asked[end] -= amount;
                lifted[end] += amount;
            }
            for &a in &way {
                row[a as usize] -= amount;
            }
        }
        row[arc] = 0.0;
    }
    let mut out = Vec::new();
    for &(zone, node, amount) in &commodity.destinations {
        let part = lifted[node as usize].min(amount);
        if part > 0.0 {
            lifted[node as usize] -= part;
            out.push((zone, node, part));
        }
    }
    out
}

/// A way of flow through `arc` from the origin to a destination (its node), or a circle (no node).
fn whole_way(
    graph: &Graph,
    row: &[f64],
    asked: &[f64],
    origin: u32,
    arc: usize,
) -> (Vec<u32>, Option<usize>) {
    let mut way = vec![arc as u32];
    let mut node = graph.tail[arc];
    while node != origin {
        if let Some(at) = way.iter().position(|&a| graph.head[a as usize] == node) {
            return (way[at..].to_vec(), None);
        }
        let Some(most) = most_used(row, graph.entering(node as usize).iter().copied()) else {
            break;
        };
        way.push(most);
        node = graph.tail[most as usize];
    }
    way.reverse();
    loop {
        let end = graph.head[way[way.len() - 1] as usize];
        if let Some(at) = way.iter().position(|&a| graph.tail[a as usize] == end) {
            return (way[at..].to_vec(), None);
        }
        let onward = most_used(row, graph.outgoing(end as usize).map(|a| a as u32));
        match onward {
            Some(most) if row[most as usize] > asked[end as usize] => way.push(most),
            _ => return (way, Some(end as usize)),
        }
    }
}

/// The arc with the most flow, if any has some.
fn most_used(row: &[f64], arcs: impl Iterator<Item = u32>) -> Option<u32> {
    let used = arcs.filter(|&a| row[a as usize] > 0.0);
    used.max_by(|&a, &b| row[a as usize].total_cmp(&row[b as usize]))
}

//! What a scenario changes against its base.

use crate::analysis::paths::{Path, paths_between};
use crate::analysis::select_link::trips_through;
use crate::assign::{Assignment, Equilibrium, Unserved};
use crate::network::{Graph, Network};
use crate::shortest::Search;

/// How much of each list is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutcomeLimits {
    pub links: usize,
    pub pairs: usize,
    pub detours: usize,
}

impl Default for OutcomeLimits {
    fn default() -> Self {
        Self {
            links: 100,
            pairs: 50,
            detours: 20,
        }
    }
}

/// A link whose volume changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkChange {
    pub link: u32,
    /// pcu per hour; 0 before for a link that is new.
    pub before: f64,
    pub after: f64,
}

/// A pair of zones whose best way takes another time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OdChange {
    pub class: u32,
    pub origin: u32,
    pub destination: u32,
    /// pcu per hour.
    pub trips: f64,
    /// Cost of the best way, time units.
    pub before: f64,
    pub after: f64,
}

/// Trips that went through a changed link, and the ways they take now.
#[derive(Clone, Debug, PartialEq)]
pub struct Detour {
    pub class: u32,
    pub origin: u32,
    pub destination: u32,
    /// What went through the changed links before, pcu per hour.
    pub affected: f64,
    pub ways: Vec<Path>,
}

/// What a scenario costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Time that all vehicles spend, vehicle-hours per hour of the period; times the hours of the period it is
    /// what the period costs. Trips without a way count in neither.
    pub vehicle_hours_before: f64,
    pub vehicle_hours_after: f64,
    /// The largest changes of volume first.
    pub links: Vec<LinkChange>,
    /// The largest losses, trips times delay, first.
    pub pairs: Vec<OdChange>,
    pub detours: Vec<Detour>,
    /// Trips that had a way in the base and have none now.
    pub cut_off: Vec<Unserved>,
}

impl Outcome {
    pub fn extra_vehicle_hours(&self) -> f64 {
        self.vehicle_hours_after - self.vehicle_hours_before
    }
}

/// Vehicle-hours per hour that the flows spend on links; fixed costs and penalties of turns are not time on a link.
pub fn vehicle_hours(network: &Network, graph: &Graph, flows: &Equilibrium) -> f64 {
    let mut vehicles = vec![0.0; graph.arcs()];
    for (commodity, row) in flows.commodities.iter().zip(flows.flows.rows()) {
        let pcu = graph.pcu[commodity.class as usize];
        for (arc, flow) in row.used() {
            vehicles[arc as usize] += flow / pcu;
        }
    }
    let by_link = graph.by_link(&vehicles);
    let volumes = graph.by_link(&flows.volumes.volume);
    let used = by_link
        .iter()
        .zip(&volumes)
        .enumerate()
        .filter(|(_, (v, _))| **v > 0.0);
    used.map(|(link, (v, volume))| v * network.time(link, *volume))
        .sum::<f64>()
        * network.hours_per_time_unit
}

/// Compares a scenario with its base. `changed` are the links of the base whose trips' detours are wanted. `None` if
/// either was computed without flows by origin.
pub fn compare(
    base: (&Network, &Assignment),
    scenario: (&Network, &Assignment),
    changed: &[u32],
    limits: &OutcomeLimits,
) -> Option<Outcome> {
    let (before, after) = (base.1.equilibrium()?, scenario.1.equilibrium()?);
    let known = |u: &&Unserved| {
        !before
            .unserved
            .iter()
            .any(|b| (b.class, b.origin, b.destination) == (u.class, u.origin, u.destination))
    };
    Some(Outcome {
        vehicle_hours_before: vehicle_hours(base.0, &base.1.graph, before),
        vehicle_hours_after: vehicle_hours(scenario.0, &scenario.1.graph, after),
        links: link_changes(base.1, scenario.1, limits.links),
        pairs: od_changes(base.1, scenario.1, before, after, limits.pairs),
        detours: detours(base.1, scenario.1, before, after, changed, limits.detours),
        cut_off: after.unserved.iter().filter(known).copied().collect(),
    })
}

fn link_changes(base: &Assignment, scenario: &Assignment, limit: usize) -> Vec<LinkChange> {
    let (before, after) = (base.link_volumes(), scenario.link_volumes());
    let of = |(link, &after): (usize, &f64)| LinkChange {
        link: link as u32,
        before: before.get(link).copied().unwrap_or(0.0),
        after,
    };
    let mut all: Vec<LinkChange> = after.iter().enumerate().map(of).collect();
    let size = |c: &LinkChange| (c.after - c.before).abs();
    all.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.link.cmp(&b.link)));
    all.truncate(limit);
    all.retain(|c| size(c) > 0.0);
    all
}

fn od_changes(
    base: &Assignment,
    scenario: &Assignment,
    before: &Equilibrium,
    after: &Equilibrium,
    limit: usize,
) -> Vec<OdChange> {
    let (mut old, mut new) = (Search::default(), Search::default());
    let mut all = Vec::new();
    for (index, commodity) in after.commodities.iter().enumerate() {
        labels(&mut old, &base.graph, before, index);
        labels(&mut new, &scenario.graph, after, index);
        for &(destination, node, trips) in &commodity.destinations {
            let there = base.graph.zones[destination as usize] as usize;
            let change = OdChange {
                class: commodity.class,
                origin: commodity.zone,
                destination,
                trips,
                before: old.label[there],
                after: new.label[node as usize],
            };
            if change.before.is_finite() && change.after > change.before {
                all.push(change);
            }
        }
    }
    let loss = |c: &OdChange| c.trips * (c.after - c.before);
    all.sort_by(|a, b| {
        let place = |c: &OdChange| (c.class, c.origin, c.destination);
        loss(b).total_cmp(&loss(a)).then(place(a).cmp(&place(b)))
    });
    all.truncate(limit);
    all
}

fn labels(search: &mut Search, graph: &Graph, flows: &Equilibrium, index: usize) {
    let commodity = &flows.commodities[index];
    let mut via = flows.forest.tree(index).to_vec();
    let own = graph.class_costs.get(commodity.class as usize);
    match own {
        None => search.follow(graph, &flows.volumes.cost, commodity.origin, &mut via),
        Some(_) => {
            let costs = graph.costs_for(commodity.class as usize, &flows.volumes.cost);
            search.follow(graph, &costs, commodity.origin, &mut via);
        }
    }
}

fn detours(
    base: &Assignment,
    scenario: &Assignment,
    before: &Equilibrium,
    after: &Equilibrium,
    changed: &[u32],
    limit: usize,
) -> Vec<Detour> {
    let mut affected = trips_through(&base.graph, before, changed);
    affected.sort_by(|a, b| {
        b.amount
            .total_cmp(&a.amount)
            .then((a.class, a.origin, a.destination).cmp(&(b.class, b.origin, b.destination)))
    });
    affected.truncate(limit);
    let of = |trips: crate::analysis::select_link::SelectedTrips| Detour {
        class: trips.class,
        origin: trips.origin,
        destination: trips.destination,
        affected: trips.amount,
        ways: paths_between(
            &scenario.graph,
            after,
            trips.class,
            trips.origin,
            trips.destination,
            10,
        ),
    };
    affected.into_iter().map(of).collect()
}

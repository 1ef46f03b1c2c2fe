//! Questions to a solved period: who uses a street, and how soon a car is where.

use bisenzio_kernel::Problem;
use bisenzio_traffic::analysis::isochrone::reach;
use bisenzio_traffic::analysis::select_link::select_link;
use bisenzio_traffic::network::{Graph, Principle};
use bisenzio_traffic::scenario::apply;
use serde::Serialize;
use utoipa::ToSchema;

use crate::base::Base;
use crate::change::{Change, translate};
use crate::city::City;
use crate::network::Way;
use crate::result::PeriodResult;

/// Trips that use at least one of some streets.
#[derive(Debug, Serialize, ToSchema)]
pub struct Users {
    pub synthetic: bool,
    pub period: String,
    /// Cars per hour.
    pub cars: f64,
    pub trips: Vec<Trips>,
    /// Where else they drive: street, way, cars per hour.
    pub streets: Vec<Used>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Trips {
    pub origin: String,
    pub destination: String,
    pub cars: f64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Used {
    pub street: String,
    pub name: String,
    pub way: Way,
    pub cars: f64,
}

/// Who uses the streets.
///
/// # Errors
/// 500 when the base was computed without flows by origin.
pub fn users(city: &City, base: &Base, streets: &[usize]) -> Result<Users, Problem> {
    let links: Vec<u32> = streets
        .iter()
        .flat_map(|street| city.network.of_street(*street))
        .collect();
    let flows = base.assignment.equilibrium().ok_or_else(Problem::internal)?;
    let found = select_link(&base.assignment.graph, flows, &links);
    let mut trips: Vec<Trips> = found
        .trips
        .iter()
        .map(|t| Trips {
            origin: city.zone_name(t.origin),
            destination: city.zone_name(t.destination),
            cars: t.amount,
        })
        .collect();
    trips.sort_by(|a, b| b.cars.total_cmp(&a.cars));
    let used = city.network.driven.iter().zip(&found.volumes);
    Ok(Users {
        synthetic: city.parameters.synthetic,
        period: city.periods()[base.period].id.clone(),
        cars: trips.iter().map(|t| t.cars).fold(0.0, |a, b| a + b),
        trips,
        streets: used
            .filter(|(_, cars)| **cars >= 0.05)
            .map(|(driven, cars)| Used {
                street: city.street_id(driven.street).to_owned(),
                name: city.street_name(driven.street).to_owned(),
                way: driven.way,
                cars: *cars,
            })
            .collect(),
    })
}

/// Node of the network nearest to a place, by which cars leave.
pub fn nearest_node(city: &City, [lon, lat]: [f64; 2]) -> Option<u32> {
    let nodes = &city.territory.network.nodes;
    let scale = lat.to_radians().cos();
    let far = |node: u32| {
        let at = &nodes[node as usize];
        ((at.lon - lon) * scale).powi(2) + (at.lat - lat).powi(2)
    };
    let ends = city.network.driven.iter().enumerate();
    let reachable = ends.map(|(link, _)| city.network.engine.links[link].from);
    reachable.min_by(|a, b| far(*a).total_cmp(&far(*b)).then(a.cmp(b)))
}

/// Minutes from a node to the far end of each street by way, at the times of a base.
pub fn reach_before(city: &City, base: &Base, node: u32) -> Vec<[f64; 2]> {
    let reached = reach(&base.assignment.graph, &base.assignment.volumes().cost, &[node]);
    by_street(city, &reached, &[])
}

/// The same on a changed network, at the times that its period came to.
///
/// # Errors
/// 422 for changes that cannot be made any more, 500 when the engine refuses.
pub fn reach_after(
    city: &City,
    changes: &[Change],
    period: &PeriodResult,
    node: u32,
) -> Result<Vec<[f64; 2]>, Problem> {
    let translated = translate(city, changes)?;
    let network = apply(&city.network.engine, &translated.changes).map_err(|_| Problem::internal())?;
    let graph = Graph::new(&network, Principle::UserEquilibrium).map_err(|_| Problem::internal())?;
    let mut costs: Vec<f64> = graph.curves.iter().map(|curve| curve.cost(0.0)).collect();
    let driven = city
        .network
        .driven
        .iter()
        .enumerate()
        .map(|(link, d)| (link, d.street, d.way));
    let added = translated.added.iter().map(|a| (a.0 as usize, a.1, a.2));
    for (link, street, way) in driven.chain(added) {
        let minutes = f64::from(period.minutes_after[street][way as usize]);
        let arc = graph.arc_of_link[link] as usize;
        if minutes >= 0.0 && costs[arc].is_finite() {
            costs[arc] = minutes;
        }
    }
    Ok(by_street(
        city,
        &reach(&graph, &costs, &[node]),
        &translated.added,
    ))
}

fn by_street(city: &City, reached: &[f64], added: &[(u32, usize, Way)]) -> Vec<[f64; 2]> {
    let mut all = vec![[f64::INFINITY; 2]; city.network.links_of.len()];
    let driven = city
        .network
        .driven
        .iter()
        .enumerate()
        .map(|(link, d)| (link, d.street, d.way));
    let added = added.iter().map(|a| (a.0 as usize, a.1, a.2));
    for (link, street, way) in driven.chain(added) {
        let place = &mut all[street][way as usize];
        *place = place.min(reached[link]);
    }
    all
}

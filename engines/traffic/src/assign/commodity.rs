//! What is assigned: the trips of one class from one origin, together.

use super::AssignError;
use crate::demand::Demand;
use crate::network::Graph;

/// Trips of one class from one origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Commodity {
    pub class: u32,
    /// Origin zone.
    pub zone: u32,
    /// Node of the origin.
    pub origin: u32,
    /// Destination zone, its node and pcu per hour; never the origin's own node.
    pub destinations: Vec<(u32, u32, f64)>,
}

/// Trips that have no way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unserved {
    pub class: u32,
    /// Zones.
    pub origin: u32,
    pub destination: u32,
    /// pcu per hour.
    pub amount: f64,
}

impl Commodity {
    /// Takes out the destinations at the given places of the list, in ascending order, as trips without a way.
    pub fn give_up(&mut self, places: &[usize], unserved: &mut Vec<Unserved>) {
        for &place in places.iter().rev() {
            let (destination, _, amount) = self.destinations.remove(place);
            unserved.push(Unserved {
                class: self.class,
                origin: self.zone,
                destination,
                amount,
            });
        }
    }

    /// All trips, pcu per hour.
    pub fn total(&self) -> f64 {
        self.destinations.iter().map(|d| d.2).sum()
    }
}

/// The commodities of a demand given by class, in order of class and origin. Trips that end where they begin put
/// no load on the network and are left out.
///
/// # Errors
/// Another number of classes or zones than the graph has.
pub fn commodities(graph: &Graph, demand: &[Demand]) -> Result<Vec<Commodity>, AssignError> {
    if demand.len() != graph.classes() {
        return Err(AssignError::Classes {
            network: graph.classes(),
            demand: demand.len(),
        });
    }
    let mut all = Vec::new();
    for (class, (demand, &pcu)) in demand.iter().zip(&graph.pcu).enumerate() {
        if demand.zones() != graph.zones.len() {
            return Err(AssignError::Zones {
                network: graph.zones.len(),
                demand: demand.zones(),
            });
        }
        for (zone, &origin) in graph.zones.iter().enumerate() {
            let destinations: Vec<_> = demand
                .row(zone)
                .iter()
                .map(|&(to, trips)| (to, graph.zones[to as usize], trips * pcu))
                .filter(|d| d.1 != origin)
                .collect();
            if !destinations.is_empty() {
                all.push(Commodity {
                    class: class as u32,
                    zone: zone as u32,
                    origin,
                    destinations,
                });
            }
        }
    }
    Ok(all)
}

//! Synthetic demand: trips by gravity from residents, by period of a working day.
//!
//! Nobody counted these trips. [`Parameters::synthetic`] travels with every result, and whoever shows one says so.
//!
//! Residents are spread over the localities by the length of street that lies nearer to each than to any other
//! (Voronoi by middle of the link), scaled to the city's population. A zone attracts as much as it produces: over a
//! day, who leaves comes back. Gates share the trips over the boundary in proportion to the capacity of their streets.

use bisenzio_traffic::analysis::skim::{Matrix, skim};
use bisenzio_traffic::demand::gravity::{Deterrence, gravity};
use bisenzio_traffic::network::{Graph, Principle};
use bisenzio_traffic::{Demand, demand::OdTrips};
use serde::{Deserialize, Serialize};

use crate::network::{CityNetwork, ZoneKind};

/// `traffic/demand.toml` of a city folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    pub synthetic: bool,
    /// What readers are told of the source.
    #[serde(default)]
    pub source: String,
    pub trips_per_resident: f64,
    pub car_share: f64,
    pub car_occupancy: f64,
    pub external_share: f64,
    pub on_network_share: f64,
    pub deterrence_beta: f64,
    #[serde(rename = "period")]
    pub periods: Vec<Period>,
}

/// A part of a working day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    pub id: String,
    pub it: String,
    pub en: String,
    /// Hours of the clock; a period may pass midnight.
    pub from: u8,
    pub to: u8,
    /// Part of the day's trips.
    pub share: f64,
}

impl Period {
    pub fn hours(&self) -> f64 {
        f64::from((i16::from(self.to) - i16::from(self.from)).rem_euclid(24).max(0))
    }
}

impl Parameters {
    /// What makes no sense: the field and why.
    pub fn check(&self) -> Result<(), (String, String)> {
        let wrong = |field: &str, why: &str| Err((field.to_owned(), why.to_owned()));
        for (field, value, most) in [
            ("trips_per_resident", self.trips_per_resident, 20.0),
            ("car_share", self.car_share, 1.0),
            ("external_share", self.external_share, 2.0),
            ("on_network_share", self.on_network_share, 1.0),
            ("deterrence_beta", self.deterrence_beta, 10.0),
        ] {
            if !(0.0..=most).contains(&value) {
                return wrong(field, &format!("is {value}; it must lie between 0 and {most}"));
            }
        }
        if !(1.0..=10.0).contains(&self.car_occupancy) {
            return wrong("car_occupancy", "must lie between 1 and 10");
        }
        if self.periods.is_empty() {
            return wrong("period", "a day needs at least one period");
        }
        let mut seen = std::collections::BTreeSet::new();
        for period in &self.periods {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if period.id.is_empty() || !period.id.chars().all(plain) || !seen.insert(&period.id) {
                return wrong(
                    "period.id",
                    "must be small letters, digits and hyphens, once each",
                );
            }
            if period.from > 23 || period.to > 24 || period.hours() <= 0.0 {
                return wrong(
                    "period.to",
                    "hours run from 0 to 24 and a period lasts at least one",
                );
            }
            if !(0.0..=1.0).contains(&period.share) {
                return wrong("period.share", "must lie between 0 and 1");
            }
        }
        let hours: f64 = self.periods.iter().map(Period::hours).sum();
        let share: f64 = self.periods.iter().map(|p| p.share).sum();
        if (hours - 24.0).abs() > 1e-9 {
            return wrong(
                "period",
                &format!("the periods last {hours} hours together, not 24"),
            );
        }
        if (share - 1.0).abs() > 1e-6 {
            return wrong("period.share", &format!("the shares add up to {share}, not to 1"));
        }
        Ok(())
    }

    /// Car trips of residents on a working day that use the network.
    fn car_trips(&self, residents: f64) -> f64 {
        residents * self.trips_per_resident * self.car_share / self.car_occupancy * self.on_network_share
    }
}

/// The day's demand of a city.
#[derive(Clone, Debug, PartialEq)]
pub struct CityDemand {
    /// By zone.
    pub residents: Vec<f64>,
    /// Cars on the working day from zone to zone; those inside a zone put no load on the network.
    pub day: Demand,
}

impl CityDemand {
    /// Cars per hour in a period.
    pub fn hourly(&self, period: &Period) -> Demand {
        let factor = period.share / period.hours();
        self.day.map(|e| e.trips * factor)
    }
}

/// Makes the demand.
///
/// # Errors
/// In words: why there is none.
pub fn make(network: &CityNetwork, residents: f64, parameters: &Parameters) -> Result<CityDemand, String> {
    let zones = &network.zones;
    let graph = Graph::new(&network.engine, Principle::UserEquilibrium).map_err(|e| e.to_string())?;
    let free: Vec<f64> = graph.curves.iter().map(|curve| curve.cost(0.0)).collect();
    let mut times = skim(&graph, &free, &[], 1).remove(0);
    let street: f64 = zones.iter().map(|z| z.street_m).sum();
    let capacity = |zone: usize| -> f64 {
        let node = zones[zone].connectors[0].0 as u32;
        let touching = network
            .engine
            .links
            .iter()
            .take(network.driven.len())
            .filter(|l| l.from == node || l.to == node);
        touching.map(|l| l.capacity).sum()
    };
    let at_gates: Vec<f64> = (0..zones.len())
        .map(|z| {
            if zones[z].kind == ZoneKind::Gate {
                capacity(z)
            } else {
                0.0
            }
        })
        .collect();
    let gates: f64 = at_gates.iter().sum();
    let own: Vec<f64> = zones
        .iter()
        .map(|z| {
            if street > 0.0 {
                residents * z.street_m / street
            } else {
                0.0
            }
        })
        .collect();
    let trips = parameters.car_trips(residents);
    let volume = |zone: usize| -> f64 {
        let outside = if gates > 0.0 {
            parameters.external_share / 2.0
        } else {
            0.0
        };
        match zones[zone].kind {
            ZoneKind::Locality => trips * own[zone] / residents.max(1.0),
            ZoneKind::Gate => trips * outside * at_gates[zone] / gates.max(1.0),
        }
    };
    let reaches = |from: usize, to: usize| from != to && times.get(from, to).is_finite();
    let count = zones.len();
    // A gate that is only driven outwards sends nobody in.
    let produced: Vec<f64> = (0..count)
        .map(|z| {
            if (0..count).any(|o| reaches(z, o)) {
                volume(z)
            } else {
                0.0
            }
        })
        .collect();
    let attracted: Vec<f64> = (0..count)
        .map(|z| {
            if (0..count).any(|o| reaches(o, z)) {
                volume(z)
            } else {
                0.0
            }
        })
        .collect();
    within(&mut times, zones.iter().map(|z| z.kind == ZoneKind::Gate));
    let willing = Deterrence::Exponential {
        beta: parameters.deterrence_beta,
    };
    let made =
        gravity(&produced, &attracted, &times, willing, true, 1e-9, 1000).map_err(|e| e.to_string())?;
    Ok(CityDemand {
        residents: own,
        day: made.demand,
    })
}

/// Time of a trip inside a zone: half of that to the nearest other zone, the usual rule where nothing better is known
/// (Ortúzar and Willumsen, *Modelling Transport*, chapter 5). Nobody drives from a gate to the same gate.
fn within(times: &mut Matrix, gates: impl Iterator<Item = bool>) {
    let zones = times.zones;
    for (zone, gate) in gates.enumerate() {
        let nearest = times
            .row(zone)
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != zone)
            .map(|(_, time)| *time)
            .fold(f64::INFINITY, f64::min);
        times.values[zone * zones + zone] = if gate { f64::INFINITY } else { nearest / 2.0 };
    }
}

/// Trips between zones as CSV with names, for export.
pub fn csv(demand: &Demand, name: impl Fn(u32) -> String) -> String {
    let mut out = String::from("origin,destination,cars_per_hour,synthetic\n");
    for OdTrips {
        origin,
        destination,
        trips,
    } in demand.entries()
    {
        out.push_str(&format!(
            "{},{},{trips:.3},true\n",
            crate::text::csv_field(&name(origin)),
            crate::text::csv_field(&name(destination))
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters() -> Parameters {
        toml::from_str(include_str!("../../../cities/prato/traffic/demand.toml")).unwrap()
    }

    #[test]
    fn the_citys_own_parameters_make_sense() {
        assert_eq!(parameters().check(), Ok(()));
        assert!(parameters().synthetic);
    }

    #[test]
    fn nonsense_names_its_field() {
        let field = |change: &dyn Fn(&mut Parameters)| {
            let mut changed = parameters();
            change(&mut changed);
            changed.check().unwrap_err().0
        };
        assert_eq!(field(&|p| p.car_share = 1.2), "car_share");
        assert_eq!(field(&|p| p.car_occupancy = 0.0), "car_occupancy");
        assert_eq!(field(&|p| p.trips_per_resident = f64::NAN), "trips_per_resident");
        assert_eq!(field(&|p| p.periods.clear()), "period");
        assert_eq!(field(&|p| p.periods[1].id = "morning".into()), "period.id");
        assert_eq!(field(&|p| p.periods[0].to = 8), "period");
        assert_eq!(field(&|p| p.periods[0].share = 0.5), "period.share");
    }

    #[test]
    fn a_period_may_pass_midnight() {
        let night = parameters().periods.pop().unwrap();
        assert_eq!((night.from, night.to, night.hours()), (22, 7, 9.0));
    }
}

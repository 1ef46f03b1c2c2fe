//! Trips by gravity: the more people and attractions and the less the way costs, the more trips.
//!
//! Doubly constrained model of Wilson (1967), balanced by Furness's method (1965), as in Ortúzar and Willumsen,
//! *Modelling Transport*, chapter 5.

use thiserror::Error;

use super::{Demand, OdTrips};
use crate::analysis::skim::Matrix;

/// How willingness falls with the cost `c` of the way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Deterrence {
    /// `exp(-beta c)`
    Exponential { beta: f64 },
    /// `c^-gamma`; a cost of 0 attracts nothing, for it would attract all.
    Power { gamma: f64 },
    /// `c^alpha exp(-beta c)` (Tanner)
    Combined { alpha: f64, beta: f64 },
}

impl Deterrence {
    /// Willingness at a cost; 0 where there is no way.
    pub fn at(self, cost: f64) -> f64 {
        if !cost.is_finite() {
            return 0.0;
        }
        let value = match self {
            Self::Exponential { beta } => (-beta * cost).exp(),
            Self::Power { gamma } => cost.powf(-gamma),
            Self::Combined { alpha, beta } => cost.powf(alpha) * (-beta * cost).exp(),
        };
        if value.is_finite() { value } else { 0.0 }
    }
}

/// Trips by gravity and how well they keep to what was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Balanced {
    pub demand: Demand,
    pub rounds: usize,
    /// Largest difference between a zone's trips and what was asked, as a share of it.
    pub error: f64,
}

/// Why there are no trips by gravity.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum GravityError {
    #[error("{what} has {found} entries for {zones} zones")]
    Length {
        what: &'static str,
        found: usize,
        zones: usize,
    },
    #[error("zone {zone}: {what} is {value}; it must be a number not below 0")]
    Bad {
        zone: usize,
        what: &'static str,
        value: f64,
    },
    #[error("nothing attracts: all attractions are 0")]
    NothingAttracts,
    #[error("zone {zone} produces {trips} trips, but no zone that attracts can be reached from it")]
    NoWay { zone: usize, trips: f64 },
}

/// Trips with the given `productions` by origin and `attractions` by destination, vehicles per hour. Attractions are
/// weights: they are scaled to the sum of the productions. Trips within a zone are made only if `within` says so.
///
/// Rounds end at an error of `precision` or after `rounds`; the productions are kept exactly.
///
/// # Errors
/// Lists of other lengths than the skim, numbers that make no sense, a zone that reaches nothing.
pub fn gravity(
    productions: &[f64],
    attractions: &[f64],
    costs: &Matrix,
    deterrence: Deterrence,
    within: bool,
    precision: f64,
    rounds: usize,
) -> Result<Balanced, GravityError> {
    let zones = costs.zones;
    check("productions", productions, zones)?;
    check("attractions", attractions, zones)?;
    let (wanted, weight): (f64, f64) = (productions.iter().sum(), attractions.iter().sum());
    if weight <= 0.0 && wanted > 0.0 {
        return Err(GravityError::NothingAttracts);
    }
    let scale = if weight > 0.0 { wanted / weight } else { 0.0 };
    let columns: Vec<f64> = attractions.iter().map(|a| a * scale).collect();
    let pull = |i: usize, j: usize| {
        if i == j && !within {
            0.0
        } else {
            deterrence.at(costs.get(i, j))
        }
    };
    let mut seed = Matrix::filled(zones, 0.0);
    for (i, &production) in productions.iter().enumerate() {
        for (j, &attraction) in columns.iter().enumerate() {
            seed.values[i * zones + j] = production * attraction * pull(i, j);
        }
        if production > 0.0 && seed.row(i).iter().all(|&v| v <= 0.0) {
            return Err(GravityError::NoWay {
                zone: i,
                trips: production,
            });
        }
    }
    let (rounds, error) = furness(&mut seed, productions, &columns, precision, rounds);
    let entries = (0..zones * zones).map(|at| OdTrips {
        origin: (at / zones) as u32,
        destination: (at % zones) as u32,
        trips: seed.values[at],
    });
    let demand = Demand::from_entries(zones, entries).unwrap_or_else(|_| Demand::empty(zones));
    Ok(Balanced {
        demand,
        rounds,
        error,
    })
}

/// Scales rows and columns of a table in turn until both have the sums asked for, rows last. Returns the rounds and
/// the largest relative error of a column. A column that nothing feeds stays empty.
pub fn furness(
    table: &mut Matrix,
    rows: &[f64],
    columns: &[f64],
    precision: f64,
    limit: usize,
) -> (usize, f64) {
    let zones = table.zones;
    let mut error = f64::INFINITY;
    for round in 0..limit {
        let mut sums = vec![0.0; zones];
        for (at, value) in table.values.iter().enumerate() {
            sums[at % zones] += value;
        }
        error = sums
            .iter()
            .zip(columns)
            .filter(|(_, asked)| **asked > 0.0)
            .map(|(sum, asked)| (sum - asked).abs() / asked)
            .fold(0.0, f64::max);
        if round > 0 && error <= precision {
            return (round, error);
        }
        for (at, value) in table.values.iter_mut().enumerate() {
            let column = at % zones;
            *value *= if sums[column] > 0.0 {
                columns[column] / sums[column]
            } else {
                0.0
            };
        }
        for (row, asked) in table.values.chunks_mut(zones).zip(rows) {
            let sum: f64 = row.iter().sum();
            row.iter_mut()
                .for_each(|value| *value *= if sum > 0.0 { asked / sum } else { 0.0 });
        }
    }
    (limit, error)
}

fn check(what: &'static str, values: &[f64], zones: usize) -> Result<(), GravityError> {
    if values.len() != zones {
        return Err(GravityError::Length {
            what,
            found: values.len(),
            zones,
        });
    }
    let bad = values.iter().position(|v| !(v.is_finite() && *v >= 0.0));
    bad.map_or(Ok(()), |zone| {
        Err(GravityError::Bad {
            zone,
            what,
            value: values[zone],
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs() -> Matrix {
        Matrix {
            zones: 3,
            values: vec![0.0, 5.0, 9.0, 5.0, 0.0, 4.0, 9.0, 4.0, 0.0],
        }
    }

    #[test]
    fn both_margins_are_met() {
        let nearer = Deterrence::Exponential { beta: 0.1 };
        let made = gravity(
            &[100.0, 50.0, 30.0],
            &[2.0, 3.0, 4.0],
            &costs(),
            nearer,
            true,
            1e-10,
            500,
        )
        .unwrap();
        assert!(made.error <= 1e-10, "{made:?}");
        let row: f64 = made.demand.row(0).iter().map(|e| e.1).sum();
        let column: f64 = (0..3).map(|o| made.demand.get(o, 2)).sum();
        assert!((row - 100.0).abs() < 1e-9 && (column - 80.0).abs() < 1e-6);
    }

    #[test]
    fn the_ratio_of_trips_follows_the_deterrence() {
        // In a doubly constrained model the cross ratio of trips is that of the deterrence.
        let beta = 0.2;
        let made = gravity(
            &[10.0, 20.0, 30.0],
            &[1.0; 3],
            &costs(),
            Deterrence::Exponential { beta },
            true,
            1e-12,
            999,
        )
        .unwrap();
        let t = |i, j| made.demand.get(i, j);
        let ratio = t(0, 0) * t(1, 1) / (t(0, 1) * t(1, 0));
        assert!((ratio - (beta * 10.0).exp()).abs() < 1e-6 * ratio);
    }

    #[test]
    fn a_zone_that_reaches_nothing_is_told() {
        let mut cut = costs();
        cut.values[1] = f64::INFINITY;
        cut.values[2] = f64::INFINITY;
        let made = gravity(
            &[1.0; 3],
            &[1.0; 3],
            &cut,
            Deterrence::Power { gamma: 2.0 },
            false,
            1e-6,
            9,
        );
        assert_eq!(made.unwrap_err(), GravityError::NoWay { zone: 0, trips: 1.0 });
    }
}

//! How many vehicles want to go from where to where.

pub mod calibration;
pub mod csv;
pub mod gravity;

use thiserror::Error;

/// Trips between zones of one class of vehicles, in vehicles per hour; what is absent is zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Demand {
    /// By origin zone: destination zones in ascending order with their trips, all above zero.
    rows: Vec<Vec<(u32, f64)>>,
}

/// A demand that makes no sense. Zones are counted from 0.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum DemandError {
    #[error("from zone {origin} to zone {destination}: there are only {zones} zones")]
    UnknownZone {
        origin: u32,
        destination: u32,
        zones: usize,
    },
    #[error("from zone {origin} to zone {destination}: {trips} trips; it must be a number not below 0")]
    BadTrips {
        origin: u32,
        destination: u32,
        trips: f64,
    },
}

/// Trips from one zone to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OdTrips {
    pub origin: u32,
    pub destination: u32,
    /// Vehicles per hour.
    pub trips: f64,
}

impl Demand {
    /// No trips among `zones` zones.
    pub fn empty(zones: usize) -> Self {
        Self {
            rows: vec![Vec::new(); zones],
        }
    }

    /// Collects entries; those of the same pair add up, zeros vanish.
    ///
    /// # Errors
    /// An unknown zone, a negative or missing number.
    pub fn from_entries(
        zones: usize,
        entries: impl IntoIterator<Item = OdTrips>,
    ) -> Result<Self, DemandError> {
        let mut rows = vec![Vec::new(); zones];
        for OdTrips {
            origin,
            destination,
            trips,
        } in entries
        {
            if origin as usize >= zones || destination as usize >= zones {
                return Err(DemandError::UnknownZone {
                    origin,
                    destination,
                    zones,
                });
            }
            if !(trips.is_finite() && trips >= 0.0) {
                return Err(DemandError::BadTrips {
                    origin,
                    destination,
                    trips,
                });
            }
            if trips > 0.0 {
                rows[origin as usize].push((destination, trips));
            }
        }
        for row in &mut rows {
            row.sort_by_key(|e: &(u32, f64)| e.0);
            row.dedup_by(|later, kept| {
                let same = later.0 == kept.0;
                if same {
                    kept.1 += later.1;
                }
                same
            });
        }
        Ok(Self { rows })
    }

    pub fn zones(&self) -> usize {
        self.rows.len()
    }

    /// Destinations of an origin, ascending, with their trips.
    pub fn row(&self, origin: usize) -> &[(u32, f64)] {
        &self.rows[origin]
    }

    /// Trips of a pair.
    pub fn get(&self, origin: usize, destination: u32) -> f64 {
        let row = &self.rows[origin];
        row.binary_search_by_key(&destination, |e| e.0)
            .map_or(0.0, |at| row[at].1)
    }

    /// All pairs with trips, by origin and destination.
    pub fn entries(&self) -> impl Iterator<Item = OdTrips> + '_ {
        self.rows.iter().enumerate().flat_map(|(origin, row)| {
            row.iter().map(move |&(destination, trips)| OdTrips {
                origin: origin as u32,
                destination,
                trips,
            })
        })
    }

    /// All trips, those inside zones included.
    pub fn total(&self) -> f64 {
        self.entries().map(|e| e.trips).sum()
    }

    /// Number of pairs with trips.
    pub fn pairs(&self) -> usize {
        self.rows.iter().map(Vec::len).sum()
    }

    /// The demand with each pair's trips changed; pairs that come to zero or less vanish.
    pub fn map(&self, mut change: impl FnMut(OdTrips) -> f64) -> Self {
        let rows = self.rows.iter().enumerate().map(|(origin, row)| {
            let changed = row.iter().map(|&(destination, trips)| {
                (
                    destination,
                    change(OdTrips {
                        origin: origin as u32,
                        destination,
                        trips,
                    }),
                )
            });
            changed.filter(|e| e.1 > 0.0).collect()
        });
        Self { rows: rows.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trips(origin: u32, destination: u32, trips: f64) -> OdTrips {
        OdTrips {
            origin,
            destination,
            trips,
        }
    }

    #[test]
    fn entries_of_a_pair_add_up_and_zeros_vanish() {
        let all = [
            trips(0, 2, 1.5),
            trips(0, 1, 0.0),
            trips(0, 2, 2.0),
            trips(2, 0, 4.0),
        ];
        let demand = Demand::from_entries(3, all).unwrap();
        assert_eq!(demand.row(0), [(2, 3.5)]);
        assert_eq!((demand.pairs(), demand.total()), (2, 7.5));
        assert_eq!((demand.get(2, 0), demand.get(2, 1)), (4.0, 0.0));
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(matches!(
            Demand::from_entries(2, [trips(0, 2, 1.0)]),
            Err(DemandError::UnknownZone { destination: 2, .. })
        ));
        assert!(matches!(
            Demand::from_entries(2, [trips(0, 1, f64::NAN)]),
            Err(DemandError::BadTrips { .. })
        ));
        assert!(matches!(
            Demand::from_entries(2, [trips(0, 1, -1.0)]),
            Err(DemandError::BadTrips { .. })
        ));
    }
}

//! Demand as comma-separated text: a line of titles, then `origin,destination,trips`, zones counted from 1.

use std::fmt::Write;

use thiserror::Error;

use super::{Demand, OdTrips};

/// Something wrong in a table; `line` counts from 1.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("line {line}: {message}")]
pub struct CsvError {
    pub line: usize,
    pub message: String,
}

/// All pairs with trips. Numbers are written so that reading them gives them back exactly.
pub fn write_demand(demand: &Demand) -> String {
    let mut text = String::from("origin,destination,trips\n");
    for e in demand.entries() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{},{},{}", e.origin + 1, e.destination + 1, e.trips);
    }
    text
}

/// Reads a table among `zones` zones; lines of the same pair add up.
///
/// # Errors
/// The line and what is wrong with it.
pub fn read_demand(text: &str, zones: usize) -> Result<Demand, CsvError> {
    let mut entries = Vec::new();
    for (at, content) in text.lines().enumerate() {
        let line = at + 1;
        let error = |message: String| CsvError { line, message };
        let fields: Vec<&str> = content.split(',').map(|f| f.trim().trim_matches('"')).collect();
        if line == 1 {
            if fields != ["origin", "destination", "trips"] {
                return Err(error("the titles must be origin,destination,trips".to_owned()));
            }
            continue;
        }
        if content.trim().is_empty() {
            continue;
        }
        let [origin, destination, trips] = fields[..] else {
            return Err(error(format!("3 fields expected, {} found", fields.len())));
        };
        let zone = |field: &str, name: &str| match field.parse::<usize>() {
            Ok(n) if (1..=zones).contains(&n) => Ok(n as u32 - 1),
            _ => Err(error(format!(
                "{name} is \"{field}\"; it must be a zone from 1 to {zones}"
            ))),
        };
        let (origin, destination) = (zone(origin, "origin")?, zone(destination, "destination")?);
        let trips = match trips.parse::<f64>() {
            Ok(value) if value.is_finite() && value >= 0.0 => value,
            _ => {
                return Err(error(format!(
                    "trips is \"{trips}\"; it must be a number not below 0"
                )));
            }
        };
        entries.push(OdTrips {
            origin,
            destination,
            trips,
        });
    }
    Demand::from_entries(zones, entries).map_err(|e| CsvError {
        line: 1,
        message: e.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(all in prop::collection::vec((0u32..5, 0u32..5, 0.0f64..1e6), 0..30)) {
            let entries = all.iter().map(|&(origin, destination, trips)| OdTrips { origin, destination, trips });
            let demand = Demand::from_entries(5, entries).unwrap();
            prop_assert_eq!(read_demand(&write_demand(&demand), 5).unwrap(), demand);
        }
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        for (text, line) in [
            ("from,to,trips\n", 1),
            ("origin,destination,trips\n1,2\n", 2),
            ("origin,destination,trips\n1,2,3\n1,9,3\n", 3),
            ("origin,destination,trips\n1,2,NaN\n", 2),
            ("origin,destination,trips\n1,2,-4\n", 2),
        ] {
            assert_eq!(read_demand(text, 3).unwrap_err().line, line, "{text}");
        }
    }
}

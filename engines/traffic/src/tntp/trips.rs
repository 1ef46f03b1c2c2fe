//! `*_trips.tntp`: the demand by origin.

use super::scan::{Document, TntpError, amount, index};
use crate::demand::{Demand, OdTrips};

/// Reads a trip table for a network of `zones` zones.
///
/// # Errors
/// The line and what is wrong with it: an unknown zone, trips that are no number or negative, trips before the
/// first origin, another number of zones than the network has.
pub fn read_trips(text: &str, zones: usize) -> Result<Demand, TntpError> {
    let document = Document::new(text)?;
    let announced = document.count("NUMBER OF ZONES")?;
    if announced != zones {
        return Err(TntpError::new(
            1,
            format!("{announced} zones, but the network has {zones}"),
        ));
    }
    let mut entries = Vec::new();
    let mut origin = None;
    for (line, content) in document.lines() {
        if let Some(name) = content
            .strip_prefix("Origin")
            .or_else(|| content.strip_prefix("origin"))
        {
            origin = Some(index(name.trim(), "origin", zones, line)?);
            continue;
        }
        let Some(origin) = origin else {
            return Err(TntpError::new(line, "trips before the first \"Origin\""));
        };
        for item in content.split(';').map(str::trim).filter(|i| !i.is_empty()) {
            let Some((destination, trips)) = item.split_once(':') else {
                return Err(TntpError::new(
                    line,
                    format!("\"{item}\" is not of the form destination : trips"),
                ));
            };
            let destination = index(destination.trim(), "destination", zones, line)?;
            let trips = amount(trips.trim(), "trips", line)?;
            entries.push(OdTrips {
                origin,
                destination,
                trips,
            });
        }
    }
    Demand::from_entries(zones, entries).map_err(|e| TntpError::new(1, e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "<NUMBER OF ZONES> 3\n<TOTAL OD FLOW> 9\n<END OF METADATA>\n";

    #[test]
    fn several_pairs_stand_on_a_line() {
        let text = format!("{HEAD}\nOrigin 1\n 1 : 0.0; 2 : 4.5;\n\t3\t: 1;\t\nOrigin \t3 \n 1 : 2 ;\n");
        let demand = read_trips(&text, 3).unwrap();
        assert_eq!(
            (demand.row(0), demand.row(2)),
            (&[(1, 4.5), (2, 1.0)][..], &[(0, 2.0)][..])
        );
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        for (body, line, said) in [
            ("1 : 2;", 4, "before the first"),
            ("Origin 4", 4, "origin 4 does not exist"),
            ("Origin 1\n 7 : 1;", 5, "destination 7 does not exist"),
            ("Origin 1\n 2 : NaN;", 5, "trips is \"NaN\""),
            ("Origin 1\n 2 : -1;", 5, "must not be negative"),
            ("Origin 1\n 2 5;", 5, "destination : trips"),
        ] {
            let error = read_trips(&format!("{HEAD}{body}"), 3).unwrap_err();
            assert_eq!(error.line, line, "{error}");
            assert!(error.message.contains(said), "{error}");
        }
        assert!(read_trips(&format!("{HEAD}Origin 1\n"), 4).is_err());
    }
}

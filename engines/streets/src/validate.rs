//! Whether a network can be trusted.

use std::collections::HashSet;

use crate::geometry::ground_distance;
use crate::model::Network;

/// What is wrong with a network, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NetworkError {
    #[error("two {what}s have the identifier \"{id}\"")]
    Duplicate { what: &'static str, id: String },
    #[error("a {what} has an empty identifier")]
    EmptyId { what: &'static str },
    #[error("{what} \"{id}\": longitude {lon}, latitude {lat} is not a position on Earth")]
    BadPosition {
        what: &'static str,
        id: String,
        lon: f64,
        lat: f64,
    },
    #[error("link \"{id}\" names a node that does not exist")]
    MissingNode { id: String },
    #[error("link \"{id}\" has fewer than two points")]
    TooShort { id: String },
    #[error("link \"{id}\" does not {end} at its node (they are {metres:.0} m apart)")]
    Detached {
        id: String,
        end: &'static str,
        metres: f64,
    },
    #[error("link \"{id}\": {field} {value} is out of range")]
    OutOfRange {
        id: String,
        field: &'static str,
        value: f64,
    },
    #[error("turn restriction {index} does not lead from one link over a common node into another link")]
    BadRestriction { index: usize },
}

impl Network {
    /// Checks identifiers, indices, positions, ends of links and ranges; returns the first fault.
    pub fn validate(&self) -> Result<(), NetworkError> {
        let mut seen = HashSet::new();
        for n in &self.nodes {
            check_id("node", &n.id, &mut seen)?;
            check_position("node", &n.id, [n.lon, n.lat])?;
        }
        let mut seen = HashSet::new();
        for l in &self.links {
            check_id("link", &l.id, &mut seen)?;
            let (Some(from), Some(to)) = (self.nodes.get(l.from), self.nodes.get(l.to)) else {
                return Err(NetworkError::MissingNode { id: l.id.clone() });
            };
            let (Some(first), Some(last), true) =
                (l.geometry.first(), l.geometry.last(), l.geometry.len() > 1)
            else {
                return Err(NetworkError::TooShort { id: l.id.clone() });
            };
            for p in &l.geometry {
                check_position("link", &l.id, *p)?;
            }
            for (end, p, n) in [("begin", first, from), ("end", last, to)] {
                let metres = ground_distance(*p, [n.lon, n.lat]);
                if metres > 1.0 {
                    return Err(NetworkError::Detached {
                        id: l.id.clone(),
                        end,
                        metres,
                    });
                }
            }
            let range = |field, value: f64, ok: bool| match ok {
                true => Ok(()),
                false => Err(NetworkError::OutOfRange {
                    id: l.id.clone(),
                    field,
                    value,
                }),
            };
            range(
                "length_m",
                l.length_m,
                l.length_m.is_finite() && l.length_m >= 0.0,
            )?;
            if let Some(v) = l.speed_kmh {
                range("speed_kmh", v, (1.0..=200.0).contains(&v))?;
            }
            if let Some(v) = l.lanes {
                range("lanes", f64::from(v), (1..=20).contains(&v))?;
            }
        }
        for (index, r) in self.restrictions.iter().enumerate() {
            let touches = |link: usize| {
                self.links
                    .get(link)
                    .is_some_and(|l| l.from == r.via || l.to == r.via)
            };
            if !touches(r.from) || !touches(r.to) {
                return Err(NetworkError::BadRestriction { index });
            }
        }
        for h in &self.house_numbers {
            check_position("civic number", &h.number, [h.lon, h.lat])?;
        }
        Ok(())
    }
}

fn check_id<'a>(what: &'static str, id: &'a str, seen: &mut HashSet<&'a str>) -> Result<(), NetworkError> {
    if id.trim().is_empty() {
        return Err(NetworkError::EmptyId { what });
    }
    if seen.insert(id) {
        Ok(())
    } else {
        Err(NetworkError::Duplicate {
            what,
            id: id.to_owned(),
        })
    }
}

fn check_position(what: &'static str, id: &str, [lon, lat]: [f64; 2]) -> Result<(), NetworkError> {
    if lon.abs() <= 180.0 && lat.abs() <= 90.0 {
        return Ok(());
    }
    Err(NetworkError::BadPosition {
        what,
        id: id.to_owned(),
        lon,
        lat,
    })
}

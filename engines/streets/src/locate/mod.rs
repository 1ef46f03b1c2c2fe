//! Finds on the network what an act speaks of: a street, and the stretch of it between two places.
//!
//! Where a place of the stretch cannot be found, the whole street is given and marked so, with the reason; where
//! the street itself is unknown or two fit, nothing is guessed and the answer says what a person may choose from.

mod cut;
pub mod parse;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Network;
use crate::names::{Aliases, Candidate, Gazetteer, Resolution};
use cut::Street;
use parse::{Place, Stretch};

/// A part of a link, from 0 (its `from` end) to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkSpan {
    /// Index in the network's links.
    pub link: usize,
    pub from_fraction: f64,
    pub to_fraction: f64,
}

/// How exactly a place was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Exactly the part that was described.
    Stretch,
    /// The whole street, because no part was described or it could not be found.
    WholeStreet,
}

/// A place found on the network.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Located {
    pub streets: Vec<String>,
    pub links: Vec<LinkSpan>,
    pub precision: Precision,
    /// Confidence in the street, 0 to 1.
    pub confidence: f64,
    /// How it was found, or why only the whole street.
    pub explanation: Explanation,
}

/// The reasons behind an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Explanation {
    /// Cut between two places.
    Between { from: String, to: String },
    /// The surroundings of one place.
    At { place: String },
    /// No stretch was described, or the text says the whole street.
    NoStretch,
    /// The text of the stretch could not be understood.
    NotUnderstood { text: String },
    /// A place of the stretch is not on the network, or not beside the street.
    PlaceNotFound { place: String },
    /// Both ends fall on the same spot, or no way leads along the street between them.
    NoWayBetween { from: String, to: String },
}

impl Explanation {
    /// The reason in Italian, for officers.
    pub fn italian(&self) -> String {
        match self {
            Self::Between { from, to } => format!("Tratto individuato tra {from} e {to}."),
            Self::At { place } => format!("Punto individuato: {place}."),
            Self::NoStretch => "L'atto riguarda tutta la via o non indica un tratto.".to_owned(),
            Self::NotUnderstood { text } => {
                format!(
                    "Il tratto «{text}» non è descritto in una forma riconosciuta: mostrata tutta la via."
                )
            }
            Self::PlaceNotFound { place } => {
                format!("«{place}» non si trova lungo la via nella rete disponibile: mostrata tutta la via.")
            }
            Self::NoWayBetween { from, to } => {
                format!("Tra {from} e {to} non c'è un percorso lungo la via: mostrata tutta la via.")
            }
        }
    }
}

/// Why nothing was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Unmatched {
    /// The street is not on the network; near misses may help.
    Unknown { candidates: Vec<Candidate> },
    /// Several streets fit.
    Ambiguous { candidates: Vec<Candidate> },
    /// The text names no street.
    NoStreet,
}

impl Unmatched {
    /// The reason in Italian, for officers.
    pub fn italian(&self) -> String {
        let list = |candidates: &[Candidate]| {
            candidates
                .iter()
                .map(|c| c.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        match self {
            Self::Unknown { candidates } if candidates.is_empty() => {
                "La via non è nella rete disponibile.".to_owned()
            }
            Self::Unknown { candidates } => {
                format!(
                    "La via non è nella rete disponibile. Nomi simili: {}.",
                    list(candidates)
                )
            }
            Self::Ambiguous { candidates } => format!("Più vie possibili: {}.", list(candidates)),
            Self::NoStreet => "L'atto non nomina una via.".to_owned(),
        }
    }
}

/// The answer of [`Locator::locate`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Located(Located),
    Unmatched(Unmatched),
}

/// A network prepared for many questions.
#[derive(Debug)]
pub struct Locator<'a> {
    network: &'a Network,
    gazetteer: Gazetteer,
    links_of: BTreeMap<&'a str, Vec<usize>>,
    geometry: cut::Geometry,
}

/// Finds one stretch. For many, make a [`Locator`] once.
pub fn locate(network: &Network, aliases: &Aliases, street: &str, stretch: Option<&str>) -> Outcome {
    Locator::new(network, aliases).locate(street, stretch)
}

impl<'a> Locator<'a> {
    /// Prepares a network and the city's aliases.
    pub fn new(network: &'a Network, aliases: &Aliases) -> Self {
        let mut links_of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (i, link) in network.links.iter().enumerate() {
            if let Some(name) = link.name.as_deref() {
                links_of.entry(name).or_default().push(i);
            }
        }
        let gazetteer = Gazetteer::new(links_of.keys().copied(), aliases);
        Self {
            network,
            gazetteer,
            links_of,
            geometry: cut::Geometry::new(network),
        }
    }

    /// The streets of the network, compared by name.
    pub fn gazetteer(&self) -> &Gazetteer {
        &self.gazetteer
    }

    /// Finds a street and the stretch of it that a text describes.
    pub fn locate(&self, street: &str, stretch: Option<&str>) -> Outcome {
        let parts: Vec<&str> = street
            .split('/')
            .map(str::trim)
            .filter(|s| !s.is_empty())
            .collect();
        if parts.len() > 1 {
            return self.locate_crossing(&parts);
        }
        let Some(street) = parts.first() else {
            return Outcome::Unmatched(Unmatched::NoStreet);
        };
        let (streets, confidence) = match self.known(street) {
            Ok(found) => found,
            Err(unmatched) => return Outcome::Unmatched(unmatched),
        };
        let links = self.links(&streets);
        let located = |links, precision, explanation| {
            Outcome::Located(Located {
                streets: streets.clone(),
                links,
                precision,
                confidence,
                explanation,
            })
        };
        let on = Street::new(self.network, &self.geometry, &links);
        let whole = |why| located(on.whole(), Precision::WholeStreet, why);
        let text = stretch.unwrap_or_default();
        match parse::stretch(text) {
            Stretch::Whole => whole(Explanation::NoStretch),
            Stretch::Unknown => whole(Explanation::NotUnderstood {
                text: text.to_owned(),
            }),
            Stretch::At(place) => match self.spots(&place, &on, &streets) {
                Some(spots) => located(
                    on.around(&spots),
                    Precision::Stretch,
                    Explanation::At {
                        place: written(&place),
                    },
                ),
                None => whole(Explanation::PlaceNotFound {
                    place: written(&place),
                }),
            },
            Stretch::Between(a, b) => {
                let (from, to) = (written(&a), written(&b));
                let Some(starts) = self.spots(&a, &on, &streets) else {
                    return whole(Explanation::PlaceNotFound { place: from });
                };
                let Some(ends) = self.spots(&b, &on, &streets) else {
                    return whole(Explanation::PlaceNotFound { place: to });
                };
                match on.between(&starts, &ends) {
                    Some(links) => located(links, Precision::Stretch, Explanation::Between { from, to }),
                    None => whole(Explanation::NoWayBetween { from, to }),
                }
            }
        }
    }

    /// "Via A / Via B": the junction of the streets that are known.
    fn locate_crossing(&self, parts: &[&str]) -> Outcome {
        let mut found: Vec<(Vec<String>, f64)> = Vec::new();
        let mut failed = None;
        for part in parts {
            match self.known(from_type(part)) {
                Ok(known) => found.push(known),
                Err(unmatched) => failed = failed.or(Some(unmatched)),
            }
        }
        for (i, (first, confidence)) in found.iter().enumerate() {
            let on = Street::new(self.network, &self.geometry, &self.links(first));
            for (second, other) in &found[i + 1..] {
                let spots = on.spots_with(&self.links(second));
                if spots.is_empty() {
                    continue;
                }
                let mut streets = first.clone();
                streets.extend(second.iter().cloned());
                return Outcome::Located(Located {
                    streets,
                    links: on.around(&spots),
                    precision: Precision::Stretch,
                    confidence: confidence.min(*other),
                    explanation: Explanation::At {
                        place: second.join(", "),
                    },
                });
            }
        }
        Outcome::Unmatched(failed.unwrap_or(Unmatched::NoStreet))
    }

    fn known(&self, street: &str) -> Result<(Vec<String>, f64), Unmatched> {
        match self.gazetteer.resolve(street) {
            Resolution::Found {
                streets, confidence, ..
            } => {
                let streets: Vec<String> = streets
                    .into_iter()
                    .filter_map(|s| match self.links_of.contains_key(s.as_str()) {
                        true => Some(vec![s]),
                        // An alias may give a fuller form than the network's.
                        false => match self.gazetteer.resolve(&s) {
                            Resolution::Found {
                                streets,
                                by_alias: None,
                                ..
                            } => Some(streets),
                            _ => None,
                        },
                    })
                    .flatten()
                    .collect();
                if streets.is_empty() {
                    Err(Unmatched::Unknown {
                        candidates: Vec::new(),
                    })
                } else {
                    Ok((streets, confidence))
                }
            }
            Resolution::Ambiguous(candidates) => Err(Unmatched::Ambiguous { candidates }),
            Resolution::Unknown(candidates) => Err(Unmatched::Unknown { candidates }),
        }
    }

    fn links(&self, streets: &[String]) -> Vec<usize> {
        streets
            .iter()
            .filter_map(|s| self.links_of.get(s.as_str()))
            .flatten()
            .copied()
            .collect()
    }

    /// Where a place lies along a street; `None` when it cannot be told.
    fn spots(&self, place: &Place, on: &Street, streets: &[String]) -> Option<Vec<cut::Spot>> {
        let spots = match place {
            Place::Street(name) | Place::Landmark(name) => {
                let (others, _) = self.known(name).ok()?;
                let others: Vec<String> = others.into_iter().filter(|o| !streets.contains(o)).collect();
                on.spots_with(&self.links(&others))
            }
            Place::Number(number) => on.spots_of_number(number, streets, &self.network.house_numbers),
        };
        (!spots.is_empty()).then_some(spots)
    }
}

fn written(place: &Place) -> String {
    match place {
        Place::Street(s) | Place::Number(s) | Place::Landmark(s) => s.clone(),
    }
}

/// "Corona giratoria via Pistoiese" speaks of via Pistoiese: the name from its type on.
fn from_type(text: &str) -> &str {
    let types = ["via ", "viale ", "piazza ", "corso ", "largo "];
    let lower = text.to_ascii_lowercase();
    let start = types
        .iter()
        .filter_map(|t| lower.find(t))
        .filter(|&i| i == 0 || lower.as_bytes()[i - 1] == b' ')
        .min()
        .unwrap_or(0);
    &text[start..]
}

#[cfg(test)]
mod tests;

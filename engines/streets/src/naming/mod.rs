//! Gives streets their names from bus stops.
//!
//! Stops are called after the street they stand on and the civic number beside them ("Bologna   352"). Each
//! stop speaks for the nearest link its lines run on; between stops a name goes straight on, over junctions and
//! roundabouts, until another stop says otherwise. The type (Via, Viale, Piazza) and given names are restored
//! from streets known by municipal acts.

mod evidence;
mod spread;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{HouseNumber, Network};
use crate::names::{Aliases, Gazetteer, Resolution, StreetName, StreetType, proper};

/// A stop as evidence for a street's name.
#[derive(Debug, Clone, PartialEq)]
pub struct StopEvidence {
    pub id: String,
    pub lon: f64,
    pub lat: f64,
    /// As the feed has it, street and civic number.
    pub name: String,
    /// The shapes (indices) of the lines that stop here.
    pub shapes: Vec<usize>,
}

/// What a city knows about its street names beyond the stops. Reads from the city's `streets.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamingHints {
    /// The credit that the derived network carries.
    #[serde(default)]
    pub attribution: Option<crate::model::Attribution>,
    /// Streets in their proper form, from municipal acts.
    #[serde(default)]
    pub known: Vec<String>,
    /// What a stop calls a street, and the street's proper form.
    #[serde(default)]
    pub corrections: BTreeMap<String, String>,
    /// Stop names that name no street (car parks, hospitals).
    #[serde(default)]
    pub not_streets: Vec<String>,
    /// Places of streets on which no stop stands.
    #[serde(default, rename = "anchor")]
    pub anchors: Vec<Anchor>,
    /// OpenStreetMap road class of named streets, where the city knows it.
    #[serde(default)]
    pub classes: BTreeMap<crate::model::RoadClass, Vec<String>>,
    /// What people call streets.
    #[serde(default, rename = "alias")]
    pub aliases: Vec<crate::names::Alias>,
}

/// A place where the city knows which street runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// The street's proper name.
    pub street: String,
    /// `[lon, lat]` on its links; each names the link nearest to it, within 40 m.
    pub at: Vec<[f64; 2]>,
    /// What it is known from.
    pub source: String,
}

impl NamingHints {
    /// The alias table for [`crate::locate`].
    pub fn alias_table(&self) -> Aliases {
        Aliases {
            entries: self.aliases.clone(),
        }
    }
}

/// How much of the network got a name, and from where.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct NamingReport {
    pub stops_used: usize,
    /// Stops too far from any link their lines run on, or that name no street.
    pub stops_left_out: usize,
    /// Places in the city's list with no link within reach.
    pub anchors_left_out: usize,
    pub streets: usize,
    pub house_numbers: usize,
    /// Kilometres by source of the name; `none` for unnamed links.
    pub km_by_source: BTreeMap<String, f64>,
    /// Share of the length with a name, 0 to 1.
    pub named_share: f64,
}

/// Street and civic number of a stop's name: the number stands behind at least two blanks, "Sn" means none.
pub fn split_stop_name(name: &str) -> (String, Option<String>) {
    let name = name.trim();
    let Some(gap) = name.rfind("  ") else {
        return (name.to_owned(), None);
    };
    let (street, number) = (name[..gap].trim(), name[gap..].trim());
    let number = number
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_digit())
        .then(|| number.to_lowercase());
    (street.split_whitespace().collect::<Vec<_>>().join(" "), number)
}

/// Restores proper names of streets that stops abbreviate.
#[derive(Debug)]
pub struct Restorer {
    known: Gazetteer,
    corrections: BTreeMap<String, String>,
    not_streets: BTreeSet<String>,
    /// The fullest form of names no act knows, by their words.
    unified: BTreeMap<UnifyKey, String>,
}

impl Restorer {
    /// A restorer for all the stops of a feed, so that "Alloro" and "Dell'Alloro" become one street.
    pub fn new<'a>(hints: &NamingHints, stop_streets: impl IntoIterator<Item = &'a str>) -> Self {
        let lower = |s: &str| s.trim().to_lowercase();
        let known = Gazetteer::new(hints.known.iter().map(String::as_str), &Aliases::default());
        let mut restorer = Self {
            known,
            corrections: hints
                .corrections
                .iter()
                .map(|(k, v)| (lower(k), v.clone()))
                .collect(),
            not_streets: hints.not_streets.iter().map(|s| lower(s)).collect(),
            unified: BTreeMap::new(),
        };
        let distinct: BTreeSet<&str> = stop_streets.into_iter().collect();
        for street in distinct
            .into_iter()
            .filter(|s| !restorer.not_streets.contains(&lower(s)))
        {
            let full = proper(street, None);
            let slot = restorer.unified.entry(unify_key(&full)).or_default();
            if (full.len(), &full) > (slot.len(), slot) {
                *slot = full;
            }
        }
        restorer
    }

    /// The proper name and whether an act or the city's list knows it; `None` when it names no street.
    pub fn restore(&self, street: &str) -> Option<(String, bool)> {
        let key = street.trim().to_lowercase();
        if key.is_empty() || self.not_streets.contains(&key) {
            return None;
        }
        if let Some(corrected) = self.corrections.get(&key) {
            return Some((corrected.clone(), true));
        }
        // A slip of the pen may be another street here ("Antonio", "Antonino"): only full words count.
        if let Resolution::Found { streets, .. } = self.known.resolve(street)
            && let [only] = streets.as_slice()
            && StreetName::parse(street).within(&StreetName::parse(only))
        {
            return Some((only.clone(), true));
        }
        let full = proper(street, None);
        Some((
            self.unified.get(&unify_key(&full)).cloned().unwrap_or(full),
            false,
        ))
    }
}

/// The kind of square, if it is one, and the words in order of the alphabet.
type UnifyKey = (Option<StreetType>, Vec<String>);

fn unify_key(full: &str) -> UnifyKey {
    let name = StreetName::parse(full);
    let mut words = name.words;
    words.sort();
    (name.kind.filter(|k| k.is_square()), words)
}

/// Names the links of a merged network and fills its civic numbers. `shapes_by_link` is what
/// [`crate::from_shapes()`] returned; links may be cut where a street ends between two junctions.
pub fn name_from_stops(
    network: &mut Network,
    shapes_by_link: &[Vec<usize>],
    stops: &[StopEvidence],
    hints: &NamingHints,
) -> NamingReport {
    let streets: Vec<(String, Option<String>)> = stops.iter().map(|s| split_stop_name(&s.name)).collect();
    let restorer = Restorer::new(hints, streets.iter().map(|s| s.0.as_str()));
    let mut report = NamingReport::default();
    let mut votes: Vec<Vec<evidence::Vote>> = vec![Vec::new(); network.links.len()];
    let finder = evidence::Finder::new(network);
    let mut numbers = Vec::new();
    for (stop, (street, number)) in stops.iter().zip(&streets) {
        let restored = restorer.restore(street);
        let place = finder.link_of(stop, shapes_by_link);
        let (Some((name, by_acts)), Some((link, along))) = (restored, place) else {
            report.stops_left_out += 1;
            continue;
        };
        report.stops_used += 1;
        votes[link].push(evidence::Vote {
            along,
            name: name.clone(),
            by_acts,
        });
        if let Some(number) = number {
            numbers.push(HouseNumber {
                number: number.clone(),
                street: name,
                lon: stop.lon,
                lat: stop.lat,
                source: format!("stop {}", stop.id),
            });
        }
    }
    network.house_numbers = numbers;
    evidence::assign(network, votes);
    report.anchors_left_out = evidence::anchor(network, &hints.anchors);
    spread::spread(network);
    for (class, streets) in &hints.classes {
        for link in &mut network.links {
            if link.name.as_ref().is_some_and(|n| streets.contains(n)) {
                link.class = *class;
            }
        }
    }
    network.canonicalise();
    report.house_numbers = network.house_numbers.len();
    report.named_share = network.named_share();
    report.streets = network
        .links
        .iter()
        .filter_map(|l| l.name.as_deref())
        .collect::<BTreeSet<_>>()
        .len();
    for link in &network.links {
        let source = match link.name_source {
            Some(source) => serde_json::to_value(source)
                .ok()
                .and_then(|v| v.as_str().map(str::to_owned)),
            None => Some("none".to_owned()),
        };
        *report.km_by_source.entry(source.unwrap_or_default()).or_default() += link.length_m / 1000.0;
    }
    report
}

#[cfg(test)]
mod tests;

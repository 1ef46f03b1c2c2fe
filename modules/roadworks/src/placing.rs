//! Places of acts on the street network.

use std::collections::BTreeMap;

use bisenzio_kernel::{Problem, TenantId, slug};
use bisenzio_store::Tx;
use bisenzio_streets::geometry::{Projection, length, sub_line};
use bisenzio_streets::locate::{Explanation, Unmatched};
use bisenzio_streets::model::round6;
use bisenzio_streets::names::Aliases;
use bisenzio_streets::{LinkSpan, Locator, Network, Outcome};
use bisenzio_territory::Streets;
use std::sync::Arc;

use crate::model::{Precision, Spot};

/// The streets of a city and what people call them.
#[derive(Clone, Default)]
pub struct Ground {
    pub network: Arc<Network>,
    pub aliases: Aliases,
}

impl Ground {
    /// The ground as it stands in this transaction.
    ///
    /// # Errors
    /// 500 when the store fails.
    pub fn of(streets: &Streets, tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Self, Problem> {
        let territory = streets.territory(tx, tenant)?;
        // The file was checked when it was loaded; a city without aliases has none.
        let aliases = toml::from_str(&territory.aliases).unwrap_or_default();
        Ok(Self {
            network: territory.network.clone(),
            aliases,
        })
    }

    pub fn locator(&self) -> Locator<'_> {
        Locator::new(&self.network, &self.aliases)
    }

    /// The lines of some links, by their identifiers; unknown ones are left out.
    pub fn by_hand(&self, ids: &[String]) -> Option<Spot> {
        let links: Vec<usize> = ids
            .iter()
            .filter_map(|id| self.network.links.iter().position(|link| link.id == *id))
            .collect();
        if links.is_empty() {
            return None;
        }
        let mut streets: Vec<String> = Vec::new();
        for name in links.iter().filter_map(|&i| self.network.links[i].name.clone()) {
            if !streets.contains(&name) {
                streets.push(name);
            }
        }
        Some(Spot {
            precision: Precision::PlacedByHand,
            it: "Tratto indicato sulla mappa dall'ufficio.".into(),
            en: "Stretch pointed out on the map by the office.".into(),
            streets,
            lines: join(
                links
                    .iter()
                    .map(|&i| self.network.links[i].geometry.clone())
                    .collect(),
            ),
            links: links.iter().map(|&i| self.network.links[i].id.clone()).collect(),
        })
    }

    /// Whether links hang together, each reachable from each over their ends; none and one do.
    pub fn connected(&self, ids: &[String]) -> bool {
        let mut rest: Vec<(usize, usize)> = self
            .network
            .links
            .iter()
            .filter(|link| ids.contains(&link.id))
            .map(|link| (link.from, link.to))
            .collect();
        let Some((from, to)) = rest.pop() else {
            return true;
        };
        let mut reached = vec![from, to];
        while let Some(at) = rest
            .iter()
            .position(|(from, to)| reached.contains(from) || reached.contains(to))
        {
            let (from, to) = rest.swap_remove(at);
            reached.extend([from, to]);
        }
        rest.is_empty()
    }

    /// Names of links by their identifiers, of those that have one.
    pub fn names_of(&self, ids: &[String]) -> BTreeMap<String, String> {
        self.network
            .links
            .iter()
            .filter(|link| ids.contains(&link.id))
            .filter_map(|link| Some((link.id.clone(), link.name.clone()?)))
            .collect()
    }

    /// Streets of the network that a text may mean: the one it is about or those most like it, then every street
    /// that it names in full.
    pub fn meant(&self, street: Option<&str>, text: &str) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        match street.map(|street| self.locator().locate(street, None)) {
            Some(Outcome::Located(found)) => out.extend(found.streets),
            Some(Outcome::Unmatched(
                Unmatched::Unknown { candidates } | Unmatched::Ambiguous { candidates },
            )) => out.extend(candidates.into_iter().take(3).map(|c| c.name)),
            _ => {}
        }
        let text = format!("-{}-", slug(text));
        for (key, (name, _)) in self.streets() {
            if text.contains(&format!("-{key}-")) && !out.contains(&name) {
                out.push(name);
            }
        }
        out
    }

    /// Lines of the links of some streets, by name.
    pub fn lines_of(&self, names: &[String]) -> Vec<Vec<[f64; 2]>> {
        self.network
            .links
            .iter()
            .filter(|link| link.name.as_ref().is_some_and(|name| names.contains(name)))
            .map(|link| link.geometry.clone())
            .collect()
    }

    /// Links of a street by its slug.
    pub fn links_of(&self, street: &str) -> Vec<String> {
        self.network
            .links
            .iter()
            .filter(|link| link.name.as_deref().is_some_and(|name| slug(name) == street))
            .map(|link| link.id.clone())
            .collect()
    }

    /// Names of the streets by slug, with their length in metres.
    pub fn streets(&self) -> BTreeMap<String, (String, f64)> {
        let mut out: BTreeMap<String, (String, f64)> = BTreeMap::new();
        for link in &self.network.links {
            if let Some(name) = &link.name {
                out.entry(slug(name)).or_insert_with(|| (name.clone(), 0.0)).1 += link.length_m;
            }
        }
        out
    }
}

/// Looks up a street and stretch. Never guesses: what is not found says why.
pub fn place(locator: &Locator<'_>, network: &Network, street: Option<&str>, stretch: Option<&str>) -> Spot {
    let Some(street) = street else {
        return unmatched(
            "Il testo conservato non nomina la strada.",
            "The stored text does not name the street.",
        );
    };
    match locator.locate(street, stretch) {
        Outcome::Located(found) => {
            let (it, en) = explain(&found.explanation);
            let precision = match found.precision {
                bisenzio_streets::Precision::Stretch => Precision::Stretch,
                bisenzio_streets::Precision::WholeStreet => Precision::WholeStreet,
            };
            let mut links: Vec<String> = found
                .links
                .iter()
                .map(|s| network.links[s.link].id.clone())
                .collect();
            links.dedup();
            Spot {
                precision,
                it,
                en,
                streets: found.streets,
                links,
                lines: lines(network, &found.links),
            }
        }
        Outcome::Unmatched(Unmatched::NoStreet) => unmatched(
            "Il testo non indica una strada della rete.",
            "The text names no street of the network.",
        ),
        Outcome::Unmatched(Unmatched::Unknown { candidates }) => {
            let near = candidates
                .iter()
                .take(3)
                .map(|c| c.name.clone())
                .collect::<Vec<_>>()
                .join(", ");
            if near.is_empty() {
                unmatched(
                    "La strada non è nella rete stradale caricata.",
                    "The street is not in the loaded network.",
                )
            } else {
                unmatched(
                    &format!("La strada non è nella rete stradale caricata. Nomi simili: {near}."),
                    &format!("The street is not in the loaded network. Similar names: {near}."),
                )
            }
        }
        Outcome::Unmatched(Unmatched::Ambiguous { candidates }) => {
            let names = candidates
                .iter()
                .map(|c| c.name.clone())
                .collect::<Vec<_>>()
                .join(", ");
            unmatched(
                &format!("Più strade possono essere quella indicata: {names}."),
                &format!("Several streets may be the one that is meant: {names}."),
            )
        }
    }
}

fn unmatched(it: &str, en: &str) -> Spot {
    Spot {
        it: it.to_owned(),
        en: en.to_owned(),
        ..Spot::default()
    }
}

fn explain(why: &Explanation) -> (String, String) {
    match why {
        Explanation::Between { from, to } => (
            format!("Tratto trovato tra {from} e {to}."),
            format!("Stretch found between {from} and {to}."),
        ),
        Explanation::At { place } => (
            format!("Punto trovato: {place}."),
            format!("Spot found: {place}."),
        ),
        Explanation::NoStretch => (
            "L'atto non indica un tratto: è segnata tutta la strada.".into(),
            "No stretch is told: the whole street is marked.".into(),
        ),
        Explanation::NotUnderstood { text } => (
            format!("Tratto non riconosciuto («{text}»): è segnata tutta la strada."),
            format!("Stretch not understood (\"{text}\"): the whole street is marked."),
        ),
        Explanation::PlaceNotFound { place } => (
            format!("«{place}» non si trova sulla rete: è segnata tutta la strada."),
            format!("\"{place}\" is not found on the network: the whole street is marked."),
        ),
        Explanation::NoWayBetween { from, to } => (
            format!(
                "Tra {from} e {to} la rete non ha un percorso lungo la strada: è segnata tutta la strada."
            ),
            format!(
                "The network has no way along the street between {from} and {to}: the whole street is marked."
            ),
        ),
    }
}

/// The parts of links as lines of degrees, those that meet end to end joined.
fn lines(network: &Network, spans: &[LinkSpan]) -> Vec<Vec<[f64; 2]>> {
    let pieces = spans.iter().filter_map(|span| {
        let geometry = &network.links.get(span.link)?.geometry;
        let (low, high) = (
            span.from_fraction.min(span.to_fraction),
            span.from_fraction.max(span.to_fraction),
        );
        if low <= 0.0 && high >= 1.0 {
            return Some(geometry.clone());
        }
        let projection = Projection::around(*geometry.first()?);
        let metres: Vec<_> = geometry.iter().map(|p| projection.project(*p)).collect();
        let whole = length(&metres);
        let part = sub_line(&metres, low * whole, high * whole);
        let line: Vec<[f64; 2]> = part
            .iter()
            .map(|p| projection.unproject(*p))
            .map(|[x, y]| [round6(x), round6(y)])
            .collect();
        (line.len() >= 2).then_some(line)
    });
    join(pieces.collect())
}

/// Joins lines whose end is another's start, so that a street is one line and not one per block.
fn join(pieces: Vec<Vec<[f64; 2]>>) -> Vec<Vec<[f64; 2]>> {
    let mut out: Vec<Vec<[f64; 2]>> = Vec::new();
    for mut piece in pieces {
        while let Some(at) = out.iter().position(|line| touches(line, &piece)) {
            piece = merged(out.remove(at), piece);
        }
        out.push(piece);
    }
    out
}

fn touches(a: &[[f64; 2]], b: &[[f64; 2]]) -> bool {
    let ends = |line: &[[f64; 2]]| [line.first().copied(), line.last().copied()];
    ends(a).iter().any(|end| end.is_some() && ends(b).contains(end))
}

fn merged(mut a: Vec<[f64; 2]>, mut b: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    if a.last() != b.first() {
        if a.last() == b.last() {
            b.reverse();
        } else if a.first() == b.first() {
            a.reverse();
        } else {
            std::mem::swap(&mut a, &mut b);
        }
    }
    a.extend(b.into_iter().skip(1));
    a
}

/// A GeoJSON geometry (RFC 7946) of some lines; `None` for none.
pub fn geojson(lines: &[Vec<[f64; 2]>]) -> Option<serde_json::Value> {
    match lines {
        [] => None,
        [line] => Some(serde_json::json!({ "type": "LineString", "coordinates": line })),
        many => Some(serde_json::json!({ "type": "MultiLineString", "coordinates": many })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_meet_become_one() {
        let (a, b, c, d) = ([0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [9.0, 9.0]);
        assert_eq!(join(vec![vec![b, a], vec![b, c]]).len(), 1);
        assert_eq!(join(vec![vec![a, b], vec![c, b]])[0].len(), 3);
        assert_eq!(join(vec![vec![a, b], vec![d, [8.0, 8.0]], vec![b, c]]).len(), 2);
        assert_eq!(geojson(&[]), None);
    }
}

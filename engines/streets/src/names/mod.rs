//! Italian street names: normal form, comparison, aliases.
//!
//! A name is a type ("Via", "Piazza") and words. Comparison forgives what offices vary: given names left out
//! ("Via Matteotti"), abbreviations ("S.", "F.lli", "L. da Vinci"), order ("Cervi F.lli"), articles, numerals
//! and one slip of the pen. It never decides between two streets: [`Resolution::Ambiguous`] lists them.

mod compare;
mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use compare::similarity;
pub use text::{StreetName, StreetType, proper};

/// Confidence from which a candidate counts as the street that is meant.
pub const CERTAIN: f64 = 0.75;
/// Confidence below which a candidate is not worth listing.
pub const PLAUSIBLE: f64 = 0.5;
/// A second candidate this close to the first makes the answer ambiguous.
const MARGIN: f64 = 0.05;

/// A street that may be meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub name: String,
    /// 0 to 1.
    pub confidence: f64,
}

/// What a name resolves to among known streets.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// One street, or the several streets an alias stands for.
    Found {
        streets: Vec<String>,
        confidence: f64,
        by_alias: Option<String>,
    },
    /// Several streets fit equally well; a person must choose.
    Ambiguous(Vec<Candidate>),
    /// Nothing fits; near misses may help a person.
    Unknown(Vec<Candidate>),
}

/// What people call streets, and the streets they mean: "Declassata" is "Viale Leonardo da Vinci".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Aliases {
    #[serde(default, rename = "alias")]
    pub entries: Vec<Alias>,
}

/// One alias.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alias {
    /// As people write it.
    pub name: String,
    /// The streets it stands for, in their proper form.
    pub streets: Vec<String>,
}

/// Known streets, ready to be compared with.
#[derive(Debug, Clone, Default)]
pub struct Gazetteer {
    known: Vec<(String, StreetName)>,
    aliases: BTreeMap<String, (String, Vec<String>)>,
}

impl Gazetteer {
    /// A gazetteer of street names (duplicates are harmless) and aliases.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>, aliases: &Aliases) -> Self {
        let distinct: std::collections::BTreeSet<&str> = names.into_iter().collect();
        let known = distinct
            .into_iter()
            .map(|n| (n.to_owned(), StreetName::parse(n)))
            .collect();
        let aliases = aliases
            .entries
            .iter()
            .map(|a| (text::alias_key(&a.name), (a.name.clone(), a.streets.clone())))
            .filter(|(key, _)| !key.is_empty())
            .collect();
        Self { known, aliases }
    }

    /// Every known street that may be meant, the most likely first, from [`PLAUSIBLE`] on.
    pub fn candidates(&self, name: &str) -> Vec<Candidate> {
        let wanted = StreetName::parse(name);
        let mut found: Vec<Candidate> = self
            .known
            .iter()
            .map(|(known, parsed)| Candidate {
                name: known.clone(),
                confidence: similarity(&wanted, parsed),
            })
            .filter(|c| c.confidence >= PLAUSIBLE)
            .collect();
        found.sort_by(|a, b| {
            b.confidence
                .total_cmp(&a.confidence)
                .then_with(|| a.name.cmp(&b.name))
        });
        found
    }

    /// The street that is meant, never a silent guess between two.
    pub fn resolve(&self, name: &str) -> Resolution {
        if let Some((alias, streets)) = self.aliases.get(&text::alias_key(name)) {
            return Resolution::Found {
                streets: streets.clone(),
                confidence: 1.0,
                by_alias: Some(alias.clone()),
            };
        }
        let candidates = self.candidates(name);
        match candidates.as_slice() {
            [best, second, ..]
                if best.confidence >= CERTAIN && second.confidence > best.confidence - MARGIN =>
            {
                let limit = best.confidence - MARGIN;
                Resolution::Ambiguous(candidates.into_iter().filter(|c| c.confidence > limit).collect())
            }
            [best, ..] if best.confidence >= CERTAIN => Resolution::Found {
                streets: vec![best.name.clone()],
                confidence: best.confidence,
                by_alias: None,
            },
            _ => Resolution::Unknown(candidates.into_iter().take(5).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prato() -> Gazetteer {
        let alias = |name: &str, streets: &[&str]| Alias {
            name: name.into(),
            streets: streets.iter().map(|s| (*s).to_owned()).collect(),
        };
        let aliases = Aliases {
            entries: vec![
                alias("Declassata", &["Viale Leonardo da Vinci"]),
                alias(
                    "Tangenziale",
                    &[
                        "Viale Nam Dinh",
                        "Viale Fratelli Cervi",
                        "Viale Sedici Aprile 1992",
                    ],
                ),
            ],
        };
        let names = [
            "Via Giacomo Matteotti",
            "Via San Giorgio",
            "Via Santa Gonda",
            "Viale Nam Dinh",
            "Via Cava",
            "Viale Leonardo da Vinci",
            "Viale Sedici Aprile 1992",
            "Viale Fratelli Cervi",
            "Via Cervi",
            "Via Atto Vannucci",
            "Piazza Luca Vannucci",
            "Via della Chiesa di Grignano",
            "Piazza Grignano",
            "Via Roma",
            "Via di Vergaio",
            "Via Guido De Ruggiero",
            "Viale Vittorio Veneto",
            "Via XX Settembre",
            "Via delle Fonti",
        ];
        Gazetteer::new(names, &aliases)
    }

    fn found(name: &str) -> Option<String> {
        match prato().resolve(name) {
            Resolution::Found { streets, .. } => Some(streets.join(" + ")),
            _ => None,
        }
    }

    #[test]
    fn the_usual_variants_find_their_street() {
        for (written, street) in [
            ("Via Matteotti", "Via Giacomo Matteotti"),
            ("via G. Matteotti", "Via Giacomo Matteotti"),
            ("VIA MATTEOTTI GIACOMO", "Via Giacomo Matteotti"),
            ("Via S. Giorgio", "Via San Giorgio"),
            ("via S.Gonda", "Via Santa Gonda"),
            ("Nam Dihn", "Viale Nam Dinh"),
            ("v.le L. da Vinci", "Viale Leonardo da Vinci"),
            ("viale da Vinci", "Viale Leonardo da Vinci"),
            ("la Declassata", "Viale Leonardo da Vinci"),
            ("viale 16 Aprile 1992", "Viale Sedici Aprile 1992"),
            ("Viale Cervi F.lli", "Viale Fratelli Cervi"),
            ("Via Vergaio", "Via di Vergaio"),
            ("via Venti Settembre", "Via XX Settembre"),
            ("v.le V. Veneto", "Viale Vittorio Veneto"),
            ("via de Ruggiero", "Via Guido De Ruggiero"),
            (
                "Tangenziale",
                "Viale Nam Dinh + Viale Fratelli Cervi + Viale Sedici Aprile 1992",
            ),
        ] {
            assert_eq!(found(written).as_deref(), Some(street), "{written}");
        }
    }

    #[test]
    fn different_streets_stay_different() {
        for written in [
            "Via Grignano",
            "Via Romagna",
            "Via Giorgio",
            "Via Carlo Vannucci",
            "Via Fontana",
            "Via Vannucchi",
            "",
        ] {
            assert_eq!(found(written), None, "{written}");
        }
        assert_eq!(
            found("Via Vannucci").as_deref(),
            Some("Via Atto Vannucci"),
            "the type decides"
        );
    }

    #[test]
    fn two_equal_streets_are_never_chosen_between() {
        let two = Gazetteer::new(["Via Carlo Rosselli", "Via Nello Rosselli"], &Aliases::default());
        let Resolution::Ambiguous(candidates) = two.resolve("Via Rosselli") else {
            panic!("a guess")
        };
        assert_eq!(candidates.len(), 2);
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_comparison(a in "\\PC{0,40}", b in "\\PC{0,40}") {
            let (x, y) = (StreetName::parse(&a), StreetName::parse(&b));
            let s = similarity(&x, &y);
            prop_assert!((0.0..=1.0).contains(&s));
            proper(&a, None);
            prato().resolve(&a);
        }

        #[test]
        fn every_name_resembles_itself(words in "[A-Z][a-z]{2,9}( [A-Z][a-z]{2,9}){0,3}") {
            let name = StreetName::parse(&format!("Via {words}"));
            prop_assert!(similarity(&name, &name) > 0.99);
        }
    }
}

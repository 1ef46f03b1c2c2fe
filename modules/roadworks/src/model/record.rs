//! The records of a city folder (`roadworks/{ordinances,notices}.jsonl`): facts read off acts and notices,
//! one JSON object per line.

use serde::{Deserialize, Serialize};

use super::Moment;
use super::act_type::{ActType, Kind};
use super::number::ActNumber;

/// One ordinance. Members that are not told are `null` or absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ordinance {
    /// Unique in the archive, such as "2008-114".
    pub id: String,
    pub url: String,
    pub archive_year: i16,
    pub archive_id: u32,
    /// As published, such as "345/2008".
    #[serde(default)]
    pub number: Option<String>,
    /// Worked out from the archive, where the act's own header is missing.
    #[serde(default)]
    pub inferred_number: Option<String>,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub subject_summary: Option<String>,
    /// Who signs: "dirigente", "sindaco".
    #[serde(default)]
    pub authority: Option<String>,
    pub act_type: ActType,
    #[serde(default)]
    pub permanent: bool,
    pub kind: Kind,
    #[serde(default)]
    pub requester: Option<String>,
    #[serde(default)]
    pub applicant_company: Option<String>,
    #[serde(default)]
    pub contractor: Option<String>,
    #[serde(default)]
    pub protocols: Vec<Protocol>,
    #[serde(default)]
    pub refers_to: Vec<Reference>,
    #[serde(default)]
    pub measures: Vec<MeasureRecord>,
    /// The end that an extension moves.
    #[serde(default)]
    pub previous_end: Option<Moment>,
    #[serde(default)]
    pub event_date: Option<Moment>,
    #[serde(default)]
    pub event_window: Option<(Moment, Moment)>,
    #[serde(default)]
    pub complete: bool,
    /// The street lines are missing from the stored text.
    #[serde(default)]
    pub lines_stripped: bool,
    /// A remark of who read the act, in the city's language.
    #[serde(default)]
    pub notes: Option<String>,
}

impl Ordinance {
    /// The published number, or else the inferred one (`true`).
    pub fn number(&self) -> Option<(ActNumber, bool)> {
        let read = |text: &Option<String>| text.as_deref().and_then(ActNumber::parse);
        read(&self.number)
            .map(|n| (n, false))
            .or_else(|| read(&self.inferred_number).map(|n| (n, true)))
    }

    /// The year under which it is listed.
    pub fn year(&self) -> i16 {
        self.number().map_or(self.archive_year, |(number, _)| number.year)
    }

    /// Last part of its address: the number, or "archivio-1513" where no number is known.
    pub fn slug(&self) -> String {
        self.number().map_or_else(
            || format!("archivio-{}", self.archive_id),
            |(n, _)| n.seq.to_string(),
        )
    }

    pub fn path(&self) -> String {
        format!("/ordinanze/{}/{}", self.year(), self.slug())
    }

    /// "345/2008", "530/2008" or "senza numero (archivio 2009, 1513)".
    pub fn label(&self, lang: bisenzio_kernel::Lang) -> String {
        match self.number() {
            Some((number, _)) => number.to_string(),
            None => format!(
                "{} ({} {}, {})",
                lang.t("senza numero", "without number"),
                lang.t("archivio", "archive"),
                self.archive_year,
                self.archive_id
            ),
        }
    }

    pub fn title(&self) -> &str {
        self.title
            .as_deref()
            .or(self.subject_summary.as_deref())
            .unwrap_or_default()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Protocol {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub number: Option<String>,
    #[serde(default)]
    pub date: Option<Moment>,
    #[serde(default, rename = "of")]
    pub sender: Option<String>,
}

/// Another act that an act names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    pub number: String,
    pub relation: String,
    #[serde(default)]
    pub date: Option<Moment>,
}

/// How one act stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    Extends,
    Integrates,
    /// Integrates by putting a point in the place of another.
    Replaces,
    Amends,
    Revokes,
    /// An earlier act of the same work.
    Earlier,
    /// Named, without being part of the same work.
    Cites,
}

impl Reference {
    pub fn relation(&self) -> Relation {
        let words = self.relation.trim();
        if words.starts_with("extends") {
            Relation::Extends
        } else if words.starts_with("integrates") {
            if words.contains("replace") {
                Relation::Replaces
            } else {
                Relation::Integrates
            }
        } else if words.starts_with("revokes") {
            Relation::Revokes
        } else if words.starts_with("amends") {
            Relation::Amends
        } else if words.starts_with("earlier") || words.starts_with("original") {
            Relation::Earlier
        } else {
            Relation::Cites
        }
    }

    /// The two acts are about the same work.
    pub fn is_chain(&self) -> bool {
        self.relation() != Relation::Cites
    }
}

/// One line of an act or notice.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MeasureRecord {
    #[serde(default)]
    pub street: Option<String>,
    #[serde(default)]
    pub stretch: Option<String>,
    /// Code of the vocabulary in `measure.rs`.
    #[serde(default)]
    pub measure: Option<String>,
    #[serde(default)]
    pub exceptions: Option<String>,
    #[serde(default)]
    pub from: Option<Moment>,
    #[serde(default)]
    pub to: Option<Moment>,
    #[serde(default)]
    pub until_end_of_works_not_beyond: bool,
    #[serde(default)]
    pub not_beyond: bool,
    #[serde(default)]
    pub until_end_of_works: bool,
    #[serde(default)]
    pub until_needs_cease: bool,
    #[serde(default)]
    pub sides: Option<String>,
    #[serde(default)]
    pub area: Option<String>,
    #[serde(default)]
    pub direction: Option<String>,
    #[serde(default)]
    pub daily_hours: Option<String>,
    #[serde(default)]
    pub street_source: Option<String>,
    #[serde(default)]
    pub confirmed_from: Option<String>,
    #[serde(default)]
    pub phase: Option<u8>,
    #[serde(default)]
    pub cause: Option<String>,
    #[serde(default)]
    pub regulated_by: Option<String>,
    #[serde(default)]
    pub note: Option<String>,
}

/// A press notice about works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub id: String,
    pub url: String,
    #[serde(default)]
    pub published: Option<Moment>,
    pub title: String,
    pub kind: Kind,
    /// What is done, in a few words.
    #[serde(default)]
    pub works: Option<String>,
    /// The network it is done to: "acqua", "gas", "strada".
    #[serde(default)]
    pub network: Option<String>,
    /// Number of the ordinance, where the notice names it.
    #[serde(default)]
    pub ordinance: Option<String>,
    #[serde(default)]
    pub applicant_company: Option<String>,
    #[serde(default)]
    pub measures: Vec<MeasureRecord>,
    #[serde(default)]
    pub detours: Vec<String>,
    #[serde(default)]
    pub bus: Option<BusNote>,
    #[serde(default)]
    pub complete: bool,
    #[serde(default)]
    pub notes: Option<String>,
}

/// A bus line that goes another way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BusNote {
    pub line: String,
    #[serde(default)]
    pub via: Option<String>,
}

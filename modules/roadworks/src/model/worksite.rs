//! A worksite (`cantiere`): one work, from the chain of acts and notices that speak of it.

use serde::{Deserialize, Serialize};

use super::record::{BusNote, Relation};
use super::{ActType, Kind, Moment, Remark};

/// Everything known of one work, as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Worksite {
    pub kind: Kind,
    /// Title of the newest act or notice that has one.
    pub title: String,
    /// What is done: "sostituzione tubazioni rete gas".
    pub works: Option<String>,
    /// "acqua", "gas", "strada" ...
    pub network: Option<String>,
    pub companies: Companies,
    pub places: Vec<Place>,
    pub measures: Vec<Measure>,
    pub period: Period,
    pub chain: Vec<ChainStep>,
    pub notices: Vec<NoticeLink>,
    pub detours: Vec<String>,
    pub bus: Vec<BusNote>,
    pub remarks: Vec<Remark>,
}

/// Who asks, who works, as the acts name them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Companies {
    pub applicant: Option<String>,
    pub contractor: Option<String>,
    pub requester: Option<String>,
}

/// A street or a stretch of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// As the act writes it; `None` when the line is missing from the stored text.
    pub street: Option<String>,
    pub stretch: Option<String>,
    /// Highest severity of its measures, 1 to 3.
    pub severity: u8,
    /// Where on the network; filled when it is looked up.
    #[serde(default)]
    pub spot: Spot,
}

impl Place {
    /// "Via Pistoiese, tra via Marini e via Orti del Pero"
    pub fn label(&self) -> Option<String> {
        let street = self.street.as_deref()?;
        Some(match self.stretch.as_deref() {
            Some(stretch) => format!("{street}, {}", super::wording::stretch(stretch)),
            None => street.to_owned(),
        })
    }

    /// Stable within its worksite: the same words are the same place after every import.
    pub fn key(&self) -> String {
        let part = |text: &Option<String>| text.as_deref().map(bisenzio_kernel::slug).unwrap_or_default();
        format!("{}/{}", part(&self.street), part(&self.stretch))
    }
}

/// How exactly a place is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// The stretch itself.
    Stretch,
    /// The whole street, because the stretch could not be found or is not told.
    WholeStreet,
    /// An officer pointed it out.
    PlacedByHand,
    /// An area ("the whole municipality", a limited-traffic zone): no street to be found.
    NotAStreet,
    #[default]
    Unmatched,
}

impl Precision {
    pub const ALL: [Precision; 5] = [
        Precision::Stretch,
        Precision::WholeStreet,
        Precision::PlacedByHand,
        Precision::NotAStreet,
        Precision::Unmatched,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Precision::Stretch => "stretch",
            Precision::WholeStreet => "whole-street",
            Precision::PlacedByHand => "placed-by-hand",
            Precision::NotAStreet => "not-a-street",
            Precision::Unmatched => "unmatched",
        }
    }

    pub fn parse(text: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|p| p.as_str() == text)
            .unwrap_or_default()
    }
}

/// A place on the street network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spot {
    pub precision: Precision,
    /// Why it lies there, or why it could not be found.
    pub it: String,
    pub en: String,
    /// Names of the streets, in the network's form.
    pub streets: Vec<String>,
    /// Identifiers of the network's links that it touches.
    pub links: Vec<String>,
    /// Lines of `[lon, lat]` in degrees (WGS 84).
    pub lines: Vec<Vec<[f64; 2]>>,
}

/// A measure in force for some time at one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// Code of the vocabulary; empty when the excerpt does not tell it.
    pub code: String,
    /// Index into the worksite's places.
    pub place: usize,
    pub exceptions: Option<String>,
    pub side: Option<String>,
    pub direction: Option<String>,
    /// "07:30-18:30"
    pub hours: Option<String>,
    pub from: Option<Moment>,
    pub to: Option<Moment>,
    pub end_words: EndWords,
    pub phase: Option<u8>,
    pub note: Option<String>,
    /// Label of the act or notice that orders it.
    pub source: String,
    /// Label of the act that took it away or replaced it.
    pub ended_by: Option<String>,
}

/// How the source words an end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndWords {
    /// On the day told.
    #[default]
    Plain,
    /// With the works, on the day told at the latest.
    EndOfWorksNotBeyond,
    /// On the day told at the latest.
    NotBeyond,
    /// With the works; no day told.
    EndOfWorks,
    /// While there is need.
    WhileNeeded,
}

/// The period really in force, with how its start is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Period {
    pub start: Option<Moment>,
    pub start_basis: StartBasis,
    pub end: Option<Moment>,
    pub end_words: EndWords,
    /// Has begun and no act tells when it ends.
    pub open_end: bool,
    pub permanent: bool,
    /// From this day nothing of it is in force, by the act named.
    pub revoked: Option<(Moment, String)>,
    /// Days on which it is suspended.
    pub suspended: Vec<(Moment, Moment)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartBasis {
    #[default]
    Unknown,
    Stated,
    /// Day or hours of the event it is for.
    Event,
    /// In force on this day at the latest: the end that the extension moves.
    PreviousEnd,
    /// Day on which the act was asked for.
    Request,
}

/// One act of a chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChainStep {
    /// Identifier in the archive; `None` when the act is only named by another.
    pub id: Option<String>,
    /// "3264/2014", or how an act without number is called.
    pub label: String,
    pub number_inferred: bool,
    pub act_type: Option<ActType>,
    /// What it does to the act named: ("2338/2014", extends).
    pub relations: Vec<(String, Relation)>,
    pub date: Option<Moment>,
    /// The end that this act sets, where it tells one.
    pub end: Option<Moment>,
    pub previous_end: Option<Moment>,
    pub title: String,
    /// Path of its page.
    pub path: Option<String>,
    /// Where the source is published.
    pub url: Option<String>,
}

/// A notice that speaks of this work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeLink {
    pub id: String,
    pub title: String,
    pub url: String,
    pub published: Option<Moment>,
    /// The notice does not name the ordinance: it was told by street and dates.
    pub inferred: bool,
}

impl Worksite {
    /// Highest severity among its places.
    pub fn severity(&self) -> u8 {
        self.places.iter().map(|p| p.severity).max().unwrap_or(1)
    }

    /// The place to name first: the most severe, then the one with a stretch, then the first.
    pub fn main_place(&self) -> Option<usize> {
        (0..self.places.len())
            .filter(|&i| self.places[i].street.is_some())
            .max_by_key(|&i| {
                let place = &self.places[i];
                (place.severity, place.stretch.is_some(), std::cmp::Reverse(i))
            })
    }

    pub fn contradictions(&self) -> usize {
        self.remarks.iter().filter(|r| r.is_contradiction()).count()
    }
}

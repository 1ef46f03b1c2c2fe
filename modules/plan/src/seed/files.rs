//! The files' own form: what may stand in them, and nothing else.

use bisenzio_kernel::PartialDate;
use jiff::civil::Date;
use serde::Deserialize;

use crate::model::{Aggregate, Column, Filter};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    pub plan: PlanHead,
    #[serde(default)]
    pub section: Vec<SectionFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanHead {
    pub id: String,
    pub title: String,
    pub approved: PartialDate,
    pub approved_by: String,
    #[serde(default)]
    pub description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionFile {
    pub number: String,
    pub title: String,
    #[serde(default)]
    pub intro: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditionFile {
    pub year: i64,
    pub title: String,
    pub period_from: Date,
    pub period_to: Date,
    #[serde(default)]
    pub premise: Vec<String>,
    #[serde(default)]
    pub credit: Vec<CreditFile>,
    pub published: Option<PartialDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditFile {
    pub name: String,
    pub role: String,
    pub organisation: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectFile {
    pub project: ProjectHead,
    #[serde(default)]
    pub partner: Vec<PartnerFile>,
    #[serde(default)]
    pub event: Vec<EventFile>,
    #[serde(default)]
    pub action: Vec<ActionFile>,
    #[serde(default)]
    pub figure: Vec<FigureFile>,
    #[serde(default)]
    pub collection: Vec<CollectionFile>,
    #[serde(default)]
    pub indicator: Vec<IndicatorFile>,
    #[serde(default)]
    pub discrepancy: Vec<DiscrepancyFile>,
    #[serde(default)]
    pub link: Vec<LinkFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectHead {
    pub id: String,
    pub code: Option<String>,
    pub number: String,
    pub section: String,
    pub title: String,
    pub kind: String,
    pub state: String,
    #[serde(default)]
    pub summary: Vec<String>,
    pub smart_field: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerFile {
    pub organisation: String,
    pub entity: Option<String>,
    #[serde(default)]
    pub role: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventFile {
    pub id: String,
    pub date: PartialDate,
    pub until: Option<PartialDate>,
    pub kind: String,
    pub title: String,
    #[serde(default)]
    pub text: String,
    pub place: Option<String>,
    #[serde(default)]
    pub entities: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionFile {
    pub id: String,
    #[serde(default)]
    pub group: String,
    pub title: String,
    pub state: String,
    #[serde(default)]
    pub text: String,
    pub entity: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureFile {
    pub id: String,
    pub label: String,
    pub value: f64,
    #[serde(default)]
    pub unit: String,
    #[serde(default)]
    pub text: String,
    pub date: Option<PartialDate>,
    /// "2021-09-20/2021-12-23" (ISO 8601 interval).
    pub period: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionFile {
    pub id: String,
    pub title: String,
    #[serde(default)]
    pub intro: String,
    #[serde(rename = "type")]
    pub entity_type: String,
    #[serde(rename = "where", default)]
    pub filter: Filter,
    pub columns: Vec<Column>,
    pub group_by: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorFile {
    pub id: String,
    pub label: String,
    #[serde(default)]
    pub unit: String,
    pub declared: Option<f64>,
    #[serde(default)]
    pub source: String,
    pub note: Option<String>,
    pub computed: Option<ComputedFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComputedFile {
    /// "graph" or "<module>.<indicator>".
    pub by: String,
    #[serde(rename = "type")]
    pub entity_type: Option<String>,
    #[serde(rename = "where", default)]
    pub filter: Filter,
    pub aggregate: Option<Aggregate>,
    pub attribute: Option<String>,
    pub date: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscrepancyFile {
    pub id: String,
    pub title: String,
    pub text: String,
    pub declared: String,
    pub found: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkFile {
    pub title: String,
    pub url: String,
}

/// `graph/*.toml`: entities, with a type of their own or the file's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphFile {
    #[serde(rename = "type")]
    pub entity_type: Option<String>,
    #[serde(default)]
    pub entity: Vec<toml::Table>,
}

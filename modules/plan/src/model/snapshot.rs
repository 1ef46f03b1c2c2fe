//! The whole plan of one year as readers see it.

use bisenzio_kernel::{Micros, PartialDate};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Indicator, Project};

/// Made from the tables and the graph while the edition is a draft; stored as JSON when it is frozen, and
/// read from there ever after. Pages, comparison and the note read nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Snapshot {
    pub city: String,
    pub organisation: String,
    pub plan: Plan,
    pub edition: Edition,
    pub sections: Vec<Section>,
    /// In the order of the note.
    pub projects: Vec<Project>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Plan {
    pub id: String,
    pub title: String,
    #[schema(value_type = String)]
    pub approved: PartialDate,
    pub approved_by: String,
    pub description: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Section {
    pub number: String,
    pub title: String,
    pub intro: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EditionState {
    Draft,
    Frozen,
}

impl EditionState {
    pub fn as_str(self) -> &'static str {
        match self {
            EditionState::Draft => "draft",
            EditionState::Frozen => "frozen",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Edition {
    pub year: i64,
    pub title: String,
    #[schema(value_type = String)]
    pub period_from: Date,
    #[schema(value_type = String)]
    pub period_to: Date,
    pub premise: Vec<String>,
    pub credits: Vec<Credit>,
    #[schema(value_type = Option<String>)]
    pub published: Option<PartialDate>,
    pub state: EditionState,
    /// Microseconds since 1970, UTC.
    pub frozen_at: Option<Micros>,
    pub frozen_by: Option<String>,
}

impl Edition {
    pub fn is_frozen(&self) -> bool {
        self.state == EditionState::Frozen
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Credit {
    pub name: String,
    pub role: String,
    pub organisation: Option<String>,
}

impl Snapshot {
    pub fn project(&self, slug: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.slug == slug)
    }

    pub fn indicator(&self, project: &str, id: &str) -> Option<&Indicator> {
        self.project(project)?
            .indicators
            .iter()
            .find(|indicator| indicator.id == id)
    }

    /// The numbers that stand for the whole plan, at most five: those an officer chose, or else the
    /// largest of each project, the five largest of these. In the order of the plan.
    pub fn headlines(&self) -> Vec<(&Project, &Indicator)> {
        let all = || {
            self.projects
                .iter()
                .flat_map(|p| p.indicators.iter().map(move |i| (p, i)))
        };
        let chosen: Vec<_> = all()
            .filter(|(_, i)| i.headline && i.value().is_some())
            .take(5)
            .collect();
        if !chosen.is_empty() {
            return chosen;
        }
        let size = |indicator: &Indicator| indicator.value().unwrap_or(f64::MIN);
        let largest_of = |project: &'_ Project| project.indicators.iter().map(size).fold(f64::MIN, f64::max);
        let mut largest: Vec<f64> = self
            .projects
            .iter()
            .map(largest_of)
            .filter(|v| *v > f64::MIN)
            .collect();
        largest.sort_by(|a, b| b.total_cmp(a));
        let bar = largest.get(4).or(largest.last()).copied().unwrap_or(f64::MAX);
        self.projects
            .iter()
            .filter_map(|p| {
                let top = largest_of(p);
                p.indicators
                    .iter()
                    .find(|i| i.value().is_some() && size(i) >= top)
                    .map(|i| (p, i))
            })
            .filter(|(_, i)| size(i) >= bar)
            .take(5)
            .collect()
    }
}

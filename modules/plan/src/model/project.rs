//! A project in one year, and what it records.

use bisenzio_kernel::{PartialDate, slug};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Filter;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Project {
    /// Short name in addresses, unique within a year ("pr-v9").
    pub slug: String,
    /// Official code, where there is one ("PR-V9").
    pub code: Option<String>,
    /// Chapter of the note ("1.4"); equal to the section's when the section is the project.
    pub number: String,
    pub section: String,
    pub title: String,
    pub kind: String,
    pub state: String,
    pub smart_field: Option<String>,
    pub summary: Vec<String>,
    pub partners: Vec<Partner>,
    pub events: Vec<Event>,
    pub actions: Vec<Action>,
    pub figures: Vec<Figure>,
    pub collections: Vec<Collection>,
    pub indicators: Vec<Indicator>,
    pub discrepancies: Vec<Discrepancy>,
    pub links: Vec<Link>,
    /// Where it happens: entities of the project that have a position or a street.
    pub places: Vec<Place>,
}

impl Project {
    /// "PR-V9 · Strumenti e metodi ...", or the title alone.
    pub fn full_title(&self) -> String {
        match &self.code {
            Some(code) => format!("{code} · {}", self.title),
            None => self.title.clone(),
        }
    }

    /// Addresses of pages are made of this; foreign slugs never reach a link unescaped.
    pub fn path(&self, year: i64) -> String {
        format!("/piano/{year}/{}", slug(&self.slug))
    }
}

/// A thing of the city graph: its URN, what it is called, and its page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EntityLink {
    pub id: String,
    pub name: String,
    pub url: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Partner {
    #[serde(default)]
    pub id: String,
    pub organisation: String,
    pub entity: Option<EntityLink>,
    pub role: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    pub id: String,
    /// As precise as it is known: "2021", "2021-05" or "2021-05-12".
    #[schema(value_type = String)]
    pub date: PartialDate,
    #[schema(value_type = Option<String>)]
    pub until: Option<PartialDate>,
    pub kind: String,
    pub title: String,
    pub text: String,
    pub place: Option<EntityLink>,
    pub entities: Vec<EntityLink>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Action {
    pub id: String,
    /// Actions of one group are told together ("Servizi rilasciati").
    pub group: String,
    pub title: String,
    pub state: String,
    pub text: String,
    pub entity: Option<EntityLink>,
}

/// A number told in the text that is no indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Figure {
    pub id: String,
    pub label: String,
    pub value: f64,
    pub unit: String,
    pub text: String,
    #[schema(value_type = Option<String>)]
    pub date: Option<PartialDate>,
    /// With it, `date` is the first of a period.
    #[schema(value_type = Option<String>)]
    pub until: Option<PartialDate>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Column {
    pub attribute: String,
    pub label: String,
}

/// Entities of the graph listed as a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Collection {
    pub id: String,
    pub title: String,
    pub intro: String,
    pub entity_type: String,
    pub filter: Filter,
    pub columns: Vec<Column>,
    /// Attribute whose values become subheadings.
    pub group_by: Option<String>,
    /// What the graph held when the snapshot was made.
    pub rows: Vec<CollectionRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CollectionRow {
    pub entity: EntityLink,
    pub group: Option<String>,
    /// Raw attribute values in the order of the columns; null where the entity lacks one.
    #[schema(value_type = Vec<Object>)]
    pub cells: Vec<serde_json::Value>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    #[default]
    Count,
    Sum,
    CountDistinct,
}

impl Aggregate {
    pub fn as_str(self) -> &'static str {
        match self {
            Aggregate::Count => "count",
            Aggregate::Sum => "sum",
            Aggregate::CountDistinct => "count_distinct",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [Aggregate::Count, Aggregate::Sum, Aggregate::CountDistinct]
            .into_iter()
            .find(|a| a.as_str() == name)
    }
}

/// How a value is worked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Computation {
    /// Counted over entities of the city graph.
    Graph {
        entity_type: String,
        filter: Filter,
        aggregate: Aggregate,
        /// What is added up or counted once; needed for `sum` and `count_distinct`.
        attribute: Option<String>,
        /// The attribute whose date must fall in the edition's period; without it every entity counts.
        date: Option<String>,
    },
    /// Asked of a module: `<module>.<indicator>`.
    Module { indicator: String },
}

/// A computation and what came out of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Computed {
    pub computation: Computation,
    /// Absent when there was nothing to count yet, or when it could not be worked out: `failure` says why.
    pub value: Option<f64>,
    /// The entities that were counted: the evidence of the number.
    pub counted: Vec<EntityLink>,
    pub failure: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Indicator {
    pub id: String,
    pub label: String,
    pub unit: String,
    /// Which values may be declared: "whole", "decimal", "any"; empty: what suits the unit.
    #[serde(default)]
    pub rule: String,
    /// Shown among the numbers of the plan's first page.
    pub headline: bool,
    /// Typed in by an office, with its source.
    pub declared: Option<f64>,
    pub source: String,
    pub note: Option<String>,
    pub computed: Option<Computed>,
    pub evidence: Vec<Link>,
}

impl Indicator {
    /// The value readers see first: the declared one, else the computed one.
    pub fn value(&self) -> Option<f64> {
        self.declared.or_else(|| self.computed_value())
    }

    pub fn computed_value(&self) -> Option<f64> {
        self.computed.as_ref().and_then(|computed| computed.value)
    }

    /// This value less an earlier one: declared against declared, else computed against computed. A count is
    /// not set against a declaration: they may mean different things.
    pub fn change_since(&self, earlier: &Indicator) -> Option<f64> {
        let difference = |now: Option<f64>, then: Option<f64>| Some(now? - then?);
        difference(self.declared, earlier.declared).or_else(|| {
            let undeclared = self.declared.is_none() && earlier.declared.is_none();
            difference(self.computed_value(), earlier.computed_value()).filter(|_| undeclared)
        })
    }

    /// Computed less declared, when both are known.
    pub fn difference(&self) -> Option<f64> {
        Some(self.computed_value()? - self.declared?)
    }
}

/// Where the source contradicts itself: shown, never corrected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Discrepancy {
    pub id: String,
    pub title: String,
    pub text: String,
    pub declared: String,
    pub found: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Link {
    #[serde(default)]
    pub id: String,
    pub title: String,
    pub url: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Place {
    pub entity: EntityLink,
    pub entity_type: String,
    /// Street, locality or position in words.
    pub address: String,
    /// GeoJSON geometry, WGS 84.
    #[schema(value_type = Option<Object>)]
    pub geometry: Option<serde_json::Value>,
}

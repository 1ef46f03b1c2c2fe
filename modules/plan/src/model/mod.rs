//! What a plan is: types and rules, without I/O.
//!
//! The same types serve the tables, the city files (through `seed`) and the [`Snapshot`]: rows of
//! collections, counted entities and computed values are filled in when a snapshot is made.

mod filter;
mod item;
mod project;
mod rules;
mod snapshot;
mod words;

pub use filter::Filter;
pub(crate) use filter::plain_text;
pub use item::{FieldKind, FieldSpec, ItemKind, Values};
pub use project::{
    Action, Aggregate, Collection, CollectionRow, Column, Computation, Computed, Discrepancy, EntityLink,
    Event, Figure, Indicator, Link, Partner, Place, Project,
};
pub use rules::{check, parse_number};
pub use snapshot::{Credit, Edition, EditionState, Plan, Section, Snapshot};
pub use words::{Choice, choice_label, event_kinds, project_kinds, states, tone};

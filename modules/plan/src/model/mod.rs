//! What a plan is: types and rules, without I/O.
//!
//! The same types serve the tables, the city files (through `seed`) and the [`Snapshot`]: rows of
//! collections, counted entities and computed values are filled in when a snapshot is made.

mod dates;
mod fields;
mod filter;
mod item;
mod project;
mod rules;
mod snapshot;
mod value_rule;
mod words;

pub use dates::{date_for_form, parse_date};
pub use filter::Filter;
pub(crate) use filter::plain_text;
pub use item::{FieldKind, FieldSpec, ItemKind, Shown, Values};
pub use project::{
    Action, Aggregate, Collection, CollectionRow, Column, Computation, Computed, Discrepancy, EntityLink,
    Event, Figure, Indicator, Link, Partner, Place, Project,
};
pub use rules::{check, columns_for_form, parse_number, parse_person};
pub use snapshot::{Credit, Edition, EditionState, Plan, Section, Snapshot};
pub use value_rule::{ValueRule, is_jump, value_rules};
pub use words::{Choice, choice_label, event_kinds, project_kinds, states, tone};

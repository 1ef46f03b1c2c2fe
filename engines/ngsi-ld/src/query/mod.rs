//! Query languages of the standard, as pure parsers and evaluators: type selection (4.17), `q` (4.9),
//! `geoQ` (4.10), `scopeQ` (4.19), id patterns, and [`EntityFilter`] that joins them.

mod boolean;
mod filter;
pub mod geo;
mod order;
pub mod q;
mod q_eval;
mod q_parse;
#[cfg(test)]
mod q_tests;
pub mod scope;
pub mod types;

pub use self::geo::{GeoQuery, GeoRelation};
pub use filter::{EntityFilter, EntitySelection, parse_attrs, parse_id_pattern, parse_ids};
pub use order::OrderBy;
pub use q::{AttrPath, LinkedEntities, NoLinkedEntities, Q, QExpr, QOperand, QOperator, QValue};
pub use scope::ScopeQuery;
pub use types::TypeSelection;

/// Longest query text accepted, in bytes.
pub const MAX_QUERY_BYTES: usize = 16 * 1024;
/// Deepest nesting of parentheses.
pub const MAX_QUERY_DEPTH: usize = 24;
/// Most terms and values in one query.
pub const MAX_QUERY_NODES: usize = 500;

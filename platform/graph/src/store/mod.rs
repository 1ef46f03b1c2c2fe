//! SQL of the graph, and nothing but SQL.

pub(crate) mod entities;
pub(crate) mod history;
pub(crate) mod places;

//! The temporal evolution of entities (clauses 4.5.6 to 4.5.9, 4.5.19, 4.11): what is asked, how bodies are read,
//! how answers are written. A temporal entity is an [`Entity`](crate::Entity) whose attributes hold every instance
//! of the time asked for, oldest first; that of its scopes stands under [`SCOPE`] as if it were a Property.

mod accumulate;
mod aggregate;
mod duration;
mod instance;
mod query;
mod represent;

#[cfg(test)]
mod tests;

pub use accumulate::{Accumulator, NumberSummary};
pub use aggregate::{Aggregation, AggregationMethod, MAX_PERIODS, Periods};
pub use duration::Duration;
pub use instance::{deletion, null_value, scope_instance};
pub use query::{TemporalQuery, TimeProperty, TimeRelation, Window, parse_last_n};
pub use represent::{AggregatedSeries, TemporalFormat, TemporalRepresentation, aggregated, entity, is_empty};

pub use crate::parse::temporal::{MAX_INSTANCES, TemporalFragment, temporal_entity, temporal_fragment};

pub use crate::model::SCOPE;

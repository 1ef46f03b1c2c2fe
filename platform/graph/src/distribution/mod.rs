//! Distributed operations (clauses 4.3.3, 4.3.6, 5.6 and 5.7): a request goes to every broker that has registered
//! for it, beside what this broker holds itself, and the answers become one.
//!
//! An operation asks for its [`Plan`] first. Without one (no registration concerns it, or the client said
//! `local=true`) it is done here and nothing more; finding that out costs one look at a version row.

mod answers;
mod attributes;
mod batch;
mod call;
mod entity;
mod hop;
mod kept;
mod permit;
mod plan;
mod purge;
mod query;
mod retrieve;
mod types;

pub(crate) use answers::Warnings;
pub(crate) use attributes::{many as attributes, one as attribute};
pub(crate) use batch::{delete as batch_delete, entities as batch};
pub(crate) use entity::entity;
pub(crate) use hop::Hop;
pub(crate) use plan::own_alias;
pub(crate) use purge::purge;
pub(crate) use query::{Wanted, query};
pub(crate) use retrieve::retrieve;
pub(crate) use types::types;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};

/// Sources asked for one request; a request that concerns more is refused.
const MAX_SOURCES: usize = 50;
/// Calls of one request that are under way at the same time.
const AT_ONCE: usize = 16;

/// Runs futures, so many at a time, and gives their results in the order of the futures. Boxed, so that the
/// iterator is gone before anything waits.
fn together<'f, F>(futures: impl IntoIterator<Item = F>, at_once: usize) -> BoxFuture<'f, Vec<F::Output>>
where
    F: Future<Output: Send> + Send + 'f,
{
    let futures: Vec<F> = futures.into_iter().collect();
    stream::iter(futures).buffered(at_once).collect().boxed()
}

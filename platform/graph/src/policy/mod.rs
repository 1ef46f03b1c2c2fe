//! Who may read and write which types, attributes and scopes.
//!
//! Everything in the city graph is public and every writer may write everything, until a **rule** says otherwise.
//! A rule covers entities by type and scope, whole or some of their attributes, and names who may read them
//! and who may write them. Rules only take away: where several cover the same, each must allow. So no rule can
//! open by mistake what another closes.
//!
//! One thing is given: who has only the permission `graph.contribute` (a utility, the bus operator) may write
//! what some rule names him a writer of, and nothing else.
//!
//! **Architecture invariant:** entities leave through [`Sight::show`] and enter through [`Pen::check`]. Both lie on
//! the transaction: a use case that reads or writes for a person begins with [`act`]. Modules' own transactions
//! are the platform's and see and write everything.

mod api;
mod pen;
mod reach;
mod rule;
mod service;
mod sight;
mod store;

pub(crate) use api::routes;
pub(crate) use pen::Pen;
pub(crate) use reach::{Extent, Reach, named_types, reach};
pub(crate) use rule::Principal;
pub use rule::Rule;
pub(crate) use service::{remove, save};
pub(crate) use sight::Sight;
pub(crate) use store::{RuleError, one, rules};

use bisenzio_kernel::{Actor, TenantId};
use bisenzio_store::Tx;

use crate::GraphError;

/// From here on this transaction reads and writes for the actor.
///
/// # Errors
/// When the store fails.
pub(crate) fn act(tx: &mut Tx<'_>, tenant: &TenantId, actor: &Actor) -> Result<(), GraphError> {
    Sight::of(tx, tenant, actor)?.put(tx);
    pen::hold(tx, tenant, actor)
}

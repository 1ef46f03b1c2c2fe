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
//! **Architecture invariant:** entities leave through [`Sight::show`] and enter through [`Pen::check`]; modules'
//! own writes have no pen and are the platform's.

mod api;
mod pen;
mod rule;
mod sight;
mod store;

pub(crate) use api::routes;
pub(crate) use pen::{Pen, hold};
pub use rule::Rule;
pub use sight::Sight;
use store::rules;

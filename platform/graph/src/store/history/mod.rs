//! What attributes were. History holds the instances that were superseded or deleted; the current one stands in
//! its entity's document, so that creating entities, and bulk loads above all, write nothing here. A temporal read
//! is what is here and the current instances.

mod aggregate;
mod convert;
mod edit;
mod newest;
mod past;
mod policy;
mod read;
mod record;
mod row;
mod series;
mod thin;

pub use newest::Recorded;

pub(crate) use aggregate::{Frame, bounds, holds_number, summarise};
pub(crate) use convert::convert_version_1;
pub(crate) use edit::{
    Place, Target, append, forget_attribute, forget_entity, forget_instance, insert_past, intern, newest_of,
    overwrite,
};
pub(crate) use newest::newest;
pub(crate) use past::{past, past_after};
pub(crate) use policy::{
    MAX_POLICIES, Policy, Thinning, ThinningMethod, policies, policy_for, set_policy, unset_policy,
};
pub(crate) use read::{Slice, has_any, instances};
pub(crate) use record::record;
pub(crate) use row::{as_current, current_seq};
pub(crate) use series::{Series, series_of};
pub(crate) use thin::{housekeep_entity, purge_series};

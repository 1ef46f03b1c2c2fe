//! The words every floor of the house shares: who acts (`Actor`), for which city (`Tenant`), when and
//! with which identifiers (`Env`), what went wrong (`Problem`), and how it is said (`Lang`).
//!
//! Nothing here does I/O. Clock and randomness enter through [`Env`] alone.

mod actor;
mod env;
mod lang;
mod partial_date;
mod problem;
mod slug;
mod tenant;

pub use actor::{Actor, ActorKind, Permission, PermissionSpec, Role};
pub use env::{Clock, Entropy, Env, FixedEnv, Micros, SystemEnv};
pub use lang::{Lang, format};
pub use partial_date::PartialDate;
pub use problem::{FieldError, Problem};
pub use slug::slug;
pub use tenant::{Contact, Organisation, Tenant, TenantId};

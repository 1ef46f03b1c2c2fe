//! The temporal evolution of entities (clauses 5.6.11 to 5.6.16, 5.7.3, 5.7.4): what is in the history and what
//! is current, read and changed as one. It is one thing: who adds an instance that is newer than the current one
//! changes the current state, and who deletes an entity's evolution deletes the entity.

mod collect;
pub(crate) mod policies;
mod policy_text;
mod search;
pub(crate) mod seed;
mod subject;
mod summary;
mod write;

pub use seed::POLICIES_FILE;

pub(crate) use collect::{Partial, collect};
pub(crate) use search::{Search, Selector, search};
pub(crate) use subject::{Ask, Subject};
pub(crate) use summary::summarise;
pub(crate) use write::{
    add_attributes, create_or_update, delete_attribute, delete_entity, delete_instance, patch_instance,
};

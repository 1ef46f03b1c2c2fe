//! Who may enter: local accounts, browser sessions, API tokens, the limit on sign-in attempts, and the
//! audit log of what people did. SPID and CIE come later through the same seam, `Authenticator`.
//!
//! Each use case is one function that takes the transaction, decides whether the actor may, acts, and
//! records it in the audit log. (Those that hash a password do so between two transactions, on a blocking
//! thread, and check in the second that what they read in the first still holds.)

pub mod accounts;
pub mod audit;
mod audit_words;
mod authenticator;
pub mod invitations;
mod module;
pub mod organisations;
mod pages;
pub mod passwords;
pub mod permissions;
mod remembered;
mod secrets;
mod seed;
pub mod sessions;
pub mod signin;
pub mod testing;
pub mod throttle;
pub mod tokens;

use bisenzio_kernel::{Actor, ActorKind, Problem};
use bisenzio_store::{Migration, ModuleMigrations};

pub use authenticator::LocalAccounts;
pub use invitations::bootstrap_link;
pub use module::AccessModule;
pub use tokens::create_demo_token;

pub const MIGRATIONS: ModuleMigrations = ModuleMigrations {
    module: "access",
    migrations: &[Migration {
        version: 1,
        name: "access",
        sql: include_str!("../migrations/0001_access.sql"),
    }],
};

/// The account behind an actor.
///
/// # Errors
/// 401 or 403 when it is no person: programs have no profile of their own.
pub(crate) fn person_id(actor: &Actor) -> Result<&str, Problem> {
    match &actor.kind {
        ActorKind::Person { id, .. } => Ok(id),
        ActorKind::Anonymous => Err(Problem::unauthorized("Sign in to continue")),
        _ => Err(Problem::forbidden("Only a person can do this")),
    }
}

//! One store, two engines: SQLite inside the binary, or PostgreSQL. Modules see [`Store`], [`Tx`] and SQL
//! with `$n` placeholders; which engine runs it is configuration.
//!
//! A use case is one closure passed to [`Store::write`]: everything in it (module rows, entities, outbox)
//! commits together or not at all, and when `write` returns `Ok` it survives `kill -9`.
//! The closure may run more than once (PostgreSQL serialisation failures are retried), so it must have
//! no effect but its statements.
//!
//! **Architecture invariant:** `tenant` leads every primary key; no statement crosses tenants except
//! maintenance that names itself so.

mod backup;
mod commits;
mod config;
mod error;
pub mod jobs;
mod memory;
mod migrate;
pub mod outbox;
mod postgres;
mod sql;
mod sqlite;
mod store;
pub mod testing;
mod tx;
mod value;

pub use backup::{BackupReport, backup, restore};
pub use config::StoreConfig;
pub use error::StoreError;
pub use migrate::{Migration, ModuleMigrations, PLATFORM_MIGRATIONS};
pub use store::Store;
pub use tx::{Engine, Tx};
pub use value::{FromValue, Row, Value};

/// Builds a parameter list: `params![tenant, 3, name]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*] };
}

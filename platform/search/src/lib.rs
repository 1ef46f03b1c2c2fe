//! One search over everything the city publishes: streets, worksites, ordinances, projects, places.
//!
//! Modules [`put`] a document in the transaction that changes the thing it stands for. The index is an
//! inverted list in two ordinary tables: one SQL text on both engines, prefix search by index range.

mod index;
mod page;
mod suggest;
mod words;

use bisenzio_store::{Migration, ModuleMigrations};

pub use index::{Document, Found, find, put, remove};
pub use page::routes;
pub use suggest::suggest;

pub const MIGRATIONS: ModuleMigrations = ModuleMigrations {
    module: "search",
    migrations: &[Migration {
        version: 1,
        name: "search",
        sql: include_str!("../migrations/0001_search.sql"),
    }],
};

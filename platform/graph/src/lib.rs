//! The city graph: every public thing of the city as an NGSI-LD entity (ETSI GS CIM 009).
//!
//! Modules write entities in the transaction of their own rows ([`upsert_json`], [`delete`]); programs use
//! the HTTP API under `/ngsi-ld/v1`. The data model and its rules are in `engines/ngsi-ld`; here are storage,
//! history, queries and HTTP.

mod answers;
mod api;
mod audit_words;
mod contexts;
mod distribution;
mod error;
mod evolution;
mod indexing;
mod linked;
mod module;
mod pages;
mod policy;
mod query;
mod registrations;
mod service;
mod store;
pub mod subscriptions;
mod upgrade;
mod writing;

use bisenzio_store::{Migration, ModuleMigrations};

pub use api::temporal::TemporalSettings;
pub use error::GraphError;
pub use evolution::POLICIES_FILE;
pub use module::GraphModule;
pub use policy::Rule;
pub use query::{Found, Page, find};
pub use service::{delete, history, list_simplified, simplified, type_counts, upsert_json, urn};
pub use store::history::Recorded;
pub use subscriptions::run_dispatcher;
pub use upgrade::upgrade;

pub const MIGRATIONS: ModuleMigrations = ModuleMigrations {
    module: "graph",
    migrations: &[
        Migration {
            version: 1,
            name: "entities",
            sql: include_str!("../migrations/0001_graph.sql"),
        },
        Migration {
            version: 2,
            name: "state",
            sql: include_str!("../migrations/0002_state.sql"),
        },
        Migration {
            version: 3,
            name: "history",
            sql: include_str!("../migrations/0003_history.sql"),
        },
        Migration {
            version: 4,
            name: "subscriptions",
            sql: include_str!("../migrations/0004_subscriptions.sql"),
        },
        Migration {
            version: 5,
            name: "registrations",
            sql: include_str!("../migrations/0005_registrations.sql"),
        },
        Migration {
            version: 6,
            name: "contexts",
            sql: include_str!("../migrations/0006_contexts.sql"),
        },
        Migration {
            version: 7,
            name: "policy",
            sql: include_str!("../migrations/0007_policy.sql"),
        },
        Migration {
            version: 8,
            name: "entity maps",
            sql: include_str!("../migrations/0008_entity_maps.sql"),
        },
    ],
};

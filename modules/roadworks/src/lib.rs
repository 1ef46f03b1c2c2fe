//! Roadworks: what happens on the city's streets, by which act, until when, and where.
//!
//! Acts and notices are kept as they were read (`model/record.rs`); from their chains the worksites are worked
//! out (`model/resolve.rs`), put on the street network (`placing.rs`) and written with their entity, search
//! documents and event in one transaction (`import/`). Pages, feeds and API only read.

mod api;
mod asked;
mod audit_words;
mod feeds;
pub mod graph;
pub mod import;
mod indicators;
pub mod model;
mod module;
mod pages;
pub mod placing;
mod seed;
pub mod service;
pub mod store;

pub use module::{MIGRATIONS, RoadworksModule};

//! NGSI-LD as pure functions: data model, JSON-LD names, parsing, representation, updates and queries
//! (ETSI GS CIM 009 v1.8.1 with the v1.9 core @context). No I/O, no clock, no randomness: callers supply
//! remote contexts ([`context::ContextSource`]), the current time ([`DateTime`]) and identifiers.
//!
//! Usual order of calls for a request body:
//! [`json::parse_strict`] → [`context::take_context`] → [`Context::resolve`] → [`parse::entity`] (or a
//! fragment) → [`update`] → [`storage`]; and for an answer [`query::EntityFilter`] → [`represent`].

pub mod context;
pub mod datetime;
pub mod error;
pub mod geometry;
pub mod json;
pub mod model;
pub mod parse;
pub mod path;
pub mod query;
pub mod registration;
pub mod represent;
pub mod spatial;
pub mod storage;
pub mod subscription;
pub mod temporal;
pub mod update;
pub mod uri;

pub use context::Context;
pub use datetime::DateTime;
pub use error::{ErrorKind, NgsiError, Result};
pub use geometry::Geometry;
pub use model::{AttributeInstance, AttributeKind, AttributeValue, Attributes, Entity};
pub use path::Path;
pub use uri::Uri;

/// The NGSI-LD Null of clause 4.5.0: in a patch it means "remove this".
pub const NGSI_LD_NULL: &str = "urn:ngsi-ld:null";

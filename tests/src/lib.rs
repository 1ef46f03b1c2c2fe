//! Helpers for tests that drive the built program from outside: start it, talk HTTP to it, kill it.
//!
//! The program is `BISENZIO_BIN`, or `bisenzio` beside the test's own folder of cargo's target directory:
//! `cargo xtask test` builds it first.

mod city;
mod data;
mod http;
mod program;

pub use city::{Route, routes};
pub use data::{DemoData, TestSchema, postgres_url};
pub use http::{Request, Response, percent_decode};
pub use program::{Server, bisenzio, run};

/// The top of the checkout.
pub fn root() -> std::path::PathBuf {
    let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

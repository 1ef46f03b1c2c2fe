//! Measures the running program from outside. `cargo run -p bisenzio-benches --bin measure` prints the table of
//! `docs/benchmarks.md`.

pub mod client;
pub mod figures;
pub mod graph;
pub mod notify;
pub mod tile;

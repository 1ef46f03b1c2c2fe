//! Traffic assignment.

pub mod assign;
pub mod demand;
pub mod network;
pub mod shortest;
pub mod tntp;

pub use network::{Graph, Network};

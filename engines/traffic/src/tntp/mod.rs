//! The text formats of the Transportation Networks test problems (Bar-Gera, Stabler and Sall): networks, trip
//! tables, nodes and published flows.
//!
//! Everything is read from text already in memory; the caller adds the file's name to an error's line. Numbers
//! of nodes and zones count from 1 in the files and from 0 here.

mod flows;
mod network;
mod scan;
mod trips;

pub use flows::{PublishedFlow, read_flows, read_nodes};
pub use network::{Weights, read_network};
pub use scan::TntpError;
pub use trips::read_trips;

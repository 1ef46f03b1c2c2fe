//! Networks (`.net.xml`) and trips of the microsimulation SUMO.
//!
//! An edge becomes a link, a junction a node, a movement without a connection a banned turn; internal edges are the
//! junctions' inside and left out. Links that only trams, bicycles or walkers may use are left out too. The time is
//! length over speed, in seconds. SUMO knows no capacities; those here are rules of thumb, see [`capacity`].

mod network;
mod trips;
mod xml;

pub use network::{SumoNetwork, capacity, read_network};
pub use trips::{SumoTrip, SumoTrips, read_trips};
pub use xml::SumoError;

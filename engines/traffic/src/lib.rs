//! Traffic: what a closure costs a city, in seconds.
//!
//! Pure logic without input or output: texts and numbers in, numbers out. Who calls holds files, clock and the wish to
//! stop.
//!
//! * [`network`] describes roads, zones, classes of vehicles and turns, and turns them into a graph;
//! * [`demand`] holds trips between zones, makes them by gravity and corrects them by counts;
//! * [`assign`] finds the volumes at which nobody gains by another way;
//! * [`scenario`] changes a network and goes on from a solved base;
//! * [`analysis`] reads off skims, users of a link, ways between zones, times to reach every link;
//! * [`sumo`] reads networks and trips of the microsimulation SUMO;
//! * [`tntp`] reads the test problems of the field.

pub mod analysis;
pub mod assign;
pub mod demand;
pub mod network;
pub mod scenario;
pub mod shortest;
pub mod sumo;
pub mod tntp;

pub use assign::{Algorithm, Assignment, Control, Iteration, Options, assign};
pub use demand::Demand;
pub use network::{Graph, Network};

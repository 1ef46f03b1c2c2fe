//! Street networks: one topological graph of a city's streets, its names and its stretches.
//!
//! Pure logic without input or output. The readers of GTFS and OpenStreetMap files stand in the territory
//! crate; this one turns what they read into a [`Network`], writes it as one GeoJSON file and finds in it
//! the place an ordinance speaks of.
//!
//! * [`from_shapes`] merges the overlapping paths of bus lines into one graph;
//! * [`naming`] gives streets their names from bus stops;
//! * [`from_osm`] builds the same graph from OpenStreetMap elements;
//! * [`names`] compares Italian street names;
//! * [`locate`] finds "Via Pistoiese, tra via Marini e via Orti del Pero".

pub mod boundary;
pub mod from_osm;
pub mod from_shapes;
pub mod geojson;
#[cfg(test)]
mod geojson_tests;
pub mod geometry;
pub mod graph;
pub mod grid;
pub mod locate;
pub mod model;
pub mod names;
pub mod naming;
pub mod validate;

pub use boundary::Boundary;
pub use from_shapes::{MergeReport, ShapeError, ShapeLine, ShapeNetwork, ShapeOptions, from_shapes};
pub use locate::{LinkSpan, Located, Locator, Outcome, Precision};
pub use model::{
    Attribution, Direction, HouseNumber, Link, NameSource, Network, Node, RestrictionKind, RoadClass,
    TurnRestriction,
};
pub use validate::NetworkError;

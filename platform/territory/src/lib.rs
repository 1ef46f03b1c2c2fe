//! The city's ground: street network, boundaries, districts, localities, bus stops; drawn as vector tiles and
//! lent to the modules that put things on it.
//!
//! Each layer is one document in the store, replaced as a whole, with a version. Replicas keep the parsed
//! form in memory and look at the versions, so a new network is seen everywhere at once.

pub mod import;
mod layers;
mod module;
mod pages;
mod seed;
mod streets;
mod territory;
mod tiles;

pub use layers::{Layer, load_network, replace_layer};
pub use module::{MIGRATIONS, TerritoryModule};
pub use streets::Streets;
pub use territory::{Area, Place, Territory};

//! The city's traffic: what every street carries in each part of a working day, and what a change costs.
//!
//! The pure engine (`bisenzio-traffic`) knows networks and numbers; here are the city's: [`network`] translates the
//! streets, [`demand`] makes trips (synthetic, and marked so), [`base`] keeps solved periods in memory, [`scenario`]
//! computes changes from them and keeps results in the store. Modules call [`city::City::load`], [`base::Base::of`] and
//! [`scenario::begin`]; people use `/traffico`, programs `/api/v1/traffic`.

pub mod analysis;
mod api;
pub mod base;
pub mod change;
pub mod city;
pub mod demand;
mod export;
mod module;
pub mod network;
mod pages;
pub mod result;
mod room;
pub mod scenario;
mod seed;
mod store;
mod text;

pub use module::{COMPUTE, MIGRATIONS, TrafficModule};

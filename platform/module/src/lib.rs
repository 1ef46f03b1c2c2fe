//! The contract between the platform and a city service. Adding a service to the house means a crate that
//! implements [`Module`] and one line in `apps/bisenzio`.

mod about;
mod api_page;
mod audit;
mod city;
mod home;
mod module;
mod runner;
pub mod testing;

pub use about::about_routes;
pub use audit::{AuditDictionary, AuditName, AuditWords};
pub use city::{CityError, CityFolder, SeedReport, parse_toml};
pub use home::{HomeBlock, home_routes};
pub use module::{EntityType, IndicatorSpec, Module, Period, Registry};
pub use runner::{run_due_jobs, run_jobs_forever};

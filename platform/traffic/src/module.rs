//! The module as the house sees it.

use bisenzio_kernel::{Env, Permission, PermissionSpec, Role, Tenant};
use bisenzio_module::{CityError, CityFolder, Module, SeedReport};
use bisenzio_store::{Migration, ModuleMigrations, Tx};
use bisenzio_web::{NavEntry, NavPlace, Routes};

use crate::{api, pages, seed};

pub const MIGRATIONS: ModuleMigrations = ModuleMigrations {
    module: "traffic",
    migrations: &[Migration {
        version: 1,
        name: "demand and scenarios",
        sql: include_str!("../migrations/0001_traffic.sql"),
    }],
};

/// Computing scenarios: it takes processor time, and what the office thinks of closing is not yet public.
pub const COMPUTE: Permission = Permission("traffic.compute");

const PERMISSIONS: &[PermissionSpec] = &[PermissionSpec {
    permission: COMPUTE,
    it: "Calcolare scenari di traffico",
    en: "Compute traffic scenarios",
    roles: &[Role::Officer, Role::Authoriser, Role::Manager, Role::Planner],
}];

/// Traffic on the streets and what changes cost.
pub struct TrafficModule;

impl Module for TrafficModule {
    fn name(&self) -> &'static str {
        "traffic"
    }

    fn migrations(&self) -> ModuleMigrations {
        MIGRATIONS
    }

    fn routes(&self) -> Routes {
        pages::routes().merge(api::routes())
    }

    fn permissions(&self) -> &'static [PermissionSpec] {
        PERMISSIONS
    }

    fn nav(&self) -> &'static [NavEntry] {
        &[NavEntry {
            place: NavPlace::Main,
            position: 45,
            it: "Traffico",
            en: "Traffic",
            href: "/traffico",
            permission: None,
        }]
    }

    fn seed(
        &self,
        tx: &mut Tx<'_>,
        env: &Env,
        tenant: &Tenant,
        folder: &CityFolder,
    ) -> Result<SeedReport, CityError> {
        seed::seed(tx, env, tenant, folder)
    }

    fn openapi(&self) -> Option<utoipa::openapi::OpenApi> {
        Some(api::openapi())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_for_programs_is_described_and_nothing_else() {
        bisenzio_module::testing::openapi_describes_every_route(&TrafficModule);
    }
}

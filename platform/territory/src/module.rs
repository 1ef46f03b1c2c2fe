use axum::http::Method;
use bisenzio_kernel::{Env, Tenant};
use bisenzio_module::{CityError, CityFolder, Module, SeedReport};
use bisenzio_store::{Migration, ModuleMigrations, Tx};
use bisenzio_web::{Access, NavEntry, NavPlace, Routes};

use crate::{pages, seed, tiles};

pub const MIGRATIONS: ModuleMigrations = ModuleMigrations {
    module: "territory",
    migrations: &[Migration {
        version: 1,
        name: "layers",
        sql: include_str!("../migrations/0001_territory.sql"),
    }],
};

/// Maps and the street network.
pub struct TerritoryModule;

impl Module for TerritoryModule {
    fn name(&self) -> &'static str {
        "territory"
    }

    fn migrations(&self) -> ModuleMigrations {
        MIGRATIONS
    }

    fn routes(&self) -> Routes {
        Routes::new()
            .page("/mappa", Access::Public, pages::map)
            .api(Method::GET, "/tiles/{z}/{x}/{y}", Access::Public, tiles::serve)
            .api(
                Method::GET,
                "/api/v1/territory/network.geojson",
                Access::Public,
                pages::network,
            )
            .api(
                Method::GET,
                "/api/v1/territory/{layer}",
                Access::Public,
                pages::layer,
            )
    }

    fn openapi(&self) -> Option<utoipa::openapi::OpenApi> {
        // A file of this crate, checked by a test against the routes.
        serde_json::from_str(include_str!("../openapi.json")).ok()
    }

    fn nav(&self) -> &'static [NavEntry] {
        &[NavEntry {
            place: NavPlace::Main,
            position: 40,
            it: "Mappa",
            en: "Map",
            href: "/mappa",
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_for_programs_is_described_and_nothing_else() {
        let document: utoipa::openapi::OpenApi =
            serde_json::from_str(include_str!("../openapi.json")).expect("the description can be read");
        assert!(TerritoryModule.openapi().is_some_and(|served| served == document));
        bisenzio_module::testing::openapi_describes_every_route(&TerritoryModule);
    }
}

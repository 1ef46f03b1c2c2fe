//! Which modules stand in this house. A new city service is one line in [`modules`].

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use axum::Router;
use bisenzio_access::{AccessModule, LocalAccounts};
use bisenzio_city_traffic::TrafficModule;
use bisenzio_graph::GraphModule;
use bisenzio_kernel::{Env, PermissionSpec};
use bisenzio_module::{AuditDictionary, Module, Registry, about_routes, home_routes};
use bisenzio_outbound::{Outbound, Policy};
use bisenzio_plan::PlanModule;
use bisenzio_roadworks::RoadworksModule;
use bisenzio_store::{ModuleMigrations, PLATFORM_MIGRATIONS, Store, StoreConfig};
use bisenzio_territory::{Streets, TerritoryModule};
use bisenzio_web::{App, AppParts, RouteInfo, Routes, Settings, TENANT_MIGRATIONS, Tenants, router};

/// In the order in which they are seeded: what others stand on comes first.
fn modules() -> Vec<Arc<dyn Module>> {
    vec![
        Arc::new(AccessModule),
        Arc::new(TerritoryModule),
        Arc::new(TrafficModule),
        Arc::new(GraphModule),
        Arc::new(PlanModule),
        Arc::new(RoadworksModule),
    ]
}

pub fn registry() -> Registry {
    Registry::new(modules())
}

fn migrations(registry: &Registry) -> Vec<ModuleMigrations> {
    let mut all = vec![
        PLATFORM_MIGRATIONS,
        TENANT_MIGRATIONS,
        bisenzio_search::MIGRATIONS,
    ];
    all.extend(registry.modules().iter().map(|module| module.migrations()));
    all
}

/// Opens the store and brings its schema up to date.
pub async fn open_store(config: &StoreConfig, registry: &Registry) -> Result<Store> {
    let store = Store::open(config).await.context("the store cannot be opened")?;
    store
        .migrate(&migrations(registry))
        .await
        .context("the store cannot be brought up to date")?;
    bisenzio_graph::upgrade(&store, &Env::system())
        .await
        .context("the city graph cannot be brought up to date")?;
    Ok(store)
}

fn routes(registry: &Registry) -> Routes {
    let own = Routes::new()
        .merge(home_routes())
        .merge(about_routes())
        .merge(bisenzio_search::routes())
        .merge(crate::cli::openapi::routes());
    registry
        .modules()
        .iter()
        .fold(own, |all, module| all.merge(module.routes()))
        .with_web()
}

/// Every route of the house with who may use it.
pub fn route_list(registry: &Registry) -> Vec<RouteInfo> {
    routes(registry).infos().to_vec()
}

pub fn permissions(registry: &Registry) -> Vec<PermissionSpec> {
    registry
        .modules()
        .iter()
        .flat_map(|module| module.permissions())
        .copied()
        .collect()
}

/// The server: state and router.
pub async fn app(
    store: Store,
    env: Env,
    settings: Settings,
    outbound: Policy,
    registry: Registry,
) -> Result<(App, Router)> {
    let tenants = Tenants::default();
    tenants
        .reload(&store)
        .await
        .context("the cities cannot be read")?;
    let routes = routes(&registry);
    let permissions = permissions(&registry);
    let mut services = http::Extensions::new();
    services.insert(registry.clone());
    services.insert(AuditDictionary::new(&registry));
    services.insert(Streets::default());
    services.insert(Outbound::new(outbound).map_err(|e| anyhow!("outbound calls: {e}"))?);
    let app = App::new(AppParts {
        store,
        env,
        tenants,
        settings,
        authenticator: Arc::new(LocalAccounts::new(permissions.clone())),
        nav: registry
            .modules()
            .iter()
            .flat_map(|module| module.nav())
            .copied()
            .collect(),
        permissions,
        routes: routes.infos().to_vec(),
        services,
    });
    let router = router(app.clone(), routes);
    Ok((app, router))
}

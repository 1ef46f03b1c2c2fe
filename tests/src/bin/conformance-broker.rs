//! The city graph on a port of this machine, without sign-in, for running conformance suites that know none.
//! Whoever asks may do everything, and endpoints on this machine may be called: so it listens on 127.0.0.1 only
//! and is no part of the product.
//!
//!     conformance-broker --port 9090 --store sqlite:/tmp/suite.db [--temporal-page 30]
//!
//! The suite expects partial temporal answers for forty attribute instances and whole ones for eighteen, which is
//! what `--temporal-page 30` gives.

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use bisenzio_graph::{GraphModule, TemporalSettings};
use bisenzio_kernel::{Actor, Env, Problem, Tenant, TenantId};
use bisenzio_module::{Module, Registry, run_jobs_forever};
use bisenzio_outbound::{Outbound, Policy};
use bisenzio_store::{PLATFORM_MIGRATIONS, Store, StoreConfig};
use bisenzio_web::{
    App, AppParts, Authenticator, Identity, Settings, TENANT_MIGRATIONS, Tenants, router, save_tenant,
};
use http::HeaderMap;
use serde_json::json;

type Failure = Box<dyn std::error::Error>;

/// Everybody is the platform itself.
struct Everybody;

#[async_trait]
impl Authenticator for Everybody {
    async fn authenticate(&self, _: &App, tenant: &Tenant, _: &HeaderMap) -> Result<Identity, Problem> {
        Ok(Identity {
            actor: Actor::system(tenant.id.clone(), "conformance"),
            csrf: None,
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let Arguments {
        port,
        store,
        temporal_page,
    } = arguments()?;
    let config = StoreConfig::parse(&store)?;
    let store = Store::open(&config).await?;
    let modules: Vec<Arc<dyn Module>> = vec![Arc::new(GraphModule)];
    let registry = Registry::new(modules);
    store
        .migrate(&[
            PLATFORM_MIGRATIONS,
            TENANT_MIGRATIONS,
            bisenzio_access::MIGRATIONS,
            bisenzio_search::MIGRATIONS,
            bisenzio_graph::MIGRATIONS,
        ])
        .await?;
    let env = Env::system();
    let city: Tenant = serde_json::from_value(json!({
        "id": "suite", "name": "Suite", "organisation": "Suite", "center": [11.1, 43.88],
        "bbox": [11.0, 43.8, 11.2, 43.95], "hosts": ["localhost"], "demo": true,
    }))?;
    {
        let (env, city) = (env.clone(), city.clone());
        store.write(move |tx| save_tenant(tx, &env, &city)).await?;
    }
    let tenants = Tenants::default();
    tenants.reload(&store).await?;
    let routes = GraphModule.routes().with_web();
    let mut services = http::Extensions::new();
    services.insert(registry.clone());
    services.insert(Outbound::new(Policy::public().with_loopback())?);
    if let Some(page) = temporal_page {
        services.insert(TemporalSettings { page });
    }
    let app = App::new(AppParts {
        store,
        env,
        tenants,
        settings: Settings {
            demo: true,
            default_tenant: Some(TenantId::new("suite").map_err(|problem| problem.detail)?),
            ..Settings::default()
        },
        authenticator: Arc::new(Everybody),
        permissions: GraphModule.permissions().to_vec(),
        nav: Vec::new(),
        routes: routes.infos().to_vec(),
        services,
    });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}/ngsi-ld/v1", listener.local_addr()?);
    tokio::spawn(run_jobs_forever(app.clone(), registry));
    tokio::spawn(bisenzio_graph::run_dispatcher(
        app.clone(),
        std::future::pending(),
    ));
    let service = router(app, routes).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).await?;
    Ok(())
}

struct Arguments {
    port: u16,
    store: String,
    temporal_page: Option<usize>,
}

fn arguments() -> Result<Arguments, Failure> {
    let usage = "usage: conformance-broker --port PORT --store sqlite:PATH|postgresql://... [--temporal-page INSTANCES]";
    let (mut port, mut store, mut temporal_page) = (None, None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(usage)?;
        match name.as_str() {
            "--port" => port = Some(value.parse()?),
            "--store" => store = Some(value),
            "--temporal-page" => temporal_page = Some(value.parse()?),
            _ => return Err(usage.into()),
        }
    }
    Ok(Arguments {
        port: port.ok_or(usage)?,
        store: store.ok_or(usage)?,
        temporal_page,
    })
}

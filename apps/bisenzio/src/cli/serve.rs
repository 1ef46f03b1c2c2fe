use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use bisenzio_kernel::Env;
use bisenzio_module::{Registry, run_jobs_forever};
use bisenzio_outbound::Policy;
use bisenzio_store::Store;
use bisenzio_territory::Streets;
use bisenzio_web::{App, Settings};
use clap::Args;
use tokio::net::TcpListener;

use super::target::load_config;
use crate::config::Log;
use crate::wiring;

/// How often a replica looks whether another one changed a city's definition.
const RELOAD_EVERY: std::time::Duration = std::time::Duration::from_secs(5);

#[derive(Args)]
pub struct Serve {
    /// Configuration file.
    #[arg(long, value_name = "FILE", env = "BISENZIO_CONFIG")]
    config: Option<PathBuf>,
}

impl Serve {
    pub async fn run(self) -> Result<()> {
        let config = load_config(self.config.as_deref())?;
        start_logging(&config.log)?;
        let registry = wiring::registry();
        let store = wiring::open_store(&config.store_config()?, &registry).await?;
        let env = Env::system();
        invite_first_administrators(&store, &env, &config.server.address).await?;
        serve(
            &config.server.address,
            store,
            env,
            config.settings(false)?,
            config.outbound()?,
            registry,
            |_| {},
        )
        .await
    }
}

/// A city nobody can sign in to yet gets a link, once.
async fn invite_first_administrators(store: &Store, env: &Env, address: &str) -> Result<()> {
    let tenants = bisenzio_web::Tenants::default();
    tenants.reload(store).await?;
    if tenants.all().is_empty() {
        eprintln!("No city yet: load one with `bisenzio import city FOLDER --config FILE`.");
    }
    for tenant in tenants.all() {
        if let Some(path) = bisenzio_access::bootstrap_link(store, env, &tenant.id).await? {
            let host = tenant
                .hosts
                .first()
                .cloned()
                .unwrap_or_else(|| address.to_owned());
            println!(
                "{}: first administrator, within 24 hours: http://{host}{path}",
                tenant.name
            );
        }
    }
    Ok(())
}

/// Listens until told to stop; requests under way are finished.
pub async fn serve(
    address: &str,
    store: Store,
    env: Env,
    settings: Settings,
    outbound: Policy,
    registry: Registry,
    ready: impl FnOnce(SocketAddr),
) -> Result<()> {
    let (app, router) = wiring::app(store, env, settings, outbound, registry.clone()).await?;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    let bound = listener.local_addr()?;
    tracing::info!(address = %bound, "listening");
    tokio::spawn(warm_up(app.clone()));
    let jobs = tokio::spawn(run_jobs_forever(app.clone(), registry));
    let (stop_notifying, stopped) = tokio::sync::oneshot::channel::<()>();
    let notifying = tokio::spawn(bisenzio_graph::run_dispatcher(app.clone(), async move {
        let _ = stopped.await;
    }));
    let reload = tokio::spawn(async move {
        loop {
            tokio::time::sleep(RELOAD_EVERY).await;
            if let Err(error) = app.tenants.reload(&app.store).await {
                tracing::warn!(%error, "cities");
            }
        }
    });
    ready(bound);
    axum::serve(
        listener,
        router.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(stop_signal())
    .await
    .context("the server stopped")?;
    jobs.abort();
    reload.abort();
    // What was delivered is written down, or it would be delivered again.
    drop(stop_notifying);
    let _ = notifying.await;
    Ok(())
}

/// Reads the streets of every city before somebody waits for them: the first map is as quick as the next.
async fn warm_up(app: App) {
    let Ok(streets) = app.service::<Streets>() else {
        return;
    };
    for tenant in app.tenants.all() {
        let streets = streets.clone();
        if let Err(error) = app.store.read(move |tx| streets.territory(tx, &tenant.id)).await {
            tracing::warn!(%error, "warm-up");
        }
    }
}

async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}

pub fn start_logging(log: &Log) -> Result<()> {
    use tracing_subscriber::EnvFilter;
    // The driver reports every "already exists, skipping" of the migrations.
    let level = format!("tokio_postgres=warn,{}", log.level);
    let filter = EnvFilter::try_new(level).with_context(|| format!("log.level \"{}\"", log.level))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if log.format == "json" {
        builder.json().init()
    } else {
        builder.init()
    }
    Ok(())
}

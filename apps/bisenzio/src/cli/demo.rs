use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use bisenzio_kernel::{Env, TenantId};
use bisenzio_module::Registry;
use bisenzio_store::{Store, StoreConfig};
use bisenzio_web::{Settings, Tenants};
use clap::Args;

use super::serve::{serve, start_logging};
use super::target::{DEMO_DATA, database_in};
use crate::config::Log;
use crate::{cities, wiring};

/// The city shown under `localhost`: the first that claims it.
const LOCAL_HOST: &str = "localhost";

#[derive(Args)]
pub struct Demo {
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    address: String,
    /// Folder for the data; made when missing.
    #[arg(long, value_name = "DIR", default_value = DEMO_DATA, env = "BISENZIO_DATA")]
    data: PathBuf,
    /// Store to use instead of the folder (a PostgreSQL URL).
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// Load the cities again, so that changed city files are seen.
    #[arg(long)]
    reload: bool,
}

impl Demo {
    pub async fn run(self) -> Result<()> {
        start_logging(&Log {
            level: "warn".into(),
            ..Log::default()
        })?;
        let registry = wiring::registry();
        let config = match &self.store {
            Some(url) => StoreConfig::parse(url).map_err(anyhow::Error::msg)?,
            None => StoreConfig::sqlite(database_in(&self.data)),
        };
        let store = wiring::open_store(&config, &registry).await?;
        let env = Env::system();
        load_missing(&store, &env, &registry, self.reload).await?;
        let settings = Settings {
            demo: true,
            default_tenant: local_tenant(&store).await?,
            ..Settings::default()
        };
        let address = format!("{}:{}", self.address, self.port);
        serve(&address, store, env, settings, registry, welcome).await
    }
}

/// Loads the embedded cities that the store does not hold (all of them when `reload`).
pub async fn load_missing(store: &Store, env: &Env, registry: &Registry, reload: bool) -> Result<()> {
    let known = Tenants::default();
    known.reload(store).await?;
    for name in cities::embedded_names() {
        let folder = cities::embedded(&name);
        let tenant = cities::tenant(&folder)?;
        if !reload && known.by_id(tenant.id.as_str()).is_some() {
            continue;
        }
        eprintln!("Loading {} ...", tenant.name);
        for (module, report) in cities::load(store, env, registry, folder).await? {
            if !report.counts.is_empty() {
                let counts: Vec<_> = report
                    .counts
                    .iter()
                    .map(|(what, n)| format!("{n} {what}"))
                    .collect();
                eprintln!("  {module}: {}", counts.join(", "));
            }
        }
    }
    Ok(())
}

async fn local_tenant(store: &Store) -> Result<Option<TenantId>> {
    let tenants = Tenants::default();
    tenants.reload(store).await.context("the cities cannot be read")?;
    Ok(tenants
        .all()
        .iter()
        .find(|t| t.hosts.iter().any(|h| h == LOCAL_HOST))
        .map(|t| t.id.clone()))
}

fn welcome(address: SocketAddr) {
    let port = address.port();
    println!("Bisenzio is running: http://localhost:{port}");
    println!("  Second city:       http://borgo.localhost:{port}");
    println!("  Enter as ...:      http://localhost:{port}/demo");
    println!("  Token for the API: bisenzio token create --demo --data <the data folder>");
    println!("Stop with Ctrl+C.");
}

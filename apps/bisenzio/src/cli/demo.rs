use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use bisenzio_kernel::{Env, Tenant};
use bisenzio_module::Registry;
use bisenzio_outbound::Policy;
use bisenzio_store::{Store, StoreConfig};
use bisenzio_web::{Settings, Tenants};
use clap::Args;

use super::serve::{serve, start_logging};
use super::target::{DEMO_DATA, LOCAL_HOST, database_in};
use crate::config::Log;
use crate::{cities, wiring};

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
        let tenants = Tenants::default();
        tenants
            .reload(&store)
            .await
            .context("the cities cannot be read")?;
        let tenants = tenants.all();
        let settings = Settings {
            demo: true,
            default_tenant: tenants
                .iter()
                .find(|tenant| tenant.hosts.iter().any(|host| host == LOCAL_HOST))
                .map(|tenant| tenant.id.clone()),
            ..Settings::default()
        };
        let address = format!("{}:{}", self.address, self.port);
        // Subscribers and other brokers of a demonstration run on the same machine.
        let outbound = Policy::public().with_loopback();
        serve(&address, store, env, settings, outbound, registry, |address| {
            welcome(address, &tenants);
        })
        .await
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

fn welcome(address: SocketAddr, tenants: &[Arc<Tenant>]) {
    let port = address.port();
    println!("Bisenzio is running: http://localhost:{port}");
    for tenant in tenants {
        let host = tenant.hosts.iter().find(|host| host.ends_with(".localhost"));
        println!(
            "  {:18} http://{}:{port}",
            tenant.name,
            host.map_or(LOCAL_HOST, String::as_str)
        );
    }
    println!("  {:18} http://localhost:{port}/demo", "Enter as ...");
    println!(
        "  {:18} bisenzio token create --demo --data DIR",
        "Token for the API"
    );
    println!("Stop with Ctrl+C.");
}

//! Which store a command works on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use bisenzio_kernel::Tenant;
use bisenzio_module::Registry;
use bisenzio_store::{Store, StoreConfig};
use bisenzio_web::Tenants;
use clap::Args;

use crate::config::Config;
use crate::wiring;

/// Where the demonstration keeps its data unless told otherwise.
pub const DEMO_DATA: &str = "data/demo";

/// The host name under which a newcomer looks first.
pub const LOCAL_HOST: &str = "localhost";

#[derive(Args, Clone, Debug)]
pub struct Target {
    /// Configuration file whose store is meant.
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    pub config: Option<PathBuf>,
    /// Data folder of a demonstration (default: data/demo).
    #[arg(long, value_name = "DIR", env = "BISENZIO_DATA")]
    pub data: Option<PathBuf>,
}

impl Target {
    pub fn store_config(&self) -> Result<StoreConfig> {
        if self.config.is_some() || std::env::var_os("BISENZIO_STORE_URL").is_some() && self.data.is_none() {
            return load_config(self.config.as_deref())?.store_config();
        }
        Ok(StoreConfig::sqlite(self.demo_database()))
    }

    pub fn demo_database(&self) -> PathBuf {
        database_in(self.data.as_deref().unwrap_or_else(|| Path::new(DEMO_DATA)))
    }

    /// Opens a store that must already be there.
    pub async fn open(&self, registry: &Registry) -> Result<Store> {
        let config = self.store_config()?;
        if let StoreConfig::Sqlite { path } = &config
            && !path.exists()
        {
            bail!(
                "there is no data at {}: run `bisenzio demo` first, or name the store with --config or --data",
                path.display()
            );
        }
        wiring::open_store(&config, registry).await
    }
}

/// The city that is meant: the named one; otherwise the one shown at `localhost`, or the only one.
pub async fn city(store: &Store, name: Option<&str>) -> Result<Arc<Tenant>> {
    let tenants = Tenants::default();
    tenants.reload(store).await.context("the cities cannot be read")?;
    let all = tenants.all();
    let names = || {
        all.iter()
            .map(|tenant| tenant.id.to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    match name {
        Some(name) => tenants.by_id(name).with_context(|| {
            format!(
                "there is no city \"{name}\" in this store (there are: {})",
                names()
            )
        }),
        None => match all.as_slice() {
            [] => bail!("the store holds no city: load one with `bisenzio import city FOLDER`"),
            [only] => Ok(only.clone()),
            many => many
                .iter()
                .find(|tenant| tenant.hosts.iter().any(|host| host == LOCAL_HOST))
                .cloned()
                .with_context(|| format!("say which city with --tenant: {}", names())),
        },
    }
}

pub fn database_in(folder: &Path) -> PathBuf {
    folder.join("bisenzio.db")
}

pub fn load_config(path: Option<&Path>) -> Result<Config> {
    Config::load(path, |name| std::env::var(name).ok()).context("the configuration is not valid")
}

//! Which store a command works on.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bisenzio_module::Registry;
use bisenzio_store::{Store, StoreConfig};
use clap::Args;

use crate::config::Config;
use crate::wiring;

/// Where the demonstration keeps its data unless told otherwise.
pub const DEMO_DATA: &str = "data/demo";

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

pub fn database_in(folder: &Path) -> PathBuf {
    folder.join("bisenzio.db")
}

pub fn load_config(path: Option<&Path>) -> Result<Config> {
    Config::load(path, |name| std::env::var(name).ok()).context("the configuration is not valid")
}

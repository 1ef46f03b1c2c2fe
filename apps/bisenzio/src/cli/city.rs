//! `bisenzio import city FOLDER`.

use std::path::PathBuf;

use anyhow::Result;
use bisenzio_kernel::Env;
use clap::Args;

use super::target::Target;
use crate::{cities, wiring};

#[derive(Args)]
pub struct City {
    /// Folder with city.toml and what belongs to it.
    folder: PathBuf,
    /// Only check the files.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    target: Target,
}

impl City {
    pub async fn run(self) -> Result<()> {
        let folder = cities::from_disk(&self.folder)?;
        let registry = wiring::registry();
        let temporary = tempfile::tempdir()?;
        let config = if self.check {
            bisenzio_store::StoreConfig::sqlite(temporary.path().join("check.db"))
        } else {
            self.target.store_config()?
        };
        let store = wiring::open_store(&config, &registry).await?;
        for (module, report) in cities::load(&store, &Env::system(), &registry, folder).await? {
            for (what, number) in &report.counts {
                println!("{module}: {number} {what}");
            }
            for remark in &report.remarks {
                println!("{module}: {remark}");
            }
        }
        println!(
            "{}",
            if self.check {
                "The city files are valid."
            } else {
                "The city is loaded."
            }
        );
        Ok(())
    }
}

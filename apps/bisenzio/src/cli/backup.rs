use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::target::Target;
use crate::wiring;

#[derive(Args)]
pub struct Backup {
    /// File to write, usually with the ending .bisenzio.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub struct Restore {
    /// Backup to read.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

impl Backup {
    pub async fn run(self) -> Result<()> {
        let store = self.target.open(&wiring::registry()).await?;
        let report = bisenzio_store::backup(&store, &self.out)
            .await
            .with_context(|| format!("the backup {} was not made", self.out.display()))?;
        print(self.json, "Saved", &report)
    }
}

impl Restore {
    pub async fn run(self) -> Result<()> {
        let registry = wiring::registry();
        let store = wiring::open_store(&self.target.store_config()?, &registry).await?;
        let report = bisenzio_store::restore(&store, &self.from)
            .await
            .context("nothing was restored")?;
        print(self.json, "Restored", &report)
    }
}

fn print(json: bool, verb: &str, report: &bisenzio_store::BackupReport) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string(report)?);
    } else {
        println!(
            "{verb} {} rows of {} tables, SHA-256 {}",
            report.rows, report.tables, report.sha256
        );
    }
    Ok(())
}

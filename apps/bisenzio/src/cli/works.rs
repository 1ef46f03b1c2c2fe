//! `bisenzio import city|ordinances|notices`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use bisenzio_kernel::{Env, TenantId};
use clap::{Args, Subcommand};

use super::city::City;
use super::target::Target;
use crate::wiring;

#[derive(Subcommand)]
pub enum Import {
    /// A whole city folder (city.toml, territory, plan, roadworks ...).
    City(City),
    /// Traffic ordinances, one JSON object per line.
    Ordinances(Works),
    /// Roadworks notices, one JSON object per line.
    Notices(Works),
}

#[derive(Args)]
pub struct Works {
    /// File to read (JSON lines).
    file: PathBuf,
    /// City.
    #[arg(long, default_value = "prato")]
    tenant: String,
    #[command(flatten)]
    target: Target,
}

#[derive(Clone, Copy)]
enum Kind {
    Ordinances,
    Notices,
}

impl Import {
    pub async fn run(self) -> Result<()> {
        match self {
            Import::City(city) => city.run().await,
            Import::Ordinances(works) => works.run(Kind::Ordinances).await,
            Import::Notices(works) => works.run(Kind::Notices).await,
        }
    }
}

impl Works {
    async fn run(self, kind: Kind) -> Result<()> {
        let text = std::fs::read_to_string(&self.file)
            .with_context(|| format!("{} cannot be read", self.file.display()))?;
        let name = self.file.display().to_string();
        let tenant = TenantId::new(&self.tenant)?;
        let store = self.target.open(&wiring::registry()).await?;
        let tenants = bisenzio_web::Tenants::default();
        tenants.reload(&store).await?;
        let tenant = tenants.by_id(tenant.as_str()).with_context(|| format!("there is no city \"{tenant}\""))?;
        let env = Env::system();
        let report = store
            .write(move |tx| match kind {
                Kind::Ordinances => bisenzio_roadworks::import::ordinances(tx, &env, &tenant, &name, &text),
                Kind::Notices => bisenzio_roadworks::import::notices(tx, &env, &tenant, &name, &text),
            })
            .await?;
        for (what, number) in &report.counts {
            println!("{number} {what}");
        }
        for remark in &report.remarks {
            println!("{remark}");
        }
        Ok(())
    }
}

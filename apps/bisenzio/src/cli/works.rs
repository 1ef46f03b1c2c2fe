//! `bisenzio import city|ordinances|notices`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use bisenzio_kernel::Env;
use bisenzio_roadworks::import;
use bisenzio_roadworks::placing::Ground;
use bisenzio_territory::Streets;
use clap::{Args, Subcommand};

use super::city::City;
use super::target::{Target, city};
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
    /// City (default: the one shown at localhost, or the only one).
    #[arg(long)]
    tenant: Option<String>,
    /// Print the report as JSON, row by row.
    #[arg(long)]
    json: bool,
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
        let store = self.target.open(&wiring::registry()).await?;
        let tenant = city(&store, self.tenant.as_deref()).await?;
        let env = Env::system();
        let file = self.file.display().to_string();
        let report = store
            .write(move |tx| {
                let ground = Ground::of(&Streets::default(), tx, &tenant.id)?;
                match kind {
                    Kind::Ordinances => import::ordinances(tx, &env, &tenant, &ground, &text),
                    Kind::Notices => import::notices(tx, &env, &tenant, &ground, &text),
                }
            })
            .await
            .with_context(|| format!("{file}: nothing was imported"))?;
        if self.json {
            println!("{}", serde_json::to_string(&report)?);
            return Ok(());
        }
        println!(
            "{} added, {} changed, {} unchanged",
            report.added, report.changed, report.unchanged
        );
        println!(
            "{} worksites in all, {} written now",
            report.worksites, report.worksites_written
        );
        println!(
            "Places: {} on their stretch, {} on the whole street, {} by hand, {} still to be placed",
            report.places_stretch, report.places_whole_street, report.places_by_hand, report.places_unmatched
        );
        Ok(())
    }
}

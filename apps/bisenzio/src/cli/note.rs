use std::path::PathBuf;

use anyhow::{Context, Result};
use bisenzio_kernel::{Env, Lang};
use bisenzio_store::StoreConfig;
use clap::{Args, Subcommand, ValueEnum};

use super::demo::load_missing;
use super::target::{Target, city};
use crate::wiring;

#[derive(Subcommand)]
pub enum Plan {
    /// Write the yearly note of an edition.
    Note(Note),
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Accessible HTML.
    Html,
    /// Tagged PDF (PDF/UA-1).
    Pdf,
    /// Editable OpenDocument text.
    Odt,
}

#[derive(Args)]
pub struct Note {
    #[arg(long)]
    year: i64,
    #[arg(long, value_enum, default_value_t = Format::Html)]
    format: Format,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// City (default: the one shown at localhost, or the only one).
    #[arg(long)]
    tenant: Option<String>,
    /// Language of headings and labels: it or en.
    #[arg(long, default_value = "it")]
    lang: String,
    #[command(flatten)]
    target: Target,
}

impl From<Format> for bisenzio_plan::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Html => Self::Html,
            Format::Pdf => Self::Pdf,
            Format::Odt => Self::Odt,
        }
    }
}

impl Plan {
    pub async fn run(self) -> Result<()> {
        let Plan::Note(note) = self;
        note.run().await
    }
}

impl Note {
    async fn run(self) -> Result<()> {
        let registry = wiring::registry();
        let lang = Lang::parse(&self.lang)
            .with_context(|| format!("\"{}\" is not a language: it or en", self.lang))?;
        // Without any data yet, the built-in demonstration city serves, in a store that is thrown away.
        let mut temporary = None;
        let config = self.target.store_config()?;
        let store = match &config {
            StoreConfig::Sqlite { path }
                if !path.exists() && self.target.data.is_none() && self.target.config.is_none() =>
            {
                eprintln!(
                    "No data at {}: using the built-in demonstration city.",
                    path.display()
                );
                let folder = tempfile::tempdir()?;
                let store =
                    wiring::open_store(&StoreConfig::sqlite(folder.path().join("note.db")), &registry)
                        .await?;
                load_missing(&store, &Env::system(), &registry, false).await?;
                temporary = Some(folder);
                store
            }
            _ => self.target.open(&registry).await?,
        };
        let tenant = city(&store, self.tenant.as_deref()).await?;
        let (year, modules) = (self.year, registry.clone());
        let document = store
            .read(move |tx| bisenzio_plan::note(tx, &modules, &tenant, year, lang))
            .await?;
        let bytes = bisenzio_plan::bytes(&document, self.format.into())?;
        std::fs::write(&self.out, bytes)
            .with_context(|| format!("{} cannot be written", self.out.display()))?;
        println!("{}", self.out.display());
        drop(temporary);
        Ok(())
    }
}

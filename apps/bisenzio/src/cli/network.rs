use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bisenzio_kernel::Env;
use bisenzio_roadworks::import::rebuild_after_network;
use bisenzio_streets::naming::NamingHints;
use bisenzio_streets::{Boundary, Network as Streets};
use bisenzio_territory::import::{self, Limits, gtfs};
use bisenzio_territory::{Layer, replace_layer};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::target::{Target, city};
use crate::wiring;

#[derive(Subcommand)]
pub enum Network {
    /// Derive the street network from an OpenStreetMap extract (.osm.pbf) or a GTFS feed (.zip).
    Import(Import),
}

#[derive(Args)]
pub struct Import {
    /// OpenStreetMap extract.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "gtfs",
        required_unless_present = "gtfs"
    )]
    osm: Option<PathBuf>,
    /// GTFS feed with shapes.
    #[arg(long, value_name = "FILE")]
    gtfs: Option<PathBuf>,
    /// GeoJSON polygon that the network is cut to.
    #[arg(long, value_name = "FILE")]
    boundary: Option<PathBuf>,
    /// What the city knows of its street names (TOML, see cities/*/territory/streets.toml).
    #[arg(long, value_name = "FILE")]
    names: Option<PathBuf>,
    /// West,south,east,north in degrees: only this part of an OpenStreetMap extract.
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true)]
    bbox: Option<String>,
    /// Write the network to a GeoJSON file instead of the store.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// City whose network is replaced (default: the one shown at localhost, or the only one).
    #[arg(long)]
    tenant: Option<String>,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

impl Network {
    pub async fn run(self) -> Result<()> {
        let Network::Import(import) = self;
        import.run().await
    }
}

impl Import {
    async fn run(self) -> Result<()> {
        let progress =
            ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {msg} {elapsed}")?);
        progress.enable_steady_tick(std::time::Duration::from_millis(120));
        let (network, report) = self.derive(&progress)?;
        network.validate().context("the derived network is not valid")?;
        progress.set_message("Writing ...");
        let text = network.to_geojson_text();
        match &self.out {
            Some(path) => std::fs::write(path, &text)
                .with_context(|| format!("{} cannot be written", path.display()))?,
            None => self.store(text).await?,
        }
        progress.finish_and_clear();
        if self.json {
            println!("{report}");
        } else {
            let km = network.links.iter().map(|link| link.length_m).sum::<f64>() / 1000.0;
            let named = network.links.iter().filter(|link| link.name.is_some()).count();
            println!(
                "{} nodes, {} links ({named} with a name), {km:.1} km",
                network.nodes.len(),
                network.links.len()
            );
        }
        Ok(())
    }

    fn derive(&self, progress: &ProgressBar) -> Result<(Streets, String)> {
        let boundary = self.boundary.as_deref().map(read_boundary).transpose()?;
        let limits = Limits::default();
        if let Some(path) = &self.osm {
            progress.set_message(format!("Reading {} ...", path.display()));
            let bbox = self.bbox.as_deref().map(parse_bbox).transpose()?;
            let (network, report) =
                import::network_from_osm(path.as_path(), boundary.as_ref(), bbox, &limits)
                    .with_context(|| path.display().to_string())?;
            return Ok((network, serde_json::to_string(&report)?));
        }
        let Some(path) = &self.gtfs else {
            bail!("give --osm or --gtfs")
        };
        let hints = match &self.names {
            Some(names) => {
                bisenzio_module::parse_toml(&names.display().to_string(), &std::fs::read_to_string(names)?)?
            }
            None => NamingHints::default(),
        };
        progress.set_message(format!("Reading {} ...", path.display()));
        let feed = gtfs::read(path.as_path(), &limits).with_context(|| path.display().to_string())?;
        progress.set_message("Merging the paths of the lines ...");
        let (network, report) = import::network_from_gtfs(&feed, boundary.as_ref(), &hints)?;
        Ok((network, serde_json::to_string(&report)?))
    }

    /// Nothing is replaced before the whole network has been derived and checked.
    async fn store(&self, text: String) -> Result<()> {
        let store = self.target.open(&wiring::registry()).await?;
        let tenant = city(&store, self.tenant.as_deref()).await?;
        let env = Env::system();
        // The works are looked up on the new streets in the same transaction.
        store
            .write(move |tx| {
                replace_layer(tx, &env, &tenant.id, Layer::Network, &text)?;
                rebuild_after_network(tx, &env, &tenant)
            })
            .await?;
        Ok(())
    }
}

fn read_boundary(path: &Path) -> Result<Boundary> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let document = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    Boundary::from_geojson(&document).with_context(|| path.display().to_string())
}

fn parse_bbox(text: &str) -> Result<[f64; 4]> {
    let numbers: Vec<f64> = text
        .split(',')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .unwrap_or_default();
    match numbers.as_slice() {
        &[w, s, e, n] if w < e && s < n => Ok([w, s, e, n]),
        _ => bail!("--bbox \"{text}\": write west,south,east,north in degrees"),
    }
}

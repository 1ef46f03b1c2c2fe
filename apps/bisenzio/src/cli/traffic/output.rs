//! Results as CSV, GeoJSON and JSON.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bisenzio_traffic::Network;
use bisenzio_traffic::assign::Unserved;
use clap::Args;
use serde_json::{Value, json};

/// Writes a whole file; nothing is left half-written where another stood.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path
        .parent()
        .filter(|f| !f.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    std::io::Write::write_all(&mut file, text.as_bytes())?;
    file.persist(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(())
}

/// Where results by link go.
#[derive(Args)]
pub struct LinkFiles {
    /// Write the results by link as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the results by link as GeoJSON.
    #[arg(long, value_name = "FILE")]
    geojson: Option<PathBuf>,
}

impl LinkFiles {
    pub fn write(&self, network: &Network, columns: &Columns) -> Result<()> {
        if let Some(path) = &self.csv {
            write(path, &links_csv(network, columns))?;
        }
        if let Some(path) = &self.geojson {
            write(path, &links_geojson(network, columns)?)?;
        }
        Ok(())
    }
}

/// Trips without a way, with zones as the file numbers them.
pub fn unserved(all: &[Unserved]) -> Vec<Value> {
    all.iter()
        .map(|u| json!({ "origin": u.origin + 1, "destination": u.destination + 1, "trips": u.amount }))
        .collect()
}

/// What is said of links, one list of numbers for each name.
pub struct Columns<'a>(pub Vec<(&'static str, &'a [f64])>);

/// One line for each link, with its end nodes as the network's file numbers them.
fn links_csv(network: &Network, columns: &Columns) -> String {
    let mut out = String::from("from,to,capacity");
    for (name, _) in &columns.0 {
        let _ = write!(out, ",{name}");
    }
    out.push('\n');
    for (index, link) in network.links.iter().enumerate() {
        let _ = write!(out, "{},{},{}", link.from + 1, link.to + 1, link.capacity);
        for (_, values) in &columns.0 {
            match values.get(index) {
                Some(value) if value.is_finite() => {
                    let _ = write!(out, ",{value}");
                }
                _ => out.push(','),
            }
        }
        out.push('\n');
    }
    out
}

/// Links as lines between their nodes (RFC 7946).
///
/// # Errors
/// A network without coordinates, or whose coordinates are not longitude and latitude.
fn links_geojson(network: &Network, columns: &Columns) -> Result<String> {
    if network.coordinates.is_empty() {
        bail!("the network has no coordinates: name a file of nodes with --nodes");
    }
    let fits = |[lon, lat]: &[f64; 2]| lon.abs() <= 180.0 && lat.abs() <= 90.0;
    if !network.coordinates.iter().all(fits) {
        bail!("the coordinates of the nodes are not longitude and latitude, which GeoJSON requires");
    }
    let features: Vec<Value> = network
        .links
        .iter()
        .enumerate()
        .map(|(index, link)| {
            let mut properties = json!({
                "from": link.from + 1,
                "to": link.to + 1,
                "capacity": link.capacity,
            });
            for (name, values) in &columns.0 {
                properties[*name] = values.get(index).filter(|v| v.is_finite()).copied().into();
            }
            let at = |node: u32| network.coordinates[node as usize];
            json!({
                "type": "Feature",
                "geometry": { "type": "LineString", "coordinates": [at(link.from), at(link.to)] },
                "properties": properties,
            })
        })
        .collect();
    Ok(json!({ "type": "FeatureCollection", "features": features }).to_string())
}

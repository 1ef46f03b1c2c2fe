//! Readers of foreign files: GTFS archives and OpenStreetMap extracts, both made into a street network.
//!
//! Whatever is wrong with a file is said with its name, line and column and with what to do; nothing is stored
//! here, so a refused file leaves the stored network as it was.

mod archive;
mod error;
pub mod gtfs;
pub mod osm;
mod table;

use std::path::Path;

use bisenzio_streets::naming::{NamingHints, NamingReport, StopEvidence, name_from_stops};
use bisenzio_streets::{Boundary, MergeReport, Network, ShapeLine, ShapeOptions, from_shapes};
use serde::Serialize;

pub use bisenzio_streets::from_osm::OsmReport;
pub use error::ImportError;
pub use gtfs::GtfsFeed;

/// Where a file comes from.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    Path(&'a Path),
    Bytes(&'a [u8]),
}

impl<'a> From<&'a Path> for Source<'a> {
    fn from(path: &'a Path) -> Self {
        Self::Path(path)
    }
}

impl<'a> From<&'a [u8]> for Source<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

/// How much a foreign file may ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Size of the file itself, in bytes.
    pub file_bytes: u64,
    /// Files inside an archive.
    pub entries: usize,
    /// All files of an archive together once unpacked, in bytes.
    pub unpacked_bytes: u64,
    /// How many times larger than packed a file of an archive may become (judged from 1 MiB on).
    pub ratio: u64,
    /// Rows of one table.
    pub rows: usize,
    /// Nodes, ways and relations that are kept of an OpenStreetMap extract.
    pub elements: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 2 << 30,
            entries: 200,
            unpacked_bytes: 512 << 20,
            ratio: 200,
            rows: 20_000_000,
            elements: 20_000_000,
        }
    }
}

/// What an import from bus lines did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportReport {
    pub merge: MergeReport,
    pub naming: NamingReport,
}

/// Derives a street network from the paths and stops of bus lines.
///
/// # Errors
/// When no path runs inside the boundary or the result is not a valid network.
pub fn network_from_gtfs(
    feed: &GtfsFeed,
    boundary: Option<&Boundary>,
    hints: &NamingHints,
) -> Result<(Network, ImportReport), ImportError> {
    let lines: Vec<ShapeLine> = feed
        .shapes
        .iter()
        .map(|s| ShapeLine {
            id: s.id.clone(),
            points: s.points.clone(),
            uses: s.trips,
        })
        .collect();
    let options = ShapeOptions {
        boundary: boundary.cloned(),
        attribution: hints.attribution.clone().unwrap_or_default(),
        ..ShapeOptions::default()
    };
    let mut built = from_shapes(&lines, &options)?;
    let stops: Vec<StopEvidence> = feed
        .stops
        .iter()
        .map(|s| StopEvidence {
            id: s.id.clone(),
            lon: s.lon,
            lat: s.lat,
            name: s.name.clone(),
            shapes: s.shapes.clone(),
        })
        .collect();
    let naming = name_from_stops(&mut built.network, &built.shapes_by_link, &stops, hints);
    built.network.validate()?;
    Ok((
        built.network,
        ImportReport {
            merge: built.report,
            naming,
        },
    ))
}

/// Reads a street network from an OpenStreetMap extract. `bbox` is `[west, south, east, north]` in degrees.
///
/// # Errors
/// When the file cannot be read, is damaged or holds no street inside.
pub fn network_from_osm<'a>(
    source: impl Into<Source<'a>>,
    boundary: Option<&Boundary>,
    bbox: Option<[f64; 4]>,
    limits: &Limits,
) -> Result<(Network, OsmReport), ImportError> {
    let extract = osm::read(source, bbox, limits)?;
    let (network, report) =
        bisenzio_streets::from_osm::from_osm(&extract.nodes, &extract.ways, &extract.relations, boundary);
    if network.links.is_empty() {
        return Err(ImportError::NoStreets);
    }
    network.validate()?;
    Ok((network, report))
}

#[cfg(test)]
mod real_data;
#[cfg(test)]
mod tests;

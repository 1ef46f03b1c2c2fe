//! What may be wrong with a foreign file, in words that say what to do.

use bisenzio_streets::{NetworkError, ShapeError};

/// Why a foreign file was refused.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{file}: cannot be opened: {problem}")]
    Open { file: String, problem: String },
    #[error("the file is {size} bytes, more than the {limit} that are allowed")]
    FileTooLarge { size: u64, limit: u64 },
    #[error("the archive cannot be read: {problem}; it is cut off or not a zip file, fetch it again")]
    NotAnArchive { problem: String },
    #[error(
        "the archive holds {entries} files, more than the {limit} that are allowed; it is not a plain GTFS feed"
    )]
    TooManyEntries { entries: usize, limit: usize },
    #[error(
        "{file}: unpacks to more than {limit} bytes (all files together); refused before it fills the memory"
    )]
    TooLarge { file: String, limit: u64 },
    #[error("{file}: unpacks to more than {ratio} times its packed size, as only a zip bomb does; refused")]
    Bomb { file: String, ratio: u64 },
    #[error(
        "{file} is missing from the archive; a GTFS feed for a street network needs shapes, trips, stops, stop_times and routes"
    )]
    MissingFile { file: &'static str },
    #[error("{file}, line 1: column {column} is missing; its name must stand in the first line")]
    MissingColumn { file: String, column: &'static str },
    #[error("{file}, line {line}, column {column}: {problem}")]
    Value {
        file: String,
        line: u64,
        column: &'static str,
        problem: String,
    },
    #[error("{file}, line {line}: {problem}")]
    Row {
        file: String,
        line: u64,
        problem: String,
    },
    #[error("{file}: more than {limit} rows")]
    TooManyRows { file: String, limit: usize },
    #[error("{file}: {problem}; the archive is damaged or cut off, fetch it again")]
    Damaged { file: String, problem: String },
    #[error(
        "the OpenStreetMap file cannot be read after {blocks} blocks: {problem}; it is cut off or damaged, fetch it again"
    )]
    Osm { blocks: usize, problem: String },
    #[error(
        "the OpenStreetMap file needs the feature \"{feature}\", which is not supported; export it as a plain .osm.pbf"
    )]
    OsmFeature { feature: String },
    #[error(
        "the OpenStreetMap file holds more than {limit} elements to keep; cut the area out first (osmium extract)"
    )]
    TooManyElements { limit: usize },
    #[error("no street was found; check that the boundary or bounding box lies inside the file's area")]
    NoStreets,
    #[error(transparent)]
    Shapes(#[from] ShapeError),
    #[error("the derived network is not valid: {0}")]
    Network(#[from] NetworkError),
}

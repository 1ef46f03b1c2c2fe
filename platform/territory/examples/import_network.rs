//! Derives a street network from a GTFS feed or an OpenStreetMap extract:
//! `cargo run -p bisenzio-territory --example import_network -- FEED BOUNDARY|- NAMES|- OUT`.

use std::error::Error;
use std::fs;
use std::path::Path;

use bisenzio_streets::Boundary;
use bisenzio_streets::naming::NamingHints;
use bisenzio_territory::import::{Limits, gtfs, network_from_gtfs, network_from_osm};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [feed, boundary, names, out] = arguments.as_slice() else {
        return Err("expected: FEED BOUNDARY|- NAMES|- OUT".into());
    };
    let boundary = match boundary.as_str() {
        "-" => None,
        file => Some(Boundary::from_geojson(&serde_json::from_str(
            &fs::read_to_string(file)?,
        )?)?),
    };
    let hints: NamingHints = match names.as_str() {
        "-" => NamingHints::default(),
        file => toml::from_str(&fs::read_to_string(file)?)?,
    };
    let limits = Limits::default();
    let network = if feed.ends_with(".pbf") {
        let (network, report) = network_from_osm(Path::new(feed), boundary.as_ref(), None, &limits)?;
        println!("{}", serde_json::to_string_pretty(&report)?);
        network
    } else {
        let feed = gtfs::read(Path::new(feed), &limits)?;
        let (network, report) = network_from_gtfs(&feed, boundary.as_ref(), &hints)?;
        println!("{}", serde_json::to_string_pretty(&report)?);
        network
    };
    println!("components: {}", network.components().len());
    fs::write(out, network.to_geojson_text())?;
    Ok(())
}

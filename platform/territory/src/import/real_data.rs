//! The importers on real files, when the folder with the project's data is at hand (`BISENZIO_SHARED`).

use std::path::{Path, PathBuf};

use bisenzio_streets::locate::{Locator, Outcome, Precision};
use serde_json::Value;

use super::*;

fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("BISENZIO_SHARED")
        .map(PathBuf::from)
        .filter(|p| p.is_dir());
    if folder.is_none() {
        eprintln!("skipped: BISENZIO_SHARED does not name the folder with the real data");
    }
    folder
}

fn city(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../cities/prato/territory")
        .join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn prato_is_derived_from_its_bus_lines() {
    let Some(shared) = shared() else { return };
    let feed = gtfs::read(
        shared.join("data/prato/cap-2016.gtfs.zip").as_path(),
        &Limits::default(),
    )
    .expect("a feed");
    let boundary: Value = serde_json::from_str(&city("boundary.geojson")).expect("JSON");
    let boundary = Boundary::from_geojson(&boundary).expect("a boundary");
    let hints: NamingHints = toml::from_str(&city("streets.toml")).expect("names");
    let (network, report) = network_from_gtfs(&feed, Some(&boundary), &hints).expect("a network");
    assert!(
        (185.4..226.6).contains(&report.merge.network_km),
        "206 km within 10 %: {report:?}"
    );
    assert_eq!(network.components().len(), 1);
    assert!(report.naming.named_share > 0.85, "{report:?}");
    let committed: Value = serde_json::from_str(&city("network.geojson")).expect("JSON");
    assert!(
        Network::from_geojson(&committed).expect("a network") == network,
        "network.geojson is not what the importer makes"
    );
}

#[test]
fn real_measures_find_their_streets() {
    let Some(shared) = shared() else { return };
    let network: Value = serde_json::from_str(&city("network.geojson")).expect("JSON");
    let network = Network::from_geojson(&network).expect("a network");
    let hints: NamingHints = toml::from_str(&city("streets.toml")).expect("names");
    let locator = Locator::new(&network, &hints.alias_table());
    let (mut total, mut stretch, mut whole, mut described) = (0, 0, 0, 0);
    for file in ["ordinances.jsonl", "notices.jsonl"] {
        let text = std::fs::read_to_string(shared.join("data/prato").join(file)).expect("the acts");
        for line in text.lines() {
            let act: Value = serde_json::from_str(line).expect("JSON");
            for measure in act["measures"].as_array().into_iter().flatten() {
                let Some(street) = measure["street"].as_str() else {
                    continue;
                };
                total += 1;
                described += usize::from(measure["stretch"].is_string());
                let outcome = locator.locate(street, measure["stretch"].as_str());
                let answer = match &outcome {
                    Outcome::Located(l) => {
                        format!("{:?} {} {:?}", l.precision, l.streets.join(" + "), l.explanation)
                    }
                    Outcome::Unmatched(why) => format!("{why:?}"),
                };
                println!("{} | {street} | {} | {answer}", act["id"], measure["stretch"]);
                match outcome {
                    Outcome::Located(l) if l.precision == Precision::Stretch => stretch += 1,
                    Outcome::Located(_) => whole += 1,
                    Outcome::Unmatched(_) => {}
                }
            }
        }
    }
    println!("{total} measures, {described} with a stretch: {stretch} by stretch, {whole} by street");
    assert!(
        total > 150 && (stretch + whole) * 100 >= total * 40,
        "{stretch} + {whole} of {total}"
    );
    assert!(stretch >= 10, "{stretch}");
}

#[test]
fn the_invented_village_is_whole_and_its_works_are_found() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/borgo/territory");
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).expect("a file of the village");
    let network: Value = serde_json::from_str(&read("network.geojson")).expect("JSON");
    let network = Network::from_geojson(&network).expect("a network");
    assert_eq!((network.components().len(), network.named_share()), (1, 1.0));
    assert_eq!(network.restrictions.len(), 1);
    let boundary: Value = serde_json::from_str(&read("boundary.geojson")).expect("JSON");
    let boundary = Boundary::from_geojson(&boundary).expect("a boundary");
    assert!(network.nodes.iter().all(|n| boundary.contains([n.lon, n.lat])));
    let hints: NamingHints = toml::from_str(&read("streets.toml")).expect("names");
    let locator = Locator::new(&network, &hints.alias_table());
    for (street, stretch) in [
        ("Via del Molino", "tra Via della Fonte e Piazza del Pozzo"),
        ("Strada del Poggio", "dal civico 12 al civico 30"),
    ] {
        let outcome = locator.locate(street, Some(stretch));
        assert!(
            matches!(&outcome, Outcome::Located(l) if l.precision == Precision::Stretch),
            "{outcome:?}"
        );
    }
}

#[test]
fn helsinki_and_coquimbo_are_read() {
    let Some(shared) = shared() else { return };
    let samples = shared.join("data/samples");
    let (network, report) = network_from_osm(
        samples.join("Helsinki.osm.pbf").as_path(),
        None,
        None,
        &Limits::default(),
    )
    .expect("Helsinki");
    assert!(
        report.network_km > 25.0 && network.named_share() > 0.2,
        "{report:?}"
    );
    println!("{report:?}, named {:.2}", network.named_share());
    let outer = std::fs::File::open(samples.join("coquimbo-osm-gtfs.zip")).expect("the archive");
    let mut outer = zip::ZipArchive::new(outer).expect("an archive");
    let mut inner = Vec::new();
    let mut entry = outer.by_name("gtfs_coquimbo.zip").expect("the feed inside");
    std::io::Read::read_to_end(&mut entry, &mut inner).expect("unpacked");
    let feed = gtfs::read(inner.as_slice(), &Limits::default()).expect("Coquimbo");
    let (network, report) = network_from_gtfs(&feed, None, &NamingHints::default()).expect("a network");
    println!("{report:?}");
    assert_eq!(network.components().len(), 1);
    assert!(report.merge.network_km > 20.0 && report.merge.network_km < report.merge.distinct_km);
}

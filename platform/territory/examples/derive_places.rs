//! Derives localities, indicative districts and bus stops of a city:
//! `cargo run -p bisenzio-territory --example derive_places -- FEED FOLDER`, where FOLDER holds
//! `boundary.geojson`, `streets.toml` and `places.toml` and receives the three files.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use bisenzio_streets::model::round6;
use bisenzio_streets::naming::{NamingHints, Restorer, split_stop_name};
use bisenzio_streets::{Attribution, Boundary};
use bisenzio_territory::import::gtfs::{GtfsFeed, Stop};
use bisenzio_territory::import::{Limits, gtfs};
use geo::{Area, BooleanOps, LineString, MultiPolygon, Polygon};
use serde::Deserialize;
use serde_json::{Value, json};

const NOTE: &str = "Confine indicativo: non è un atto. Ogni punto è assegnato al luogo noto più vicino.";
/// How far a cell may reach, in degrees: more than any municipality.
const FAR: f64 = 2.0;
/// Overlap of neighbouring cells, in square degrees: some ten metres at a distance of a kilometre.
const OVERLAP: f64 = 2e-6;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    attribution: Attribution,
    #[serde(default)]
    locality: Vec<Locality>,
    #[serde(default)]
    district: Vec<District>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Locality {
    name: String,
    district: String,
    stops: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct District {
    name: String,
    seeds: Vec<[f64; 2]>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [feed, folder] = arguments.as_slice() else {
        return Err("expected: FEED FOLDER".into());
    };
    let folder = Path::new(folder);
    let read = |name: &str| fs::read_to_string(folder.join(name));
    let feed = gtfs::read(Path::new(feed), &Limits::default())?;
    let places: Places = toml::from_str(&read("places.toml")?)?;
    let hints: NamingHints = toml::from_str(&read("streets.toml")?)?;
    let boundary = Boundary::from_geojson(&serde_json::from_str(&read("boundary.geojson")?)?)?;
    let write = |name: &str, features: &[Value]| {
        fs::write(folder.join(name), collection(&places.attribution, features))
    };
    let mut seeds: BTreeMap<&str, Vec<[f64; 2]>> = BTreeMap::new();
    let mut localities = Vec::new();
    for locality in &places.locality {
        let stops: Vec<&Stop> = feed
            .stops
            .iter()
            .filter(|s| locality.stops.contains(&s.id))
            .collect();
        if stops.len() != locality.stops.len() {
            return Err(format!(
                "{}: a stop of {:?} is not in the feed",
                locality.name, locality.stops
            )
            .into());
        }
        let count = stops.len() as f64;
        let at = [
            stops.iter().map(|s| s.lon).sum::<f64>() / count,
            stops.iter().map(|s| s.lat).sum::<f64>() / count,
        ];
        seeds.entry(&locality.district).or_default().push(at);
        let named: BTreeSet<String> = stops
            .iter()
            .map(|s| format!("{} ({})", tidy(&s.name), s.id))
            .collect();
        let properties = json!({
            "name": locality.name,
            "district": locality.district,
            "source": format!("fermate: {}", named.into_iter().collect::<Vec<_>>().join(", ")),
        });
        localities.push(point(properties, at));
    }
    write("localities.geojson", &localities)?;
    for district in &places.district {
        seeds.entry(&district.name).or_default().extend(&district.seeds);
    }
    write("districts.geojson", &districts(&seeds, &boundary))?;
    write("bus_stops.geojson", &bus_stops(&feed, &boundary, &hints))?;
    Ok(())
}

/// For every district the part of the municipality that is nearest to one of its seeds.
fn districts(seeds: &BTreeMap<&str, Vec<[f64; 2]>>, boundary: &Boundary) -> Vec<Value> {
    let city = MultiPolygon(boundary.polygons.iter().map(|rings| polygon(rings)).collect());
    let all: Vec<[f64; 2]> = seeds.values().flatten().copied().collect();
    // One degree of longitude is this much of one of latitude.
    let squeeze = boundary.centre()[1].to_radians().cos();
    let total = city.unsigned_area();
    let mut features = Vec::new();
    for (name, own) in seeds {
        let cells: Vec<MultiPolygon<f64>> = own
            .iter()
            .map(|seed| MultiPolygon(vec![cell(*seed, own, &all, squeeze)]))
            .collect();
        let whole = cells
            .into_iter()
            .reduce(|a, b| a.union(&b))
            .unwrap_or_else(|| MultiPolygon(Vec::new()));
        let district = whole.intersection(&city);
        let share = district.unsigned_area() / total;
        // Slivers come from rounding, not from the ground.
        let parts: Vec<&Polygon<f64>> = district
            .0
            .iter()
            .filter(|p| p.unsigned_area() > total * 1e-5)
            .collect();
        let coordinates: Vec<Vec<Vec<[f64; 2]>>> = parts.into_iter().map(rings).collect();
        features.push(json!({
            "type": "Feature",
            "properties": {"name": name, "indicative": true, "note": NOTE, "share_of_area": (share * 1000.0).round() / 1000.0},
            "geometry": {"type": "MultiPolygon", "coordinates": coordinates},
        }));
    }
    features
}

/// The points nearer to `seed` than to any other, as a large square cut by one half-plane after another. Cells
/// of one district (`own`) overlap a little, so that no crack stays between them.
fn cell(seed: [f64; 2], own: &[[f64; 2]], all: &[[f64; 2]], squeeze: f64) -> Polygon<f64> {
    let mut ring: Vec<[f64; 2]> = vec![
        [seed[0] - FAR, seed[1] - FAR],
        [seed[0] + FAR, seed[1] - FAR],
        [seed[0] + FAR, seed[1] + FAR],
        [seed[0] - FAR, seed[1] + FAR],
    ];
    for other in all.iter().filter(|o| **o != seed) {
        // Positive on the side of `seed`.
        let side = |p: &[f64; 2]| {
            let d = |q: &[f64; 2]| ((p[0] - q[0]) * squeeze).powi(2) + (p[1] - q[1]).powi(2);
            d(other) - d(&seed) + if own.contains(other) { OVERLAP } else { 0.0 }
        };
        let mut cut = Vec::new();
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            let (sa, sb) = (side(a), side(b));
            if sa >= 0.0 {
                cut.push(*a);
            }
            if (sa >= 0.0) != (sb >= 0.0) {
                let t = sa / (sa - sb);
                cut.push([a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]);
            }
        }
        ring = cut;
    }
    polygon(&[ring])
}

fn polygon(rings: &[Vec<[f64; 2]>]) -> Polygon<f64> {
    let mut lines = rings
        .iter()
        .map(|r| LineString::from(r.iter().map(|p| (p[0], p[1])).collect::<Vec<_>>()));
    let outside = lines.next().unwrap_or_else(|| LineString::new(Vec::new()));
    Polygon::new(outside, lines.collect())
}

fn rings(polygon: &Polygon<f64>) -> Vec<Vec<[f64; 2]>> {
    let ring = |line: &LineString<f64>| line.0.iter().map(|c| [round6(c.x), round6(c.y)]).collect();
    std::iter::once(polygon.exterior())
        .chain(polygon.interiors())
        .map(ring)
        .collect()
}

fn bus_stops(feed: &GtfsFeed, boundary: &Boundary, hints: &NamingHints) -> Vec<Value> {
    let streets: Vec<(String, Option<String>)> =
        feed.stops.iter().map(|s| split_stop_name(&s.name)).collect();
    let restorer = Restorer::new(hints, streets.iter().map(|s| s.0.as_str()));
    let mut features = Vec::new();
    for (stop, (street, number)) in feed.stops.iter().zip(&streets) {
        if !boundary.contains([stop.lon, stop.lat]) || stop.routes.is_empty() {
            continue;
        }
        let street = restorer
            .restore(street)
            .map_or_else(|| tidy(street), |(name, _)| name);
        let name = number
            .as_ref()
            .map_or_else(|| street.clone(), |n| format!("{street} {n}"));
        let lines: BTreeSet<&str> = stop.routes.iter().map(|r| feed.routes[*r].name()).collect();
        let lines: Vec<&str> = lines.into_iter().collect();
        features.push(point(
            json!({"name": name, "stop": stop.id, "lines": lines.join(", ")}),
            [stop.lon, stop.lat],
        ));
    }
    features
}

fn tidy(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn point(properties: Value, [lon, lat]: [f64; 2]) -> Value {
    json!({
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Point", "coordinates": [round6(lon), round6(lat)]},
    })
}

/// One feature a line, so that a change is a readable difference.
fn collection(attribution: &Attribution, features: &[Value]) -> String {
    let lines: Vec<String> = features.iter().map(Value::to_string).collect();
    format!(
        "{{\n\"type\": \"FeatureCollection\",\n\"attribution\": {},\n\"licence\": {},\n\"source\": {},\n\"features\": [\n{}\n]\n}}\n",
        json!(attribution.text),
        json!(attribution.licence),
        json!(attribution.source),
        lines.join(",\n"),
    )
}

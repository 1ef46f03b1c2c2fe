//! GTFS feeds (General Transit Feed Specification, Schedule reference): what a street network needs of them,
//! `shapes.txt`, `trips.txt`, `stops.txt`, `stop_times.txt`, `routes.txt`, and `agency.txt` for the credit.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;

use super::archive::Archive;
use super::table::rows;
use super::{ImportError, Limits, Source};

/// The parts of a feed that matter here.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GtfsFeed {
    pub agencies: Vec<String>,
    pub routes: Vec<Route>,
    pub shapes: Vec<Shape>,
    pub stops: Vec<Stop>,
    pub trips: usize,
    /// Trips that name a shape the feed does not hold; they count for nothing.
    pub trips_without_shape: usize,
    /// Stop times that name a trip or a stop the feed does not hold; they count for nothing.
    pub stray_stop_times: usize,
}

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    pub id: String,
    pub short_name: String,
    pub long_name: String,
    /// Six hexadecimal digits, or empty.
    pub color: String,
}

impl Route {
    /// The name passengers know.
    pub fn name(&self) -> &str {
        if self.short_name.is_empty() {
            &self.long_name
        } else {
            &self.short_name
        }
    }
}

/// A path that trips follow.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    pub id: String,
    /// `[lon, lat]` in driving order.
    pub points: Vec<[f64; 2]>,
    pub trips: u32,
}

/// A stop.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    pub id: String,
    pub name: String,
    pub lon: f64,
    pub lat: f64,
    /// Indices of the shapes whose trips stop here, ascending.
    pub shapes: Vec<usize>,
    /// Indices of the routes whose trips stop here, ascending.
    pub routes: Vec<usize>,
}

/// Reads a feed from a zip archive.
///
/// # Errors
/// When the archive is damaged, too large or a table lacks a file, a column or a value; the message names it.
pub fn read<'a>(source: impl Into<Source<'a>>, limits: &Limits) -> Result<GtfsFeed, ImportError> {
    let mut archive = Archive::open(source.into(), limits)?;
    let mut feed = GtfsFeed::default();
    archive.with_file("agency.txt", |r| {
        rows("agency.txt", r, &["agency_name"], &[], limits.rows, |row| {
            feed.agencies.push(row.text("agency_name").to_owned());
            Ok(())
        })
    })?;
    let shapes = needed(&mut archive, "shapes.txt", |r| read_shapes(r, limits))?;
    let shape_at: HashMap<String, usize> = shapes
        .iter()
        .enumerate()
        .map(|(i, s)| (s.id.clone(), i))
        .collect();
    feed.shapes = shapes;
    feed.routes = needed(&mut archive, "routes.txt", |r| read_routes(r, limits))?;
    let route_at: HashMap<String, usize> = feed
        .routes
        .iter()
        .enumerate()
        .map(|(i, r)| (r.id.clone(), i))
        .collect();
    let mut trips: HashMap<String, (Option<usize>, Option<usize>)> = HashMap::new();
    needed(&mut archive, "trips.txt", |r| {
        rows(
            "trips.txt",
            r,
            &["route_id", "trip_id", "shape_id"],
            &[],
            limits.rows,
            |row| {
                let shape = shape_at.get(row.text("shape_id")).copied();
                match shape {
                    Some(i) => feed.shapes[i].trips += 1,
                    None => feed.trips_without_shape += 1,
                }
                let route = route_at.get(row.required("route_id")?).copied();
                trips.insert(row.required("trip_id")?.to_owned(), (shape, route));
                Ok(())
            },
        )
    })?;
    feed.trips = trips.len();
    let mut stop_at: HashMap<String, usize> = HashMap::new();
    feed.stops = needed(&mut archive, "stops.txt", |r| read_stops(r, limits, &mut stop_at))?;
    let mut served: BTreeMap<usize, (BTreeSet<usize>, BTreeSet<usize>)> = BTreeMap::new();
    needed(&mut archive, "stop_times.txt", |r| {
        rows(
            "stop_times.txt",
            r,
            &["trip_id", "stop_id"],
            &[],
            limits.rows,
            |row| {
                let trip = trips.get(row.required("trip_id")?);
                let (Some((shape, route)), Some(stop)) = (trip, stop_at.get(row.text("stop_id"))) else {
                    feed.stray_stop_times += 1;
                    return Ok(());
                };
                let entry = served.entry(*stop).or_default();
                entry.0.extend(shape);
                entry.1.extend(route);
                Ok(())
            },
        )
    })?;
    for (stop, (shapes, routes)) in served {
        feed.stops[stop].shapes = shapes.into_iter().collect();
        feed.stops[stop].routes = routes.into_iter().collect();
    }
    Ok(feed)
}

fn needed<T>(
    archive: &mut Archive,
    file: &'static str,
    read: impl FnOnce(&mut dyn Read) -> Result<T, ImportError>,
) -> Result<T, ImportError> {
    archive
        .with_file(file, read)?
        .ok_or(ImportError::MissingFile { file })
}

fn read_shapes(reader: &mut dyn Read, limits: &Limits) -> Result<Vec<Shape>, ImportError> {
    let mut by_id: BTreeMap<String, Vec<(u64, [f64; 2])>> = BTreeMap::new();
    let columns = ["shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"];
    rows("shapes.txt", reader, &columns, &[], limits.rows, |row| {
        let position = row.position("shape_pt_lon", "shape_pt_lat")?;
        let sequence = row.number("shape_pt_sequence")?;
        by_id
            .entry(row.required("shape_id")?.to_owned())
            .or_default()
            .push((sequence, position));
        Ok(())
    })?;
    let shape = |(id, mut points): (String, Vec<(u64, [f64; 2])>)| {
        points.sort_by_key(|p| p.0);
        Shape {
            id,
            points: points.into_iter().map(|p| p.1).collect(),
            trips: 0,
        }
    };
    Ok(by_id.into_iter().map(shape).collect())
}

fn read_routes(reader: &mut dyn Read, limits: &Limits) -> Result<Vec<Route>, ImportError> {
    let mut routes = Vec::new();
    let optional = ["route_short_name", "route_long_name", "route_color"];
    rows(
        "routes.txt",
        reader,
        &["route_id"],
        &optional,
        limits.rows,
        |row| {
            routes.push(Route {
                id: row.required("route_id")?.to_owned(),
                short_name: row.text("route_short_name").to_owned(),
                long_name: row.text("route_long_name").to_owned(),
                color: row.text("route_color").to_owned(),
            });
            Ok(())
        },
    )?;
    Ok(routes)
}

fn read_stops(
    reader: &mut dyn Read,
    limits: &Limits,
    at: &mut HashMap<String, usize>,
) -> Result<Vec<Stop>, ImportError> {
    let mut stops = Vec::new();
    rows(
        "stops.txt",
        reader,
        &["stop_id", "stop_name", "stop_lat", "stop_lon"],
        &[],
        limits.rows,
        |row| {
            // Stations' generic nodes may come without a position; they carry no street either.
            if row.text("stop_lat").is_empty() && row.text("stop_lon").is_empty() {
                return Ok(());
            }
            let id = row.required("stop_id")?.to_owned();
            let [lon, lat] = row.position("stop_lon", "stop_lat")?;
            if at.insert(id.clone(), stops.len()).is_some() {
                return Err(row.wrong("stop_id", &format!("\"{id}\" stands twice")));
            }
            let name = row.text("stop_name").to_owned();
            stops.push(Stop {
                id,
                name,
                lon,
                lat,
                shapes: Vec::new(),
                routes: Vec::new(),
            });
            Ok(())
        },
    )?;
    Ok(stops)
}

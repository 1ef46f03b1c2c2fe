//! Trips, flows and routes.

use std::collections::{BTreeMap, HashMap};

use super::xml::{Element, SumoError, each};

/// Vehicles from one edge or zone (TAZ) to another.
#[derive(Clone, Debug, PartialEq)]
pub struct SumoTrip {
    pub from: String,
    pub to: String,
    /// The vehicle's type, or empty.
    pub kind: String,
    pub vehicles: f64,
}

/// All trips of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SumoTrips {
    /// Ordered by origin, destination and type; each combination once.
    pub trips: Vec<SumoTrip>,
    /// First and last departure, seconds.
    pub begin: f64,
    pub end: f64,
}

/// Reads `<trip>`, `<flow>` and `<vehicle>`, with routes inside them or named before. Zones count before edges where
/// both are given; of a route its first and last edge.
///
/// # Errors
/// XML that is not well-formed, vehicles without origin or destination, numbers that make no sense.
pub fn read_trips(text: &str) -> Result<SumoTrips, SumoError> {
    let mut found: BTreeMap<(String, String, String), f64> = BTreeMap::new();
    let mut routes: HashMap<String, (String, String)> = HashMap::new();
    let mut open: Option<(usize, String, f64)> = None;
    let (mut begin, mut end) = (f64::INFINITY, 0.0_f64);
    let lost = |open: &Option<(usize, String, f64)>| {
        open.as_ref().map_or(Ok(()), |(line, ..)| {
            Err(SumoError {
                line: *line,
                problem: "a vehicle without route, origin or destination".to_owned(),
            })
        })
    };
    each(text, |e| {
        match e.name.as_str() {
            "route" => {
                let mut edges = e.need("edges")?.split_whitespace();
                let first = edges.next().ok_or_else(|| e.fail("a route without edges"))?;
                let ends = (first.to_owned(), edges.next_back().unwrap_or(first).to_owned());
                if let Some((_, kind, vehicles)) = open.take() {
                    *found.entry((ends.0, ends.1, kind)).or_default() += vehicles;
                } else {
                    routes.insert(e.need("id")?.to_owned(), ends);
                }
            }
            "trip" | "vehicle" | "flow" => {
                lost(&open)?;
                open = None;
                let (vehicles, from, to) = amount(e)?;
                begin = begin.min(from);
                end = end.max(to);
                let kind = e.get("type").unwrap_or_default().to_owned();
                let either = |zone, edge| e.get(zone).or_else(|| e.get(edge)).map(str::to_owned);
                let ends = match (either("fromTaz", "from"), either("toTaz", "to"), e.get("route")) {
                    (Some(from), Some(to), _) => (from, to),
                    (_, _, Some(route)) => match routes.get(route) {
                        Some(ends) => ends.clone(),
                        None => return Err(e.fail(format!("there is no route {route} before"))),
                    },
                    _ => {
                        open = Some((e.line, kind, vehicles));
                        return Ok(());
                    }
                };
                *found.entry((ends.0, ends.1, kind)).or_default() += vehicles;
            }
            _ => {}
        }
        Ok(())
    })?;
    lost(&open)?;
    let trip = |((from, to, kind), vehicles)| SumoTrip {
        from,
        to,
        kind,
        vehicles,
    };
    Ok(SumoTrips {
        trips: found.into_iter().map(trip).collect(),
        begin: begin.min(end),
        end,
    })
}

/// How many vehicles an element stands for, and when the first and last depart.
fn amount(e: &Element) -> Result<(f64, f64, f64), SumoError> {
    if e.name != "flow" {
        let depart = e.number("depart")?;
        return Ok((1.0, depart, depart));
    }
    let (from, to) = (e.number("begin")?, e.number("end")?);
    if to < from {
        return Err(e.fail("the flow ends before it begins"));
    }
    let vehicles = if e.get("number").is_some() {
        e.number("number")?
    } else if e.get("vehsPerHour").is_some() {
        e.number("vehsPerHour")? * (to - from) / 3600.0
    } else {
        return Err(e.fail("a flow needs number or vehsPerHour"));
    };
    Ok((vehicles, from, to))
}

//! Results as files: GeoJSON for maps, CSV for tables. Each says that its demand is synthetic.

use std::fmt::Write;

use bisenzio_traffic::analysis::skim::skim;
use serde_json::{Value, json};

use crate::base::Base;
use crate::city::City;
use crate::network::Way;
use crate::result::PeriodResult;
use crate::text::csv_field;

/// Where the classes of load begin: volume over capacity. The map's legend and the table use the same.
pub const LEVELS: [f64; 4] = [0.5, 0.75, 0.9, 1.0];

/// Class of load, from 0 (free) to 4 (over capacity).
pub fn level(ratio: f64) -> usize {
    LEVELS.iter().filter(|from| ratio >= **from).count()
}

/// A street's line in the order in which it is driven.
fn line(city: &City, street: usize, way: Way) -> Vec<[f64; 2]> {
    let mut line = city.territory.network.links[street].geometry.clone();
    if way == Way::Backward {
        line.reverse();
    }
    line
}

fn collection(city: &City, features: Vec<Value>) -> String {
    let attribution = &city.territory.network.attribution;
    json!({
        "type": "FeatureCollection",
        "synthetic": city.parameters.synthetic,
        "demand_source": city.parameters.source,
        "attribution": attribution.text,
        "licence": attribution.licence,
        "features": features,
    })
    .to_string()
}

fn feature(line: &[[f64; 2]], properties: Value) -> Value {
    json!({ "type": "Feature", "geometry": { "type": "LineString", "coordinates": line }, "properties": properties })
}

fn round(value: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (value * scale).round() / scale
}

/// Every street and way of a base with what it carries.
pub fn base_geojson(city: &City, base: &Base) -> String {
    let features = city.network.driven.iter().enumerate().map(|(link, driven)| {
        let made = &city.network.engine.links[link];
        let ratio = base.volumes[link] / made.capacity;
        feature(
            &line(city, driven.street, driven.way),
            json!({
                "id": city.street_id(driven.street), "way": driven.way, "name": city.street_name(driven.street),
                "kind": "flow", "volume": round(base.volumes[link], 1), "capacity": made.capacity,
                "ratio": round(ratio, 3), "level": level(ratio), "minutes": round(base.minutes[link], 3),
                "free_minutes": round(made.free_flow_time, 3), "synthetic": city.parameters.synthetic,
            }),
        )
    });
    collection(city, features.collect())
}

pub fn base_csv(city: &City, base: &Base) -> String {
    let mut out =
        String::from("street,name,way,cars_per_hour,capacity,ratio,minutes,free_minutes,metres,synthetic\n");
    for (link, driven) in city.network.driven.iter().enumerate() {
        let made = &city.network.engine.links[link];
        let volume = base.volumes[link];
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{},{},{},{volume:.1},{},{:.3},{:.3},{:.3},{:.1},{}",
            csv_field(city.street_id(driven.street)),
            csv_field(city.street_name(driven.street)),
            way(driven.way),
            made.capacity,
            volume / made.capacity,
            base.minutes[link],
            made.free_flow_time,
            made.length,
            city.parameters.synthetic
        );
    }
    out
}

/// Minutes and metres of the best ways between zones.
pub fn skims_csv(city: &City, base: &Base) -> String {
    let graph = &base.assignment.graph;
    let lengths: Vec<f64> = graph
        .link_of_arc
        .iter()
        .map(|l| {
            city.network
                .engine
                .links
                .get(*l as usize)
                .map_or(0.0, |l| l.length)
        })
        .collect();
    let tables = skim(graph, &base.assignment.volumes().cost, &[lengths], 1);
    let mut out = String::from("origin,destination,minutes,metres,synthetic\n");
    let zones = city.network.zones.len();
    for origin in 0..zones {
        for destination in (0..zones).filter(|d| *d != origin) {
            let minutes = tables[0].get(origin, destination);
            // A gate that is driven one way only has no way in the other.
            if minutes.is_finite() {
                let _ = writeln!(
                    out,
                    "{},{},{minutes:.3},{:.0},{}",
                    csv_field(&city.zone_name(origin as u32)),
                    csv_field(&city.zone_name(destination as u32)),
                    tables[1].get(origin, destination),
                    city.parameters.synthetic
                );
            }
        }
    }
    out
}

pub fn demand_csv(city: &City, base: &Base) -> String {
    crate::demand::csv(&base.demand, |zone| city.zone_name(zone))
}

/// Every street and way of a scenario's period, before and after, and the detours: all, or one counted from 1.
pub fn scenario_geojson(
    city: &City,
    period: &PeriodResult,
    changed: &[&str],
    detour: Option<usize>,
) -> String {
    let mut features = Vec::new();
    for (street, before, after, minutes, way) in ways(city, period) {
        let id = city.street_id(street);
        let properties = json!({
            "id": id, "way": way, "name": city.street_name(street), "kind": "change",
            "before": before, "after": after, "difference": round(after - before, 1),
            "minutes": if minutes < 0.0 { Value::Null } else { json!(minutes) }, "open": minutes >= 0.0,
            "changed": changed.contains(&id), "synthetic": city.parameters.synthetic,
        });
        features.push(feature(&line(city, street, way), properties));
    }
    let wanted = |at: usize| detour.is_none_or(|wanted| wanted == at + 1);
    let detours = period.detours.iter().enumerate();
    for (_, detour) in detours.filter(|(at, _)| wanted(*at)) {
        for (rank, taken) in detour.ways.iter().enumerate() {
            for &street in &taken.streets {
                features.push(feature(
                    &line(city, street, Way::Forward),
                    json!({
                        "id": city.street_id(street), "kind": "detour", "name": city.street_name(street),
                        "origin": detour.origin, "destination": detour.destination, "rank": rank,
                        "cars": round(taken.cars, 1), "synthetic": city.parameters.synthetic,
                    }),
                ));
            }
        }
    }
    collection(city, features)
}

pub fn scenario_csv(city: &City, period: &PeriodResult) -> String {
    let mut out = String::from("street,name,way,before,after,difference,minutes_after,synthetic\n");
    for (street, before, after, minutes, way_of) in ways(city, period) {
        let minutes = if minutes < 0.0 {
            String::new()
        } else {
            format!("{minutes:.2}")
        };
        let _ = writeln!(
            out,
            "{},{},{},{before:.1},{after:.1},{:.1},{minutes},{}",
            csv_field(city.street_id(street)),
            csv_field(city.street_name(street)),
            way(way_of),
            after - before,
            city.parameters.synthetic
        );
    }
    out
}

/// Street, cars per hour before and after, minutes after, way: of all that is driven before or after.
fn ways<'a>(
    city: &'a City,
    period: &'a PeriodResult,
) -> impl Iterator<Item = (usize, f64, f64, f64, Way)> + 'a {
    (0..period.before.len()).flat_map(move |street| {
        [Way::Forward, Way::Backward].into_iter().filter_map(move |way| {
            let at = way as usize;
            let (before, after) = (
                f64::from(period.before[street][at]),
                f64::from(period.after[street][at]),
            );
            let minutes = f64::from(period.minutes_after[street][at]);
            let today = city.network.links_of[street][at].is_some();
            (today || minutes >= 0.0).then_some((
                street,
                round(before, 1),
                round(after, 1),
                round(minutes, 2),
                way,
            ))
        })
    })
}

/// Minutes from a place to the far end of every street, before and (where there is a scenario) after.
pub fn reach_geojson(city: &City, before: &[[f64; 2]], after: Option<&[[f64; 2]]>) -> String {
    let value = |minutes: f64| {
        if minutes.is_finite() {
            json!(round(minutes, 2))
        } else {
            Value::Null
        }
    };
    let mut features = Vec::new();
    for (street, minutes) in before.iter().enumerate() {
        // A street is reached when its nearer way is.
        let least = minutes[0].min(minutes[1]);
        let then = after.map(|a| a[street][0].min(a[street][1]));
        if least.is_finite() || then.is_some_and(f64::is_finite) {
            features.push(feature(
                &line(city, street, Way::Forward),
                json!({
                    "id": city.street_id(street), "name": city.street_name(street), "kind": "reach",
                    "before": value(least), "after": then.map(value), "synthetic": city.parameters.synthetic,
                }),
            ));
        }
    }
    collection(city, features)
}

fn way(way: Way) -> &'static str {
    match way {
        Way::Forward => "forward",
        Way::Backward => "backward",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_begin_where_the_legend_says() {
        assert_eq!([0.0, 0.5, 0.8, 0.95, 1.0, 2.0].map(level), [0, 1, 2, 3, 4, 4]);
    }
}

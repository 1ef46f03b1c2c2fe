//! What OpenStreetMap's tags say of a street.

use super::Tags;
use crate::model::{Direction, RoadClass};

/// Kilometres in a statute mile.
const MILE_KM: f64 = 1.609_344;

/// The road class of a way that is a street for motor traffic; areas, private drives, parking aisles and
/// ways closed to everyone are none.
pub fn class(tags: &Tags) -> Option<RoadClass> {
    let is = |key: &str, values: &[&str]| tags.get(key).is_some_and(|v| values.contains(&v.as_str()));
    if is("area", &["yes"])
        || is("access", &["no"])
        || is("service", &["driveway", "parking_aisle", "drive-through"])
    {
        return None;
    }
    RoadClass::from_highway(tags.get("highway")?)
}

/// The name, without blanks around it.
pub fn name(tags: &Tags) -> Option<String> {
    tags.get("name")
        .map(|n| n.trim().to_owned())
        .filter(|n| !n.is_empty())
}

/// The directions of travel: `oneway` first, then what roundabouts and motorways imply.
pub fn direction(tags: &Tags, class: RoadClass) -> Direction {
    match tags.get("oneway").map(String::as_str) {
        Some("yes" | "true" | "1") => return Direction::Forward,
        Some("-1" | "reverse") => return Direction::Backward,
        Some("no" | "false" | "0") => return Direction::Both,
        _ => {}
    }
    let round = matches!(
        tags.get("junction").map(String::as_str),
        Some("roundabout" | "circular")
    );
    if round || class == RoadClass::Motorway {
        Direction::Forward
    } else {
        Direction::Both
    }
}

/// Lanes over both directions, 1 to 20.
pub fn lanes(tags: &Tags) -> Option<u8> {
    let first = tags.get("lanes")?.split(';').next()?.trim();
    first
        .parse::<f64>()
        .ok()
        .filter(|n| (1.0..=20.0).contains(n))
        .map(|n| n.round() as u8)
}

/// `maxspeed` in km/h: a number, a number with a unit, or a general limit such as `IT:urban`.
pub fn speed_kmh(tags: &Tags) -> Option<f64> {
    let text = tags.get("maxspeed")?.split(';').next()?.trim().to_lowercase();
    if let Some((_, zone)) = text.split_once(':') {
        return match zone {
            "urban" => Some(50.0),
            "rural" => Some(90.0),
            "trunk" => Some(110.0),
            "motorway" => Some(130.0),
            "living_street" => Some(10.0),
            other => other
                .strip_prefix("zone")
                .and_then(|n| n.trim_start_matches(':').parse().ok())
                .filter(usable),
        };
    }
    if text == "walk" {
        return Some(5.0);
    }
    let digits = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(text.len());
    let value: f64 = text[..digits].parse().ok()?;
    let kmh = match text[digits..].trim() {
        "" | "km/h" | "kmh" | "kph" => value,
        "mph" => value * MILE_KM,
        "knots" => value * 1.852,
        _ => return None,
    };
    Some((kmh * 10.0).round() / 10.0).filter(usable)
}

fn usable(kmh: &f64) -> bool {
    (1.0..=200.0).contains(kmh)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn speeds_come_in_many_units() {
        for (text, kmh) in [
            ("50", Some(50.0)),
            ("30 mph", Some(48.3)),
            ("30mph", Some(48.3)),
            ("IT:urban", Some(50.0)),
            ("IT:zone30", Some(30.0)),
            ("walk", Some(5.0)),
            ("signals", None),
            ("none", None),
            ("9999", None),
            ("60 km/h", Some(60.0)),
            ("50;70", Some(50.0)),
            ("", None),
        ] {
            assert_eq!(speed_kmh(&tags(&[("maxspeed", text)])), kmh, "{text}");
        }
    }

    #[test]
    fn directions_follow_oneway_then_the_kind_of_street() {
        let road = RoadClass::Residential;
        assert_eq!(direction(&tags(&[("oneway", "-1")]), road), Direction::Backward);
        assert_eq!(
            direction(&tags(&[("junction", "roundabout")]), road),
            Direction::Forward
        );
        assert_eq!(
            direction(&tags(&[("junction", "roundabout"), ("oneway", "no")]), road),
            Direction::Both
        );
        assert_eq!(direction(&tags(&[]), RoadClass::Motorway), Direction::Forward);
        assert_eq!(direction(&tags(&[]), road), Direction::Both);
    }

    #[test]
    fn parking_aisles_and_areas_are_no_streets() {
        assert_eq!(
            class(&tags(&[("highway", "service"), ("service", "parking_aisle")])),
            None
        );
        assert_eq!(class(&tags(&[("highway", "pedestrian"), ("area", "yes")])), None);
        assert_eq!(
            class(&tags(&[("highway", "tertiary")])),
            Some(RoadClass::Tertiary)
        );
    }
}

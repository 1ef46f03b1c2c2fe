//! The street network: junctions, the stretches of street between them, turn restrictions, civic numbers.

use serde::{Deserialize, Serialize};

/// A street network. Indices in links and restrictions point into `nodes` and `links`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Network {
    pub nodes: Vec<Node>,
    pub links: Vec<Link>,
    #[serde(default)]
    pub restrictions: Vec<TurnRestriction>,
    #[serde(default)]
    pub house_numbers: Vec<HouseNumber>,
    pub attribution: Attribution,
}

/// A junction, a dead end or a point where a street changes its name. WGS 84 degrees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Stable across imports of the same data.
    pub id: String,
    pub lon: f64,
    pub lat: f64,
}

/// One stretch of street between two nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Stable across imports of the same data.
    pub id: String,
    pub from: usize,
    pub to: usize,
    /// `[lon, lat]` in WGS 84 degrees, from the `from` node to the `to` node, both included.
    pub geometry: Vec<[f64; 2]>,
    /// Proper form with its type, such as "Via Pistoiese".
    pub name: Option<String>,
    pub name_source: Option<NameSource>,
    pub class: RoadClass,
    pub direction: Direction,
    /// True when the direction is only what was seen in use (a bus line), not a sign or a tag.
    #[serde(default)]
    pub direction_observed: bool,
    /// Lanes over both directions, when known.
    pub lanes: Option<u8>,
    /// Speed limit in km/h, or the usual one of the class.
    pub speed_kmh: Option<f64>,
    /// Length on the ground in metres.
    pub length_m: f64,
}

/// Where a street name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NameSource {
    /// A bus stop on this link carries it; the type "Via" is assumed.
    #[serde(rename = "stop")]
    Stop,
    /// A bus stop carries it and the full form stands in municipal acts or in the city's own list.
    #[serde(rename = "stop+acts")]
    StopAndActs,
    /// The city's own list puts the street here, after what acts say of it.
    #[serde(rename = "acts")]
    Acts,
    /// The street goes straight on from a link with evidence.
    #[serde(rename = "propagated")]
    Propagated,
    /// A map says it.
    #[serde(rename = "map")]
    Map,
}

/// The road classes of OpenStreetMap's `highway` key that motor traffic uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoadClass {
    Motorway,
    MotorwayLink,
    Trunk,
    TrunkLink,
    Primary,
    PrimaryLink,
    Secondary,
    SecondaryLink,
    Tertiary,
    TertiaryLink,
    Unclassified,
    Residential,
    LivingStreet,
    Service,
    Pedestrian,
    Road,
}

impl RoadClass {
    /// Reads the value of OpenStreetMap's `highway`; `None` for what is no street (footway, proposed, ...).
    pub fn from_highway(value: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(value.to_owned())).ok()
    }

    /// The value of OpenStreetMap's `highway`.
    pub fn as_highway(self) -> &'static str {
        match self {
            Self::Motorway => "motorway",
            Self::MotorwayLink => "motorway_link",
            Self::Trunk => "trunk",
            Self::TrunkLink => "trunk_link",
            Self::Primary => "primary",
            Self::PrimaryLink => "primary_link",
            Self::Secondary => "secondary",
            Self::SecondaryLink => "secondary_link",
            Self::Tertiary => "tertiary",
            Self::TertiaryLink => "tertiary_link",
            Self::Unclassified => "unclassified",
            Self::Residential => "residential",
            Self::LivingStreet => "living_street",
            Self::Service => "service",
            Self::Pedestrian => "pedestrian",
            Self::Road => "road",
        }
    }

    /// Usual speed in km/h where no limit is tagged: the general limits of art. 142 of the Italian
    /// Highway Code (motorway 130, main extra-urban 110, secondary extra-urban 90, urban 50) brought to
    /// the class's usual setting.
    pub fn default_speed_kmh(self) -> f64 {
        match self {
            Self::Motorway => 130.0,
            Self::Trunk => 110.0,
            Self::Primary => 70.0,
            Self::MotorwayLink | Self::TrunkLink | Self::PrimaryLink => 50.0,
            Self::Secondary | Self::SecondaryLink | Self::Tertiary | Self::TertiaryLink => 50.0,
            Self::Unclassified | Self::Residential | Self::Road => 50.0,
            Self::Service => 30.0,
            Self::LivingStreet | Self::Pedestrian => 10.0,
        }
    }
}

/// The directions in which a link may be driven, relative to its geometry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Both,
    Forward,
    Backward,
}

/// Whether a restriction forbids one turn or all the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestrictionKind {
    /// The turn is forbidden (`no_left_turn`, `no_entry`, ...).
    No,
    /// Only this turn is allowed (`only_straight_on`, ...).
    Only,
}

/// A turn restriction at one node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TurnRestriction {
    pub kind: RestrictionKind,
    /// The word it was declared with, such as `no_left_turn`.
    pub declared: String,
    /// Index of the link the vehicle comes from.
    pub from: usize,
    /// Index of the node where it turns.
    pub via: usize,
    /// Index of the link it would enter.
    pub to: usize,
}

/// A civic number with a position beside its street.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HouseNumber {
    /// The number as written, such as "94/b".
    pub number: String,
    /// The street's proper name.
    pub street: String,
    pub lon: f64,
    pub lat: f64,
    /// Where the position comes from, such as "stop 2364".
    pub source: String,
}

impl HouseNumber {
    /// The leading digits, for ordering along the street; `None` for "Sn" (without number).
    pub fn leading_number(&self) -> Option<u32> {
        leading_number(&self.number)
    }
}

/// The leading digits of a civic number: 94 for "94/b".
pub fn leading_number(text: &str) -> Option<u32> {
    let digits: String = text.trim().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Who made the data and under which licence it may be used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// The credit to show.
    pub text: String,
    /// SPDX identifier, such as "CC-BY-4.0".
    pub licence: String,
    /// Where the source can be found.
    pub source: String,
}

impl Network {
    /// Rounds coordinates to six decimals (about 0.1 m), sorts nodes, links, restrictions and civic numbers,
    /// and renumbers the indices, so that equal networks are written as equal files.
    pub fn canonicalise(&mut self) {
        for node in &mut self.nodes {
            node.lon = round6(node.lon);
            node.lat = round6(node.lat);
        }
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by(|&a, &b| self.nodes[a].id.cmp(&self.nodes[b].id));
        let node_at = inverse(&order);
        self.nodes = order.iter().map(|&i| self.nodes[i].clone()).collect();
        for link in &mut self.links {
            link.from = node_at[link.from];
            link.to = node_at[link.to];
            for point in &mut link.geometry {
                *point = [round6(point[0]), round6(point[1])];
            }
            link.geometry.dedup();
            link.length_m = (link.length_m * 10.0).round() / 10.0;
        }
        let mut order: Vec<usize> = (0..self.links.len()).collect();
        order.sort_by(|&a, &b| self.links[a].id.cmp(&self.links[b].id));
        let link_at = inverse(&order);
        self.links = order.iter().map(|&i| self.links[i].clone()).collect();
        for restriction in &mut self.restrictions {
            restriction.from = link_at[restriction.from];
            restriction.to = link_at[restriction.to];
            restriction.via = node_at[restriction.via];
        }
        self.restrictions.sort_by(|a, b| {
            (a.from, a.via, a.to, a.declared.as_str()).cmp(&(b.from, b.via, b.to, b.declared.as_str()))
        });
        self.restrictions.dedup();
        for number in &mut self.house_numbers {
            number.lon = round6(number.lon);
            number.lat = round6(number.lat);
        }
        self.house_numbers.sort_by(|a, b| {
            (&a.street, a.leading_number(), &a.number, &a.source).cmp(&(
                &b.street,
                b.leading_number(),
                &b.number,
                &b.source,
            ))
        });
    }
}

/// Rounds degrees to six decimals.
pub fn round6(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn inverse(order: &[usize]) -> Vec<usize> {
    let mut at = vec![0; order.len()];
    for (new, &old) in order.iter().enumerate() {
        at[old] = new;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn road_classes_read_back_what_they_write() {
        for word in ["motorway", "primary_link", "living_street", "road"] {
            assert_eq!(
                RoadClass::from_highway(word).map(RoadClass::as_highway),
                Some(word)
            );
        }
        assert_eq!(RoadClass::from_highway("footway"), None);
    }

    #[test]
    fn civic_numbers_give_their_leading_digits() {
        assert_eq!(leading_number("94/b"), Some(94));
        assert_eq!(leading_number("Sn"), None);
        assert_eq!(leading_number("99999999999999"), None);
    }
}

//! A network as one GeoJSON file (RFC 7946): links as lines, civic numbers as points, the rest as foreign
//! members. Written in a fixed order with six decimals, so that a change in the data is a readable difference.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use crate::geometry::ground_length;
use crate::model::{Attribution, HouseNumber, Link, Network, Node, RestrictionKind, TurnRestriction, round6};
use crate::validate::NetworkError;

/// Why a GeoJSON document is no street network.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReadError {
    #[error("the document is not a GeoJSON FeatureCollection with a \"features\" list")]
    NotACollection,
    #[error("feature {feature}, {field}: {problem}")]
    Feature {
        feature: usize,
        field: String,
        problem: String,
    },
    #[error("restriction {index}, {field}: {problem}")]
    Restriction {
        index: usize,
        field: &'static str,
        problem: String,
    },
    #[error(transparent)]
    Network(#[from] NetworkError),
}

impl Network {
    /// The network as a GeoJSON FeatureCollection. Call [`Network::canonicalise`] before for a fixed order.
    pub fn to_geojson(&self) -> Value {
        let mut features: Vec<Value> = self.links.iter().map(|l| self.link_feature(l)).collect();
        features.extend(self.house_numbers.iter().map(number_feature));
        let restrictions: Vec<Value> = self
            .restrictions
            .iter()
            .map(|r| {
                json!({
                    "kind": r.kind,
                    "declared": r.declared,
                    "from": self.links[r.from].id,
                    "via": self.nodes[r.via].id,
                    "to": self.links[r.to].id,
                })
            })
            .collect();
        json!({
            "type": "FeatureCollection",
            "attribution": self.attribution.text,
            "licence": self.attribution.licence,
            "source": self.attribution.source,
            "restrictions": restrictions,
            "features": features,
        })
    }

    /// The same document as text, one feature a line.
    pub fn to_geojson_text(&self) -> String {
        let document = self.to_geojson();
        let mut out = String::from("{\n");
        let members = document
            .as_object()
            .map(|m| m.iter().collect::<Vec<_>>())
            .unwrap_or_default();
        for (i, (key, value)) in members.iter().enumerate() {
            out.push_str(&format!("{}: ", Value::String((*key).clone())));
            match value.as_array() {
                Some(items) if !items.is_empty() => {
                    let lines: Vec<String> = items.iter().map(Value::to_string).collect();
                    out.push_str(&format!("[\n{}\n]", lines.join(",\n")));
                }
                _ => out.push_str(&value.to_string()),
            }
            out.push_str(if i + 1 < members.len() { ",\n" } else { "\n" });
        }
        out.push_str("}\n");
        out
    }

    fn link_feature(&self, l: &Link) -> Value {
        let mut p = Map::new();
        p.insert("kind".into(), "link".into());
        p.insert("from".into(), self.nodes[l.from].id.clone().into());
        p.insert("to".into(), self.nodes[l.to].id.clone().into());
        p.insert("name".into(), json!(l.name));
        p.insert("name_source".into(), json!(l.name_source));
        p.insert("class".into(), json!(l.class));
        p.insert("direction".into(), json!(l.direction));
        if l.direction_observed {
            p.insert("direction_observed".into(), true.into());
        }
        if let Some(lanes) = l.lanes {
            p.insert("lanes".into(), lanes.into());
        }
        if let Some(speed) = l.speed_kmh {
            p.insert("speed_kmh".into(), speed.into());
        }
        p.insert("length_m".into(), l.length_m.into());
        let line: Vec<[f64; 2]> = l.geometry.iter().map(|p| [round6(p[0]), round6(p[1])]).collect();
        json!({
            "type": "Feature",
            "id": l.id,
            "properties": p,
            "geometry": {"type": "LineString", "coordinates": line},
        })
    }

    /// Reads what [`Network::to_geojson`] writes and validates it. Nodes lie at the ends of the links.
    pub fn from_geojson(document: &Value) -> Result<Self, ReadError> {
        let features = document
            .get("features")
            .and_then(Value::as_array)
            .ok_or(ReadError::NotACollection)?;
        let text = |key: &str| {
            document
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let mut network = Self {
            attribution: Attribution {
                text: text("attribution"),
                licence: text("licence"),
                source: text("source"),
            },
            ..Self::default()
        };
        let mut nodes: BTreeMap<String, usize> = BTreeMap::new();
        for (index, feature) in features.iter().enumerate() {
            let reader = Reader {
                index,
                feature,
                properties: feature.get("properties").unwrap_or(&Value::Null),
            };
            match reader.properties.get("kind").and_then(Value::as_str) {
                Some("link") => {
                    let line: Vec<[f64; 2]> = reader.geometry("LineString")?;
                    if line.len() < 2 {
                        return Err(reader.error("geometry", "a line has at least two positions"));
                    }
                    let mut end = |id: String, [lon, lat]: [f64; 2]| {
                        *nodes.entry(id.clone()).or_insert_with(|| {
                            network.nodes.push(Node { id, lon, lat });
                            network.nodes.len() - 1
                        })
                    };
                    let from = end(reader.field("from")?, line[0]);
                    let to = end(reader.field("to")?, line[line.len() - 1]);
                    let id = feature.get("id").and_then(Value::as_str).map(str::to_owned);
                    network.links.push(Link {
                        id: id.ok_or_else(|| reader.error("id", "a link needs a text identifier"))?,
                        from,
                        to,
                        name: reader.field("name")?,
                        name_source: reader.field("name_source")?,
                        class: reader.field("class")?,
                        direction: reader.field("direction")?,
                        direction_observed: reader
                            .field::<Option<bool>>("direction_observed")?
                            .unwrap_or(false),
                        lanes: reader.field("lanes")?,
                        speed_kmh: reader.field("speed_kmh")?,
                        length_m: reader
                            .field::<Option<f64>>("length_m")?
                            .unwrap_or_else(|| (ground_length(&line) * 10.0).round() / 10.0),
                        geometry: line,
                    });
                }
                Some("house_number") => {
                    let [lon, lat]: [f64; 2] = reader.geometry("Point")?;
                    network.house_numbers.push(HouseNumber {
                        number: reader.field("number")?,
                        street: reader.field("street")?,
                        source: reader.field::<Option<String>>("source")?.unwrap_or_default(),
                        lon,
                        lat,
                    });
                }
                _ => return Err(reader.error("properties.kind", "expected \"link\" or \"house_number\"")),
            }
        }
        read_restrictions(document, &mut network, &nodes)?;
        network.validate()?;
        network.canonicalise();
        Ok(network)
    }
}

fn number_feature(h: &HouseNumber) -> Value {
    json!({
        "type": "Feature",
        "properties": {"kind": "house_number", "number": h.number, "street": h.street, "source": h.source},
        "geometry": {"type": "Point", "coordinates": [round6(h.lon), round6(h.lat)]},
    })
}

fn read_restrictions(
    document: &Value,
    network: &mut Network,
    nodes: &BTreeMap<String, usize>,
) -> Result<(), ReadError> {
    let Some(list) = document.get("restrictions").and_then(Value::as_array) else {
        return Ok(());
    };
    let links: HashMap<&str, usize> = network
        .links
        .iter()
        .enumerate()
        .map(|(i, l)| (l.id.as_str(), i))
        .collect();
    let mut restrictions = Vec::new();
    for (index, r) in list.iter().enumerate() {
        let word = |field: &'static str| {
            let missing = || ReadError::Restriction {
                index,
                field,
                problem: "expected a text".into(),
            };
            r.get(field).and_then(Value::as_str).ok_or_else(missing)
        };
        let unknown = |field: &'static str, id: &str| ReadError::Restriction {
            index,
            field,
            problem: format!("\"{id}\" is unknown"),
        };
        let link = |field| {
            let id = word(field)?;
            links.get(id).copied().ok_or_else(|| unknown(field, id))
        };
        let kind = match word("kind")? {
            "no" => RestrictionKind::No,
            "only" => RestrictionKind::Only,
            other => return Err(unknown("kind", other)),
        };
        let via = word("via")?;
        restrictions.push(TurnRestriction {
            kind,
            declared: word("declared")?.to_owned(),
            from: link("from")?,
            via: nodes.get(via).copied().ok_or_else(|| unknown("via", via))?,
            to: link("to")?,
        });
    }
    network.restrictions = restrictions;
    Ok(())
}

struct Reader<'a> {
    index: usize,
    feature: &'a Value,
    properties: &'a Value,
}

impl Reader<'_> {
    fn error(&self, field: &str, problem: &str) -> ReadError {
        ReadError::Feature {
            feature: self.index,
            field: field.into(),
            problem: problem.into(),
        }
    }

    fn field<T: serde::de::DeserializeOwned>(&self, field: &str) -> Result<T, ReadError> {
        let value = self.properties.get(field).cloned().unwrap_or(Value::Null);
        serde_json::from_value(value).map_err(|e| self.error(&format!("properties.{field}"), &e.to_string()))
    }

    fn geometry<T: serde::de::DeserializeOwned>(&self, kind: &str) -> Result<T, ReadError> {
        let geometry = self.feature.get("geometry").unwrap_or(&Value::Null);
        if geometry.get("type").and_then(Value::as_str) != Some(kind) {
            return Err(self.error("geometry", &format!("expected a {kind}")));
        }
        serde_json::from_value(geometry.get("coordinates").cloned().unwrap_or(Value::Null))
            .map_err(|e| self.error("geometry.coordinates", &e.to_string()))
    }
}

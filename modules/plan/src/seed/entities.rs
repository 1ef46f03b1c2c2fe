//! `graph/*.toml`: public things of the city as NGSI-LD entities.
//!
//! `"ref:<Type>:<id>"` is a Relationship, `location` a GeoProperty, a day ("2021-05-12") a typed Date or an
//! instant a DateTime, everything else a Property with its value as it stands. A date known only to the
//! month or year stays text: NGSI-LD has no type for it.

use std::collections::{BTreeMap, BTreeSet};

use bisenzio_kernel::{Env, TenantId, slug};
use bisenzio_module::{CityError, CityFolder};
use bisenzio_search as search;
use bisenzio_store::Tx;
use serde_json::{Map, Value, json};

use super::files::GraphFile;
use super::lines;
use crate::graph::{self, urn};
use crate::service::snapshot::place_of;

/// One entity, ready to be written.
pub struct Entity {
    pub body: Value,
    /// Where it stands, for messages.
    file: String,
    line: Option<usize>,
    /// The same as readers of pages see it (keyValues).
    plain: Value,
}

/// All entities of a folder, and their identifiers.
#[derive(Default)]
pub struct Known {
    pub list: Vec<Entity>,
    types: BTreeMap<String, BTreeSet<String>>,
}

impl Known {
    /// The URN of an identifier given without type.
    pub fn urn(&self, tenant: &TenantId, id: &str) -> Result<String, String> {
        let types = self
            .types
            .get(id)
            .ok_or_else(|| format!("there is no entity \"{id}\" in graph/"))?;
        match types.iter().collect::<Vec<_>>().as_slice() {
            [only] => Ok(urn(only, tenant, id)),
            _ => Err(format!("several entities are called \"{id}\"")),
        }
    }

    fn holds(&self, entity_type: &str, id: &str) -> bool {
        self.types
            .get(id)
            .is_some_and(|types| types.contains(entity_type))
    }
}

/// # Errors
/// File, line and field of what is wrong.
pub fn read(folder: &CityFolder, tenant: &TenantId) -> Result<Known, CityError> {
    let mut known = Known::default();
    let mut tables = Vec::new();
    for path in folder.list("graph/", ".toml") {
        // What the graph itself reads.
        if path == bisenzio_graph::POLICIES_FILE {
            continue;
        }
        let file: GraphFile = folder.toml(path)?;
        let place = Place {
            file: folder.full(path),
            text: folder.text(path)?,
        };
        for table in file.entity {
            let id = place.identifier(&table)?;
            let given = table
                .get("type")
                .and_then(toml::Value::as_str)
                .map(ToOwned::to_owned);
            let entity_type = given
                .or_else(|| file.entity_type.clone())
                .ok_or_else(|| place.wrong(&id, "type", "the type is missing"))?;
            if !is_name(&entity_type) {
                return Err(place.wrong(&id, "type", "is not the name of a type"));
            }
            if !known
                .types
                .entry(id.clone())
                .or_default()
                .insert(entity_type.clone())
            {
                return Err(place.wrong(&id, "id", "is there twice"));
            }
            tables.push((place.clone(), id, entity_type, table));
        }
    }
    for (place, id, entity_type, table) in tables {
        let entity = place.entity(tenant, &known, &id, &entity_type, &table)?;
        known.list.push(entity);
    }
    Ok(known)
}

/// Writes an entity, and its search document when it is a place.
///
/// # Errors
/// File and line when the graph refuses it.
pub fn put(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, entity: &Entity) -> Result<(), CityError> {
    bisenzio_graph::upsert_json(tx, env, tenant, &entity.body).map_err(|error| {
        let problem: bisenzio_kernel::Problem = error.into();
        let refused = CityError::new(entity.file.clone(), problem.detail);
        entity.line.map_or(refused.clone(), |line| refused.at_line(line))
    })?;
    let link = graph::link_of(&entity.plain);
    let document = format!("plan/{}", link.id);
    let named = entity.plain.get("name").is_some_and(Value::is_string);
    match place_of(link.clone(), &entity.plain).filter(|_| named && !link.url.is_empty()) {
        Some(place) => {
            let words = ["street", "alternateName", "category", "programme", "description"];
            let keywords: Vec<String> = words
                .iter()
                .filter_map(|name| crate::model_text(entity.plain.get(*name)?))
                .collect();
            let summary = match crate::model_text(entity.plain.get("description").unwrap_or(&Value::Null)) {
                Some(description) if place.address.is_empty() => description,
                Some(description) => format!("{}. {description}", place.address),
                None => place.address.clone(),
            };
            let document = search::Document {
                id: &document,
                kind: "place",
                title: &link.name,
                summary: &summary,
                keywords: &keywords.join(" "),
                url: &link.url,
                day: None,
            };
            search::put(tx, tenant, &document)?;
        }
        None => search::remove(tx, tenant, &document)?,
    }
    Ok(())
}

#[derive(Clone)]
struct Place<'a> {
    file: String,
    text: &'a str,
}

impl Place<'_> {
    fn wrong(&self, id: &str, key: &str, message: impl Into<String>) -> CityError {
        let error = CityError::new(self.file.clone(), message).in_field(format!("entity.{key}"));
        match lines::of_field(self.text, id, key) {
            Some(line) => error.at_line(line),
            None => error,
        }
    }

    fn identifier(&self, table: &toml::Table) -> Result<String, CityError> {
        let id = table.get("id").and_then(toml::Value::as_str).unwrap_or_default();
        if id.is_empty() || slug(id) != id {
            let message = format!("\"{id}\" is not an identifier: use a-z, 0-9 and single hyphens");
            return Err(self.wrong(id, "id", message));
        }
        Ok(id.to_owned())
    }

    fn entity(
        &self,
        tenant: &TenantId,
        known: &Known,
        id: &str,
        entity_type: &str,
        table: &toml::Table,
    ) -> Result<Entity, CityError> {
        let mut body = Map::new();
        let mut plain = Map::new();
        for map in [&mut body, &mut plain] {
            map.insert("id".into(), json!(urn(entity_type, tenant, id)));
            map.insert("type".into(), json!(entity_type));
        }
        for (name, value) in table {
            if name == "id" || name == "type" {
                continue;
            }
            if !is_name(name) {
                return Err(self.wrong(id, name, "is not the name of an attribute"));
            }
            let (attribute, shown) = self.attribute(tenant, known, id, name, value)?;
            body.insert(name.clone(), attribute);
            plain.insert(name.clone(), shown);
        }
        Ok(Entity {
            body: Value::Object(body),
            file: self.file.clone(),
            line: lines::of_record(self.text, id),
            plain: Value::Object(plain),
        })
    }

    /// The normalized attribute and its simplified value.
    fn attribute(
        &self,
        tenant: &TenantId,
        known: &Known,
        id: &str,
        name: &str,
        value: &toml::Value,
    ) -> Result<(Value, Value), CityError> {
        let refer = |text: &str| -> Result<String, CityError> {
            let (entity_type, target) = text
                .split_once(':')
                .ok_or_else(|| self.wrong(id, name, "a reference is written ref:<Type>:<id>"))?;
            if known.holds(entity_type, target) {
                return Ok(urn(entity_type, tenant, target));
            }
            Err(self.wrong(
                id,
                name,
                format!("there is no {entity_type} \"{target}\" in graph/"),
            ))
        };
        match value {
            toml::Value::String(text) => {
                if let Some(target) = text.strip_prefix("ref:") {
                    let target = refer(target)?;
                    return Ok((json!({"type": "Relationship", "object": target}), json!(target)));
                }
                let typed = match typed_date(text) {
                    Some(kind) => json!({"@type": kind, "@value": text}),
                    None => json!(text),
                };
                Ok((json!({"type": "Property", "value": typed}), json!(text)))
            }
            toml::Value::Array(list)
                if list
                    .iter()
                    .any(|v| v.as_str().is_some_and(|t| t.starts_with("ref:"))) =>
            {
                let mut targets = Vec::new();
                for one in list {
                    let text = one.as_str().and_then(|text| text.strip_prefix("ref:"));
                    targets.push(refer(
                        text.ok_or_else(|| self.wrong(id, name, "mixes references and values"))?,
                    )?);
                }
                Ok((json!({"type": "Relationship", "object": targets}), json!(targets)))
            }
            other => {
                let plain = serde_json::to_value(other)
                    .map_err(|error| self.wrong(id, name, format!("cannot be read: {error}")))?;
                let kind = if name == "location" {
                    "GeoProperty"
                } else {
                    "Property"
                };
                Ok((json!({"type": kind, "value": plain}), plain))
            }
        }
    }
}

/// "Date" or "DateTime" for text that is one.
fn typed_date(text: &str) -> Option<&'static str> {
    if text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok() {
        Some("Date")
    } else if text.contains('T') && text.parse::<jiff::Timestamp>().is_ok() {
        Some("DateTime")
    } else {
        None
    }
}

/// Names of types and attributes: ETSI GS CIM 009 clause 4.6.2, with the hyphen of "CatalogueDCAT-AP".
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

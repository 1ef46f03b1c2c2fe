//! Making a [`Snapshot`]: from tables and graph in one transaction, or from what was frozen.

use std::collections::BTreeMap;

use bisenzio_kernel::{Tenant, TenantId};
use bisenzio_module::{Period, Registry};
use bisenzio_store::Tx;
use serde_json::Value;

use crate::error::PlanError;
use crate::graph;
use crate::indicators::{self, Question};
use crate::model::{
    Collection, CollectionRow, Computation, Computed, Edition, EntityLink, Place, Project, Snapshot,
};
use crate::store;

/// The edition of a year as readers see it: frozen if it is, else made anew.
///
/// # Errors
/// `NotFound` when there is no plan or no such edition; when the store fails.
pub fn load(tx: &mut Tx<'_>, registry: &Registry, tenant: &Tenant, year: i64) -> Result<Snapshot, PlanError> {
    match store::editions::frozen(tx, &tenant.id, year)? {
        Some(text) => Ok(store::json(&text)?),
        None => build(tx, registry, tenant, year),
    }
}

/// The edition of a year made from tables and graph as they are now.
///
/// # Errors
/// As [`load`].
pub fn build(
    tx: &mut Tx<'_>,
    registry: &Registry,
    tenant: &Tenant,
    year: i64,
) -> Result<Snapshot, PlanError> {
    let plan = store::editions::plan(tx, &tenant.id)?.ok_or(PlanError::NotFound("plan"))?;
    let edition = store::editions::edition(tx, &tenant.id, year)?.ok_or(PlanError::NotFound("edition"))?;
    let sections = store::editions::sections(tx, &tenant.id)?;
    let mut projects = store::read::projects(tx, &tenant.id, year)?;
    let mut entities = Entities {
        tenant: &tenant.id,
        by_type: BTreeMap::new(),
        names: BTreeMap::new(),
    };
    for project in &mut projects {
        complete(tx, registry, &mut entities, &edition, project)?;
    }
    Ok(Snapshot {
        city: tenant.name.clone(),
        organisation: tenant.organisation.clone(),
        plan,
        edition,
        sections,
        projects,
    })
}

/// Entities read once per snapshot.
struct Entities<'a> {
    tenant: &'a TenantId,
    by_type: BTreeMap<String, Vec<Value>>,
    names: BTreeMap<String, Option<String>>,
}

impl Entities<'_> {
    fn of_type(&mut self, tx: &mut Tx<'_>, entity_type: &str) -> Result<&[Value], PlanError> {
        if !self.by_type.contains_key(entity_type) {
            let list = bisenzio_graph::list_simplified(tx, self.tenant, entity_type)?;
            self.by_type.insert(entity_type.to_owned(), list);
        }
        Ok(self.by_type.get(entity_type).map_or(&[], Vec::as_slice))
    }

    fn find(&mut self, tx: &mut Tx<'_>, urn: &str) -> Result<Option<Value>, PlanError> {
        let Some((entity_type, _)) = graph::parts(self.tenant, urn) else {
            return Ok(None);
        };
        let entity_type = entity_type.to_owned();
        let is_it = |entity: &&Value| entity.get("id").and_then(Value::as_str) == Some(urn);
        Ok(self.of_type(tx, &entity_type)?.iter().find(is_it).cloned())
    }

    /// Gives a link its name and page. A thing that left the graph keeps the last part of its URN.
    fn name(&mut self, tx: &mut Tx<'_>, link: &mut EntityLink) -> Result<(), PlanError> {
        let known = match self.names.get(&link.id) {
            Some(known) => known.clone(),
            None => {
                let found = self.find(tx, &link.id)?.map(|entity| graph::name_of(&entity));
                self.names.insert(link.id.clone(), found.clone());
                found
            }
        };
        match known {
            Some(name) => {
                link.name = name;
                link.url = graph::page_of(&link.id);
            }
            None => link.name = link.id.rsplit(':').next().unwrap_or_default().to_owned(),
        }
        Ok(())
    }
}

/// Fills in what the graph and the modules know.
fn complete(
    tx: &mut Tx<'_>,
    registry: &Registry,
    entities: &mut Entities<'_>,
    edition: &Edition,
    project: &mut Project,
) -> Result<(), PlanError> {
    for partner in &mut project.partners {
        if let Some(link) = &mut partner.entity {
            entities.name(tx, link)?;
        }
    }
    for event in &mut project.events {
        for link in event.place.iter_mut().chain(&mut event.entities) {
            entities.name(tx, link)?;
        }
    }
    for action in &mut project.actions {
        if let Some(link) = &mut action.entity {
            entities.name(tx, link)?;
        }
    }
    for collection in &mut project.collections {
        fill(tx, entities, collection)?;
    }
    for indicator in &mut project.indicators {
        if let Some(computed) = &mut indicator.computed {
            compute(tx, registry, entities, edition, computed)?;
        }
    }
    project.places = places(tx, entities, project)?;
    Ok(())
}

fn fill(tx: &mut Tx<'_>, entities: &mut Entities<'_>, collection: &mut Collection) -> Result<(), PlanError> {
    let found: Vec<Value> = entities
        .of_type(tx, &collection.entity_type)?
        .iter()
        .filter(|entity| collection.filter.matches(entity))
        .cloned()
        .collect();
    let mut rows = Vec::with_capacity(found.len());
    for entity in found {
        let mut cells = Vec::with_capacity(collection.columns.len());
        for column in &collection.columns {
            let value = entity.get(&column.attribute).cloned().unwrap_or(Value::Null);
            cells.push(named(tx, entities, value)?);
        }
        let group = collection
            .group_by
            .as_ref()
            .and_then(|name| entity.get(name))
            .and_then(crate::model_text);
        rows.push(CollectionRow {
            entity: graph::link_of(&entity),
            group,
            cells,
        });
    }
    collection.rows = rows;
    sort_by_date(collection);
    Ok(())
}

/// Rows with a date in the first column are read in its order; others in the graph's.
fn sort_by_date(collection: &mut Collection) {
    let dates: Option<Vec<_>> = collection
        .rows
        .iter()
        .map(|row| {
            crate::model_text(row.cells.first()?)?
                .parse::<bisenzio_kernel::PartialDate>()
                .ok()
        })
        .collect();
    if dates.is_some() {
        collection
            .rows
            .sort_by_cached_key(|row| row.cells.first().and_then(crate::model_text));
    }
}

/// A reference becomes the name of what it refers to.
fn named(tx: &mut Tx<'_>, entities: &mut Entities<'_>, value: Value) -> Result<Value, PlanError> {
    match &value {
        Value::String(text) if text.starts_with("urn:ngsi-ld:") => {
            let mut link = EntityLink {
                id: text.clone(),
                ..EntityLink::default()
            };
            entities.name(tx, &mut link)?;
            Ok(Value::String(link.name))
        }
        _ => Ok(value),
    }
}

/// What a computation gives for an edition, before it belongs to any indicator.
///
/// # Errors
/// When the store fails.
pub fn try_out(
    tx: &mut Tx<'_>,
    registry: &Registry,
    tenant: &TenantId,
    edition: &Edition,
    computation: Computation,
) -> Result<Computed, PlanError> {
    let mut entities = Entities {
        tenant,
        by_type: BTreeMap::new(),
        names: BTreeMap::new(),
    };
    let mut computed = Computed {
        computation,
        value: None,
        counted: Vec::new(),
        failure: None,
    };
    compute(tx, registry, &mut entities, edition, &mut computed)?;
    Ok(computed)
}

fn compute(
    tx: &mut Tx<'_>,
    registry: &Registry,
    entities: &mut Entities<'_>,
    edition: &Edition,
    computed: &mut Computed,
) -> Result<(), PlanError> {
    match &computed.computation {
        Computation::Graph {
            entity_type,
            filter,
            aggregate,
            attribute,
            date,
        } => {
            let question = Question {
                filter,
                aggregate: *aggregate,
                attribute: attribute.as_deref(),
                date: date.as_deref(),
            };
            let list = entities.of_type(tx, entity_type)?;
            let count = indicators::count(list, question, edition.period_from, edition.period_to);
            // Nothing to count is no count: a year that has just begun did not lose what the last one had.
            computed.value = Some(count.value).filter(|_| !count.counted.is_empty());
            computed.counted = count.counted;
        }
        Computation::Module { indicator } => {
            let period = Period {
                first: edition.period_from,
                last: edition.period_to,
            };
            match registry.compute(tx, entities.tenant, indicator, period) {
                Ok(value) => computed.value = Some(value).filter(|value| *value != 0.0),
                // A module that no longer counts this is told, not hidden; a failing store is an error.
                Err(problem) if problem.status < 500 => computed.failure = Some(problem.detail),
                Err(problem) => return Err(problem.into()),
            }
        }
    }
    Ok(())
}

/// Where the project happens: the places of its events, and what its collections list, each once.
fn places(tx: &mut Tx<'_>, entities: &mut Entities<'_>, project: &Project) -> Result<Vec<Place>, PlanError> {
    let of_events = project
        .events
        .iter()
        .flat_map(|event| event.place.iter().chain(&event.entities));
    let of_collections = project
        .collections
        .iter()
        .flat_map(|c| c.rows.iter().map(|row| &row.entity));
    let links: Vec<EntityLink> = of_events.chain(of_collections).cloned().collect();
    let mut out: Vec<Place> = Vec::new();
    for link in links {
        if out.iter().any(|place| place.entity.id == link.id) {
            continue;
        }
        let Some(entity) = entities.find(tx, &link.id)? else {
            continue;
        };
        if let Some(place) = place_of(link, &entity) {
            out.push(place);
        }
    }
    Ok(out)
}

/// An entity as a place, when it says where it is.
pub fn place_of(link: EntityLink, entity: &Value) -> Option<Place> {
    let words = ["position", "address", "street", "locality"];
    let address = words
        .iter()
        .find_map(|name| entity.get(*name))
        .and_then(crate::model_text);
    let geometry = entity
        .get("location")
        .filter(|value| value.get("coordinates").is_some())
        .cloned();
    if address.is_none() && geometry.is_none() {
        return None;
    }
    let entity_type = entity
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    Some(Place {
        entity: link,
        entity_type,
        address: address.unwrap_or_default(),
        geometry,
    })
}

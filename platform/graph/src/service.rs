//! What modules use: entities as JSON, in the module's own transaction.

use bisenzio_kernel::{Env, TenantId};
use bisenzio_ngsi_ld::query::{EntityFilter, TypeSelection};
use bisenzio_ngsi_ld::represent::{self, Format, Representation};
use bisenzio_ngsi_ld::{Context, Entity, parse};
use bisenzio_store::Tx;
use serde_json::Value;

use crate::query::{self, Page};
use crate::store::entities;
use crate::store::history::{self, Recorded};
use crate::{GraphError, writing};

/// The identifier of a city's own thing: `urn:ngsi-ld:<Type>:<tenant>:<short-id>`.
pub fn urn(type_name: &str, tenant: &TenantId, short_id: &str) -> String {
    format!("urn:ngsi-ld:{type_name}:{tenant}:{short_id}")
}

/// Creates or replaces one entity given as normalised or concise NGSI-LD with names of the default context.
/// Writing the same again leaves no trace.
///
/// # Errors
/// `GraphError::Ngsi` when it is not an entity, with the place of the fault.
pub fn upsert_json(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, entity: &Value) -> Result<(), GraphError> {
    let entity = parse::entity(entity, &Context::core(), parse::InputFormat::Normalized)?;
    writing::upsert(tx, env, tenant, entity)?;
    Ok(())
}

/// Removes an entity; its history stays. `false` when there was none.
///
/// # Errors
/// When the store fails.
pub fn delete(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, id: &str) -> Result<bool, GraphError> {
    writing::delete(tx, env, tenant, id)
}

/// An entity as bare values under short names (keyValues, clause 4.5.4).
///
/// # Errors
/// When the store fails.
pub fn simplified(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<Option<Value>, GraphError> {
    Ok(entities::load(tx, tenant, id)?.as_ref().map(simplify))
}

/// All entities of a type as bare values, by identifier.
///
/// # Errors
/// `GraphError::Ngsi` for what is no type name; when the store fails.
pub fn list_simplified(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    type_name: &str,
) -> Result<Vec<Value>, GraphError> {
    let filter = EntityFilter {
        types: Some(TypeSelection::parse(type_name, &Context::core())?),
        ..EntityFilter::default()
    };
    let all = Page {
        limit: usize::MAX,
        offset: 0,
        count: false,
    };
    let mut entities = query::find(tx, tenant, &filter, all)?.entities;
    entities.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(entities.iter().map(simplify).collect())
}

/// Types in use (short names) with their numbers of entities.
///
/// # Errors
/// When the store fails.
pub fn type_counts(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<(String, i64)>, GraphError> {
    let context = Context::core();
    let counts = entities::type_counts(tx, tenant)?;
    Ok(counts
        .into_iter()
        .map(|(name, count)| (context.compact(&name).into_owned(), count))
        .collect())
}

/// The newest recorded states of an entity's attributes, newest first.
///
/// # Errors
/// When the store fails.
pub fn history(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    id: &str,
    limit: i64,
) -> Result<Vec<Recorded>, GraphError> {
    history::newest(tx, tenant, id, limit)
}

fn simplify(entity: &Entity) -> Value {
    represent::entity(entity, &Context::core(), &Representation::new(Format::Simplified))
}

//! The history of version 1, which recorded every state of an attribute: the newest of a living one is current.

use bisenzio_kernel::{Env, TenantId};
use bisenzio_ngsi_ld::{AttributeInstance, AttributeKind, DateTime, Entity, Uri, storage};
use bisenzio_store::{Row, StoreError, Tx, params};

use super::record::insert;
use super::row::{encode, marker};
use super::{past, series};
use crate::GraphError;
use crate::store::entities;

/// Entities in one transaction.
const CHUNK: i64 = 100;

/// Moves the history of some entities, of all tenants: this is maintenance. Returns of how many.
pub(crate) fn convert_version_1(tx: &mut Tx<'_>, env: &Env) -> Result<usize, GraphError> {
    let rows = tx.query(
        "SELECT DISTINCT tenant, entity FROM attribute_history_v1 ORDER BY tenant, entity LIMIT $1",
        params![CHUNK],
    )?;
    for row in &rows {
        let tenant = TenantId::new(row.text(0)?).map_err(|problem| StoreError::Column(problem.detail))?;
        entity(tx, env, &tenant, row.text(1)?)?;
    }
    Ok(rows.len())
}

fn entity(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, id: &str) -> Result<(), GraphError> {
    let current = entities::load(tx, tenant, id)?;
    let recorded = tx.query(
        "SELECT attribute, change, dataset, value, observed_at, recorded_at FROM attribute_history_v1
         WHERE tenant = $1 AND entity = $2 ORDER BY recorded_at, instance",
        params![tenant, id],
    )?;
    let mut rows = Vec::new();
    let mut deleted_at = None;
    for (at, row) in recorded.iter().enumerate() {
        let attribute = row.text(0)?;
        let time: i64 = row.get(5)?;
        match state(row)? {
            Some(instance) if is_current(current.as_ref(), attribute, &instance) => {}
            Some(instance) => {
                let number = series::of(tx, env, tenant, id, attribute, &instance)?;
                rows.push((number, encode(&instance)));
            }
            None => {
                deleted_at = Some(time);
                // It has the kind and unit of the state before.
                let before = recorded[..at]
                    .iter()
                    .rev()
                    .filter(|other| {
                        other.text(0).ok() == Some(attribute) && other.values().get(2) == row.values().get(2)
                    })
                    .find_map(|other| state(other).transpose())
                    .transpose()?;
                let kind = before
                    .as_ref()
                    .map_or(AttributeKind::Property, AttributeInstance::kind);
                let of = before
                    .unwrap_or_else(|| AttributeInstance::new(bisenzio_ngsi_ld::temporal::null_value(kind)));
                let number = series::of(tx, env, tenant, id, attribute, &of)?;
                rows.push((number, marker(kind, time)));
            }
        }
    }
    insert(tx, tenant, &rows)?;
    if let (Some(at), Ok(uri)) = (deleted_at, Uri::parse(id)) {
        // The types of what was deleted were not recorded; an entity that lives tells its own.
        let mut shell = current.clone().unwrap_or_else(|| Entity::new(uri, Vec::new()));
        shell.deleted_at = current.is_none().then(|| DateTime::from_micros(at));
        past::remember(tx, tenant, &shell)?;
    }
    tx.execute(
        "DELETE FROM attribute_history_v1 WHERE tenant = $1 AND entity = $2",
        params![tenant, id],
    )?;
    Ok(())
}

/// The recorded state; `None` for a deletion.
fn state(row: &Row) -> Result<Option<AttributeInstance>, GraphError> {
    let Some(value): Option<String> = row.get(3)? else {
        return Ok(None);
    };
    let stored = serde_json::from_str(&value).map_err(|e| StoreError::Column(e.to_string()))?;
    let mut instance = storage::instance_from_storage_json(stored)?;
    let recorded: i64 = row.get(5)?;
    instance.modified_at = instance.modified_at.or(Some(DateTime::from_micros(recorded)));
    Ok(Some(instance))
}

fn is_current(current: Option<&Entity>, attribute: &str, instance: &AttributeInstance) -> bool {
    current
        .and_then(|e| e.instance(attribute, instance.dataset_id.as_ref()))
        .is_some_and(|c| c.same_content(instance) && c.modified_at >= instance.modified_at)
}

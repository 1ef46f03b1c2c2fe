//! Current state, and the indexes that are rewritten with it.

use std::collections::BTreeMap;

use bisenzio_kernel::{Env, TenantId};
use bisenzio_ngsi_ld::{Entity, storage};
use bisenzio_store::{Row, StoreError, Tx, params};

use crate::GraphError;
use crate::policy::Sight;
use crate::store::bulk::{self, Known};
use crate::store::{insert_many_with, numbers, places, shapes, values};

/// An entity with what the store knows it by.
pub(crate) struct Stored {
    pub(crate) number: i64,
    pub(crate) entity: Entity,
}

pub(super) const INSERT: &str = "INSERT INTO entity (tenant, id, number, shape, modified_at, document)";

pub(crate) fn load(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<Option<Entity>, GraphError> {
    if tx.is_writing() {
        match bulk::of(tx).known(tenant, id) {
            Known::Read(found) => return Ok(found),
            Known::Waiting => bulk::flush(tx)?,
            Known::Nothing => {}
        }
    }
    let row = tx.query_opt(
        "SELECT document FROM entity WHERE tenant = $1 AND id = $2",
        params![tenant, id],
    )?;
    row.as_ref().map(document).transpose()
}

/// The entity as whoever this transaction reads for sees it.
pub(crate) fn seen(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<Option<Entity>, GraphError> {
    Ok(load(tx, tenant, id)?.and_then(|entity| Sight::on(tx).show(entity)))
}

/// The entity that a row holds in its first column.
pub(crate) fn document(row: &Row) -> Result<Entity, GraphError> {
    Ok(storage::from_storage_str(row.text(0)?)?)
}

/// Writes the entity and brings its index rows in line: `before` is the state that they show now.
pub(crate) fn save(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    before: Option<&Entity>,
    entity: &Entity,
) -> Result<(), GraphError> {
    let modified = entity.modified_at.map_or_else(|| env.now(), |at| at.micros());
    let text = storage::to_storage_string(entity);
    let number = match before {
        None => insert(tx, env, tenant, entity, modified, text)?,
        Some(before) => update(tx, tenant, before, entity, modified, text)?,
    };
    places::sync(tx, tenant, number, before, entity)?;
    Ok(values::sync(tx, tenant, number, before, Some(entity))?)
}

fn insert(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    entity: &Entity,
    modified: i64,
    text: String,
) -> Result<i64, StoreError> {
    let number = numbers::next(tx, env);
    let shape = shapes::of(tx, tenant, entity)?;
    let id = entity.id.as_str();
    let row = params![tenant, id, number, shape, modified, text].to_vec();
    if let Err(row) = bulk::of(tx).put_off(id, row) {
        insert_many_with(tx, INSERT, vec![row], "")?;
    }
    Ok(number)
}

/// Naming the shape in the statement costs an index write even where it stays, and it mostly stays.
fn update(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    before: &Entity,
    entity: &Entity,
    modified: i64,
    text: String,
) -> Result<i64, StoreError> {
    let id = entity.id.as_str();
    let row = if shapes::same(before, entity) {
        tx.query_one(
            "UPDATE entity SET document = $3, modified_at = $4 WHERE tenant = $1 AND id = $2 RETURNING number",
            params![tenant, id, text, modified],
        )?
    } else {
        let shape = shapes::of(tx, tenant, entity)?;
        tx.query_one(
            "UPDATE entity SET document = $3, modified_at = $4, shape = $5 WHERE tenant = $1 AND id = $2
             RETURNING number",
            params![tenant, id, text, modified, shape],
        )?
    };
    row.get(0)
}

/// Removes the entity, whose state is given, and its index rows.
pub(crate) fn remove(tx: &mut Tx<'_>, tenant: &TenantId, entity: &Entity) -> Result<(), GraphError> {
    let row = tx.query_opt(
        "DELETE FROM entity WHERE tenant = $1 AND id = $2 RETURNING number",
        params![tenant, entity.id.as_str()],
    )?;
    if let Some(row) = row {
        let number: i64 = row.get(0)?;
        places::remove(tx, tenant, number, entity)?;
        values::sync(tx, tenant, number, Some(entity), None)?;
    }
    Ok(())
}

/// Types that are in use, with how many entities have them, by name.
pub(crate) fn type_counts(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<(String, i64)>, GraphError> {
    let rows = tx.query(
        "SELECT s.definition, COUNT(*) FROM entity e
         JOIN entity_shape s ON s.tenant = e.tenant AND s.shape = e.shape
         WHERE e.tenant = $1 GROUP BY e.shape, s.definition",
        params![tenant],
    )?;
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for row in &rows {
        let count: i64 = row.get(1)?;
        for name in shapes::Shape::parse(row.text(0)?).types {
            *counts.entry(name).or_default() += count;
        }
    }
    Ok(counts.into_iter().collect())
}

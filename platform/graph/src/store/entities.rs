//! Current state and the indexes that are rewritten with it.

use std::collections::BTreeSet;

use bisenzio_kernel::{Micros, TenantId};
use bisenzio_ngsi_ld::{Entity, storage};
use bisenzio_store::{Tx, params};

use crate::GraphError;
use crate::store::{insert_many, places};

pub(crate) fn load(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<Option<Entity>, GraphError> {
    let row = tx.query_opt(
        "SELECT document FROM entity WHERE tenant = $1 AND id = $2",
        params![tenant, id],
    )?;
    match row {
        Some(row) => Ok(Some(storage::from_storage_str(&row.get::<String>(0)?)?)),
        None => Ok(None),
    }
}

/// Writes the entity and brings its index rows in line: `before` is the state that they show now.
pub(crate) fn save(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    before: Option<&Entity>,
    entity: &Entity,
    now: Micros,
) -> Result<(), GraphError> {
    let id = entity.id.as_str();
    tx.execute(
        "INSERT INTO entity (tenant, id, document, created_at, modified_at) VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT (tenant, id) DO UPDATE SET document = excluded.document, modified_at = excluded.modified_at",
        params![tenant, id, storage::to_storage_string(entity), now],
    )?;
    let types = |e: &Entity| e.types.iter().cloned().collect::<BTreeSet<_>>();
    sync(
        tx,
        tenant,
        id,
        Index::Type,
        &before.map(types).unwrap_or_default(),
        &types(entity),
    )?;
    let names = |e: &Entity| e.attributes.keys().cloned().collect::<BTreeSet<_>>();
    sync(
        tx,
        tenant,
        id,
        Index::Attribute,
        &before.map(names).unwrap_or_default(),
        &names(entity),
    )?;
    places::sync(tx, tenant, before, entity)
}

pub(crate) fn remove(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<(), GraphError> {
    for sql in [
        "DELETE FROM entity_type WHERE tenant = $1 AND entity = $2",
        "DELETE FROM entity_attribute WHERE tenant = $1 AND entity = $2",
        "DELETE FROM entity_place WHERE tenant = $1 AND entity = $2",
        "DELETE FROM entity WHERE tenant = $1 AND id = $2",
    ] {
        tx.execute(sql, params![tenant, id])?;
    }
    Ok(())
}

/// Types that are in use, with how many entities have them.
pub(crate) fn type_counts(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<(String, i64)>, GraphError> {
    let rows = tx.query(
        "SELECT type, COUNT(*) FROM entity_type WHERE tenant = $1 GROUP BY type ORDER BY type",
        params![tenant],
    )?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

#[derive(Clone, Copy)]
enum Index {
    Type,
    Attribute,
}

/// Only what differs is written: most updates change values, not names.
fn sync(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    id: &str,
    index: Index,
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
) -> Result<(), GraphError> {
    let (insert, delete) = match index {
        Index::Type => (
            "INSERT INTO entity_type (tenant, type, entity)",
            "DELETE FROM entity_type WHERE tenant = $1 AND type = $2 AND entity = $3",
        ),
        Index::Attribute => (
            "INSERT INTO entity_attribute (tenant, attribute, entity)",
            "DELETE FROM entity_attribute WHERE tenant = $1 AND attribute = $2 AND entity = $3",
        ),
    };
    for name in before.difference(after) {
        tx.execute(delete, params![tenant, name, id])?;
    }
    let rows = after
        .difference(before)
        .map(|name| vec![tenant.into(), name.as_str().into(), id.into()])
        .collect();
    Ok(insert_many(tx, insert, rows)?)
}

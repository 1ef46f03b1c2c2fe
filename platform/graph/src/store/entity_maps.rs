//! Entity maps: which entities a query found, in its order.

use bisenzio_kernel::{Micros, TenantId};
use bisenzio_store::{StoreError, Tx, params};

/// Maps kept for a city; the oldest go first.
const MOST: i64 = 200;

#[derive(Clone, Debug)]
pub(crate) struct EntityMap {
    pub(crate) id: String,
    /// Identifiers of the entities.
    pub(crate) entities: Vec<String>,
    pub(crate) expires_at: Micros,
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    map: &EntityMap,
    now: Micros,
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM entity_map WHERE tenant = $1 AND expires_at <= $2",
        params![tenant, now],
    )?;
    tx.execute(
        "DELETE FROM entity_map WHERE tenant = $1 AND id IN (
           SELECT id FROM entity_map WHERE tenant = $1 ORDER BY created_at DESC, id LIMIT 1000000 OFFSET $2)",
        params![tenant, MOST - 1],
    )?;
    // No URI holds white space, so white space parts them.
    tx.execute(
        "INSERT INTO entity_map (tenant, id, entities, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        params![
            tenant,
            map.id.as_str(),
            map.entities.join(" "),
            now,
            map.expires_at
        ],
    )?;
    Ok(())
}

/// A map that has not expired.
pub(crate) fn load(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    id: &str,
    now: Micros,
) -> Result<Option<EntityMap>, StoreError> {
    let row = tx.query_opt(
        "SELECT id, entities, expires_at FROM entity_map WHERE tenant = $1 AND id = $2 AND expires_at > $3",
        params![tenant, id, now],
    )?;
    row.map(|row| {
        Ok(EntityMap {
            id: row.get(0)?,
            entities: row.text(1)?.split_whitespace().map(str::to_owned).collect(),
            expires_at: row.get(2)?,
        })
    })
    .transpose()
}

/// `false` when there is none.
pub(crate) fn extend(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    id: &str,
    expires_at: Micros,
    now: Micros,
) -> Result<bool, StoreError> {
    let sql = "UPDATE entity_map SET expires_at = $3 WHERE tenant = $1 AND id = $2 AND expires_at > $4";
    Ok(tx.execute(sql, params![tenant, id, expires_at, now])? > 0)
}

/// `false` when there was none.
pub(crate) fn remove(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<bool, StoreError> {
    let sql = "DELETE FROM entity_map WHERE tenant = $1 AND id = $2";
    Ok(tx.execute(sql, params![tenant, id])? > 0)
}

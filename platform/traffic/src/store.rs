//! SQL of this module, nothing but SQL.

use bisenzio_kernel::{Env, TenantId};
use bisenzio_store::{StoreError, Tx, params};

/// A scenario as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// JSON.
    pub changes: String,
    pub created_at: i64,
    pub created_by: String,
    /// Hash of network and demand of the result.
    pub input: String,
    /// Compressed JSON.
    pub result: Option<Vec<u8>>,
}

/// Puts a city's demand parameters in the place of those before.
pub fn replace_demand(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    content: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO traffic_demand (tenant, version, content, loaded_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant) DO UPDATE SET version = excluded.version, content = excluded.content,
           loaded_at = excluded.loaded_at",
        params![tenant, env.ulid(), content, env.now()],
    )?;
    Ok(())
}

/// The parameters; `None` for a city without.
pub fn demand(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Option<String>, StoreError> {
    tx.query_opt(
        "SELECT content FROM traffic_demand WHERE tenant = $1",
        params![tenant],
    )?
    .map(|row| row.get(0))
    .transpose()
}

/// Keeps what a scenario changes; one that is known stays as it is.
pub fn keep_scenario(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    id: &str,
    changes: &str,
    by: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO traffic_scenario (tenant, id, changes, created_at, created_by, input, result)
         VALUES ($1, $2, $3, $4, $5, '', NULL) ON CONFLICT (tenant, id) DO NOTHING",
        params![tenant, id, changes, env.now(), by],
    )?;
    Ok(())
}

/// Keeps what came out of a scenario on a network and demand.
pub fn keep_result(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    id: &str,
    input: &str,
    result: &[u8],
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE traffic_scenario SET input = $3, result = $4 WHERE tenant = $1 AND id = $2",
        params![tenant, id, input, result],
    )?;
    Ok(())
}

pub fn scenario(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<Option<Kept>, StoreError> {
    let row = tx.query_opt(
        "SELECT changes, created_at, created_by, input, result FROM traffic_scenario WHERE tenant = $1 AND id = $2",
        params![tenant, id],
    )?;
    row.map(|row| {
        Ok(Kept {
            changes: row.get(0)?,
            created_at: row.get(1)?,
            created_by: row.get(2)?,
            input: row.get(3)?,
            result: row.get(4)?,
        })
    })
    .transpose()
}

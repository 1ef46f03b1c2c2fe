//! Rendered notes. Each is kept with the hash of the snapshot it was made from.

use bisenzio_kernel::{Env, Lang, Micros, TenantId};
use bisenzio_store::{StoreError, Tx, jobs, params};
use serde_json::json;

/// A rendered note.
#[derive(Clone, Debug)]
pub struct Made {
    pub lang: Lang,
    pub format: &'static str,
    pub content: Vec<u8>,
}

pub fn save(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    year: i64,
    hash: &str,
    made: &Made,
    at: Micros,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO plan_document (tenant, year, lang, format, content, made_at, snapshot_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (tenant, year, lang, format) DO UPDATE SET content = excluded.content,
           made_at = excluded.made_at, snapshot_hash = excluded.snapshot_hash",
        params![
            tenant,
            year,
            made.lang.as_str(),
            made.format,
            made.content.as_slice(),
            at,
            hash
        ],
    )?;
    Ok(())
}

/// The note made from the snapshot with this hash. What was made before hashes were kept is of a frozen
/// edition, and good.
pub fn load(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    year: i64,
    lang: Lang,
    format: &str,
    hash: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = tx.query_opt(
        "SELECT content FROM plan_document WHERE tenant = $1 AND year = $2 AND lang = $3 AND format = $4
           AND snapshot_hash IN ($5, '')",
        params![tenant, year, lang.as_str(), format, hash],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Whether the note made from this snapshot is kept.
pub fn is_made(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    year: i64,
    lang: Lang,
    format: &str,
    hash: &str,
) -> Result<bool, StoreError> {
    let row = tx.query_opt(
        "SELECT 1 FROM plan_document WHERE tenant = $1 AND year = $2 AND lang = $3 AND format = $4
           AND snapshot_hash IN ($5, '')",
        params![tenant, year, lang.as_str(), format, hash],
    )?;
    Ok(row.is_some())
}

/// Queues the rendering of a year's note. One that waits already waits on until `run_at`: of many changes in a
/// row only the last is rendered.
pub fn schedule(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    kind: &str,
    year: i64,
    run_at: Micros,
) -> Result<(), StoreError> {
    let payload = json!({"year": year});
    let waiting = tx.execute(
        "UPDATE job SET run_at = $1 WHERE tenant = $2 AND kind = $3 AND payload = $4 AND state = 'ready'
           AND attempts = 0 AND locked_until <= $5",
        params![run_at, tenant, kind, payload.to_string(), env.now()],
    )?;
    if waiting == 0 {
        jobs::enqueue(tx, env, tenant, kind, &payload, run_at)?;
    }
    Ok(())
}

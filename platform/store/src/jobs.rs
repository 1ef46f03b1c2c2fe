//! Work done later: queued in the transaction that wants it, run by whichever replica is free, tried again
//! with growing pauses, and kept with its error when it will not succeed.

use bisenzio_kernel::{Env, Micros, TenantId};
use serde::Serialize;

use crate::{Row, StoreError, Tx, params};

/// A worker that dies is presumed so after this long, and its job is given to another.
const LEASE: Micros = 300 * 1_000_000;
const MAX_ATTEMPTS: i64 = 8;

#[derive(Clone, Debug)]
pub struct Job {
    pub tenant: String,
    pub id: String,
    pub kind: String,
    /// JSON.
    pub payload: String,
    pub attempts: i64,
    pub max_attempts: i64,
    pub state: String,
    pub last_error: Option<String>,
    pub run_at: Micros,
}

/// Queues a job and returns its identifier.
///
/// # Errors
/// When the payload cannot be serialised or the store fails.
pub fn enqueue(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    kind: &str,
    payload: &impl Serialize,
    run_at: Micros,
) -> Result<String, StoreError> {
    let payload = serde_json::to_string(payload).map_err(|e| StoreError::Column(e.to_string()))?;
    let id = env.ulid();
    tx.execute(
        "INSERT INTO job (tenant, id, kind, payload, state, run_at, attempts, max_attempts, locked_until, created_at)
         VALUES ($1, $2, $3, $4, 'ready', $5, 0, $6, 0, $7)",
        params![tenant, &id, kind, payload, run_at, MAX_ATTEMPTS, env.now()],
    )?;
    Ok(id)
}

/// Takes the job that has waited longest and is due, if any, and leases it.
///
/// # Errors
/// When the store fails.
pub fn claim(tx: &mut Tx<'_>, now: Micros) -> Result<Option<Job>, StoreError> {
    let due = tx.query_opt(
        "SELECT tenant, id, kind, payload, attempts, max_attempts, state, last_error, run_at FROM job
         WHERE state = 'ready' AND run_at <= $1 AND locked_until <= $1 ORDER BY run_at, id LIMIT 1",
        params![now],
    )?;
    let Some(mut job) = due.as_ref().map(read).transpose()? else {
        return Ok(None);
    };
    tx.execute(
        "UPDATE job SET attempts = attempts + 1, locked_until = $3 WHERE tenant = $1 AND id = $2",
        params![&job.tenant, &job.id, now + LEASE],
    )?;
    job.attempts += 1;
    Ok(Some(job))
}

/// # Errors
/// When the store fails.
pub fn succeed(tx: &mut Tx<'_>, job: &Job, now: Micros) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE job SET state = 'done', finished_at = $3, locked_until = 0, last_error = NULL
         WHERE tenant = $1 AND id = $2",
        params![&job.tenant, &job.id, now],
    )?;
    Ok(())
}

/// Puts a failed job back with a pause of 2, 4, 8 ... seconds, or gives it up after its last attempt.
///
/// # Errors
/// When the store fails.
pub fn fail(tx: &mut Tx<'_>, job: &Job, error: &str, now: Micros) -> Result<(), StoreError> {
    let state = if job.attempts >= job.max_attempts {
        "failed"
    } else {
        "ready"
    };
    let pause = 1_000_000_i64 << job.attempts.clamp(1, 12);
    tx.execute(
        "UPDATE job SET state = $3, run_at = $4, locked_until = 0, last_error = $5 WHERE tenant = $1 AND id = $2",
        params![&job.tenant, &job.id, state, now + pause, error],
    )?;
    Ok(())
}

/// The latest jobs of a tenant, for the people who run it.
///
/// # Errors
/// When the store fails.
pub fn latest(tx: &mut Tx<'_>, tenant: &TenantId, limit: i64) -> Result<Vec<Job>, StoreError> {
    tx.query(
        "SELECT tenant, id, kind, payload, attempts, max_attempts, state, last_error, run_at FROM job
         WHERE tenant = $1 ORDER BY id DESC LIMIT $2",
        params![tenant, limit],
    )?
    .iter()
    .map(read)
    .collect()
}

/// Forgets finished jobs older than an instant.
///
/// # Errors
/// When the store fails.
pub fn prune(tx: &mut Tx<'_>, before: Micros) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM job WHERE state = 'done' AND finished_at < $1",
        params![before],
    )
}

fn read(row: &Row) -> Result<Job, StoreError> {
    Ok(Job {
        tenant: row.get(0)?,
        id: row.get(1)?,
        kind: row.get(2)?,
        payload: row.get(3)?,
        attempts: row.get(4)?,
        max_attempts: row.get(5)?,
        state: row.get(6)?,
        last_error: row.get(7)?,
        run_at: row.get(8)?,
    })
}

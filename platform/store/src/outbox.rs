//! The transactional outbox: what happened, told in the transaction in which it happened.
//!
//! Polling it always works; a message bus, when there is one, only carries it faster.

use bisenzio_kernel::{Env, Micros, TenantId};
use serde::Serialize;

use crate::{Row, StoreError, Tx, params};

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Event {
    pub tenant: String,
    pub id: String,
    /// Kind of event, `<module>.<what>`: "graph.entity", "territory.network".
    pub topic: String,
    /// What it happened to.
    pub subject: String,
    /// JSON.
    pub payload: String,
    pub created_at: Micros,
}

/// # Errors
/// When the payload cannot be serialised or the store fails.
pub fn publish(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    topic: &str,
    subject: &str,
    payload: &impl Serialize,
) -> Result<(), StoreError> {
    let payload = serde_json::to_string(payload).map_err(|e| StoreError::Column(e.to_string()))?;
    tx.execute(
        "INSERT INTO outbox (tenant, id, topic, subject, payload, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        params![tenant, env.ulid(), topic, subject, payload, env.now()],
    )?;
    Ok(())
}

/// Events of all tenants made at or after an instant, oldest first. Maintenance: replicas read it to drop
/// what they had cached. Readers ask again for the last few seconds (transactions commit out of order) and
/// must not mind seeing an event twice.
///
/// # Errors
/// When the store fails.
pub fn since(tx: &mut Tx<'_>, from: Micros, limit: i64) -> Result<Vec<Event>, StoreError> {
    tx.query(
        "SELECT tenant, id, topic, subject, payload, created_at FROM outbox
         WHERE created_at >= $1 ORDER BY created_at, id LIMIT $2",
        params![from, limit],
    )?
    .iter()
    .map(event)
    .collect()
}

/// Forgets events older than an instant; returns how many.
///
/// # Errors
/// When the store fails.
pub fn prune(tx: &mut Tx<'_>, before: Micros) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM outbox WHERE created_at < $1", params![before])
}

fn event(row: &Row) -> Result<Event, StoreError> {
    Ok(Event {
        tenant: row.get(0)?,
        id: row.get(1)?,
        topic: row.get(2)?,
        subject: row.get(3)?,
        payload: row.get(4)?,
        created_at: row.get(5)?,
    })
}

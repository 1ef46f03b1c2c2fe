//! The queue of notifications of registrations: what is due, who delivers it, when it is tried again.

use std::collections::HashSet;

use bisenzio_kernel::{Env, Micros, TenantId};
use bisenzio_ngsi_ld::Uri;
use bisenzio_store::{StoreError, Tx, params};
use bisenzio_web::App;
use tokio::sync::Notify;

use super::watchers::What;
use crate::GraphError;

/// Rung when something was queued by this process.
#[derive(Default)]
pub(super) struct Bell(pub(super) Notify);

const SECOND: Micros = 1_000_000;
/// A replica that does not settle a delivery in this time is taken for dead, and another delivers it again.
const LEASE: Micros = 60 * SECOND;
const MAX_ATTEMPTS: i64 = 10;
/// Rows looked at for what is due.
const LOOK: i64 = 500;

/// Whose notification it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) tenant: TenantId,
    pub(super) subscription: String,
}

/// A notification to be delivered.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) key: Key,
    pub(super) id: String,
    pub(super) payload: String,
    pub(super) due_at: Micros,
    /// With this one.
    pub(super) attempts: i64,
}

pub(super) fn put(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    subscription: &Uri,
    what: &What,
    due_at: Micros,
) -> Result<(), GraphError> {
    let payload = serde_json::to_string(what).map_err(|e| StoreError::Column(e.to_string()))?;
    tx.execute(
        "INSERT INTO registration_notice (tenant, subscription, id, payload, due_at, attempts, leased_until)
         VALUES ($1, $2, $3, $4, $5, 0, 0)",
        params![tenant, subscription.as_str(), env.ulid(), payload, due_at],
    )?;
    let bell = tx.memory::<Bell>();
    tx.on_commit(move || bell.0.notify_one());
    Ok(())
}

/// Leases the oldest due notification of each subscription, those that are busy aside. Looking costs no write.
pub(super) async fn claim(app: &App, busy: &HashSet<Key>, places: usize) -> Result<Vec<Item>, StoreError> {
    let now = app.env.now();
    let due = app.store.read(move |tx| due(tx, now)).await?;
    let mut seen = HashSet::new();
    let chosen: Vec<Item> = due
        .into_iter()
        .filter(|item| !busy.contains(&item.key) && seen.insert(item.key.clone()))
        .take(places)
        .collect();
    if chosen.is_empty() {
        return Ok(chosen);
    }
    app.store
        .write(move |tx| {
            let mut claimed = Vec::new();
            for item in &chosen {
                let taken = tx.execute(
                    "UPDATE registration_notice SET leased_until = $4, attempts = attempts + 1
                     WHERE tenant = $1 AND subscription = $2 AND id = $3 AND leased_until <= $5",
                    params![
                        &item.key.tenant,
                        &item.key.subscription,
                        &item.id,
                        now + LEASE,
                        now
                    ],
                )?;
                if taken == 1 {
                    claimed.push(Item {
                        attempts: item.attempts + 1,
                        ..item.clone()
                    });
                }
            }
            Ok::<_, StoreError>(claimed)
        })
        .await
}

/// What is due in all cities, oldest first; nothing of a subscription that somebody is delivering to.
fn due(tx: &mut Tx<'_>, now: Micros) -> Result<Vec<Item>, StoreError> {
    let rows = tx.query(
        "SELECT n.tenant, n.subscription, n.id, n.payload, n.due_at, n.attempts FROM registration_notice n
         WHERE n.due_at <= $1 AND NOT EXISTS (SELECT 1 FROM registration_notice o
             WHERE o.tenant = n.tenant AND o.subscription = n.subscription AND o.leased_until > $1)
         ORDER BY n.id LIMIT $2",
        params![now, LOOK],
    )?;
    let mut items = Vec::new();
    for row in &rows {
        // A name that is no tenant's is nobody's queue.
        if let Ok(tenant) = TenantId::new(&row.get::<String>(0)?) {
            items.push(Item {
                key: Key {
                    tenant,
                    subscription: row.get(1)?,
                },
                id: row.get(2)?,
                payload: row.get(3)?,
                due_at: row.get(4)?,
                attempts: row.get(5)?,
            });
        }
    }
    Ok(items)
}

/// Takes a delivered notification off the queue; puts another back with a pause of 2, 4, 8 ... seconds, until it is
/// given up.
pub(super) async fn settle(app: &App, item: &Item, is_done: bool) -> Result<(), StoreError> {
    let item = item.clone();
    let retry_at = app.env.now() + (SECOND << item.attempts.clamp(1, 10));
    app.store
        .write(move |tx| {
            let key = params![&item.key.tenant, &item.key.subscription, &item.id];
            if is_done || item.attempts >= MAX_ATTEMPTS {
                tx.execute(
                    "DELETE FROM registration_notice WHERE tenant = $1 AND subscription = $2 AND id = $3",
                    key,
                )?;
                return Ok(());
            }
            tx.execute(
                "UPDATE registration_notice SET due_at = $4, leased_until = 0
                 WHERE tenant = $1 AND subscription = $2 AND id = $3",
                params![&item.key.tenant, &item.key.subscription, &item.id, retry_at],
            )?;
            Ok::<_, StoreError>(())
        })
        .await
}

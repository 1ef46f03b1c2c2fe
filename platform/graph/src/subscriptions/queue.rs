//! SQL of the queues, the dead letters, the counters and the leases.

use bisenzio_kernel::{Micros, TenantId};
use bisenzio_store::{Row, StoreError, Tx, Value, params};

use super::hub::Key;
use super::{MAX_DEAD, MAX_PENDING};
use crate::store::insert_many_with;

/// A notification to be queued.
#[derive(Clone, Debug)]
pub(crate) struct Queued {
    pub(crate) subscription: String,
    pub(crate) id: String,
    /// The entity whose order counts; empty for a periodic notification.
    pub(crate) entity: String,
    pub(crate) body: String,
}

/// A notification that waits.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) entity: String,
    pub(crate) body: String,
    pub(crate) attempts: i64,
}

/// A notification that was given up.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    pub id: String,
    pub subscription: String,
    /// The entity it tells of; empty for a periodic notification.
    pub entity: String,
    /// The notification as it was to be sent.
    pub body: String,
    pub attempts: i64,
    pub queued_at: Micros,
    pub died_at: Micros,
    /// Why it was given up, in English.
    pub reason: String,
}

/// What became of an attempt.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) key: Key,
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) at: Micros,
    pub(crate) result: Result<(), Failure>,
}

#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) error: String,
    /// Not before then.
    pub(crate) retry_at: Micros,
    /// It will not be tried again.
    pub(crate) last: bool,
}

const LETTER: &str = "id, subscription, entity, body, attempts, queued_at, died_at, reason";

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    seq: i64,
    now: Micros,
    made: Vec<Queued>,
) -> Result<(), StoreError> {
    let rows = made
        .into_iter()
        .map(|n| {
            vec![
                tenant.into(),
                n.subscription.into(),
                seq.into(),
                n.id.into(),
                n.entity.into(),
                n.body.into(),
                0.into(),
                now.into(),
            ]
        })
        .collect();
    let head = "INSERT INTO notification (tenant, subscription, seq, id, entity, body, attempts, queued_at)";
    insert_many_with(tx, head, rows, "")
}

/// The oldest of a queue.
pub(crate) fn oldest(tx: &mut Tx<'_>, key: &Key, limit: i64) -> Result<Vec<Waiting>, StoreError> {
    tx.query(
        "SELECT seq, id, entity, body, attempts FROM notification
         WHERE tenant = $1 AND subscription = $2 ORDER BY seq, id LIMIT $3",
        params![&key.tenant, &key.subscription, limit],
    )?
    .iter()
    .map(|row| {
        Ok(Waiting {
            seq: row.get(0)?,
            id: row.get(1)?,
            entity: row.get(2)?,
            body: row.get(3)?,
            attempts: row.get(4)?,
        })
    })
    .collect()
}

/// A queue that is not empty.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) key: Key,
    pub(crate) count: i64,
    pub(crate) oldest: Micros,
}

/// Every queue that is not empty, in all cities: for the dispatcher alone.
pub(crate) fn pending(tx: &mut Tx<'_>) -> Result<Vec<Pending>, StoreError> {
    let rows = tx.query(
        "SELECT tenant, subscription, COUNT(*), MIN(seq) FROM notification GROUP BY tenant, subscription",
        &[],
    )?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        // A name that is no tenant's is nobody's queue.
        if let Ok(tenant) = TenantId::new(&row.get::<String>(0)?) {
            all.push(Pending {
                key: Key {
                    tenant,
                    subscription: row.get(1)?,
                },
                count: row.get(2)?,
                oldest: row.get(3)?,
            });
        }
    }
    Ok(all)
}

/// Consecutive failures of a subscription, and before when it is not to be tried.
pub(crate) fn retry_state(tx: &mut Tx<'_>, key: &Key) -> Result<(i64, Micros), StoreError> {
    let row = tx.query_opt(
        "SELECT failures, retry_at FROM subscription_delivery WHERE tenant = $1 AND subscription = $2",
        params![&key.tenant, &key.subscription],
    )?;
    match row {
        Some(row) => Ok((row.get(0)?, row.get(1)?)),
        None => Ok((0, 0)),
    }
}

/// Writes what became of attempts of one subscription, in the order in which they were made.
pub(crate) fn settle(tx: &mut Tx<'_>, key: &Key, outcomes: &[Outcome]) -> Result<(), StoreError> {
    let mut counts = Counts::default();
    for outcome in outcomes {
        counts.note(outcome);
        let row = params![&key.tenant, &key.subscription, outcome.seq, &outcome.id];
        match &outcome.result {
            Ok(()) => {
                tx.execute(&format!("DELETE FROM notification WHERE {ROW}"), row)?;
            }
            Err(failure) => {
                tx.execute(
                    &format!("UPDATE notification SET attempts = attempts + 1 WHERE {ROW}"),
                    row,
                )?;
                if failure.last {
                    bury(tx, key, ROW, row, outcome.at, &failure.error)?;
                }
            }
        }
    }
    counts.write(tx, key)
}

const ROW: &str = "tenant = $1 AND subscription = $2 AND seq = $3 AND id = $4";

#[derive(Default)]
struct Counts {
    sent: i64,
    failed: i64,
    last: Option<Micros>,
    success: Option<Micros>,
    failure: Option<Micros>,
    error: Option<String>,
    /// Failures since the last success within these outcomes; `fresh` when there was none.
    failures: i64,
    fresh: bool,
    retry_at: Micros,
}

impl Counts {
    fn note(&mut self, outcome: &Outcome) {
        self.sent += 1;
        self.last = Some(outcome.at);
        match &outcome.result {
            Ok(()) => {
                self.success = Some(outcome.at);
                self.failures = 0;
                self.fresh = true;
                self.retry_at = 0;
            }
            Err(failure) => {
                self.failed += 1;
                self.failure = Some(outcome.at);
                self.error = Some(failure.error.chars().take(500).collect());
                self.failures += 1;
                self.retry_at = failure.retry_at;
            }
        }
    }

    fn write(self, tx: &mut Tx<'_>, key: &Key) -> Result<(), StoreError> {
        // After a success the count of failures begins anew.
        let failures = if self.fresh {
            "$9"
        } else {
            "subscription_delivery.failures + $9"
        };
        tx.execute(
            &format!(
                "INSERT INTO subscription_delivery (tenant, subscription, times_sent, times_failed, last_notification,
                   last_success, last_failure, last_error, failures, retry_at, dropped)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)
                 ON CONFLICT (tenant, subscription) DO UPDATE SET
                   times_sent = subscription_delivery.times_sent + excluded.times_sent,
                   times_failed = subscription_delivery.times_failed + excluded.times_failed,
                   last_notification = excluded.last_notification,
                   last_success = COALESCE(excluded.last_success, subscription_delivery.last_success),
                   last_failure = COALESCE(excluded.last_failure, subscription_delivery.last_failure),
                   last_error = COALESCE(excluded.last_error, subscription_delivery.last_error),
                   failures = {},
                   retry_at = excluded.retry_at",
                failures.replace("$9", "excluded.failures")
            ),
            params![
                &key.tenant,
                &key.subscription,
                self.sent,
                self.failed,
                self.last,
                self.success,
                self.failure,
                self.error,
                self.failures,
                self.retry_at
            ],
        )?;
        Ok(())
    }
}

/// Moves waiting notifications to the dead letters. `condition` is on `notification`, with `values` from `$1` on.
fn bury(
    tx: &mut Tx<'_>,
    key: &Key,
    condition: &str,
    values: &[Value],
    now: Micros,
    reason: &str,
) -> Result<u64, StoreError> {
    let n = values.len();
    let mut all = values.to_vec();
    let reason: String = reason.chars().take(500).collect();
    all.extend([now.into(), reason.into()]);
    let moved = tx.execute(
        &format!(
            "INSERT INTO dead_letter (tenant, id, subscription, entity, body, attempts, queued_at, died_at, reason)
             SELECT tenant, id, subscription, entity, body, attempts, queued_at, ${}, ${} FROM notification
             WHERE {condition} ON CONFLICT (tenant, id) DO NOTHING",
            n + 1,
            n + 2
        ),
        &all,
    )?;
    tx.execute(&format!("DELETE FROM notification WHERE {condition}"), values)?;
    tracing::warn!(tenant = %key.tenant, subscription = key.subscription, moved, "notifications given up");
    Ok(moved)
}

/// Brings a queue back to its bounds: what is too old or too much becomes dead letters, the oldest first, and of
/// those the oldest are dropped when there are too many.
pub(crate) fn trim(tx: &mut Tx<'_>, key: &Key, now: Micros, max_age: Micros) -> Result<(), StoreError> {
    let of = "tenant = $1 AND subscription = $2";
    let old = params![&key.tenant, &key.subscription, now - max_age];
    bury(
        tx,
        key,
        &format!("{of} AND queued_at < $3"),
        old,
        now,
        "it waited longer than notifications are kept",
    )?;
    let boundary = tx.query_opt(
        "SELECT seq FROM notification WHERE tenant = $1 AND subscription = $2 ORDER BY seq DESC, id DESC
         LIMIT 1 OFFSET $3",
        params![&key.tenant, &key.subscription, MAX_PENDING],
    )?;
    if let Some(row) = boundary {
        let seq: i64 = row.get(0)?;
        let reason = format!("more than {MAX_PENDING} notifications were waiting");
        bury(
            tx,
            key,
            &format!("{of} AND seq <= $3"),
            params![&key.tenant, &key.subscription, seq],
            now,
            &reason,
        )?;
    }
    drop_letters(tx, key)
}

fn drop_letters(tx: &mut Tx<'_>, key: &Key) -> Result<(), StoreError> {
    let boundary = tx.query_opt(
        "SELECT died_at, id FROM dead_letter WHERE tenant = $1 AND subscription = $2
         ORDER BY died_at DESC, id DESC LIMIT 1 OFFSET $3",
        params![&key.tenant, &key.subscription, MAX_DEAD],
    )?;
    let Some(row) = boundary else { return Ok(()) };
    let (died_at, id): (i64, String) = (row.get(0)?, row.get(1)?);
    let dropped = tx.execute(
        "DELETE FROM dead_letter WHERE tenant = $1 AND subscription = $2
         AND (died_at < $3 OR (died_at = $3 AND id <= $4))",
        params![&key.tenant, &key.subscription, died_at, id],
    )?;
    tx.execute(
        "UPDATE subscription_delivery SET dropped = dropped + $3 WHERE tenant = $1 AND subscription = $2",
        params![
            &key.tenant,
            &key.subscription,
            i64::try_from(dropped).unwrap_or(i64::MAX)
        ],
    )?;
    tracing::warn!(tenant = %key.tenant, subscription = key.subscription, dropped, "dead letters dropped");
    Ok(())
}

/// Dead letters of a city, or of one subscription, the newest first.
pub(crate) fn letters(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    subscription: Option<&str>,
    limit: i64,
    offset: i64,
) -> Result<Vec<DeadLetter>, StoreError> {
    let mut values: Vec<Value> = vec![tenant.into()];
    let mut condition = String::new();
    if let Some(subscription) = subscription {
        values.push(subscription.into());
        condition.push_str(" AND subscription = $2");
    }
    values.extend([limit.into(), offset.into()]);
    let n = values.len();
    let sql = format!(
        "SELECT {LETTER} FROM dead_letter WHERE tenant = $1{condition}
         ORDER BY died_at DESC, id DESC LIMIT ${} OFFSET ${n}",
        n - 1
    );
    tx.query(&sql, &values)?.iter().map(letter).collect()
}

pub(crate) fn count_letters(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    subscription: Option<&str>,
) -> Result<i64, StoreError> {
    let row = match subscription {
        Some(id) => tx.query_one(
            "SELECT COUNT(*) FROM dead_letter WHERE tenant = $1 AND subscription = $2",
            params![tenant, id],
        )?,
        None => tx.query_one(
            "SELECT COUNT(*) FROM dead_letter WHERE tenant = $1",
            params![tenant],
        )?,
    };
    row.get(0)
}

pub(crate) fn load_letter(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    id: &str,
) -> Result<Option<DeadLetter>, StoreError> {
    let sql = format!("SELECT {LETTER} FROM dead_letter WHERE tenant = $1 AND id = $2");
    tx.query_opt(&sql, params![tenant, id])?
        .as_ref()
        .map(letter)
        .transpose()
}

pub(crate) fn delete_letter(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<bool, StoreError> {
    let gone = tx.execute(
        "DELETE FROM dead_letter WHERE tenant = $1 AND id = $2",
        params![tenant, id],
    )?;
    Ok(gone > 0)
}

/// The oldest dead letters of a subscription.
pub(crate) fn oldest_letters(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    subscription: &str,
    limit: i64,
) -> Result<Vec<DeadLetter>, StoreError> {
    let sql = format!(
        "SELECT {LETTER} FROM dead_letter WHERE tenant = $1 AND subscription = $2
         ORDER BY queued_at, id LIMIT $3"
    );
    tx.query(&sql, params![tenant, subscription, limit])?
        .iter()
        .map(letter)
        .collect()
}

fn letter(row: &Row) -> Result<DeadLetter, StoreError> {
    Ok(DeadLetter {
        id: row.get(0)?,
        subscription: row.get(1)?,
        entity: row.get(2)?,
        body: row.get(3)?,
        attempts: row.get(4)?,
        queued_at: row.get(5)?,
        died_at: row.get(6)?,
        reason: row.get(7)?,
    })
}

/// Takes the lease of a subscription; `false` when another replica has it.
pub(crate) fn lease(
    tx: &mut Tx<'_>,
    key: &Key,
    holder: &str,
    now: Micros,
    until: Micros,
) -> Result<bool, StoreError> {
    let taken = tx.execute(
        "INSERT INTO subscription_lease (tenant, subscription, holder, until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant, subscription) DO UPDATE SET holder = excluded.holder, until = excluded.until
         WHERE subscription_lease.holder = excluded.holder OR subscription_lease.until < $5",
        params![&key.tenant, &key.subscription, holder, until, now],
    )?;
    Ok(taken > 0)
}

/// Keeps all leases of a replica, in all cities: for the dispatcher alone.
pub(crate) fn renew(tx: &mut Tx<'_>, holder: &str, until: Micros) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE subscription_lease SET until = $2 WHERE holder = $1",
        params![holder, until],
    )?;
    Ok(())
}

/// Gives all leases of a replica up.
pub(crate) fn release(tx: &mut Tx<'_>, holder: &str) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM subscription_lease WHERE holder = $1",
        params![holder],
    )?;
    Ok(())
}

/// Periodic subscriptions that are due, with when they were, in all cities: for the dispatcher alone.
pub(crate) fn due(tx: &mut Tx<'_>, now: Micros, limit: i64) -> Result<Vec<(Key, Micros)>, StoreError> {
    let rows = tx.query(
        "SELECT tenant, subscription, due_at FROM subscription_schedule WHERE due_at <= $1
         ORDER BY due_at LIMIT $2",
        params![now, limit],
    )?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Ok(tenant) = TenantId::new(&row.get::<String>(0)?) {
            let subscription = row.get(1)?;
            all.push((Key { tenant, subscription }, row.get(2)?));
        }
    }
    Ok(all)
}

/// Moves a due time on; `false` when another replica was first.
pub(crate) fn advance(tx: &mut Tx<'_>, key: &Key, from: Micros, to: Micros) -> Result<bool, StoreError> {
    let moved = tx.execute(
        "UPDATE subscription_schedule SET due_at = $4 WHERE tenant = $1 AND subscription = $2 AND due_at = $3",
        params![&key.tenant, &key.subscription, from, to],
    )?;
    Ok(moved > 0)
}

//! Carrying out a policy: what is too old goes, what is old is thinned.

use std::collections::BTreeMap;

use bisenzio_kernel::{Micros, TenantId};
use bisenzio_store::{Row, StoreError, Tx, params};

use super::past;
use super::policy::{Policy, Thinning, ThinningMethod};
use super::record::insert;
use super::row::{DELETED, Encoded, OBSERVED};
use super::series::series_of;

const SECOND: Micros = 1_000_000;
const DAY: Micros = 86_400 * SECOND;
/// Rows of one series looked at in one transaction.
pub(crate) const CHUNK: i64 = 5_000;
/// An empty series is removed after so long without a row: longer than any writer remembers it.
const EMPTY: Micros = 12 * 3_600 * SECOND;

/// One bounded step for an entity; `true` when there is more to do.
pub(crate) fn housekeep_entity(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    entity: &str,
    policy: &Policy,
    now: Micros,
) -> Result<bool, StoreError> {
    let mut left = CHUNK;
    let list = series_of(tx, tenant, entity)?;
    for series in &list {
        let oldest = match (policy.keep, policy.retention_days) {
            (false, _) => Some(now),
            (true, Some(days)) => Some(now.saturating_sub(days.saturating_mul(DAY))),
            (true, None) => None,
        };
        if let Some(oldest) = oldest {
            left -= expire(tx, tenant, series.number, oldest, left)?;
        }
        if let (Some(thinning), true) = (policy.thinning, left > 0) {
            left -= thin(tx, tenant, series.number, thinning, now, left)?;
        }
        if left <= 0 {
            return Ok(true);
        }
    }
    let mut any = false;
    for series in &list {
        let row = tx.query_opt(
            "SELECT 1 FROM attribute_history WHERE tenant = $1 AND series = $2 LIMIT 1",
            params![tenant, series.number],
        )?;
        any |= row.is_some();
        tx.execute(
            "UPDATE history_series SET empty_since = CASE WHEN $3 = 1 THEN NULL ELSE COALESCE(empty_since, $4) END
             WHERE tenant = $1 AND series = $2",
            params![tenant, series.number, row.is_some(), now],
        )?;
    }
    if !any {
        past::forget(tx, tenant, entity)?;
    }
    Ok(false)
}

fn expire(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    series: i64,
    before: Micros,
    limit: i64,
) -> Result<i64, StoreError> {
    let last = tx.query_opt(
        "SELECT time FROM attribute_history WHERE tenant = $1 AND series = $2 AND time < $3
         ORDER BY time LIMIT 1 OFFSET $4",
        params![tenant, series, before, limit],
    )?;
    let until = last.map(|row| row.get(0)).transpose()?.unwrap_or(before);
    let gone = tx.execute(
        "DELETE FROM attribute_history WHERE tenant = $1 AND series = $2 AND time < $3",
        params![tenant, series, until],
    )?;
    // All at one instant: the window cannot be cut, so they go together.
    if gone == 0 && until < before {
        let gone = tx.execute(
            "DELETE FROM attribute_history WHERE tenant = $1 AND series = $2 AND time = $3",
            params![tenant, series, until],
        )?;
        return Ok(i64::try_from(gone).unwrap_or(limit));
    }
    Ok(i64::try_from(gone).unwrap_or(limit))
}

/// Thins the oldest period that still has several instances, and those after it, as far as the limit reaches.
fn thin(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    series: i64,
    thinning: Thinning,
    now: Micros,
    limit: i64,
) -> Result<i64, StoreError> {
    let length = thinning.period_seconds.max(1).saturating_mul(SECOND);
    let until = now.saturating_sub(thinning.after_days.saturating_mul(DAY));
    // Only whole periods: of one that goes on, more will be old tomorrow.
    let until = until.div_euclid(length).saturating_mul(length);
    let crowded = tx.query_opt(
        "SELECT MIN(time), MAX(time) FROM (
           SELECT time FROM attribute_history
           WHERE tenant = $1 AND series = $2 AND (kind & 4) = 0 AND time < $3 AND time >= 0
             AND time / $4 IN (
               SELECT time / $4 FROM attribute_history
               WHERE tenant = $1 AND series = $2 AND (kind & 4) = 0 AND time < $3 AND time >= 0
               GROUP BY 1 HAVING COUNT(*) > 1 ORDER BY 1 LIMIT $5)
           ) AS crowded",
        params![tenant, series, until, length, (limit / 2).max(1)],
    )?;
    let Some(row) = crowded else { return Ok(0) };
    let (Some(from), Some(to)): (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?) else {
        return Ok(0);
    };
    let to = to.min(from.saturating_add(length.saturating_mul(limit)));
    let rows = tx.query(
        "SELECT time, seq, kind, number, modified_at, document FROM attribute_history
         WHERE tenant = $1 AND series = $2 AND (kind & 4) = 0 AND time >= $3 AND time <= $4
         ORDER BY time, seq LIMIT $5",
        params![tenant, series, from, to, limit.saturating_add(1)],
    )?;
    let cut = rows.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    let mut periods: BTreeMap<i64, Vec<Encoded>> = BTreeMap::new();
    for row in &rows {
        let row = plain(row)?;
        periods.entry(row.time.div_euclid(length)).or_default().push(row);
    }
    // The last period may not be whole in this piece, unless it is all there is.
    if cut && periods.len() > 1 {
        periods.pop_last();
    }
    for (period, members) in periods {
        if members.len() > 1 {
            replace(
                tx,
                tenant,
                series,
                thinning.method,
                period.saturating_mul(length),
                &members,
            )?;
        }
    }
    Ok(i64::try_from(rows.len()).unwrap_or(limit))
}

fn replace(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    series: i64,
    method: ThinningMethod,
    start: i64,
    members: &[Encoded],
) -> Result<(), StoreError> {
    let Some(last) = members.last() else { return Ok(()) };
    // What is no number has no mean and no order: the last one stays.
    let numeric = members.iter().all(|m| m.number.is_some());
    let kept = match method {
        _ if !numeric => last.clone(),
        ThinningMethod::Last => last.clone(),
        ThinningMethod::Min => extreme(members, |a, b| a < b).unwrap_or(last).clone(),
        ThinningMethod::Max => extreme(members, |a, b| a > b).unwrap_or(last).clone(),
        ThinningMethod::Avg => {
            #[allow(clippy::cast_precision_loss, reason = "a count of rows")]
            let mean = members.iter().filter_map(|m| m.number).sum::<f64>() / members.len() as f64;
            Encoded {
                time: start,
                kind: last.kind & OBSERVED & !DELETED,
                number: Some(mean),
                document: None,
                ..last.clone()
            }
        }
    };
    for member in members {
        tx.execute(
            "DELETE FROM attribute_history WHERE tenant = $1 AND series = $2 AND time = $3 AND seq = $4",
            params![tenant, series, member.time, member.seq],
        )?;
    }
    insert(tx, tenant, &[(series, kept)])
}

fn extreme(members: &[Encoded], better: fn(f64, f64) -> bool) -> Option<&Encoded> {
    members
        .iter()
        .reduce(|best, next| match (best.number, next.number) {
            (Some(a), Some(b)) if better(b, a) => next,
            _ => best,
        })
}

fn plain(row: &Row) -> Result<Encoded, StoreError> {
    Ok(Encoded {
        time: row.get(0)?,
        seq: row.get(1)?,
        kind: row.get(2)?,
        number: row.get(3)?,
        modified_at: row.get(4)?,
        document: row.get(5)?,
    })
}

/// Removes series that have been empty for long; returns how many are still waiting for that.
pub(crate) fn purge_series(tx: &mut Tx<'_>, tenant: &TenantId, now: Micros) -> Result<i64, StoreError> {
    tx.execute(
        "DELETE FROM history_series WHERE tenant = $1 AND empty_since < $2 AND NOT EXISTS (
           SELECT 1 FROM attribute_history h
           WHERE h.tenant = history_series.tenant AND h.series = history_series.series)",
        params![tenant, now.saturating_sub(EMPTY)],
    )?;
    tx.query_one(
        "SELECT COUNT(*) FROM history_series WHERE tenant = $1 AND empty_since IS NOT NULL",
        params![tenant],
    )?
    .get(0)
}

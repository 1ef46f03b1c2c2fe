//! Counts and lists of the Situation Room.

use bisenzio_kernel::TenantId;
use bisenzio_store::{StoreError, Tx, params};
use jiff::civil::Date;

/// What a day looks like in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    pub running: i64,
    pub starting: i64,
    pub ending: i64,
    pub unplaced: i64,
    pub without_end: i64,
    pub contradictory: i64,
}

/// # Errors
/// When the store fails.
pub fn counters(tx: &mut Tx<'_>, tenant: &TenantId, day: Date) -> Result<Counters, StoreError> {
    let row = tx.query_one(
        "SELECT
           COALESCE(SUM(CASE WHEN first_day <= $2 AND last_day >= $2 AND permanent = 0
             AND (revoked_day IS NULL OR revoked_day > $2)
             AND (suspended_from IS NULL OR suspended_from > $2 OR suspended_to < $2) THEN 1 ELSE 0 END), 0),
           COALESCE(SUM(CASE WHEN first_day = $2 AND permanent = 0 THEN 1 ELSE 0 END), 0),
           COALESCE(SUM(CASE WHEN told_end = $2 AND permanent = 0 THEN 1 ELSE 0 END), 0),
           COALESCE(SUM(CASE WHEN open_end = 1 AND first_day <= $2 AND (revoked_day IS NULL OR revoked_day > $2)
             THEN 1 ELSE 0 END), 0),
           COALESCE(SUM(CASE WHEN contradictions > 0 THEN 1 ELSE 0 END), 0)
         FROM roadworks_worksite WHERE tenant = $1",
        params![tenant, day.to_string()],
    )?;
    let unplaced = tx
        .query_one(
            "SELECT COUNT(*) FROM roadworks_place WHERE tenant = $1 AND precision = 'unmatched' AND label <> ''",
            params![tenant],
        )?
        .get(0)?;
    Ok(Counters {
        running: row.get(0)?,
        starting: row.get(1)?,
        ending: row.get(2)?,
        without_end: row.get(3)?,
        contradictory: row.get(4)?,
        unplaced,
    })
}

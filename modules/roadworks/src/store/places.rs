//! Places of worksites on the network, and where officers put them.

use bisenzio_kernel::{Micros, TenantId};
use bisenzio_store::{StoreError, Tx, params};

use jiff::civil::Date;

use super::filter::Condition;
use super::{from_json, to_json};
use crate::model::{Precision, Worksite};

/// A line on the map.
#[derive(Clone, Debug)]
pub struct Drawn {
    pub code: String,
    pub label: String,
    pub severity: u8,
    pub precision: Precision,
    pub lines: Vec<Vec<[f64; 2]>>,
}

/// A place that is not on the map.
#[derive(Clone, Debug)]
pub struct Unplaced {
    pub code: String,
    pub seq: i64,
    pub label: String,
    pub severity: u8,
    pub heading_it: String,
    pub heading_en: String,
    /// Running or still to come on the day asked for; what is over can wait.
    pub live: bool,
}

/// Where an officer put a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    pub id: String,
    pub place: String,
    pub links: Vec<String>,
    pub placed_by: String,
    pub placed_at: Micros,
    pub undone: Option<(String, Micros)>,
}

/// # Errors
/// When the store fails.
pub fn put_all(tx: &mut Tx<'_>, tenant: &TenantId, code: &str, work: &Worksite) -> Result<(), StoreError> {
    for (seq, place) in work.places.iter().enumerate() {
        let lines = &place.spot.lines;
        let geometry = if lines.is_empty() {
            None
        } else {
            Some(to_json(lines)?)
        };
        tx.execute(
            "INSERT INTO roadworks_place (tenant, code, seq, place, label, severity, precision, geometry)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            params![
                tenant,
                code,
                i64::try_from(seq).unwrap_or(0),
                place.key(),
                place.label().unwrap_or_default(),
                i64::from(place.severity),
                place.spot.precision.as_str(),
                geometry
            ],
        )?;
    }
    Ok(())
}

/// Everything drawn of the worksites that match.
///
/// # Errors
/// When the store fails.
pub fn drawn(tx: &mut Tx<'_>, condition: &Condition) -> Result<Vec<Drawn>, StoreError> {
    let sql = format!(
        "SELECT p.code, p.label, p.severity, p.precision, p.geometry FROM roadworks_place p
         JOIN roadworks_worksite w ON w.tenant = p.tenant AND w.code = p.code
         WHERE {} AND p.tenant = $1 AND p.geometry IS NOT NULL ORDER BY p.code, p.seq",
        condition.sql
    );
    tx.query(&sql, &condition.values)?
        .iter()
        .map(|row| {
            Ok(Drawn {
                code: row.get(0)?,
                label: row.get(1)?,
                severity: u8::try_from(row.get::<i64>(2)?).unwrap_or(1),
                precision: Precision::parse(&row.get::<String>(3)?),
                lines: from_json(&row.get::<String>(4)?)?,
            })
        })
        .collect()
}

/// Places that wait for an officer: a street is named and is not on the network. Works that run or are planned
/// on the day come first, then the gravest, then the newest.
///
/// # Errors
/// When the store fails.
pub fn unplaced(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    day: Date,
    limit: i64,
    offset: i64,
) -> Result<Vec<Unplaced>, StoreError> {
    tx.query(
        "SELECT p.code, p.seq, p.label, p.severity, w.heading_it, w.heading_en,
           CASE WHEN (w.last_day >= $4 OR (w.first_day IS NOT NULL AND w.last_day IS NULL))
             AND (w.revoked_day IS NULL OR w.revoked_day > $4) THEN 0 ELSE 1 END AS over
         FROM roadworks_place p JOIN roadworks_worksite w ON w.tenant = p.tenant AND w.code = p.code
         WHERE p.tenant = $1 AND p.precision = 'unmatched' AND p.label <> ''
         ORDER BY over, p.severity DESC, p.code DESC, p.seq LIMIT $2 OFFSET $3",
        params![tenant, limit, offset, day.to_string()],
    )?
    .iter()
    .map(|row| {
        Ok(Unplaced {
            code: row.get(0)?,
            seq: row.get(1)?,
            label: row.get(2)?,
            severity: u8::try_from(row.get::<i64>(3)?).unwrap_or(1),
            heading_it: row.get(4)?,
            heading_en: row.get(5)?,
            live: row.get::<i64>(6)? == 0,
        })
    })
    .collect()
}

/// How many places there are of each precision.
///
/// # Errors
/// When the store fails.
pub fn precisions(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<(Precision, i64)>, StoreError> {
    tx.query(
        "SELECT precision, COUNT(*) FROM roadworks_place WHERE tenant = $1 GROUP BY precision ORDER BY precision",
        params![tenant],
    )?
    .iter()
    .map(|row| Ok((Precision::parse(&row.get::<String>(0)?), row.get(1)?)))
    .collect()
}

/// A place that the office put on the map, and who did.
#[derive(Clone, Debug)]
pub struct Placed {
    pub code: String,
    pub seq: i64,
    pub label: String,
    pub placed_by: String,
    pub placed_at: Micros,
}

/// Places that stand where an officer put them, newest first.
///
/// # Errors
/// When the store fails.
pub fn placed(tx: &mut Tx<'_>, tenant: &TenantId, limit: i64) -> Result<Vec<Placed>, StoreError> {
    let mut out: Vec<Placed> = Vec::new();
    let rows = tx.query(
        "SELECT p.code, p.seq, p.label, h.placed_by, h.placed_at FROM roadworks_placement h
         JOIN roadworks_place p ON p.tenant = h.tenant AND p.code = h.code AND p.place = h.place
         WHERE h.tenant = $1 AND h.undone_at IS NULL AND p.precision = 'placed-by-hand'
         ORDER BY h.placed_at DESC, h.id DESC LIMIT $2",
        params![tenant, limit],
    )?;
    for row in &rows {
        let one = Placed {
            code: row.get(0)?,
            seq: row.get(1)?,
            label: row.get(2)?,
            placed_by: row.get(3)?,
            placed_at: row.get(4)?,
        };
        // Placed twice, only the last placement holds.
        if !out.iter().any(|o| o.code == one.code && o.seq == one.seq) {
            out.push(one);
        }
    }
    Ok(out)
}

/// Placements of a worksite (of all with an empty code), newest last, those taken back among them.
///
/// # Errors
/// When the store fails.
pub fn placements(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    code: &str,
) -> Result<Vec<(String, Placement)>, StoreError> {
    tx.query(
        "SELECT code, id, place, links, placed_by, placed_at, undone_by, undone_at FROM roadworks_placement
         WHERE tenant = $1 AND ($2 = '' OR code = $2) ORDER BY placed_at, id",
        params![tenant, code],
    )?
    .iter()
    .map(|row| {
        let undone_by: Option<String> = row.get(6)?;
        let undone_at: Option<i64> = row.get(7)?;
        Ok((
            row.get(0)?,
            Placement {
                id: row.get(1)?,
                place: row.get(2)?,
                links: from_json(&row.get::<String>(3)?)?,
                placed_by: row.get(4)?,
                placed_at: row.get(5)?,
                undone: undone_by.zip(undone_at),
            },
        ))
    })
    .collect()
}

/// # Errors
/// When the store fails.
pub fn add_placement(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    code: &str,
    new: &Placement,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO roadworks_placement (tenant, id, code, place, links, placed_by, placed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            tenant,
            &new.id,
            code,
            &new.place,
            to_json(&new.links)?,
            &new.placed_by,
            new.placed_at
        ],
    )?;
    Ok(())
}

/// Takes a placement back; `false` when there is none to take back.
///
/// # Errors
/// When the store fails.
pub fn undo_placement(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    id: &str,
    by: &str,
    at: Micros,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE roadworks_placement SET undone_by = $3, undone_at = $4
         WHERE tenant = $1 AND id = $2 AND undone_at IS NULL",
        params![tenant, id, by, at],
    )?;
    Ok(changed == 1)
}

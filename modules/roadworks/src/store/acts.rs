//! Acts and notices, as they were read.

use bisenzio_kernel::{TenantId, slug};
use bisenzio_store::{Row, StoreError, Tx, Value, params};
use jiff::civil::Date;

use super::{from_json, to_json};
use crate::model::{ActType, Kind, Moment, Notice, Ordinance};

/// A line of the list of ordinances.
#[derive(Clone, Debug)]
pub struct ListedAct {
    pub id: String,
    pub year: i64,
    pub slug: String,
    pub seq: i64,
    pub act_type: ActType,
    pub kind: Kind,
    pub title: String,
    pub code: String,
    /// First and last day of its measures, as it tells them.
    pub first: Option<Date>,
    pub last: Option<Date>,
    pub permanent: bool,
}

/// Result of writing one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    Added,
    Changed,
    Unchanged,
}

fn compare(stored: Option<String>, text: &str) -> Written {
    match stored {
        None => Written::Added,
        Some(old) if old == text => Written::Unchanged,
        Some(_) => Written::Changed,
    }
}

/// # Errors
/// When the store fails.
pub fn put_act(tx: &mut Tx<'_>, tenant: &TenantId, act: &Ordinance) -> Result<Written, StoreError> {
    let text = to_json(act)?;
    let stored = tx
        .query_opt(
            "SELECT record FROM roadworks_act WHERE tenant = $1 AND id = $2",
            params![tenant, &act.id],
        )?
        .map(|row| row.get(0))
        .transpose()?;
    let written = compare(stored, &text);
    if written != Written::Unchanged {
        let streets = act
            .measures
            .iter()
            .filter_map(|m| m.street.as_deref())
            .collect::<Vec<_>>()
            .join(" ");
        let number = act.number().map(|(n, _)| n.to_string()).unwrap_or_default();
        let requester = act.requester.as_deref().unwrap_or_default();
        let words = format!(
            "-{}-",
            slug(&format!(
                "{} {streets} {number} {requester} {}",
                act.title(),
                act.id
            ))
        );
        tx.execute(
            "INSERT INTO roadworks_act (tenant, id, year, slug, seq, act_type, kind, title, words, code, record)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10)
             ON CONFLICT (tenant, id) DO UPDATE SET year = excluded.year, slug = excluded.slug, seq = excluded.seq,
               act_type = excluded.act_type, kind = excluded.kind, title = excluded.title, words = excluded.words,
               record = excluded.record",
            params![
                tenant,
                &act.id,
                i64::from(act.year()),
                act.slug(),
                act.number().map_or(0, |(n, _)| i64::from(n.seq)),
                act.act_type.as_str(),
                act.kind.as_str(),
                act.title(),
                words,
                text
            ],
        )?;
    }
    Ok(written)
}

/// # Errors
/// When the store fails.
pub fn put_notice(tx: &mut Tx<'_>, tenant: &TenantId, notice: &Notice) -> Result<Written, StoreError> {
    let text = to_json(notice)?;
    let stored = tx
        .query_opt(
            "SELECT record FROM roadworks_notice WHERE tenant = $1 AND id = $2",
            params![tenant, &notice.id],
        )?
        .map(|row| row.get(0))
        .transpose()?;
    let written = compare(stored, &text);
    if written != Written::Unchanged {
        tx.execute(
            "INSERT INTO roadworks_notice (tenant, id, code, record) VALUES ($1, $2, '', $3)
             ON CONFLICT (tenant, id) DO UPDATE SET record = excluded.record",
            params![tenant, &notice.id, text],
        )?;
    }
    Ok(written)
}

/// # Errors
/// When the store fails.
pub fn all_acts(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<Ordinance>, StoreError> {
    tx.query(
        "SELECT record FROM roadworks_act WHERE tenant = $1 ORDER BY id",
        params![tenant],
    )?
    .iter()
    .map(|row| from_json(&row.get::<String>(0)?))
    .collect()
}

/// # Errors
/// When the store fails.
pub fn all_notices(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<Notice>, StoreError> {
    tx.query(
        "SELECT record FROM roadworks_notice WHERE tenant = $1 ORDER BY id",
        params![tenant],
    )?
    .iter()
    .map(|row| from_json(&row.get::<String>(0)?))
    .collect()
}

/// Writes down to which worksite an act or notice belongs.
///
/// # Errors
/// When the store fails.
pub fn belong(tx: &mut Tx<'_>, tenant: &TenantId, origin: &str, code: &str) -> Result<(), StoreError> {
    let (table, id) = match origin.split_once(':') {
        Some(("act", id)) => ("roadworks_act", id),
        Some((_, id)) => ("roadworks_notice", id),
        None => return Ok(()),
    };
    tx.execute(
        &format!("UPDATE {table} SET code = $3 WHERE tenant = $1 AND id = $2"),
        params![tenant, id, code],
    )?;
    Ok(())
}

const COLUMNS: &str = "id, year, slug, seq, act_type, kind, title, code, record";

fn listed(row: &Row) -> Result<ListedAct, StoreError> {
    let (act_type, kind): (String, String) = (row.get(4)?, row.get(5)?);
    let act: Ordinance = from_json(&row.get::<String>(8)?)?;
    let event = act.event_window.or(act.event_date.map(|day| (day, day)));
    let unknown = |what: &str| StoreError::Column(what.to_owned());
    Ok(ListedAct {
        id: row.get(0)?,
        year: row.get(1)?,
        slug: row.get(2)?,
        seq: row.get(3)?,
        act_type: ActType::parse(&act_type).ok_or_else(|| unknown(&act_type))?,
        kind: Kind::parse(&kind).ok_or_else(|| unknown(&kind))?,
        title: row.get(6)?,
        code: row.get(7)?,
        first: act
            .measures
            .iter()
            .filter_map(|m| m.from)
            .min()
            .or(event.map(|(from, _)| from))
            .map(|m| m.date),
        last: act
            .measures
            .iter()
            .filter_map(|m| m.to)
            .max()
            .or(event.map(|(_, to)| to))
            .map(Moment::last_day),
        permanent: act.permanent,
    })
}

/// Which acts are asked for; empty fields match everything.
#[derive(Clone, Debug, Default)]
pub struct ActFilter {
    pub year: Option<i64>,
    pub act_type: Option<ActType>,
    /// Slug of a street that an act's worksite touches.
    pub street: Option<String>,
    pub text: String,
}

fn condition(tenant: &TenantId, filter: &ActFilter) -> (String, Vec<Value>) {
    let mut values = vec![Value::from(tenant)];
    let mut sql = "tenant = $1".to_owned();
    if let Some(year) = filter.year {
        values.push(year.into());
        sql.push_str(&format!(" AND year = ${}", values.len()));
    }
    if let Some(act_type) = filter.act_type {
        values.push(act_type.as_str().into());
        sql.push_str(&format!(" AND act_type = ${}", values.len()));
    }
    if let Some(street) = &filter.street {
        values.push(street.into());
        sql.push_str(&format!(
            " AND code IN (SELECT s.code FROM roadworks_street s WHERE s.tenant = $1 AND s.slug = ${})",
            values.len()
        ));
    }
    for word in slug(&filter.text).split('-').filter(|w| !w.is_empty()).take(8) {
        values.push(format!("%-{word}%").into());
        sql.push_str(&format!(" AND words LIKE ${}", values.len()));
    }
    (sql, values)
}

/// Newest first.
///
/// # Errors
/// When the store fails.
pub fn list(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    filter: &ActFilter,
    limit: i64,
    offset: i64,
) -> Result<Vec<ListedAct>, StoreError> {
    let (sql, mut values) = condition(tenant, filter);
    values.extend([limit.into(), offset.into()]);
    let (l, o) = (values.len() - 1, values.len());
    let sql = format!(
        "SELECT {COLUMNS} FROM roadworks_act WHERE {sql} ORDER BY year DESC, seq DESC, id DESC LIMIT ${l} OFFSET ${o}"
    );
    tx.query(&sql, &values)?.iter().map(listed).collect()
}

/// # Errors
/// When the store fails.
pub fn count(tx: &mut Tx<'_>, tenant: &TenantId, filter: &ActFilter) -> Result<i64, StoreError> {
    let (sql, values) = condition(tenant, filter);
    tx.query_one(
        &format!("SELECT COUNT(*) FROM roadworks_act WHERE {sql}"),
        &values,
    )?
    .get(0)
}

/// Years with acts, newest first.
///
/// # Errors
/// When the store fails.
pub fn years(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<(i64, i64)>, StoreError> {
    tx.query(
        "SELECT year, COUNT(*) FROM roadworks_act WHERE tenant = $1 GROUP BY year ORDER BY year DESC",
        params![tenant],
    )?
    .iter()
    .map(|row| Ok((row.get(0)?, row.get(1)?)))
    .collect()
}

/// The act at an address, with the code of its worksite.
///
/// # Errors
/// When the store fails.
pub fn one(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    year: i64,
    slug: &str,
) -> Result<Option<(Ordinance, String)>, StoreError> {
    tx.query_opt(
        "SELECT record, code FROM roadworks_act WHERE tenant = $1 AND year = $2 AND slug = $3 ORDER BY id LIMIT 1",
        params![tenant, year, slug],
    )?
    .map(|row| Ok((from_json(&row.get::<String>(0)?)?, row.get(1)?)))
    .transpose()
}

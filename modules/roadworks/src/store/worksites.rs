//! Worksites: the columns that lists need, and the whole record.

use bisenzio_kernel::{Lang, TenantId};
use bisenzio_store::{Row, StoreError, Tx, params};
use jiff::civil::Date;

use super::filter::Condition;
use super::{day, from_json, to_json};
use crate::model::{Kind, Occupation, Status, Worksite};

/// A line of a list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub code: String,
    pub short: String,
    pub kind: Kind,
    pub heading_it: String,
    pub heading_en: String,
    pub works: String,
    pub severity: u8,
    pub company: String,
    pub company_slug: String,
    pub days: Occupation,
    /// The last day as acts tell it.
    pub told_end: Option<Date>,
    pub contradictions: i64,
    pub unplaced: i64,
}

impl Listed {
    pub fn heading(&self, lang: Lang) -> &str {
        lang.t(&self.heading_it, &self.heading_en)
    }

    pub fn path(&self) -> String {
        format!("/cantieri/{}", self.code)
    }

    pub fn status(&self, on: Date) -> Status {
        self.days.status(on)
    }
}

/// What is written of a worksite.
pub struct Stored<'a> {
    pub listed: &'a Listed,
    pub organisation: Option<&'a str>,
    pub words: &'a str,
    pub record: &'a Worksite,
    pub fingerprint: &'a str,
}

const COLUMNS: &str = "w.code, w.short, w.kind, w.heading_it, w.heading_en, w.works, w.severity, w.company, \
     w.company_slug, w.first_day, w.last_day, w.told_end, w.open_end, w.permanent, w.revoked_day, w.suspended_from, \
     w.suspended_to, w.contradictions, w.unplaced";

fn listed(row: &Row) -> Result<Listed, StoreError> {
    let kind: String = row.get(2)?;
    let suspended = day(row.get(15)?)?.zip(day(row.get(16)?)?);
    Ok(Listed {
        code: row.get(0)?,
        short: row.get(1)?,
        kind: Kind::parse(&kind).ok_or_else(|| StoreError::Column(format!("kind \"{kind}\"")))?,
        heading_it: row.get(3)?,
        heading_en: row.get(4)?,
        works: row.get(5)?,
        severity: u8::try_from(row.get::<i64>(6)?).unwrap_or(1),
        company: row.get(7)?,
        company_slug: row.get(8)?,
        days: Occupation {
            first: day(row.get(9)?)?,
            last: day(row.get(10)?)?,
            open_end: row.get(12)?,
            permanent: row.get(13)?,
            revoked: day(row.get(14)?)?,
            suspended,
        },
        told_end: day(row.get(11)?)?,
        contradictions: row.get(17)?,
        unplaced: row.get(18)?,
    })
}

/// How a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Gravest first, then those that end soonest.
    Gravest,
    /// Those that begin soonest first.
    Soonest,
    /// Those that ended last first.
    Latest,
}

impl Order {
    fn sql(self) -> &'static str {
        match self {
            // The engines differ on where NULL stands: what has no day is said to stand last.
            Order::Gravest => "w.severity DESC, COALESCE(w.last_day, '9999'), w.code",
            Order::Soonest => "COALESCE(w.first_day, '9999'), w.severity DESC, w.code",
            Order::Latest => "COALESCE(w.last_day, '') DESC, COALESCE(w.first_day, '') DESC, w.code DESC",
        }
    }
}

/// # Errors
/// When the store fails.
pub fn list(
    tx: &mut Tx<'_>,
    condition: &Condition,
    order: Order,
    limit: i64,
    offset: i64,
) -> Result<Vec<Listed>, StoreError> {
    let mut values = condition.values.clone();
    values.extend([limit.into(), offset.into()]);
    let (l, o) = (values.len() - 1, values.len());
    let sql = format!(
        "SELECT {COLUMNS} FROM roadworks_worksite w WHERE {} ORDER BY {} LIMIT ${l} OFFSET ${o}",
        condition.sql,
        order.sql()
    );
    tx.query(&sql, &values)?.iter().map(listed).collect()
}

/// # Errors
/// When the store fails.
pub fn count(tx: &mut Tx<'_>, condition: &Condition) -> Result<i64, StoreError> {
    let sql = format!(
        "SELECT COUNT(*) FROM roadworks_worksite w WHERE {}",
        condition.sql
    );
    tx.query_one(&sql, &condition.values)?.get(0)
}

/// # Errors
/// When the store fails.
pub fn one(tx: &mut Tx<'_>, tenant: &TenantId, code: &str) -> Result<Option<(Listed, Worksite)>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS}, w.record FROM roadworks_worksite w WHERE w.tenant = $1 AND w.code = $2");
    tx.query_opt(&sql, params![tenant, code])?
        .map(|row| Ok((listed(&row)?, from_json(&row.get::<String>(19)?)?)))
        .transpose()
}

/// The code behind the short code of a site's sign.
///
/// # Errors
/// When the store fails.
pub fn code_of_short(tx: &mut Tx<'_>, tenant: &TenantId, short: &str) -> Result<Option<String>, StoreError> {
    tx.query_opt(
        "SELECT code FROM roadworks_worksite WHERE tenant = $1 AND short = $2",
        params![tenant, short],
    )?
    .map(|row| row.get(0))
    .transpose()
}

/// Where an old code leads now.
///
/// # Errors
/// When the store fails.
pub fn alias(tx: &mut Tx<'_>, tenant: &TenantId, code: &str) -> Result<Option<String>, StoreError> {
    tx.query_opt(
        "SELECT leads_to FROM roadworks_alias WHERE tenant = $1 AND code = $2",
        params![tenant, code],
    )?
    .map(|row| row.get(0))
    .transpose()
}

/// Code, short code and fingerprint of every worksite.
///
/// # Errors
/// When the store fails.
pub fn fingerprints(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<(String, String, String)>, StoreError> {
    tx.query(
        "SELECT code, short, fingerprint FROM roadworks_worksite WHERE tenant = $1",
        params![tenant],
    )?
    .iter()
    .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    .collect()
}

/// # Errors
/// When the store fails.
pub fn origins(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<(String, String)>, StoreError> {
    tx.query(
        "SELECT origin, code FROM roadworks_origin WHERE tenant = $1",
        params![tenant],
    )?
    .iter()
    .map(|row| Ok((row.get(0)?, row.get(1)?)))
    .collect()
}

/// Codes that were given out and lead elsewhere now.
///
/// # Errors
/// When the store fails.
pub fn aliases(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<String>, StoreError> {
    tx.query(
        "SELECT code FROM roadworks_alias WHERE tenant = $1",
        params![tenant],
    )?
    .iter()
    .map(|row| row.get(0))
    .collect()
}

/// # Errors
/// When the store fails.
pub fn keep_origin(tx: &mut Tx<'_>, tenant: &TenantId, origin: &str, code: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO roadworks_origin (tenant, origin, code) VALUES ($1, $2, $3)
         ON CONFLICT (tenant, origin) DO UPDATE SET code = excluded.code",
        params![tenant, origin, code],
    )?;
    Ok(())
}

/// Leads an old code, and what officers placed under it, to the one that stays.
///
/// # Errors
/// When the store fails.
pub fn lead(tx: &mut Tx<'_>, tenant: &TenantId, from: &str, to: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE roadworks_alias SET leads_to = $3 WHERE tenant = $1 AND leads_to = $2",
        params![tenant, from, to],
    )?;
    tx.execute(
        "INSERT INTO roadworks_alias (tenant, code, leads_to) VALUES ($1, $2, $3)
         ON CONFLICT (tenant, code) DO UPDATE SET leads_to = excluded.leads_to",
        params![tenant, from, to],
    )?;
    tx.execute(
        "UPDATE roadworks_placement SET code = $3 WHERE tenant = $1 AND code = $2",
        params![tenant, from, to],
    )?;
    remove(tx, tenant, from)
}

/// # Errors
/// When the store fails.
pub fn remove(tx: &mut Tx<'_>, tenant: &TenantId, code: &str) -> Result<(), StoreError> {
    for table in ["roadworks_place", "roadworks_street", "roadworks_worksite"] {
        tx.execute(
            &format!("DELETE FROM {table} WHERE tenant = $1 AND code = $2"),
            params![tenant, code],
        )?;
    }
    Ok(())
}

/// Writes a worksite in the place of what was there.
///
/// # Errors
/// When the store fails.
pub fn put(tx: &mut Tx<'_>, tenant: &TenantId, stored: &Stored<'_>) -> Result<(), StoreError> {
    let w = stored.listed;
    let text = |day: Option<Date>| day.map(|d| d.to_string());
    remove(tx, tenant, &w.code)?;
    tx.execute(
        "INSERT INTO roadworks_worksite (tenant, code, short, kind, heading_it, heading_en, works, severity, company,
           company_slug, organisation, first_day, last_day, told_end, open_end, permanent, revoked_day, suspended_from,
           suspended_to, contradictions, unplaced, words, record, fingerprint)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
           $23, $24)",
        params![
            tenant,
            &w.code,
            &w.short,
            w.kind.as_str(),
            &w.heading_it,
            &w.heading_en,
            &w.works,
            i64::from(w.severity),
            &w.company,
            &w.company_slug,
            stored.organisation,
            text(w.days.first),
            text(w.days.last),
            text(w.told_end),
            w.days.open_end,
            w.days.permanent,
            text(w.days.revoked),
            text(w.days.suspended.map(|(from, _)| from)),
            text(w.days.suspended.map(|(_, to)| to)),
            w.contradictions,
            w.unplaced,
            stored.words,
            to_json(stored.record)?,
            stored.fingerprint
        ],
    )?;
    Ok(())
}

/// First and last day with works, over everything that matches.
///
/// # Errors
/// When the store fails.
pub fn nearest(
    tx: &mut Tx<'_>,
    condition: &Condition,
    day_: Date,
) -> Result<(Option<Date>, Option<Date>), StoreError> {
    let mut values = condition.values.clone();
    values.push(day_.to_string().into());
    let n = values.len();
    let base = format!(
        "FROM roadworks_worksite w WHERE {} AND w.permanent = 0 AND w.revoked_day IS NULL",
        condition.sql
    );
    let before = tx
        .query_one(
            &format!("SELECT MAX(w.last_day) {base} AND w.last_day < ${n}"),
            &values,
        )?
        .get(0)?;
    let after = tx
        .query_one(
            &format!("SELECT MIN(w.first_day) {base} AND w.first_day > ${n}"),
            &values,
        )?
        .get(0)?;
    Ok((day(before)?, day(after)?))
}

/// The occupied days of everything dated that matches and touches a period.
///
/// # Errors
/// When the store fails.
pub fn occupations(
    tx: &mut Tx<'_>,
    condition: &Condition,
    from: Date,
    to: Date,
) -> Result<Vec<(Occupation, String)>, StoreError> {
    let mut values = condition.values.clone();
    values.extend([from.to_string().into(), to.to_string().into()]);
    let (f, t) = (values.len() - 1, values.len());
    let sql = format!(
        "SELECT {COLUMNS} FROM roadworks_worksite w
         WHERE {} AND w.permanent = 0 AND w.first_day <= ${t} AND w.last_day >= ${f}",
        condition.sql
    );
    tx.query(&sql, &values)?
        .iter()
        .map(|row| listed(row).map(|l| (l.days, l.code)))
        .collect()
}

/// Years in which works are running, with how many.
///
/// # Errors
/// When the store fails.
pub fn years(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<(i16, i64)>, StoreError> {
    let rows = tx.query(
        "SELECT SUBSTR(first_day, 1, 4), COUNT(*) FROM roadworks_worksite
         WHERE tenant = $1 AND first_day IS NOT NULL AND permanent = 0
         GROUP BY SUBSTR(first_day, 1, 4) ORDER BY SUBSTR(first_day, 1, 4) DESC",
        params![tenant],
    )?;
    rows.iter()
        .map(|row| {
            let year: String = row.get(0)?;
            Ok((year.parse().unwrap_or(0), row.get(1)?))
        })
        .collect()
}

/// Companies with works: slug, name, how many.
///
/// # Errors
/// When the store fails.
pub fn companies(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<(String, String, i64)>, StoreError> {
    tx.query(
        "SELECT company_slug, MIN(company), COUNT(*) FROM roadworks_worksite
         WHERE tenant = $1 AND company_slug <> '' GROUP BY company_slug ORDER BY company_slug",
        params![tenant],
    )?
    .iter()
    .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    .collect()
}

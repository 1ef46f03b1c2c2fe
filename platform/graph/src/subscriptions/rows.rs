//! SQL of subscriptions themselves.

use bisenzio_kernel::{Env, Micros, TenantId};
use bisenzio_ngsi_ld::subscription::Delivery;
use bisenzio_ngsi_ld::{Context, DateTime, ErrorKind, NgsiError};
use bisenzio_store::{Row, StoreError, Tx, Value, params};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::owner::Owner;
use crate::GraphError;

/// A subscription as stored.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: String,
    /// Canonical form.
    pub(crate) document: Map<String, Json>,
    pub(crate) context: String,
    pub(crate) q_context: String,
    pub(crate) owner: Owner,
    pub(crate) revision: String,
    pub(crate) created_at: Micros,
    pub(crate) modified_at: Micros,
}

const COLUMNS: &str =
    "s.id, s.document, s.context, s.q_context, s.owner, s.revision, s.created_at, s.modified_at";

/// Who may see which subscriptions.
#[derive(Clone, Debug)]
pub(crate) enum Scope {
    Everything,
    /// Those of this owner and, where there is one, of their organisation.
    Own {
        key: String,
        organisation: Option<String>,
    },
}

impl Scope {
    /// ` AND ...` on `subscription s`.
    fn condition(&self, values: &mut Vec<Value>) -> String {
        match self {
            Self::Everything => String::new(),
            Self::Own { key, organisation } => {
                values.extend([key.as_str().into(), organisation.clone().into()]);
                let n = values.len();
                // NULL equals nothing: who belongs to no organisation sees their own.
                format!(" AND (s.owner_key = ${} OR s.organisation = ${n})", n - 1)
            }
        }
    }
}

pub(crate) fn insert(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, new: &Stored) -> Result<(), GraphError> {
    let known = tx.query_opt(
        "SELECT 1 FROM subscription WHERE tenant = $1 AND id = $2",
        params![tenant, &new.id],
    )?;
    if known.is_some() {
        let detail = format!("{} already exists", new.id);
        return Err(NgsiError::new(ErrorKind::AlreadyExists, detail).into());
    }
    tx.execute(
        "INSERT INTO subscription (tenant, id, document, context, q_context, owner, owner_key, organisation, revision,
           created_at, modified_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
        params![
            tenant,
            &new.id,
            text(&new.document)?,
            &new.context,
            &new.q_context,
            serde_json::to_string(&new.owner).map_err(damaged)?,
            new.owner.key(),
            new.owner.organisation.clone(),
            env.ulid(),
            env.now()
        ],
    )?;
    bump(tx, env, tenant)?;
    Ok(())
}

pub(crate) fn count(tx: &mut Tx<'_>, tenant: &TenantId, scope: &Scope) -> Result<i64, StoreError> {
    let mut values: Vec<Value> = vec![tenant.into()];
    let condition = scope.condition(&mut values);
    let sql = format!("SELECT COUNT(*) FROM subscription s WHERE s.tenant = $1{condition}");
    tx.query_one(&sql, &values)?.get(0)
}

/// By age, the oldest first.
pub(crate) fn list(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    scope: &Scope,
    limit: i64,
    offset: i64,
) -> Result<Vec<Stored>, StoreError> {
    let mut values: Vec<Value> = vec![tenant.into()];
    let condition = scope.condition(&mut values);
    values.extend([limit.into(), offset.into()]);
    let n = values.len();
    let sql = format!(
        "SELECT {COLUMNS} FROM subscription s WHERE s.tenant = $1{condition}
         ORDER BY s.created_at, s.id LIMIT ${} OFFSET ${n}",
        n - 1
    );
    tx.query(&sql, &values)?.iter().map(read).collect()
}

pub(crate) fn load(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    id: &str,
    scope: &Scope,
) -> Result<Stored, GraphError> {
    let mut values: Vec<Value> = vec![tenant.into(), id.into()];
    let condition = scope.condition(&mut values);
    let sql = format!("SELECT {COLUMNS} FROM subscription s WHERE s.tenant = $1 AND s.id = $2{condition}");
    match tx.query_opt(&sql, &values)? {
        Some(row) => Ok(read(&row)?),
        None => Err(NgsiError::not_found(format!("There is no subscription {id}")).into()),
    }
}

pub(crate) fn update(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, new: &Stored) -> Result<(), GraphError> {
    tx.execute(
        "UPDATE subscription SET document = $3, context = $4, q_context = $5, revision = $6, modified_at = $7
         WHERE tenant = $1 AND id = $2",
        params![
            tenant,
            &new.id,
            text(&new.document)?,
            &new.context,
            &new.q_context,
            env.ulid(),
            env.now()
        ],
    )?;
    bump(tx, env, tenant)?;
    Ok(())
}

/// Removes a subscription with everything that belongs to it: nobody waits for its notifications any more.
pub(crate) fn delete(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    stored: &Stored,
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM subscription WHERE tenant = $1 AND id = $2",
        params![tenant, &stored.id],
    )?;
    for table in [
        "subscription_schedule",
        "subscription_delivery",
        "subscription_lease",
        "notification",
        "dead_letter",
    ] {
        let sql = format!("DELETE FROM {table} WHERE tenant = $1 AND subscription = $2");
        tx.execute(&sql, params![tenant, &stored.id])?;
    }
    for hash in [&stored.context, &stored.q_context] {
        tx.execute(
            "DELETE FROM subscription_context WHERE tenant = $1 AND hash = $2 AND NOT EXISTS
               (SELECT 1 FROM subscription WHERE tenant = $1 AND (context = $2 OR q_context = $2))",
            params![tenant, hash],
        )?;
    }
    bump(tx, env, tenant)
}

/// Identifiers with their revisions, oldest first: what a compiled set is compared with.
pub(crate) fn revisions(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<(String, String)>, StoreError> {
    tx.query(
        "SELECT id, revision FROM subscription WHERE tenant = $1 ORDER BY created_at, id",
        params![tenant],
    )?
    .iter()
    .map(|row| Ok((row.get(0)?, row.get(1)?)))
    .collect()
}

/// What changes with every change of a subscription; `None` before the first.
pub(crate) fn version(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Option<String>, StoreError> {
    tx.query_opt(
        "SELECT version FROM graph_version WHERE tenant = $1 AND kind = 'subscription'",
        params![tenant],
    )?
    .map(|row| row.get(0))
    .transpose()
}

/// Never the same twice, so that what a rolled back transaction saw is not taken for something else.
fn bump(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO graph_version (tenant, kind, version) VALUES ($1, 'subscription', $2)
         ON CONFLICT (tenant, kind) DO UPDATE SET version = excluded.version",
        params![tenant, env.ulid()],
    )?;
    Ok(())
}

/// Keeps what a context says and returns the name to find it by.
pub(crate) fn keep_context(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    context: &Context,
) -> Result<String, GraphError> {
    let terms = context.flattened().to_string();
    let given = context.given().map(Json::to_string);
    let mut digest = Sha256::new();
    digest.update(&terms);
    digest.update([0]);
    digest.update(given.as_deref().unwrap_or_default());
    let hash: String = digest.finalize().iter().map(|b| format!("{b:02x}")).collect();
    tx.execute(
        "INSERT INTO subscription_context (tenant, hash, terms, given) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant, hash) DO NOTHING",
        params![tenant, &hash, terms, given],
    )?;
    Ok(hash)
}

pub(crate) fn context(tx: &mut Tx<'_>, tenant: &TenantId, hash: &str) -> Result<Context, GraphError> {
    let row = tx.query_one(
        "SELECT terms, given FROM subscription_context WHERE tenant = $1 AND hash = $2",
        params![tenant, hash],
    )?;
    let terms: Json = serde_json::from_str(&row.get::<String>(0)?).map_err(damaged)?;
    let given: Option<String> = row.get(1)?;
    let given = given
        .map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(damaged)?;
    Ok(Context::restore(&terms, given)?)
}

/// Sets when a periodic subscription is due; `None` for one that is not periodic.
pub(crate) fn schedule(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    id: &str,
    due_at: Option<Micros>,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO subscription_schedule (tenant, subscription, quiet_until, due_at) VALUES ($1, $2, 0, $3)
         ON CONFLICT (tenant, subscription) DO UPDATE SET due_at = excluded.due_at",
        params![tenant, id, due_at],
    )?;
    Ok(())
}

/// How deliveries fare; nothing yet when there is no row.
pub(crate) fn delivery(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<Delivery, StoreError> {
    let row = tx.query_opt(
        "SELECT times_sent, times_failed, last_notification, last_success, last_failure, failures
         FROM subscription_delivery WHERE tenant = $1 AND subscription = $2",
        params![tenant, id],
    )?;
    row.as_ref()
        .map(read_delivery)
        .transpose()
        .map(Option::unwrap_or_default)
}

fn read_delivery(row: &Row) -> Result<Delivery, StoreError> {
    let number = |i: usize| row.get::<i64>(i).map(|n| u64::try_from(n).unwrap_or(0));
    let time = |i: usize| row.get::<Option<i64>>(i).map(|t| t.map(DateTime::from_micros));
    Ok(Delivery {
        times_sent: number(0)?,
        times_failed: number(1)?,
        last_notification: time(2)?,
        last_success: time(3)?,
        last_failure: time(4)?,
        failing: number(5)? > 0,
    })
}

fn read(row: &Row) -> Result<Stored, StoreError> {
    let json = |i: usize| row.get::<String>(i);
    Ok(Stored {
        id: row.get(0)?,
        document: serde_json::from_str(&json(1)?).map_err(damaged)?,
        context: row.get(2)?,
        q_context: row.get(3)?,
        owner: serde_json::from_str(&json(4)?).map_err(damaged)?,
        revision: row.get(5)?,
        created_at: row.get(6)?,
        modified_at: row.get(7)?,
    })
}

fn text(document: &Map<String, Json>) -> Result<String, StoreError> {
    serde_json::to_string(document).map_err(damaged)
}

fn damaged(error: serde_json::Error) -> StoreError {
    StoreError::Column(format!("a stored subscription: {error}"))
}

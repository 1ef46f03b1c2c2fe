//! SQL of registrations, and nothing but SQL.

use bisenzio_kernel::{Env, Micros, TenantId};
use bisenzio_ngsi_ld::registration::Registration;
use bisenzio_ngsi_ld::{ErrorKind, NgsiError};
use bisenzio_store::{Row, Tx, params};
use serde_json::Value;

use super::known;
use crate::{GraphError, answers};

pub(crate) fn load(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<Option<Registration>, GraphError> {
    tx.query_opt(
        "SELECT document FROM registration WHERE tenant = $1 AND id = $2",
        params![tenant, id],
    )?
    .as_ref()
    .map(read)
    .transpose()
}

/// All registrations of a city, oldest first.
pub(super) fn all(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<Registration>, GraphError> {
    tx.query(
        "SELECT document FROM registration WHERE tenant = $1 ORDER BY created_at, id",
        params![tenant],
    )?
    .iter()
    .map(read)
    .collect()
}

pub(super) fn save(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    registration: &Registration,
    now: Micros,
) -> Result<(), GraphError> {
    let document = Value::Object(registration.document.clone()).to_string();
    tx.execute(
        "INSERT INTO registration (tenant, id, document, created_at, modified_at) VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT (tenant, id) DO UPDATE SET document = excluded.document, modified_at = excluded.modified_at",
        params![tenant, registration.id.as_str(), document, now],
    )?;
    advance(tx, tenant)
}

pub(super) fn remove(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<(), GraphError> {
    tx.execute(
        "DELETE FROM registration WHERE tenant = $1 AND id = $2",
        params![tenant, id],
    )?;
    advance(tx, tenant)
}

/// `None` while the city has never had a registration.
pub(super) fn version(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Option<i64>, GraphError> {
    let row = tx.query_opt(
        "SELECT version FROM registration_version WHERE tenant = $1",
        params![tenant],
    )?;
    Ok(row.map(|row| row.get(0)).transpose()?)
}

fn advance(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<(), GraphError> {
    // What was answered without a source may be otherwise with it.
    answers::touch_all(tx);
    known::touch(tx);
    tx.execute(
        "INSERT INTO registration_version (tenant, version) VALUES ($1, 1)
         ON CONFLICT (tenant) DO UPDATE SET version = registration_version.version + 1",
        params![tenant],
    )?;
    Ok(())
}

/// How this broker calls itself in `Via` headers on behalf of a city; made up on first use.
pub(crate) fn alias(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId) -> Result<String, GraphError> {
    if let Some(known) = known_alias(tx, tenant)? {
        return Ok(known);
    }
    let alias = format!("bisenzio-{}", env.ulid().to_ascii_lowercase());
    tx.execute(
        "INSERT INTO broker_alias (tenant, alias) VALUES ($1, $2)",
        params![tenant, &alias],
    )?;
    tx.execute(
        "UPDATE registration_version SET version = version + 1 WHERE tenant = $1",
        params![tenant],
    )?;
    Ok(alias)
}

pub(super) fn known_alias(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Option<String>, GraphError> {
    let row = tx.query_opt(
        "SELECT alias FROM broker_alias WHERE tenant = $1",
        params![tenant],
    )?;
    Ok(row.map(|row| row.get(0)).transpose()?)
}

fn read(row: &Row) -> Result<Registration, GraphError> {
    let unreadable = |detail: String| NgsiError::new(ErrorKind::InternalError, detail);
    let text: String = row.get(0)?;
    let document = serde_json::from_str(&text).map_err(|e| unreadable(e.to_string()))?;
    Ok(Registration::from_document(document).map_err(|e| unreadable(e.detail))?)
}

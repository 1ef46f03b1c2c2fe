//! SQL of accounts, and nothing but SQL: who calls has decided that it may be.

use std::collections::BTreeMap;

use bisenzio_kernel::{Env, Micros, Role, TenantId};
use bisenzio_store::{Row, StoreError, Tx, params};

use super::{Account, Details};

const COLUMNS: &str =
    "a.id, a.username, a.name, a.organisation, a.label, a.demo, a.password, a.disabled_at, a.created_at";

fn account_of(row: &Row) -> Result<Account, StoreError> {
    Ok(Account {
        id: row.get(0)?,
        username: row.get(1)?,
        name: row.get(2)?,
        organisation: row.get(3)?,
        label: row.get(4)?,
        demo: row.get(5)?,
        ready: row.get::<Option<String>>(6)?.is_some(),
        disabled: row.get::<Option<Micros>>(7)?.is_some(),
        created_at: row.get(8)?,
        roles: Vec::new(),
    })
}

fn roles_of(tx: &mut Tx<'_>, tenant: &TenantId, account: &str) -> Result<Vec<Role>, StoreError> {
    let rows = tx.query(
        "SELECT role FROM access_account_role WHERE tenant = $1 AND account = $2",
        params![tenant, account],
    )?;
    let mut roles = Vec::new();
    for row in rows {
        // A role that this version does not know gives no permission.
        roles.extend(Role::parse(&row.get::<String>(0)?));
    }
    roles.sort();
    Ok(roles)
}

/// All accounts, by name.
///
/// # Errors
/// When the store fails.
pub fn list(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<Account>, StoreError> {
    let mut roles: BTreeMap<String, Vec<Role>> = BTreeMap::new();
    for row in tx.query(
        "SELECT account, role FROM access_account_role WHERE tenant = $1",
        params![tenant],
    )? {
        roles
            .entry(row.get(0)?)
            .or_default()
            .extend(Role::parse(&row.get::<String>(1)?));
    }
    let sql =
        format!("SELECT {COLUMNS} FROM access_account a WHERE a.tenant = $1 ORDER BY a.name, a.username");
    tx.query(&sql, params![tenant])?
        .iter()
        .map(|row| {
            let mut account = account_of(row)?;
            account.roles = roles.remove(&account.id).unwrap_or_default();
            account.roles.sort();
            Ok(account)
        })
        .collect()
}

/// The invented people of a demonstration, in the order of their file.
///
/// # Errors
/// When the store fails.
pub fn demo_people(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<Account>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM access_account a
         WHERE a.tenant = $1 AND a.demo = 1 AND a.disabled_at IS NULL ORDER BY a.position, a.username"
    );
    let mut people = Vec::new();
    for row in tx.query(&sql, params![tenant])? {
        let mut account = account_of(&row)?;
        account.roles = roles_of(tx, tenant, &account.id)?;
        people.push(account);
    }
    Ok(people)
}

/// # Errors
/// When the store fails.
pub fn by_username(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    username: &str,
) -> Result<Option<Account>, StoreError> {
    find(tx, tenant, "username", username)
}

/// # Errors
/// When the store fails.
pub fn by_id(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<Option<Account>, StoreError> {
    find(tx, tenant, "id", id)
}

fn find(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    column: &'static str,
    value: &str,
) -> Result<Option<Account>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM access_account a WHERE a.tenant = $1 AND a.{column} = $2");
    let Some(row) = tx.query_opt(&sql, params![tenant, value])? else {
        return Ok(None);
    };
    let mut account = account_of(&row)?;
    account.roles = roles_of(tx, tenant, &account.id)?;
    Ok(Some(account))
}

/// The stored password of an account that may sign in with one.
pub(crate) fn password_of(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    username: &str,
) -> Result<Option<(String, String)>, StoreError> {
    let row = tx.query_opt(
        "SELECT id, password FROM access_account
         WHERE tenant = $1 AND username = $2 AND disabled_at IS NULL AND password IS NOT NULL",
        params![tenant, username],
    )?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

pub(crate) fn set_password(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    account: &str,
    hash: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE access_account SET password = $3 WHERE tenant = $1 AND id = $2",
        params![tenant, account, hash],
    )?;
    Ok(())
}

/// # Errors
/// When the store fails.
pub fn any(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<bool, StoreError> {
    Ok(tx
        .query_opt(
            "SELECT 1 FROM access_account WHERE tenant = $1 LIMIT 1",
            params![tenant],
        )?
        .is_some())
}

/// Writes an account; the caller has decided that it may be.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    username: &str,
    details: &Details,
    password: Option<&str>,
) -> Result<String, StoreError> {
    let id = env.ulid();
    tx.execute(
        "INSERT INTO access_account
             (tenant, id, username, name, organisation, label, position, demo, password, created_at)
         VALUES ($1, $2, $3, $4, $5, '', 0, 0, $6, $7)",
        params![
            tenant,
            &id,
            username,
            details.name.trim(),
            details.organisation.clone(),
            password.map(str::to_owned),
            env.now()
        ],
    )?;
    set_roles(tx, tenant, &id, &details.roles)?;
    Ok(id)
}

pub(crate) fn set_roles(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    account: &str,
    roles: &[Role],
) -> Result<(), StoreError> {
    crate::remembered::forget(tx);
    tx.execute(
        "DELETE FROM access_account_role WHERE tenant = $1 AND account = $2",
        params![tenant, account],
    )?;
    for role in roles {
        tx.execute(
            "INSERT INTO access_account_role (tenant, account, role) VALUES ($1, $2, $3)
             ON CONFLICT (tenant, account, role) DO NOTHING",
            params![tenant, account, role.as_str()],
        )?;
    }
    Ok(())
}

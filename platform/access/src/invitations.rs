//! Links that work once: for the first administrator of a new city, and for the owner of a new account (or
//! a forgotten password), who thus chooses a password that nobody else has known.

use bisenzio_kernel::{Actor, Env, Lang, Micros, Problem, Role, Tenant, TenantId};
use bisenzio_store::{Store, StoreError, Tx, params};
use bisenzio_web::Errors;

use crate::accounts::{self, Account, Details};
use crate::secrets::{digest, looks_like_secret};
use crate::{audit, passwords, sessions};

const HOUR: Micros = 3600 * 1_000_000;
const FIRST_LASTS: Micros = 24 * HOUR;
const INVITE_LASTS: Micros = 72 * HOUR;

/// The path of a one-time link that makes the first administrator, when the city has no users; `None` when
/// it has. Each call makes the earlier links void.
///
/// # Errors
/// When the store fails.
pub async fn bootstrap_link(
    store: &Store,
    env: &Env,
    tenant: &TenantId,
) -> Result<Option<String>, StoreError> {
    let (env, tenant) = (env.clone(), tenant.clone());
    store
        .write(move |tx| {
            if accounts::any(tx, &tenant)? {
                return Ok(None);
            }
            tx.execute(
                "DELETE FROM access_invitation WHERE tenant = $1 AND account IS NULL",
                params![&tenant],
            )?;
            put(tx, &env, &tenant, None, FIRST_LASTS).map(Some)
        })
        .await
}

/// The path of a link for the owner of an account; earlier ones become void.
pub(crate) fn invite(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    account: &str,
) -> Result<String, StoreError> {
    withdraw(tx, tenant, account)?;
    put(tx, env, tenant, Some(account), INVITE_LASTS)
}

pub(crate) fn withdraw(tx: &mut Tx<'_>, tenant: &TenantId, account: &str) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM access_invitation WHERE tenant = $1 AND account = $2",
        params![tenant, account],
    )?;
    Ok(())
}

fn put(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    account: Option<&str>,
    lasts: Micros,
) -> Result<String, StoreError> {
    let now = env.now();
    tx.execute(
        "DELETE FROM access_invitation WHERE tenant = $1 AND expires_at <= $2",
        params![tenant, now],
    )?;
    let code = env.secret();
    tx.execute(
        "INSERT INTO access_invitation (tenant, digest, account, expires_at) VALUES ($1, $2, $3, $4)",
        params![tenant, digest(&code), account.map(str::to_owned), now + lasts],
    )?;
    Ok(format!("/accesso/primo?codice={code}"))
}

/// Whom a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guest {
    FirstAdministrator,
    Owner(Account),
}

/// # Errors
/// 404 when the link was used, has expired, or never was.
pub fn guest(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, code: &str) -> Result<Guest, Problem> {
    let gone = || Problem::not_found("This link has been used or has expired");
    if !looks_like_secret(code) {
        return Err(gone());
    }
    let row = tx
        .query_opt(
            "SELECT account FROM access_invitation WHERE tenant = $1 AND digest = $2 AND expires_at > $3",
            params![tenant, digest(code), env.now()],
        )?
        .ok_or_else(gone)?;
    match row.get::<Option<String>>(0)? {
        None if accounts::any(tx, tenant)? => Err(gone()),
        None => Ok(Guest::FirstAdministrator),
        Some(id) => match accounts::by_id(tx, tenant, &id)? {
            Some(account) if !account.disabled => Ok(Guest::Owner(account)),
            _ => Err(gone()),
        },
    }
}

/// What a guest fills in. Name and user name count only for the first administrator.
#[derive(Clone, Debug)]
pub struct Acceptance {
    pub code: String,
    pub name: String,
    pub username: String,
    pub password: String,
    /// The password typed a second time.
    pub again: String,
}

/// Use case: uses the link up, keeps the password and signs in. Returns the session's secret.
///
/// # Errors
/// 404 for a link that is no longer good; 422 with messages for `name`, `username`, `password`, `again`.
pub async fn accept(
    store: &Store,
    env: &Env,
    tenant: &Tenant,
    lang: Lang,
    given: Acceptance,
    previous: Option<String>,
) -> Result<String, Problem> {
    let id = tenant.id.clone();
    // Looked at first, so that strangers cannot make the server hash passwords.
    let guest_now = {
        let (env, id, code) = (env.clone(), id.clone(), given.code.clone());
        store.read(move |tx| guest(tx, &env, &id, &code)).await?
    };
    let username = match &guest_now {
        Guest::FirstAdministrator => accounts::normal_username(&given.username),
        Guest::Owner(account) => account.username.clone(),
    };
    let mut errors = Errors::default();
    if guest_now == Guest::FirstAdministrator {
        accounts::check_name(&given.name, lang, &mut errors);
        accounts::check_username(&username, lang, &mut errors);
    }
    check_new_password(&given.password, &given.again, &username, lang, &mut errors);
    errors.into_result()?;
    let hash = passwords::hash(env, &given.password).await?;
    let organisation = tenant
        .organisations
        .iter()
        .find(|o| o.kind == "municipality")
        .map(|o| o.id.clone());
    let env = env.clone();
    store
        .write(move |tx| {
            let account = match guest(tx, &env, &id, &given.code)? {
                Guest::FirstAdministrator => {
                    let details = Details {
                        name: given.name.clone(),
                        organisation: organisation.clone(),
                        roles: vec![Role::Administrator],
                    };
                    accounts::insert(tx, &env, &id, &username, &details, Some(&hash))?
                }
                Guest::Owner(account) => {
                    accounts::set_password(tx, &id, &account.id, &hash)?;
                    sessions::end_all(tx, &id, &account.id)?;
                    account.id
                }
            };
            tx.execute(
                "DELETE FROM access_invitation WHERE tenant = $1 AND digest = $2",
                params![&id, digest(&given.code)],
            )?;
            let actor = person(tx, &id, &account)?;
            audit::record(
                tx,
                &env,
                &actor,
                "access.invitation-accept",
                &format!("account/{username}"),
                "",
            )?;
            Ok(sessions::begin(tx, &env, &id, &account, previous.as_deref())?)
        })
        .await
}

pub(crate) fn person(tx: &mut Tx<'_>, tenant: &TenantId, account: &str) -> Result<Actor, Problem> {
    let account = accounts::by_id(tx, tenant, account)?.ok_or_else(Problem::internal)?;
    Ok(account.actor(tenant.clone(), Vec::new()))
}

pub(crate) fn check_new_password(
    password: &str,
    again: &str,
    username: &str,
    lang: Lang,
    errors: &mut Errors,
) {
    if let Some(objection) = passwords::objection(password, username, lang) {
        errors.add("password", objection);
    } else if password != again {
        errors.add(
            "again",
            lang.t(
                "Le due password non coincidono.",
                "The two passwords are not the same.",
            ),
        );
    }
}

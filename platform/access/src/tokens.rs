//! Tokens by which programs act: `Authorization: Bearer bsz_...`. Each has scopes (names of permissions),
//! an end, and a person who answers for it; it can never do more than that person may at the moment.

use bisenzio_kernel::{Actor, ActorKind, Env, Lang, Micros, PermissionSpec, Problem, Tenant, TenantId};
use bisenzio_store::{Store, StoreError, Tx, params};
use bisenzio_web::Errors;

use crate::secrets::digest;
use crate::{audit, permissions};

pub const PREFIX: &str = "bsz_";
/// The scope that stands for all of them; demonstration cities only.
pub const EVERYTHING: &str = "*";
const MAX_DAYS: i64 = 365;
const DEMO_DAYS: i64 = 30;
const DAY: Micros = 24 * 3600 * 1_000_000;
const MAX_PER_PERSON: i64 = 50;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: String,
    pub name: String,
    /// User name of who answers for it; none for tokens made on the command line.
    pub owner: Option<String>,
    pub scopes: Vec<String>,
    pub created_at: Micros,
    pub expires_at: Micros,
    /// To the minute.
    pub used_at: Option<Micros>,
    pub revoked_at: Option<Micros>,
}

#[derive(Clone, Debug, Default)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// Names of permissions, each one that its maker has.
    pub scopes: Vec<String>,
    /// Days it lasts, 1 to 365.
    pub days: i64,
}

/// Use case: a token for one's own programs. Returns its text, which is shown this once.
/// `known` are all permissions of the house.
///
/// # Errors
/// 401/403 without `access.tokens` or for anybody but a person; 422 with messages for `token-name`, `scopes`, `days`.
pub fn create(
    tx: &mut Tx<'_>,
    env: &Env,
    actor: &Actor,
    lang: Lang,
    known: &[PermissionSpec],
    new: &NewToken,
) -> Result<String, Problem> {
    actor.require(permissions::TOKENS)?;
    let owner = crate::person_id(actor)?;
    let mut errors = Errors::default();
    let name_length = new.name.trim().chars().count();
    if name_length == 0 || name_length > 80 {
        errors.add(
            "token-name",
            lang.t(
                "Occorre un nome, al massimo di 80 caratteri.",
                "A name of at most 80 characters is needed.",
            ),
        );
    }
    if !(1..=MAX_DAYS).contains(&new.days) {
        errors.add(
            "days",
            lang.t(
                "La durata va da 1 a 365 giorni.",
                "It can last from 1 to 365 days.",
            ),
        );
    }
    if new.scopes.is_empty() {
        errors.add(
            "scopes",
            lang.t(
                "Occorre scegliere almeno un permesso.",
                "Choose at least one permission.",
            ),
        );
    }
    let may = |scope: &String| {
        known
            .iter()
            .any(|s| s.permission.0 == scope && actor.may(s.permission))
    };
    if !new.scopes.iter().all(may) {
        errors.add(
            "scopes",
            lang.t(
                "Un token non può avere permessi che chi lo crea non ha.",
                "A token cannot have permissions that its maker has not.",
            ),
        );
    }
    if list(tx, &actor.tenant, Some(owner))?
        .iter()
        .filter(|t| t.revoked_at.is_none())
        .count()
        >= MAX_PER_PERSON as usize
    {
        errors.add(
            "token-name",
            lang.t(
                "Ci sono già 50 token: occorre revocarne uno.",
                "There are 50 tokens already: revoke one.",
            ),
        );
    }
    errors.into_result()?;
    let token = insert(
        tx,
        env,
        &actor.tenant,
        Some(owner),
        new.name.trim(),
        &new.scopes,
        new.days,
    )?;
    audit::record(
        tx,
        env,
        actor,
        "access.token-create",
        &format!("token/{}", new.name.trim()),
        &new.scopes.join(", "),
    )?;
    Ok(token)
}

/// A token that may do everything in a demonstration city, for thirty days (`bisenzio token create --demo`).
///
/// # Errors
/// 403 when the city is not a demonstration.
pub async fn create_demo_token(store: &Store, env: &Env, tenant: &Tenant) -> Result<String, Problem> {
    if !tenant.demo {
        return Err(Problem::forbidden(format!(
            "{} is not a demonstration: a token for everything exists only in demonstration cities",
            tenant.name
        )));
    }
    let (env, id) = (env.clone(), tenant.id.clone());
    store
        .write(move |tx| {
            let scopes = [EVERYTHING.to_owned()];
            let token = insert(tx, &env, &id, None, "demo", &scopes, DEMO_DAYS)?;
            let actor = Actor::system(id.clone(), "command-line");
            audit::record(tx, &env, &actor, "access.token-create", "token/demo", EVERYTHING)?;
            Ok(token)
        })
        .await
}

fn insert(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    owner: Option<&str>,
    name: &str,
    scopes: &[String],
    days: i64,
) -> Result<String, StoreError> {
    let token = format!("{PREFIX}{}", env.secret());
    let now = env.now();
    let scopes = serde_json::to_string(scopes).map_err(|e| StoreError::Column(e.to_string()))?;
    tx.execute(
        "INSERT INTO access_token (tenant, id, digest, name, account, scopes, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            tenant,
            env.ulid(),
            digest(&token),
            name,
            owner.map(str::to_owned),
            scopes,
            now,
            now + days * DAY
        ],
    )?;
    Ok(token)
}

/// Tokens, the latest first: of one account, or of the whole city.
///
/// # Errors
/// When the store fails.
pub fn list(tx: &mut Tx<'_>, tenant: &TenantId, account: Option<&str>) -> Result<Vec<Token>, StoreError> {
    tx.query(
        "SELECT t.id, t.name, a.username, t.scopes, t.created_at, t.expires_at, t.used_at, t.revoked_at
         FROM access_token t LEFT JOIN access_account a ON a.tenant = t.tenant AND a.id = t.account
         WHERE t.tenant = $1 AND ($2 = '' OR t.account = $2) ORDER BY t.created_at DESC, t.id DESC",
        params![tenant, account.unwrap_or_default()],
    )?
    .iter()
    .map(|row| {
        Ok(Token {
            id: row.get(0)?,
            name: row.get(1)?,
            owner: row.get(2)?,
            scopes: scopes_of(&row.get::<String>(3)?),
            created_at: row.get(4)?,
            expires_at: row.get(5)?,
            used_at: row.get(6)?,
            revoked_at: row.get(7)?,
        })
    })
    .collect()
}

pub(crate) fn scopes_of(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

/// Use case: takes a token out of use at once. One's own, or anybody's with `access.users`.
///
/// # Errors
/// 404 when there is no such token, or none the actor may see.
pub fn revoke(tx: &mut Tx<'_>, env: &Env, actor: &Actor, id: &str) -> Result<(), Problem> {
    let tenant = &actor.tenant;
    let row = tx.query_opt(
        "SELECT name, account FROM access_token WHERE tenant = $1 AND id = $2",
        params![tenant, id],
    )?;
    let row = row.ok_or_else(|| Problem::not_found("There is no such token"))?;
    let (name, owner): (String, Option<String>) = (row.get(0)?, row.get(1)?);
    let own = matches!(&actor.kind, ActorKind::Person { id, .. } if owner.as_ref() == Some(id));
    if !own && !actor.may(permissions::USERS) {
        return Err(Problem::not_found("There is no such token"));
    }
    tx.execute(
        "UPDATE access_token SET revoked_at = $3 WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL",
        params![tenant, id, env.now()],
    )?;
    crate::remembered::forget(tx);
    audit::record(
        tx,
        env,
        actor,
        "access.token-revoke",
        &format!("token/{name}"),
        "",
    )?;
    Ok(())
}

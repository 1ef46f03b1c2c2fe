//! Local accounts: who they are, and how administrators keep them.

use std::collections::BTreeMap;

use bisenzio_kernel::{Actor, ActorKind, Env, Lang, Micros, Problem, Role, TenantId};
use bisenzio_store::{Row, StoreError, Tx, params};
use bisenzio_web::Errors;

use crate::{audit, invitations, organisations, permissions, sessions};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub username: String,
    pub name: String,
    pub organisation: Option<String>,
    /// What a person of the demonstration does, in one sentence; empty otherwise.
    pub label: String,
    pub roles: Vec<Role>,
    /// An invented person that may be entered as without a password, in demonstration cities only.
    pub demo: bool,
    /// Has chosen a password.
    pub ready: bool,
    pub disabled: bool,
    pub created_at: Micros,
}

impl Account {
    /// The person as one who acts.
    pub fn actor(&self, tenant: TenantId, permissions: Vec<String>) -> Actor {
        let kind = ActorKind::Person {
            id: self.id.clone(),
            username: self.username.clone(),
            name: self.name.clone(),
        };
        Actor::new(
            kind,
            tenant,
            self.organisation.clone(),
            self.roles.clone(),
            permissions,
        )
    }

    pub fn is_administrator(&self) -> bool {
        self.roles.contains(&Role::Administrator)
    }
}

/// What an administrator decides about an account.
#[derive(Clone, Debug, Default)]
pub struct Details {
    pub name: String,
    pub organisation: Option<String>,
    pub roles: Vec<Role>,
}

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

/// A user name as it is stored and compared.
pub fn normal_username(typed: &str) -> String {
    typed.trim().to_lowercase()
}

pub(crate) fn check_username(username: &str, lang: Lang, errors: &mut Errors) {
    let length_ok = (2..=64).contains(&username.len());
    let signs_ok = username
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_@".contains(&b));
    // "nuovo" is the address of the form for new users.
    if !length_ok || !signs_ok || username == "nuovo" {
        errors.add(
            "username",
            lang.t(
                "Il nome utente ha da 2 a 64 caratteri: lettere senza accenti, cifre, punto, trattino, chiocciola.",
                "A user name has 2 to 64 characters: plain letters, digits, dot, hyphen, at sign.",
            ),
        );
    }
}

pub(crate) fn check_name(name: &str, lang: Lang, errors: &mut Errors) {
    let length = name.trim().chars().count();
    if length == 0 || length > 120 || name.chars().any(char::is_control) {
        errors.add(
            "name",
            lang.t("Occorre indicare nome e cognome.", "A name is needed."),
        );
    }
}

fn check_details(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    details: &Details,
    lang: Lang,
    errors: &mut Errors,
) -> Result<(), StoreError> {
    check_name(&details.name, lang, errors);
    if details.roles.is_empty() {
        errors.add(
            "roles",
            lang.t("Occorre scegliere almeno un ruolo.", "Choose at least one role."),
        );
    }
    if let Some(organisation) = &details.organisation
        && !organisations::exists(tx, tenant, organisation)?
    {
        errors.add(
            "organisation",
            lang.t("L'organizzazione non è in elenco.", "No such organisation."),
        );
    }
    Ok(())
}

/// Only an administrator makes, changes or unmakes an administrator: who merely manages users (through a
/// token, say) must not rise by it.
fn guard_administrators(actor: &Actor, touched: bool) -> Result<(), Problem> {
    let is_administrator =
        actor.roles.contains(&Role::Administrator) || matches!(actor.kind, ActorKind::System { .. });
    if touched && !is_administrator {
        return Err(Problem::forbidden(
            "Only an administrator can change an administrator's account",
        ));
    }
    Ok(())
}

/// Use case: a new account, with the link by which its owner chooses a password.
///
/// # Errors
/// 401/403 without `access.users`; 422 with messages for `username`, `name`, `roles`, `organisation`.
pub fn create(
    tx: &mut Tx<'_>,
    env: &Env,
    actor: &Actor,
    lang: Lang,
    username: &str,
    details: &Details,
) -> Result<String, Problem> {
    actor.require(permissions::USERS)?;
    guard_administrators(actor, details.roles.contains(&Role::Administrator))?;
    let tenant = &actor.tenant;
    let username = normal_username(username);
    let mut errors = Errors::default();
    check_username(&username, lang, &mut errors);
    check_details(tx, tenant, details, lang, &mut errors)?;
    if by_username(tx, tenant, &username)?.is_some() {
        errors.add(
            "username",
            lang.t("Questo nome utente è già in uso.", "This user name is taken."),
        );
    }
    errors.into_result()?;
    let id = insert(tx, env, tenant, &username, details, None)?;
    audit::record(
        tx,
        env,
        actor,
        "access.user-create",
        &format!("account/{username}"),
        &role_names(details),
    )?;
    Ok(invitations::invite(tx, env, tenant, &id)?)
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

/// Use case: changes name, organisation and roles.
///
/// # Errors
/// 401/403 without `access.users`, 404, 409 for the last administrator, 422 as [`create`].
pub fn update(
    tx: &mut Tx<'_>,
    env: &Env,
    actor: &Actor,
    lang: Lang,
    username: &str,
    details: &Details,
) -> Result<(), Problem> {
    actor.require(permissions::USERS)?;
    let tenant = &actor.tenant;
    let account = existing(tx, tenant, username)?;
    let keeps = details.roles.contains(&Role::Administrator);
    guard_administrators(actor, keeps || account.is_administrator())?;
    let mut errors = Errors::default();
    check_details(tx, tenant, details, lang, &mut errors)?;
    errors.into_result()?;
    if account.is_administrator() && !keeps {
        keep_one_administrator(tx, tenant, &account, lang)?;
    }
    tx.execute(
        "UPDATE access_account SET name = $3, organisation = $4 WHERE tenant = $1 AND id = $2",
        params![
            tenant,
            &account.id,
            details.name.trim(),
            details.organisation.clone()
        ],
    )?;
    set_roles(tx, tenant, &account.id, &details.roles)?;
    audit::record(
        tx,
        env,
        actor,
        "access.user-edit",
        &subject(&account),
        &role_names(details),
    )?;
    Ok(())
}

/// Use case: closes an account and ends its sessions. Its tokens stop with it.
///
/// # Errors
/// 401/403 without `access.users`, 404, 409 for the last administrator.
pub fn disable(tx: &mut Tx<'_>, env: &Env, actor: &Actor, lang: Lang, username: &str) -> Result<(), Problem> {
    actor.require(permissions::USERS)?;
    let tenant = &actor.tenant;
    let account = existing(tx, tenant, username)?;
    guard_administrators(actor, account.is_administrator())?;
    if account.disabled {
        return Ok(());
    }
    if account.is_administrator() {
        keep_one_administrator(tx, tenant, &account, lang)?;
    }
    tx.execute(
        "UPDATE access_account SET disabled_at = $3 WHERE tenant = $1 AND id = $2",
        params![tenant, &account.id, env.now()],
    )?;
    sessions::end_all(tx, tenant, &account.id)?;
    invitations::withdraw(tx, tenant, &account.id)?;
    audit::record(tx, env, actor, "access.user-disable", &subject(&account), "")?;
    Ok(())
}

/// Use case: opens a closed account again.
///
/// # Errors
/// 401/403 without `access.users`, 404.
pub fn enable(tx: &mut Tx<'_>, env: &Env, actor: &Actor, username: &str) -> Result<(), Problem> {
    actor.require(permissions::USERS)?;
    let tenant = &actor.tenant;
    let account = existing(tx, tenant, username)?;
    guard_administrators(actor, account.is_administrator())?;
    tx.execute(
        "UPDATE access_account SET disabled_at = NULL WHERE tenant = $1 AND id = $2",
        params![tenant, &account.id],
    )?;
    audit::record(tx, env, actor, "access.user-enable", &subject(&account), "")?;
    Ok(())
}

/// Use case: a new link to choose a password, for who forgot it. The old password works until then.
///
/// # Errors
/// 401/403 without `access.users`, 404, 409 for a closed account or a person of the demonstration.
pub fn invite_again(
    tx: &mut Tx<'_>,
    env: &Env,
    actor: &Actor,
    lang: Lang,
    username: &str,
) -> Result<String, Problem> {
    actor.require(permissions::USERS)?;
    let account = existing(tx, &actor.tenant, username)?;
    guard_administrators(actor, account.is_administrator())?;
    if account.disabled || account.demo {
        return Err(Problem::conflict(lang.t(
            "Per questo utente non si può creare un collegamento.",
            "No link can be made for this user.",
        )));
    }
    let link = invitations::invite(tx, env, &actor.tenant, &account.id)?;
    audit::record(tx, env, actor, "access.user-invite", &subject(&account), "")?;
    Ok(link)
}

fn existing(tx: &mut Tx<'_>, tenant: &TenantId, username: &str) -> Result<Account, Problem> {
    by_username(tx, tenant, username)?.ok_or_else(|| Problem::not_found("There is no such user"))
}

/// # Errors
/// 409 when nobody else could administer the city.
fn keep_one_administrator(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    leaving: &Account,
    lang: Lang,
) -> Result<(), Problem> {
    // Who was invited and has not chosen a password cannot let anybody back in.
    let others: i64 = tx
        .query_one(
            "SELECT COUNT(*) FROM access_account a
             JOIN access_account_role r ON r.tenant = a.tenant AND r.account = a.id
             WHERE a.tenant = $1 AND r.role = 'administrator' AND a.id <> $2
               AND a.disabled_at IS NULL AND (a.password IS NOT NULL OR a.demo = 1)",
            params![tenant, &leaving.id],
        )?
        .get(0)?;
    if others > 0 {
        return Ok(());
    }
    Err(Problem::conflict(lang.t(
        "È l'ultimo amministratore attivo: prima occorre nominarne un altro.",
        "This is the last active administrator: appoint another first.",
    )))
}

fn subject(account: &Account) -> String {
    format!("account/{}", account.username)
}

fn role_names(details: &Details) -> String {
    details
        .roles
        .iter()
        .map(|role| role.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

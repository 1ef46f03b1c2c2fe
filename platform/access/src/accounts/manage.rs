//! What administrators do with accounts.

use bisenzio_kernel::{Actor, ActorKind, Env, Lang, Problem, Role, TenantId};
use bisenzio_store::{StoreError, Tx, params};
use bisenzio_web::Errors;

use super::{Account, Details, by_username, check_name, check_username, insert, normal_username, set_roles};
use crate::remembered::forget;
use crate::{audit, invitations, organisations, permissions, sessions};

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
    forget(tx);
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
    forget(tx);
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
    forget(tx);
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

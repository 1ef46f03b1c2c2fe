//! Ways in: with user name and password, or (demonstrations only) by choosing a person.

use bisenzio_kernel::{Actor, Env, Lang, Problem, Tenant, TenantId};
use bisenzio_store::{Store, Tx};
use bisenzio_web::Errors;

use crate::throttle::Turn;
use crate::{accounts, audit, invitations, passwords, sessions, throttle};

#[derive(Clone, Debug)]
pub struct Attempt {
    pub username: String,
    pub password: String,
    /// Address of who asks.
    pub client: String,
    /// The session the browser had before.
    pub previous: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The secret of the new session's cookie.
    Welcome(String),
    /// Unknown name or wrong password: the same answer, after the same time.
    Refused,
    /// Too many attempts; seconds to wait.
    Wait(u64),
}

/// Use case: sign-in with a password.
///
/// # Errors
/// When the store fails.
pub async fn with_password(
    store: &Store,
    env: &Env,
    tenant: &TenantId,
    attempt: Attempt,
) -> Result<Outcome, Problem> {
    let username = accounts::normal_username(&attempt.username);
    let (turn, known) = {
        let (env, tenant) = (env.clone(), tenant.clone());
        let (username, client) = (username.clone(), attempt.client.clone());
        store
            .write(move |tx| {
                let turn = throttle::take(tx, &env, &tenant, &username, &client)?;
                Ok::<_, Problem>((turn, accounts::password_of(tx, &tenant, &username)?))
            })
            .await?
    };
    if let Turn::Wait(seconds) = turn {
        return Ok(Outcome::Wait(seconds));
    }
    let right = passwords::verify(known.as_ref().map(|(_, hash)| hash.as_str()), &attempt.password).await;
    let (env, tenant) = (env.clone(), tenant.clone());
    store
        .write(move |tx| match (&known, right) {
            // The account may have been closed, or its password changed, while we were hashing.
            (Some((id, _)), true) if accounts::password_of(tx, &tenant, &username)? == known => {
                throttle::forgive(tx, &tenant, &username, &attempt.client)?;
                let person = invitations::person(tx, &tenant, id)?;
                audit::record(
                    tx,
                    &env,
                    &person,
                    "access.sign-in",
                    &format!("account/{username}"),
                    "",
                )?;
                let secret = sessions::begin(tx, &env, &tenant, id, attempt.previous.as_deref())?;
                Ok(Outcome::Welcome(secret))
            }
            _ => {
                // A name that is no account's may be a password typed into the wrong field: not kept.
                let subject = known
                    .as_ref()
                    .map_or("account".to_owned(), |_| format!("account/{username}"));
                let detail = if turn == Turn::Last { "wait" } else { "" };
                let nobody = Actor::anonymous(tenant.clone());
                audit::record(tx, &env, &nobody, "access.sign-in-refused", &subject, detail)?;
                Ok(Outcome::Refused)
            }
        })
        .await
}

/// Use case: enters a demonstration as one of its invented people. Returns the session's secret.
///
/// # Errors
/// 404 when the city is no demonstration or has no such person.
pub fn as_demo_person(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &Tenant,
    username: &str,
    previous: Option<&str>,
) -> Result<String, Problem> {
    let nobody = || Problem::not_found("There is no such person");
    if !tenant.demo {
        return Err(nobody());
    }
    let account = accounts::by_username(tx, &tenant.id, username)?
        .filter(|account| account.demo && !account.disabled)
        .ok_or_else(nobody)?;
    let person = account.actor(tenant.id.clone(), Vec::new());
    audit::record(
        tx,
        env,
        &person,
        "access.sign-in",
        &format!("account/{}", account.username),
        "demo",
    )?;
    Ok(sessions::begin(tx, env, &tenant.id, &account.id, previous)?)
}

/// What the owner of an account types to change the password.
#[derive(Clone, Debug)]
pub struct Change {
    pub current: String,
    pub password: String,
    pub again: String,
    pub client: String,
}

/// Use case: changes one's own password, ends all sessions and begins a new one. Returns its secret.
///
/// # Errors
/// 403 for anybody but a person with a password; 429 after too many wrong ones; 422 with messages for
/// `current`, `password`, `again`.
pub async fn change_password(
    store: &Store,
    env: &Env,
    actor: &Actor,
    lang: Lang,
    change: Change,
) -> Result<String, Problem> {
    let id = crate::person_id(actor)?.to_owned();
    let (tenant, username) = (actor.tenant.clone(), actor.label());
    let (turn, known) = {
        let (env, tenant) = (env.clone(), tenant.clone());
        let (username, client) = (username.clone(), change.client.clone());
        store
            .write(move |tx| {
                let turn = throttle::take(tx, &env, &tenant, &username, &client)?;
                Ok::<_, Problem>((turn, accounts::password_of(tx, &tenant, &username)?))
            })
            .await?
    };
    if let Turn::Wait(seconds) = turn {
        let detail = lang.t(
            "Troppi tentativi: occorre attendere.",
            "Too many attempts: wait a while.",
        );
        return Err(Problem::too_many_requests(detail, seconds));
    }
    let Some((_, stored)) = &known else {
        return Err(Problem::forbidden(lang.t(
            "Gli utenti della dimostrazione non hanno una password.",
            "People of the demonstration have no password.",
        )));
    };
    let mut errors = Errors::default();
    if !passwords::verify(Some(stored), &change.current).await {
        errors.add(
            "current",
            lang.t(
                "La password attuale non è corretta.",
                "The current password is wrong.",
            ),
        );
    }
    invitations::check_new_password(&change.password, &change.again, &username, lang, &mut errors);
    if errors.is_empty() && change.password == change.current {
        errors.add(
            "password",
            lang.t(
                "La nuova password è uguale a quella attuale.",
                "The new password is the current one.",
            ),
        );
    }
    errors.into_result()?;
    let hash = passwords::hash(env, &change.password).await?;
    let (env, actor) = (env.clone(), actor.clone());
    store
        .write(move |tx| {
            if accounts::password_of(tx, &tenant, &username)? != known {
                return Err(Problem::conflict("The password was changed meanwhile"));
            }
            throttle::forgive(tx, &tenant, &username, &change.client)?;
            accounts::set_password(tx, &tenant, &id, &hash)?;
            sessions::end_all(tx, &tenant, &id)?;
            audit::record(
                tx,
                &env,
                &actor,
                "access.password-change",
                &format!("account/{username}"),
                "",
            )?;
            Ok(sessions::begin(tx, &env, &tenant, &id, None)?)
        })
        .await
}

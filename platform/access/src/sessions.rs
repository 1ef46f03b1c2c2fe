//! Browser sessions. The cookie is a secret of 256 bits; the store knows only its digest.

use bisenzio_kernel::{Actor, Env, Micros, Problem, TenantId};
use bisenzio_store::{StoreError, Tx, params};
use bisenzio_web::session_cookie_name;

use crate::audit;
use crate::secrets::digest;

/// Without a request for so long, a session ends.
pub const IDLE: Micros = 8 * 3600 * 1_000_000;
/// However busy, a session ends after so long.
pub const ABSOLUTE: Micros = 7 * 24 * 3600 * 1_000_000;
/// How exactly the last request is remembered: spares a write on every request.
pub(crate) const NOTE_EVERY: Micros = 60 * 1_000_000;

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub created_at: Micros,
    pub seen_at: Micros,
    pub current: bool,
}

pub(crate) fn is_live(now: Micros, created_at: Micros, seen_at: Micros) -> bool {
    now - seen_at < IDLE && now - created_at < ABSOLUTE
}

/// Begins a session and ends the one the browser had before, if any: a secret known before sign-in is worth
/// nothing after it. Returns the cookie's secret.
///
/// # Errors
/// When the store fails.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    account: &str,
    previous: Option<&str>,
) -> Result<String, StoreError> {
    if let Some(previous) = previous {
        tx.execute(
            "DELETE FROM access_session WHERE tenant = $1 AND digest = $2",
            params![tenant, digest(previous)],
        )?;
    }
    let now = env.now();
    tx.execute(
        "DELETE FROM access_session WHERE tenant = $1 AND created_at <= $2",
        params![tenant, now - ABSOLUTE],
    )?;
    let secret = env.secret();
    tx.execute(
        "INSERT INTO access_session (tenant, digest, account, created_at, seen_at) VALUES ($1, $2, $3, $4, $4)",
        params![tenant, digest(&secret), account, now],
    )?;
    Ok(secret)
}

pub(crate) fn end_all(tx: &mut Tx<'_>, tenant: &TenantId, account: &str) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM access_session WHERE tenant = $1 AND account = $2",
        params![tenant, account],
    )
}

/// Use case: sign-out of this browser.
///
/// # Errors
/// When the store fails.
pub fn sign_out(tx: &mut Tx<'_>, env: &Env, actor: &Actor, secret: &str) -> Result<(), Problem> {
    let ended = tx.execute(
        "DELETE FROM access_session WHERE tenant = $1 AND digest = $2",
        params![&actor.tenant, digest(secret)],
    )?;
    if ended > 0 && !actor.is_anonymous() {
        audit::record(
            tx,
            env,
            actor,
            "access.sign-out",
            &format!("account/{}", actor.label()),
            "",
        )?;
    }
    Ok(())
}

/// Use case: sign-out everywhere, this browser included.
///
/// # Errors
/// 403 for anybody but a person.
pub fn sign_out_everywhere(tx: &mut Tx<'_>, env: &Env, actor: &Actor) -> Result<(), Problem> {
    let id = crate::person_id(actor)?;
    let ended = end_all(tx, &actor.tenant, id)?;
    let detail = ended.to_string();
    audit::record(
        tx,
        env,
        actor,
        "access.sign-out-everywhere",
        &format!("account/{}", actor.label()),
        &detail,
    )?;
    Ok(())
}

/// The live sessions of an account, the latest used first.
///
/// # Errors
/// When the store fails.
pub fn list(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    account: &str,
    current: Option<&str>,
) -> Result<Vec<Session>, StoreError> {
    let current = current.map(digest);
    let now = env.now();
    let rows = tx.query(
        "SELECT digest, created_at, seen_at FROM access_session
         WHERE tenant = $1 AND account = $2 ORDER BY seen_at DESC, digest",
        params![tenant, account],
    )?;
    let mut sessions = Vec::new();
    for row in rows {
        let found: String = row.get(0)?;
        let session = Session {
            created_at: row.get(1)?,
            seen_at: row.get(2)?,
            current: current.as_ref() == Some(&found),
        };
        if is_live(now, session.created_at, session.seen_at) {
            sessions.push(session);
        }
    }
    Ok(sessions)
}

/// The `Set-Cookie` value that starts a session. Without `Max-Age`: it ends with the browser, as desks are
/// shared.
pub(crate) fn cookie(secret: &str, https: bool) -> String {
    let name = session_cookie_name(https);
    let secure = if https { "; Secure" } else { "" };
    format!("{name}={secret}; Path=/; HttpOnly; SameSite=Lax{secure}")
}

/// The `Set-Cookie` value that removes it.
pub(crate) fn no_cookie(https: bool) -> String {
    format!("{}; Max-Age=0", cookie("", https))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_out_of_reach_of_scripts_and_other_sites() {
        assert_eq!(
            cookie("abc", true),
            "__Host-bisenzio_session=abc; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            no_cookie(false),
            "bisenzio_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
    }

    #[test]
    fn sessions_end_by_idleness_and_by_age() {
        let hour = 3600 * 1_000_000;
        assert!(is_live(8 * hour - 1, 0, 0));
        assert!(!is_live(8 * hour, 0, 0));
        assert!(is_live(7 * 24 * hour - 1, 0, 7 * 24 * hour - 2));
        assert!(!is_live(7 * 24 * hour, 0, 7 * 24 * hour - 1));
    }
}

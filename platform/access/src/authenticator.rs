//! Local accounts and tokens behind the web floor's seam.

use std::sync::Arc;

use async_trait::async_trait;
use bisenzio_kernel::{Actor, ActorKind, Micros, PermissionSpec, Problem, Role, Tenant, TenantId};
use bisenzio_store::{StoreError, Tx, params};
use bisenzio_web::{App, Authenticator, Identity, csrf_token, session_cookie_value};
use http::{HeaderMap, header};

use crate::accounts::{self, Account};
use crate::remembered::{LookUp, forget};
use crate::secrets::{digest, looks_like_secret};
use crate::sessions::{NOTE_EVERY, is_live};
use crate::{permissions, tokens};

/// Recognises a session cookie or an API token.
pub struct LocalAccounts {
    permissions: Vec<PermissionSpec>,
}

impl LocalAccounts {
    /// `permissions`: those of every module of the house.
    pub fn new(permissions: Vec<PermissionSpec>) -> Self {
        Self { permissions }
    }

    async fn by_session(&self, app: &App, tenant: &Tenant, secret: &str) -> Result<Option<Actor>, Problem> {
        if !looks_like_secret(secret) {
            return Ok(None);
        }
        let (id, digest, now) = (tenant.id.clone(), digest(secret), app.env.now());
        let found = {
            let (id, digest) = (id.clone(), digest.clone());
            app.store.read(move |tx| session(tx, &id, &digest, now)).await?
        };
        let Some((account, seen_at)) = found else {
            return Ok(None);
        };
        if account.demo && !tenant.demo {
            return Ok(None);
        }
        if now - seen_at >= NOTE_EVERY {
            let note =
                "UPDATE access_session SET seen_at = $3 WHERE tenant = $1 AND digest = $2 AND seen_at < $3";
            note_use(app, note, id.clone(), digest, now).await;
        }
        let names = permissions::of_roles(&self.permissions, &account.roles);
        Ok(Some(account.actor(id, names)))
    }

    async fn by_token(&self, app: &App, tenant: &Tenant, token: &str) -> Result<Actor, Problem> {
        let refused = || Problem::unauthorized("The token is unknown, has expired or was revoked");
        if !token.strip_prefix(tokens::PREFIX).is_some_and(looks_like_secret) {
            return Err(refused());
        }
        let (id, digest, now) = (tenant.id.clone(), digest(token), app.env.now());
        let look_up = LookUp::of(&app.store, &id, &digest);
        let found = match look_up.as_ref().and_then(LookUp::known) {
            Some(known) => known,
            None => {
                let (id, digest) = (id.clone(), digest.clone());
                let found = app.store.read(move |tx| live_token(tx, &id, &digest)).await?;
                let found = Arc::new(found.ok_or_else(refused)?);
                if let Some(look_up) = look_up {
                    look_up.remember(&found);
                }
                found
            }
        };
        if found.expires_at <= now {
            return Err(refused());
        }
        let everything = found.scopes.iter().any(|scope| scope == tokens::EVERYTHING);
        if (everything || found.owner.as_ref().is_some_and(|owner| owner.demo)) && !tenant.demo {
            return Err(refused());
        }
        if found.used_at.is_none_or(|used| now - used >= NOTE_EVERY) {
            let note = "UPDATE access_token SET used_at = $3 WHERE tenant = $1 AND digest = $2";
            note_use(app, note, id.clone(), digest, now).await;
        }
        let kind = ActorKind::Token {
            id: found.id.clone(),
            name: found.name.clone(),
        };
        let organisation = found.owner.as_ref().and_then(|owner| owner.organisation.clone());
        if everything {
            return Ok(Actor::new(kind, id, organisation, vec![Role::Administrator], []));
        }
        let owner_may = |scope: &String| match &found.owner {
            Some(owner) => {
                owner.is_administrator()
                    || permissions::of_roles(&self.permissions, &owner.roles).contains(scope)
            }
            None => true,
        };
        let scopes: Vec<String> = found
            .scopes
            .iter()
            .filter(|scope| owner_may(scope))
            .cloned()
            .collect();
        // Its owner's parts, but for the one that may everything: a token may what its scopes say.
        let roles = found
            .owner
            .as_ref()
            .map(|owner| owner.roles.clone())
            .unwrap_or_default();
        let roles = roles
            .into_iter()
            .filter(|role| *role != Role::Administrator)
            .collect();
        Ok(Actor::new(kind, id, organisation, roles, scopes))
    }
}

#[async_trait]
impl Authenticator for LocalAccounts {
    async fn authenticate(
        &self,
        app: &App,
        tenant: &Tenant,
        headers: &HeaderMap,
    ) -> Result<Identity, Problem> {
        if let Some(token) = bearer(headers) {
            let actor = self.by_token(app, tenant, token).await?;
            return Ok(Identity { actor, csrf: None });
        }
        if let Some(secret) = session_cookie_value(headers, app.settings.https)
            && let Some(actor) = self.by_session(app, tenant, secret).await?
        {
            return Ok(Identity {
                actor,
                csrf: Some(csrf_token(secret)),
            });
        }
        Ok(Identity {
            actor: Actor::anonymous(tenant.id.clone()),
            csrf: None,
        })
    }
}

/// RFC 6750, 2.1; the scheme's name in any case (RFC 9110, 11.1). Other schemes belong to a proxy in front.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn session(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    digest: &str,
    now: Micros,
) -> Result<Option<(Account, Micros)>, StoreError> {
    let row = tx.query_opt(
        "SELECT account, created_at, seen_at FROM access_session WHERE tenant = $1 AND digest = $2",
        params![tenant, digest],
    )?;
    let Some(row) = row else { return Ok(None) };
    let seen_at: Micros = row.get(2)?;
    if !is_live(now, row.get(1)?, seen_at) {
        return Ok(None);
    }
    let account = accounts::by_id(tx, tenant, &row.get::<String>(0)?)?;
    Ok(account
        .filter(|account| !account.disabled)
        .map(|account| (account, seen_at)))
}

/// A token that was not revoked, and its owner, who is not disabled.
pub(crate) struct LiveToken {
    id: String,
    name: String,
    scopes: Vec<String>,
    used_at: Option<Micros>,
    expires_at: Micros,
    owner: Option<Account>,
}

fn live_token(tx: &mut Tx<'_>, tenant: &TenantId, digest: &str) -> Result<Option<LiveToken>, StoreError> {
    let row = tx.query_opt(
        "SELECT id, name, scopes, used_at, account, expires_at FROM access_token
         WHERE tenant = $1 AND digest = $2 AND revoked_at IS NULL",
        params![tenant, digest],
    )?;
    let Some(row) = row else { return Ok(None) };
    let owner = match row.get::<Option<String>>(4)? {
        None => None,
        Some(id) => match accounts::by_id(tx, tenant, &id)? {
            Some(account) if !account.disabled => Some(account),
            _ => return Ok(None),
        },
    };
    Ok(Some(LiveToken {
        id: row.get(0)?,
        name: row.get(1)?,
        scopes: tokens::scopes_of(&row.get::<String>(2)?),
        used_at: row.get(3)?,
        expires_at: row.get(5)?,
        owner,
    }))
}

/// Remembers when something was last used; a failure must not refuse who has a right to enter.
async fn note_use(app: &App, sql: &'static str, tenant: TenantId, digest: String, now: Micros) {
    let noted = app
        .store
        .write(move |tx| {
            forget(tx);
            tx.execute(sql, params![&tenant, &digest, now])
        })
        .await;
    if let Err(error) = noted {
        tracing::warn!(%error, "last use was not noted");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bearer_credentials_are_ours() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(with("Bearer bsz_1").as_deref(), Some("bsz_1"));
        assert_eq!(with("bearer  x ").as_deref(), Some("x"));
        assert_eq!(with("Basic dTpw"), None);
        assert_eq!(with("Bearer"), None);
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}

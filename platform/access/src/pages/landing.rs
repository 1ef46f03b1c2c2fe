//! Where people land after sign-in: the first page of their work.

use bisenzio_kernel::{Actor, Problem};
use bisenzio_web::{Ctx, NavEntry, NavPlace, session_cookie_name};
use http::{HeaderMap, HeaderValue, header};

use super::local_path;

/// The page that was asked for before sign-in; otherwise the first of the work area that its new session may
/// open, and the home page for who has none.
///
/// # Errors
/// When the store fails.
pub async fn after_sign_in(ctx: &Ctx, wanted: &str, secret: &str) -> Result<String, Problem> {
    match local_path(wanted) {
        "/" => {
            let identity = ctx
                .app
                .authenticator
                .authenticate(&ctx.app, &ctx.tenant, &headers_of(ctx, secret))
                .await?;
            Ok(first_page(&ctx.app.nav, &identity.actor).to_owned())
        }
        page => Ok(page.to_owned()),
    }
}

/// The session's next request, as the authenticator will see it.
fn headers_of(ctx: &Ctx, secret: &str) -> HeaderMap {
    let cookie = format!("{}={secret}", session_cookie_name(ctx.app.settings.https));
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        headers.insert(header::COOKIE, value);
    }
    headers
}

/// The first entry of the work area by position that the actor may open.
fn first_page(nav: &[NavEntry], actor: &Actor) -> &'static str {
    nav.iter()
        .filter(|entry| entry.place == NavPlace::Staff)
        .filter(|entry| entry.permission.is_none_or(|permission| actor.may(permission)))
        .filter(|_| !actor.is_anonymous() && !actor.roles.is_empty())
        .min_by_key(|entry| entry.position)
        .map_or("/", |entry| entry.href)
}

#[cfg(test)]
mod tests {
    use bisenzio_kernel::{ActorKind, Permission, Role, TenantId};

    use super::*;

    const fn entry(position: u16, href: &'static str, permission: &'static str) -> NavEntry {
        NavEntry {
            place: NavPlace::Staff,
            position,
            it: "",
            en: "",
            href,
            permission: Some(Permission(permission)),
        }
    }

    #[test]
    fn each_role_begins_with_its_own_work() {
        let nav = [
            entry(900, "/amministrazione/utenti", "access.users"),
            entry(30, "/piano/gestione", "plan.edit"),
            entry(10, "/situation-room", "roadworks.view-room"),
        ];
        let lands = |role: Role, permissions: &[&str]| {
            let kind = ActorKind::Person {
                id: "1".into(),
                username: "u".into(),
                name: "U".into(),
            };
            let tenant = TenantId::new("prato").unwrap();
            let names: Vec<String> = permissions.iter().map(ToString::to_string).collect();
            first_page(&nav, &Actor::new(kind, tenant, None, vec![role], names))
        };
        assert_eq!(lands(Role::Officer, &["plan.edit"]), "/piano/gestione");
        assert_eq!(
            lands(Role::Officer, &["plan.edit", "roadworks.view-room"]),
            "/situation-room"
        );
        assert_eq!(lands(Role::Administrator, &[]), "/situation-room");
        assert_eq!(lands(Role::Citizen, &[]), "/");
    }
}

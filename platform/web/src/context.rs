//! What a handler knows of its request: city, actor, language, and the way to the store.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bisenzio_kernel::{Actor, Lang, Permission, Problem, Tenant, TenantId};
use bisenzio_store::Store;
use http::request::Parts;
use http::{HeaderValue, header};
use jiff::civil::Date;

use crate::authentication::cookie;
use crate::flash::{self, Flash};
use crate::language::LANGUAGE_COOKIE;
use crate::tenants::{TENANT_HEADER, is_host};
use crate::{App, Identity};

/// The first argument of every handler.
#[derive(Clone)]
pub struct Ctx {
    pub app: App,
    pub tenant: Arc<Tenant>,
    pub actor: Actor,
    pub lang: Lang,
    /// What a form of this session must send back; empty without a session.
    pub csrf: String,
    /// Path and query, as asked.
    pub path: String,
    /// Scheme and host under which the city is being read, for links in feeds: "http://localhost:8080".
    pub base_url: String,
    /// Address of who asks, for rate limits and the audit log.
    pub client: String,
    pub(crate) flash: Option<Flash>,
}

impl Ctx {
    pub fn store(&self) -> &Store {
        &self.app.store
    }

    pub fn tenant_id(&self) -> &TenantId {
        &self.tenant.id
    }

    /// # Errors
    /// 401 or 403, see [`Actor::require`].
    pub fn require(&self, permission: Permission) -> Result<(), Problem> {
        self.actor.require(permission)
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.actor.may(permission)
    }

    /// Picks the text of the reader's language.
    pub fn t<'a>(&self, it: &'a str, en: &'a str) -> &'a str {
        self.lang.t(it, en)
    }

    /// The day it is in the city.
    pub fn today(&self) -> Date {
        self.app.env.today(&self.tenant.timezone)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Ctx {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Ctx>()
            .cloned()
            .ok_or_else(Problem::internal)
    }
}

/// Middleware: works out the context once per request.
pub(crate) async fn establish(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match context_of(app, &parts).await {
        Ok(ctx) => {
            let spent_flash = ctx.flash.is_some();
            parts.extensions.insert(ctx);
            let named = parts.headers.get(TENANT_HEADER).cloned();
            let mut response = next.run(Request::from_parts(parts, body)).await;
            // ETSI GS CIM 009, 6.3.14: a tenant that was named is named again.
            if let Some(tenant) = named {
                response.headers_mut().insert(TENANT_HEADER, tenant);
            }
            // Where caches may keep an answer, they must not hand it to who names another tenant.
            response
                .headers_mut()
                .append(header::VARY, HeaderValue::from_static(TENANT_HEADER));
            if spent_flash {
                flash::clear(&mut response);
            }
            response
        }
        Err(problem) => problem.into_response(),
    }
}

async fn context_of(app: App, request: &Parts) -> Result<Ctx, Problem> {
    let headers = &request.headers;
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .or_else(|| request.uri.authority().map(http::uri::Authority::as_str))
        .unwrap_or_default()
        .to_owned();
    if !is_host(&host) {
        return Err(Problem::bad_request("The Host header names no host"));
    }
    let tenant = match headers.get(TENANT_HEADER) {
        Some(name) => name
            .to_str()
            .ok()
            .and_then(|name| app.tenants.by_id(name))
            .ok_or_else(|| {
                Problem::not_found("There is no such tenant")
                    .with_type("https://uri.etsi.org/ngsi-ld/errors/NonexistentTenant")
            })?,
        None => app
            .tenants
            .for_host(&host, app.settings.default_tenant.as_ref())?,
    };
    let Identity { actor, csrf } = app.authenticator.authenticate(&app, &tenant, headers).await?;
    let lang = cookie(headers, LANGUAGE_COOKIE)
        .and_then(Lang::parse)
        .unwrap_or_default();
    let path = request
        .uri
        .path_and_query()
        .map_or("/", |p| p.as_str())
        .to_owned();
    let scheme = if app.settings.https { "https" } else { "http" };
    let client = client_address(&app, request);
    Ok(Ctx {
        tenant,
        actor,
        lang,
        csrf: csrf.unwrap_or_default(),
        path,
        base_url: format!("{scheme}://{host}"),
        client,
        flash: flash::read(headers),
        app,
    })
}

fn client_address(app: &App, request: &Parts) -> String {
    if app.settings.trust_forwarded
        && let Some(last) = request
            .headers
            // A proxy may add a header of its own after the one that the client made up.
            .get_all("x-forwarded-for")
            .iter()
            .next_back()
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.rsplit(',').next())
    {
        return last.trim().to_owned();
    }
    request
        .extensions
        .get::<axum::extract::ConnectInfo<std::net::SocketAddr>>()
        .map_or_else(|| "local".to_owned(), |info| info.0.ip().to_string())
}

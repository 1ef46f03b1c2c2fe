//! Routes that say who may use them. There is no way to add one without deciding.

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use bisenzio_kernel::{Permission, Problem};
use http::Method;

use crate::{App, Ctx, errors, page_cache, redirect, security, sharing};

/// Under here addresses may end in a slash or not: ETSI GS CIM 009, clause 6, writes those of collections with
/// one, and half of its clients leave it out.
pub(crate) const NGSI_LD: &str = "/ngsi-ld/";

/// Who may call a route. Finer decisions (one's own drafts, one's own organisation) are the use case's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Public,
    SignedIn,
    Permission(Permission),
    /// Who has at least one of these.
    AnyOf(&'static [Permission]),
    /// Only where the demonstration mode is on.
    Demo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// HTML for a person: errors become pages, who is unknown is sent to sign in.
    Page,
    /// For programs: errors are problem+json.
    Api,
}

#[derive(Clone, Debug)]
pub struct RouteInfo {
    pub method: Method,
    pub path: String,
    pub access: Access,
    pub kind: RouteKind,
}

/// A module's routes.
#[derive(Default)]
pub struct Routes {
    router: Router<App>,
    infos: Vec<RouteInfo>,
}

impl Routes {
    pub fn new() -> Self {
        Self::default()
    }

    /// A page that is read.
    pub fn page<H, T>(self, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(RouteKind::Page, Method::GET, path, access, handler)
    }

    /// A form that is sent.
    pub fn form<H, T>(self, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(RouteKind::Page, Method::POST, path, access, handler)
    }

    /// An endpoint for programs.
    pub fn api<H, T>(self, method: Method, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(RouteKind::Api, method, path, access, handler)
    }

    pub fn merge(mut self, other: Routes) -> Self {
        self.router = self.router.merge(other.router);
        self.infos.extend(other.infos);
        self
    }

    pub fn infos(&self) -> &[RouteInfo] {
        &self.infos
    }

    pub(crate) fn into_router(self) -> Router<App> {
        self.router
    }

    fn add<H, T>(mut self, kind: RouteKind, method: Method, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let guard = move |request: Request, next: Next| guard(kind, access, request, next);
        let mut route: MethodRouter<App> = on(filter(&method), handler);
        if method == Method::GET && sharing::is_open(kind, access, &method) {
            route = route.options(sharing::preflight);
        }
        let route = route.route_layer(from_fn(guard));
        if kind == RouteKind::Api && path.starts_with(NGSI_LD) {
            self.router = self.router.route(&format!("{path}/"), route.clone());
        }
        self.router = self.router.route(path, route);
        self.infos.push(RouteInfo {
            method,
            path: path.to_owned(),
            access,
            kind,
        });
        self
    }
}

fn filter(method: &Method) -> MethodFilter {
    MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET)
}

async fn guard(kind: RouteKind, access: Access, request: Request, next: Next) -> Response {
    let Some(ctx) = request.extensions().get::<Ctx>().cloned() else {
        return Problem::internal().into_response();
    };
    let allowed = decide(&ctx, access).and_then(|()| security::check_origin(&ctx, &request));
    let open = sharing::is_open(kind, access, request.method());
    let mut response = match allowed {
        Ok(()) => next.run(request).await,
        Err(problem) if kind == RouteKind::Page && problem.status == 401 => {
            let wanted = if request.method() == Method::GET {
                ctx.path.as_str()
            } else {
                "/"
            };
            return redirect(&format!("/accesso?torna={}", crate::response::encode(wanted)));
        }
        Err(problem) => problem.into_response(),
    };
    if open {
        sharing::open(&mut response);
    }
    match kind {
        RouteKind::Page => {
            let mut response = errors::as_page(&ctx, response);
            // A page that says how it may be kept has decided for itself.
            if access == Access::Public && !response.headers().contains_key(http::header::CACHE_CONTROL) {
                response.extensions_mut().insert(page_cache::PublicPage);
            }
            response
        }
        RouteKind::Api => response,
    }
}

fn decide(ctx: &Ctx, access: Access) -> Result<(), Problem> {
    match access {
        Access::Public => Ok(()),
        Access::SignedIn if ctx.actor.is_anonymous() => Err(Problem::unauthorized("Sign in to continue")),
        Access::SignedIn => Ok(()),
        Access::Permission(permission) => ctx.require(permission),
        Access::AnyOf(permissions) => match permissions {
            [] => Err(Problem::forbidden("Nobody may do this")),
            [first, others @ ..] if !others.iter().any(|other| ctx.may(*other)) => ctx.require(*first),
            _ => Ok(()),
        },
        Access::Demo if ctx.app.settings.demo && ctx.tenant.demo => Ok(()),
        Access::Demo => Err(Problem::not_found("There is no such page")),
    }
}

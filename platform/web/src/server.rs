//! Puts the house together: routes, context, security, compression, limits.

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use bisenzio_kernel::Problem;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::page_cache::{self, PageCache};
use crate::routes::NGSI_LD;
use crate::{App, Ctx, Routes, assets, context, errors, health, language, security};

/// A request that takes longer is given up. Long work is a job.
const PATIENCE: Duration = Duration::from_secs(60);

/// Routes that the web floor itself adds to those of the modules.
pub(crate) fn own_routes() -> Routes {
    Routes::new()
        .merge(assets::routes())
        .merge(health::routes())
        .merge(language::routes())
}

impl Routes {
    /// These routes and the web floor's own: what [`router`] will serve.
    #[must_use]
    pub fn with_web(self) -> Routes {
        self.merge(own_routes())
    }
}

/// The whole server as a tower service.
pub fn router(app: App, routes: Routes) -> Router {
    let compress = DefaultPredicate::new().and(NotForContentType::const_new("font/"));
    routes
        .into_router()
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(fallback_as_page))
        .layer(from_fn_with_state(app.clone(), context::establish))
        .layer(from_fn_with_state(app.clone(), security::headers))
        .layer(from_fn(plain_errors))
        .layer(CompressionLayer::new().compress_when(compress))
        .layer(from_fn_with_state(
            (app.clone(), PageCache::default()),
            page_cache::serve,
        ))
        .layer(from_fn_with_state(app.clone(), health::count))
        .layer(TimeoutLayer::with_status_code(
            http::StatusCode::GATEWAY_TIMEOUT,
            PATIENCE,
        ))
        .layer(TraceLayer::new_for_http())
        .with_state(app)
}

async fn not_found() -> Problem {
    Problem::not_found("There is nothing at this address")
}

async fn wrong_method() -> Problem {
    Problem::new(
        405,
        "Method not allowed",
        "This address does not take this method",
    )
}

/// Unknown addresses answer a browser with a page and a program with problem+json.
async fn fallback_as_page(request: Request, next: axum::middleware::Next) -> Response {
    let ctx = request.extensions().get::<Ctx>().cloned();
    let path = request.uri().path();
    let for_programs = ["/api/", NGSI_LD, "/assets/", "/tiles/"]
        .iter()
        .any(|p| path.starts_with(p));
    let wants_html = request
        .headers()
        .get(http::header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let response = next.run(request).await;
    match (ctx, response.extensions().get::<Problem>()) {
        (Some(ctx), Some(problem)) if wants_html && !for_programs => errors::page(&ctx, &problem.clone()),
        _ => response,
    }
}

/// What goes wrong with NGSI-LD is told as `application/json`, whatever the client accepts (ETSI GS CIM 009, 6.3.3 and
/// 6.3.6).
async fn plain_errors(request: Request, next: axum::middleware::Next) -> Response {
    let is_ngsi_ld = request.uri().path().starts_with(NGSI_LD);
    let mut response = next.run(request).await;
    if is_ngsi_ld && response.extensions().get::<Problem>().is_some() {
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
    }
    response
}

#[allow(clippy::needless_pass_by_value, reason = "the signature is the layer's")]
fn panicked(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let message = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    tracing::error!(message, "a handler panicked");
    Problem::internal().into_response()
}

//! What pages of other sites may read: open data, and nothing that belongs to a session (Fetch, CORS protocol).
//!
//! `*` without credentials is all that open data needs: a browser then sends no cookie and no token, so a
//! foreign page reads exactly what anybody reads.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};

use crate::{Access, RouteKind};

/// Headers of questions that NGSI-LD and conditional requests need.
const ASK: &str =
    "accept, accept-language, if-none-match, if-modified-since, link, ngsild-tenant, ngsild-entitymap";
/// Headers of answers that a script may read.
const READ: &str =
    "link, ngsild-results-count, ngsild-tenant, ngsild-entitymap, etag, content-disposition, retry-after";

/// Whether a route answers pages of other sites.
pub(crate) fn is_open(kind: RouteKind, access: Access, method: &Method) -> bool {
    kind == RouteKind::Api
        && access == Access::Public
        && matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Opens an answer to pages of other sites; one that says it is not to be stored is not for everybody.
pub(crate) fn open(response: &mut Response) {
    let headers = response.headers_mut();
    if headers
        .get(header::CACHE_CONTROL)
        .is_some_and(|value| value == "no-store")
    {
        return;
    }
    let set = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, READ),
    ];
    for (name, value) in set {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// The answer to a browser that asks before it asks.
pub(crate) async fn preflight() -> Response {
    let set: [(HeaderName, &str); 4] = [
        (header::ALLOW, "GET, HEAD, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ASK),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, set).into_response()
}

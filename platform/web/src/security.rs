//! Headers and checks that hold for every response and request.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bisenzio_kernel::Problem;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};

use crate::errors::is_html;
use crate::{App, Ctx};

/// Nothing inline, nothing from elsewhere. MapLibre draws in a worker and reads images as blobs.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; \
     manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(crate) async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let sent = request.method() == Method::POST;
    let mut response = next.run(request).await;
    let set = [
        ("content-security-policy", CONTENT_SECURITY_POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        (
            "permissions-policy",
            "geolocation=(self), camera=(), microphone=(), payment=()",
        ),
    ];
    // A form that came back with messages: a browser that goes on and then back must be able to show it again,
    // which it cannot when it may not keep it ("ERR_CACHE_MISS").
    let refused_form = sent && response.status() == StatusCode::UNPROCESSABLE_ENTITY && is_html(&response);
    let headers = response.headers_mut();
    for (name, value) in set {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if app.settings.https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    // Whatever does not say otherwise may depend on who asks.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static(if refused_form {
            "no-cache, private"
        } else {
            "no-store"
        }));
    response
}

/// Cross-site request forgery, first wall: a browser that changes something must be on one of our pages.
/// (The second is the token that every form of a session carries, checked by [`crate::Form`].)
/// Programs with a bearer token have no cookie to be abused and send no `Origin`.
pub(crate) fn check_origin(ctx: &Ctx, request: &Request) -> Result<(), Problem> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let foreign = || Problem::forbidden("This form was sent from another site");
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site"))
        && !matches!(site, "same-origin" | "none")
        && !ctx.csrf.is_empty()
    {
        return Err(foreign());
    }
    match text(header::ORIGIN) {
        Some(origin) if !same_host(origin, &ctx.base_url) && !is_token_call(request) => Err(foreign()),
        None if !ctx.csrf.is_empty()
            && text(header::REFERER).is_some_and(|r| !same_host(r, &ctx.base_url)) =>
        {
            Err(foreign())
        }
        _ => Ok(()),
    }
}

fn is_token_call(request: &Request) -> bool {
    request.headers().contains_key(header::AUTHORIZATION)
}

/// Compares what follows the scheme: behind a proxy that ends TLS the schemes differ.
fn same_host(origin: &str, base: &str) -> bool {
    let host = |url: &str| {
        url.split_once("://")
            .map(|(_, rest)| rest.split('/').next().unwrap_or_default().to_owned())
    };
    host(origin).is_some_and(|o| Some(o) == host(base))
}

#[cfg(test)]
mod tests {
    use super::same_host;

    #[test]
    fn hosts_are_compared_whole() {
        assert!(same_host("https://prato.example", "http://prato.example"));
        assert!(same_host(
            "http://localhost:8080/accesso",
            "http://localhost:8080"
        ));
        assert!(!same_host("http://prato.example.evil", "http://prato.example"));
        assert!(!same_host("null", "http://prato.example"));
    }
}

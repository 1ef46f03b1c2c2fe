//! `/healthz`: the process answers. `/readyz`: the store does too. `/metrics`: Prometheus text, for this machine
//! and for who may [`OPERATE`].

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bisenzio_kernel::{Permission, Problem};
use bisenzio_store::StoreError;

use http::{HeaderMap, HeaderValue, header};

use crate::{Access, App, Ctx, Routes, text_as};

/// Read what the running program tells of itself.
pub const OPERATE: Permission = Permission("platform.operate");

static REQUESTS: [AtomicU64; 5] = [const { AtomicU64::new(0) }; 5];

pub(crate) fn routes() -> Routes {
    let get = http::Method::GET;
    Routes::new()
        .api(get.clone(), "/healthz", Access::Public, || async {
            text_as("text/plain", "ok\n")
        })
        .api(get.clone(), "/readyz", Access::Public, ready)
        .api(get, "/metrics", Access::Public, metrics)
}

async fn ready(ctx: Ctx) -> Result<Response, Problem> {
    ctx.store()
        .read(|tx| tx.query_one("SELECT COUNT(*) FROM tenant", &[]))
        .await
        .map_err(|error: StoreError| {
            tracing::error!(%error, "not ready");
            Problem::new(503, "Not ready", "The store does not answer")
        })?;
    Ok(text_as("text/plain", "ready\n"))
}

/// Open to a program on this machine; a proxy's requests come from here too, so that one which was passed on
/// needs the permission like any other.
async fn metrics(ctx: Ctx, headers: HeaderMap) -> Result<Response, Problem> {
    if !is_local(&ctx.client, &headers) {
        ctx.require(OPERATE)?;
    }
    let mut response = counters();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn is_local(client: &str, headers: &HeaderMap) -> bool {
    let passed_on = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
    let address: Option<IpAddr> = client.parse().ok();
    address.is_some_and(|address| address.to_canonical().is_loopback())
        && !passed_on.iter().any(|name| headers.contains_key(*name))
}

fn counters() -> Response {
    let mut out = String::from(
        "# HELP bisenzio_http_requests_total Requests answered, by class of status.\n\
         # TYPE bisenzio_http_requests_total counter\n",
    );
    for (index, count) in REQUESTS.iter().enumerate() {
        let value = count.load(Ordering::Relaxed);
        out.push_str(&format!(
            "bisenzio_http_requests_total{{status=\"{}xx\"}} {value}\n",
            index + 1
        ));
    }
    text_as("text/plain; version=0.0.4", out)
}

pub(crate) async fn count(State(_): State<App>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let class = usize::from(response.status().as_u16() / 100).clamp(1, 5) - 1;
    REQUESTS[class].fetch_add(1, Ordering::Relaxed);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_direct_neighbour_is_local() {
        let mut headers = HeaderMap::new();
        for (client, local) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("192.0.2.7", false),
            ("local", false),
            ("", false),
        ] {
            assert_eq!(is_local(client, &headers), local, "{client}");
        }
        headers.insert("x-forwarded-for", HeaderValue::from_static("127.0.0.1"));
        assert!(!is_local("127.0.0.1", &headers), "a proxy on this machine");
    }
}

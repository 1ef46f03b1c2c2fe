//! `/healthz`: the process answers. `/readyz`: the store does too. `/metrics`: Prometheus text.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_store::StoreError;

use crate::{Access, App, Ctx, Routes, text_as};

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

async fn metrics() -> Response {
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

//! Public pages as anonymous readers see them, kept until something is written.
//!
//! When a street is closed, thousands open the same few pages at once; each is computed once per change of the
//! data. The key holds the store's generation, so a reader of this process sees every write at once; writes of
//! other replicas are seen when the entry ends ([`LIFE`]).

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, Method, StatusCode, header};
use http_body_util::BodyExt;
use moka::future::Cache;

use crate::App;
use crate::tenants::TENANT_HEADER;

const LIFE: Duration = Duration::from_secs(2);
/// Bytes of kept pages.
const CAPACITY: u64 = 32 * 1024 * 1024;
/// A longer address is somebody trying things out.
const MAX_ADDRESS: usize = 512;

/// Put on responses that any anonymous reader may share.
#[derive(Clone, Copy)]
pub(crate) struct PublicPage;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    generation: u64,
    host: String,
    tenant: String,
    address: String,
    /// Language and whatever else small cookies decide.
    cookies: String,
    accept: String,
    encoding: String,
}

struct Kept {
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Clone)]
pub(crate) struct PageCache(Cache<Key, Arc<Kept>>);

impl Default for PageCache {
    fn default() -> Self {
        let weigh = |key: &Key, kept: &Arc<Kept>| {
            u32::try_from(kept.body.len() + key.address.len() + 1024).unwrap_or(u32::MAX)
        };
        Self(
            Cache::builder()
                .max_capacity(CAPACITY)
                .weigher(weigh)
                .time_to_live(LIFE)
                .build(),
        )
    }
}

/// Middleware: one computation per page and generation, shared by all who wait for it.
pub(crate) async fn serve(
    State((app, cache)): State<(App, PageCache)>,
    request: Request,
    next: Next,
) -> Response {
    let Some(key) = key(&app, &request) else {
        return next.run(request).await;
    };
    let (mut own, again) = (None, (copy(&request), next.clone()));
    let kept = {
        let own = &mut own;
        let compute = async move {
            match keep(next.run(request).await).await {
                Ok(kept) => Some(Arc::new(kept)),
                Err(response) => {
                    *own = Some(*response);
                    None
                }
            }
        };
        cache.0.optionally_get_with(key, compute).await
    };
    match (kept, own) {
        (Some(kept), _) => {
            let mut response = Response::new(Body::from(kept.body.clone()));
            *response.headers_mut() = kept.headers.clone();
            response
        }
        (None, Some(response)) => response,
        // Another request computed for all who waited, and its answer is not to be shared: to each his own.
        (None, None) => again.1.run(again.0).await,
    }
}

/// The same question once more; one without a change has no body.
fn copy(request: &Request) -> Request {
    let mut same = Request::new(Body::empty());
    *same.method_mut() = request.method().clone();
    *same.uri_mut() = request.uri().clone();
    *same.version_mut() = request.version();
    *same.headers_mut() = request.headers().clone();
    *same.extensions_mut() = request.extensions().clone();
    same
}

fn failed() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// `None` for requests whose answer is not to be shared: changes, sessions, tokens, odd addresses.
fn key(app: &App, request: &Request) -> Option<Key> {
    let headers = request.headers();
    let address = request.uri().path_and_query()?.as_str();
    // Answers of the city graph are kept where they are made, entity by entity.
    let shared = request.method() == Method::GET
        && !address.starts_with("/ngsi-ld/")
        && !app.authenticator.carries_credentials(headers)
        && address.len() <= MAX_ADDRESS;
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let cookies = cookies(headers);
    if !shared || cookies.contains("bisenzio_flash") || cookies.len() > 256 {
        return None;
    }
    Some(Key {
        generation: app.store.generation(),
        host: text("host"),
        tenant: text(TENANT_HEADER),
        address: address.to_owned(),
        cookies,
        accept: text("accept"),
        encoding: text("accept-encoding"),
    })
}

/// All of them: HTTP/2 clients may send each cookie as a header of its own, and every one may decide.
fn cookies(headers: &HeaderMap) -> String {
    let all = headers.get_all(header::COOKIE).iter();
    all.map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect::<Vec<_>>()
        .join("; ")
}

/// The response's parts when it is a public page; otherwise the response as it was.
async fn keep(response: Response) -> Result<Kept, Box<Response>> {
    let public = response.extensions().get::<PublicPage>().is_some()
        && response.status() == StatusCode::OK
        && !response.headers().contains_key(header::SET_COOKIE);
    if !public {
        return Err(Box::new(response));
    }
    let (parts, body) = response.into_parts();
    match body.collect().await {
        Ok(collected) => Ok(Kept {
            headers: parts.headers,
            body: collected.to_bytes(),
        }),
        Err(_) => Err(Box::new(failed())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cookie_header_is_part_of_the_key() {
        let mut headers = HeaderMap::new();
        assert_eq!(cookies(&headers), "");
        headers.append(header::COOKIE, "a=1".parse().unwrap());
        headers.append(header::COOKIE, "bisenzio_lang=en".parse().unwrap());
        assert_eq!(cookies(&headers), "a=1; bisenzio_lang=en");
    }
}

//! Getting a context document from its server.

use std::time::Duration;

use bisenzio_kernel::Micros;
use bisenzio_ngsi_ld::{ErrorKind, NgsiError};
use bisenzio_outbound::{Outbound, OutboundError, OutboundRequest};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;

use super::unavailable;

const PATIENCE: Duration = Duration::from_secs(10);
/// Largest document, bytes.
const MAX_BODY: usize = 1024 * 1024;
const MAX_REDIRECTS: usize = 3;
const ACCEPT: HeaderValue = HeaderValue::from_static("application/ld+json, application/json;q=0.9");

const SECOND: Micros = 1_000_000;
/// How long a document is used when its server does not say.
const USUAL_LIFE: Micros = 3_600 * SECOND;
/// What a server may say: no document is fetched at every request, none is kept for ever.
const LIVES: (Micros, Micros) = (300 * SECOND, 86_400 * SECOND);

pub(super) struct Fetched {
    /// A JSON object with a member `@context`.
    pub(super) text: String,
    /// Microseconds for which it need not be fetched again.
    pub(super) life: Micros,
}

/// Fetches a document. Every redirect is a call of its own and checked like the first address.
///
/// # Errors
/// `BadRequestData` when the address is none that can be called, otherwise `LdContextNotAvailable`.
pub(super) async fn fetch(outbound: &Outbound, url: &str) -> Result<Fetched, NgsiError> {
    let mut at = outbound.check(url).map_err(|error| refusal(url, &error))?;
    for _ in 0..=MAX_REDIRECTS {
        let response = outbound
            .send(OutboundRequest {
                method: Method::GET,
                url: at.to_string(),
                headers: HeaderMap::from_iter([(header::ACCEPT, ACCEPT)]),
                body: Bytes::new(),
                timeout: PATIENCE,
                max_body: MAX_BODY,
            })
            .await
            .map_err(|error| refusal(url, &error))?;
        if response.status.is_redirection() {
            let target = response
                .headers
                .get(header::LOCATION)
                .and_then(|value| value.to_str().ok())
                .and_then(|location| at.join(location).ok());
            at = target.ok_or_else(|| unavailable(url, "it redirects nowhere"))?;
            continue;
        }
        if !response.status.is_success() {
            let why = format!("its server answers {}", response.status.as_u16());
            return Err(unavailable(url, &why));
        }
        return Ok(Fetched {
            text: read(&response.body).map_err(|why| unavailable(url, why))?,
            life: life(&response.headers),
        });
    }
    Err(unavailable(url, "it redirects too often"))
}

fn refusal(url: &str, error: &OutboundError) -> NgsiError {
    match error {
        OutboundError::Invalid(_) => {
            NgsiError::new(ErrorKind::BadRequestData, format!("the @context: {error}"))
        }
        other => unavailable(url, &other.to_string()),
    }
}

/// The document as text of ours: what PostgreSQL's texts cannot hold is refused here.
fn read(bytes: &[u8]) -> Result<String, &'static str> {
    let document: Value = serde_json::from_slice(bytes).map_err(|_| "it is not JSON")?;
    if document.get("@context").is_none() {
        return Err("it has no member @context");
    }
    let text = document.to_string();
    // Written as \u0000 inside JSON it is six harmless characters.
    if text.contains('\0') {
        return Err("it holds U+0000");
    }
    Ok(text)
}

fn life(headers: &HeaderMap) -> Micros {
    let cache_control = headers
        .get(header::CACHE_CONTROL)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mut directives = cache_control.split(',').map(str::trim);
    if directives.clone().any(|d| d == "no-store" || d == "no-cache") {
        return LIVES.0;
    }
    directives
        .find_map(|d| {
            d.strip_prefix("max-age=")?
                .trim_matches('"')
                .parse::<Micros>()
                .ok()
        })
        .map_or(USUAL_LIFE, |seconds| seconds.saturating_mul(SECOND))
        .clamp(LIVES.0, LIVES.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_honoured_within_reason() {
        let of = |text: &'static str| {
            life(&HeaderMap::from_iter([(
                header::CACHE_CONTROL,
                HeaderValue::from_static(text),
            )])) / SECOND
        };
        assert_eq!(of("public, max-age=7200"), 7_200);
        assert_eq!(of("Max-Age=\"600\""), 600);
        assert_eq!(of("max-age=1"), 300);
        assert_eq!(of("max-age=99999999999999999"), 86_400);
        assert_eq!(of("max-age=-5"), 300);
        assert_eq!(of("no-store, max-age=7200"), 300);
        assert_eq!(of("private"), 3_600);
        assert_eq!(life(&HeaderMap::new()), USUAL_LIFE);
    }

    #[test]
    fn only_context_documents_are_taken() {
        assert!(read(br#"{"@context":{"a":"urn:a:a"}}"#).is_ok());
        for bad in [&b"<html>"[..], b"[]", b"{}", b"\"x\"", b"\xff"] {
            assert!(read(bad).is_err());
        }
        let deep = format!("{{\"@context\":{}1{}}}", "[".repeat(500), "]".repeat(500));
        assert!(read(deep.as_bytes()).is_err());
    }
}

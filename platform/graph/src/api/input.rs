//! Reading requests: media types and @context (clauses 6.3.3 to 6.3.5).

use axum::extract::{FromRequest, FromRequestParts, Request};
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::context::take_context;
use bisenzio_ngsi_ld::{Context, ErrorKind, NgsiError, json};
use bisenzio_web::{Ctx, LimitedBody};
use http::{HeaderMap, header};
use serde_json::Value;

use super::output::problem;
use super::parameters::check_known;
use crate::GraphError;
use crate::contexts::Contexts;

const CONTEXT_REL: &str = "http://www.w3.org/ns/json-ld#context";

/// A JSON or JSON-LD body with the @context that governs its names.
pub(crate) struct LdBody {
    pub(crate) value: Value,
    pub(crate) context: Context,
    /// The body is a list whose members may each bring an @context of their own (batch operations).
    pub(crate) json_ld: bool,
}

impl LdBody {
    /// For operations that have none: only names of the address are read in the context.
    pub(crate) fn none(context: Context) -> Self {
        Self {
            value: Value::Null,
            context,
            json_ld: false,
        }
    }

    /// The same with another content.
    pub(crate) fn with(&self, value: Value) -> Self {
        Self {
            value,
            context: self.context.clone(),
            json_ld: self.json_ld,
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for LdBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let ctx = Ctx::from_request_parts(&mut parts, state).await?;
        check_known(&parts).map_err(problem)?;
        let json_ld = is_json_ld(&parts.headers)?;
        let headers = parts.headers.clone();
        let request = Request::from_parts(parts, body);
        let LimitedBody(bytes) = LimitedBody::from_request(request, state).await?;
        if bytes.is_empty() && !announces_body(&headers) {
            let detail = "this operation needs a body, and its Content-Length";
            return Err(
                Problem::new(411, "Length required", detail).with_type(ErrorKind::InvalidRequest.type_uri())
            );
        }
        let found = FoundIn::read(&headers, json_ld, &bytes).map_err(problem)?;
        let contexts = Contexts::of(&ctx);
        let context = match &found.given {
            Some(given) => contexts
                .resolve(given)
                .await
                .map_err(|e| in_header(e, !json_ld))?,
            None => Context::core(),
        };
        Ok(Self {
            value: found.value,
            context,
            json_ld,
        })
    }
}

/// A body whose @context is found, not yet resolved.
struct FoundIn {
    value: Value,
    given: Option<Value>,
}

/// A fault of a header has no place in the body.
fn in_header(error: GraphError, header: bool) -> Problem {
    match error {
        GraphError::Ngsi(error) if header => problem(NgsiError::new(error.kind, error.detail)),
        other => other.into(),
    }
}

fn announces_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::CONTENT_LENGTH) || headers.contains_key(header::TRANSFER_ENCODING)
}

/// Clause 6.3.4: a request that does not say what its body is is invalid, any other media type is 415.
pub(super) fn is_json_ld(headers: &HeaderMap) -> Result<bool, Problem> {
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(|value| {
            value
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase()
        })
        .unwrap_or_default();
    match media_type.as_str() {
        "application/ld+json" => Ok(true),
        "application/json" | "application/merge-patch+json" => Ok(false),
        "" => Err(problem(NgsiError::new(
            ErrorKind::InvalidRequest,
            "say what the body is: Content-Type application/json or application/ld+json",
        ))),
        other => Err(Problem::new(
            415,
            "Unsupported media type",
            format!("Content-Type \"{other}\" is not supported: use application/json or application/ld+json"),
        )
        .with_type(ErrorKind::InvalidRequest.type_uri())),
    }
}

impl FoundIn {
    fn read(headers: &HeaderMap, json_ld: bool, bytes: &[u8]) -> Result<Self, NgsiError> {
        let mut value = json::parse_strict(bytes)?;
        if json_ld {
            if link_context(headers).is_some() {
                let detail = "a JSON-LD body brings its own @context: leave out the Link header";
                return Err(NgsiError::bad_param(detail));
            }
            let given = take_context(&mut value);
            if given.is_none() && !value.is_array() {
                return Err(NgsiError::bad_param("a JSON-LD body needs an @context"));
            }
            return Ok(Self { value, given });
        }
        if value.get("@context").is_some() {
            let detail = "an application/json body takes its @context from the Link header";
            return Err(NgsiError::bad_param(detail));
        }
        let given = link_context(headers).map(Value::String);
        Ok(Self { value, given })
    }
}

/// The @context that the Link header names; the core alone without one.
pub(crate) async fn header_context(ctx: &Ctx, headers: &HeaderMap) -> Result<Context, Problem> {
    match link_context(headers) {
        Some(url) => Contexts::of(ctx)
            .resolve(&Value::String(url))
            .await
            .map_err(|error| in_header(error, true)),
        None => Ok(Context::core()),
    }
}

/// The first link of that relation; one header may hold several (RFC 8288, 3).
fn link_context(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::LINK)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split('<').skip(1))
        .find_map(|link| {
            let (target, parameters) = link.split_once('>')?;
            parameters.contains(CONTEXT_REL).then(|| target.trim().to_owned())
        })
}

/// How the client wants its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accept {
    Json,
    JsonLd,
    GeoJson,
}

impl Accept {
    /// The best of what the client names, by its weights (RFC 9110, 12.5.1); JSON when it does not care.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Result<Self, Problem> {
        let named: Vec<&str> = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        if named.is_empty() {
            return Ok(Accept::Json);
        }
        let mut best: Option<(f32, Accept)> = None;
        for part in named {
            let mut pieces = part.split(';').map(str::trim);
            let accept = match pieces.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "application/json" | "application/*" | "*/*" => Accept::Json,
                "application/ld+json" => Accept::JsonLd,
                "application/geo+json" => Accept::GeoJson,
                _ => continue,
            };
            let weight: f32 = pieces
                .find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")))
                .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
            if weight > 0.0 && best.is_none_or(|(other, _)| weight > other) {
                best = Some((weight, accept));
            }
        }
        best.map(|(_, accept)| accept)
            .ok_or_else(|| not_acceptable("application/json, application/ld+json or application/geo+json"))
    }

    /// For answers that are no entities: GeoJSON is not to be had.
    pub(crate) fn without_geojson(headers: &HeaderMap) -> Result<Self, Problem> {
        match Self::from_headers(headers)? {
            Accept::GeoJson => Err(not_acceptable("application/json or application/ld+json")),
            other => Ok(other),
        }
    }
}

fn not_acceptable(offered: &str) -> Problem {
    Problem::new(406, "Not acceptable", format!("Answers are {offered}"))
        .with_type(ErrorKind::InvalidRequest.type_uri())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(k, v)| (http::HeaderName::from_static(k), v.parse().unwrap()))
            .collect()
    }

    #[test]
    fn accept_follows_the_weights() {
        let accept = |text| Accept::from_headers(&headers(&[("accept", text)]));
        assert_eq!(accept("*/*").unwrap(), Accept::Json);
        assert_eq!(
            accept("application/json;q=0.5, application/ld+json").unwrap(),
            Accept::JsonLd
        );
        assert_eq!(
            accept("text/html, application/geo+json;q=0.9").unwrap(),
            Accept::GeoJson
        );
        assert_eq!(accept("text/html").unwrap_err().status, 406);
        assert_eq!(Accept::from_headers(&HeaderMap::new()).unwrap(), Accept::Json);
    }

    #[test]
    fn contexts_come_from_where_the_standard_says() {
        let json = headers(&[("content-type", "application/json; charset=utf-8")]);
        let read = |headers: &HeaderMap, bytes: &[u8]| {
            FoundIn::read(headers, is_json_ld(headers).unwrap(), bytes).map(|found| found.given)
        };
        assert_eq!(read(&json, br#"{"id":"urn:a:b"}"#), Ok(None));
        assert!(read(&json, br#"{"@context":{},"id":"urn:a:b"}"#).is_err());
        let ld = headers(&[("content-type", "application/ld+json")]);
        assert!(read(&ld, br#"{"id":"urn:a:b"}"#).is_err());
        assert_eq!(read(&ld, br#"[{"id":"urn:a:b"}]"#), Ok(None));
        let given = read(
            &ld,
            br#"{"@context":{"a":"https://example.org/a"},"id":"urn:a:b"}"#,
        );
        assert_eq!(given.unwrap().unwrap()["a"], "https://example.org/a");
        let plain = is_json_ld(&headers(&[("content-type", "text/plain")])).unwrap_err();
        assert_eq!(plain.status, 415);
        assert_eq!(is_json_ld(&HeaderMap::new()).unwrap_err().status, 400);
        assert!(read(&json, b"{\"a\":1,\"a\":2}").is_err(), "duplicate members");
    }

    #[test]
    fn the_link_is_found_among_others() {
        let of = |text: &'static str| link_context(&headers(&[("link", text)]));
        let context = "<https://a.example/c>; rel=\"http://www.w3.org/ns/json-ld#context\"";
        assert_eq!(of(context).as_deref(), Some("https://a.example/c"));
        let second = "<https://a.example/x>; rel=\"next\", <https://a.example/c,d>; \
                      rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"";
        assert_eq!(of(second).as_deref(), Some("https://a.example/c,d"));
        for none in ["", "<https://a.example/x>", "https://a.example/x", "<"] {
            assert_eq!(of(none), None);
        }
    }
}

//! Reading requests: media types, @context, query parameters (clauses 6.3.3 to 6.3.5).

use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::context::{NoContexts, take_context};
use bisenzio_ngsi_ld::query::parse_attrs;
use bisenzio_ngsi_ld::{Context, ErrorKind, NgsiError, json};
use bisenzio_web::LimitedBody;
use http::request::Parts;
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::output::problem;

/// Query parameters; what does not fit is `BadRequestData`.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(rejection) => Err(problem(NgsiError::bad_param(rejection.body_text()))),
        }
    }
}

/// Parts of the address; what does not fit (bytes that are no UTF-8) is `BadRequestData`.
pub(crate) struct Address<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Address<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(address)) => Ok(Self(address)),
            Err(rejection) => Err(problem(NgsiError::bad_param(rejection.body_text()))),
        }
    }
}

/// One attribute name of an address or a parameter, checked and expanded.
pub(crate) fn attribute_name(text: &str, context: &Context) -> Result<String, NgsiError> {
    match parse_attrs(text, context)?.as_slice() {
        [one] => Ok(one.clone()),
        _ => Err(NgsiError::bad_param("one attribute name is expected")),
    }
}

const CONTEXT_REL: &str = "http://www.w3.org/ns/json-ld#context";

/// A JSON or JSON-LD body with the @context that governs its names.
pub(crate) struct LdBody {
    pub(crate) value: Value,
    pub(crate) context: Context,
    /// The body is a list whose members may each bring an @context of their own (batch operations).
    pub(crate) json_ld: bool,
}

impl<S: Send + Sync> FromRequest<S> for LdBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let LimitedBody(bytes) = LimitedBody::from_request(request, state).await?;
        let json_ld = is_json_ld(&headers)?;
        read(&headers, json_ld, &bytes).map_err(problem)
    }
}

/// Clause 6.3.4: any other media type is 415.
fn is_json_ld(headers: &HeaderMap) -> Result<bool, Problem> {
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
        other => Err(Problem::new(
            415,
            "Unsupported media type",
            format!("Content-Type \"{other}\" is not supported: use application/json or application/ld+json"),
        )
        .with_type(ErrorKind::InvalidRequest.type_uri())),
    }
}

fn read(headers: &HeaderMap, json_ld: bool, bytes: &[u8]) -> Result<LdBody, NgsiError> {
    let mut value = json::parse_strict(bytes)?;
    let context = if json_ld {
        if link_context(headers).is_some() {
            let detail = "a JSON-LD body brings its own @context: leave out the Link header";
            return Err(NgsiError::bad_param(detail));
        }
        match take_context(&mut value) {
            Some(given) => Context::resolve(&given, &NoContexts)?,
            None if value.is_array() => Context::core(),
            None => return Err(NgsiError::bad_param("a JSON-LD body needs an @context")),
        }
    } else {
        if value.get("@context").is_some() {
            let detail = "an application/json body takes its @context from the Link header";
            return Err(NgsiError::bad_param(detail));
        }
        header_context(headers)?
    };
    Ok(LdBody {
        value,
        context,
        json_ld,
    })
}

/// The @context that the Link header names; the core alone without one.
pub(crate) fn header_context(headers: &HeaderMap) -> Result<Context, NgsiError> {
    match link_context(headers) {
        // The fault is in a header: no place in the body.
        Some(url) => Context::resolve(&Value::String(url), &NoContexts)
            .map_err(|error| NgsiError::new(error.kind, error.detail)),
        None => Ok(Context::core()),
    }
}

fn link_context(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::LINK)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find_map(|value| {
            let (target, parameters) = value.split_once('>')?;
            let is_context = parameters.contains(CONTEXT_REL);
            is_context.then(|| target.trim().trim_start_matches('<').to_owned())
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
        let read = |headers: &HeaderMap, bytes: &[u8]| read(headers, is_json_ld(headers).unwrap(), bytes);
        assert!(read(&json, br#"{"id":"urn:a:b"}"#).is_ok());
        assert!(read(&json, br#"{"@context":{},"id":"urn:a:b"}"#).is_err());
        let ld = headers(&[("content-type", "application/ld+json")]);
        assert!(read(&ld, br#"{"id":"urn:a:b"}"#).is_err());
        assert!(
            read(
                &ld,
                br#"{"@context":{"a":"https://example.org/a"},"id":"urn:a:b"}"#
            )
            .is_ok()
        );
        let plain = is_json_ld(&headers(&[("content-type", "text/plain")])).unwrap_err();
        assert_eq!(plain.status, 415);
        assert!(read(&json, b"{\"a\":1,\"a\":2}").is_err(), "duplicate members");
    }
}

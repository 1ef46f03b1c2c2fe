//! Addresses and query parameters. A parameter that the operation's description does not name is refused
//! (clause 6.3.20): a slip of the pen must not silently widen a query. The description is `openapi.json`, so what
//! is documented and what is accepted cannot differ.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use axum::extract::{FromRequestParts, MatchedPath, Query};
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::query::parse_attrs;
use bisenzio_ngsi_ld::{Context, ErrorKind, NgsiError};
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::output::problem;

/// Query parameters; what does not fit is `BadRequestData`, what is not known `InvalidRequest`.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        check_known(parts).map_err(problem)?;
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(rejection) => Err(problem(NgsiError::bad_param(rejection.body_text()))),
        }
    }
}

/// For operations that read no parameter: refuses those that are not described.
pub(crate) struct NoParams;

impl<S: Send + Sync> FromRequestParts<S> for NoParams {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        check_known(parts).map_err(problem)?;
        Ok(Self)
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

/// `true` or `false`, nothing else.
pub(crate) fn boolean(text: Option<&str>, what: &str) -> Result<bool, NgsiError> {
    match text {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(NgsiError::bad_param(format!("{what} is true or false"))),
    }
}

/// Names of the query parameters by path template and lower-case method.
type Known = HashMap<String, HashMap<String, HashSet<String>>>;

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let description: Value = serde_json::from_str(include_str!("../../openapi.json")).unwrap_or_default();
    let name = |parameter: &Value| {
        let in_query = parameter["in"] == "query";
        in_query.then(|| parameter["name"].as_str().unwrap_or_default().to_owned())
    };
    let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let names = |operation: &Value| {
        let list = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(name).collect()
    };
    members(&description["paths"])
        .into_iter()
        .map(|(path, methods)| {
            let methods = members(&methods);
            (
                path,
                methods
                    .into_iter()
                    .map(|(m, operation)| (m, names(&operation)))
                    .collect(),
            )
        })
        .collect()
});

/// Refuses a query parameter that the description of the operation does not name.
pub(crate) fn check_known(parts: &Parts) -> Result<(), NgsiError> {
    let Some(query) = parts.uri.query().filter(|query| !query.is_empty()) else {
        return Ok(());
    };
    let method = if parts.method == http::Method::HEAD {
        "get".to_owned()
    } else {
        parts.method.as_str().to_ascii_lowercase()
    };
    let known = parts
        .extensions
        .get::<MatchedPath>()
        .and_then(|path| KNOWN.get(path.as_str().trim_end_matches('/'))?.get(&method));
    let Some(known) = known else {
        return Ok(());
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let name = pair.split('=').next().unwrap_or_default().replace('+', " ");
        let name = percent_decode_str(&name).decode_utf8_lossy();
        if !known.contains(name.as_ref()) {
            let short: String = name.chars().take(80).collect();
            let detail = format!("this operation has no parameter \"{short}\"");
            return Err(NgsiError::new(ErrorKind::InvalidRequest, detail));
        }
    }
    Ok(())
}

//! Where a request came from and whether it may go on: `local` and the `Via` header (clause 6.3.18).

use axum::extract::FromRequestParts;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::{ErrorKind, NgsiError};
use http::request::Parts;
use http::{HeaderMap, header};

use crate::api::problem;

/// Brokers that a request may have come through.
const MAX_HOPS: usize = 32;

/// What a handler that may pass a request on knows of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hop {
    /// `local=true`: what this broker holds itself, and nothing else.
    pub(crate) is_local: bool,
    /// Brokers that the request came through, oldest first, as in `Via`.
    pub(super) via: Vec<String>,
    /// For headers that a registration wants passed on.
    pub(crate) headers: HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for Hop {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let local = query.split('&').find_map(|pair| pair.strip_prefix("local="));
        let is_local = match local {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(problem(NgsiError::bad_param("local is true or false"))),
        };
        let via: Vec<String> = parts
            .headers
            .get_all(header::VIA)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|hop| hop.trim().to_owned())
            .filter(|hop| !hop.is_empty())
            .collect();
        if via.len() > MAX_HOPS {
            return Err(problem(loop_detected()));
        }
        Ok(Self {
            is_local,
            via,
            headers: parts.headers.clone(),
        })
    }
}

impl Hop {
    /// Whether the request came through the broker of that name.
    pub(super) fn came_through(&self, alias: &str) -> bool {
        self.via
            .iter()
            // `1.1 name (comment)`; the protocol may be left out by who is careless.
            .any(|hop| hop.split_whitespace().take(2).any(|word| word == alias))
    }

    /// The `Via` header of a request that goes on from the broker of that name.
    pub(super) fn next_via(&self, alias: &str) -> String {
        let own = format!("1.1 {alias}");
        let mut all = self.via.clone();
        all.push(own);
        all.join(", ")
    }
}

/// 508, clause 6.3.18.
pub(super) fn loop_detected() -> NgsiError {
    NgsiError::new(
        ErrorKind::LoopDetected,
        "the request has come through this broker already, or through too many",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn hop(uri: &str, via: &[&'static str]) -> Result<Hop, Problem> {
        let mut request = http::Request::builder().uri(uri);
        for value in via {
            request = request.header("via", *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        Hop::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn brokers_are_recognised_and_added() {
        let hop = hop("/x?local=true", &["1.1 a, 1.0 b (old)", "HTTP/1.1 c"])
            .await
            .unwrap();
        assert!(hop.is_local && hop.came_through("a") && hop.came_through("b") && hop.came_through("c"));
        assert!(!hop.came_through("old") && !hop.came_through("ab"));
        assert_eq!(hop.next_via("me"), "1.1 a, 1.0 b (old), HTTP/1.1 c, 1.1 me");
    }

    #[tokio::test]
    async fn endless_journeys_end() {
        let long: &'static str = Box::leak(vec!["1.1 x"; 33].join(",").into_boxed_str());
        assert_eq!(hop("/x", &[long]).await.unwrap_err().status, 508);
        assert_eq!(hop("/x?local=yes", &[]).await.unwrap_err().status, 400);
    }
}

//! HTTP calls, one function for all.

use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode};
use reqwest::redirect;
use url::Url;

use crate::resolve::{GuardedResolver, lookup};
use crate::{OutboundError, Policy};

const CONNECT: Duration = Duration::from_secs(5);
/// A connection that nobody used for so long is closed.
const IDLE: Duration = Duration::from_secs(30);
const IDLE_PER_HOST: usize = 16;
const HTTP: [&str; 2] = ["http", "https"];

/// One call.
#[derive(Clone, Debug)]
pub struct OutboundRequest {
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// From the first byte sent to the last received.
    pub timeout: Duration,
    /// Most bytes of the answer's body.
    pub max_body: usize,
}

/// The whole answer, whatever its status.
#[derive(Clone, Debug)]
pub struct OutboundResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Cheap to clone; connections are shared.
#[derive(Clone)]
pub struct Outbound {
    policy: Arc<Policy>,
    client: reqwest::Client,
}

impl Outbound {
    /// # Errors
    /// A sentence, when the TLS library or its certificates cannot be set up.
    pub fn new(policy: Policy) -> Result<Self, String> {
        let policy = Arc::new(policy);
        // Several in one process (tests) share the first one's choice, which is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .dns_resolver(Arc::new(GuardedResolver(policy.clone())))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .tcp_nodelay(true)
            // Names of headers have no case, and not every receiver knows.
            .http1_title_case_headers()
            .user_agent(concat!("Bisenzio/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { policy, client })
    }

    /// What can be said of an HTTP address without calling it.
    ///
    /// # Errors
    /// `Invalid` for what is no `http` or `https` address, `Forbidden` for a literal address in a closed range.
    pub fn check(&self, url: &str) -> Result<Url, OutboundError> {
        self.policy.check(url, &HTTP)
    }

    /// The same for other schemes, such as `mqtt`.
    ///
    /// # Errors
    /// As [`Outbound::check`].
    pub fn check_scheme(&self, url: &str, schemes: &[&str]) -> Result<Url, OutboundError> {
        self.policy.check(url, schemes)
    }

    /// Addresses to connect to, for protocols that are not HTTP. Connect to one of them, not to the name.
    ///
    /// # Errors
    /// `Unreachable` or `Forbidden`.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, OutboundError> {
        lookup(&self.policy, host, port).await
    }

    /// Calls and reads the whole answer. A redirect is an answer: it is not followed.
    ///
    /// # Errors
    /// See [`OutboundError`].
    pub async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        let url = self.check(&request.url)?;
        let timeout = request.timeout;
        tokio::time::timeout(timeout, self.call(url, request))
            .await
            .unwrap_or(Err(OutboundError::TimedOut(timeout)))
    }

    async fn call(&self, url: Url, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        let max = request.max_body;
        let mut response = self
            .client
            .request(request.method, url)
            .headers(request.headers)
            .body(request.body)
            .send()
            .await
            .map_err(|error| cause(&error))?;
        let too_large = OutboundError::TooLarge(max);
        if response
            .content_length()
            .is_some_and(|length| usize::try_from(length).map_or(true, |length| length > max))
        {
            return Err(too_large);
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| cause(&error))? {
            if body.len() + chunk.len() > max {
                return Err(too_large);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(OutboundResponse {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body: body.freeze(),
        })
    }
}

/// The innermost reason; the resolver's refusal comes wrapped by the client.
fn cause(error: &reqwest::Error) -> OutboundError {
    let mut source = error.source();
    let mut last = error.to_string();
    while let Some(inner) = source {
        if let Some(own) = inner.downcast_ref::<OutboundError>() {
            return own.clone();
        }
        last = inner.to_string();
        source = inner.source();
    }
    OutboundError::Unreachable(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::response::Redirect;
    use axum::routing::get;

    async fn serve() -> SocketAddr {
        let router = Router::new()
            .route("/ok", get(|| async { "hello" }))
            .route("/big", get(|| async { "x".repeat(10_000) }))
            .route("/slow", get(std::future::pending::<()>))
            .route(
                "/away",
                get(|| async { Redirect::temporary("http://169.254.169.254/") }),
            );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    fn get_of(url: String) -> OutboundRequest {
        OutboundRequest {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            timeout: Duration::from_secs(5),
            max_body: 1_000,
        }
    }

    #[tokio::test]
    async fn calls_within_the_policy_and_its_limits() {
        let address = serve().await;
        let outbound = Outbound::new(Policy::public().with_loopback()).unwrap();
        let ok = outbound
            .send(get_of(format!("http://{address}/ok")))
            .await
            .unwrap();
        assert_eq!((ok.status, &ok.body[..]), (StatusCode::OK, &b"hello"[..]));
        let big = outbound.send(get_of(format!("http://{address}/big"))).await;
        assert_eq!(big.unwrap_err(), OutboundError::TooLarge(1_000));
        let away = outbound
            .send(get_of(format!("http://{address}/away")))
            .await
            .unwrap();
        assert_eq!(away.status, StatusCode::TEMPORARY_REDIRECT, "not followed");
        let mut slow = get_of(format!("http://{address}/slow"));
        slow.timeout = Duration::from_millis(50);
        assert!(matches!(
            outbound.send(slow).await,
            Err(OutboundError::TimedOut(_))
        ));
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused_when_it_is_called() {
        let port = serve().await.port();
        let outbound = Outbound::new(Policy::public()).unwrap();
        let url = format!("http://localhost:{port}/ok");
        assert!(outbound.check(&url).is_ok(), "a name says nothing yet");
        let refused = outbound.send(get_of(url)).await.unwrap_err();
        assert!(matches!(refused, OutboundError::Forbidden(_)), "{refused:?}");
        assert!(outbound.resolve("localhost", port).await.is_err());
    }
}

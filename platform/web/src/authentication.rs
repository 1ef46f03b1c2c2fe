//! The seam through which sign-in enters. Local accounts and tokens come through it today; SPID and CIE can.

use async_trait::async_trait;
use bisenzio_kernel::{Actor, Problem, Tenant};
use hmac::{Hmac, Mac};
use http::{HeaderMap, header};
use sha2::Sha256;

use crate::App;

const SESSION_COOKIE: &str = "bisenzio_session";
/// Over TLS: a browser takes this name only with `Secure`, `Path=/` and no domain (RFC 6265bis, 4.1.3.2), so
/// that a page of a sister host cannot plant a session.
const HOST_SESSION_COOKIE: &str = "__Host-bisenzio_session";

/// The session cookie's name.
pub const fn session_cookie_name(https: bool) -> &'static str {
    if https {
        HOST_SESSION_COOKIE
    } else {
        SESSION_COOKIE
    }
}

/// Who a request comes from, and the token its forms must carry when it comes with a session cookie.
pub struct Identity {
    pub actor: Actor,
    /// Present for browser sessions only; API tokens need none.
    pub csrf: Option<String>,
}

#[async_trait]
pub trait Authenticator: Send + Sync {
    /// # Errors
    /// 401 when credentials are given and not valid (a stale session cookie is simply anonymous).
    async fn authenticate(
        &self,
        app: &App,
        tenant: &Tenant,
        headers: &HeaderMap,
    ) -> Result<Identity, Problem>;

    /// Whether a request might come from somebody known. One that does not is anonymous without asking, and
    /// may share its answer with others.
    fn carries_credentials(&self, headers: &HeaderMap) -> bool {
        [true, false]
            .into_iter()
            .any(|https| session_cookie_value(headers, https).is_some())
            || headers.contains_key(header::AUTHORIZATION)
    }
}

/// The session cookie's value, when the request has one.
pub fn session_cookie_value(headers: &HeaderMap, https: bool) -> Option<&str> {
    cookie(headers, session_cookie_name(https))
}

/// The anti-forgery token that belongs to a session: derived from the secret cookie, so that nothing has
/// to be stored (OWASP: HMAC-based token pattern).
pub fn csrf_token(session: &str) -> String {
    // HMAC takes keys of any length: this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(session.as_bytes()) else {
        return String::new();
    };
    mac.update(b"bisenzio csrf");
    mac.finalize()
        .into_bytes()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_cookie_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=1; bisenzio_session=abc; b=2".parse().unwrap());
        assert_eq!(session_cookie_value(&headers, false), Some("abc"));
        assert_eq!(
            session_cookie_value(&headers, true),
            None,
            "over TLS only the name that nobody else can set"
        );
        assert_eq!(cookie(&headers, "session"), None);
        assert_ne!(csrf_token("abc"), csrf_token("abd"));
    }
}

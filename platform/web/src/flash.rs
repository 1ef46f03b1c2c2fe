//! A message that outlives one redirect ("Salvato"), carried by a short-lived cookie.

use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::authentication::cookie;

const COOKIE: &str = "bisenzio_flash";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// `success`, `info`, `warning` or `danger`.
    pub kind: String,
    pub text: String,
}

/// Adds a message for the next page to a response (usually a redirect).
pub fn with_flash(mut response: Response, kind: &str, text: &str) -> Response {
    let value = utf8_percent_encode(&format!("{kind}:{text}"), NON_ALPHANUMERIC).to_string();
    set(
        &mut response,
        &format!("{COOKIE}={value}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"),
    );
    response
}

pub(crate) fn read(headers: &HeaderMap) -> Option<Flash> {
    let decoded = percent_decode_str(cookie(headers, COOKIE)?).decode_utf8().ok()?;
    let (kind, text) = decoded.split_once(':')?;
    let known = matches!(kind, "success" | "info" | "warning" | "danger");
    known.then(|| Flash {
        kind: kind.to_owned(),
        text: text.to_owned(),
    })
}

pub(crate) fn clear(response: &mut Response) {
    let again = response
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .any(|value| value.as_bytes().starts_with(COOKIE.as_bytes()));
    if !again {
        set(
            response,
            &format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"),
        );
    }
}

fn set(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

//! Small responses that many handlers give.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// 303: the browser reads the given page of this site next. Anything but a local path leads to `/`.
pub fn redirect(path: &str) -> Response {
    // Browsers drop tabs and line ends from addresses: "/<tab>/elsewhere" would lead away.
    let local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(['\\'])
        && !path.contains(char::is_control);
    let target = HeaderValue::from_str(if local { path } else { "/" });
    (
        StatusCode::SEE_OTHER,
        [(header::LOCATION, target.unwrap_or(HeaderValue::from_static("/")))],
    )
        .into_response()
}

pub fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// A body of a given media type that may be kept for a minute.
pub fn text_as(media_type: &'static str, body: impl Into<String>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "public, max-age=60"),
    ];
    (headers, body.into()).into_response()
}

/// A file to be saved under a name (ASCII letters, digits, `.`, `-`, `_`; others are replaced).
pub fn download(media_type: &'static str, name: &str, body: Vec<u8>) -> Response {
    let safe: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || ".-_".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    let disposition = format!("attachment; filename=\"{safe}\"");
    let mut response = ([(header::CONTENT_TYPE, media_type)], body).into_response();
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// A value for a query string.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_the_site() {
        let location = |path: &str| {
            redirect(path).headers()[header::LOCATION]
                .to_str()
                .unwrap()
                .to_owned()
        };
        assert_eq!(location("/piano?anno=2021"), "/piano?anno=2021");
        for away in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "piano",
        ] {
            assert_eq!(location(away), "/");
        }
    }
}

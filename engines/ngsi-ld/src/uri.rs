//! Absolute URIs (RFC 3986; non-ASCII characters of RFC 3987 are accepted as they are).

use crate::error::{NgsiError, Result};
use crate::path::Path;
use std::fmt;
use std::ops::Deref;

/// Longest URI accepted, in bytes.
pub const MAX_URI_BYTES: usize = 2048;

/// An absolute URI, checked for form only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uri(String);

impl Uri {
    /// Reads a URI; the error names no place (see [`Uri::parse_at`]).
    pub fn parse(text: &str) -> Result<Self> {
        if is_absolute_uri(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NgsiError::bad_param(format!(
                "`{}` is not an absolute URI",
                shorten(text)
            )))
        }
    }

    /// Reads a URI standing at `path` of a body.
    pub fn parse_at(text: &str, path: &Path<'_>) -> Result<Self> {
        Self::parse(text).map_err(|e| NgsiError {
            path: Some(path.to_string()),
            ..e
        })
    }

    /// Trusts a text that this crate has checked before (the storage form).
    pub(crate) fn from_trusted(text: String) -> Self {
        Self(text)
    }

    /// The URI as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URI as owned text.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Deref for Uri {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `text` is `scheme:rest` with only characters that a URI or IRI may hold.
pub fn is_absolute_uri(text: &str) -> bool {
    if text.len() > MAX_URI_BYTES {
        return false;
    }
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let mut scheme_bytes = scheme.bytes();
    if !scheme_bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        || !scheme_bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    {
        return false;
    }
    !rest.is_empty() && rest.chars().all(is_uri_char) && percent_encoding_is_whole(rest.as_bytes())
}

fn is_uri_char(c: char) -> bool {
    !(c.is_control()
        || c.is_whitespace()
        || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`'))
}

fn percent_encoding_is_whole(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(i, b)| {
        *b != b'%'
            || (bytes.get(i + 1).is_some_and(u8::is_ascii_hexdigit)
                && bytes.get(i + 2).is_some_and(u8::is_ascii_hexdigit))
    })
}

/// At most 80 characters of foreign text, for an error message.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_usual_forms() {
        for ok in [
            "urn:ngsi-ld:Vehicle:A4567",
            "https://x.org/a?b=1#c",
            "mailto:a@b.it",
            "urn:città:1",
        ] {
            assert!(is_absolute_uri(ok), "{ok}");
        }
    }

    #[test]
    fn refuses_what_is_not_one() {
        let long = format!("urn:{}", "a".repeat(MAX_URI_BYTES));
        for bad in [
            "",
            "vehicle",
            "urn:",
            ":a",
            "1a:b",
            "urn:a b",
            "urn:a%2",
            "urn:<x>",
            long.as_str(),
        ] {
            assert!(!is_absolute_uri(bad), "{bad}");
        }
    }
}

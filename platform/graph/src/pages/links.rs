//! Addresses of the pages, and what on them may be a link.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// A segment that keeps what makes URNs readable.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':');

pub(crate) const HOME: &str = "/grafo";
pub(crate) const TYPES: &str = "/grafo/tipi";
pub(crate) const THINGS: &str = "/grafo/cose";
pub(crate) const SUBSCRIPTIONS: &str = "/grafo/iscrizioni";
pub(crate) const SOURCES: &str = "/grafo/fonti";
pub(crate) const RULES: &str = "/grafo/regole";
pub(crate) const ENTITIES: &str = "/ngsi-ld/v1/entities";

pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// The page of an entity.
pub(crate) fn thing(id: &str) -> String {
    format!("{THINGS}/{}", encode(id))
}

/// The page of a type, by its short name or IRI.
pub(crate) fn of_type(name: &str) -> String {
    format!("{TYPES}/{}", encode(name))
}

/// The text itself when it is a web address, else nothing.
pub(crate) fn web_address(text: &str) -> String {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    let is_whole = text.len() < 2_000 && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if is_web && is_whole {
        text.to_owned()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_one_segment() {
        assert_eq!(thing("urn:ngsi-ld:A:1"), "/grafo/cose/urn:ngsi-ld:A:1");
        assert_eq!(thing("http://x/y?z#\""), "/grafo/cose/http:%2F%2Fx%2Fy%3Fz%23%22");
    }

    #[test]
    fn only_web_addresses_are_links() {
        assert_eq!(web_address("https://prato.it/a"), "https://prato.it/a");
        for other in [
            "javascript:alert(1)",
            "https://a b",
            "data:text/html,x",
            "x https://a",
            "",
        ] {
            assert_eq!(web_address(other), "", "{other}");
        }
    }
}

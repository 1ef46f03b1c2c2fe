//! Names of types and attributes (clauses 4.6.2, 4.6.4).

use crate::context::Context;
use crate::error::{NgsiError, Result};
use crate::path::Path;
use crate::uri::{MAX_URI_BYTES, is_absolute_uri, shorten};

/// Checks a name as written by a user, before expansion. Forbidden are the characters of clause 4.6.4,
/// white space and keywords.
pub(crate) fn check_name(name: &str) -> std::result::Result<(), &'static str> {
    if name.is_empty() {
        return Err("a name is empty");
    }
    if name.len() > MAX_URI_BYTES {
        return Err("a name is too long");
    }
    if name.starts_with('@') {
        return Err("this JSON-LD keyword is not allowed here");
    }
    let forbidden = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\'' | '=' | ';' | '(' | ')')
    };
    if name.contains(forbidden) {
        return Err("a name holds a character that is not allowed");
    }
    Ok(())
}

/// Whether the core @context makes the name another word for a JSON-LD keyword.
pub(crate) fn is_keyword_alias(name: &str) -> bool {
    matches!(name, "id" | "type")
}

/// Checks and expands a name standing at `path`.
pub(crate) fn expand_name(name: &str, context: &Context, path: &Path<'_>) -> Result<String> {
    check_name(name).map_err(|why| NgsiError::bad(path, format!("{why}: `{}`", shorten(name))))?;
    if is_keyword_alias(name) {
        let why = format!("`{name}` is a member of entities and cannot name anything else");
        return Err(NgsiError::bad(path, why));
    }
    let iri = context.expand(name);
    if !is_absolute_uri(&iri) {
        return Err(NgsiError::bad(
            path,
            format!("`{}` does not lead to a valid IRI", shorten(name)),
        ));
    }
    Ok(iri.into_owned())
}

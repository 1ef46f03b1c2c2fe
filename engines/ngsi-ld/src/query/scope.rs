//! Scopes (clause 4.18) and scope queries (clause 4.19): `/Prato/+/Giardini`, `/Prato/#`, `;` `,` `|` `()`.

use super::boolean::{self, Boolean};
use crate::error::{NgsiError, Result};
use crate::uri::shorten;

const MAX_SCOPE_BYTES: usize = 1024;

/// Brings a scope to the form with a leading slash. `None` when it is not one.
pub(crate) fn normalize_scope(text: &str) -> Option<String> {
    let body = text.strip_prefix('/').unwrap_or(text);
    let valid = text.len() <= MAX_SCOPE_BYTES && body.split('/').all(is_level);
    valid.then(|| format!("/{body}"))
}

fn is_level(level: &str) -> bool {
    !level.is_empty()
        && level
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// A parsed scope query.
#[derive(Debug, Clone, PartialEq)]
pub struct ScopeQuery {
    expr: Boolean<Pattern>,
}

#[derive(Debug, Clone, PartialEq)]
struct Pattern {
    levels: Vec<Level>,
    /// Ends in `#`: this scope and everything below it.
    below: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Level {
    Name(String),
    Any,
}

impl ScopeQuery {
    /// Parses a scope query.
    ///
    /// Errors: `BadRequestData` for wrong grammar, `TooComplexQuery` beyond the limits.
    pub fn parse(text: &str) -> Result<Self> {
        let expr = boolean::parse(text, "scopeQ", &mut |token: &str| {
            pattern(token)
                .ok_or_else(|| NgsiError::bad_param(format!("scopeQ: `{}` is not valid", shorten(token))))
        })?;
        Ok(Self { expr })
    }

    /// Whether an entity with these scopes is selected.
    pub fn matches(&self, scopes: &[String]) -> bool {
        self.expr
            .eval(&|pattern| scopes.iter().any(|s| pattern.matches(s)))
    }
}

fn pattern(token: &str) -> Option<Pattern> {
    let body = token.strip_prefix('/').unwrap_or(token);
    let (body, below) = match body.strip_suffix('#') {
        Some("") => ("", true),
        Some(rest) => (rest.strip_suffix('/')?, true),
        None => (body, false),
    };
    let mut levels = Vec::new();
    if !body.is_empty() {
        for level in body.split('/') {
            levels.push(match level {
                "+" => Level::Any,
                name if is_level(name) => Level::Name(name.to_owned()),
                _ => return None,
            });
        }
    }
    (below || !levels.is_empty()).then_some(Pattern { levels, below })
}

impl Pattern {
    fn matches(&self, scope: &str) -> bool {
        let mut parts = scope.strip_prefix('/').unwrap_or(scope).split('/');
        for level in &self.levels {
            match (parts.next(), level) {
                (None, _) => return false,
                (Some(part), Level::Name(name)) if part != name => return false,
                _ => {}
            }
        }
        self.below || parts.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(query: &str, scopes: &[&str]) -> bool {
        let scopes: Vec<String> = scopes.iter().map(|s| (*s).to_owned()).collect();
        ScopeQuery::parse(query).unwrap().matches(&scopes)
    }

    #[test]
    fn wildcards_and_logic() {
        assert!(matches("/Prato/Centro", &["/Prato/Centro"]) && !matches("/Prato", &["/Prato/Centro"]));
        assert!(matches("/Prato/+", &["/Prato/Nord"]) && !matches("/Prato/+", &["/Prato/Nord/Via"]));
        assert!(matches("/+/Giardini", &["/Prato/Giardini"]));
        assert!(matches("/Prato/#", &["/Prato"]) && matches("/Prato/#", &["/Prato/A/B"]));
        assert!(!matches("/Prato/#", &["/Pratovecchio"]) && matches("/#", &["/X"]) && !matches("/#", &[]));
        assert!(matches("/A;/B", &["/A", "/B"]) && !matches("/A;/B", &["/A"]));
        assert!(matches("/A,/B", &["/B"]) && matches("(/A|/B);/C", &["/B", "/C"]));
    }

    #[test]
    fn faults() {
        for bad in ["", "/", "//", "/A//B", "/A#", "/#/A", "/A b", "(/A"] {
            assert!(ScopeQuery::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(normalize_scope("Prato/Centro").as_deref(), Some("/Prato/Centro"));
        assert_eq!(normalize_scope("/a//b"), None);
    }

    proptest::proptest! {
        #[test]
        fn wildcards_hold_what_they_stand_for(levels in proptest::collection::vec("[a-z]{1,3}", 1..5), at in 0_usize..5) {
            let scope = format!("/{}", levels.join("/"));
            let at = at % levels.len();
            let mut any = levels.clone();
            any[at] = "+".to_owned();
            let one = format!("/{}", any.join("/"));
            let below = format!("/{}/#", levels[..at].join("/")).replace("//", "/");
            for query in [scope.clone(), one.clone(), below.clone(), "/#".to_owned()] {
                proptest::prop_assert!(matches(&query, &[&scope]), "{} {}", query, scope);
            }
            let other = format!("{scope}/zzzz");
            proptest::prop_assert!(!matches(&one, &[&other]) && matches(&below, &[&other]));
            let both = format!("({one};{below})|/none");
            proptest::prop_assert!(matches(&both, &[&scope]));
        }
    }
}

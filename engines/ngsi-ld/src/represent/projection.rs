//! `pick` and `omit` (clause 4.21): which members of an entity are shown. `inDistrict{name}` says which members
//! of a linked entity are shown where linked entities are.

use crate::context::Context;
use crate::error::{NgsiError, Result};
use crate::parse::check_name;
use crate::uri::shorten;
use indexmap::IndexMap;

const MAX_NAMES: usize = 500;
const MAX_DEPTH: usize = 8;

/// Members of an entity that are not attributes.
const MEMBERS: [&str; 6] = ["id", "type", "scope", "createdAt", "modifiedAt", "deletedAt"];

/// A parsed list of members.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Projection {
    members: Vec<&'static str>,
    /// Attributes by expanded name, with the projection of what they lead to.
    attributes: IndexMap<String, Option<Projection>>,
}

impl Projection {
    /// Parses `id,type,name,inDistrict{name}`.
    ///
    /// Errors: `BadRequestData` for wrong grammar, `TooComplexQuery` beyond 500 names or 8 levels.
    pub fn parse(text: &str, context: &Context) -> Result<Self> {
        let mut parser = Parser {
            text,
            at: 0,
            names: 0,
            context,
        };
        let projection = parser.list(0)?;
        if parser.at < text.len() {
            return Err(parser.fault());
        }
        Ok(projection)
    }

    /// Whether a name is that of a member that is no attribute.
    pub(crate) fn is_member(name: &str) -> bool {
        MEMBERS.contains(&name)
    }

    /// Expanded names of the attributes listed.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.attributes.keys().map(String::as_str)
    }

    /// What is listed of the entities that a relationship leads to.
    pub fn linked(&self, attribute: &str) -> Option<&Projection> {
        self.attributes.get(attribute)?.as_ref()
    }

    /// Whether both list the same member or, whole, the same attribute.
    pub fn shares_a_member(&self, other: &Projection) -> bool {
        self.members.iter().any(|member| other.members.contains(member))
            || self.attributes.keys().any(|name| other.omits_attribute(name))
    }

    /// Whether a member such as `id` or `scope` is listed.
    pub fn has_member(&self, name: &str) -> bool {
        self.members.contains(&name)
    }

    /// Whether both list the same member, so that it would be picked and omitted at once.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.members.iter().any(|name| other.members.contains(name))
            || self.attributes.iter().any(|(name, inner)| {
                inner.is_none() && other.attributes.get(name).is_some_and(Option::is_none)
            })
    }

    pub(super) fn has_attribute(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }

    /// `omit=a{b}` hides `b` of the linked entity, not `a` itself.
    pub(super) fn omits_attribute(&self, name: &str) -> bool {
        matches!(self.attributes.get(name), Some(None))
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    names: usize,
    context: &'t Context,
}

impl Parser<'_> {
    fn fault(&self) -> NgsiError {
        NgsiError::bad_param(format!(
            "pick or omit is malformed at character {}: {}",
            self.at,
            shorten(self.text)
        ))
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.text[self.at..].starts_with(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    fn list(&mut self, depth: usize) -> Result<Projection> {
        let mut out = Projection::default();
        loop {
            self.names += 1;
            if depth > MAX_DEPTH || self.names > MAX_NAMES {
                return Err(NgsiError::too_complex("pick or omit is too long or too deep"));
            }
            let rest = &self.text[self.at..];
            let end = rest.find([',', '{', '}', '|']).unwrap_or(rest.len());
            let name = rest[..end].trim();
            check_name(name).map_err(|_| self.fault())?;
            self.at += end;
            if let Some(member) = MEMBERS.into_iter().find(|m| *m == name) {
                out.members.push(member);
            } else {
                let mut inner = None;
                if self.eat('{') {
                    inner = Some(self.list(depth + 1)?);
                    if !self.eat('}') {
                        return Err(self.fault());
                    }
                }
                out.attributes
                    .insert(self.context.expand(name).into_owned(), inner);
            }
            if !self.eat(',') && !self.eat('|') {
                return Ok(out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_lists() {
        let c = Context::core();
        let p = Projection::parse("id,name,inDistrict{id,name}", &c).unwrap();
        let district = c.expand("inDistrict").into_owned();
        assert!(p.has_member("id") && !p.has_member("type"));
        assert!(p.linked(&district).is_some_and(|l| l.has_member("id")));
        assert!(p.has_attribute(&district) && !p.omits_attribute(&district));
        for bad in ["", "a,", "a{b", "a}", "a{}", "a b"] {
            assert!(Projection::parse(bad, &c).is_err(), "{bad}");
        }
        assert!(Projection::parse(&"a{".repeat(100), &c).is_err());
    }
}

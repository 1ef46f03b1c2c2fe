//! `;` (and), `|` and `,` (or) and parentheses over plain tokens: shared by type selection and scopeQ.

use super::{MAX_QUERY_BYTES, MAX_QUERY_DEPTH, MAX_QUERY_NODES};
use crate::error::{NgsiError, Result};
use crate::uri::shorten;

/// A boolean combination of leaves.
#[derive(Debug, Clone, PartialEq)]
pub enum Boolean<T> {
    /// One leaf.
    Leaf(T),
    /// All must hold.
    And(Vec<Boolean<T>>),
    /// One must hold.
    Or(Vec<Boolean<T>>),
}

impl<T> Boolean<T> {
    pub(crate) fn eval(&self, leaf: &impl Fn(&T) -> bool) -> bool {
        match self {
            Self::Leaf(t) => leaf(t),
            Self::And(all) => all.iter().all(|b| b.eval(leaf)),
            Self::Or(any) => any.iter().any(|b| b.eval(leaf)),
        }
    }

    pub(crate) fn leaves<'a>(&'a self, out: &mut Vec<&'a T>) {
        match self {
            Self::Leaf(t) => out.push(t),
            Self::And(list) | Self::Or(list) => list.iter().for_each(|b| b.leaves(out)),
        }
    }
}

/// Parses `text`, turning each token into a leaf by `leaf`. And binds tighter than or.
pub(crate) fn parse<T>(
    text: &str,
    what: &str,
    leaf: &mut impl FnMut(&str) -> Result<T>,
) -> Result<Boolean<T>> {
    if text.len() > MAX_QUERY_BYTES {
        return Err(NgsiError::too_complex(format!("{what} is too long")));
    }
    let mut parser = Parser {
        text,
        at: 0,
        nodes: 0,
        what,
    };
    let expr = parser.or(leaf, 0)?;
    if parser.at < text.len() {
        return Err(parser.fault());
    }
    Ok(expr)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    nodes: usize,
    what: &'t str,
}

impl Parser<'_> {
    fn fault(&self) -> NgsiError {
        let what = self.what;
        NgsiError::bad_param(format!(
            "{what} is malformed at character {}: {}",
            self.at,
            shorten(self.text)
        ))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn or<T>(&mut self, leaf: &mut impl FnMut(&str) -> Result<T>, depth: usize) -> Result<Boolean<T>> {
        let mut list = vec![self.and(leaf, depth)?];
        while matches!(self.peek(), Some(b'|' | b',')) {
            self.at += 1;
            list.push(self.and(leaf, depth)?);
        }
        Ok(if list.len() == 1 {
            list.swap_remove(0)
        } else {
            Boolean::Or(list)
        })
    }

    fn and<T>(&mut self, leaf: &mut impl FnMut(&str) -> Result<T>, depth: usize) -> Result<Boolean<T>> {
        let mut list = vec![self.unit(leaf, depth)?];
        while self.peek() == Some(b';') {
            self.at += 1;
            list.push(self.unit(leaf, depth)?);
        }
        Ok(if list.len() == 1 {
            list.swap_remove(0)
        } else {
            Boolean::And(list)
        })
    }

    fn unit<T>(&mut self, leaf: &mut impl FnMut(&str) -> Result<T>, depth: usize) -> Result<Boolean<T>> {
        if depth > MAX_QUERY_DEPTH || self.nodes >= MAX_QUERY_NODES {
            return Err(NgsiError::too_complex(format!(
                "{} has too many or too deeply nested terms",
                self.what
            )));
        }
        self.nodes += 1;
        if self.peek() == Some(b'(') {
            self.at += 1;
            let inner = self.or(leaf, depth + 1)?;
            if self.peek() != Some(b')') {
                return Err(self.fault());
            }
            self.at += 1;
            return Ok(inner);
        }
        let rest = &self.text[self.at..];
        let end = rest.find(['|', ',', ';', '(', ')']).unwrap_or(rest.len());
        let token = rest[..end].trim();
        if token.is_empty() {
            return Err(self.fault());
        }
        self.at += end;
        leaf(token).map(Boolean::Leaf)
    }
}

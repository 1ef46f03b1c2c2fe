//! The `q` query language (clause 4.9): its syntax tree.

use super::{q_eval, q_parse};
use crate::context::Context;
use crate::datetime::DateTime;
use crate::error::Result;
use crate::model::Entity;
use regex::Regex;
use std::borrow::Cow;

/// Gives access to the entities that relationships lead to, for queries such as `inDistrict{name=="Centro"}`.
pub trait LinkedEntities {
    /// The entity with this identifier, where it is at hand and may be read.
    fn linked(&self, id: &str) -> Option<Cow<'_, Entity>>;
}

/// No relationship leads anywhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLinkedEntities;

impl LinkedEntities for NoLinkedEntities {
    fn linked(&self, _id: &str) -> Option<Cow<'_, Entity>> {
        None
    }
}

/// A parsed `q`.
#[derive(Debug, Clone)]
pub struct Q {
    /// The syntax tree, for index planning.
    pub expr: QExpr,
}

impl Q {
    /// Parses a (URL-decoded) query. Attribute names are expanded with `context`; so are texts, since a
    /// VocabProperty is compared by its expanded term.
    ///
    /// Errors: `BadRequestData` for wrong grammar, `TooComplexQuery` beyond the limits.
    pub fn parse(text: &str, context: &Context) -> Result<Self> {
        q_parse::parse(text, context).map(|expr| Self { expr })
    }

    /// Whether an entity matches; relationships are not followed.
    pub fn matches(&self, entity: &Entity) -> bool {
        self.matches_linked(entity, &NoLinkedEntities)
    }

    /// Whether an entity matches, following relationships through `linked`.
    pub fn matches_linked(&self, entity: &Entity, linked: &dyn LinkedEntities) -> bool {
        q_eval::matches(&self.expr, entity, linked)
    }

    /// Whether matching needs other entities than the one that is asked about.
    pub fn follows_links(&self) -> bool {
        follows_links(&self.expr)
    }

    /// Expanded names of the top-level attributes that the query reads.
    pub fn attributes(&self) -> Vec<&str> {
        let mut out = Vec::new();
        collect(&self.expr, &mut out);
        out
    }
}

fn follows_links(expr: &QExpr) -> bool {
    match expr {
        QExpr::And(list) | QExpr::Or(list) => list.iter().any(follows_links),
        QExpr::Not(inner) => follows_links(inner),
        QExpr::Exists(_) | QExpr::Compare { .. } => false,
        QExpr::Linked { .. } => true,
    }
}

fn collect<'e>(expr: &'e QExpr, out: &mut Vec<&'e str>) {
    match expr {
        QExpr::And(list) | QExpr::Or(list) => list.iter().for_each(|e| collect(e, out)),
        QExpr::Not(inner) => collect(inner, out),
        QExpr::Exists(path) | QExpr::Compare { path, .. } | QExpr::Linked { path, .. } => {
            if let Some(first) = path.expanded.first().filter(|f| !out.contains(&f.as_str())) {
                out.push(first);
            }
        }
    }
}

/// One node of a query.
#[derive(Debug, Clone)]
pub enum QExpr {
    /// `;`
    And(Vec<QExpr>),
    /// `|`
    Or(Vec<QExpr>),
    /// `!`
    Not(Box<QExpr>),
    /// The path leads to something.
    Exists(AttrPath),
    /// The path leads to a value that compares so.
    Compare {
        /// Left side.
        path: AttrPath,
        /// Operator.
        op: QOperator,
        /// Right side.
        operand: QOperand,
    },
    /// The relationship leads to an entity that matches.
    Linked {
        /// The relationship.
        path: AttrPath,
        /// What its target must match.
        query: Box<QExpr>,
    },
}

/// `attribute.subAttribute[member.of.value]`.
#[derive(Debug, Clone, PartialEq)]
pub struct AttrPath {
    /// Attribute and sub-attributes, expanded.
    pub expanded: Vec<String>,
    /// The same as written; `observedAt` and other metadata are recognised by these.
    pub raw: Vec<String>,
    /// Path inside the value; a language tag for a LanguageProperty.
    pub value_path: Vec<String>,
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QOperator {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `~=`
    Matches,
    /// `!~=`
    NotMatches,
}

/// Right side of a comparison.
#[derive(Debug, Clone)]
pub enum QOperand {
    /// One value.
    One(QValue),
    /// Any of several.
    List(Vec<QValue>),
    /// Between two, both included.
    Range(QValue, QValue),
    /// A regular expression.
    Pattern(Regex),
}

/// A value of the query language.
#[derive(Debug, Clone, PartialEq)]
pub enum QValue {
    /// A finite number.
    Number(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A quoted text.
    Text {
        /// As written.
        raw: String,
        /// As a term of the vocabulary.
        expanded: String,
    },
    /// An instant.
    DateTime(DateTime),
    /// A day, `YYYY-MM-DD`.
    Date(String),
    /// A time of day.
    Time(String),
    /// A URI.
    Uri {
        /// As written.
        raw: String,
        /// As a term of the vocabulary.
        expanded: String,
    },
}

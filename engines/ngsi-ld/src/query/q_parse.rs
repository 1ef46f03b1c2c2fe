//! Parser of `q`, by recursive descent over the text.

use super::q::{AttrPath, QExpr, QOperand, QOperator, QValue};
use super::{MAX_QUERY_BYTES, MAX_QUERY_DEPTH, MAX_QUERY_NODES};
use crate::context::Context;
use crate::datetime::{DateTime, is_time, parse_date};
use crate::error::{NgsiError, Result};
use crate::parse::check_name;
use crate::uri::{is_absolute_uri, shorten};
use regex::{Regex, RegexBuilder};

/// Longest regular expression, in bytes.
const MAX_PATTERN_BYTES: usize = 1024;
/// Largest compiled regular expression, in bytes.
const MAX_COMPILED_BYTES: usize = 256 * 1024;

pub(super) fn parse(text: &str, context: &Context) -> Result<QExpr> {
    if text.len() > MAX_QUERY_BYTES {
        return Err(NgsiError::too_complex("q is too long"));
    }
    let mut parser = Parser {
        text,
        at: 0,
        nodes: 0,
        context,
    };
    let expr = parser.or(0)?;
    parser.skip_space();
    if parser.at < text.len() {
        return Err(parser.fault("unexpected text"));
    }
    Ok(expr)
}

/// Compiles a foreign regular expression within limits; this engine's expressions run in linear time.
pub(super) fn pattern(text: &str, what: &str) -> Result<Regex> {
    if text.len() > MAX_PATTERN_BYTES {
        return Err(NgsiError::too_complex(format!("{what}: the pattern is too long")));
    }
    if repeats_a_repetition(text) {
        return Err(NgsiError::bad_param(format!(
            "{what}: `{}` repeats a repetition",
            shorten(text)
        )));
    }
    RegexBuilder::new(text)
        .size_limit(MAX_COMPILED_BYTES)
        .nest_limit(32)
        .build()
        .map_err(|e| match e {
            regex::Error::CompiledTooBig(_) => {
                NgsiError::too_complex(format!("{what}: the pattern is too large"))
            }
            _ => NgsiError::bad_param(format!("{what}: `{}` is not a valid pattern", shorten(text))),
        })
}

/// Whether `*` or `+` follows a repetition directly, which POSIX (IEEE 1003.1, 9.4.6) leaves undefined and every
/// engine reads otherwise.
fn repeats_a_repetition(text: &str) -> bool {
    let (mut after_repetition, mut escaped, mut in_class) = (false, false, false);
    for c in text.chars() {
        let repetition = !escaped && !in_class && matches!(c, '*' | '+' | '?' | '}');
        if repetition && after_repetition && matches!(c, '*' | '+') {
            return true;
        }
        if !escaped {
            in_class = match c {
                '[' => true,
                ']' => false,
                _ => in_class,
            };
        }
        escaped = c == '\\' && !escaped;
        after_repetition = repetition;
    }
    false
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    nodes: usize,
    context: &'t Context,
}

const OPERATORS: [(&str, QOperator); 8] = [
    ("!~=", QOperator::NotMatches),
    ("==", QOperator::Equal),
    ("!=", QOperator::Unequal),
    (">=", QOperator::GreaterEqual),
    ("<=", QOperator::LessEqual),
    ("~=", QOperator::Matches),
    (">", QOperator::Greater),
    ("<", QOperator::Less),
];

impl<'t> Parser<'t> {
    fn fault(&self, why: &str) -> NgsiError {
        NgsiError::bad_param(format!(
            "q: {why} at character {}: {}",
            self.at,
            shorten(self.rest())
        ))
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn count(&mut self) -> Result<()> {
        self.nodes += 1;
        if self.nodes > MAX_QUERY_NODES {
            return Err(NgsiError::too_complex(format!(
                "q has more than {MAX_QUERY_NODES} terms and values"
            )));
        }
        Ok(())
    }

    fn or(&mut self, depth: usize) -> Result<QExpr> {
        let mut list = vec![self.and(depth)?];
        while self.eat("|") {
            list.push(self.and(depth)?);
        }
        Ok(if list.len() == 1 {
            list.swap_remove(0)
        } else {
            QExpr::Or(list)
        })
    }

    fn and(&mut self, depth: usize) -> Result<QExpr> {
        let mut list = vec![self.unit(depth)?];
        while self.eat(";") {
            list.push(self.unit(depth)?);
        }
        Ok(if list.len() == 1 {
            list.swap_remove(0)
        } else {
            QExpr::And(list)
        })
    }

    fn unit(&mut self, depth: usize) -> Result<QExpr> {
        if depth > MAX_QUERY_DEPTH {
            return Err(NgsiError::too_complex("q is nested too deeply"));
        }
        self.count()?;
        self.skip_space();
        let expr = if self.eat("(") {
            let inner = self.or(depth + 1)?;
            if !self.eat(")") {
                return Err(self.fault("a closing parenthesis is missing"));
            }
            inner
        } else if self.eat("!") {
            QExpr::Not(Box::new(self.unit(depth + 1)?))
        } else {
            self.term(depth)?
        };
        self.skip_space();
        Ok(expr)
    }

    fn term(&mut self, depth: usize) -> Result<QExpr> {
        let path = self.path()?;
        if self.eat("{") {
            let query = Box::new(self.or(depth + 1)?);
            if !self.eat("}") {
                return Err(self.fault("a closing brace is missing"));
            }
            return Ok(QExpr::Linked { path, query });
        }
        self.skip_space();
        let Some((token, op)) = OPERATORS
            .into_iter()
            .find(|(token, _)| self.rest().starts_with(token))
        else {
            return Ok(QExpr::Exists(path));
        };
        self.at += token.len();
        self.skip_space();
        let operand = match op {
            QOperator::Matches | QOperator::NotMatches => QOperand::Pattern(self.regex()?),
            QOperator::Equal | QOperator::Unequal => self.equality()?,
            _ => QOperand::One(self.value()?),
        };
        Ok(QExpr::Compare { path, op, operand })
    }

    fn path(&mut self) -> Result<AttrPath> {
        let rest = self.rest();
        let end = rest.find([
            '=', '!', '<', '>', '~', ';', '|', '(', ')', '[', ']', '{', '}', ' ', '"', ',',
        ]);
        let name = &rest[..end.unwrap_or(rest.len())];
        // A full IRI is one name: its dots are its own.
        let raw: Vec<String> = if name.contains("://") {
            vec![name.to_owned()]
        } else {
            name.split('.').map(str::to_owned).collect()
        };
        for part in &raw {
            check_name(part).map_err(|why| self.fault(why))?;
        }
        self.at += name.len();
        let mut value_path = Vec::new();
        if self.eat("[") {
            let rest = self.rest();
            let end = rest
                .find(']')
                .ok_or_else(|| self.fault("a closing bracket is missing"))?;
            value_path = rest[..end]
                .split('.')
                .map(|s| s.trim_matches('"').to_owned())
                .collect();
            if value_path.iter().any(String::is_empty) {
                return Err(self.fault("an empty name inside brackets"));
            }
            self.at += end + 1;
        }
        for _ in 0..raw.len() + value_path.len() {
            self.count()?;
        }
        let expanded = raw.iter().map(|n| self.context.expand(n).into_owned()).collect();
        Ok(AttrPath {
            expanded,
            raw,
            value_path,
        })
    }

    fn equality(&mut self) -> Result<QOperand> {
        let first = self.value()?;
        if self.eat("..") {
            let last = self.value()?;
            if std::mem::discriminant(&first) != std::mem::discriminant(&last)
                || matches!(first, QValue::Bool(_))
            {
                return Err(self.fault("the ends of a range must be of one kind"));
            }
            return Ok(QOperand::Range(first, last));
        }
        if self.peek() != Some(',') {
            return Ok(QOperand::One(first));
        }
        let mut list = vec![first];
        while self.eat(",") {
            list.push(self.value()?);
        }
        Ok(QOperand::List(list))
    }

    fn quoted(&mut self) -> Result<String> {
        let mut out = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += i + 1;
                    return Ok(out);
                }
                // Only a quote or a backslash is escaped: other pairs belong to patterns such as \d.
                '\\' => match chars.next() {
                    Some((_, e @ ('"' | '\\'))) => out.push(e),
                    Some((_, other)) => out.extend(['\\', other]),
                    None => break,
                },
                other => out.push(other),
            }
        }
        Err(self.fault("a closing quote is missing"))
    }

    fn regex(&mut self) -> Result<Regex> {
        self.count()?;
        let text = if self.peek() == Some('"') {
            self.quoted()?
        } else {
            let end = bare_pattern_end(self.rest());
            let text = self.rest()[..end].to_owned();
            self.at += end;
            text
        };
        if text.is_empty() {
            return Err(self.fault("a pattern is missing"));
        }
        pattern(&text, "q")
    }

    fn value(&mut self) -> Result<QValue> {
        self.count()?;
        self.skip_space();
        if self.peek() == Some('"') {
            let raw = self.quoted()?;
            let expanded = self.context.expand(&raw).into_owned();
            return Ok(QValue::Text { raw, expanded });
        }
        let rest = self.rest();
        let end = rest.find([';', '|', ')', ',', '}', '"']).unwrap_or(rest.len());
        let token = &rest[..end];
        let token = token.find("..").map_or(token, |dots| &token[..dots]);
        let value = self
            .bare(token.trim())
            .ok_or_else(|| self.fault("a value is expected"))?;
        self.at += token.len();
        Ok(value)
    }

    fn bare(&self, token: &str) -> Option<QValue> {
        match token {
            "true" => return Some(QValue::Bool(true)),
            "false" => return Some(QValue::Bool(false)),
            _ => {}
        }
        let numeric = token.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        if numeric
            && let Ok(number) = token.parse::<f64>()
            && number.is_finite()
        {
            return Some(QValue::Number(number));
        }
        if let Some(at) = DateTime::parse(token) {
            return Some(QValue::DateTime(at));
        }
        if parse_date(token).is_some() {
            return Some(QValue::Date(token.to_owned()));
        }
        if is_time(token) {
            return Some(QValue::Time(token.to_owned()));
        }
        is_absolute_uri(token).then(|| QValue::Uri {
            raw: token.to_owned(),
            expanded: self.context.expand(token).into_owned(),
        })
    }
}

/// Where an unquoted pattern ends: at `;`, or at a `|` or `)` that its own parentheses do not hold.
fn bare_pattern_end(text: &str) -> usize {
    let mut depth = 0usize;
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match c {
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            ';' => return i,
            ')' | '|' if depth == 0 => return i,
            _ => {}
        }
    }
    text.len()
}

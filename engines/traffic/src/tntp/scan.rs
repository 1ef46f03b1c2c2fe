//! Lines, metadata and numbers of TNTP files.

use thiserror::Error;

/// Something wrong in a TNTP text; `line` counts from 1.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("line {line}: {message}")]
pub struct TntpError {
    pub line: usize,
    pub message: String,
}

impl TntpError {
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
        }
    }
}

/// The tags before `<END OF METADATA>` and the lines after it.
pub(super) struct Document<'a> {
    tags: Vec<(usize, &'a str, &'a str)>,
    body: &'a str,
    /// Number of the line that `body` begins with.
    body_line: usize,
}

impl<'a> Document<'a> {
    pub fn new(text: &'a str) -> Result<Self, TntpError> {
        let mut tags = Vec::new();
        let mut rest = text;
        let mut number = 0;
        while !rest.is_empty() {
            number += 1;
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            rest = after;
            let line = line.trim();
            if line.is_empty() || line.starts_with('~') {
                continue;
            }
            let tag = line.strip_prefix('<').and_then(|l| l.split_once('>'));
            let Some((tag, value)) = tag else {
                return Err(TntpError::new(number, "expected a tag like <NUMBER OF NODES>"));
            };
            if tag.trim().eq_ignore_ascii_case("END OF METADATA") {
                return Ok(Self {
                    tags,
                    body: rest,
                    body_line: number + 1,
                });
            }
            tags.push((number, tag.trim(), value.trim()));
        }
        Err(TntpError::new(
            number.max(1),
            "the file ends before <END OF METADATA>",
        ))
    }

    /// The number of a tag, if the tag is there.
    pub fn number(&self, tag: &str) -> Result<Option<f64>, TntpError> {
        let Some(&(line, _, value)) = self.tags.iter().find(|t| t.1.eq_ignore_ascii_case(tag)) else {
            return Ok(None);
        };
        number(value, tag, line).map(Some)
    }

    /// The count of a tag that must be there.
    pub fn count(&self, tag: &str) -> Result<usize, TntpError> {
        let value = self
            .number(tag)?
            .ok_or_else(|| TntpError::new(1, format!("<{tag}> is missing")))?;
        if value >= 0.0 && value.fract() == 0.0 && value < f64::from(u32::MAX) {
            Ok(value as usize)
        } else {
            Err(TntpError::new(
                1,
                format!("<{tag}> is {value}; it must be a count"),
            ))
        }
    }

    /// Lines after the metadata that say something, with their numbers; what follows `~` is a remark.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &'a str)> + use<'a> {
        content_lines(self.body, self.body_line)
    }

    pub fn last_line(&self) -> usize {
        self.body_line + self.body.lines().count().saturating_sub(1)
    }
}

/// Lines that are neither empty nor remarks, trimmed, with their numbers from `first`.
pub(super) fn content_lines(text: &str, first: usize) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(move |(i, line)| {
        let line = line.split('~').next().unwrap_or("").trim();
        (!line.is_empty()).then_some((first + i, line))
    })
}

/// A finite number.
pub(super) fn number(text: &str, field: &str, line: usize) -> Result<f64, TntpError> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(TntpError::new(
            line,
            format!("{field} is \"{text}\"; it must be a number"),
        )),
    }
}

/// A finite number not below zero.
pub(super) fn amount(text: &str, field: &str, line: usize) -> Result<f64, TntpError> {
    let value = number(text, field, line)?;
    if value < 0.0 {
        return Err(TntpError::new(
            line,
            format!("{field} is {value}; it must not be negative"),
        ));
    }
    Ok(value)
}

/// A number from 1 to `count`, returned counted from 0.
pub(super) fn index(text: &str, field: &str, count: usize, line: usize) -> Result<u32, TntpError> {
    match text.parse::<usize>() {
        Ok(n) if (1..=count).contains(&n) => Ok(n as u32 - 1),
        Ok(n) => Err(TntpError::new(
            line,
            format!("{field} {n} does not exist (they go from 1 to {count})"),
        )),
        Err(_) => Err(TntpError::new(
            line,
            format!("{field} is \"{text}\"; it must be a whole number"),
        )),
    }
}

//! Elements of an XML text one after the other, with the lines where they stand.

use quick_xml::Reader;
use quick_xml::events::Event;
use thiserror::Error;

/// What is wrong with a file, and in which line (from 1).
#[derive(Clone, Debug, Error, PartialEq)]
#[error("line {line}: {problem}")]
pub struct SumoError {
    pub line: usize,
    pub problem: String,
}

/// The beginning of an element.
pub(super) struct Element {
    pub name: String,
    pub line: usize,
    attributes: Vec<(String, String)>,
}

impl Element {
    pub fn fail(&self, problem: impl Into<String>) -> SumoError {
        SumoError {
            line: self.line,
            problem: problem.into(),
        }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|a| a.0 == name).map(|a| a.1.as_str())
    }

    pub fn need(&self, name: &str) -> Result<&str, SumoError> {
        self.get(name)
            .ok_or_else(|| self.fail(format!("<{}> has no {name}", self.name)))
    }

    /// A finite number that is not negative.
    pub fn number(&self, name: &str) -> Result<f64, SumoError> {
        let text = self.need(name)?;
        let number: f64 = text.parse().unwrap_or(f64::NAN);
        if number.is_finite() && number >= 0.0 {
            Ok(number)
        } else {
            Err(self.fail(format!("{name} is {text}; it must be a number not below 0")))
        }
    }
}

/// Calls `visit` for the beginning of every element.
pub(super) fn each(
    text: &str,
    mut visit: impl FnMut(&Element) -> Result<(), SumoError>,
) -> Result<(), SumoError> {
    let mut reader = Reader::from_str(text);
    let (mut line, mut counted) = (1, 0);
    loop {
        let start = (reader.buffer_position() as usize).min(text.len());
        line += text.as_bytes()[counted..start]
            .iter()
            .filter(|b| **b == b'\n')
            .count();
        counted = start;
        let fail = |problem: String| SumoError { line, problem };
        let tag = match reader.read_event().map_err(|e| fail(e.to_string()))? {
            Event::Start(tag) | Event::Empty(tag) => tag,
            Event::Eof => return Ok(()),
            _ => continue,
        };
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|e| fail(e.to_string()))?;
            let value = quick_xml::escape::unescape(&attribute.value).map_err(|e| fail(e.to_string()))?;
            let key = attribute.key.as_ref().to_owned();
            attributes.push((key, value.into_owned()));
        }
        visit(&Element {
            name: tag.name().as_ref().to_owned(),
            line,
            attributes,
        })?;
    }
}

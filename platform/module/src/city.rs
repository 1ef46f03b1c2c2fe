//! A city folder: the files that describe a city, read whole into memory before anything is written.

use std::collections::BTreeMap;
use std::path::Path;

use serde::de::DeserializeOwned;

/// What is wrong with a city file, for the person who wrote it.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{file}{}{}: {message}", .line.map(|l| format!(":{l}")).unwrap_or_default(),
    .field.as_ref().map(|f| format!(": {f}")).unwrap_or_default())]
pub struct CityError {
    pub file: String,
    pub line: Option<usize>,
    pub field: Option<String>,
    pub message: String,
}

impl CityError {
    pub fn new(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            field: None,
            message: message.into(),
        }
    }

    #[must_use]
    pub fn at_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    #[must_use]
    pub fn in_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl From<bisenzio_store::StoreError> for CityError {
    fn from(error: bisenzio_store::StoreError) -> Self {
        Self::new("store", error.to_string())
    }
}

/// How many records of each kind a module loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeedReport {
    pub counts: Vec<(String, usize)>,
    /// What the person who loads it should know: things not matched, not placed, ...
    pub remarks: Vec<String>,
}

impl SeedReport {
    pub fn count(&mut self, what: &str, number: usize) {
        self.counts.push((what.to_owned(), number));
    }
}

/// Files by path relative to the folder, with `/` between the parts.
#[derive(Clone, Debug, Default)]
pub struct CityFolder {
    pub name: String,
    files: BTreeMap<String, Vec<u8>>,
}

impl CityFolder {
    pub fn new(name: &str, files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        Self {
            name: name.to_owned(),
            files: files.into_iter().collect(),
        }
    }

    /// Reads a folder of the disk.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(path: &Path) -> Result<Self, CityError> {
        let name = path
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or("city")
            .to_owned();
        let mut files = BTreeMap::new();
        let mut open = vec![path.to_owned()];
        while let Some(folder) = open.pop() {
            let failed = |e: std::io::Error| CityError::new(folder.display().to_string(), e.to_string());
            for entry in std::fs::read_dir(&folder).map_err(failed)? {
                let entry = entry.map_err(failed)?.path();
                if entry.is_dir() {
                    open.push(entry);
                    continue;
                }
                let relative = entry.strip_prefix(path).unwrap_or(&entry);
                let key = relative
                    .components()
                    .map(|c| c.as_os_str().to_string_lossy())
                    .collect::<Vec<_>>();
                files.insert(key.join("/"), std::fs::read(&entry).map_err(failed)?);
            }
        }
        Ok(Self { name, files })
    }

    /// Paths that start with a prefix and end with a suffix, sorted.
    pub fn list(&self, prefix: &str, suffix: &str) -> Vec<&str> {
        self.files
            .keys()
            .map(String::as_str)
            .filter(|path| path.starts_with(prefix) && path.ends_with(suffix))
            .collect()
    }

    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// # Errors
    /// When the file is missing or not UTF-8.
    pub fn text(&self, path: &str) -> Result<&str, CityError> {
        let bytes = self
            .bytes(path)
            .ok_or_else(|| CityError::new(self.full(path), "the file is missing"))?;
        std::str::from_utf8(bytes).map_err(|_| CityError::new(self.full(path), "the file is not UTF-8 text"))
    }

    /// The path as it is named to people: with the folder's name.
    pub fn full(&self, path: &str) -> String {
        format!("{}/{path}", self.name)
    }

    /// Reads a TOML file into a type.
    ///
    /// # Errors
    /// File, line and field of what is wrong.
    pub fn toml<T: DeserializeOwned>(&self, path: &str) -> Result<T, CityError> {
        parse_toml(&self.full(path), self.text(path)?)
    }
}

/// Reads TOML into a type; refusals name file, line and field.
///
/// # Errors
/// See above.
pub fn parse_toml<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, CityError> {
    toml::from_str(text).map_err(|error| {
        let mut found = CityError::new(file, error.message().to_owned());
        if let Some(span) = error.span() {
            let start = span.start.min(text.len());
            found.line = Some(text[..start].bytes().filter(|b| *b == b'\n').count() + 1);
            found.field = field_of(&text[..span.end.min(text.len())]);
        }
        found
    })
}

/// The key on the last line, under its table: "event.date".
fn field_of(text: &str) -> Option<String> {
    let key = text.lines().last()?.split('=').next()?.trim();
    let plain = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_alphanumeric() || "_-.\"".contains(c));
    let table = text.lines().rev().find_map(|line| {
        line.trim()
            .strip_prefix('[')
            .map(|rest| rest.trim_matches(['[', ']', ' ']))
    });
    match (table, plain(key)) {
        (Some(table), true) => Some(format!("{table}.{key}")),
        (Some(table), false) => Some(table.to_owned()),
        (None, true) => Some(key.to_owned()),
        (None, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Event {
        #[allow(dead_code)]
        title: String,
        #[allow(dead_code)]
        seats: i64,
    }

    #[derive(Debug, serde::Deserialize)]
    struct File {
        #[allow(dead_code)]
        event: Vec<Event>,
    }

    #[test]
    fn refusals_name_file_line_and_field() {
        let text = "[[event]]\ntitle = \"a\"\nseats = 3\n\n[[event]]\ntitle = \"b\"\nseats = \"many\"\n";
        let error = parse_toml::<File>("prato/plan/x.toml", text).unwrap_err();
        assert_eq!(error.line, Some(7));
        assert_eq!(error.field.as_deref(), Some("event.seats"));
        assert!(
            error
                .to_string()
                .starts_with("prato/plan/x.toml:7: event.seats: "),
            "{error}"
        );
        let unknown =
            parse_toml::<File>("f", "[[event]]\ntitle = \"a\"\nseats = 1\nplaces = 2\n").unwrap_err();
        assert_eq!(unknown.line, Some(4));
        assert!(parse_toml::<File>("f", "event = [").is_err());
    }
}

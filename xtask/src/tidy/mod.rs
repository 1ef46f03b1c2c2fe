//! `cargo xtask tidy`: the rules of the house that a compiler does not know, as code. CONTRIBUTING.md says why
//! each is there. Every rule is a pure function over file names and texts.

mod floors;
mod pages;
mod rust;
mod source;
mod sql;

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};

use crate::run::root;

/// A broken rule and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    pub path: String,
    /// Counted from 1; 0 for the file as a whole.
    pub line: usize,
    pub what: String,
}

impl Complaint {
    pub fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// A text file of the repository; the path is from its top, with `/`.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// Folders that are nobody's handwriting.
const NOT_OURS: [&str; 6] = ["target", "node_modules", "dist", ".git", "data", "fonts"];
const READ: [&str; 18] = [
    "rs", "sql", "toml", "html", "md", "ts", "mjs", "js", "css", "json", "txt", "yml", "yaml", "xml", "svg",
    "sh", "geojson", "jsonl",
];

pub fn run() -> Result<bool> {
    let mut files = Vec::new();
    collect(&root(), "", &mut files)?;
    let complaints = inspect(&files);
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    println!("{} files, {} complaints", files.len(), complaints.len());
    Ok(complaints.is_empty())
}

/// Every rule over every file.
pub fn inspect(files: &[File]) -> Vec<Complaint> {
    let mut out = floors::check(files);
    let cities = rust::city_words(files);
    let tests = rust::test_modules(files);
    for file in files {
        if file.is_rust() {
            out.extend(rust::check(file, &cities, &tests));
        }
        out.extend(sql::check(file));
        out.extend(pages::check(file));
        out.extend(everywhere(file));
    }
    out.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    out
}

/// What no file may hold, whatever its language.
fn everywhere(file: &File) -> Vec<Complaint> {
    let mut out = Vec::new();
    if file.path.ends_with(".min.js") || file.path.ends_with(".min.css") {
        out.push(Complaint::new(
            &file.path,
            0,
            "third-party code is installed by npm, never committed",
        ));
    }
    // Spelt in two parts, so that this file does not accuse itself.
    let folders = [
        concat!("/ho", "me/"),
        concat!("/ro", "ot/"),
        concat!("/wo", "rk/"),
        concat!("/Us", "ers/"),
    ];
    for (number, line) in file.text.lines().enumerate() {
        for folder in folders {
            let starts = line.match_indices(folder).any(|(at, _)| {
                !line[..at]
                    .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}' | ')'))
            });
            if starts {
                out.push(Complaint::new(
                    &file.path,
                    number + 1,
                    format!("\"{folder}\" is a path of one machine"),
                ));
            }
        }
    }
    out
}

fn collect(folder: &Path, prefix: &str, out: &mut Vec<File>) -> Result<()> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() {
            let foreign = NOT_OURS.contains(&name.as_str()) && path != "tests/data";
            if !foreign {
                collect(&entry.path(), &format!("{path}/"), out)?;
            }
        } else if kind.is_file()
            && READ.iter().any(|ending| name.ends_with(&format!(".{ending}")))
            && let Ok(text) = std::fs::read_to_string(entry.path())
        {
            out.push(File { path, text });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File {
            path: path.into(),
            text: text.into(),
        }
    }

    #[test]
    fn paths_of_one_machine_are_found_and_addresses_are_not() {
        let bad = format!("open(\"{}me/anna/x\")", "/ho");
        assert_eq!(everywhere(&file("a.rs", &bad)).len(), 1);
        assert!(everywhere(&file("a.md", &format!("https://example.org{}me/", "/ho"))).is_empty());
    }

    #[test]
    fn bundled_third_party_code_is_refused() {
        assert_eq!(everywhere(&file("web/src/x.min.js", "")).len(), 1);
    }

    #[test]
    fn complaints_name_file_and_line() {
        let text = &format!("fn a() {{}}\nfn b() {{ {}{}) }}\n", "todo", "!(");
        let found = inspect(&[file("modules/x/src/lib.rs", text)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].to_string().starts_with("modules/x/src/lib.rs:2: "));
    }
}

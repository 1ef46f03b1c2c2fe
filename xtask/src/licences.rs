//! Licences of everything that is linked or bundled, against a list that the EUPL-1.2 can live with.
//! No extra tool: `cargo tree` and `package-lock.json` say the licences.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::run::{cargo, output, root};

/// Permissive licences, and copyleft ones that the EUPL's appendix names (MPL-2.0) or that stay within
/// their own files. `OFL-1.1` and `CC-BY-4.0` are for fonts and data.
const ALLOWED: [&str; 19] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC-BY-4.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "EUPL-1.2",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OFL-1.1",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// Packages whose manifest says it in an old way that npm does not carry over; read there by hand.
const READ_BY_HAND: [(&str, &str); 1] = [("dom-walk", "MIT")];

pub fn run() -> Result<bool> {
    let mut wrong = Vec::new();
    let crates = crates()?;
    let packages = packages()?;
    for (name, licence) in crates.iter().chain(&packages) {
        if !fits(licence) {
            wrong.push(format!("{name}: \"{licence}\""));
        }
    }
    for line in &wrong {
        eprintln!("{line}");
    }
    println!(
        "{} crates and {} npm packages, {} with a licence that does not fit",
        crates.len(),
        packages.len(),
        wrong.len()
    );
    Ok(wrong.is_empty())
}

/// Name and version of each crate that any of our crates needs on this platform, with its licence.
fn crates() -> Result<BTreeMap<String, String>> {
    let tree = output(&mut cargo(&[
        "tree",
        "--workspace",
        "--edges",
        "normal,build,dev",
        "--prefix",
        "none",
        "--format",
        "{p}\t{l}",
    ]))?;
    Ok(tree
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, licence)| {
            let name: Vec<&str> = name.split(' ').take(2).collect();
            (name.join(" "), licence.trim_end_matches(" (*)").to_owned())
        })
        .collect())
}

/// Packages of the front end and of the browser tests.
fn packages() -> Result<BTreeMap<String, String>> {
    let mut out = BTreeMap::new();
    for lock in ["web/package-lock.json", "tests/browser/package-lock.json"] {
        let path = root().join(lock);
        let text = std::fs::read_to_string(&path).with_context(|| format!("{lock} cannot be read"))?;
        out.extend(locked(&text));
    }
    for (name, licence) in READ_BY_HAND {
        out.entry(name.to_owned())
            .and_modify(|found| licence.clone_into(found));
    }
    Ok(out)
}

/// Reads what npm writes: one key per line, each package under `"node_modules/<name>": {`.
fn locked(text: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut current = None;
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("\"node_modules/") {
            let name = rest.split('"').next().unwrap_or_default().to_owned();
            out.insert(name.clone(), "none declared".to_owned());
            current = Some(name);
        } else if let (Some(name), Some(rest)) = (&current, line.strip_prefix("\"license\": \"")) {
            out.insert(
                name.clone(),
                rest.split('"').next().unwrap_or_default().to_owned(),
            );
        }
    }
    out
}

/// Whether an SPDX licence expression can be satisfied with allowed licences. `/` is the old way to write OR.
fn fits(expression: &str) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let answer = any(&mut rest);
    answer && rest.is_empty()
}

fn any(words: &mut &[&str]) -> bool {
    let mut fits = all(words);
    while let ["OR", rest @ ..] = words {
        *words = rest;
        let next = all(words);
        fits = fits || next;
    }
    fits
}

fn all(words: &mut &[&str]) -> bool {
    let mut fits = one(words);
    while let ["AND", rest @ ..] = words {
        *words = rest;
        let next = one(words);
        fits = fits && next;
    }
    fits
}

fn one(words: &mut &[&str]) -> bool {
    match words {
        ["(", rest @ ..] => {
            *words = rest;
            let fits = any(words);
            match words {
                [")", rest @ ..] => {
                    *words = rest;
                    fits
                }
                _ => false,
            }
        }
        [licence, "WITH", exception, rest @ ..] => {
            let whole = format!("{licence} WITH {exception}");
            *words = rest;
            ALLOWED.contains(&whole.as_str())
        }
        [licence, rest @ ..] => {
            let fits = ALLOWED.contains(licence);
            *words = rest;
            fits
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_understood() {
        for good in [
            "MIT",
            "MIT OR Apache-2.0",
            "MIT/Apache-2.0",
            "GPL-3.0-only OR MIT",
            "(MIT OR AGPL-3.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR AGPL-3.0",
            "EUPL-1.2",
        ] {
            assert!(fits(good), "{good}");
        }
        for bad in [
            "",
            "none declared",
            "AGPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "(MIT",
            "BUSL-1.1 OR SSPL-1.0",
        ] {
            assert!(!fits(bad), "{bad}");
        }
    }

    #[test]
    fn lock_files_are_read() {
        let text = "{\n \"packages\": {\n  \"\": {\n   \"license\": \"EUPL-1.2\"\n  },\n  \"node_modules/a/b\": {\n   \"version\": \"1\",\n   \"license\": \"MIT\"\n  },\n  \"node_modules/c\": {\n   \"version\": \"2\"\n  }\n }\n}";
        let found = locked(text);
        assert_eq!(found["a/b"], "MIT");
        assert_eq!(found["c"], "none declared");
        assert_eq!(found.len(), 2);
    }
}

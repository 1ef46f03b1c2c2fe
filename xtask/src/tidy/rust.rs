//! Rules for Rust files.

use super::source::{code, has_word};
use super::{Complaint, File};

const LONGEST: usize = 600;

/// Unfinished work. Spelt in two parts, so that this file does not accuse itself.
const UNFINISHED: [&str; 6] = [
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("dbg", "!("),
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
];

/// Words that name a city here and mean something everywhere: "borgo" is also a kind of street.
const COMMON: [&str; 3] = ["borgo", "localhost", "127.0.0.1"];

/// What an engine may not know: it computes, and nothing else.
const NOT_IN_ENGINES: [&str; 8] = [
    "tokio",
    "async fn",
    ".await",
    "std::fs",
    "std::net",
    "std::env",
    "SystemTime",
    "std::process",
];

/// Ids and names of the cities of this repository, as `cities/*/city.toml` gives them.
pub fn city_words(files: &[File]) -> Vec<String> {
    let mut out = Vec::new();
    for file in files
        .iter()
        .filter(|f| f.path.starts_with("cities/") && f.path.ends_with("/city.toml"))
    {
        // The first `id` and `name` of the file are the city's own.
        for key in ["id = \"", "name = \""] {
            let value = file
                .text
                .lines()
                .find_map(|line| line.strip_prefix(key)?.split('"').next());
            out.extend(value.map(str::to_lowercase));
        }
    }
    out.retain(|word| !COMMON.contains(&word.as_str()));
    out.sort();
    out.dedup();
    out
}

pub fn check(file: &File, cities: &[String], tests: &[String]) -> Vec<Complaint> {
    let mut out = Vec::new();
    let path = &file.path;
    let count = file.text.lines().count();
    if count > LONGEST {
        out.push(Complaint::new(
            path,
            0,
            format!("{count} lines: split what has more than one purpose ({LONGEST} at most)"),
        ));
    }
    for (number, line) in file.text.lines().enumerate() {
        for word in UNFINISHED {
            if line.contains(word) {
                out.push(Complaint::new(
                    path,
                    number + 1,
                    format!("\"{word}\" is unfinished work"),
                ));
            }
        }
    }
    if is_test(path) || tests.iter().any(|test| path.starts_with(&format!("{test}."))) {
        return out;
    }
    let engine = path.starts_with("engines/");
    let names_cities = path.contains("/src/");
    for (number, line) in code(&file.text, true).iter().enumerate() {
        if engine {
            for word in NOT_IN_ENGINES.iter().filter(|word| line.contains(**word)) {
                let what = format!("\"{word}\" in an engine: engines compute, without I/O, clock or async");
                out.push(Complaint::new(path, number + 1, what));
            }
        }
        if names_cities {
            let low = line.to_lowercase();
            for city in cities.iter().filter(|city| has_word(&low, city)) {
                let what = format!("\"{city}\" is one city: what is particular to it belongs in cities/");
                out.push(Complaint::new(path, number + 1, what));
            }
        }
    }
    out
}

/// Files that a module declares under `#[cfg(test)]`.
pub fn test_modules(files: &[File]) -> Vec<String> {
    let mut out = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let folder = match file.path.rsplit_once('/') {
            Some((folder, "lib.rs" | "main.rs" | "mod.rs")) => folder.to_owned(),
            _ => file.path.trim_end_matches(".rs").to_owned(),
        };
        let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
        for pair in lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]") {
            let name = pair[1]
                .split("mod ")
                .nth(1)
                .and_then(|rest| rest.strip_suffix(';'));
            out.extend(name.map(|name| format!("{folder}/{name}")));
        }
    }
    out
}

/// Tests, benches, examples and developer commands may name cities and read files.
pub fn is_test(path: &str) -> bool {
    let folder = |name: &str| path.starts_with(&format!("{name}/")) || path.contains(&format!("/{name}/"));
    folder("tests")
        || folder("benches")
        || folder("examples")
        || folder("xtask")
        || path.ends_with("tests.rs")
        || path.ends_with("testing.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust(path: &str, text: &str) -> Vec<Complaint> {
        check(
            &File {
                path: path.into(),
                text: text.into(),
            },
            &["prato".to_owned(), "borgo san lazzaro".to_owned()],
            &["modules/a/src/sample".to_owned()],
        )
    }

    #[test]
    fn long_files_are_refused() {
        assert!(rust("modules/a/src/x.rs", &"\n".repeat(600)).is_empty());
        assert_eq!(rust("modules/a/src/x.rs", &"\n".repeat(601)).len(), 1);
    }

    #[test]
    fn unfinished_work_is_refused_even_in_comments() {
        assert_eq!(
            rust("modules/a/src/x.rs", &format!("// {}{}: later", "TO", "DO")).len(),
            1
        );
    }

    #[test]
    fn engines_only_compute() {
        assert_eq!(rust("engines/a/src/x.rs", "let f = std::fs::read(p);").len(), 1);
        assert!(rust("engines/a/examples/x.rs", "let f = std::fs::read(p);").is_empty());
        assert!(rust("platform/a/src/x.rs", "let f = std::fs::read(p);").is_empty());
        assert!(rust("engines/a/src/x.rs", "// tokio would be wrong here").is_empty());
    }

    #[test]
    fn cities_are_data() {
        assert_eq!(rust("modules/a/src/x.rs", "let city = \"Prato\";").len(), 1);
        assert!(rust("modules/a/src/x.rs", "/// Such as \"Prato\".").is_empty());
        assert!(
            rust(
                "modules/a/src/x.rs",
                "#[cfg(test)]\nmod tests {\n const A: &str = \"prato\";\n}"
            )
            .is_empty()
        );
        assert!(rust("modules/a/tests/x.rs", "let city = \"Prato\";").is_empty());
    }

    #[test]
    fn modules_declared_for_tests_are_tests() {
        let text = "mod a;\n#[cfg(test)]\nmod sample;\n";
        let file = |path: &str| File {
            path: path.into(),
            text: text.into(),
        };
        assert_eq!(
            test_modules(&[file("modules/a/src/lib.rs")]),
            ["modules/a/src/sample"]
        );
        assert_eq!(
            test_modules(&[file("modules/a/src/x.rs")]),
            ["modules/a/src/x/sample"]
        );
        assert!(rust("modules/a/src/sample.rs", "let city = \"Prato\";").is_empty());
    }

    #[test]
    fn the_cities_are_read_from_their_folders() {
        let text = "[city]\nid = \"prato\"\nname = \"Prato\"\n[[organisation]]\nid = \"x\"\nname = \"X\"\n";
        let file = File {
            path: "cities/prato/city.toml".into(),
            text: text.into(),
        };
        assert_eq!(city_words(&[file]), ["prato"]);
    }
}

//! Where in a JSON body something stands, built without allocation until an error needs it.

use std::fmt;

/// One step of a path; the root has none.
#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Index(usize),
}

/// A location in a JSON document, printed in JSONPath form (`$.speed.value[0]`).
#[derive(Debug, Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

impl<'a> Path<'a> {
    /// The document itself.
    pub const fn root() -> Path<'static> {
        Path {
            parent: None,
            step: Step::Root,
        }
    }

    /// A member of the object at this path.
    pub fn member(&'a self, name: &'a str) -> Path<'a> {
        Path {
            parent: Some(self),
            step: Step::Member(name),
        }
    }

    /// An element of the array at this path.
    pub fn index(&'a self, index: usize) -> Path<'a> {
        Path {
            parent: Some(self),
            step: Step::Index(index),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => f.write_str("$"),
            Step::Index(i) => write!(f, "[{i}]"),
            Step::Member(name) => {
                let plain = !name.is_empty()
                    && name.chars().all(|c| c.is_alphanumeric() || c == '_')
                    && !name.starts_with(|c: char| c.is_numeric());
                if plain {
                    write!(f, ".{name}")
                } else {
                    write!(f, "['{}']", name.replace('\'', "\\'"))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_json_path() {
        let root = Path::root();
        let a = root.member("speed");
        let b = a.index(2);
        let c = b.member("https://x.org/a");
        assert_eq!(c.to_string(), "$.speed[2]['https://x.org/a']");
        assert_eq!(root.to_string(), "$");
    }
}

//! What the program says of itself.

use crate::program::{bisenzio, run};

/// A route as `bisenzio routes --json` prints it.
#[derive(Clone, Debug)]
pub struct Route {
    pub method: String,
    /// With parameters in braces: `/cantieri/{id}`.
    pub path: String,
    /// "public", "signed-in", "demo" or a permission.
    pub access: String,
    pub is_page: bool,
}

impl Route {
    /// Whether a path (without query) is one of this route.
    pub fn matches(&self, path: &str) -> bool {
        let (mut own, mut other) = (self.path.split('/'), path.split('/'));
        loop {
            match (own.next(), other.next()) {
                (None, None) => return true,
                (Some(part), _) if part.starts_with("{*") => return true,
                (Some(part), Some(value)) => {
                    // A parameter may carry an ending: `{file}.csv`.
                    let fits = match (part.find('{'), part.find('}')) {
                        (Some(open), Some(close)) => {
                            value.len() > open + part.len() - close - 1
                                && value.starts_with(&part[..open])
                                && value.ends_with(&part[close + 1..])
                        }
                        _ => part == value,
                    };
                    if !fits {
                        return false;
                    }
                }
                _ => return false,
            }
        }
    }

    /// How exactly it says its path: of two that match, the one without parameters is meant.
    pub fn parameters(&self) -> usize {
        self.path.matches('{').count()
    }
}

/// Every route of the house.
///
/// # Panics
/// When the program does not print them as agreed.
pub fn routes() -> Vec<Route> {
    let text = run(bisenzio().args(["routes", "--json"]));
    text.lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).expect("a JSON object per line");
            let text = |key: &str| {
                value[key]
                    .as_str()
                    .unwrap_or_else(|| panic!("{key} in {line}"))
                    .to_owned()
            };
            Route {
                method: text("method"),
                path: text("path"),
                access: text("access"),
                is_page: text("kind") == "page",
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str) -> Route {
        Route {
            method: "GET".into(),
            path: path.into(),
            access: "public".into(),
            is_page: true,
        }
    }

    #[test]
    fn paths_find_their_route() {
        assert!(route("/piano/{year}/{code}").matches("/piano/2021/pr-v9"));
        assert!(!route("/piano/{year}").matches("/piano/2021/pr-v9"));
        assert!(!route("/piano/{year}").matches("/piano/"));
        assert!(route("/tiles/{z}/{x}/{y}.mvt").matches("/tiles/1/2/3.mvt"));
        assert!(route("/assets/{*path}").matches("/assets/fonts/a.woff2"));
    }
}

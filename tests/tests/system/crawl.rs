//! Walks a city's pages by their links, as a visitor would.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bisenzio_tests::{Request, Response, Route, Server};

/// What was found: path with query, and its answer.
pub type Pages = BTreeMap<String, Response>;

/// How many pages of one route are enough to know its kind: a city has thousands of worksites.
const PER_ROUTE: usize = 4;

/// Follows links from the given pages; of each route only the first few are asked for.
pub fn walk(server: &Server, host: &str, cookie: &str, routes: &[Route], from: &[String]) -> Pages {
    let mut seen: BTreeSet<String> = from.iter().cloned().collect();
    let mut queue: VecDeque<String> = from.iter().cloned().collect();
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    let mut pages = Pages::new();
    while let Some(path) = queue.pop_front() {
        let Some(route) = route_of(routes, "GET", &path) else {
            continue;
        };
        let count = asked.entry(route.path.clone()).or_default();
        *count += 1;
        if *count > PER_ROUTE || route.path.starts_with("/lingua") {
            continue;
        }
        let answer = server.send(host, &Request::get(&path).cookie(cookie));
        if answer.header("content-type").contains("html") || answer.header("content-type").contains("json") {
            for link in links(&answer.text()) {
                if seen.insert(link.clone()) {
                    queue.push_back(link);
                }
            }
        }
        pages.insert(path, answer);
    }
    pages
}

/// The route that answers a path: of those that match, the most exact.
pub fn route_of<'a>(routes: &'a [Route], method: &str, path: &str) -> Option<&'a Route> {
    let bare = path.split(['?', '#']).next().unwrap_or_default();
    routes
        .iter()
        .filter(|route| route.method == method && route.matches(bare))
        .min_by_key(|route| route.parameters())
}

/// Paths on this server named by attributes of a page or by texts of a JSON answer.
pub fn links(text: &str) -> Vec<String> {
    text.split('"')
        .map(on_this_server)
        .filter(|value| value.starts_with('/') && !value.starts_with("//") && value.len() < 400)
        .filter(|value| !value.contains(['{', '<', ' ', '\n']))
        .filter_map(|value| value.split('#').next())
        .filter(|value| !value.starts_with("/assets/"))
        .map(|value| {
            value
                .replace("&amp;", "&")
                .replace("&#38;", "&")
                .replace("&#x26;", "&")
        })
        .collect()
}

/// `http://localhost:8080/c/abc` is a path of the server under test; other addresses stay whole.
fn on_this_server(value: &str) -> &str {
    value
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .filter(|(authority, _)| {
            authority
                .split(':')
                .next()
                .is_some_and(|host| host.ends_with("localhost"))
        })
        .map_or(value, |(authority, _)| {
            &value["http://".len() + authority.len()..]
        })
}

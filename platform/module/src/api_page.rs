//! `/api`: what programs can ask, read off the running routes, so that the list cannot be out of date.

use askama::Template;
use axum::response::Response;
use bisenzio_kernel::{Permission, Problem};
use bisenzio_web::{Access, Ctx, Page, RouteInfo, RouteKind, render};

struct Endpoint {
    method: String,
    path: String,
    access: String,
}

/// Endpoints of one purpose.
struct Group {
    title: &'static str,
    text: &'static str,
    endpoints: Vec<Endpoint>,
}

/// A permission that a token can hold.
struct Scope {
    name: &'static str,
    text: &'static str,
}

#[derive(Template)]
#[template(path = "api.html")]
struct ApiPage {
    page: Page,
    base: String,
    /// Paths that can be opened as they are: files of data and feeds.
    feeds: Vec<String>,
    groups: Vec<Group>,
    scopes: Vec<Scope>,
}

/// Beginnings of paths, and what stands there in both languages: title, then a sentence. The last takes the rest.
const GROUPS: &[(&[&str], [&str; 2], [&str; 2])] = &[
    (
        &["/ngsi-ld/"],
        ["Grafo della città", "City graph"],
        [
            "Tutte le cose della città come entità NGSI-LD: si leggono per tipo, per luogo e nel tempo.",
            "All things of the city as NGSI-LD entities, by type, place and time.",
        ],
    ),
    (
        &["/cantieri", "/api/v1/roadworks/"],
        ["Cantieri e ordinanze", "Roadworks and ordinances"],
        [
            "I cantieri, le ordinanze e i comunicati, anche come calendario, notizie e mappa.",
            "Roadworks, ordinances and notices, also as calendar, news feed and map.",
        ],
    ),
    (
        &["/piano", "/api/v1/plan"],
        ["Piano smart city", "Smart-city plan"],
        [
            "Progetti, azioni e indicatori del piano, anno per anno.",
            "Projects, actions and indicators of the plan, year by year.",
        ],
    ),
    (
        &["/tiles/", "/api/v1/territory/"],
        ["Territorio", "Territory"],
        [
            "Strade, circoscrizioni e località, e la mappa in tessere vettoriali.",
            "Streets, districts and localities, and the map as vector tiles.",
        ],
    ),
    (
        &["/api/v1/search"],
        ["Ricerca", "Search"],
        [
            "La stessa ricerca che sta in cima a ogni pagina.",
            "The search that stands on top of every page.",
        ],
    ),
    (
        &[""],
        ["Altro", "Other"],
        [
            "Descrizione delle API, stato del servizio e altre informazioni.",
            "Description of the API, state of the service and further information.",
        ],
    ),
];

const FEED_ENDINGS: [&str; 5] = [".geojson", ".ics", ".rss", ".csv", ".json"];

pub(crate) async fn show(ctx: Ctx) -> Result<Response, Problem> {
    let routes: Vec<&RouteInfo> = ctx
        .app
        .routes
        .iter()
        .filter(|route| route.kind == RouteKind::Api && !route.path.starts_with("/assets/"))
        .collect();
    let mut groups: Vec<Group> = GROUPS
        .iter()
        .map(|(_, [title, title_en], [text, text_en])| Group {
            title: ctx.t(title, title_en),
            text: ctx.t(text, text_en),
            endpoints: Vec::new(),
        })
        .collect();
    for route in &routes {
        groups[group_of(&route.path)].endpoints.push(Endpoint {
            method: route.method.to_string(),
            path: route.path.clone(),
            access: who(&ctx, route.access),
        });
    }
    groups.retain(|group| !group.endpoints.is_empty());
    let scopes = ctx.app.permissions.iter();
    let title = ctx.t("API per chi sviluppa", "API for developers").to_owned();
    render(&ApiPage {
        page: ctx.page(&title).crumb(title, ""),
        base: ctx.base_url.clone(),
        feeds: routes
            .iter()
            .filter(|route| route.access == Access::Public && is_feed(&route.path))
            .map(|route| route.path.clone())
            .collect(),
        groups,
        scopes: scopes
            .map(|spec| Scope {
                name: spec.permission.0,
                text: ctx.t(spec.it, spec.en),
            })
            .collect(),
    })
}

fn group_of(path: &str) -> usize {
    GROUPS
        .iter()
        .position(|(beginnings, ..)| beginnings.iter().any(|beginning| path.starts_with(beginning)))
        .unwrap_or(GROUPS.len() - 1)
}

/// A file that can be opened without filling anything in.
fn is_feed(path: &str) -> bool {
    !path.contains('{') && FEED_ENDINGS.iter().any(|ending| path.ends_with(ending))
}

fn who(ctx: &Ctx, access: Access) -> String {
    let words = |permission: Permission| {
        let spec = ctx
            .app
            .permissions
            .iter()
            .find(|spec| spec.permission == permission);
        spec.map_or(permission.0, |spec| ctx.t(spec.it, spec.en))
            .to_owned()
    };
    match access {
        Access::Public => ctx.t("tutti", "everybody").to_owned(),
        Access::SignedIn => ctx.t("chi è entrato", "signed-in users").to_owned(),
        Access::Permission(permission) => words(permission),
        Access::AnyOf(permissions) => {
            let all: Vec<String> = permissions.iter().map(|permission| words(*permission)).collect();
            all.join(ctx.t(" oppure ", " or "))
        }
        Access::Demo => ctx.t("solo dimostrazione", "demonstration only").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_its_group_and_feeds_are_whole_addresses() {
        let title = |path: &str| GROUPS[group_of(path)].1[1];
        assert_eq!(title("/ngsi-ld/v1/entities"), "City graph");
        assert_eq!(title("/cantieri.rss"), "Roadworks and ordinances");
        assert_eq!(title("/healthz"), "Other");
        assert!(is_feed("/cantieri.geojson"));
        assert!(!is_feed("/piano/{year}.json") && !is_feed("/healthz"));
    }
}

//! Who may use each route is what the table says: asked of every route, not of some.

use bisenzio_tests::{DemoData, Request, Response, Route, Server, routes};
use serde_json::json;

/// A path of the route; parameters are filled with something that does not exist, because the decision comes
/// before the record is looked for.
fn path(route: &Route) -> String {
    let parts = route.path.split('/').map(|part| {
        let (Some(open), Some(close)) = (part.find('{'), part.find('}')) else {
            return part.to_owned();
        };
        let value = if part.contains("year") || part.contains("anno") {
            "2021"
        } else {
            "1"
        };
        format!("{}{value}{}", &part[..open], &part[close + 1..])
    });
    parts.collect::<Vec<_>>().join("/")
}

fn ask(server: &Server, route: &Route, cookie: &str) -> Response {
    let mut request = Request::new(&route.method, &path(route)).cookie(cookie);
    if route.method != "GET" {
        request = if route.is_page {
            request.form(&[("x", "1")])
        } else {
            request.json(&json!({}))
        };
    }
    server.ask(&request)
}

fn sent_to_sign_in(answer: &Response) -> bool {
    answer.status == 303 && answer.header("location").starts_with("/accesso?torna=")
}

#[test]
fn anonymous_visitors_meet_what_the_table_says() {
    let data = DemoData::new();
    let server = Server::demo(&["--data", data.path()]);
    let mut wrong = Vec::new();
    for route in routes() {
        let answer = ask(&server, &route, "");
        let refused = answer.status == 401 || sent_to_sign_in(&answer);
        let open = matches!(route.access.as_str(), "public" | "demo");
        if refused == open {
            wrong.push(format!(
                "{} {} is {}: {}",
                route.method, route.path, route.access, answer.status
            ));
        }
        // Errors of APIs are for programs, errors of pages for people.
        let kind = answer.header("content-type");
        if refused && !route.is_page && !kind.contains("json") {
            wrong.push(format!("{} {}: refused with {kind}", route.method, route.path));
        }
        if answer.status >= 500 {
            wrong.push(format!("{} {}: {}", route.method, route.path, answer.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_citizen_is_refused_what_needs_a_permission() {
    let data = DemoData::new();
    let server = Server::demo(&["--data", data.path()]);
    let mut wrong = Vec::new();
    let mut asked = 0;
    for route in routes() {
        if matches!(route.access.as_str(), "public" | "demo" | "signed-in") {
            continue;
        }
        asked += 1;
        let cookie = server.sign_in("localhost", "cittadina");
        let answer = ask(&server, &route, &cookie);
        if answer.status != 403 {
            wrong.push(format!(
                "{} {} needs {}: {}",
                route.method, route.path, route.access, answer.status
            ));
        }
    }
    assert!(asked > 10, "only {asked} routes need a permission");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One officer: what a permission opens, it opens everywhere; the administrator may read everything.
#[test]
fn a_permission_decides_the_same_on_every_route() {
    let data = DemoData::new();
    let server = Server::demo(&["--data", data.path()]);
    let routes: Vec<Route> = routes()
        .into_iter()
        .filter(|route| route.method == "GET" && !matches!(route.access.as_str(), "public" | "demo"))
        .collect();
    let administrator = server.sign_in("localhost", "amministratore");
    let officer = server.sign_in("localhost", "ufficio-piano");
    let mut decided = std::collections::BTreeMap::new();
    for route in &routes {
        let answer = ask(&server, route, &administrator);
        assert!(
            answer.status != 403 && !sent_to_sign_in(&answer),
            "{}: {}",
            route.path,
            answer.status
        );
        let refused = ask(&server, route, &officer).status == 403;
        let before = decided.insert(route.access.clone(), refused);
        assert!(
            before.is_none_or(|before| before == refused),
            "{} on {}",
            route.access,
            route.path
        );
    }
    // Officers edit the plan and do not manage users.
    assert_eq!(decided.get("access.users"), Some(&true), "{decided:?}");
    assert_eq!(decided.get("plan.edit"), Some(&false), "{decided:?}");
}

#[test]
fn forms_without_their_token_or_from_elsewhere_are_refused() {
    let data = DemoData::new();
    let server = Server::demo(&["--data", data.path()]);
    let mut wrong = Vec::new();
    for route in routes()
        .iter()
        .filter(|r| r.is_page && r.method == "POST" && r.access != "demo")
    {
        let cookie = server.sign_in("localhost", "amministratore");
        let form = Request::new("POST", &path(route))
            .cookie(&cookie)
            .form(&[("x", "1")]);
        // From another site, even with everything else right.
        let foreign = server.ask(&form.clone().header("Origin", "https://elsewhere.example"));
        if foreign.status != 403 {
            wrong.push(format!("{} from elsewhere: {}", route.path, foreign.status));
        }
        let without = server.ask(&form);
        if without.status != 403 {
            wrong.push(format!("{} without its token: {}", route.path, without.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_token_does_only_what_its_scopes_say_and_bad_ones_nothing() {
    let data = DemoData::new();
    let token = data.token("prato");
    let server = Server::demo(&["--data", data.path()]);
    let body = json!({ "id": "urn:ngsi-ld:TestSensor:prato:t1", "type": "TestSensor" });
    let create = Request::new("POST", "/ngsi-ld/v1/entities").json(&body);
    assert_eq!(server.ask(&create).status, 401);
    for bad in [
        "bsz_0",
        "bsz_",
        "",
        "'; --",
        &token[..token.len() - 1],
        &format!("{token}0"),
    ] {
        assert_eq!(server.ask(&create.clone().token(bad)).status, 401, "{bad}");
    }
    assert_eq!(server.ask(&create.token(&token)).status, 201);
    // Nobody else's session is a token's: pages for people stay closed.
    let profile = server.ask(&Request::get("/profilo").token(&token));
    assert_ne!(profile.status, 200, "a program has no profile");
}

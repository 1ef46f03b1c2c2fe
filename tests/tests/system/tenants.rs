//! No city ever sees another's data: every route that reads is asked under each city's name.

use std::collections::BTreeSet;

use bisenzio_tests::{DemoData, Request, Route, Server, percent_decode, routes};
use serde_json::json;

use crate::crawl::{Pages, links, route_of, walk};

struct City {
    host: &'static str,
    administrator: &'static str,
    /// Names that stand in this city's data and in no other's.
    marks: &'static [&'static str],
}

const CITIES: [City; 2] = [
    City {
        host: "localhost",
        administrator: "amministratore",
        marks: &[
            ":prato:",
            "comune di prato",
            "publiacqua",
            "pr-v9",
            "giulia fontani",
            "macrolotto",
            "pistoiese",
        ],
    },
    City {
        host: "borgo.localhost",
        administrator: "amministratore-borgo",
        marks: &[":borgo:", "borgo san lazzaro", "acque del poggio"],
    },
];

/// Where a visit begins, beyond what links lead to: what programs ask.
const STARTS: [&str; 20] = [
    "/",
    "/cantieri",
    "/piano",
    "/mappa",
    "/situation-room",
    "/cerca?q=via",
    "/demo",
    "/accesso",
    "/profilo",
    "/ngsi-ld/v1/types",
    // The tiles of the two cities' centres.
    "/tiles/13/4348/2982.mvt",
    "/tiles/13/4353/2977.mvt",
    "/api/v1/openapi.json",
    "/cantieri.geojson",
    "/piano/2021",
    "/piano/2021/pr-v1/luoghi.geojson",
    "/api/v1/plan/2021/indicators",
    "/api/v1/plan/2021/projects/pr-v1",
    "/api/v1/roadworks/ordinances/2008/345",
    "/api/v1/territory/boundary.geojson",
];

/// Entities of the city, so that the graph's routes are asked with identifiers that exist.
fn entity_paths(server: &Server, host: &str) -> Vec<String> {
    let types = server.send(host, &Request::get("/ngsi-ld/v1/types")).text();
    let mut names: BTreeSet<String> = types
        .split('"')
        .filter(|w| w.starts_with(char::is_uppercase))
        .map(str::to_owned)
        .collect();
    names.insert("Building".to_owned());
    let mut out = Vec::new();
    for name in names.iter().take(12) {
        let list = format!("/ngsi-ld/v1/entities?type={name}&limit=3");
        let found = server.send(host, &Request::get(&list)).text();
        out.push(list);
        out.push(format!("/ngsi-ld/v1/types/{name}"));
        out.push(format!("/ngsi-ld/v1/csourceRegistrations?type={name}"));
        out.push(format!(
            "/ngsi-ld/v1/temporal/entities?type={name}&limit=2&timerel=before&timeAt=2099-01-01T00:00:00Z"
        ));
        let ids = found
            .split('"')
            .filter(|word| word.starts_with("urn:ngsi-ld:"))
            .take(2);
        for id in ids {
            out.push(format!("/ngsi-ld/v1/entities/{id}"));
            out.push(format!("/ngsi-ld/v1/temporal/entities/{id}"));
        }
    }
    out.push("/ngsi-ld/v1/attributes/name".to_owned());
    out
}

/// A scenario of the city's traffic, so that the routes about one are asked with what exists; nothing without streets.
fn traffic_paths(server: &Server, host: &str, cookie: &str) -> Vec<String> {
    let table = server.send(host, &Request::get("/api/v1/traffic/base/morning/links.csv"));
    let Some(street) = table
        .text()
        .lines()
        .nth(1)
        .and_then(|l| l.split(',').next().map(str::to_owned))
    else {
        return Vec::new();
    };
    if table.status != 200 {
        return Vec::new();
    }
    let plan = format!("close:both:{street}");
    let form = server.send(
        host,
        &Request::get(&format!("/traffico/scenario?m={plan}")).cookie(cookie),
    );
    let form = form.text();
    let token = form
        .split("name=\"_csrf\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let fields = [
        ("_csrf", token.expect("the form carries a token")),
        ("m", plan.as_str()),
    ];
    let sent = server.send(
        host,
        &Request::new("POST", "/traffico/scenario")
            .cookie(cookie)
            .form(&fields),
    );
    let page = sent.header("location").to_owned();
    let id = page.rsplit('/').next().unwrap_or_default();
    let api = "/api/v1/traffic";
    vec![
        page.clone(),
        format!("{api}/scenarios/{id}"),
        format!("{api}/scenarios/{id}/morning/links.csv"),
        format!("{api}/select-link?streets={street}"),
        format!("{api}/isochrones?lon=11.0966&lat=43.8808"),
    ]
}

fn visit(server: &Server, city: &City, routes: &[Route]) -> Pages {
    let cookie = server.sign_in(city.host, city.administrator);
    let mut starts: Vec<String> = STARTS.iter().map(ToString::to_string).collect();
    starts.extend(
        routes
            .iter()
            .filter(|r| r.method == "GET" && r.parameters() == 0)
            .map(|r| r.path.clone()),
    );
    starts.extend(entity_paths(server, city.host));
    starts.extend(traffic_paths(server, city.host, &cookie));
    walk(server, city.host, &cookie, routes, &starts)
}

/// What an answer says beyond what it was asked: a page may repeat the address and the search.
fn said(path: &str, text: &str) -> String {
    let mut text = percent_decode(text).to_lowercase();
    let asked = percent_decode(path).to_lowercase();
    let (bare, query) = asked.split_once('?').unwrap_or((&asked, ""));
    text = text.replace(&asked, "").replace(bare, "");
    let words = bare.split('/').chain(query.split(['&', '=', '+']));
    let mut parts: Vec<&str> = words.filter(|part| part.len() > 2).collect();
    // The longest first: a short part taken out of a long one would leave the rest of it standing.
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    for part in parts {
        text = text.replace(part, "");
    }
    text
}

#[test]
fn no_route_answers_with_another_citys_data() {
    let data = DemoData::new();
    let server = Server::demo(&["--data", data.path()]);
    let routes = routes();
    let mut leaks = Vec::new();
    let mut reached: BTreeSet<String> = BTreeSet::new();

    for (own, other) in [(&CITIES[0], &CITIES[1]), (&CITIES[1], &CITIES[0])] {
        let pages = visit(&server, own, &routes);
        assert!(pages.len() > 20, "{}: only {} pages", own.host, pages.len());
        let stranger = server.sign_in(other.host, other.administrator);
        for (path, answer) in &pages {
            // The description of the API is the same for all cities; its examples name one.
            if path == "/api/v1/openapi.json" {
                continue;
            }
            if answer.status < 400 {
                reached.extend(route_of(&routes, "GET", path).map(|route| route.path.clone()));
            }
            for mark in other.marks {
                if said(path, &answer.text()).contains(mark) {
                    leaks.push(format!("{}{path} shows \"{mark}\"", own.host));
                }
            }
            // The same address under the other city's name, as anybody and as its administrator.
            for cookie in ["", stranger.as_str()] {
                let answer = server.send(other.host, &Request::get(path).cookie(cookie));
                assert_ne!(answer.status, 500, "{}{path}", other.host);
                for mark in own.marks {
                    if said(path, &answer.text()).contains(mark) {
                        leaks.push(format!("{}{path} (of {}) shows \"{mark}\"", other.host, own.host));
                    }
                }
            }
        }
        // The marks are worth something: the city's own pages carry each of them.
        let all: String = pages
            .values()
            .map(|answer| answer.text().to_lowercase())
            .collect();
        for mark in own.marks {
            assert!(
                all.contains(mark),
                "no page of {} shows \"{mark}\": choose another mark",
                own.host
            );
        }
    }
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));

    let never: Vec<&str> = routes
        .iter()
        .filter(|route| route.method == "GET" && !reached.contains(&route.path))
        .map(|route| route.path.as_str())
        .filter(|path| !NOT_BY_LINKS.iter().any(|known| path.starts_with(known)))
        .collect();
    assert!(
        never.is_empty(),
        "no link or start leads to these routes, so they were not checked: {never:?}"
    );
}

/// Routes that no page of a settled city leads to: language and one-time links, and what answers without data.
const NOT_BY_LINKS: [&str; 12] = [
    // What a demonstration has none of; the graph's own tests ask for each as another city.
    "/ngsi-ld/v1/entityMaps/{id}",
    "/ngsi-ld/v1/csourceRegistrations/{id}",
    "/ngsi-ld/v1/subscriptions/{id}",
    "/ngsi-ld/v1/csourceSubscriptions/{id}",
    "/grafo/iscrizioni/{id}",
    "/grafo/fonti/{id}",
    "/grafo/regole/{id}",
    "/lingua",
    "/accesso/primo",
    "/assets",
    "/ngsi-ld/v1/jsonldContexts",
    "/api/v1/openapi.json",
];

#[test]
fn a_session_and_a_token_open_one_city_only() {
    let data = DemoData::new();
    let token = data.token("prato");
    let server = Server::demo(&["--data", data.path()]);
    let cookie = server.sign_in("localhost", "amministratore");
    assert_eq!(server.ask(&Request::get("/profilo").cookie(&cookie)).status, 200);
    let elsewhere = server.send("borgo.localhost", &Request::get("/profilo").cookie(&cookie));
    assert_eq!(
        (
            elsewhere.status,
            elsewhere.header("location").starts_with("/accesso")
        ),
        (303, true)
    );

    let body = json!({ "id": "urn:ngsi-ld:TestSensor:x:1", "type": "TestSensor" });
    let create = Request::new("POST", "/ngsi-ld/v1/entities").json(&body);
    let refused = server.send("borgo.localhost", &create.clone().token(&token));
    assert!(
        matches!(refused.status, 401 | 403),
        "{}: {}",
        refused.status,
        refused.text()
    );
    let named = server.ask(&create.clone().token(&token).header("NGSILD-Tenant", "borgo"));
    assert!(
        matches!(named.status, 401 | 403),
        "{}: {}",
        named.status,
        named.text()
    );
    assert_eq!(server.ask(&create.token(&token)).status, 201);
    let seen = server.send(
        "borgo.localhost",
        &Request::get("/ngsi-ld/v1/entities/urn:ngsi-ld:TestSensor:x:1"),
    );
    assert_eq!(seen.status, 404);
}

#[test]
fn a_real_server_refuses_unknown_hosts_and_roles_for_the_asking() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().join("city.db").display());
    // The same village as a real one: no demonstration, nobody who can sign in yet.
    let city = folder.path().join("city");
    let source = bisenzio_tests::root().join("cities/borgo");
    bisenzio_tests::run(std::process::Command::new("cp").arg("-a").arg(source).arg(&city));
    std::fs::remove_file(city.join("people.toml")).unwrap();
    let text = std::fs::read_to_string(city.join("city.toml")).unwrap();
    std::fs::write(
        city.join("city.toml"),
        text.replace("demo = true", "demo = false"),
    )
    .unwrap();
    bisenzio_tests::run(
        bisenzio_tests::bisenzio()
            .args(["import", "city"])
            .arg(city)
            .env("BISENZIO_STORE_URL", &store),
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    drop(taken);
    let mut child = bisenzio_tests::bisenzio()
        .arg("serve")
        .env("BISENZIO_STORE_URL", &store)
        .env("BISENZIO_SERVER_ADDRESS", format!("127.0.0.1:{port}"))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let answer = (0..200).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        Request::get("/").send(port, "unknown.example").ok()
    });
    let known = Request::get("/").send(port, "borgo.localhost").ok();
    let demo = Request::get("/demo").send(port, "borgo.localhost").ok();
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(answer.map(|a| a.status), Some(421), "a host nobody claims");
    assert_eq!(known.map(|a| a.status), Some(200));
    assert_eq!(
        demo.map(|a| a.status),
        Some(404),
        "choosing a role must not exist outside demonstrations"
    );
    // A city without users offers its first administrator a way in, once, on the operator's screen.
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("/accesso/primo?"), "{said}");
}

#[test]
fn links_are_found_in_pages_and_answers() {
    let page = "<a href=\"/piano/2021?a=1&amp;b=2#x\"> <script src=\"/assets/app.js\"> {\"url\":\"/cantieri/2\"} <a href=\"//x\">";
    assert_eq!(links(page), ["/piano/2021?a=1&b=2", "/cantieri/2"]);
}

//! An edition freezes its year: whatever happens later, the year stays as it was published.

use bisenzio_tests::{DemoData, Request, Server, bisenzio, run};
use serde_json::{Value, json};

/// The token of the form on a page.
fn csrf(page: &str) -> String {
    let rest = page
        .split("name=\"_csrf\" value=\"")
        .nth(1)
        .expect("the page has a form");
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn read(server: &Server, path: &str) -> String {
    let answer = server.ask(&Request::get(path));
    assert_eq!(answer.status, 200, "{path}");
    answer.text().replace(&format!(":{}", server.port), "")
}

/// An indicator of the year that can be declared: slug of its project, its id.
fn an_indicator(server: &Server) -> (String, String) {
    let year: Value = server.ask(&Request::get("/api/v1/plan/2021")).json();
    let projects = year["projects"].as_array().expect("projects");
    for project in projects {
        if let Some(indicator) = project["indicators"].as_array().and_then(|all| all.first()) {
            let text = |value: &Value| value.as_str().expect("a name").to_owned();
            return (text(&project["slug"]), text(&indicator["id"]));
        }
    }
    panic!("no project has an indicator");
}

#[test]
fn nothing_that_happens_later_changes_a_frozen_year() {
    let data = DemoData::new();
    let token = data.token("prato");
    let server = Server::demo(&["--data", data.path()]);
    let (slug, indicator) = an_indicator(&server);
    let declare = Request::new(
        "PUT",
        &format!("/api/v1/plan/2021/projects/{slug}/indicators/{indicator}/observation"),
    )
    .json(&json!({ "value": 12345, "source": "prova", "confirm": true }))
    .token(&token);

    // While it is a draft, it changes.
    let before = read(&server, "/piano/2021/nota.html");
    let changed = server.ask(&declare);
    assert_eq!(changed.status, 204, "{}", changed.text());
    let draft = read(&server, "/piano/2021/nota.html");
    assert!(
        draft != before && draft.contains("12.345"),
        "the draft did not change"
    );

    let manager = server.sign_in("localhost", "dirigente");
    let confirm = server.ask(&Request::get("/piano/2021/chiudi").cookie(&manager));
    assert_eq!(confirm.status, 200, "{}", confirm.text());
    let freeze = Request::new("POST", "/piano/2021/chiudi").cookie(&manager);
    let frozen = server.ask(&freeze.form(&[("_csrf", &csrf(&confirm.text())), ("confirm", "2021")]));
    assert_eq!(frozen.status, 303, "{}", frozen.text());

    let paths = [
        "/piano/2021/nota.html",
        "/api/v1/plan/2021",
        "/piano/2021/indicatori.csv",
    ];
    let published: Vec<String> = paths.iter().map(|path| read(&server, path)).collect();
    assert!(published[0].contains("12.345"));

    // Edits are refused, and what the edition was made from may change or go.
    assert_eq!(server.ask(&declare).status, 409);
    let works: Value = server
        .ask(&Request::get("/ngsi-ld/v1/entities?type=AccessPoint&limit=1000"))
        .json();
    let points = works.as_array().expect("a list of entities");
    assert_eq!(points.len(), 16, "access points of the year");
    for point in points {
        let path = format!("/ngsi-ld/v1/entities/{}", point["id"].as_str().expect("an id"));
        assert_eq!(
            server.ask(&Request::new("DELETE", &path).token(&token)).status,
            204
        );
    }
    drop(server);

    // The city's files are loaded again, and the program starts anew.
    let server = Server::demo(&["--data", data.path(), "--reload"]);
    for (path, published) in paths.iter().zip(&published) {
        assert!(
            read(&server, path) == *published,
            "{path} of the frozen year changed"
        );
    }
    let note = tempfile::tempdir().unwrap();
    let file = note.path().join("nota.html");
    run(bisenzio()
        .args(["plan", "note", "--year", "2021", "--data", data.path(), "--out"])
        .arg(&file));
    assert!(std::fs::read_to_string(&file).unwrap().contains("12.345"));
}

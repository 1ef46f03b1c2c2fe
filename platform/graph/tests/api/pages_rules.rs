//! `/grafo/regole`: access rules for who administers the graph.

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use bisenzio_kernel::{Actor, ActorKind, Problem, Role, Tenant};
use bisenzio_web::{App, Authenticator, Identity};
use http::{HeaderMap, Method, header};
use serde_json::{Value, json};

use crate::house::{Answer, ENTITIES, House, ask, houses, houses_with, text};

const PAGE: &str = "/grafo/regole";
const NEW: &str = "/grafo/regole/nuova";
const RULES: &str = "/api/v1/graph/rules";

async fn read(house: &House, role: &str, path: &str) -> Answer {
    house.get_with(path, &[("x-test-role", role)]).await
}

async fn send(house: &House, role: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request = ask(Method::POST, path)
        .header("x-test-role", role)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    house.send(request.body(Body::from(body)).unwrap()).await
}

async fn rules(house: &House) -> Value {
    read(house, "manager", RULES).await.is(200).json()
}

async fn meters(house: &House) {
    house
        .change(
            "INSERT INTO organisation (tenant, id, name, kind) VALUES ($1, $2, $3, $4)",
            vec![
                "prato".into(),
                "publiacqua".into(),
                "Publiacqua".into(),
                "utility".into(),
            ],
        )
        .await;
    house
        .create(&json!({
            "id": "urn:ngsi-ld:WaterMeter:prato:1", "type": "WaterMeter",
            "level": { "type": "Property", "value": 812 },
            "address": { "type": "Property", "value": "Via Pistoiese 1" },
        }))
        .await;
}

/// What a form remembers of the rule that it shows.
fn mark(form: &Answer) -> String {
    let (_, rest) = form.text.split_once("name=\"seen\" value=\"").expect("a mark");
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// A form that is right.
const METERS: [(&str, &str); 8] = [
    ("description", "I contatori sono di <i>Publiacqua</i>"),
    ("types", "WaterMeter"),
    ("attributes", "Indirizzo"),
    ("readers", "alcuni"),
    ("readers_who", "officer"),
    ("readers_role", "planner"),
    ("readers_body", "publiacqua"),
    ("writers", "amministratori"),
];

#[tokio::test]
async fn only_who_administers_the_graph_sees_and_changes_them() {
    for house in houses().await {
        let unknown = house.get(PAGE).await;
        assert!(unknown.is(303).header("location").starts_with("/accesso?torna="));
        for path in [PAGE, NEW, "/grafo/regole/a/modifica", "/grafo/regole/a/elimina"] {
            read(&house, "officer", path).await.is(403);
        }
        for path in [NEW, "/grafo/regole/a/modifica", "/grafo/regole/a/elimina"] {
            send(&house, "officer", path, &METERS).await.is(403);
        }
        for path in ["/grafo/regole/a/modifica", "/grafo/regole/a/elimina"] {
            read(&house, "manager", path).await.is(404);
            send(&house, "manager", path, &METERS).await.is(404);
        }
        assert_eq!(rules(&house).await, json!([]));
    }
}

#[tokio::test]
async fn a_rule_is_written_changed_and_deleted_in_words() {
    for house in houses().await {
        meters(&house).await;
        let empty = read(&house, "manager", PAGE).await;
        assert!(text(&empty.is(200).text).contains("Nessuna regola Tutto ciò che è nel grafo è pubblico"));
        let form = read(&house, "manager", NEW).await;
        let words = text(&form.is(200).text);
        assert!(
            words.contains("Contatore dell'acqua") && words.contains("Publiacqua"),
            "{words}"
        );

        let saved = send(&house, "manager", NEW, &METERS).await;
        assert_eq!(saved.is(303).header("location"), PAGE);
        let id = "i-contatori-sono-di-i-publiacqua-i";
        assert_eq!(
            rules(&house).await,
            json!([{
                "id": id, "description": "I contatori sono di <i>Publiacqua</i>", "types": ["WaterMeter"],
                "attributes": ["address"], "readers": ["officer", "planner@publiacqua"], "writers": [],
            }])
        );
        let list = read(&house, "manager", PAGE).await;
        let words = text(&list.is(200).text);
        assert!(!list.text.contains("<i>Publiacqua"), "a description is text");
        assert!(
            words.contains(
                "Contatore dell'acqua solo questi dati: Indirizzo Ufficio comunale; Pianificatore di azienda, \
                 Publiacqua Solo gli amministratori"
            ),
            "{words}"
        );
        // It holds from now on.
        let seen = house
            .get(&format!("{ENTITIES}/urn:ngsi-ld:WaterMeter:prato:1"))
            .await;
        assert!(seen.is(200).json().get("address").is_none());

        let path = format!("{PAGE}/{id}/modifica");
        let form = read(&house, "manager", &path).await;
        for field in [
            "value=\"Indirizzo\"",
            "value=\"WaterMeter\" checked",
            "value=\"planner@publiacqua\" checked",
            "value=\"alcuni\" checked",
            "value=\"amministratori\" checked",
        ] {
            assert!(form.is(200).text.contains(field), "{field}: {}", form.text);
        }
        let seen = mark(&form);
        let change = [
            ("seen", seen.as_str()),
            ("description", "Solo chi è entrato"),
            ("more_types", "WaterMeter, Tree"),
            ("scope", "/acqua"),
            ("readers", "alcuni"),
            ("readers_who", "signed-in"),
            ("writers", "tutti"),
        ];
        let changed = send(&house, "manager", &path, &change).await;
        assert!(
            changed.is(303).header("set-cookie").contains("warning"),
            "nothing is a Tree"
        );
        assert_eq!(
            rules(&house).await,
            json!([{
                "id": id, "description": "Solo chi è entrato", "types": ["WaterMeter", "Tree"],
                "scopeQ": "/acqua", "readers": ["signed-in"],
            }])
        );
        let english = house
            .get_with(
                PAGE,
                &[("x-test-role", "manager"), ("cookie", "bisenzio_lang=en")],
            )
            .await;
        assert!(
            text(&english.is(200).text)
                .contains("Water meter, Tree only in the scope «/acqua» Whoever has signed in Who may write"),
        );

        let path = format!("{PAGE}/{id}/elimina");
        let asked = read(&house, "manager", &path).await;
        assert!(text(&asked.is(200).text).contains("torna subito pubblico"));
        send(&house, "manager", &path, &[]).await.is(303);
        assert_eq!(rules(&house).await, json!([]));

        let done = house
            .rows(
                "SELECT action, subject, detail FROM access_audit WHERE tenant = 'prato' ORDER BY id",
                vec![],
            )
            .await;
        let done: Vec<String> = done.iter().map(|row| format!("{row:?}")).collect();
        assert_eq!(done.len(), 3, "{done:?}");
        assert!(done[0].contains("graph.rule.save") && done[0].contains("attributes: «» → «address»"));
        assert!(
            done[1].contains("readers: «officer, planner@publiacqua» → «signed-in»"),
            "{done:?}"
        );
        assert!(done[2].contains("graph.rule.delete") && done[2].contains(&format!("graph/rule/{id}")));
    }
}

#[tokio::test]
async fn who_saves_second_sees_what_the_first_has_saved() {
    for house in houses().await {
        meters(&house).await;
        send(&house, "manager", NEW, &METERS).await.is(303);
        let path = format!("{PAGE}/i-contatori-sono-di-i-publiacqua-i/modifica");
        let mark_of_both = mark(&read(&house, "manager", &path).await);
        let change = async |description: &str, seen: &str| {
            let fields = [
                ("seen", seen),
                ("description", description),
                ("readers", "amministratori"),
            ];
            send(&house, "manager", &path, &fields).await
        };
        change("La prima", &mark_of_both).await.is(303);
        let refused = change("La seconda", &mark_of_both).await;
        let words = text(&refused.is(409).text);
        assert!(
            words.contains("nel frattempo") && words.contains("La prima"),
            "{words}"
        );
        assert!(
            refused.text.contains("value=\"La seconda\""),
            "what was typed stays"
        );
        change("La seconda", &mark(&refused)).await.is(303);
        assert_eq!(rules(&house).await[0]["description"], "La seconda");
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_beside_the_field() {
    for house in houses().await {
        meters(&house).await;
        let long = "x".repeat(501);
        for (fields, field, message) in [
            (
                vec![("readers", "amministratori")],
                "description",
                "Scrivere a che cosa serve la regola.",
            ),
            (
                vec![("description", long.as_str())],
                "description",
                "Al massimo 500 caratteri.",
            ),
            (
                vec![("description", "a")],
                "readers",
                "La regola non riserva nulla",
            ),
            (
                vec![("description", "a"), ("readers", "alcuni")],
                "readers",
                "Indicare almeno un ruolo o un'organizzazione",
            ),
            (
                vec![
                    ("description", "a"),
                    ("writers_who", "officer"),
                    ("readers", "amministratori"),
                ],
                "writers",
                "Qui sotto sono indicate delle persone",
            ),
            (
                vec![
                    ("description", "a"),
                    ("readers", "alcuni"),
                    ("readers_who", "king"),
                ],
                "readers",
                "Un ruolo o un'organizzazione non esiste.",
            ),
            (
                vec![
                    ("description", "a"),
                    ("readers", "amministratori"),
                    ("attributes", "Indirizzo, il nome"),
                ],
                "attributes",
                "Nessun dato si chiama «il nome».",
            ),
            (
                vec![
                    ("description", "a"),
                    ("readers", "amministratori"),
                    ("scope", "//"),
                ],
                "scope",
                "Un ambito si scrive come /sensori/meteo.",
            ),
            (
                vec![
                    ("description", "a"),
                    ("readers", "amministratori"),
                    ("more_types", "Water Meter"),
                ],
                "more_types",
                "I nomi dei tipi non hanno spazi",
            ),
        ] {
            let answer = send(&house, "manager", NEW, &fields).await;
            let html = &answer.is(422).text;
            let beside = html
                .find(&format!("id=\"e-{field}\""))
                .expect("a message beside the field");
            assert!(
                text(&html[beside..]).contains(message) && text(html).contains("Occorre correggere"),
                "{message}"
            );
            // What was typed stays.
            assert!(fields.iter().all(|(_, value)| html.contains(value)));
        }
        assert_eq!(rules(&house).await, json!([]));
    }
}

#[tokio::test]
async fn rules_are_tried_as_somebody() {
    for house in houses().await {
        meters(&house).await;
        for (id, rule) in [
            (
                "a",
                json!({ "types": ["WaterMeter"], "attributes": ["address"], "readers": ["officer"] }),
            ),
            (
                "c",
                json!({ "types": ["Tree"], "readers": [], "writers": ["planner"] }),
            ),
            (
                "b",
                json!({ "types": ["WaterMeter"], "readers": ["signed-in"], "writers": ["planner@publiacqua"] }),
            ),
        ] {
            let request = ask(Method::PUT, &format!("{RULES}/{id}"))
                .header("x-test-role", "manager")
                .header(header::CONTENT_TYPE, "application/json");
            let sent = request.body(Body::from(rule.to_string())).unwrap();
            house.send(sent).await.is(201);
        }
        for (query, said) in [
            (
                "come=nessuno",
                "Chi non è entrato : vede 0 tipi su 1; non ne scrive nessuno.",
            ),
            ("come=nessuno", "Contatore dell'acqua WaterMeter nessuna no"),
            ("come=nessuno", "Tree Tree nessuna no"),
            ("come=administrator", "Tree Tree non ce ne sono ancora sì"),
            ("come=planner", "Tree Tree nessuna sì"),
            ("come=citizen", "WaterMeter tutte (1) senza: Indirizzo no"),
            ("come=officer", "WaterMeter tutte (1) no"),
            ("come=planner", "WaterMeter tutte (1) senza: Indirizzo no"),
            (
                "come=planner&ente=publiacqua",
                "Pianificatore di azienda, Publiacqua : vede 1",
            ),
            (
                "come=planner&ente=publiacqua",
                "WaterMeter tutte (1) senza: Indirizzo sì",
            ),
            ("come=administrator", "WaterMeter tutte (1) sì"),
        ] {
            let page = read(&house, "manager", &format!("{PAGE}?{query}")).await;
            let words = text(&page.is(200).text);
            assert!(words.contains(said), "{query} on {}: {words}", house.name());
        }
        let nobody = read(&house, "manager", &format!("{PAGE}?come=king")).await;
        assert!(!text(&nobody.is(200).text).contains(": vede "));
    }
}

#[tokio::test]
async fn rules_of_one_city_are_not_those_of_another() {
    for house in houses().await {
        meters(&house).await;
        send(&house, "manager", NEW, &METERS).await.is(303);
        let other = [("x-test-role", "manager"), ("host", "borgo.example")];
        let request = |path: &str| {
            let request = http::Request::builder().uri(path);
            let request = other
                .iter()
                .fold(request, |all, (name, value)| all.header(*name, *value));
            request.body(Body::empty()).unwrap()
        };
        let list = house.send(request(PAGE)).await;
        let words = text(&list.is(200).text);
        assert!(
            words.contains("Nessuna regola") && !words.contains("Publiacqua"),
            "{words}"
        );
        let id = "i-contatori-sono-di-i-publiacqua-i";
        house
            .send(request(&format!("{PAGE}/{id}/modifica")))
            .await
            .is(404);
    }
}

/// A manager in a session of a browser.
struct Session;

#[async_trait]
impl Authenticator for Session {
    async fn authenticate(&self, _: &App, tenant: &Tenant, _: &HeaderMap) -> Result<Identity, Problem> {
        let kind = ActorKind::Person {
            id: "1".into(),
            username: "bruni".into(),
            name: "Bruni".into(),
        };
        let may = ["graph.administer".to_owned()];
        Ok(Identity {
            actor: Actor::new(kind, tenant.id.clone(), None, vec![Role::Manager], may),
            csrf: Some("token".into()),
        })
    }
}

#[tokio::test]
async fn without_the_token_of_the_session_nothing_is_saved() {
    for house in houses_with(|_| Arc::new(Session)).await {
        send(&house, "", NEW, &METERS).await.is(403);
        let with: Vec<(&str, &str)> = METERS.into_iter().chain([("_csrf", "token")]).collect();
        send(&house, "", NEW, &with).await.is(303);
        let path = "/grafo/regole/i-contatori-sono-di-i-publiacqua-i/elimina";
        send(&house, "", path, &[]).await.is(403);
        send(&house, "", path, &[("_csrf", "token")]).await.is(303);
    }
}

//! Who may read and write what.

use bisenzio_graph::GraphModule;
use bisenzio_module::Module;
use http::{Method, header};
use serde_json::{Value, json};

use crate::house::{Answer, ENTITIES, House, ask, houses};

const RULES: &str = "/api/v1/graph/rules";
const METER: &str = "/ngsi-ld/v1/entities/urn:ngsi-ld:WaterMeter:prato:1";

async fn by(
    house: &House,
    role: &str,
    organisation: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Answer {
    let mut request = ask(method, path).header("x-test-role", role);
    if !organisation.is_empty() {
        request = request.header("x-test-organisation", organisation);
    }
    let body = match body {
        Some(value) => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            value.to_string()
        }
        None => String::new(),
    };
    house.send(request.body(body.into()).unwrap()).await
}

async fn rule(house: &House, id: &str, body: Value) {
    let path = format!("{RULES}/{id}");
    by(house, "administrator", "", Method::PUT, &path, Some(body))
        .await
        .is(201);
}

fn meter() -> Value {
    json!({
        "id": "urn:ngsi-ld:WaterMeter:prato:1", "type": "WaterMeter", "scope": "/prato/acqua",
        "reading": { "type": "Property", "value": 812 },
        "user": { "type": "Property", "value": "Rossi" },
    })
}

/// A meter whose user only officers and Publiacqua see, and that only Publiacqua writes.
async fn metered(house: &House) {
    house.create(&meter()).await;
    rule(
        house,
        "writers",
        json!({ "types": ["WaterMeter"], "writers": ["@publiacqua"] }),
    )
    .await;
    rule(
        house,
        "user",
        json!({ "types": ["WaterMeter"], "attributes": ["user"], "readers": ["officer", "@publiacqua"] }),
    )
    .await;
}

#[tokio::test]
async fn what_is_hidden_neither_shows_nor_matches() {
    for house in houses().await {
        // Answers that were kept before the rules end with them.
        house
            .create(&json!({ "id": "urn:a:before", "type": "WaterMeter", "user": "Bianchi" }))
            .await;
        assert_eq!(
            house.get(&format!("{ENTITIES}/urn:a:before")).await.json()["user"]["value"],
            "Bianchi"
        );
        metered(&house).await;
        assert!(
            house
                .get(&format!("{ENTITIES}/urn:a:before"))
                .await
                .json()
                .get("user")
                .is_none()
        );

        let seen = house.get(METER).await.json();
        assert_eq!(seen["reading"]["value"], 812);
        assert!(seen.get("user").is_none(), "{seen}");
        for (role, organisation, sees) in [
            ("citizen", "", false),
            ("planner", "alia", false),
            ("planner", "publiacqua", true),
            ("officer", "", true),
            ("administrator", "", true),
        ] {
            let entity = by(&house, role, organisation, Method::GET, METER, None)
                .await
                .json();
            assert_eq!(
                entity.get("user").is_some(),
                sees,
                "{role}@{organisation} on {}",
                house.name()
            );
            let query = format!("{ENTITIES}?type=WaterMeter&q=user==%22Rossi%22");
            let found = by(&house, role, organisation, Method::GET, &query, None)
                .await
                .json();
            assert_eq!(
                found.as_array().unwrap().len(),
                usize::from(sees),
                "{role}@{organisation}"
            );
            let query = format!("{ENTITIES}?attrs=user&count=true&limit=0");
            let count = by(&house, role, organisation, Method::GET, &query, None).await;
            assert_eq!(count.header("ngsild-results-count"), if sees { "2" } else { "0" });
        }
        let discovered = house.get("/ngsi-ld/v1/attributes").await.text;
        assert!(
            discovered.contains("reading") && !discovered.contains("user"),
            "{discovered}"
        );
        let past = house
            .get("/ngsi-ld/v1/temporal/entities/urn:ngsi-ld:WaterMeter:prato:1")
            .await
            .text;
        assert!(past.contains("812") && !past.contains("Rossi"), "{past}");

        rule(
            &house,
            "all",
            json!({ "scopeQ": "/prato/acqua", "readers": ["signed-in"] }),
        )
        .await;
        house.get(METER).await.is_error(404, "ResourceNotFound", "");
        house
            .get("/ngsi-ld/v1/temporal/entities/urn:ngsi-ld:WaterMeter:prato:1")
            .await
            .is(404);
        assert_eq!(house.ids("type=WaterMeter").await, ["urn:a:before"]);
        by(&house, "citizen", "", Method::GET, METER, None).await.is(200);
        by(
            &house,
            "administrator",
            "",
            Method::DELETE,
            &format!("{RULES}/all"),
            None,
        )
        .await
        .is(204);
        house.get(METER).await.is(200);
    }
}

#[tokio::test]
async fn what_could_not_be_delivered_keeps_what_rules_hide() {
    const LETTERS: &str = "/api/v1/graph/dead-letters";
    for house in houses().await {
        metered(&house).await;
        let row: Vec<bisenzio_store::Value> = vec![
            "prato".into(),
            "letter".into(),
            "urn:ngsi-ld:Subscription:a".into(),
            "urn:ngsi-ld:WaterMeter:prato:1".into(),
            "{\"data\":[{\"user\":\"Rossi\"}]}".into(),
            3_i64.into(),
            0_i64.into(),
            0_i64.into(),
            "the endpoint answered 503".into(),
        ];
        house
            .change(
                "INSERT INTO dead_letter (tenant, id, subscription, entity, body, attempts, queued_at, died_at, reason)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                row,
            )
            .await;
        let content = async |role: &str| {
            let letters = by(&house, role, "", Method::GET, LETTERS, None)
                .await
                .is(200)
                .json();
            assert_eq!(letters["total"], 1);
            letters["items"][0]["notification"].clone()
        };
        let whole = json!({ "data": [{ "user": "Rossi" }] });
        assert_eq!(content("officer").await, whole, "{}", house.name());
        let narrower = json!({ "types": ["WaterMeter"], "attributes": ["user"], "readers": ["@publiacqua"] });
        let path = format!("{RULES}/user");
        by(&house, "administrator", "", Method::PUT, &path, Some(narrower))
            .await
            .is(204);
        assert_eq!(content("officer").await, Value::Null, "{}", house.name());
        assert_eq!(content("administrator").await, whole);
    }
}

#[tokio::test]
async fn every_way_of_writing_is_held_against_the_rules() {
    for house in houses().await {
        metered(&house).await;
        let attribute = json!({ "type": "Property", "value": 1 });
        let fragment = json!({ "reading": attribute });
        let base = "/ngsi-ld/v1";
        let batch = |name: &str| format!("{base}/entityOperations/{name}");
        let past = format!("{base}/temporal/entities");
        let mut temporal = meter();
        temporal["reading"] =
            json!([{ "type": "Property", "value": 5, "observedAt": "2026-01-01T00:00:00Z" }]);
        let writes: Vec<(Method, String, Option<Value>)> = vec![
            (Method::PUT, METER.into(), Some(meter())),
            (Method::PATCH, METER.into(), Some(fragment.clone())),
            (Method::DELETE, METER.into(), None),
            (Method::POST, format!("{METER}/attrs"), Some(fragment.clone())),
            (Method::PATCH, format!("{METER}/attrs"), Some(fragment.clone())),
            (
                Method::PUT,
                format!("{METER}/attrs/reading"),
                Some(attribute.clone()),
            ),
            (
                Method::PATCH,
                format!("{METER}/attrs/reading"),
                Some(attribute.clone()),
            ),
            (Method::DELETE, format!("{METER}/attrs/reading"), None),
            (Method::POST, past.clone(), Some(temporal)),
            (
                Method::POST,
                format!("{past}/urn:ngsi-ld:WaterMeter:prato:1/attrs"),
                Some(
                    json!({ "reading": [{ "type": "Property", "value": 6, "observedAt": "2026-03-12T00:00:00Z" }] }),
                ),
            ),
            (
                Method::DELETE,
                format!("{past}/urn:ngsi-ld:WaterMeter:prato:1"),
                None,
            ),
            (Method::DELETE, format!("{ENTITIES}?type=WaterMeter"), None),
        ];
        for (method, path, body) in &writes {
            let answer = by(&house, "officer", "", method.clone(), path, body.clone()).await;
            assert_eq!(
                answer.status.as_u16(),
                403,
                "{method} {path} on {}: {}",
                house.name(),
                answer.text
            );
        }
        let mut changed = meter();
        changed["reading"]["value"] = json!(1);
        let batches: [(&str, Value); 5] = [
            ("upsert", json!([changed])),
            ("update", json!([changed])),
            ("merge", json!([changed])),
            ("delete", json!(["urn:ngsi-ld:WaterMeter:prato:1"])),
            (
                "create",
                json!([{ "id": "urn:ngsi-ld:WaterMeter:prato:2", "type": "WaterMeter" }]),
            ),
        ];
        for (name, body) in batches {
            let answer = by(&house, "officer", "", Method::POST, &batch(name), Some(body)).await;
            assert_eq!(answer.status.as_u16(), 207, "{name}: {}", answer.text);
            assert_eq!(
                answer.json()["errors"][0]["error"]["status"],
                403,
                "{name}: {}",
                answer.text
            );
        }
        let untouched = by(&house, "officer", "", Method::GET, METER, None).await.json();
        assert_eq!(
            (&untouched["reading"]["value"], &untouched["user"]["value"]),
            (&json!(812), &json!("Rossi"))
        );

        // Whom the rule names may, with no more than the permission to contribute; and nothing that no rule names.
        let path = format!("{METER}/attrs/reading");
        by(
            &house,
            "planner",
            "alia",
            Method::PATCH,
            &path,
            Some(attribute.clone()),
        )
        .await
        .is(403);
        by(
            &house,
            "planner",
            "publiacqua",
            Method::PATCH,
            &path,
            Some(attribute.clone()),
        )
        .await
        .is(204);
        house
            .create(&json!({ "id": "urn:a:free", "type": "Bench" }))
            .await;
        let bench = format!("{ENTITIES}/urn:a:free/attrs");
        by(
            &house,
            "planner",
            "publiacqua",
            Method::POST,
            &bench,
            Some(fragment.clone()),
        )
        .await
        .is(403);
        by(&house, "officer", "", Method::POST, &bench, Some(fragment))
            .await
            .is(204);
        // Nobody leads an entity out of a rule's reach, or into it.
        let typed = json!({ "type": ["WaterMeter"], "reading": attribute });
        by(&house, "officer", "", Method::POST, &bench, Some(typed))
            .await
            .is(403);
        by(&house, "citizen", "", Method::POST, &bench, Some(json!({})))
            .await
            .is(403);
    }
}

#[tokio::test]
async fn rules_are_the_administrators_and_say_what_is_wrong_with_them() {
    for house in houses().await {
        let path = format!("{RULES}/x");
        let body = json!({ "types": ["T"], "readers": ["officer"] });
        for role in ["citizen", "planner", "officer"] {
            by(&house, role, "", Method::PUT, &path, Some(body.clone()))
                .await
                .is(403);
            by(&house, role, "", Method::GET, RULES, None).await.is(403);
        }
        by(
            &house,
            "administrator",
            "",
            Method::PUT,
            &path,
            Some(body.clone()),
        )
        .await
        .is(201);
        by(&house, "administrator", "", Method::PUT, &path, Some(body))
            .await
            .is(204);
        let list = by(&house, "administrator", "", Method::GET, RULES, None)
            .await
            .json();
        assert_eq!(list[0]["id"], "x");
        for bad in [
            json!({ "types": ["T"] }),
            json!({ "readers": ["king"] }),
            json!({ "readers": [], "scopeQ": "//" }),
        ] {
            by(&house, "administrator", "", Method::PUT, &path, Some(bad))
                .await
                .is(422);
        }
        by(
            &house,
            "administrator",
            "",
            Method::PUT,
            &path,
            Some(json!({ "id": "y", "readers": [] })),
        )
        .await
        .is(400);
        by(
            &house,
            "administrator",
            "",
            Method::PUT,
            &path,
            Some(json!({ "reader": [] })),
        )
        .await
        .is(400);
        by(&house, "administrator", "", Method::DELETE, &path, None)
            .await
            .is(204);
        by(&house, "administrator", "", Method::DELETE, &path, None)
            .await
            .is(404);
    }
}

#[test]
fn no_route_that_writes_is_open() {
    for route in GraphModule.routes().infos() {
        // An entity map is its maker's own scratch list: whoever knows its identifier, made by chance, has it.
        let reads = matches!(route.method, Method::GET)
            || route.path.ends_with("/query")
            || route.path.starts_with("/ngsi-ld/v1/entityMaps/");
        assert!(
            reads || route.access != bisenzio_web::Access::Public,
            "{} {} writes and is open to all",
            route.method,
            route.path
        );
    }
}

//! Registering context sources and finding them again (5.9, 5.10).

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::elsewhere::{REGISTRATIONS, as_manager, merge};
use crate::house::{House, houses};

fn source(id: &str, changes: Value) -> Value {
    let mut body = json!({
        "id": format!("urn:ngsi-ld:ContextSourceRegistration:{id}"),
        "type": "ContextSourceRegistration",
        "endpoint": "http://source.example:1026",
        "information": [{ "entities": [{ "type": "Vehicle" }] }],
    });
    merge(&mut body, changes);
    body
}

fn path(id: &str) -> String {
    format!("{REGISTRATIONS}/urn:ngsi-ld:ContextSourceRegistration:{id}")
}

async fn add(house: &House, id: &str, changes: Value) {
    as_manager(house, Method::POST, REGISTRATIONS, Some(&source(id, changes)))
        .await
        .is(201);
}

async fn found(house: &House, query: &str) -> Vec<String> {
    let answer = as_manager(house, Method::GET, &format!("{REGISTRATIONS}?{query}"), None).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text);
    let list = answer.json();
    let ids = list.as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap());
    // Those of one instant come by identifier.
    ids.map(|id| id.rsplit(':').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_registration_lives() {
    for house in houses().await {
        let given = source(
            "a",
            json!({ "mode": "redirect", "sourceProperty": 3, "scope": ["/Nord"] }),
        );
        let created = as_manager(&house, Method::POST, REGISTRATIONS, Some(&given)).await;
        assert_eq!(created.is(201).header("location"), path("a"));
        as_manager(&house, Method::POST, REGISTRATIONS, Some(&given))
            .await
            .is_error(409, "AlreadyExists", "");
        assert_eq!(
            as_manager(&house, Method::GET, &path("a"), None).await.json(),
            given
        );
        let patch = json!({ "endpoint": "http://new.example", "sourceProperty": null });
        as_manager(&house, Method::PATCH, &path("a"), Some(&patch))
            .await
            .is(204);
        let with_times = format!("{}?options=sysAttrs", path("a"));
        let shown = as_manager(&house, Method::GET, &with_times, None).await.json();
        assert_eq!(shown["endpoint"], "http://new.example");
        assert!(shown.get("sourceProperty").is_none() && shown["createdAt"].is_string());
        as_manager(&house, Method::DELETE, &path("a"), None).await.is(204);
        for method in [Method::GET, Method::DELETE] {
            let gone = as_manager(&house, method, &path("a"), None).await;
            gone.is_error(404, "ResourceNotFound", "");
        }
        as_manager(&house, Method::PATCH, &path("a"), Some(&patch))
            .await
            .is_error(404, "ResourceNotFound", "");
        let mut unnamed = given.clone();
        unnamed.as_object_mut().unwrap().remove("id");
        let created = as_manager(&house, Method::POST, REGISTRATIONS, Some(&unnamed)).await;
        let location = created.is(201).header("location").to_owned();
        as_manager(&house, Method::GET, &location, None).await.is(200);
    }
}

#[tokio::test]
async fn what_is_no_registration_is_refused() {
    for house in houses().await {
        let bad = [
            (json!({ "type": "Registration" }), "$.type"),
            (json!({ "information": null }), "$.information"),
            (json!({ "endpoint": "file:///etc/passwd" }), "$.endpoint"),
            (json!({ "operations": ["everything"] }), "$.operations"),
        ];
        for (changes, place) in bad {
            as_manager(&house, Method::POST, REGISTRATIONS, Some(&source("x", changes)))
                .await
                .is_error(400, "BadRequestData", place);
        }
        let past = source("x", json!({ "expiresAt": "2026-03-11T07:59:00Z" }));
        as_manager(&house, Method::POST, REGISTRATIONS, Some(&past))
            .await
            .is_error(400, "BadRequestData", "");
        as_manager(&house, Method::GET, &format!("{REGISTRATIONS}/nonsense"), None)
            .await
            .is_error(400, "BadRequestData", "");
        for query in [
            "",
            "?q=(x",
            "?type=T&georel=within",
            "?type=T&timerel=before",
            "?id=nonsense",
        ] {
            let answer = as_manager(&house, Method::GET, &format!("{REGISTRATIONS}{query}"), None).await;
            answer.is_error(400, "BadRequestData", "");
        }
    }
}

#[tokio::test]
async fn only_who_may_register_sees_and_registers() {
    for house in houses().await {
        let body = source("a", json!({}));
        assert_eq!(
            house.get(&format!("{REGISTRATIONS}?type=Vehicle")).await.status,
            401
        );
        let as_officer = house.call(Method::POST, REGISTRATIONS, Some(&body)).await;
        assert_eq!(as_officer.status, 403);
    }
}

#[tokio::test]
async fn only_one_can_be_the_only_one() {
    for house in houses().await {
        let speed =
            json!([{ "entities": [{ "id": "urn:v:1", "type": "Vehicle" }], "propertyNames": ["speed"] }]);
        let colour =
            json!([{ "entities": [{ "id": "urn:v:1", "type": "Vehicle" }], "propertyNames": ["colour"] }]);
        add(&house, "a", json!({ "mode": "exclusive", "information": speed })).await;
        add(&house, "b", json!({ "mode": "exclusive", "information": colour })).await;
        add(&house, "c", json!({ "mode": "inclusive", "information": speed })).await;
        for mode in ["exclusive", "redirect"] {
            let rival = source("d", json!({ "mode": mode, "information": speed }));
            as_manager(&house, Method::POST, REGISTRATIONS, Some(&rival))
                .await
                .is_error(409, "Conflict", "");
        }
        let patch = json!({ "information": speed });
        as_manager(&house, Method::PATCH, &path("b"), Some(&patch))
            .await
            .is_error(409, "Conflict", "");
    }
}

#[tokio::test]
async fn sources_are_found_by_what_they_have() {
    for house in houses().await {
        add(&house, "vehicles", json!({ "sourceProperty": "x" })).await;
        let buildings = json!([{
            "entities": [{ "type": "Building", "idPattern": "^urn:b:.*" }],
            "propertyNames": ["name"], "relationshipNames": ["locatedAt"],
        }]);
        let place = json!({ "type": "Point", "coordinates": [11.1, 43.88] });
        add(
            &house,
            "buildings",
            json!({ "information": buildings, "location": place }),
        )
        .await;
        let interval = json!({ "startAt": "2020-01-01T00:00:00Z", "endAt": "2021-01-01T00:00:00Z" });
        add(&house, "past", json!({ "observationInterval": interval })).await;
        add(
            &house,
            "x-soon-over",
            json!({ "expiresAt": "2026-03-11T08:01:00Z" }),
        )
        .await;

        assert_eq!(found(&house, "type=Vehicle").await, ["vehicles", "x-soon-over"]);
        assert_eq!(
            found(&house, "type=Vehicle&count=true&limit=1&offset=1").await,
            ["x-soon-over"]
        );
        assert_eq!(
            found(&house, "attrs=locatedAt").await,
            ["buildings", "vehicles", "x-soon-over"]
        );
        assert_eq!(found(&house, "type=Building&attrs=height").await, [""; 0]);
        assert_eq!(
            found(&house, "id=urn:b:7").await,
            ["buildings", "vehicles", "x-soon-over"]
        );
        let own = "urn:ngsi-ld:ContextSourceRegistration:buildings";
        assert_eq!(found(&house, &format!("id={own}")).await, ["buildings"]);
        assert_eq!(found(&house, "csf=sourceProperty==%22x%22").await, ["vehicles"]);
        let near = "type=Building&georel=near;maxDistance==1000&geometry=Point&coordinates=";
        assert_eq!(
            found(&house, &format!("{near}[11.1,43.881]")).await,
            ["buildings"]
        );
        assert_eq!(found(&house, &format!("{near}[12,43]")).await, [""; 0]);
        let before = "type=Vehicle&timerel=before&timeAt=2020-06-01T00:00:00Z";
        assert_eq!(found(&house, before).await, ["past"]);
        house.clock.advance(120);
        assert_eq!(
            found(&house, "type=Vehicle").await,
            ["vehicles"],
            "the other has expired"
        );

        let page = format!("{REGISTRATIONS}?type=Vehicle&limit=1&count=true");
        let answer = as_manager(&house, Method::GET, &page, None).await;
        assert_eq!(answer.header("ngsild-results-count"), "1");
        assert!(answer.page("next").is_none() && answer.page("prev").is_none());
        let asked = [("accept", "application/ld+json"), ("x-test-role", "manager")];
        let answer = house.get_with(&format!("{page}&offset=1"), &asked).await;
        let link = format!("<{page}&offset=0>; rel=\"prev\"; type=\"application/ld+json\"");
        assert_eq!(
            answer.links(),
            [link.replace("limit=1&count=true", "count=true&limit=1")]
        );
    }
}

#[tokio::test]
async fn the_broker_says_who_it_is() {
    for house in houses().await {
        let path = "/ngsi-ld/v1/info/sourceIdentity";
        let first = house.get(path).await.is(200).json();
        assert_eq!(first["type"], "ContextSourceIdentity");
        house.clock.advance(30);
        let later = house.get(path).await.json();
        assert_eq!(later["contextSourceAlias"], first["contextSourceAlias"]);
        assert_eq!(later["contextSourceUptime"], 30);
    }
}

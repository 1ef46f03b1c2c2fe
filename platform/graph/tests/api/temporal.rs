//! The evolution of one entity: what writing leaves behind, and how it is read.

use http::Method;
use serde_json::{Value, json};

use crate::house::{ENTITIES, House, TEMPORAL_PAGE, houses};

pub const TEMPORAL: &str = "/ngsi-ld/v1/temporal/entities";
pub const ID: &str = "urn:ngsi-ld:Meter:prato:1";

/// A meter that was read `n` times, once a minute, through the entity API.
pub async fn meter(house: &House, n: usize) {
    house
        .create(&json!({
            "id": ID, "type": "Meter", "name": { "type": "Property", "value": "Serbatoio" },
            "level": reading(0),
        }))
        .await;
    for i in 1..n {
        house.clock.advance(60);
        let path = format!("{ENTITIES}/{ID}/attrs/level");
        house.call(Method::PATCH, &path, Some(&reading(i))).await.is(204);
    }
}

pub fn reading(n: usize) -> Value {
    json!({ "type": "Property", "value": n, "unitCode": "MTR", "observedAt": format!("2026-03-10T10:{n:02}:00Z") })
}

pub async fn read(house: &House, query: &str) -> Value {
    let answer = house.get(&format!("{TEMPORAL}/{ID}?{query}")).await;
    assert_eq!(answer.status.as_u16(), 200, "{}: {}", house.name(), answer.text);
    answer.json()
}

/// The values of an attribute's instances, in the order of the answer.
pub fn values(entity: &Value, attribute: &str) -> Vec<Value> {
    let list = entity[attribute].as_array().cloned().unwrap_or_default();
    list.iter().map(|i| i["value"].clone()).collect()
}

#[tokio::test]
async fn superseded_instances_are_read_with_the_current_one() {
    for house in houses().await {
        meter(&house, 4).await;
        let whole = read(&house, "").await;
        assert_eq!(values(&whole, "level"), [0, 1, 2, 3]);
        assert_eq!(values(&whole, "name"), ["Serbatoio"], "it has no observedAt");
        let first = &whole["level"][0];
        assert_eq!(first["observedAt"], "2026-03-10T10:00:00Z");
        assert_eq!(
            (&first["unitCode"], &first["type"]),
            (&json!("MTR"), &json!("Property"))
        );
        assert!(first.get("createdAt").is_none());
        let stored = house
            .rows(
                "SELECT number, document FROM attribute_history ORDER BY time",
                vec![],
            )
            .await;
        assert_eq!(stored.len(), 3, "creating writes no history");
        assert!(
            stored.iter().all(|row| row[1] == bisenzio_store::Value::Null),
            "numbers alone"
        );
    }
}

#[tokio::test]
async fn an_instance_keeps_its_identifier_when_it_becomes_past() {
    for house in houses().await {
        meter(&house, 2).await;
        let before = read(&house, "").await["level"].clone();
        house.clock.advance(60);
        let path = format!("{ENTITIES}/{ID}/attrs/level");
        house.call(Method::PATCH, &path, Some(&reading(2))).await.is(204);
        let after = read(&house, "").await["level"].clone();
        for n in 0..2 {
            assert_eq!(
                before[n]["instanceId"],
                after[n]["instanceId"],
                "{}",
                house.name()
            );
        }
        let mut ids: Vec<String> = (0..3).map(|n| after[n]["instanceId"].to_string()).collect();
        ids.dedup();
        assert_eq!(ids.len(), 3);
    }
}

#[tokio::test]
async fn a_clock_that_stands_still_loses_nothing() {
    for house in houses().await {
        house
            .create(&json!({ "id": ID, "type": "Meter", "level": { "type": "Property", "value": 0 } }))
            .await;
        for n in 1..5 {
            let path = format!("{ENTITIES}/{ID}/attrs/level");
            let body = json!({ "type": "Property", "value": n });
            house.call(Method::PATCH, &path, Some(&body)).await.is(204);
        }
        let mut seen: Vec<i64> = values(&read(&house, "").await, "level")
            .iter()
            .map(|v| v.as_i64().unwrap())
            .collect();
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3, 4], "{}", house.name());
    }
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_was() {
    let kinds = [
        json!({ "type": "Property", "value": 1.5, "accuracy": { "type": "Property", "value": 0.1 } }),
        json!({ "type": "Property", "value": 9_007_199_254_740_993_i64 }),
        json!({ "type": "Property", "value": { "a": [1, null] } }),
        json!({ "type": "Property", "value": true }),
        json!({ "type": "Relationship", "object": "urn:a:b" }),
        json!({ "type": "GeoProperty", "value": { "type": "Point", "coordinates": [11.1, 43.9] } }),
        json!({ "type": "LanguageProperty", "languageMap": { "it": "sì" } }),
        json!({ "type": "VocabProperty", "vocab": "open" }),
        json!({ "type": "JsonProperty", "json": { "x": 1 } }),
        json!({ "type": "ListProperty", "valueList": [1, 2] }),
        json!({ "type": "ListRelationship", "objectList": ["urn:a:b", "urn:a:c"] }),
    ];
    for house in houses().await {
        house
            .create(&json!({ "id": ID, "type": "Meter", "state": { "type": "Property", "value": 0 } }))
            .await;
        for kind in &kinds {
            house.clock.advance(60);
            let body = json!({ "state": kind });
            house
                .call(Method::POST, &format!("{ENTITIES}/{ID}/attrs"), Some(&body))
                .await
                .is(204);
        }
        house.clock.advance(60);
        house
            .call(Method::DELETE, &format!("{ENTITIES}/{ID}/attrs/state"), None)
            .await
            .is(204);
        let whole = read(&house, "").await;
        let mut list = whole["state"].as_array().unwrap().clone();
        list.iter_mut().for_each(|i| {
            i.as_object_mut().unwrap().remove("instanceId");
        });
        assert_eq!(list[1..12], kinds, "{}", house.name());
        assert_eq!(list[12]["objectList"], json!(["urn:ngsi-ld:null"]));
        assert!(list[12]["deletedAt"].is_string());
        let simple = read(&house, "options=temporalValues").await;
        assert_eq!(
            simple["state"].as_array().unwrap().len(),
            8,
            "one object for each kind"
        );
        let vocab = simple["state"]
            .as_array()
            .unwrap()
            .iter()
            .find(|s| s["type"] == "VocabProperty");
        assert_eq!(vocab.unwrap()["vocabs"][0][0], json!({ "vocab": "open" }));
    }
}

#[tokio::test]
async fn what_was_deleted_has_its_evolution_still() {
    for house in houses().await {
        meter(&house, 2).await;
        house.clock.advance(60);
        house
            .call(Method::DELETE, &format!("{ENTITIES}/{ID}/attrs/level"), None)
            .await
            .is(204);
        let gone = read(&house, "timeproperty=deletedAt").await;
        assert_eq!(values(&gone, "level"), ["urn:ngsi-ld:null"]);
        assert!(gone.get("name").is_none());
        house.clock.advance(60);
        house
            .call(Method::DELETE, &format!("{ENTITIES}/{ID}"), None)
            .await
            .is(204);
        house.get(&format!("{ENTITIES}/{ID}")).await.is(404);
        let whole = read(&house, "options=sysAttrs").await;
        assert_eq!(whole["type"], "Meter");
        assert_eq!(whole["deletedAt"], "2026-03-11T08:03:00Z", "{whole}");
        assert_eq!(
            values(&whole, "name"),
            [json!("Serbatoio"), json!("urn:ngsi-ld:null")]
        );
        assert_eq!(values(&whole, "level").len(), 3);
        // It comes back: the past is still its past.
        house.clock.advance(60);
        meter(&house, 1).await;
        assert_eq!(
            values(&read(&house, "timeproperty=observedAt").await, "level"),
            [0, 0, 1]
        );
    }
}

#[tokio::test]
async fn each_time_can_be_asked_for() {
    for house in houses().await {
        meter(&house, 4).await;
        let asked = |query: &'static str| {
            let house = &house;
            async move { values(&read(house, query).await, "level") }
        };
        assert_eq!(asked("timerel=after&timeAt=2026-03-10T10:01:00Z").await, [2, 3]);
        assert_eq!(asked("timerel=before&timeAt=2026-03-10T10:01:00Z").await, [0]);
        assert_eq!(
            asked("timerel=between&timeAt=2026-03-10T10:01:00Z&endTimeAt=2026-03-10T10:03:00Z").await,
            [1, 2]
        );
        // They were recorded from 8:00 on, a minute apart.
        for time in ["createdAt", "modifiedAt"] {
            let path = format!("timeproperty={time}&timerel=after&timeAt=2026-03-11T08:01:30Z");
            let found = read(&house, &path).await;
            assert_eq!(values(&found, "level"), [2, 3]);
            assert_eq!(
                found["level"][0][time], "2026-03-11T08:02:00Z",
                "what was asked about is shown"
            );
        }
        let pairs = read(
            &house,
            "options=temporalValues&timeproperty=createdAt&attrs=level",
        )
        .await;
        assert_eq!(pairs["level"]["values"][0], json!([0, "2026-03-11T08:00:00Z"]));
        assert_eq!(asked("lastN=2").await, [2, 3]);
        assert_eq!(
            asked("lastN=2&timerel=before&timeAt=2026-03-10T10:03:00Z").await,
            [1, 2]
        );
    }
}

#[tokio::test]
async fn members_and_instances_are_chosen() {
    for house in houses().await {
        meter(&house, 2).await;
        let body = json!({ "level": { "type": "Property", "value": 7, "datasetId": "urn:d:1" } });
        house
            .call(Method::POST, &format!("{ENTITIES}/{ID}/attrs"), Some(&body))
            .await
            .is(204);
        assert_eq!(values(&read(&house, "datasetId=urn:d:1").await, "level"), [7]);
        assert_eq!(
            values(&read(&house, "datasetId=@none&attrs=level").await, "level"),
            [0, 1]
        );
        let picked = read(&house, "pick=id,level&options=concise").await;
        assert!(picked.get("type").is_none() && picked.get("name").is_none());
        assert_eq!(
            picked["level"][0].as_object().unwrap().keys().collect::<Vec<_>>(),
            ["value", "unitCode", "observedAt", "instanceId"]
        );
        assert!(read(&house, "omit=level").await.get("level").is_none());
        for nothing in ["attrs=speed", "pick=speed", "omit=id,type,name,level"] {
            let answer = house.get(&format!("{TEMPORAL}/{ID}?{nothing}")).await;
            answer.is_error(404, "ResourceNotFound", "");
        }
        let ld = house
            .get_with(&format!("{TEMPORAL}/{ID}"), &[("accept", "application/ld+json")])
            .await;
        assert!(ld.is(200).json()["@context"].is_string());
    }
}

#[tokio::test]
async fn more_than_a_page_is_answered_in_parts_that_join() {
    for house in houses().await {
        meter(&house, 55).await;
        let mut seen = Vec::new();
        let mut path = format!("{TEMPORAL}/{ID}?attrs=level&timerel=after&timeAt=2026-03-01T00:00:00Z");
        loop {
            let answer = house.get(&path).await;
            seen.extend(values(&answer.json(), "level"));
            if answer.status.as_u16() == 200 {
                break;
            }
            answer.is(206);
            let range = answer.header("content-range").to_owned();
            let (_, end) = range
                .strip_prefix("date-time ")
                .unwrap()
                .split_once("Z-")
                .unwrap();
            let end = end.strip_suffix("/*").unwrap();
            path = format!("{TEMPORAL}/{ID}?attrs=level&timerel=after&timeAt={end}");
        }
        assert_eq!(seen, (0..55).map(Value::from).collect::<Vec<_>>());

        let answer = house.get(&format!("{TEMPORAL}/{ID}?attrs=level&lastN=50")).await;
        answer.is(206);
        let body = answer.json();
        assert_eq!(values(&body, "level").len(), TEMPORAL_PAGE);
        assert_eq!(
            body["level"][0]["value"], 15,
            "the newest, written from the oldest on"
        );
        assert_eq!(
            answer.header("content-range"),
            "date-time 2026-03-10T10:54:00Z-2026-03-10T10:15:00Z/50"
        );
    }
}

#[tokio::test]
async fn attributes_outside_the_part_are_empty_lists() {
    for house in houses().await {
        meter(&house, 45).await;
        let body =
            json!({ "battery": { "type": "Property", "value": 1, "observedAt": "2026-03-10T12:00:00Z" } });
        house
            .call(Method::POST, &format!("{ENTITIES}/{ID}/attrs"), Some(&body))
            .await
            .is(204);
        let path = format!("{TEMPORAL}/{ID}?timeproperty=observedAt");
        let answer = house.get(&path).await;
        assert_eq!(answer.is(206).json()["battery"], json!([]), "{}", answer.text);
        let pairs = house.get(&format!("{path}&options=temporalValues")).await.json();
        assert_eq!(pairs["battery"], json!({ "type": "Property", "values": [] }));
        let newest = house.get(&format!("{path}&lastN=100")).await.json();
        assert_eq!(values(&newest, "battery"), [1]);
        assert_eq!(newest["level"].as_array().unwrap().len(), TEMPORAL_PAGE - 1);
    }
}

#[tokio::test]
async fn too_much_at_one_instant_is_refused() {
    for house in houses().await {
        let mut entity = json!({ "id": ID, "type": "Meter" });
        for n in 0..=TEMPORAL_PAGE {
            entity[format!("a{n}")] =
                json!({ "type": "Property", "value": n, "observedAt": "2026-03-10T10:00:00Z" });
        }
        house.create(&entity).await;
        let answer = house.get(&format!("{TEMPORAL}/{ID}")).await;
        answer.is_error(403, "TooManyResults", "");
    }
}

#[tokio::test]
async fn scopes_evolve_like_properties() {
    for house in houses().await {
        house
            .create(&json!({ "id": ID, "type": "Meter", "scope": ["/a", "/b"] }))
            .await;
        assert_eq!(values(&read(&house, "").await, "scope"), [json!(["/a", "/b"])]);
        house.clock.advance(60);
        house
            .call(
                Method::PATCH,
                &format!("{ENTITIES}/{ID}"),
                Some(&json!({ "scope": "/c" })),
            )
            .await
            .is(204);
        house.clock.advance(60);
        house
            .call(Method::DELETE, &format!("{ENTITIES}/{ID}/attrs/scope"), None)
            .await
            .is(204);
        let whole = read(&house, "").await;
        assert_eq!(
            values(&whole, "scope"),
            [json!(["/a", "/b"]), json!(["/c"]), json!([])],
            "{}",
            house.name()
        );
        let gone = read(&house, "timeproperty=deletedAt&options=temporalValues").await;
        assert_eq!(gone["scope"]["values"], json!([[[], "2026-03-11T08:02:00Z"]]));
    }
}

#[tokio::test]
async fn faulty_questions_get_the_standards_errors() {
    for house in houses().await {
        meter(&house, 1).await;
        for (query, kind) in [
            ("timerel=after", "BadRequestData"),
            ("timerel=between&timeAt=2026-03-10T10:00:00Z", "BadRequestData"),
            ("timerel=since&timeAt=2026-03-10T10:00:00Z", "BadRequestData"),
            ("timeAt=2026-03-10T10:00:00Z", "BadRequestData"),
            ("timerel=after&timeAt=10:00", "BadRequestData"),
            ("timeproperty=seenAt", "BadRequestData"),
            ("lastN=0", "BadRequestData"),
            ("options=aggregatedValues", "BadRequestData"),
            ("options=aggregatedValues&aggrMethods=median", "BadRequestData"),
            (
                "options=aggregatedValues&aggrMethods=avg&aggrPeriodDuration=1H",
                "BadRequestData",
            ),
            (
                "options=temporalValues,aggregatedValues&aggrMethods=avg",
                "BadRequestData",
            ),
            ("options=fancy", "InvalidRequest"),
            ("format=fancy", "InvalidRequest"),
            ("pick=level&omit=level", "BadRequestData"),
            ("attrs=level&pick=level", "BadRequestData"),
            ("datasetId=x%20y", "BadRequestData"),
            ("lang=%20", "BadRequestData"),
            ("nonsense=1", "InvalidRequest"),
        ] {
            let answer = house.get(&format!("{TEMPORAL}/{ID}?{query}")).await;
            assert_eq!(answer.status.as_u16(), 400, "{query}: {}", answer.text);
            answer.is_error(400, kind, "");
        }
        house
            .get(&format!("{TEMPORAL}/urn:ngsi-ld:Meter:prato:9"))
            .await
            .is_error(404, "ResourceNotFound", "");
        house
            .get(&format!("{TEMPORAL}/nothing"))
            .await
            .is_error(400, "BadRequestData", "");
    }
}

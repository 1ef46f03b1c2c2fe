//! Changing the evolution of entities, and what becomes of their current state.

use http::Method;
use serde_json::{Value, json};

use crate::house::{ENTITIES, House, houses};
use crate::temporal::{ID, TEMPORAL, meter, read, values};

fn observed(value: i64, hour: u8) -> Value {
    json!({ "type": "Property", "value": value, "observedAt": format!("2026-03-10T{hour:02}:00:00Z") })
}

async fn post(house: &House, attributes: Value) -> u16 {
    let mut body = json!({ "id": ID, "type": "Meter" });
    for (name, list) in attributes.as_object().unwrap() {
        body[name] = list.clone();
    }
    house
        .call(Method::POST, TEMPORAL, Some(&body))
        .await
        .status
        .as_u16()
}

async fn current(house: &House) -> Value {
    house
        .get(&format!("{ENTITIES}/{ID}?options=keyValues"))
        .await
        .json()
}

#[tokio::test]
async fn the_newest_instance_is_the_current_state() {
    for house in houses().await {
        let body = json!({ "level": [observed(3, 12), observed(1, 10), observed(2, 11)] });
        assert_eq!(post(&house, body).await, 201);
        assert_eq!(current(&house).await["level"], 3);
        assert_eq!(values(&read(&house, "").await, "level"), [1, 2, 3]);
        assert_eq!(house.ids("type=Meter").await, [ID], "it is an entity like others");

        house.clock.advance(60);
        assert_eq!(post(&house, json!({ "level": [observed(9, 9)] })).await, 204);
        assert_eq!(current(&house).await["level"], 3, "older than the current one");
        assert_eq!(post(&house, json!({ "level": [observed(4, 13)] })).await, 204);
        assert_eq!(current(&house).await["level"], 4);
        assert_eq!(values(&read(&house, "").await, "level"), [9, 1, 2, 3, 4]);
    }
}

#[tokio::test]
async fn an_instance_of_the_same_instant_takes_the_place_of_the_earlier() {
    for house in houses().await {
        post(&house, json!({ "level": [observed(1, 10), observed(2, 11)] })).await;
        house.clock.advance(60);
        assert_eq!(
            post(
                &house,
                json!({ "level": [observed(7, 10), observed(8, 11), observed(9, 11)] })
            )
            .await,
            204
        );
        assert_eq!(values(&read(&house, "").await, "level"), [7, 9]);
        assert_eq!(current(&house).await["level"], 9);
    }
}

#[tokio::test]
async fn attributes_are_added_with_their_instances() {
    for house in houses().await {
        post(&house, json!({ "level": [observed(1, 10)] })).await;
        let body = json!({ "flow": [observed(5, 10), observed(6, 11)], "note": { "type": "Property", "value": "x" } });
        let path = format!("{TEMPORAL}/{ID}/attrs");
        house.call(Method::POST, &path, Some(&body)).await.is(204);
        let now = current(&house).await;
        assert_eq!((&now["flow"], &now["note"]), (&json!(6), &json!("x")));
        let other = json!({ "id": "urn:a:b", "flow": [observed(5, 10)] });
        house
            .call(Method::POST, &path, Some(&other))
            .await
            .is_error(400, "BadRequestData", "");
        house
            .call(Method::POST, &format!("{TEMPORAL}/urn:a:b/attrs"), Some(&body))
            .await
            .is_error(404, "ResourceNotFound", "");
        let faulty = json!({ "flow": [{ "type": "Property", "value": 1, "observedAt": "now" }] });
        house.call(Method::POST, &path, Some(&faulty)).await.is_error(
            400,
            "BadRequestData",
            "$.flow[0].observedAt",
        );
        house
            .raw(Method::POST, &path, "application/json", "[1,")
            .await
            .is_error(400, "InvalidRequest", "");
    }
}

#[tokio::test]
async fn what_is_no_more_stays_so() {
    for house in houses().await {
        meter(&house, 2).await;
        house
            .call(Method::DELETE, &format!("{ENTITIES}/{ID}"), None)
            .await
            .is(204);
        assert_eq!(post(&house, json!({ "level": [observed(50, 7)] })).await, 204);
        house.get(&format!("{ENTITIES}/{ID}")).await.is(404);
        let past = read(&house, "timeproperty=observedAt").await;
        assert_eq!(values(&past, "level"), [50, 0, 1]);
    }
}

#[tokio::test]
async fn one_instance_is_changed_and_keeps_its_identifier() {
    for house in houses().await {
        meter(&house, 3).await;
        let before = read(&house, "").await;
        for (n, was_current) in [(0, false), (2, true)] {
            let id = before["level"][n]["instanceId"].as_str().unwrap();
            let path = format!("{TEMPORAL}/{ID}/attrs/level/{id}");
            house.clock.advance(60);
            let body = json!({ "value": 100 + n, "unitCode": "CMT", "note": { "type": "Property", "value": "checked" } });
            house.call(Method::PATCH, &path, Some(&body)).await.is(204);
            let after = read(&house, "options=sysAttrs").await;
            let instance = &after["level"][n];
            assert_eq!(instance["value"], 100 + n, "{}", house.name());
            assert_eq!(
                (&instance["instanceId"], &instance["unitCode"]),
                (&json!(id), &json!("CMT"))
            );
            assert_eq!(instance["note"]["value"], "checked");
            assert_ne!(instance["modifiedAt"], instance["createdAt"]);
            if was_current {
                assert_eq!(current(&house).await["level"], 102);
            }
            house
                .call(Method::PATCH, &path, Some(&json!({ "value": 5 })))
                .await
                .is(204);
        }
        assert_eq!(values(&read(&house, "").await, "level"), [5, 1, 5]);
        // The changed one becomes past under its identifier, its successor has another.
        let id = before["level"][2]["instanceId"].clone();
        house.clock.advance(60);
        let body = json!({ "value": 6, "observedAt": "2026-03-10T11:00:00Z" });
        let path = format!("{ENTITIES}/{ID}/attrs/level");
        house.call(Method::PATCH, &path, Some(&body)).await.is(204);
        let after = read(&house, "").await;
        assert_eq!(after["level"][2]["instanceId"], id);
        assert_ne!(after["level"][3]["instanceId"], id);
    }
}

#[tokio::test]
async fn faulty_changes_of_an_instance_are_refused() {
    for house in houses().await {
        meter(&house, 2).await;
        let whole = read(&house, "").await;
        let id = whole["level"][0]["instanceId"].as_str().unwrap();
        let path = format!("{TEMPORAL}/{ID}/attrs/level/{id}");
        for body in [
            json!({}),
            json!({ "type": "Relationship", "object": "urn:a:b" }),
            json!({ "value": "urn:ngsi-ld:null" }),
            json!({ "observedAt": 3 }),
        ] {
            let answer = house.call(Method::PATCH, &path, Some(&body)).await;
            assert_eq!(answer.status.as_u16(), 400, "{body}: {}", answer.text);
        }
        for method in [Method::PATCH, Method::DELETE] {
            for (wrong, status) in [
                (
                    format!("{TEMPORAL}/{ID}/attrs/level/urn:ngsi-ld:instance:1-1"),
                    404,
                ),
                (format!("{TEMPORAL}/{ID}/attrs/level/urn:else:where"), 404),
                (format!("{TEMPORAL}/{ID}/attrs/name/{id}"), 404),
                (format!("{TEMPORAL}/urn:a:b/attrs/level/{id}"), 404),
                (format!("{TEMPORAL}/{ID}/attrs/level/x"), 400),
                (format!("{TEMPORAL}/x/attrs/level/{id}"), 400),
                (format!("{TEMPORAL}/{ID}/attrs/a(b/{id}"), 400),
            ] {
                let body = (method == Method::PATCH).then(|| json!({ "value": 1 }));
                let answer = house.call(method.clone(), &wrong, body.as_ref()).await;
                assert_eq!(
                    answer.status.as_u16(),
                    status,
                    "{method} {wrong}: {}",
                    answer.text
                );
            }
        }
        let nameless = format!("{TEMPORAL}/{ID}/attrs//{id}");
        let body = json!({ "value": 1 });
        let answer = house.call(Method::PATCH, &nameless, Some(&body)).await;
        assert_eq!(answer.is(405).header("allow"), "DELETE");
        house.call(Method::DELETE, &nameless, None).await.is(400);
        assert_eq!(read(&house, "").await, whole);
    }
}

#[tokio::test]
async fn without_the_current_instance_the_one_before_is_current() {
    for house in houses().await {
        meter(&house, 3).await;
        for left in [vec![0, 1], vec![0], vec![]] {
            let whole = read(&house, "").await;
            let newest = whole["level"].as_array().unwrap().last().unwrap();
            let id = newest["instanceId"].as_str().unwrap();
            let path = format!("{TEMPORAL}/{ID}/attrs/level/{id}");
            house.call(Method::DELETE, &path, None).await.is(204);
            house.call(Method::DELETE, &path, None).await.is(404);
            let after = read(&house, "").await;
            assert_eq!(values(&after, "level"), left, "{}", house.name());
            assert_eq!(
                current(&house).await["level"],
                left.last().map_or(Value::Null, |n| json!(n))
            );
        }
        assert!(house.ids("type=Meter&attrs=level").await.is_empty());
    }
}

#[tokio::test]
async fn deleting_an_evolution_deletes_the_current_state_too() {
    for house in houses().await {
        meter(&house, 3).await;
        let body = json!({ "level": { "type": "Property", "value": 7, "datasetId": "urn:d:1" } });
        let attributes = format!("{ENTITIES}/{ID}/attrs");
        house.call(Method::POST, &attributes, Some(&body)).await.is(204);
        let path = format!("{TEMPORAL}/{ID}/attrs/level");
        house.call(Method::DELETE, &path, None).await.is(204);
        assert_eq!(
            values(&read(&house, "").await, "level"),
            [7],
            "the other instance stays"
        );
        house.call(Method::DELETE, &path, None).await.is(404);
        let dataset = format!("{path}?datasetId=urn:d:1");
        house.call(Method::DELETE, &dataset, None).await.is(204);
        assert!(read(&house, "").await.get("level").is_none());
        house.call(Method::POST, &attributes, Some(&body)).await.is(204);
        let all = format!("{path}?deleteAll=true");
        house.call(Method::DELETE, &all, None).await.is(204);
        assert!(current(&house).await.get("level").is_none());
        house
            .call(Method::DELETE, &format!("{path}?deleteAll=maybe"), None)
            .await
            .is_error(400, "BadRequestData", "");

        let entity = format!("{TEMPORAL}/{ID}");
        house.call(Method::DELETE, &entity, None).await.is(204);
        house.get(&entity).await.is(404);
        house.get(&format!("{ENTITIES}/{ID}")).await.is(404);
        house.call(Method::DELETE, &entity, None).await.is(404);
        assert!(
            house
                .rows("SELECT time FROM attribute_history", vec![])
                .await
                .is_empty()
        );
        assert_eq!(post(&house, json!({ "level": [observed(1, 10)] })).await, 201);
    }
}

#[tokio::test]
async fn only_writers_write() {
    for house in houses().await {
        meter(&house, 2).await;
        let id = read(&house, "").await["level"][0]["instanceId"]
            .as_str()
            .unwrap()
            .to_owned();
        for (method, path) in [
            (Method::POST, TEMPORAL.to_owned()),
            (Method::DELETE, format!("{TEMPORAL}/{ID}")),
            (Method::POST, format!("{TEMPORAL}/{ID}/attrs")),
            (Method::DELETE, format!("{TEMPORAL}/{ID}/attrs/level")),
            (Method::PATCH, format!("{TEMPORAL}/{ID}/attrs/level/{id}")),
            (Method::DELETE, format!("{TEMPORAL}/{ID}/attrs/level/{id}")),
        ] {
            for (role, status) in [(None, 401), (Some("citizen"), 403)] {
                let request =
                    crate::house::ask(method.clone(), &path).header("content-type", "application/json");
                let request = role
                    .into_iter()
                    .fold(request, |r, role: &str| r.header("x-test-role", role));
                let body = axum::body::Body::from("{}");
                house.send(request.body(body).unwrap()).await.is(status);
            }
        }
    }
}

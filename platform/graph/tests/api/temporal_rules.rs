//! The evolution of an entity shows and takes no more than the rules let everybody see and write.

use axum::body::Body;
use http::Method;
use serde_json::{Value, json};

use crate::house::{ENTITIES, House, ask, houses};
use crate::temporal::{ID, TEMPORAL, meter, read};

async fn rule(house: &House, rule: Value) {
    let request = ask(Method::PUT, "/api/v1/graph/rules/meters")
        .header("x-test-role", "administrator")
        .header("content-type", "application/json");
    let answer = house.send(request.body(rule.to_string().into()).unwrap()).await;
    assert!(answer.status.is_success(), "{}", answer.text);
}

async fn as_administrator(house: &House, path: &str) -> Value {
    let request = ask(Method::GET, path).header("x-test-role", "administrator");
    house.send(request.body(Body::empty()).unwrap()).await.json()
}

#[tokio::test]
async fn hidden_attributes_have_no_past_either() {
    for house in houses().await {
        meter(&house, 3).await;
        rule(
            &house,
            json!({ "types": ["Meter"], "attributes": ["level"], "readers": [] }),
        )
        .await;
        let query = format!("{TEMPORAL}?type=Meter&q=level==1&timerel=after&timeAt=2026-03-01T00:00:00Z");
        for _ in 0..2 {
            assert!(read(&house, "").await.get("level").is_none(), "{}", house.name());
            house.get(&format!("{TEMPORAL}/{ID}?attrs=level")).await.is(404);
            let sums = read(&house, "options=aggregatedValues&aggrMethods=sum").await;
            assert!(sums.get("level").is_none());
            assert_eq!(
                house.get(&query).await.is(200).json(),
                json!([]),
                "it does not match either"
            );
            let whole = as_administrator(&house, &format!("{TEMPORAL}/{ID}")).await;
            assert!(whole["level"].as_array().unwrap().len() >= 3);
            // The same when the entity is no more.
            house
                .call(Method::DELETE, &format!("{ENTITIES}/{ID}"), None)
                .await;
        }
        rule(&house, json!({ "types": ["Meter"], "readers": [] })).await;
        house.get(&format!("{TEMPORAL}/{ID}")).await.is(404);
    }
}

#[tokio::test]
async fn the_past_is_written_by_those_who_may_write_the_present() {
    for house in houses().await {
        meter(&house, 2).await;
        let whole = read(&house, "").await;
        let past = whole["level"][0]["instanceId"].as_str().unwrap();
        rule(
            &house,
            json!({ "types": ["Meter"], "attributes": ["level"], "writers": [] }),
        )
        .await;
        let old = json!([{ "type": "Property", "value": 1, "observedAt": "2020-01-01T00:00:00Z" }]);
        let instance = format!("{TEMPORAL}/{ID}/attrs/level/{past}");
        for (method, path, body) in [
            (
                Method::POST,
                TEMPORAL.to_owned(),
                Some(json!({ "id": ID, "type": "Meter", "level": old })),
            ),
            (
                Method::POST,
                format!("{TEMPORAL}/{ID}/attrs"),
                Some(json!({ "level": old })),
            ),
            (Method::PATCH, instance.clone(), Some(json!({ "value": 5 }))),
            (Method::DELETE, instance.clone(), None),
            (Method::DELETE, format!("{TEMPORAL}/{ID}/attrs/level"), None),
            (Method::DELETE, format!("{TEMPORAL}/{ID}"), None),
        ] {
            let answer = house.call(method.clone(), &path, body.as_ref()).await;
            assert_eq!(answer.status.as_u16(), 403, "{method} {path}: {}", answer.text);
        }
        assert_eq!(read(&house, "").await, whole, "{}", house.name());
        let other =
            json!({ "flow": [{ "type": "Property", "value": 1, "observedAt": "2020-01-01T00:00:00Z" }] });
        house
            .call(Method::POST, &format!("{TEMPORAL}/{ID}/attrs"), Some(&other))
            .await
            .is(204);
    }
}

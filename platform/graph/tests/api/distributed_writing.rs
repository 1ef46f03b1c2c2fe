//! Requests that other brokers have a part in: writing (4.3.6, 5.6).

use http::Method;
use serde_json::{Value, json};

use crate::elsewhere::{Listener, Pair, REGISTRATIONS, as_manager, merge, pairs};
use crate::house::{ENTITIES, House, houses};

const BATCH: &str = "/ngsi-ld/v1/entityOperations";

fn vehicle(id: &str, attributes: Value) -> Value {
    let mut body = json!({ "id": id, "type": "Vehicle" });
    merge(&mut body, attributes);
    body
}

fn vehicles() -> Value {
    json!([{ "entities": [{ "type": "Vehicle" }] }])
}

fn at(rest: &str) -> String {
    format!("{ENTITIES}/urn:v:1{rest}")
}

async fn attribute(house: &House, name: &str) -> Value {
    let answer = house.get(&at("?format=simplified&local=true")).await;
    answer.json().get(name).cloned().unwrap_or_default()
}

#[tokio::test]
async fn inclusive_sources_get_what_this_broker_gets() {
    for pair in pairs().await {
        let (here, there) = (&pair.here, &pair.there);
        pair.register("r", json!({ "information": vehicles() })).await;
        here.create(&vehicle("urn:v:1", json!({ "a": 1, "b": 1 }))).await;
        let send = async |method, rest: &str, body: Value| {
            here.call(method, &at(rest), Some(&body)).await.is(204);
        };
        send(Method::PATCH, "", json!({ "a": { "value": 2 } })).await;
        assert_eq!(
            (attribute(here, "a").await, attribute(there, "a").await),
            (json!(2), json!(2))
        );
        send(
            Method::POST,
            "/attrs",
            json!({ "c": { "type": "Property", "value": 3 } }),
        )
        .await;
        assert_eq!(
            (attribute(here, "c").await, attribute(there, "c").await),
            (json!(3), json!(3))
        );
        send(
            Method::PATCH,
            "/attrs",
            json!({ "c": { "type": "Property", "value": 4 } }),
        )
        .await;
        send(Method::PATCH, "/attrs/b", json!({ "value": 5 })).await;
        send(Method::PUT, "/attrs/a", json!({ "type": "Property", "value": 6 })).await;
        for house in [here, there] {
            let values = [
                attribute(house, "a").await,
                attribute(house, "b").await,
                attribute(house, "c").await,
            ];
            assert_eq!(values, [json!(6), json!(5), json!(4)]);
        }
        here.call(Method::DELETE, &at("/attrs/c"), None).await.is(204);
        assert!(attribute(there, "c").await.is_null());
        send(Method::PUT, "", vehicle("urn:v:1", json!({ "z": 1 }))).await;
        assert_eq!(attribute(there, "z").await, json!(1));
        here.call(Method::DELETE, &at(""), None).await.is(204);
        for house in [here, there] {
            house.get(&at("?local=true")).await.is(404);
        }
    }
}

#[tokio::test]
async fn an_attribute_that_is_only_elsewhere_is_changed_there() {
    for pair in pairs().await {
        let (here, there) = (&pair.here, &pair.there);
        pair.register("r", json!({ "information": vehicles() })).await;
        here.create(&vehicle("urn:v:1", json!({ "a": 1 }))).await;
        let theirs = json!({ "z": { "type": "Property", "value": 1 } });
        there
            .call(Method::POST, &at("/attrs"), Some(&theirs))
            .await
            .is(204);
        for (method, value) in [(Method::PATCH, 2), (Method::PUT, 3)] {
            let body = json!({ "type": "Property", "value": value });
            here.call(method, &at("/attrs/z"), Some(&body)).await.is(204);
            assert_eq!(attribute(there, "z").await, json!(value));
        }
        here.call(Method::DELETE, &at("/attrs/z"), None).await.is(204);
        here.call(Method::DELETE, &at("/attrs/z"), None)
            .await
            .is_error(404, "ResourceNotFound", "");
    }
}

#[tokio::test]
async fn what_was_done_in_part_is_told() {
    for pair in pairs().await {
        let (here, there) = (&pair.here, &pair.there);
        pair.register("r", json!({ "information": vehicles() })).await;
        there.create(&vehicle("urn:v:1", json!({ "a": 1 }))).await;
        let body = vehicle("urn:v:1", json!({ "a": 1 }));
        let answer = here.call(Method::POST, ENTITIES, Some(&body)).await;
        let told = answer.is(207).json();
        assert_eq!(told["success"], json!(["urn:v:1"]));
        assert_eq!(told["errors"][0]["error"]["status"], 409);
        assert_eq!(
            told["errors"][0]["registrationId"],
            "urn:ngsi-ld:ContextSourceRegistration:r"
        );
        there.call(Method::DELETE, &at("?local=true"), None).await.is(204);
        let answer = here.call(Method::DELETE, &at(""), None).await;
        assert_eq!(answer.is(207).json()["errors"][0]["error"]["status"], 404);
        here.call(Method::DELETE, &at(""), None)
            .await
            .is_error(404, "ResourceNotFound", "");
        let patch = json!({ "x": { "type": "Property", "value": 1 } });
        here.call(Method::PATCH, &at("/attrs"), Some(&patch))
            .await
            .is(404);

        here.call(Method::POST, &format!("{ENTITIES}?local=true"), Some(&body))
            .await
            .is(201);
        let answer = here
            .call(
                Method::PATCH,
                &at("/attrs"),
                Some(&json!({ "a": { "value": 2 } })),
            )
            .await;
        let told = answer.is(207).json();
        let full = "https://uri.etsi.org/ngsi-ld/default-context/a";
        assert_eq!(told["updated"], json!([full]));
        assert_eq!(told["notUpdated"][0]["attributeName"], full);
        assert!(told["notUpdated"][0]["registrationId"].is_string());
    }
}

#[tokio::test]
async fn a_fault_of_the_request_troubles_nobody_else() {
    for house in houses().await {
        let (source, url) = Listener::open().await;
        let body = json!({
            "type": "ContextSourceRegistration", "endpoint": url, "information": vehicles(), "mode": "redirect",
            "operations": ["redirectionOps", "createBatch"],
        });
        as_manager(&house, Method::POST, REGISTRATIONS, Some(&body))
            .await
            .is(201);
        let bad = vehicle("urn:v:1", json!({ "a": { "type": "Wrong", "value": 1 } }));
        house.call(Method::POST, ENTITIES, Some(&bad)).await.is(400);
        house
            .call(Method::POST, &at("/attrs"), Some(&json!({ "a": null })))
            .await
            .is(400);
        house
            .call(Method::POST, ENTITIES, Some(&vehicle("nonsense", json!({}))))
            .await
            .is(400);
        assert!(source.heard().is_empty());
    }
}

#[tokio::test]
async fn what_a_source_alone_holds_and_does_not_offer_is_a_conflict() {
    for pair in pairs().await {
        let redirect =
            json!({ "mode": "redirect", "information": vehicles(), "operations": ["retrieveOps"] });
        pair.register("r", redirect).await;
        let body = vehicle("urn:v:1", json!({ "a": 1 }));
        let answer = pair.here.call(Method::POST, ENTITIES, Some(&body)).await;
        answer.is_error(409, "Conflict", "");
        pair.here.get(&at("?local=true")).await.is(404);
        let answer = pair
            .here
            .call(Method::POST, &format!("{BATCH}/create"), Some(&json!([body])))
            .await;
        assert_eq!(answer.is(207).json()["errors"][0]["error"]["status"], 409);
    }
}

#[tokio::test]
async fn exclusive_attributes_are_changed_where_they_are() {
    for pair in pairs().await {
        let Pair { here, there, .. } = &pair;
        let speed =
            json!([{ "entities": [{ "id": "urn:v:1", "type": "Vehicle" }], "propertyNames": ["speed"] }]);
        pair.register("r", json!({ "mode": "exclusive", "information": speed }))
            .await;
        here.create(&vehicle("urn:v:1", json!({ "speed": 1, "name": "a" })))
            .await;
        let both = json!({ "speed": { "type": "Property", "value": 2 }, "name": { "type": "Property", "value": "b" } });
        here.call(Method::PATCH, &at("/attrs"), Some(&both)).await.is(204);
        assert_eq!(
            (attribute(there, "speed").await, attribute(here, "speed").await),
            (json!(2), Value::Null)
        );
        assert_eq!(
            (attribute(there, "name").await, attribute(here, "name").await),
            (Value::Null, json!("b"))
        );
        here.call(Method::PATCH, &at("/attrs/speed"), Some(&json!({ "value": 3 })))
            .await
            .is(204);
        assert_eq!(attribute(there, "speed").await, json!(3));
        here.call(Method::DELETE, &at(""), None).await.is(204);
        there.get(&at("")).await.is(404);
    }
}

#[tokio::test]
async fn batches_are_divided() {
    for pair in pairs().await {
        let Pair { here, there, .. } = &pair;
        pair.register("r", json!({ "mode": "redirect", "information": vehicles() }))
            .await;
        let boat = json!({ "id": "urn:b:1", "type": "Boat", "a": 1 });
        let list = json!([vehicle("urn:v:1", json!({ "a": 1 })), boat, { "id": "urn:v:2", "type": "Vehicle", "a": null }]);
        let answer = here
            .call(Method::POST, &format!("{BATCH}/create"), Some(&list))
            .await;
        let told = answer.is(207).json();
        assert_eq!(told["success"], json!(["urn:b:1", "urn:v:1"]));
        assert_eq!(told["errors"][0]["entityId"], "urn:v:2");
        assert_eq!(attribute(there, "a").await, json!(1));
        here.get(&at("?local=true")).await.is(404);
        there.get(&format!("{ENTITIES}/urn:b:1")).await.is(404);
        let list = json!([
            vehicle("urn:v:1", json!({ "a": 2 })),
            vehicle("urn:v:3", json!({ "a": 3 }))
        ]);
        let answer = here
            .call(Method::POST, &format!("{BATCH}/upsert"), Some(&list))
            .await;
        assert_eq!(answer.is(201).json(), json!(["urn:v:3"]));
        let gone = json!(["urn:v:1", "urn:v:3"]);
        here.call(Method::POST, &format!("{BATCH}/delete"), Some(&gone))
            .await
            .is(204);
        there.get(&at("")).await.is(404);
    }
}

#[tokio::test]
async fn rules_of_the_city_hold_for_what_others_have() {
    for pair in pairs().await {
        let (here, there) = (&pair.here, &pair.there);
        pair.register("r", json!({ "information": vehicles() })).await;
        there
            .create(&vehicle("urn:v:1", json!({ "speed": 1, "driver": "Rossi" })))
            .await;
        let rule = async |id: &str, body: Value| {
            let request = crate::house::ask(Method::PUT, &format!("/api/v1/graph/rules/{id}"))
                .header("x-test-role", "administrator")
                .header(http::header::CONTENT_TYPE, "application/json");
            here.send(request.body(body.to_string().into()).unwrap())
                .await
                .is(201);
        };
        rule(
            "drivers",
            json!({ "types": ["Vehicle"], "attributes": ["driver"], "readers": ["officer"] }),
        )
        .await;
        rule("fleet", json!({ "types": ["Vehicle"], "writers": ["@fleet"] })).await;
        let seen = here.get(&at("?format=simplified")).await.is(200).json();
        assert_eq!(seen, vehicle("urn:v:1", json!({ "speed": 1 })), "{}", here.name());
        let list = format!("{ENTITIES}?type=Vehicle&format=simplified");
        assert_eq!(here.get(&list).await.json(), json!([seen]));
        let by_driver = format!("{list}&q=driver==%22Rossi%22");
        assert_eq!(here.get(&by_driver).await.json(), json!([]));
        assert_eq!(
            here.call(Method::GET, &by_driver, None).await.json()[0]["driver"],
            "Rossi"
        );

        let patch = json!({ "speed": { "type": "Property", "value": 2 } });
        let refused = [
            (Method::PATCH, at("/attrs"), patch.clone()),
            (Method::PATCH, at("/attrs/speed"), json!({ "value": 2 })),
            (Method::PATCH, at(""), patch),
            (
                Method::POST,
                ENTITIES.to_owned(),
                vehicle("urn:v:2", json!({ "a": 1 })),
            ),
        ];
        for (method, path, body) in refused {
            let answer = here.call(method, &path, Some(&body)).await;
            assert_eq!(answer.status, 403, "{path}: {}", answer.text);
        }
        for path in [at(""), at("/attrs/speed"), format!("{ENTITIES}?type=Vehicle")] {
            let answer = here.call(Method::DELETE, &path, None).await;
            assert_eq!(answer.status, 403, "{path}: {}", answer.text);
        }
        let gone = here
            .call(
                Method::POST,
                &format!("{BATCH}/delete"),
                Some(&json!(["urn:v:1"])),
            )
            .await;
        assert_eq!(gone.is(207).json()["errors"][0]["error"]["status"], 403);
        assert_eq!(attribute(there, "speed").await, json!(1));
    }
}

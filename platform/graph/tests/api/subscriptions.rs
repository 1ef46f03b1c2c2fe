//! Subscriptions over HTTP: what is accepted, shown, changed, and to whom.

use http::Method;
use serde_json::{Value, json};

use super::house::{House, ask, houses};
use super::receiver::{SUBSCRIPTIONS, subscription};
use axum::body::Body;

const URL: &str = "http://receiver.example/notify";

fn at(name: &str) -> String {
    format!("{SUBSCRIPTIONS}/urn:ngsi-ld:Subscription:{name}")
}

#[tokio::test]
async fn created_shown_changed_and_deleted() {
    for house in houses().await {
        let body = subscription(
            "a",
            URL,
            &json!({ "subscriptionName": "Works", "watchedAttributes": ["name"] }),
        );
        let created = house.call(Method::POST, SUBSCRIPTIONS, Some(&body)).await;
        assert_eq!(created.is(201).header("location"), at("a"));
        house
            .call(Method::POST, SUBSCRIPTIONS, Some(&body))
            .await
            .is_error(409, "AlreadyExists", "");

        let mut expected = body.clone();
        expected["status"] = json!("active");
        expected["notificationTrigger"] = json!(["attributeCreated", "attributeUpdated"]);
        let shown = house.call(Method::GET, &at("a"), None).await.json();
        assert_eq!(shown, expected);
        let times = house
            .call(Method::GET, &format!("{}?options=sysAttrs", at("a")), None)
            .await
            .json();
        assert_eq!(times["createdAt"], "2026-03-11T08:00:00Z");

        house.clock.advance(60);
        let patch =
            json!({ "isActive": false, "subscriptionName": null, "expiresAt": "2026-03-11T09:00:00Z" });
        house.call(Method::PATCH, &at("a"), Some(&patch)).await.is(204);
        let shown = house.read_subscription("urn:ngsi-ld:Subscription:a").await;
        assert_eq!(shown["status"], "paused");
        assert!(shown.get("subscriptionName").is_none());
        house
            .call(Method::PATCH, &at("a"), Some(&json!({ "isActive": true })))
            .await
            .is(204);
        house.clock.advance(3_600);
        assert_eq!(
            house.read_subscription("urn:ngsi-ld:Subscription:a").await["status"],
            "expired"
        );
        let later = json!({ "expiresAt": "2027-01-01T00:00:00Z" });
        house.call(Method::PATCH, &at("a"), Some(&later)).await.is(204);
        assert_eq!(
            house.read_subscription("urn:ngsi-ld:Subscription:a").await["status"],
            "active"
        );

        house.call(Method::DELETE, &at("a"), None).await.is(204);
        for method in [Method::GET, Method::DELETE] {
            house
                .call(method, &at("a"), None)
                .await
                .is_error(404, "ResourceNotFound", "");
        }
        house
            .call(Method::PATCH, &at("a"), Some(&later))
            .await
            .is_error(404, "ResourceNotFound", "");
        let left = house.rows("SELECT 1 FROM subscription_context", vec![]).await;
        assert!(left.is_empty(), "contexts go with those who used them");
    }
}

#[tokio::test]
async fn an_identifier_is_made_when_none_is_given() {
    for house in houses().await {
        let mut body = subscription("x", URL, &json!({}));
        body.as_object_mut().unwrap().shift_remove("id");
        let created = house.call(Method::POST, SUBSCRIPTIONS, Some(&body)).await;
        let location = created.is(201).header("location").to_owned();
        assert!(
            location.starts_with("/ngsi-ld/v1/subscriptions/urn:ngsi-ld:Subscription:"),
            "{location}"
        );
        house.call(Method::GET, &location, None).await.is(200);
    }
}

#[tokio::test]
async fn lists_come_in_pages() {
    for house in houses().await {
        for n in 0..3 {
            house
                .subscribe(&subscription(&n.to_string(), URL, &json!({})))
                .await;
            house.clock.advance(1);
        }
        let page = house
            .call(
                Method::GET,
                &format!("{SUBSCRIPTIONS}?limit=1&offset=1&count=true"),
                None,
            )
            .await;
        assert_eq!(page.is(200).json()[0]["id"], "urn:ngsi-ld:Subscription:1");
        assert_eq!(page.header("ngsild-results-count"), "3");
        assert_eq!(
            page.page("next").unwrap(),
            format!("{SUBSCRIPTIONS}?limit=1&offset=2")
        );
        assert_eq!(
            page.page("prev").unwrap(),
            format!("{SUBSCRIPTIONS}?limit=1&offset=0")
        );
        let all = house.call(Method::GET, SUBSCRIPTIONS, None).await;
        assert_eq!(all.json().as_array().unwrap().len(), 3);
        assert!(all.page("next").is_none());
        for bad in ["limit=0", "limit=1001", "offset=-1", "limit=x"] {
            let answer = house
                .call(Method::GET, &format!("{SUBSCRIPTIONS}?{bad}"), None)
                .await;
            answer.is_error(400, "BadRequestData", "");
        }
        let unknown = house
            .call(Method::GET, &format!("{SUBSCRIPTIONS}?type=A"), None)
            .await;
        unknown.is_error(400, "InvalidRequest", "");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    for house in houses().await {
        for (more, path) in [
            (json!({ "expiresAt": "2020-01-01T00:00:00Z" }), "$.expiresAt"),
            (json!({ "throttling": 5, "timeInterval": 5 }), "$.timeInterval"),
            (json!({ "id": "no-uri" }), "$.id"),
            (
                json!({ "notification": { "endpoint": { "uri": "ftp://a.example" } } }),
                "$.notification.endpoint.uri",
            ),
            (
                json!({ "notification": { "endpoint": { "uri": "http://169.254.169.254/" } } }),
                "$.notification.endpoint.uri",
            ),
            (
                json!({ "notification": { "endpoint": { "uri": "http://10.1.2.3/" } } }),
                "$.notification.endpoint.uri",
            ),
            (
                json!({ "notification": { "endpoint": { "uri": "mqtt://broker.example" } } }),
                "$.notification.endpoint.uri",
            ),
            (
                json!({ "notification": { "endpoint": { "uri": "mqtt://broker.example/a/+/b" } } }),
                "$.notification.endpoint.uri",
            ),
            (
                json!({ "notification": { "endpoint": { "uri": "mqtt://b.example/a", "notifierInfo": [{ "key": "MQTT-QoS", "value": "3" }] } } }),
                "$.notification.endpoint.uri",
            ),
        ] {
            let body = subscription("bad", URL, &more);
            let answer = house.call(Method::POST, SUBSCRIPTIONS, Some(&body)).await;
            answer.is_error(400, "BadRequestData", path);
        }
        house
            .raw(Method::POST, SUBSCRIPTIONS, "application/json", "{")
            .await
            .is_error(400, "InvalidRequest", "");
        house
            .call(Method::GET, &format!("{SUBSCRIPTIONS}/x"), None)
            .await
            .is_error(400, "BadRequestData", "");
        house.subscribe(&subscription("a", URL, &json!({}))).await;
        for (patch, path) in [
            (json!({ "expiresAt": "2020-01-01T00:00:00Z" }), "$.expiresAt"),
            (
                json!({ "notification": { "format": "keyValues" } }),
                "$.notification.endpoint",
            ),
            (
                json!({ "notification": { "endpoint": { "uri": "http://127.0.0.1.nip.io:x/" } } }),
                "$.notification.endpoint.uri",
            ),
            (json!({ "id": "urn:other:1" }), "$.id"),
            (json!({ "entities": null }), "$.entities"),
        ] {
            let answer = house.call(Method::PATCH, &at("a"), Some(&patch)).await;
            answer.is_error(400, "BadRequestData", path);
        }
    }
}

pub async fn as_role(
    house: &House,
    role: &str,
    organisation: &str,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> u16 {
    let request = ask(method, path)
        .header("x-test-role", role)
        .header("x-test-organisation", organisation)
        .header("content-type", "application/json");
    let body = body.map_or_else(Body::empty, |b| Body::from(b.to_string()));
    house.send(request.body(body).unwrap()).await.status.as_u16()
}

#[tokio::test]
async fn each_sees_their_own_and_staff_all() {
    for house in houses().await {
        let body = subscription("a", URL, &json!({}));
        assert_eq!(house.get(SUBSCRIPTIONS).await.status, 401);
        assert_eq!(
            as_role(&house, "citizen", "x", Method::POST, SUBSCRIPTIONS, Some(&body)).await,
            403
        );
        assert_eq!(
            as_role(
                &house,
                "planner",
                "water",
                Method::POST,
                SUBSCRIPTIONS,
                Some(&body)
            )
            .await,
            201
        );
        assert_eq!(
            as_role(&house, "planner", "water", Method::GET, &at("a"), None).await,
            200
        );
        assert_eq!(
            as_role(&house, "operator", "water", Method::GET, &at("a"), None).await,
            200,
            "same body"
        );
        assert_eq!(
            as_role(&house, "operator", "buses", Method::GET, &at("a"), None).await,
            404
        );
        assert_eq!(
            as_role(&house, "operator", "buses", Method::DELETE, &at("a"), None).await,
            404
        );
        assert_eq!(
            as_role(&house, "officer", "", Method::GET, &at("a"), None).await,
            200
        );
        let letters = "/api/v1/graph/dead-letters";
        assert_eq!(
            as_role(&house, "planner", "water", Method::GET, letters, None).await,
            403
        );
        assert_eq!(
            as_role(&house, "officer", "", Method::GET, letters, None).await,
            200
        );
        let elsewhere = ask(Method::GET, &at("a"))
            .header("x-test-role", "officer")
            .header("ngsild-tenant", "borgo");
        assert_eq!(
            house.send(elsewhere.body(Body::empty()).unwrap()).await.status,
            404
        );
    }
}

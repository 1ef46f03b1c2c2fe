//! Subscriptions to registrations and their notifications (5.11).

use http::Method;
use serde_json::{Value, json};

use crate::elsewhere::{Heard, Listener, REGISTRATIONS, as_manager, merge};
use crate::house::{House, houses};

const SUBSCRIPTIONS: &str = "/ngsi-ld/v1/csourceSubscriptions";
const ID: &str = "urn:ngsi-ld:Subscription:s";

fn subscription(url: &str, changes: Value) -> Value {
    let mut body = json!({
        "id": ID, "type": "Subscription", "entities": [{ "type": "Building" }],
        "notification": { "endpoint": { "uri": format!("{url}/notify"), "accept": "application/json" } },
    });
    merge(&mut body, changes);
    body
}

fn source(id: &str, kinds: &[&str]) -> Value {
    let information: Vec<Value> = kinds
        .iter()
        .map(|k| json!({ "entities": [{ "type": k }] }))
        .collect();
    json!({ "id": format!("urn:csr:{id}"), "type": "ContextSourceRegistration",
        "endpoint": "http://source.example", "information": information })
}

async fn send(house: &House, method: Method, path: &str, body: Option<&Value>, status: u16) -> Value {
    let answer = as_manager(house, method, path, body).await;
    answer.is(status);
    serde_json::from_str(&answer.text).unwrap_or_default()
}

/// Waits until nothing is due any more.
async fn deliver(house: &House) {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let dispatcher = tokio::spawn(bisenzio_graph::run_dispatcher(house.app().clone(), async move {
        let _ = stopped.await;
    }));
    let now = house.env().now();
    for _ in 0..500 {
        let due = "SELECT COUNT(*) FROM registration_notice WHERE due_at <= $1";
        let rows = house.rows(due, vec![now.into()]).await;
        if rows[0][0] == 0_i64.into() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let _ = stop.send(());
    dispatcher.await.unwrap();
}

/// Reason and registrations of each notification.
fn told(heard: &[Heard]) -> Vec<(String, Vec<String>)> {
    let id = |r: &Value| {
        r["id"]
            .as_str()
            .unwrap()
            .trim_start_matches("urn:csr:")
            .to_owned()
    };
    heard
        .iter()
        .map(|h| {
            let reason = h.body["triggerReason"].as_str().unwrap().to_owned();
            (
                reason,
                h.body["data"].as_array().unwrap().iter().map(id).collect(),
            )
        })
        .collect()
}

fn one(reason: &str, id: &str) -> Vec<(String, Vec<String>)> {
    vec![(reason.to_owned(), vec![id.to_owned()])]
}

#[tokio::test]
async fn subscribers_are_told_what_begins_changes_and_ends() {
    for house in houses().await {
        let (endpoint, url) = Listener::open().await;
        send(
            &house,
            Method::POST,
            REGISTRATIONS,
            Some(&source("a", &["Building", "Bus"])),
            201,
        )
        .await;
        send(
            &house,
            Method::POST,
            SUBSCRIPTIONS,
            Some(&subscription(&url, json!({}))),
            201,
        )
        .await;
        deliver(&house).await;
        let heard = endpoint.heard();
        assert_eq!(told(&heard), one("newlyMatching", "a"), "{}", house.name());
        let body = &heard[0].body;
        assert_eq!(
            (&body["type"], &body["subscriptionId"]),
            (&json!("ContextSourceNotification"), &json!(ID))
        );
        assert_eq!(
            body["data"][0]["information"],
            json!([{ "entities": [{ "type": ["Building"] }] }])
        );

        send(
            &house,
            Method::POST,
            REGISTRATIONS,
            Some(&source("b", &["Bus"])),
            201,
        )
        .await;
        deliver(&house).await;
        assert!(
            endpoint.heard().is_empty(),
            "it does not concern the subscription"
        );
        let (a, b) = (
            format!("{REGISTRATIONS}/urn:csr:a"),
            format!("{REGISTRATIONS}/urn:csr:b"),
        );
        let address = json!({ "endpoint": "http://new.example" });
        send(&house, Method::PATCH, &a, Some(&address), 204).await;
        deliver(&house).await;
        let heard = endpoint.heard();
        assert_eq!(told(&heard), one("updated", "a"));
        assert_eq!(heard[0].body["data"][0]["endpoint"], "http://new.example");
        let kind = |k: &str| json!({ "information": [{ "entities": [{ "type": k }] }] });
        send(&house, Method::PATCH, &a, Some(&kind("Bus")), 204).await;
        send(&house, Method::PATCH, &b, Some(&kind("Building")), 204).await;
        deliver(&house).await;
        let mut heard = told(&endpoint.heard());
        heard.sort();
        assert_eq!(
            heard,
            [one("newlyMatching", "b"), one("noLongerMatching", "a")].concat()
        );
        send(&house, Method::DELETE, &b, None, 204).await;
        deliver(&house).await;
        assert_eq!(told(&endpoint.heard()), one("noLongerMatching", "b"));

        let shown = send(&house, Method::GET, &format!("{SUBSCRIPTIONS}/{ID}"), None, 200).await;
        assert_eq!(shown["notification"]["timesSent"], 5);
        assert_eq!(
            (&shown["notification"]["status"], &shown["status"]),
            (&json!("ok"), &json!("active"))
        );
    }
}

#[tokio::test]
async fn a_changed_subscription_begins_anew_and_a_paused_one_is_quiet() {
    for house in houses().await {
        let (endpoint, url) = Listener::open().await;
        let path = format!("{SUBSCRIPTIONS}/{ID}");
        send(
            &house,
            Method::POST,
            SUBSCRIPTIONS,
            Some(&subscription(&url, json!({}))),
            201,
        )
        .await;
        send(
            &house,
            Method::POST,
            REGISTRATIONS,
            Some(&source("bus", &["Bus"])),
            201,
        )
        .await;
        send(
            &house,
            Method::POST,
            REGISTRATIONS,
            Some(&source("car", &["Car"])),
            201,
        )
        .await;
        let both = json!({ "entities": [{ "type": "Bus" }, { "type": "Car" }] });
        send(&house, Method::PATCH, &path, Some(&both), 204).await;
        deliver(&house).await;
        assert_eq!(
            told(&endpoint.heard()),
            [(
                "newlyMatching".to_owned(),
                vec!["bus".to_owned(), "car".to_owned()]
            )]
        );
        send(
            &house,
            Method::PATCH,
            &path,
            Some(&json!({ "isActive": false })),
            204,
        )
        .await;
        let patch = json!({ "endpoint": "http://new.example" });
        send(
            &house,
            Method::PATCH,
            &format!("{REGISTRATIONS}/urn:csr:bus"),
            Some(&patch),
            204,
        )
        .await;
        deliver(&house).await;
        assert!(endpoint.heard().is_empty());
        assert_eq!(
            send(&house, Method::GET, &path, None, 200).await["status"],
            "paused"
        );
    }
}

#[tokio::test]
async fn periodic_subscribers_hear_at_intervals() {
    for house in houses().await {
        let (endpoint, url) = Listener::open().await;
        send(
            &house,
            Method::POST,
            REGISTRATIONS,
            Some(&source("a", &["Building"])),
            201,
        )
        .await;
        let body = subscription(&url, json!({ "timeInterval": 60 }));
        send(&house, Method::POST, SUBSCRIPTIONS, Some(&body), 201).await;
        for round in 0..3 {
            deliver(&house).await;
            assert_eq!(endpoint.heard().len(), 1, "{round}");
            deliver(&house).await;
            assert!(endpoint.heard().is_empty());
            house.clock.advance(60);
        }
        send(
            &house,
            Method::DELETE,
            &format!("{SUBSCRIPTIONS}/{ID}"),
            None,
            204,
        )
        .await;
        house.clock.advance(60);
        deliver(&house).await;
        assert!(endpoint.heard().is_empty());
    }
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again() {
    for house in houses().await {
        let (endpoint, url) = Listener::open().await;
        send(
            &house,
            Method::POST,
            SUBSCRIPTIONS,
            Some(&subscription(&url, json!({}))),
            201,
        )
        .await;
        endpoint.answer(500, Value::Null);
        send(
            &house,
            Method::POST,
            REGISTRATIONS,
            Some(&source("a", &["Building"])),
            201,
        )
        .await;
        deliver(&house).await;
        let path = format!("{SUBSCRIPTIONS}/{ID}");
        let shown = send(&house, Method::GET, &path, None, 200).await;
        assert_eq!(
            (
                &shown["notification"]["status"],
                &shown["notification"]["timesFailed"]
            ),
            (&json!("failed"), &json!(1))
        );
        house.clock.advance(5);
        deliver(&house).await;
        let heard = endpoint.heard();
        assert_eq!(heard.len(), 2);
        assert_eq!(heard[0].body["id"], heard[1].body["id"]);
        let shown = send(&house, Method::GET, &path, None, 200).await;
        assert_eq!(
            (
                &shown["notification"]["status"],
                &shown["notification"]["timesSent"]
            ),
            (&json!("ok"), &json!(1))
        );
    }
}

#[tokio::test]
async fn subscriptions_are_kept_as_they_were_given() {
    for house in houses().await {
        let body = subscription(
            "http://endpoint.example",
            json!({
                "watchedAttributes": ["name"], "csf": "owner==\"x\"",
                "temporalQ": { "timerel": "after", "timeAt": "2020-06-01T22:07:00Z" },
            }),
        );
        send(&house, Method::POST, SUBSCRIPTIONS, Some(&body), 201).await;
        let mut expected = body.clone();
        expected["status"] = json!("active");
        assert_eq!(
            send(&house, Method::GET, &format!("{SUBSCRIPTIONS}/{ID}"), None, 200).await,
            expected
        );
        as_manager(&house, Method::POST, SUBSCRIPTIONS, Some(&body))
            .await
            .is_error(409, "AlreadyExists", "");
        let list = send(&house, Method::GET, SUBSCRIPTIONS, None, 200).await;
        assert_eq!(list, json!([expected]));
        let bad = [
            json!({ "type": "Other" }),
            json!({ "notification": null }),
            json!({ "expiresAt": "2020-01-01T00:00:00Z" }),
            json!({ "csf": "(x" }),
            json!({ "temporalQ": { "timerel": "sometimes" } }),
            json!({ "notification": { "endpoint": { "uri": "http://169.254.169.254/" } } }),
            json!({ "notification": { "endpoint": { "uri": "mqtt://x.example/t" } } }),
        ];
        for changes in bad {
            let mut body = subscription("http://endpoint.example", changes.clone());
            body["id"] = json!("urn:ngsi-ld:Subscription:other");
            let answer = as_manager(&house, Method::POST, SUBSCRIPTIONS, Some(&body)).await;
            assert_eq!(answer.status, 400, "{changes}: {}", answer.text);
        }
        let unknown = format!("{SUBSCRIPTIONS}/urn:x:1");
        for method in [Method::GET, Method::DELETE] {
            as_manager(&house, method, &unknown, None)
                .await
                .is_error(404, "ResourceNotFound", "");
        }
    }
}

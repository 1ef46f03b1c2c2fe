//! Notifications: what endpoints receive, in which order, and what becomes of what they do not take.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::house::{houses, tenant, work};
use super::receiver::{Dispatcher, Receiver, SUBSCRIPTIONS, subscription};
use super::subscriptions::as_role;

const ID: &str = "urn:ngsi-ld:CityWork:prato:0001";

fn value(data: &[Value], attribute: &str) -> Value {
    data[0][attribute]["value"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_with_headers_and_counted() {
    for house in houses().await {
        let receiver = Receiver::start().await;
        let _dispatcher = Dispatcher::of(&house);
        let info = json!([{ "key": "X-Key", "value": "secret" }]);
        let more = json!({ "notification": { "endpoint": { "receiverInfo": info } } });
        let id = house.subscribe(&subscription("a", &receiver.url(), &more)).await;
        house.create(&work(1)).await;
        let (headers, body) = receiver.next().await;
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(headers["x-key"], "secret");
        assert_eq!(headers["ngsild-tenant"], "prato");
        assert!(
            headers["link"]
                .to_str()
                .unwrap()
                .contains("rel=\"http://www.w3.org/ns/json-ld#context\"")
        );
        assert_eq!(
            (&body["type"], &body["subscriptionId"]),
            (&json!("Notification"), &json!(id))
        );
        assert_eq!(body["notifiedAt"], "2026-03-11T08:00:00Z");
        assert_eq!(body["data"][0]["id"], ID);
        house.set(ID, "name", &json!("New")).await;
        assert_eq!(value(&receiver.data().await, "name"), "New");
        house.fares_until(&id, |f| f["timesSent"] == 2).await;
        let shown = house.read_subscription(&id).await;
        assert_eq!(shown["notification"]["status"], "ok");
        assert_eq!(shown["notification"]["timesSent"], 2);
        assert_eq!(shown["notification"]["lastSuccess"], "2026-03-11T08:00:00Z");
        house.set(ID, "name", &json!("New")).await;
        receiver.hears_nothing().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_modules_write_is_told_too_and_deletions() {
    for house in houses().await {
        let receiver = Receiver::start().await;
        let _dispatcher = Dispatcher::of(&house);
        let triggers = json!({ "notificationTrigger": ["entityCreated", "entityDeleted"] });
        house
            .subscribe(&subscription("a", &receiver.url(), &triggers))
            .await;
        let env = house.env();
        let write = {
            let env = env.clone();
            move |tx: &mut bisenzio_store::Tx<'_>| {
                bisenzio_graph::upsert_json(tx, &env, &tenant("prato"), &work(1))
            }
        };
        house.store().write(write).await.unwrap();
        assert_eq!(receiver.data().await[0]["id"], ID);
        house
            .store()
            .write(move |tx| bisenzio_graph::delete(tx, &env, &tenant("prato"), ID))
            .await
            .unwrap();
        assert!(receiver.data().await[0]["deletedAt"].is_string());
        let failed: Result<(), bisenzio_graph::GraphError> = {
            let env = house.env();
            house
                .store()
                .write(move |tx| {
                    bisenzio_graph::upsert_json(tx, &env, &tenant("prato"), &work(2))?;
                    Err(bisenzio_store::StoreError::Closed.into())
                })
                .await
        };
        assert!(failed.is_err());
        receiver.hears_nothing().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn order_holds_for_each_entity() {
    for house in houses().await {
        let receiver = Receiver::start().await;
        receiver.will_take(Duration::from_millis(2));
        house
            .subscribe(&subscription("a", &receiver.url(), &json!({})))
            .await;
        // Queued before anybody delivers, then more while it is delivered.
        for n in 1..=3 {
            house.create(&work(n)).await;
        }
        let _dispatcher = Dispatcher::of(&house);
        for round in 0..20 {
            for n in 1..=3 {
                house
                    .set(
                        &format!("urn:ngsi-ld:CityWork:prato:{n:04}"),
                        "round",
                        &json!(round),
                    )
                    .await;
            }
        }
        let mut last = [-2_i64; 4];
        for _ in 0..63 {
            let data = receiver.data().await;
            let n: usize = data[0]["id"]
                .as_str()
                .unwrap()
                .rsplit(':')
                .next()
                .unwrap()
                .parse()
                .unwrap();
            let round = data[0]["round"]["value"].as_i64().unwrap_or(-1);
            assert_eq!(round, last[n] + 1, "{}: entity {n}", house.name());
            last[n] = round;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_the_process_ends() {
    for house in houses().await {
        let receiver = Receiver::start().await;
        let id = house
            .subscribe(&subscription("a", &receiver.url(), &json!({})))
            .await;
        let dispatcher = Dispatcher::of(&house);
        house.create(&work(1)).await;
        receiver.next().await;
        dispatcher.stop().await;
        assert_eq!(
            house.fares(&id).await["pending"],
            0,
            "what was delivered is written down"
        );
        house.set(ID, "name", &json!("While nobody was there")).await;
        let again = house.reopened().await;
        let _dispatcher = Dispatcher::of(&again);
        assert_eq!(value(&receiver.data().await, "name"), "While nobody was there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_retried_and_delays_nobody_else() {
    for house in houses().await {
        let (broken, well) = (Receiver::start().await, Receiver::start().await);
        broken.will_answer([500, 503]);
        let _dispatcher = Dispatcher::of(&house);
        let id = house
            .subscribe(&subscription("broken", &broken.url(), &json!({})))
            .await;
        house
            .subscribe(&subscription("well", &well.url(), &json!({})))
            .await;
        house.create(&work(1)).await;
        well.next().await;
        let failing = house.fares_until(&id, |f| f["failures"] == 1).await;
        assert_eq!(failing["pending"], 1);
        assert!(
            failing["lastError"].as_str().unwrap().contains("500"),
            "{failing}"
        );
        assert!(failing["retryAt"].is_string());
        assert_eq!(
            house.read_subscription(&id).await["notification"]["status"],
            "failed"
        );
        house.set(ID, "name", &json!("Second")).await;
        assert_eq!(value(&well.data().await, "name"), "Second");
        house.clock.advance(10);
        house.fares_until(&id, |f| f["failures"] == 2).await;
        house.clock.advance(10);
        assert_eq!(
            value(&broken.data().await, "name"),
            "Scavo 1",
            "the first comes first"
        );
        assert_eq!(value(&broken.data().await, "name"), "Second");
        let well_again = house.fares_until(&id, |f| f["pending"] == 0).await;
        assert_eq!(
            (&well_again["failures"], &well_again["timesFailed"]),
            (&json!(0), &json!(2))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_endpoint_is_tried_at_once() {
    for house in houses().await {
        let receiver = Receiver::start().await;
        let _dispatcher = Dispatcher::of(&house);
        let cooldown = json!({ "notification": { "endpoint": { "cooldown": 3_600_000 } } });
        let id = house
            .subscribe(&subscription("a", "http://nobody.invalid/", &cooldown))
            .await;
        house.create(&work(1)).await;
        let failing = house.fares_until(&id, |f| f["failures"] == 1).await;
        assert!(
            failing["retryAt"].as_str().unwrap() >= "2026-03-11T09:00:00Z",
            "{failing}"
        );
        let patch = json!({ "notification": { "endpoint": { "uri": receiver.url() } } });
        house
            .call(Method::PATCH, &format!("{SUBSCRIPTIONS}/{id}"), Some(&patch))
            .await
            .is(204);
        receiver.next().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_becomes_a_dead_letter_that_can_be_replayed() {
    for house in houses().await {
        let receiver = Receiver::start().await;
        receiver.will_answer([400, 400, 400]);
        let _dispatcher = Dispatcher::of(&house);
        let id = house
            .subscribe(&subscription("a", &receiver.url(), &json!({})))
            .await;
        house.create(&work(1)).await;
        for attempts in 1..=3 {
            house.fares_until(&id, |f| f["timesFailed"] == attempts).await;
            house.clock.advance(60);
        }
        let fares = house.fares_until(&id, |f| f["deadLetters"] == 1).await;
        assert_eq!(fares["pending"], 0);
        house.set(ID, "name", &json!("Next")).await;
        assert_eq!(
            value(&receiver.data().await, "name"),
            "Next",
            "it holds nobody up"
        );

        let letters = house
            .call(
                Method::GET,
                &format!("/api/v1/graph/dead-letters?subscription={id}"),
                None,
            )
            .await
            .json();
        let letter = &letters["items"][0];
        assert_eq!(
            (&letters["total"], &letter["attempts"], &letter["entity"]),
            (&json!(1), &json!(3), &json!(ID))
        );
        assert!(letter["reason"].as_str().unwrap().contains("400"));
        assert_eq!(letter["notification"]["data"][0]["name"]["value"], "Scavo 1");
        let path = format!("/api/v1/graph/dead-letters/{}", letter["id"].as_str().unwrap());
        house
            .call(Method::POST, &format!("{path}/replay"), None)
            .await
            .is(204);
        assert_eq!(value(&receiver.data().await, "name"), "Scavo 1");
        house
            .call(Method::POST, &format!("{path}/replay"), None)
            .await
            .is_error(404, "ResourceNotFound", "");
        house
            .fares_until(&id, |f| f["deadLetters"] == 0 && f["pending"] == 0)
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_notifications_are_given_up_and_all_can_be_replayed() {
    for house in houses().await {
        let receiver = Receiver::start().await;
        let id = house
            .subscribe(&subscription("a", &receiver.url(), &json!({})))
            .await;
        for n in 1..=3 {
            house.create(&work(n)).await;
        }
        house.clock.advance(25 * 3_600);
        let _dispatcher = Dispatcher::of(&house);
        // Whoever is quicker: delivered or given up, but not lost.
        let fares = house.fares_until(&id, |f| f["pending"] == 0).await;
        let dead = fares["deadLetters"].as_i64().unwrap();
        assert_eq!(fares["timesSent"].as_i64().unwrap() + dead, 3, "{fares}");
        let all = house
            .call(
                Method::POST,
                &format!("/api/v1/graph/subscriptions/{id}/replay"),
                None,
            )
            .await;
        assert_eq!(all.is(200).json()["replayed"], dead);
        for _ in 0..3 {
            receiver.next().await;
        }
        let letters = house
            .call(Method::GET, "/api/v1/graph/dead-letters", None)
            .await
            .json();
        assert_eq!(letters["total"], 0);
        house
            .call(Method::DELETE, "/api/v1/graph/dead-letters/x", None)
            .await
            .is_error(404, "ResourceNotFound", "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn throttled_subscriptions_keep_quiet_for_a_while() {
    for house in houses().await {
        let receiver = Receiver::start().await;
        let _dispatcher = Dispatcher::of(&house);
        house
            .subscribe(&subscription("a", &receiver.url(), &json!({ "throttling": 15 })))
            .await;
        house.create(&work(1)).await;
        receiver.next().await;
        house.clock.advance(14);
        house.set(ID, "name", &json!("Too early")).await;
        house.clock.advance(2);
        house.set(ID, "name", &json!("In time")).await;
        assert_eq!(value(&receiver.data().await, "name"), "In time");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn periodic_subscriptions_tell_what_is_there() {
    for house in houses().await {
        let receiver = Receiver::start().await;
        let _dispatcher = Dispatcher::of(&house);
        let more = json!({ "timeInterval": 10, "q": "number<3", "notification": { "format": "keyValues" } });
        let id = house.subscribe(&subscription("a", &receiver.url(), &more)).await;
        for n in 1..=4 {
            house.create(&work(n)).await;
        }
        receiver.hears_nothing().await;
        for _ in 0..2 {
            house.clock.advance(10);
            let data = receiver.data().await;
            let names: Vec<&Value> = data.iter().map(|e| &e["name"]).collect();
            assert_eq!(names, ["Scavo 1", "Scavo 2"]);
        }
        house
            .call(
                Method::PATCH,
                &format!("{SUBSCRIPTIONS}/{id}"),
                Some(&json!({ "isActive": false })),
            )
            .await
            .is(204);
        house.clock.advance(30);
        receiver.hears_nothing().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paused_subscriptions_hear_of_nothing_and_resume() {
    for house in houses().await {
        let receiver = Receiver::start().await;
        let _dispatcher = Dispatcher::of(&house);
        let id = house
            .subscribe(&subscription("a", &receiver.url(), &json!({ "isActive": false })))
            .await;
        house.create(&work(1)).await;
        receiver.hears_nothing().await;
        house
            .call(
                Method::PATCH,
                &format!("{SUBSCRIPTIONS}/{id}"),
                Some(&json!({ "isActive": true })),
            )
            .await
            .is(204);
        house.set(ID, "name", &json!("Now")).await;
        assert_eq!(value(&receiver.data().await, "name"), "Now");
        house
            .call(Method::DELETE, &format!("{SUBSCRIPTIONS}/{id}"), None)
            .await
            .is(204);
        house.set(ID, "name", &json!("Gone")).await;
        receiver.hears_nothing().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn linked_entities_and_other_cities() {
    for house in houses().await {
        let receiver = Receiver::start().await;
        let _dispatcher = Dispatcher::of(&house);
        let road = json!({ "id": "urn:ngsi-ld:Road:prato:via-pistoiese", "type": "Road", "name": { "type": "Property", "value": "Via Pistoiese" } });
        house.create(&road).await;
        let more = json!({ "q": "onRoad{name==\"Via Pistoiese\"}", "notification": { "join": "inline" } });
        house.subscribe(&subscription("a", &receiver.url(), &more)).await;
        house.create(&work(1)).await;
        let data = receiver.data().await;
        assert_eq!(data[0]["onRoad"]["entity"]["name"]["value"], "Via Pistoiese");
        let request = super::house::ask(Method::POST, super::house::ENTITIES)
            .header("x-test-role", "officer")
            .header("ngsild-tenant", "borgo")
            .header("content-type", "application/json");
        let mut other = work(2);
        other["id"] = json!("urn:ngsi-ld:CityWork:borgo:0002");
        let created = house
            .send(request.body(axum::body::Body::from(other.to_string())).unwrap())
            .await;
        created.is(201);
        receiver.hears_nothing().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_what_they_may_not_read() {
    for house in houses().await {
        let (planner, officer) = (Receiver::start().await, Receiver::start().await);
        let _dispatcher = Dispatcher::of(&house);
        let hidden = json!({ "types": ["CityWork"], "attributes": ["cost"], "readers": ["officer"] });
        let rule = "/api/v1/graph/rules/cost";
        let put = as_role(&house, "manager", "", Method::PUT, rule, Some(&hidden)).await;
        assert!(put < 300, "{put}");
        let triggers = json!({
            "notificationTrigger": ["entityCreated", "attributeUpdated", "attributeDeleted"],
            "notification": { "showChanges": true },
        });
        for (role, receiver) in [("planner", &planner), ("officer", &officer)] {
            let body = subscription(role, &receiver.url(), &triggers);
            let made = as_role(&house, role, "water", Method::POST, SUBSCRIPTIONS, Some(&body)).await;
            assert_eq!(made, 201);
        }
        let mut work = work(1);
        work["cost"] = json!({ "type": "Property", "value": 100 });
        house.create(&work).await;
        assert!(planner.data().await[0].get("cost").is_none());
        assert_eq!(value(&officer.data().await, "cost"), 100);
        // A change of what is hidden is nothing to tell, nor is its end.
        house.set(ID, "cost", &json!(200)).await;
        assert_eq!(officer.data().await[0]["cost"]["previousValue"], 100);
        house
            .call(
                Method::DELETE,
                &format!("/ngsi-ld/v1/entities/{ID}/attrs/cost"),
                None,
            )
            .await
            .is(204);
        assert_eq!(value(&officer.data().await, "cost"), "urn:ngsi-ld:null");
        planner.hears_nothing().await;
        let whole = json!({ "types": ["CityWork"], "readers": ["officer"] });
        as_role(
            &house,
            "manager",
            "",
            Method::PUT,
            "/api/v1/graph/rules/works",
            Some(&whole),
        )
        .await;
        house.set(ID, "name", &json!("New")).await;
        assert_eq!(value(&officer.data().await, "name"), "New");
        planner.hears_nothing().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_too_long_loses_nothing_silently() {
    for house in houses().await {
        let receiver = Receiver::start().await;
        let id = house
            .subscribe(&subscription("a", &receiver.url(), &json!({ "isActive": false })))
            .await;
        let now = house.env().now();
        house
            .store()
            .write(move |tx| {
                tx.execute(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10005)
                     INSERT INTO notification (tenant, subscription, seq, id, entity, body, attempts, queued_at)
                     SELECT 'prato', 'urn:ngsi-ld:Subscription:a', CAST($1 AS BIGINT) + i, 'n' || i, 'urn:a:b', '{}', 0, CAST($1 AS BIGINT) FROM n",
                    bisenzio_store::params![now],
                )
            })
            .await
            .unwrap();
        let _dispatcher = Dispatcher::of(&house);
        let fares = house.fares_until(&id, |f| f["deadLetters"] == 5).await;
        assert_eq!(fares["pending"], 10_000);
        let letters = house
            .call(Method::GET, "/api/v1/graph/dead-letters?limit=5", None)
            .await
            .json();
        let mut dead: Vec<&str> = letters["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|l| l["id"].as_str().unwrap())
            .collect();
        dead.sort_unstable();
        assert_eq!(dead, ["n1", "n2", "n3", "n4", "n5"], "the oldest");
        assert!(letters["items"][0]["reason"].as_str().unwrap().contains("10000"));
    }
}

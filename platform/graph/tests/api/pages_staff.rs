//! `/grafo/iscrizioni` and `/grafo/fonti`: pages of staff.

use axum::body::Body;
use bisenzio_store::Value as Sql;
use http::{Method, header};
use serde_json::{Value, json};

use crate::elsewhere::{REGISTRATIONS, as_manager};
use crate::house::{Answer, House, ask, houses, text, work};
use crate::receiver::subscription;

const PAGE: &str = "/grafo/iscrizioni";

fn path(name: &str) -> String {
    format!("{PAGE}/urn:ngsi-ld:Subscription:{name}")
}

async fn read(house: &House, role: &str, path: &str) -> Answer {
    house.get_with(path, &[("x-test-role", role)]).await
}

async fn send(house: &House, role: &str, path: &str) -> Answer {
    let request = ask(Method::POST, path)
        .header("x-test-role", role)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    house.send(request.body(Body::from("")).unwrap()).await
}

async fn subscribe(house: &House, name: &str, more: &Value) {
    let url = "http://receiver.example/notify";
    house.subscribe(&subscription(name, url, more)).await;
}

/// A notification that was given up.
async fn give_up(house: &House, name: &str, letter: &str) {
    let values: Vec<Sql> = vec![
        "prato".into(),
        letter.into(),
        format!("urn:ngsi-ld:Subscription:{name}").into(),
        "urn:ngsi-ld:CityWork:prato:0001".into(),
        "{\"type\":\"Notification\",\"data\":[\"<b>x</b>\"]}".into(),
        12_i64.into(),
        1_773_216_000_000_000_i64.into(),
        1_773_219_600_000_000_i64.into(),
        "the endpoint answered 503".into(),
    ];
    house
        .change(
            "INSERT INTO dead_letter (tenant, id, subscription, entity, body, attempts, queued_at, died_at, reason)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values,
        )
        .await;
}

#[tokio::test]
async fn only_who_may_sees_them() {
    for house in houses().await {
        subscribe(&house, "a", &json!({})).await;
        let unknown = house.get(PAGE).await;
        assert!(unknown.is(303).header("location").starts_with("/accesso?torna="));
        read(&house, "citizen", PAGE).await.is(403);
        for path in [path("a"), format!("{}/elimina", path("a"))] {
            read(&house, "citizen", &path).await.is(403);
        }
        for action in [
            "pausa",
            "riprendi",
            "elimina",
            "riconsegna",
            "notifiche/x/riconsegna",
            "notifiche/x/elimina",
        ] {
            send(&house, "citizen", &format!("{}/{action}", path("a")))
                .await
                .is(403);
        }
        // A planner subscribes, too, but does not see those of others and does not look after notifications.
        let others = read(&house, "planner", PAGE).await;
        assert!(text(&others.is(200).text).contains("Nessuna iscrizione"));
        read(&house, "planner", &path("a")).await.is(404);
        send(&house, "planner", &format!("{}/pausa", path("a")))
            .await
            .is(404);
        send(&house, "planner", &format!("{}/riconsegna", path("a")))
            .await
            .is(403);
        read(&house, "officer", "/grafo/fonti").await.is(403);
    }
}

#[tokio::test]
async fn they_tell_how_they_fare() {
    for house in houses().await {
        let empty = read(&house, "officer", PAGE).await;
        assert!(text(&empty.is(200).text).contains("Nessuna iscrizione"));
        subscribe(
            &house,
            "a",
            &json!({ "subscriptionName": "<i>Cantieri</i>", "watchedAttributes": ["name"] }),
        )
        .await;
        house.create(&work(1)).await;
        let list = read(&house, "officer", PAGE).await;
        let words = text(&list.is(200).text);
        assert!(!list.text.contains("<i>Cantieri"), "a name is text");
        assert!(words.contains("Attiva Ancora nessuna notifica inviata. City work: Nome 1, la prima dal 11 marzo 2026, ore 9:00 0"), "{words}");

        let paused = send(&house, "officer", &format!("{}/pausa", path("a"))).await;
        assert_eq!(paused.is(303).header("location"), path("a"));
        let one = read(&house, "officer", &path("a")).await;
        assert!(text(&one.is(200).text).contains("In pausa Non parte nessuna notifica"));
        send(&house, "officer", &format!("{}/riprendi", path("a")))
            .await
            .is(303);
        let english = house
            .get_with(
                &path("a"),
                &[("x-test-role", "officer"), ("cookie", "bisenzio_lang=en")],
            )
            .await;
        assert!(text(&english.is(200).text).contains("Active No notification sent yet."));

        let asked = read(&house, "officer", &format!("{}/elimina", path("a"))).await;
        assert!(text(&asked.is(200).text).contains("Non si può annullare"));
        let gone = send(&house, "officer", &format!("{}/elimina", path("a"))).await;
        assert_eq!(gone.is(303).header("location"), PAGE);
        read(&house, "officer", &path("a")).await.is(404);
        let done = house
            .rows(
                "SELECT action FROM access_audit WHERE tenant = 'prato' ORDER BY id",
                vec![],
            )
            .await;
        let done: Vec<String> = done.iter().map(|row| format!("{:?}", row[0])).collect();
        for action in ["pause", "resume", "delete"] {
            assert!(
                done.iter()
                    .any(|a| a.contains(&format!("graph.subscription.{action}"))),
                "{done:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_was_not_delivered_is_looked_at_and_sent_again() {
    for house in houses().await {
        subscribe(&house, "a", &json!({})).await;
        for letter in ["l1", "l2", "l3"] {
            give_up(&house, "a", letter).await;
        }
        let list = text(&read(&house, "officer", PAGE).await.is(200).text);
        assert!(list.contains(" 3 "), "{list}");
        let one = read(&house, "officer", &path("a")).await;
        let words = text(&one.is(200).text);
        assert!(
            words.contains("il destinatario ha risposto con l'errore 503"),
            "{words}"
        );
        assert!(
            !one.text.contains("<b>x</b>") && one.text.contains("&#60;b&#62;x"),
            "the content is text"
        );
        send(
            &house,
            "officer",
            &format!("{}/notifiche/l1/riconsegna", path("a")),
        )
        .await
        .is(303);
        send(
            &house,
            "officer",
            &format!("{}/notifiche/l1/riconsegna", path("a")),
        )
        .await
        .is(404);
        send(&house, "officer", &format!("{}/notifiche/l2/elimina", path("a")))
            .await
            .is(303);
        let words = text(&read(&house, "officer", &path("a")).await.is(200).text);
        assert!(
            words.contains("Notifiche non consegnate 1") && words.contains("In attesa 1"),
            "{words}"
        );
        send(&house, "officer", &format!("{}/riconsegna", path("a")))
            .await
            .is(303);
        let words = text(&read(&house, "officer", &path("a")).await.is(200).text);
        assert!(
            !words.contains("Notifiche non consegnate") && words.contains("In attesa 2"),
            "{words}"
        );
    }
}

#[tokio::test]
async fn sources_are_told_in_words() {
    for house in houses().await {
        let empty = read(&house, "manager", "/grafo/fonti").await;
        assert!(text(&empty.is(200).text).contains("Nessuna fonte collegata"));
        let body = json!({
            "id": "urn:ngsi-ld:ContextSourceRegistration:a",
            "type": "ContextSourceRegistration",
            "registrationName": "<i>Sensori</i>",
            "endpoint": "http://source.example:1026",
            "mode": "redirect",
            "information": [{ "entities": [{ "type": "AirQualityObserved" }], "propertyNames": ["temperature"] }],
        });
        as_manager(&house, Method::POST, REGISTRATIONS, Some(&body))
            .await
            .is(201);
        let page = read(&house, "manager", "/grafo/fonti").await;
        let words = text(&page.is(200).text);
        assert!(!page.text.contains("<i>Sensori"), "a name is text");
        assert!(
            words.contains("Mai chiamata") && words.contains("Qualità dell'aria: Temperatura"),
            "{words}"
        );
        assert!(words.contains("Al posto della città"), "{words}");
        assert!(words.contains("http://source.example:1026"), "{words}");
    }
}

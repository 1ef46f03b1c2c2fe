//! Requests that other brokers have a part in: reading (4.3.6, 5.7.1, 5.7.2).

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::elsewhere::{Listener, Pair, REGISTRATIONS, as_manager, merge, pairs};
use crate::house::{ENTITIES, House, houses};

fn vehicle(id: &str, attributes: Value) -> Value {
    let mut body = json!({ "id": id, "type": "Vehicle" });
    merge(&mut body, attributes);
    body
}

fn vehicles() -> Value {
    json!([{ "entities": [{ "type": "Vehicle" }] }])
}

async fn simple(house: &House, path: &str) -> Value {
    let separator = if path.contains('?') { '&' } else { '?' };
    let answer = house.get(&format!("{path}{separator}format=simplified")).await;
    answer.is(200).json()
}

async fn ids(house: &House, query: &str) -> Vec<String> {
    let list = simple(house, &format!("{ENTITIES}?{query}")).await;
    let id = |e: &Value| e["id"].as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(id).collect()
}

#[tokio::test]
async fn what_several_hold_of_an_entity_is_one_entity() {
    for Pair {
        here,
        there,
        there_url,
    } in pairs().await
    {
        let pair = Pair {
            here,
            there,
            there_url,
        };
        let (here, there) = (&pair.here, &pair.there);
        here.create(&vehicle(
            "urn:v:1",
            json!({
                "speed": { "value": 50, "observedAt": "2026-03-11T07:00:00Z" }, "name": "ours",
            }),
        ))
        .await;
        there
            .create(&vehicle(
                "urn:v:1",
                json!({
                    "speed": { "value": 60, "observedAt": "2026-03-11T07:30:00Z" }, "colour": "red",
                }),
            ))
            .await;
        there
            .create(&vehicle("urn:v:2", json!({ "colour": "blue" })))
            .await;
        pair.register("r", json!({ "information": vehicles() })).await;
        let whole = simple(here, &format!("{ENTITIES}/urn:v:1")).await;
        assert_eq!(
            whole,
            vehicle("urn:v:1", json!({ "speed": 60, "name": "ours", "colour": "red" }))
        );
        assert_eq!(
            simple(here, &format!("{ENTITIES}/urn:v:2")).await["colour"],
            "blue"
        );
        let local = here.get(&format!("{ENTITIES}/urn:v:2?local=true")).await;
        local.is_error(404, "ResourceNotFound", "");
        here.get(&format!("{ENTITIES}/urn:v:3"))
            .await
            .is_error(404, "ResourceNotFound", "");
        let shown = format!("{REGISTRATIONS}/urn:ngsi-ld:ContextSourceRegistration:r");
        let shown = as_manager(here, Method::GET, &shown, None).await.json();
        assert_eq!(
            (&shown["status"], &shown["timesFailed"]),
            (&json!("ok"), &json!(0))
        );
    }
}

#[tokio::test]
async fn a_context_source_filter_chooses_who_is_asked() {
    for pair in pairs().await {
        let (here, there) = (&pair.here, &pair.there);
        here.create(&vehicle("urn:v:1", json!({ "name": "ours" }))).await;
        there
            .create(&vehicle("urn:v:2", json!({ "name": "theirs" })))
            .await;
        let owner = json!({ "type": "Property", "value": "Estracom" });
        pair.register("r", json!({ "information": vehicles(), "owner": owner }))
            .await;
        for (csf, expected) in [
            ("", vec!["urn:v:1", "urn:v:2"]),
            ("&csf=owner==%22Estracom%22", vec!["urn:v:1", "urn:v:2"]),
            ("&csf=owner==%22Alia%22", vec!["urn:v:1"]),
            ("&csf=!owner", vec!["urn:v:1"]),
        ] {
            let mut found = ids(here, &format!("type=Vehicle{csf}")).await;
            found.sort();
            assert_eq!(found, expected, "{csf} {}", here.name());
        }
        here.get(&format!("{ENTITIES}?type=Vehicle&csf=(owner"))
            .await
            .is_error(400, "BadRequestData", "");
    }
}

#[tokio::test]
async fn filters_look_at_the_whole_of_a_split_entity() {
    for pair in pairs().await {
        let (here, there) = (&pair.here, &pair.there);
        for (id, name, speed) in [("urn:v:1", "a", 10), ("urn:v:2", "b", 20), ("urn:v:3", "a", 30)] {
            here.create(&vehicle(id, json!({ "name": name }))).await;
            there.create(&vehicle(id, json!({ "speed": speed }))).await;
        }
        here.create(&vehicle("urn:v:4", json!({ "name": "a", "speed": 40 })))
            .await;
        there
            .create(&vehicle("urn:v:5", json!({ "name": "a", "speed": 50 })))
            .await;
        pair.register("r", json!({ "information": vehicles() })).await;
        assert_eq!(
            ids(here, "type=Vehicle&q=name==%22a%22;speed%3E15").await,
            ["urn:v:3", "urn:v:5", "urn:v:4"],
            "{}",
            here.name()
        );
        assert_eq!(
            ids(here, "type=Vehicle&q=name==%22a%22;speed%3E15&local=true").await,
            ["urn:v:4"]
        );
        // Only the speed is wanted, and the name decides.
        let list = simple(
            here,
            &format!("{ENTITIES}?type=Vehicle&attrs=speed&q=name==%22b%22"),
        )
        .await;
        assert_eq!(list, json!([vehicle("urn:v:2", json!({ "speed": 20 }))]));
        let page = here
            .get(&format!("{ENTITIES}?type=Vehicle&limit=2&offset=3&count=true"))
            .await;
        assert_eq!(page.header("ngsild-results-count"), "5");
        assert_eq!(page.json().as_array().unwrap().len(), 2);
        assert!(page.page("next").is_none() && page.page("prev").is_some());
        let all = here.get(&format!("{ENTITIES}?type=Vehicle&limit=4")).await;
        assert!(all.page("next").is_some());
    }
}

#[tokio::test]
async fn exclusive_attributes_are_the_source_s_alone() {
    for pair in pairs().await {
        let (here, there) = (&pair.here, &pair.there);
        let speed =
            json!([{ "entities": [{ "id": "urn:v:1", "type": "Vehicle" }], "propertyNames": ["speed"] }]);
        pair.register("r", json!({ "mode": "exclusive", "information": speed }))
            .await;
        here.create(&vehicle("urn:v:1", json!({ "speed": 10, "name": "a" })))
            .await;
        let at = |local: &str| format!("{ENTITIES}/urn:v:1{local}");
        assert_eq!(
            simple(there, &at("")).await,
            vehicle("urn:v:1", json!({ "speed": 10 }))
        );
        assert_eq!(
            simple(here, &at("?local=true")).await,
            vehicle("urn:v:1", json!({ "name": "a" }))
        );
        assert_eq!(
            simple(here, &at("")).await,
            vehicle("urn:v:1", json!({ "name": "a", "speed": 10 }))
        );
        assert_eq!(
            ids(here, "type=Vehicle&q=speed==10;name==%22a%22").await,
            ["urn:v:1"]
        );
        // Another entity of the type is none of the source's business.
        here.create(&vehicle("urn:v:2", json!({ "speed": 5 }))).await;
        assert_eq!(
            simple(here, &format!("{ENTITIES}?type=Vehicle&q=speed==5")).await[0]["speed"],
            5
        );
        there.get(&format!("{ENTITIES}/urn:v:2")).await.is(404);
    }
}

#[tokio::test]
async fn redirected_entities_are_not_held_here() {
    for pair in pairs().await {
        let (here, there) = (&pair.here, &pair.there);
        pair.register("r", json!({ "mode": "redirect", "information": vehicles() }))
            .await;
        here.create(&vehicle("urn:v:1", json!({ "speed": 10 }))).await;
        here.get(&format!("{ENTITIES}/urn:v:1?local=true")).await.is(404);
        assert_eq!(simple(there, &format!("{ENTITIES}/urn:v:1")).await["speed"], 10);
        assert_eq!(simple(here, &format!("{ENTITIES}/urn:v:1")).await["speed"], 10);
        assert_eq!(ids(here, "type=Vehicle").await, ["urn:v:1"]);
    }
}

#[tokio::test]
async fn auxiliary_sources_fill_gaps_and_no_more() {
    for pair in pairs().await {
        let (here, there) = (&pair.here, &pair.there);
        pair.register("r", json!({ "mode": "auxiliary", "information": vehicles() }))
            .await;
        here.create(&vehicle("urn:v:1", json!({ "speed": 10 }))).await;
        there.get(&format!("{ENTITIES}/urn:v:1")).await.is(404);
        there
            .create(&vehicle(
                "urn:v:1",
                json!({
                    "speed": { "value": 60, "observedAt": "2030-03-11T07:30:00Z" }, "colour": "red",
                }),
            ))
            .await;
        there
            .create(&vehicle("urn:v:2", json!({ "colour": "blue" })))
            .await;
        let whole = vehicle("urn:v:1", json!({ "speed": 10, "colour": "red" }));
        assert_eq!(simple(here, &format!("{ENTITIES}/urn:v:1")).await, whole);
        assert_eq!(
            simple(here, &format!("{ENTITIES}?type=Vehicle")).await,
            json!([whole])
        );
    }
}

#[tokio::test]
async fn brokers_that_know_one_another_do_not_go_round_in_circles() {
    for pair in pairs().await {
        let (here, there) = (&pair.here, &pair.there);
        let here_url = crate::elsewhere::serve(here.router.clone()).await;
        pair.register("r", json!({ "information": vehicles() })).await;
        let back = json!({
            "type": "ContextSourceRegistration", "endpoint": here_url, "tenant": "prato", "information": vehicles(),
        });
        as_manager(there, Method::POST, REGISTRATIONS, Some(&back))
            .await
            .is(201);
        here.create(&vehicle("urn:v:1", json!({ "a": 1 }))).await;
        there.create(&vehicle("urn:v:2", json!({ "a": 2 }))).await;
        let answer = here.get(&format!("{ENTITIES}?type=Vehicle")).await;
        assert_eq!(answer.is(200).header("ngsild-warning"), "");
        assert_eq!(answer.json().as_array().unwrap().len(), 2);
        let missing = here.get(&format!("{ENTITIES}/urn:v:3")).await;
        missing.is_error(404, "ResourceNotFound", "");
        let me = here.get("/ngsi-ld/v1/info/sourceIdentity").await.json();
        let via = format!("1.1 other, 1.1 {}", me["contextSourceAlias"].as_str().unwrap());
        let answer = here
            .get_with(&format!("{ENTITIES}/urn:v:1"), &[("via", &via)])
            .await;
        answer.is_error(508, "LoopDetected", "");
        let answer = here
            .get_with(&format!("{ENTITIES}?type=Vehicle"), &[("via", &via)])
            .await;
        answer.is_error(508, "LoopDetected", "");
    }
}

#[tokio::test]
async fn a_source_that_fails_is_told_of_and_left_alone() {
    for house in houses().await {
        let (source, url) = Listener::open().await;
        source.be_slow(Duration::from_secs(5));
        let body = json!({
            "type": "ContextSourceRegistration", "endpoint": url, "information": vehicles(),
            "contextSourceAlias": "slow-one", "management": { "timeout": 50, "cooldown": 60_000 },
        });
        as_manager(&house, Method::POST, REGISTRATIONS, Some(&body))
            .await
            .is(201);
        house.create(&vehicle("urn:v:1", json!({ "a": 1 }))).await;
        let path = format!("{ENTITIES}/urn:v:1");
        let answer = house.get(&path).await;
        assert_eq!(answer.is(200).json()["a"]["value"], 1);
        assert!(
            answer.header("ngsild-warning").starts_with("199 slow-one \""),
            "{answer:?}"
        );
        assert_eq!(source.heard().len(), 1);
        let answer = house.get(&format!("{ENTITIES}?type=Vehicle")).await;
        assert!(!answer.is(200).header("ngsild-warning").is_empty());
        assert!(source.heard().is_empty(), "it is left alone");
        house.clock.advance(61);
        source.be_slow(Duration::ZERO);
        source.answer(
            200,
            json!([{ "id": "urn:v:9", "type": "Vehicle", "a": { "type": "Property", "value": 9 } }]),
        );
        assert_eq!(ids(&house, "type=Vehicle").await, ["urn:v:9", "urn:v:1"]);
        source.answer(500, json!({ "title": "broken" }));
        let missing = house.get(&format!("{ENTITIES}/urn:v:8")).await;
        missing.is_error(404, "ResourceNotFound", "");
        assert!(missing.header("ngsild-warning").contains("500"), "{missing:?}");
        source.answer(200, json!("no entity"));
        assert!(!house.get(&path).await.is(200).json().is_null());
    }
}

#[tokio::test]
async fn a_source_is_spoken_to_in_its_own_way() {
    for house in houses().await {
        let (source, url) = Listener::open().await;
        let context = crate::elsewhere::serve(axum::Router::new().route(
            "/c",
            axum::routing::get(|| async {
                json!({ "@context": {
                    "Veicolo": "https://uri.etsi.org/ngsi-ld/default-context/Vehicle",
                    "velocita": "https://uri.etsi.org/ngsi-ld/default-context/speed",
                }})
                .to_string()
            }),
        ))
        .await;
        let body = json!({
            "type": "ContextSourceRegistration", "endpoint": format!("{url}/base/"), "tenant": "theirs",
            "information": [{ "entities": [{ "type": "Vehicle" }], "propertyNames": ["speed"] }],
            "contextSourceInfo": [
                { "key": "Authorization", "value": "urn:ngsi-ld:request" },
                { "key": "X-Key", "value": "secret" },
                { "key": "Host", "value": "evil.example" },
                { "key": "jsonldContext", "value": format!("{context}/c") },
            ],
            "operations": ["redirectionOps"],
            "management": { "localOnly": true },
        });
        as_manager(&house, Method::POST, REGISTRATIONS, Some(&body))
            .await
            .is(201);
        source.answer(201, Value::Null);
        house
            .create(&vehicle("urn:v:1", json!({ "speed": 10, "name": "a" })))
            .await;
        let heard = source.heard().remove(0);
        assert_eq!(heard.method, Method::POST);
        assert_eq!(heard.uri.to_string(), "/base/ngsi-ld/v1/entities?local=true");
        assert_eq!(
            heard.body,
            json!({ "id": "urn:v:1", "type": "Veicolo", "velocita": 10 })
        );
        assert_eq!(
            (heard.header("ngsild-tenant"), heard.header("x-key")),
            ("theirs", "secret")
        );
        assert!(heard.header("link").contains(&format!("<{context}/c>")));
        assert!(heard.header("via").starts_with("1.1 bisenzio-"));
        assert!(url.ends_with(heard.header("host")));

        let told = json!({ "id": "urn:v:1", "type": "Veicolo", "velocita": { "type": "Property", "value": 11,
            "observedAt": "2026-03-11T07:00:00Z" }, "nome": { "type": "Property", "value": "not registered" } });
        source.answer(200, told);
        let answer = house
            .get_with(
                &format!("{ENTITIES}/urn:v:1"),
                &[("authorization", "Bearer of-the-client")],
            )
            .await;
        assert_eq!(answer.is(200).json()["speed"]["value"], 11);
        assert!(answer.json().get("nome").is_none());
        let heard = source.heard().remove(0);
        assert_eq!(heard.header("authorization"), "Bearer of-the-client");
        assert_eq!(
            heard.uri.to_string(),
            "/base/ngsi-ld/v1/entities/urn:v:1?attrs=velocita&options=sysAttrs&local=true"
        );
    }
}

#[tokio::test]
async fn answers_are_used_again_for_as_long_as_the_registration_says() {
    for house in houses().await {
        let (source, url) = Listener::open().await;
        let body = json!({
            "type": "ContextSourceRegistration", "endpoint": url, "information": vehicles(),
            "management": { "cacheDuration": "PT1M" },
        });
        as_manager(&house, Method::POST, REGISTRATIONS, Some(&body))
            .await
            .is(201);
        let path = format!("{ENTITIES}/urn:v:1");
        for (asked, speed) in [(1, 10), (0, 10), (1, 20)] {
            source.answer(200, vehicle("urn:v:1", json!({ "speed": speed })));
            assert_eq!(simple(&house, &path).await["speed"], speed);
            assert_eq!(source.heard().len(), asked);
            if asked == 0 {
                house.clock.advance(61);
                source.forget();
            }
        }
    }
}

#[tokio::test]
async fn types_of_all_sources_are_listed() {
    for pair in pairs().await {
        pair.here.create(&vehicle("urn:v:1", json!({ "a": 1 }))).await;
        pair.there
            .create(&json!({ "id": "urn:b:1", "type": "Boat", "a": 1 }))
            .await;
        let boats = json!([{ "entities": [{ "type": "Boat" }] }]);
        pair.register("r", json!({ "information": boats })).await;
        let types = pair.here.get("/ngsi-ld/v1/types").await.is(200).json();
        assert_eq!(types["typeList"], json!(["Boat", "Vehicle"]));
        let own = pair.here.get("/ngsi-ld/v1/types?local=true").await.json();
        assert_eq!(own["typeList"], json!(["Vehicle"]));
    }
}

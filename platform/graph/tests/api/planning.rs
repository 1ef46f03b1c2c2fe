//! How results are found must not show: whatever index answers, the answer is the same.

use bisenzio_graph::GraphModule;
use bisenzio_module::{Registry, run_due_jobs};
use bisenzio_store::{StoreError, params};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::house::{ENTITIES, House, houses, tenant};

/// Whether the sensor with a number is an answer.
type Keeps = fn(usize) -> bool;

fn sensor(number: usize) -> Value {
    let mut entity = json!({
        "id": format!("urn:ngsi-ld:Sensor:prato:{number:05}"),
        "type": "Sensor",
        "level": { "type": "Property", "value": number % 100 },
        "name": { "type": "Property", "value": format!("s{}", number % 7) },
        "location": { "type": "GeoProperty", "value": {
            "type": "Point", "coordinates": [11.0 + (number % 50) as f64 / 1e3, 43.8 + (number / 50) as f64 / 1e3] } },
    });
    // Four shapes, taken in turns.
    for bit in 0..2 {
        if number >> bit & 1 == 1 {
            entity[format!("extra{bit}")] = json!({ "type": "Property", "value": true });
        }
    }
    entity
}

async fn load(house: &House, count: usize) {
    let all: Vec<Value> = (0..count).map(sensor).collect();
    for chunk in all.chunks(300) {
        let answer = house
            .call(
                http::Method::POST,
                "/ngsi-ld/v1/entityOperations/create",
                Some(&json!(chunk)),
            )
            .await;
        answer.is(201);
    }
}

fn expected(count: usize, keep: impl Fn(usize) -> bool) -> Vec<String> {
    (0..count)
        .filter(|n| keep(*n))
        .map(|n| format!("urn:ngsi-ld:Sensor:prato:{n:05}"))
        .collect()
}

#[tokio::test]
async fn entities_of_several_shapes_come_in_the_order_of_creation_page_by_page() {
    for house in houses().await {
        load(&house, 60).await;
        let mut seen = Vec::new();
        for offset in (0..70).step_by(7) {
            seen.extend(house.ids(&format!("type=Sensor&limit=7&offset={offset}")).await);
        }
        assert_eq!(seen, expected(60, |_| true), "{}", house.name());
        let answer = house
            .get(&format!(
                "{ENTITIES}?type=Sensor&attrs=extra1&count=true&limit=1&offset=29"
            ))
            .await;
        assert_eq!(answer.header("ngsild-results-count"), "30");
        assert!(answer.page("next").is_none() && answer.page("prev").is_some());
        let one_shape = house.ids("type=Sensor&q=extra0;extra1&limit=100").await;
        assert_eq!(one_shape, expected(60, |n| n % 4 == 3));
    }
}

#[tokio::test]
async fn a_laborious_question_gets_an_index_and_the_answer_stays_the_same() {
    const COUNT: usize = 2_100;
    for house in houses().await {
        load(&house, COUNT).await;
        let questions: [(&str, Keeps); 6] = [
            ("q=level==99", |n| n % 100 == 99),
            ("q=level%3E97", |n| n % 100 > 97),
            ("q=level==3..4;name==%22s1%22", |n| {
                matches!(n % 100, 3 | 4) && n % 7 == 1
            }),
            ("q=name==%22s1%22,%22s2%22;level%3C2", |n| {
                matches!(n % 7, 1 | 2) && n % 100 < 2
            }),
            ("q=level==7%7Clevel==8", |n| matches!(n % 100, 7 | 8)),
            ("q=level==0;extra0", |_| false),
        ];
        let ask = async |question: &str| house.ids(&format!("{question}&limit=1000")).await;
        for (question, keep) in questions {
            assert_eq!(
                ask(question).await,
                expected(COUNT, keep),
                "{}: {question}",
                house.name()
            );
        }
        let ordered = "SELECT name FROM value_index ORDER BY name";
        assert_eq!(house.rows(ordered, vec![]).await.len(), 2, "{}", house.name());
        // While it is being filled, writes keep it.
        house
            .create(&json!({ "id": "urn:ngsi-ld:Sensor:prato:early", "type": "Sensor", "level": 99 }))
            .await;
        let registry = Registry::new(vec![Arc::new(GraphModule)]);
        assert_eq!(run_due_jobs(house.app(), &registry).await.unwrap(), 2);
        let with = |mut list: Vec<String>, more: &str| {
            list.push(format!("urn:ngsi-ld:Sensor:prato:{more}"));
            list
        };
        assert_eq!(
            ask("q=level==99").await,
            with(expected(COUNT, |n| n % 100 == 99), "early")
        );
        for (question, keep) in &questions[2..] {
            assert_eq!(
                ask(question).await,
                expected(COUNT, keep),
                "{}: {question}",
                house.name()
            );
        }
        // Changes move entities within the index, deletions take them out.
        let path = format!("{ENTITIES}/urn:ngsi-ld:Sensor:prato:early/attrs/level");
        house
            .call(http::Method::PATCH, &path, Some(&json!({ "value": 555.5 })))
            .await
            .is(204);
        assert_eq!(ask("q=level%3E500").await, ["urn:ngsi-ld:Sensor:prato:early"]);
        assert_eq!(ask("q=level==99").await, expected(COUNT, |n| n % 100 == 99));
        let many: Vec<usize> = (1_000..2_000).collect();
        house
            .call(http::Method::PATCH, &path, Some(&json!({ "value": many })))
            .await
            .is(204);
        assert_eq!(
            ask("q=level==1700").await,
            ["urn:ngsi-ld:Sensor:prato:early"],
            "more values than are filed"
        );
        house
            .call(
                http::Method::DELETE,
                &format!("{ENTITIES}/urn:ngsi-ld:Sensor:prato:early"),
                None,
            )
            .await
            .is(204);
        let rows = "SELECT COUNT(*) FROM entity_text_value WHERE value LIKE '%many'";
        assert_eq!(
            house.rows(rows, vec![]).await[0][0],
            bisenzio_store::Value::Int(0)
        );
    }
}

#[tokio::test]
async fn entities_of_the_first_version_move_into_the_new_tables() {
    for house in houses().await {
        let document = r#"{"i":"urn:a:1","t":["https://uri.etsi.org/ngsi-ld/default-context/T"],"c":5,"m":5,
            "a":{"https://uri.etsi.org/ngsi-ld/location":{"k":"G","v":{"type":"Point","coordinates":[11,43]}}}}"#;
        house
            .store()
            .write(move |tx| {
                tx.execute(
                    "INSERT INTO entity_v1 (tenant, id, document, created_at, modified_at) VALUES ($1, $2, $3, 5, 5)",
                    params![&tenant("prato"), "urn:a:1", document],
                )?;
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        bisenzio_graph::upgrade(house.store(), &house.env())
            .await
            .unwrap();
        assert_eq!(house.ids("type=T").await, ["urn:a:1"], "{}", house.name());
        assert_eq!(house.ids("bbox=10.9,42.9,11.1,43.1").await, ["urn:a:1"]);
        assert!(house.rows("SELECT id FROM entity_v1", vec![]).await.is_empty());
    }
}

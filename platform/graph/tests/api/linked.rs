//! Linked entities: sent along (clause 4.5.23) and asked about (4.9).

use http::Method;
use serde_json::{Value, json};

use crate::house::{ENTITIES, House, houses};

fn id(kind: &str, name: &str) -> String {
    format!("urn:ngsi-ld:{kind}:{name}")
}

/// Buildings in a district in a city; the city leads back to a building.
async fn fill(house: &House) {
    let all = [
        json!({ "id": id("Building", "a"), "type": "Building", "name": "A", "in": { "type": "Relationship", "object": id("District", "d") } }),
        json!({ "id": id("Building", "b"), "type": "Building", "name": "B",
            "in": { "type": "Relationship", "object": [id("District", "d"), id("District", "gone")] } }),
        json!({ "id": id("District", "d"), "type": "District", "name": "Centro", "of": { "type": "Relationship", "object": id("City", "c") } }),
        json!({ "id": id("City", "c"), "type": "City", "name": "Prato", "people": 195_000,
            "first": { "type": "Relationship", "object": id("Building", "a") } }),
    ];
    for entity in &all {
        house.create(entity).await;
    }
}

async fn read(house: &House, query: &str) -> Value {
    let answer = house
        .get(&format!(
            "{ENTITIES}/{}?options=keyValues&{query}",
            id("Building", "a")
        ))
        .await;
    answer.is(200).json()
}

#[tokio::test]
async fn inside_their_relationships() {
    for house in houses().await {
        fill(&house).await;
        let district =
            json!({ "id": id("District", "d"), "type": "District", "name": "Centro", "of": id("City", "c") });
        assert_eq!(read(&house, "join=inline").await["in"], district);
        let deep = read(&house, "join=inline&joinLevel=3").await;
        assert_eq!(deep["in"]["of"]["name"], "Prato");
        assert_eq!(
            deep["in"]["of"]["first"],
            id("Building", "a"),
            "no entity within itself"
        );
        let known = format!("join=inline&joinLevel=2&containedBy={}", id("City", "c"));
        assert_eq!(read(&house, &known).await["in"]["of"], id("City", "c"));
        let picked = read(
            &house,
            "join=inline&joinLevel=2&pick=name,in%7Bname,of%7Bpeople%7D%7D",
        )
        .await;
        assert_eq!(
            picked,
            json!({ "name": "A", "in": { "name": "Centro", "of": { "people": 195_000 } } })
        );

        let list = house
            .get(&format!("{ENTITIES}?type=Building&join=inline"))
            .await
            .json();
        assert_eq!(list[0]["in"]["entity"]["name"]["value"], "Centro");
        assert_eq!(list[1]["in"]["entityList"][0]["id"], id("District", "d"));
        assert_eq!(
            list[1]["in"]["object"],
            json!([id("District", "d"), id("District", "gone")])
        );
    }
}

#[tokio::test]
async fn beside_the_entities_that_lead_there() {
    for house in houses().await {
        fill(&house).await;
        let ids = async |path: &str| -> Vec<String> {
            let list = house.get(path).await.is(200).json();
            list.as_array()
                .unwrap()
                .iter()
                .map(|e| e["id"].as_str().unwrap().to_owned())
                .collect()
        };
        let (a, b, d, c) = (
            id("Building", "a"),
            id("Building", "b"),
            id("District", "d"),
            id("City", "c"),
        );
        let one = format!("{ENTITIES}/{a}");
        assert_eq!(ids(&format!("{one}?join=flat")).await, [&a, &d].map(Clone::clone));
        assert_eq!(
            ids(&format!("{one}?join=flat&joinLevel=8")).await,
            [&a, &d, &c].map(Clone::clone)
        );
        let list = format!("{ENTITIES}?type=Building&join=flat&joinLevel=2");
        assert_eq!(ids(&list).await, [&a, &b, &d, &c].map(Clone::clone), "each once");
        let alone = house
            .get(&format!("{ENTITIES}/{c}?join=flat&omit=first"))
            .await
            .json();
        assert_eq!(alone["id"], json!(c), "nothing to follow: the entity alone");
        let body =
            json!({ "type": "Query", "entities": [{ "type": "Building" }], "join": "flat", "joinLevel": 1 });
        let posted = house
            .call(Method::POST, "/ngsi-ld/v1/entityOperations/query", Some(&body))
            .await;
        assert_eq!(posted.is(200).json().as_array().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn joins_are_bounded_and_checked() {
    for house in houses().await {
        fill(&house).await;
        let one = format!("{ENTITIES}/{}", id("Building", "a"));
        for bad in [
            "join=deep",
            "joinLevel=1",
            "join=inline&joinLevel=9",
            "join=inline&joinLevel=0",
            "join=flat&containedBy=x",
        ] {
            house
                .get(&format!("{one}?{bad}"))
                .await
                .is_error(400, "BadRequestData", "");
        }
        // Every one of a hundred leads to all hundred: two levels are a million places.
        let targets: Vec<String> = (0..100).map(|n| id("Node", &format!("{n:03}"))).collect();
        let nodes: Vec<Value> = targets
            .iter()
            .map(
                |id| json!({ "id": id, "type": "Node", "to": { "type": "Relationship", "object": targets } }),
            )
            .collect();
        house
            .call(
                Method::POST,
                "/ngsi-ld/v1/entityOperations/create",
                Some(&json!(nodes)),
            )
            .await
            .is(201);
        house
            .get(&format!("{ENTITIES}/{}?join=flat&joinLevel=1", targets[0]))
            .await
            .is(200);
        house
            .get(&format!("{ENTITIES}/{}?join=inline&joinLevel=3", targets[0]))
            .await
            .is_error(403, "TooComplexQuery", "");
    }
}

#[tokio::test]
async fn questions_follow_relationships() {
    for house in houses().await {
        fill(&house).await;
        let cases = [
            ("type=Building&q=in%7Bname==%22Centro%22%7D", 2),
            ("type=Building&q=in%7Bof%7Bpeople%3E190000%7D%7D", 2),
            ("type=Building&q=in%7Bof%7Bpeople%3E200000%7D%7D", 0),
            ("type=Building&q=in%7Bname==%22Nord%22%7D%7Cname==%22B%22", 1),
        ];
        for (query, expected) in cases {
            assert_eq!(
                house.ids(query).await.len(),
                expected,
                "{}: {query}",
                house.name()
            );
        }
    }
}

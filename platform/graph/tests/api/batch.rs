use http::Method;
use serde_json::{Value, json};

use crate::house::{ENTITIES, ERRORS, houses, work};

const BATCH: &str = "/ngsi-ld/v1/entityOperations";

fn id(number: usize) -> String {
    format!("urn:ngsi-ld:CityWork:prato:{number:04}")
}

#[tokio::test]
async fn a_batch_creates() {
    for house in houses().await {
        let path = format!("{BATCH}/create");
        let both = json!([work(1), work(2)]);
        let made = house.call(Method::POST, &path, Some(&both)).await;
        assert_eq!(made.is(201).json(), json!([id(1), id(2)]));
        let broken = json!({ "id": id(4), "type": "CityWork", "location": { "type": "GeoProperty", "value": { "type": "Point" } } });
        let mixed = json!([work(2), work(3), broken, work(3)]);
        let answer = house.call(Method::POST, &path, Some(&mixed)).await;
        let report = answer.is(207).json();
        assert_eq!(report["success"], json!([id(3)]));
        let errors = report["errors"].as_array().unwrap();
        let failed: Vec<(&str, &str)> = errors
            .iter()
            .map(|e| {
                (
                    e["entityId"].as_str().unwrap(),
                    e["error"]["type"].as_str().unwrap(),
                )
            })
            .collect();
        let (exists, bad) = (
            format!("{ERRORS}AlreadyExists"),
            format!("{ERRORS}BadRequestData"),
        );
        assert_eq!(failed.len(), 3);
        for expected in [(id(2), &exists), (id(4), &bad), (id(3), &exists)] {
            assert!(
                failed.contains(&(expected.0.as_str(), expected.1.as_str())),
                "{failed:?}"
            );
        }
        let place = errors.iter().find(|e| e["entityId"] == id(4)).unwrap();
        assert!(
            place["error"]["errors"][0]["field"]
                .as_str()
                .unwrap()
                .starts_with("$[2].location"),
            "{place}"
        );
        assert_eq!(house.ids("type=CityWork").await, [id(1), id(2), id(3)]);
    }
}

#[tokio::test]
async fn a_batch_upserts_by_replacing_or_updating() {
    for house in houses().await {
        let path = format!("{BATCH}/upsert");
        house.create(&work(1)).await;
        let short = |number: usize| json!({ "id": id(number), "type": "CityWork", "name": { "type": "Property", "value": "Nuovo" } });
        let read = async |number: usize| {
            house
                .get(&format!("{ENTITIES}/{}?options=keyValues", id(number)))
                .await
                .json()
        };

        let updated = house
            .call(
                Method::POST,
                &format!("{path}?options=update"),
                Some(&json!([short(1), short(2)])),
            )
            .await;
        assert_eq!(
            updated.is(201).json(),
            json!([id(2)]),
            "only what was created is listed"
        );
        assert_eq!(read(1).await["name"], "Nuovo");
        assert_eq!(read(1).await["number"], 1, "an update keeps the other attributes");

        let replaced = house
            .call(
                Method::POST,
                &format!("{path}?options=replace"),
                Some(&json!([short(1)])),
            )
            .await;
        assert!(replaced.is(204).text.is_empty());
        assert!(read(1).await.get("number").is_none(), "a replacement does not");
        assert!(house.ids("bbox=11,43,12,44").await.is_empty());

        let bad = json!({ "id": "no uri", "type": "CityWork" });
        let report = house
            .call(Method::POST, &path, Some(&json!([bad, short(1), short(3)])))
            .await
            .is(207)
            .json();
        assert_eq!(report["success"], json!([id(3), id(1)]));
        assert_eq!(report["errors"][0]["entityId"], "no uri");
        assert_eq!(report["errors"][0]["error"]["errors"][0]["field"], "$[0].id");
    }
}

#[tokio::test]
async fn a_batch_deletes() {
    for house in houses().await {
        let path = format!("{BATCH}/delete");
        for number in 1..4 {
            house.create(&work(number)).await;
        }
        let answer = house
            .call(
                Method::POST,
                &path,
                Some(&json!([id(1), id(9), "rubbish", 7, id(2)])),
            )
            .await;
        let report = answer.is(207).json();
        assert_eq!(report["success"], json!([id(1), id(2)]));
        let errors = report["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 3);
        let kind = |of: &str| {
            let found = errors.iter().find(|e| e["entityId"] == of).unwrap();
            found["error"]["type"]
                .as_str()
                .unwrap()
                .trim_start_matches(ERRORS)
                .to_owned()
        };
        assert_eq!(kind(&id(9)), "ResourceNotFound");
        assert_eq!(kind("rubbish"), "BadRequestData");
        assert!(
            house
                .call(Method::POST, &path, Some(&json!([id(3)])))
                .await
                .is(204)
                .text
                .is_empty()
        );
        assert!(house.ids("type=CityWork").await.is_empty());
    }
}

#[tokio::test]
async fn a_batch_needs_a_list_of_bounded_length() {
    for house in houses().await {
        for operation in ["create", "upsert", "delete"] {
            let path = format!("{BATCH}/{operation}");
            for body in [json!([]), json!({}), json!("x")] {
                house
                    .call(Method::POST, &path, Some(&body))
                    .await
                    .is_error(400, "BadRequestData", "");
            }
            let many = Value::Array(vec![json!("urn:a:b"); 5_001]);
            let answer = house.call(Method::POST, &path, Some(&many)).await;
            answer.is(413);
            assert_eq!(answer.header("content-type"), "application/json");
        }
    }
}

#[tokio::test]
async fn entities_of_a_json_ld_batch_bring_their_contexts() {
    for house in houses().await {
        let path = format!("{BATCH}/create");
        let with = |number: usize, context: Value| {
            let mut entity = work(number);
            entity["@context"] = context;
            entity
        };
        let own = json!({ "name": "https://example.org/title" });
        let without = json!([with(1, own), work(2)]);
        let answer = house
            .raw(Method::POST, &path, "application/ld+json", without.to_string())
            .await;
        assert_eq!(answer.is(207).json()["success"], json!([id(1)]));
        let read = house
            .get(&format!("{ENTITIES}/{}?options=keyValues", id(1)))
            .await
            .json();
        // A name of the core context cannot be given another meaning; "name" is none of them.
        assert_eq!(read["https://example.org/title"], "Scavo 1");
        let plain = json!([with(3, json!({}))]);
        let report = house.call(Method::POST, &path, Some(&plain)).await.is(207).json();
        assert_eq!(
            report["errors"][0]["error"]["type"],
            format!("{ERRORS}BadRequestData")
        );
    }
}

use http::Method;
use serde_json::json;

use crate::house::{ENTITIES, House, houses, work};

/// Reports name attributes in full: they have no @context.
const DEFAULT: &str = "https://uri.etsi.org/ngsi-ld/default-context/";
const ID: &str = "urn:ngsi-ld:CityWork:prato:0001";

fn attrs() -> String {
    format!("{ENTITIES}/{ID}/attrs")
}

async fn read(house: &House) -> serde_json::Value {
    house.get(&format!("{ENTITIES}/{ID}")).await.is(200).json()
}

#[tokio::test]
async fn attributes_are_appended() {
    for house in houses().await {
        let more = json!({ "name": { "type": "Property", "value": "Nuovo" }, "phase": { "type": "Property", "value": 2 } });
        house
            .call(Method::POST, &attrs(), Some(&more))
            .await
            .is_error(404, "ResourceNotFound", "");
        house.create(&work(1)).await;
        let partly = house
            .call(
                Method::POST,
                &format!("{}?options=noOverwrite", attrs()),
                Some(&more),
            )
            .await;
        let report = partly.is(207).json();
        assert_eq!(report["updated"], json!([format!("{DEFAULT}phase")]));
        assert_eq!(report["notUpdated"][0]["attributeName"], format!("{DEFAULT}name"));
        assert!(!report["notUpdated"][0]["reason"].as_str().unwrap().is_empty());
        assert_eq!(read(&house).await["name"]["value"], "Scavo 1");
        assert!(
            house
                .call(Method::POST, &attrs(), Some(&more))
                .await
                .is(204)
                .text
                .is_empty()
        );
        assert_eq!(read(&house).await["name"]["value"], "Nuovo");
        assert_eq!(house.ids("attrs=phase").await, [ID]);
    }
}

#[tokio::test]
async fn attributes_are_updated_appended_and_removed() {
    for house in houses().await {
        house.create(&work(1)).await;
        let change = json!({
            "name": { "type": "Property", "value": "Nuovo" }, "new": { "type": "Property", "value": 2 },
            "onRoad": "urn:ngsi-ld:null", "absent": "urn:ngsi-ld:null", "scope": "/Nord",
        });
        let report = house
            .call(Method::PATCH, &attrs(), Some(&change))
            .await
            .is(207)
            .json();
        assert_eq!(
            report["updated"],
            json!(["name", "new", "onRoad"].map(|n| format!("{DEFAULT}{n}")))
        );
        assert_eq!(
            report["notUpdated"][0]["attributeName"],
            "https://uri.etsi.org/ngsi-ld/scope"
        );
        assert_eq!(
            report["notUpdated"][1]["attributeName"],
            format!("{DEFAULT}absent")
        );
        let after = read(&house).await;
        assert_eq!(after["name"]["value"], "Nuovo");
        assert_eq!(after["new"]["value"], 2);
        assert!(after.get("scope").is_none() && after.get("onRoad").is_none());
        let change = json!({ "name": { "type": "Property", "value": "Ancora" } });
        house.call(Method::PATCH, &attrs(), Some(&change)).await.is(204);
    }
}

#[tokio::test]
async fn one_attribute_is_updated_partially_or_replaced() {
    for house in houses().await {
        house.create(&work(1)).await;
        let number = format!("{}/number", attrs());
        house
            .call(Method::PATCH, &number, Some(&json!({ "value": 7 })))
            .await
            .is(204);
        let after = read(&house).await;
        assert_eq!(after["number"]["value"], 7);
        assert_eq!(after["number"]["unitCode"], "C62", "what is not named stays");
        house
            .call(
                Method::PATCH,
                &number,
                Some(&json!({ "observedAt": "2026-03-11T07:00:00Z" })),
            )
            .await
            .is(204);
        assert_eq!(read(&house).await["number"]["value"], 7);

        house
            .call(
                Method::PUT,
                &number,
                Some(&json!({ "type": "Property", "value": 8 })),
            )
            .await
            .is(204);
        assert_eq!(
            read(&house).await["number"],
            json!({ "type": "Property", "value": 8 })
        );

        let absent = format!("{}/absent", attrs());
        for method in [Method::PATCH, Method::PUT] {
            let body = json!({ "type": "Property", "value": 1 });
            house
                .call(method, &absent, Some(&body))
                .await
                .is_error(404, "ResourceNotFound", "");
        }
        let kind = json!({ "type": "Relationship", "object": "urn:ngsi-ld:Road:1" });
        house
            .call(Method::PATCH, &number, Some(&kind))
            .await
            .is_error(400, "BadRequestData", "");
        house
            .call(Method::PATCH, &number, Some(&json!({})))
            .await
            .is_error(400, "BadRequestData", "");
    }
}

#[tokio::test]
async fn one_attribute_is_deleted_by_short_or_expanded_name() {
    for house in houses().await {
        house.create(&work(1)).await;
        house
            .call(Method::DELETE, &format!("{}/name", attrs()), None)
            .await
            .is(204);
        house
            .call(Method::DELETE, &format!("{}/name", attrs()), None)
            .await
            .is_error(404, "ResourceNotFound", "");
        let expanded = "https%3A%2F%2Furi.etsi.org%2Fngsi-ld%2Fdefault-context%2Fnumber";
        house
            .call(Method::DELETE, &format!("{}/{expanded}", attrs()), None)
            .await
            .is(204);
        let after = read(&house).await;
        assert!(after.get("name").is_none() && after.get("number").is_none());
        let all = format!("{}/location?deleteAll=true", attrs());
        house.call(Method::DELETE, &all, None).await.is(204);
        assert!(house.ids("bbox=11,43,12,44").await.is_empty());
    }
}

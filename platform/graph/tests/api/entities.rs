use http::Method;
use serde_json::{Value, json};

use crate::house::{ENTITIES, houses, work};

const ID: &str = "urn:ngsi-ld:CityWork:prato:0001";

#[tokio::test]
async fn an_entity_lives_and_goes() {
    for house in houses().await {
        let path = format!("{ENTITIES}/{ID}");
        let made = house.call(Method::POST, ENTITIES, Some(&work(1))).await;
        made.is(201);
        assert_eq!(made.header("location"), path);
        assert!(made.text.is_empty());

        let read = house.get(&path).await;
        assert_eq!(read.is(200).json(), work(1), "what was sent comes back");
        assert_eq!(read.header("content-type"), "application/json");
        assert!(read.links()[0].contains("rel=\"http://www.w3.org/ns/json-ld#context\""));

        house
            .call(Method::POST, ENTITIES, Some(&work(1)))
            .await
            .is_error(409, "AlreadyExists", "");

        assert!(
            house
                .call(Method::DELETE, &path, None)
                .await
                .is(204)
                .text
                .is_empty()
        );
        house.get(&path).await.is_error(404, "ResourceNotFound", "");
        house
            .call(Method::DELETE, &path, None)
            .await
            .is_error(404, "ResourceNotFound", "");
        assert!(house.ids("type=CityWork").await.is_empty());
        assert!(house.ids("attrs=name").await.is_empty());
        assert!(house.ids("bbox=11,43,12,44").await.is_empty());
        house.create(&work(1)).await;
    }
}

#[tokio::test]
async fn identifiers_that_are_addresses_have_a_location_that_works() {
    for house in houses().await {
        let id = "https://città.example/works/1?a=b%20c#part";
        let made = house
            .call(
                Method::POST,
                ENTITIES,
                Some(&json!({ "id": id, "type": "CityWork" })),
            )
            .await;
        let location = made.is(201).header("location").to_owned();
        assert_eq!(location.matches('/').count(), 4, "{location}");
        assert_eq!(house.get(&location).await.is(200).json()["id"], id);
    }
}

#[tokio::test]
async fn replacing_leaves_only_what_is_given() {
    for house in houses().await {
        let path = format!("{ENTITIES}/{ID}");
        let new = json!({ "type": "RoadWork", "title": { "type": "Property", "value": "Nuovo" } });
        house
            .call(Method::PUT, &path, Some(&new))
            .await
            .is_error(404, "ResourceNotFound", "");
        house.create(&work(1)).await;
        let created_at = house.get(&format!("{path}?options=sysAttrs")).await.json()["createdAt"].clone();
        house.clock.advance(60);
        assert!(
            house
                .call(Method::PUT, &path, Some(&new))
                .await
                .is(204)
                .text
                .is_empty()
        );
        let read = house.get(&format!("{path}?options=sysAttrs")).await.json();
        assert_eq!(read["type"], "RoadWork");
        assert_eq!(read["title"]["value"], "Nuovo");
        assert!(read.get("name").is_none());
        assert_eq!(read["createdAt"], created_at);
        assert_eq!(read["modifiedAt"], "2026-03-11T08:01:00Z");
        assert!(house.ids("type=CityWork").await.is_empty());
        assert!(house.ids("attrs=location").await.is_empty());
        assert!(house.ids("bbox=11,43,12,44").await.is_empty());
        assert_eq!(house.ids("type=RoadWork&attrs=title").await, [ID]);
        let other = json!({ "id": "urn:ngsi-ld:CityWork:prato:2", "type": "CityWork" });
        house
            .call(Method::PUT, &path, Some(&other))
            .await
            .is_error(400, "BadRequestData", "");
    }
}

#[tokio::test]
async fn a_merge_patch_changes_what_it_names() {
    for house in houses().await {
        let path = format!("{ENTITIES}/{ID}");
        house.create(&work(1)).await;
        let patch = json!({
            "name": { "value": "Altro" },
            "onRoad": "urn:ngsi-ld:null",
            "status": { "type": "Property", "value": { "phase": 1, "crew": "A" } },
        });
        let answer = house
            .raw(
                Method::PATCH,
                &path,
                "application/merge-patch+json",
                patch.to_string(),
            )
            .await;
        assert!(answer.is(204).text.is_empty());
        let more = json!({ "status": { "value": { "phase": 2, "crew": "urn:ngsi-ld:null" } } });
        house.call(Method::PATCH, &path, Some(&more)).await.is(204);
        let read = house.get(&path).await.json();
        assert_eq!(read["name"]["value"], "Altro");
        assert_eq!(read["number"]["value"], 1, "what the patch does not name stays");
        assert_eq!(read["status"]["value"], json!({ "phase": 2 }));
        assert!(read.get("onRoad").is_none());
        assert!(house.ids("attrs=onRoad").await.is_empty());

        let simple = json!({ "name": "Corto", "location": { "type": "Point", "coordinates": [12.5, 43.5] } });
        let at = "2026-03-11T07:30:00Z";
        let address = format!("{path}?options=keyValues&observedAt={at}");
        house.call(Method::PATCH, &address, Some(&simple)).await.is(204);
        let read = house.get(&path).await.json();
        assert_eq!(read["name"]["value"], "Corto");
        assert_eq!(read["location"]["type"], "GeoProperty");
        assert_eq!(
            house.ids("bbox=12.4,43.4,12.6,43.6").await,
            [ID],
            "the place moved with it"
        );
        assert!(house.ids("bbox=11.0,43.8,11.2,43.9").await.is_empty());

        let none = format!("{ENTITIES}/urn:ngsi-ld:CityWork:none");
        house
            .call(Method::PATCH, &none, Some(&patch))
            .await
            .is_error(404, "ResourceNotFound", "");
        let wrong = format!("{path}?observedAt=yesterday");
        house
            .call(Method::PATCH, &wrong, Some(&patch))
            .await
            .is_error(400, "BadRequestData", "");
    }
}

#[tokio::test]
async fn forms_of_an_answer() {
    for house in houses().await {
        let path = format!("{ENTITIES}/{ID}");
        house.create(&work(1)).await;
        let simple = json!({
            "id": ID, "type": "CityWork", "name": "Scavo 1", "number": 1,
            "location": { "type": "Point", "coordinates": [11.0901, 43.88] },
            "onRoad": "urn:ngsi-ld:Road:prato:via-pistoiese",
        });
        for form in [
            "options=keyValues",
            "options=simplified",
            "format=simplified",
            "format=keyValues",
        ] {
            assert_eq!(
                house.get(&format!("{path}?{form}")).await.is(200).json(),
                simple,
                "{form}"
            );
        }
        for form in ["options=concise", "format=concise"] {
            let concise = house.get(&format!("{path}?{form}")).await.json();
            assert_eq!(concise["name"], "Scavo 1");
            assert_eq!(
                concise["number"],
                json!({ "value": 1, "unitCode": "C62", "observedAt": "2026-03-10T10:00:00Z" })
            );
            assert_eq!(
                concise["onRoad"],
                json!({ "object": "urn:ngsi-ld:Road:prato:via-pistoiese" })
            );
        }
        let system = house
            .get(&format!("{path}?options=sysAttrs,concise"))
            .await
            .json();
        assert_eq!(system["createdAt"], "2026-03-11T08:00:00Z");
        assert_eq!(system["name"]["modifiedAt"], "2026-03-11T08:00:00Z");
        let members = |value: Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let read = async |query: &str| members(house.get(&format!("{path}?{query}")).await.is(200).json());
        assert_eq!(read("attrs=name,absent").await, ["id", "type", "name"]);
        assert_eq!(read("pick=id,number").await, ["id", "number"]);
        assert_eq!(read("omit=location,onRoad,number").await, ["id", "type", "name"]);
        house
            .get(&format!("{path}?format=pretty"))
            .await
            .is_error(400, "InvalidRequest", "");
    }
}

#[tokio::test]
async fn languages_and_data_sets() {
    for house in houses().await {
        let entity = json!({
            "id": ID, "type": "CityWork",
            "name": { "type": "LanguageProperty", "languageMap": { "it": "Scavo", "en": "Dig" } },
            "speed": [
                { "type": "Property", "value": 10 },
                { "type": "Property", "value": 11, "datasetId": "urn:ngsi-ld:Dataset:gps" },
            ],
        });
        house.create(&entity).await;
        let path = format!("{ENTITIES}/{ID}");
        assert_eq!(house.get(&path).await.json(), entity);
        assert_eq!(
            house.get(&format!("{path}?lang=en")).await.json()["name"]["value"],
            "Dig"
        );
        house
            .call(
                Method::DELETE,
                &format!("{path}/attrs/speed?datasetId=urn:ngsi-ld:Dataset:gps"),
                None,
            )
            .await
            .is(204);
        assert_eq!(house.get(&path).await.json()["speed"]["value"], 10);
    }
}

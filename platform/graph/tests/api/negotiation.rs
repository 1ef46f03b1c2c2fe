use http::{Method, header};
use serde_json::json;

use crate::house::{ENTITIES, ERRORS, ask, houses, work};

const CORE: &str = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld";

#[tokio::test]
async fn the_answer_has_the_form_that_is_preferred() {
    for house in houses().await {
        house.create(&work(1)).await;
        let one = format!("{ENTITIES}/urn:ngsi-ld:CityWork:prato:0001");
        let list = format!("{ENTITIES}?type=CityWork");
        for (accept, expected) in [
            ("*/*", "application/json"),
            ("application/json", "application/json"),
            ("application/ld+json", "application/ld+json"),
            ("application/geo+json", "application/geo+json"),
            (
                "application/json;q=0.2, application/ld+json;q=0.9",
                "application/ld+json",
            ),
            ("text/html, application/geo+json;q=0.1", "application/geo+json"),
            ("application/ld+json;q=0, */*;q=0.1", "application/json"),
        ] {
            for path in [&one, &list] {
                let answer = house.get_with(path, &[("accept", accept)]).await;
                assert_eq!(answer.is(200).header("content-type"), expected, "{accept}");
                let has_link = answer.links().iter().any(|l| l.contains("json-ld#context"));
                assert_eq!(has_link, expected != "application/ld+json", "{accept}");
            }
        }
        for path in [&one, &list] {
            for refused in ["text/html", "application/json;q=0"] {
                let answer = house.get_with(path, &[("accept", refused)]).await;
                assert_eq!(answer.is(406).header("content-type"), "application/json");
            }
        }
        house
            .get_with("/ngsi-ld/v1/types", &[("accept", "application/geo+json")])
            .await
            .is(406);
    }
}

#[tokio::test]
async fn json_ld_carries_its_context_and_geojson_a_geometry() {
    for house in houses().await {
        house.create(&work(1)).await;
        house.create(&json!({ "id": "urn:ngsi-ld:Bench:prato:b", "type": "Bench", "note": { "type": "Property", "value": 1 } })).await;
        let one = format!("{ENTITIES}/urn:ngsi-ld:CityWork:prato:0001");
        let ld = house
            .get_with(&one, &[("accept", "application/ld+json")])
            .await
            .json();
        assert_eq!(ld["@context"], CORE);
        let list = house
            .get_with(
                &format!("{ENTITIES}?type=CityWork,Bench"),
                &[("accept", "application/ld+json")],
            )
            .await
            .json();
        assert!(list.as_array().unwrap().iter().all(|e| e["@context"] == CORE));

        let geo = [("accept", "application/geo+json")];
        let feature = house.get_with(&one, &geo).await.json();
        assert_eq!(feature["type"], "Feature");
        assert_eq!(feature["geometry"]["coordinates"], json!([11.0901, 43.88]));
        assert_eq!(feature["properties"]["type"], "CityWork");
        assert_eq!(feature["@context"], CORE);
        let plain = house
            .get_with(&one, &[geo[0], ("prefer", "body=json")])
            .await
            .json();
        assert!(plain.get("@context").is_none());
        let simple = house
            .get_with(&format!("{one}?options=keyValues"), &geo)
            .await
            .json();
        assert_eq!(simple["properties"]["name"], "Scavo 1");

        let all = house
            .get_with(&format!("{ENTITIES}?type=CityWork,Bench"), &geo)
            .await
            .json();
        assert_eq!(all["type"], "FeatureCollection");
        assert!(
            all["features"][1]["geometry"].is_null(),
            "a bench without a place"
        );
        assert_eq!(all["features"].as_array().unwrap().len(), 2);
        let other = house
            .get_with(&format!("{one}?geometryProperty=elsewhere"), &geo)
            .await
            .json();
        assert!(other["geometry"].is_null());
    }
}

#[tokio::test]
async fn names_follow_the_context_of_body_or_header() {
    for house in houses().await {
        let ld = "application/ld+json";
        let mut entity = work(1);
        entity["@context"] =
            json!({ "name": "https://schema.example/label", "CityWork": "https://schema.example/Work" });
        house
            .raw(Method::POST, ENTITIES, ld, entity.to_string())
            .await
            .is(201);
        let read = house
            .get(&format!("{ENTITIES}/urn:ngsi-ld:CityWork:prato:0001"))
            .await
            .json();
        assert_eq!(
            read["type"], "https://schema.example/Work",
            "the core alone does not know the short name"
        );
        assert_eq!(read["https://schema.example/label"]["value"], "Scavo 1");
        assert!(house.ids("type=CityWork").await.is_empty());
        assert_eq!(
            house.ids("type=https%3A%2F%2Fschema.example%2FWork").await.len(),
            1
        );

        // A JSON-LD body needs its own context, and no second one beside it.
        house
            .raw(Method::POST, ENTITIES, ld, work(2).to_string())
            .await
            .is_error(400, "BadRequestData", "");
        let link =
            format!("<{CORE}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"");
        for body in [entity.to_string(), json!([entity]).to_string()] {
            let request = ask(Method::POST, ENTITIES)
                .header("x-test-role", "officer")
                .header(header::CONTENT_TYPE, ld)
                .header(header::LINK, &link);
            let answer = house.send(request.body(body.into()).unwrap()).await;
            answer.is_error(400, "BadRequestData", "");
        }
        // A JSON body takes it from the header, and must not carry one.
        house
            .raw(Method::POST, ENTITIES, "application/json", entity.to_string())
            .await
            .is_error(400, "BadRequestData", "");
        let request = ask(Method::POST, ENTITIES)
            .header("x-test-role", "officer")
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(header::LINK, &link);
        house
            .send(request.body(work(3).to_string().into()).unwrap())
            .await
            .is(201);

        // Nobody answers there.
        let away = "<https://elsewhere.invalid/context.jsonld>; rel=\"http://www.w3.org/ns/json-ld#context\"";
        let answer = house
            .get_with(&format!("{ENTITIES}?type=CityWork"), &[("link", away)])
            .await;
        answer.is_error(503, "LdContextNotAvailable", "");
        entity["@context"] = json!("https://elsewhere.invalid/context.jsonld");
        let answer = house.raw(Method::POST, ENTITIES, ld, entity.to_string()).await;
        answer.is(503);
        assert_eq!(answer.json()["type"], format!("{ERRORS}LdContextNotAvailable"));
    }
}

#[tokio::test]
async fn addresses_may_end_in_a_slash() {
    for house in houses().await {
        let created = house
            .call(Method::POST, &format!("{ENTITIES}/"), Some(&work(1)))
            .await;
        created.is(201);
        let list = house.get(&format!("{ENTITIES}/?type=CityWork")).await;
        assert_eq!(list.is(200).json()[0]["id"], work(1)["id"]);
        house
            .get(&format!("{ENTITIES}/?type=CityWork&nonsense=1"))
            .await
            .is_error(400, "InvalidRequest", "");
        house
            .get(&format!("{ENTITIES}/urn:ngsi-ld:CityWork:prato:0001/"))
            .await
            .is(200);
    }
}

#[tokio::test]
async fn heads_are_told_without_bodies_and_other_methods_refused() {
    for house in houses().await {
        house.create(&work(1)).await;
        let one = format!("{ENTITIES}/urn:ngsi-ld:CityWork:prato:0001");
        for path in [
            one.as_str(),
            &format!("{ENTITIES}?type=CityWork&count=true"),
            "/ngsi-ld/v1/types",
        ] {
            let head = house.send(ask(Method::HEAD, path).body("".into()).unwrap()).await;
            assert!(head.is(200).text.is_empty());
            assert_eq!(
                head.header("content-type"),
                house.get(path).await.header("content-type")
            );
        }
        let head = ask(Method::HEAD, &format!("{ENTITIES}?type=A&nonsense=1"));
        house.send(head.body("".into()).unwrap()).await.is(400);
        for (method, path) in [
            (Method::GET, "/ngsi-ld/v1/entityOperations/query"),
            (Method::GET, "/ngsi-ld/v1/entityOperations/merge"),
            (Method::POST, one.as_str()),
            (Method::POST, "/ngsi-ld/v1/attributes"),
            (Method::PUT, "/ngsi-ld/v1/jsonldContexts"),
        ] {
            let refused = house.call(method, path, None).await;
            assert_eq!(refused.is(405).header("content-type"), "application/json");
            assert!(!refused.header("allow").is_empty(), "{path}");
        }
    }
}

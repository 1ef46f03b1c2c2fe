//! Queries by POST, in another order, with entity maps; purging (clauses 5.6.21, 5.7.2, 5.14, 6.23).

use http::{Method, header};
use serde_json::{Value, json};

use crate::house::{ENTITIES, House, ask, houses, work};

const QUERY: &str = "/ngsi-ld/v1/entityOperations/query";
const MAPS: &str = "/ngsi-ld/v1/entityMaps";

fn id(number: usize) -> String {
    format!("urn:ngsi-ld:CityWork:prato:{number:04}")
}

async fn fill(house: &House, count: usize) {
    for number in 1..=count {
        house.create(&work(number)).await;
    }
    house
        .create(&json!({ "id": "urn:ngsi-ld:Bench:prato:b", "type": "Bench", "material": "legno" }))
        .await;
}

async fn ids(house: &House, body: &Value) -> Vec<String> {
    let answer = house.call(Method::POST, QUERY, Some(body)).await;
    let list = answer.is(200).json();
    list.as_array()
        .unwrap()
        .iter()
        .map(|e| e["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn bodies_ask_what_addresses_ask() {
    for house in houses().await {
        fill(&house, 4).await;
        let bench = "urn:ngsi-ld:Bench:prato:b".to_owned();
        let cases = [
            (
                json!({ "entities": [{ "type": "CityWork", "id": [id(2), id(3)] }] }),
                vec![id(2), id(3)],
            ),
            (
                json!({ "entities": [{ "type": "CityWork", "idPattern": "000[14]$" }] }),
                vec![id(1), id(4)],
            ),
            (
                json!({ "entities": [{ "type": "Bench" }, { "type": "CityWork", "id": id(1) }] }),
                vec![id(1), bench.clone()],
            ),
            (
                json!({ "entities": [{ "type": "Bench" }], "attrs": ["material"] }),
                vec![bench.clone()],
            ),
            (json!({ "q": "number>2" }), vec![id(3), id(4)]),
            (
                json!({ "attrs": ["number"], "orderBy": ["number;desc"] }),
                vec![id(4), id(3), id(2), id(1)],
            ),
            (
                json!({ "geoQ": { "georel": "near;maxDistance==1", "geometry": "Point", "coordinates": [11.0902, 43.88] } }),
                vec![id(2)],
            ),
        ];
        for (mut body, expected) in cases {
            body["type"] = json!("Query");
            assert_eq!(ids(&house, &body).await, expected, "{}: {body}", house.name());
        }
        let page = house
            .call(Method::POST, &format!("{QUERY}?limit=1&offset=1&count=true&options=keyValues"),
                Some(&json!({ "type": "Query", "entities": [{ "type": "CityWork" }], "pick": ["id", "number"] })))
            .await;
        assert_eq!(page.is(200).json(), json!([{ "id": id(2), "number": 2 }]));
        assert_eq!(page.header("ngsild-results-count"), "4");
        assert!(page.page("next").is_some() && page.page("prev").is_some());
        for bad in [
            json!({ "entities": [{ "type": "A" }] }),
            json!({ "type": "Query" }),
            json!({ "type": "Query", "entities": [{ "id": id(1) }] }),
            json!({ "type": "Query", "entities": [{ "type": "A" }], "q": "(" }),
            json!({ "type": "Query", "entities": [{ "type": "A" }], "geoQ": { "georel": "near" } }),
        ] {
            assert_eq!(
                house.call(Method::POST, QUERY, Some(&bad)).await.is(400).json()["status"],
                400,
                "{bad}"
            );
        }
    }
}

#[tokio::test]
async fn an_inline_context_gets_an_address_for_the_answer() {
    for house in houses().await {
        fill(&house, 1).await;
        let body = json!({
            "@context": { "Werk": "https://uri.etsi.org/ngsi-ld/default-context/CityWork", "nummer": "https://uri.etsi.org/ngsi-ld/default-context/number" },
            "type": "Query", "entities": [{ "type": "Werk" }], "attrs": ["nummer"],
        });
        let answer = house
            .raw(Method::POST, QUERY, "application/ld+json", body.to_string())
            .await;
        assert_eq!(answer.is(200).json()[0]["nummer"]["value"], 1);
        let link = answer
            .links()
            .into_iter()
            .find(|l| l.contains("json-ld#context"))
            .unwrap()
            .to_owned();
        let url = link.trim_start_matches('<').split('>').next().unwrap();
        let path = url.strip_prefix("http://prato.example").unwrap();
        assert_eq!(
            house.get(path).await.is(200).json()["@context"][0],
            body["@context"]
        );
        // Asked again it is the same; and it is no core.
        let again = house
            .raw(Method::POST, QUERY, "application/ld+json", body.to_string())
            .await;
        assert!(again.links().contains(&link.as_str()));
        let listed = house
            .get("/ngsi-ld/v1/jsonldContexts?kind=ImplicitlyCreated")
            .await
            .json();
        assert_eq!(listed, json!([url]));
    }
}

#[tokio::test]
async fn pages_of_an_entity_map_stay_the_same() {
    for house in houses().await {
        fill(&house, 5).await;
        let first = house
            .get(&format!(
                "{ENTITIES}?type=CityWork&limit=2&entityMap=true&orderBy=number;desc"
            ))
            .await;
        let shown = |answer: &crate::house::Answer| -> Vec<String> {
            answer
                .json()
                .as_array()
                .unwrap()
                .iter()
                .map(|e| e["id"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(shown(&first), [id(5), id(4)]);
        let map = first.header("ngsild-entitymap").to_owned();
        house.create(&work(9)).await;
        house
            .call(Method::DELETE, &format!("{ENTITIES}/{}", id(3)), None)
            .await
            .is(204);
        let with = |path: String, map: &str| {
            ask(Method::GET, &path)
                .header("ngsild-entitymap", map)
                .body("".into())
                .unwrap()
        };
        let next = first.page("next").unwrap();
        let second = house.send(with(format!("{next}&count=true"), &map)).await;
        assert_eq!(
            shown(&second),
            [id(2)],
            "what is gone leaves a gap, what is new is not in it"
        );
        assert_eq!(second.header("ngsild-results-count"), "5");
        assert!(second.page("next").is_some());

        let path = format!("{MAPS}/{map}");
        let body = house.get(&path).await.is(200).json();
        assert_eq!(body["entityMap"].as_object().unwrap().len(), 5);
        assert_eq!(
            (&body["id"], &body["expiresAt"]),
            (&json!(map), &json!("2026-03-11T08:10:00Z"))
        );
        for bad in [
            json!({}),
            json!({ "expiresAt": "soon" }),
            json!({ "expiresAt": "2026-03-10T00:00:00Z" }),
            json!({ "expiresAt": "2027-03-10T00:00:00Z" }),
        ] {
            house
                .call(Method::PATCH, &path, Some(&bad))
                .await
                .is_error(400, "BadRequestData", "$.expiresAt");
        }
        house
            .call(
                Method::PATCH,
                &path,
                Some(&json!({ "expiresAt": "2026-03-11T09:00:00Z" })),
            )
            .await
            .is(204);
        house.clock.advance(1_800);
        house.get(&path).await.is(200);
        house.clock.advance(1_800);
        house.get(&path).await.is_error(404, "ResourceNotFound", "");
        house
            .send(with(format!("{ENTITIES}?type=CityWork"), &map))
            .await
            .is_error(404, "ResourceNotFound", "");
        house
            .call(
                Method::PATCH,
                &path,
                Some(&json!({ "expiresAt": "2026-03-11T10:00:00Z" })),
            )
            .await
            .is(404);

        let other = house
            .get(&format!("{ENTITIES}?type=CityWork&entityMap=true"))
            .await;
        let path = format!("{MAPS}/{}", other.header("ngsild-entitymap"));
        house.call(Method::DELETE, &path, None).await.is(204);
        house
            .call(Method::DELETE, &path, None)
            .await
            .is_error(404, "ResourceNotFound", "");
    }
}

#[tokio::test]
async fn what_meets_a_query_is_purged() {
    for house in houses().await {
        fill(&house, 4).await;
        let purge = async |query: &str| {
            house
                .call(Method::DELETE, &format!("{ENTITIES}?{query}"), None)
                .await
        };
        for bad in ["", "type=A&keep=a&drop=b", "type=A&drop=id", "attrs=", "q=("] {
            purge(bad).await.is(400);
        }
        let anonymous = ask(Method::DELETE, &format!("{ENTITIES}?local=true"));
        house.send(anonymous.body("".into()).unwrap()).await.is(401);
        purge("type=CityWork&drop=name,absent").await.is(204);
        assert!(house.ids("type=CityWork&attrs=name").await.is_empty());
        assert_eq!(house.ids("type=CityWork").await.len(), 4);
        purge(&format!("id={}&keep=number", id(1))).await.is(204);
        let one = house.get(&format!("{ENTITIES}/{}", id(1))).await.json();
        assert_eq!(
            one.as_object().unwrap().keys().collect::<Vec<_>>(),
            ["id", "type", "number"]
        );
        purge("q=number%3E2").await.is(204);
        assert_eq!(house.ids("type=CityWork").await, [id(1), id(2)]);
        purge("local=true").await.is(204);
        assert!(house.ids("local=true").await.is_empty());
        let gone = "SELECT 1 FROM entity";
        assert!(house.rows(gone, vec![]).await.is_empty(), "{}", house.name());
    }
}

#[tokio::test]
async fn geojson_and_projections_of_lists() {
    for house in houses().await {
        fill(&house, 2).await;
        let geo = [("accept", "application/geo+json")];
        let all = house
            .get_with(&format!("{ENTITIES}?type=CityWork,Bench"), &geo)
            .await
            .json();
        assert_eq!(all["features"][0]["@context"], all["features"][1]["@context"]);
        assert!(all.get("@context").is_none());
        let named = house
            .get(&format!("{ENTITIES}?type=CityWork,Bench&pick=name"))
            .await
            .json();
        assert_eq!(
            named.as_array().unwrap().len(),
            2,
            "who has none of the members is not shown"
        );
        let one = format!("{ENTITIES}/{}", id(1));
        for nothing in [
            "attrs=absent",
            "pick=absent",
            "omit=id,type,name,number,location,onRoad",
        ] {
            house
                .get(&format!("{one}?{nothing}"))
                .await
                .is_error(404, "ResourceNotFound", "");
        }
        for bad in [
            "pick=name&attrs=name",
            "pick=name&omit=name",
            "pick=name%7B",
            "datasetId=x",
            "lang=",
        ] {
            house
                .get(&format!("{one}?{bad}"))
                .await
                .is_error(400, "BadRequestData", "");
        }
        for unknown in ["options=none", "format=none", "nonsense=1"] {
            house
                .get(&format!("{one}?{unknown}"))
                .await
                .is_error(400, "InvalidRequest", "");
        }
    }
}

#[tokio::test]
async fn types_and_attributes_are_told_of() {
    for house in houses().await {
        fill(&house, 3).await;
        let get = async |path: &str| house.get(&format!("/ngsi-ld/v1/{path}")).await.is(200).json();
        assert_eq!(get("types").await["typeList"], json!(["Bench", "CityWork"]));
        let details = get("types?details=true").await;
        assert_eq!(details[0]["attributeNames"], json!(["material"]));
        let work = get("types/CityWork").await;
        assert_eq!(
            (&work["entityCount"], &work["typeName"]),
            (&json!(3), &json!("CityWork"))
        );
        let location = work["attributeDetails"]
            .as_array()
            .unwrap()
            .iter()
            .find(|a| a["attributeName"] == "location");
        assert_eq!(location.unwrap()["attributeTypes"], json!(["GeoProperty"]));
        assert_eq!(
            get("attributes").await["attributeList"],
            json!(["location", "material", "name", "number", "onRoad"])
        );
        let all = get("attributes?details=true").await;
        assert!(
            all.as_array()
                .unwrap()
                .iter()
                .all(|a| a["typeNames"].as_array().unwrap().len() == 1)
        );
        let road = get("attributes/onRoad").await;
        assert_eq!(
            (&road["attributeCount"], &road["attributeTypes"]),
            (&json!(3), &json!(["Relationship"]))
        );
        for nothing in ["types/Nothing", "attributes/nothing"] {
            house
                .get(&format!("/ngsi-ld/v1/{nothing}"))
                .await
                .is_error(404, "ResourceNotFound", "");
        }
        for bad in ["types/a%20b", "attributes/id", "types?details=yes"] {
            house
                .get(&format!("/ngsi-ld/v1/{bad}"))
                .await
                .is_error(400, "BadRequestData", "");
        }
        let ld = house
            .get_with(
                "/ngsi-ld/v1/attributes/onRoad",
                &[("accept", "application/ld+json")],
            )
            .await;
        assert!(ld.json().get("@context").is_some());
    }
}

#[tokio::test]
async fn batches_update_and_merge() {
    for house in houses().await {
        house.create(&work(1)).await;
        house.create(&work(2)).await;
        let post = async |operation: &str, body: Value| {
            house
                .call(
                    Method::POST,
                    &format!("/ngsi-ld/v1/entityOperations/{operation}"),
                    Some(&body),
                )
                .await
        };
        let both = json!([{ "id": id(1), "number": 10, "type": "Site" }, { "id": id(2), "extra": 1 }]);
        assert!(post("update", both).await.is(204).text.is_empty());
        let one = house
            .get(&format!("{ENTITIES}/{}?options=keyValues", id(1)))
            .await
            .json();
        assert_eq!(
            (&one["number"], &one["type"]),
            (&json!(10), &json!(["CityWork", "Site"]))
        );
        let partly = post("update?options=noOverwrite", json!([{ "id": id(1), "number": 11, "more": 1 }, { "id": id(2), "other": 2 }, { "id": id(7), "a": 1 }])).await;
        let report = partly.is(207).json();
        assert_eq!(report["success"], json!([id(2)]));
        let errors = report["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 2);
        assert_eq!(errors[1]["error"]["status"], 404);
        assert_eq!(house.ids("q=number==10").await, [id(1)]);

        let merge = json!([{ "id": id(1), "number": { "unitCode": "MTR" }, "name": "urn:ngsi-ld:null" }, { "name": 1 }, 7]);
        let report = post("merge", merge).await.is(207).json();
        assert_eq!(report["success"], json!([id(1)]));
        assert_eq!(report["errors"].as_array().unwrap().len(), 2);
        let one = house.get(&format!("{ENTITIES}/{}", id(1))).await.json();
        assert_eq!(one["number"]["unitCode"], "MTR");
        assert!(one.get("name").is_none());
        post(
            "merge?options=keyValues&observedAt=2026-03-11T07:00:00Z",
            json!([{ "id": id(2), "number": 22 }]),
        )
        .await
        .is(204);
        let two = house.get(&format!("{ENTITIES}/{}", id(2))).await.json();
        assert_eq!(
            (&two["number"]["value"], &two["number"]["observedAt"]),
            (&json!(22), &json!("2026-03-11T07:00:00Z"))
        );
        for (operation, body) in [
            ("update", json!({})),
            ("merge", json!([])),
            ("update?options=none", json!([{ "id": id(1) }])),
        ] {
            post(operation, body).await.is(400);
        }
    }
}

#[tokio::test]
async fn without_an_identifier_nothing_is_replaced() {
    for house in houses().await {
        for method in [Method::PUT, Method::PATCH] {
            let request = ask(method, &format!("{ENTITIES}/"))
                .header("x-test-role", "officer")
                .header(header::CONTENT_TYPE, "application/json");
            let answer = house
                .send(request.body(work(1).to_string().into()).unwrap())
                .await;
            answer.is_error(400, "BadRequestData", "");
        }
    }
}

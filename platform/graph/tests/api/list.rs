use http::Method;
use serde_json::json;

use crate::house::{ENTITIES, ERRORS, House, houses, work};

fn id(number: usize) -> String {
    format!("urn:ngsi-ld:CityWork:prato:{number:04}")
}

async fn fill(house: &House) {
    house
        .create(&json!({
            "id": "urn:ngsi-ld:Bench:prato:b1", "type": ["Bench", "Furniture"], "scope": "/prato/centro",
            "material": { "type": "Property", "value": "legno" },
            "number": { "type": "Property", "value": 3 },
        }))
        .await;
    for number in 1..=5 {
        house.create(&work(number)).await;
    }
}

#[tokio::test]
async fn queries_narrow_by_type_identifier_attribute_and_q() {
    for house in houses().await {
        fill(&house).await;
        let bench = "urn:ngsi-ld:Bench:prato:b1".to_owned();
        let works: Vec<String> = (1..=5).map(id).collect();
        let two = format!("local=true&id={},{}", id(2), bench);
        let expanded = "type=https%3A%2F%2Furi.etsi.org%2Fngsi-ld%2Fdefault-context%2FBench";
        let mut all = vec![bench.clone()];
        all.extend(works.clone());
        let cases: Vec<(&str, Vec<String>)> = vec![
            ("type=CityWork", works.clone()),
            ("type=CityWork,Bench", all.clone()),
            ("type=CityWork%7CBench", all.clone()),
            ("type=(Bench;Furniture)", vec![bench.clone()]),
            ("type=(Bench;CityWork)", vec![]),
            ("type=(Bench;Furniture),CityWork", all.clone()),
            (expanded, vec![bench.clone()]),
            ("type=Nothing", vec![]),
            (&two, vec![bench.clone(), id(2)]),
            ("type=CityWork&idPattern=000%5B13%5D$", vec![id(1), id(3)]),
            ("attrs=material", vec![bench.clone()]),
            ("attrs=material,name", all.clone()),
            ("attrs=absent", vec![]),
            ("q=number==3", vec![bench.clone(), id(3)]),
            ("type=CityWork&q=number%3E=4", vec![id(4), id(5)]),
            (
                "q=name==%22Scavo%202%22%7Cmaterial==%22legno%22",
                vec![bench.clone(), id(2)],
            ),
            ("q=!name;number==3", vec![bench.clone()]),
            ("type=Bench&scopeQ=/prato/%23", vec![bench.clone()]),
            ("type=Bench&scopeQ=/borgo/%23", vec![]),
            (
                "type=CityWork&q=onRoad==%22urn:ngsi-ld:Road:prato:via-pistoiese%22",
                works,
            ),
        ];
        for (query, expected) in cases {
            assert_eq!(house.ids(query).await, expected, "{}: {query}", house.name());
        }
    }
}

#[tokio::test]
async fn places_are_found_by_box_and_relation() {
    for house in houses().await {
        fill(&house).await;
        let point = "geometry=Point&coordinates=%5B11.0902,43.88%5D";
        let square = "geometry=Polygon&coordinates=%5B%5B%5B11.09015,43.8%5D,%5B11.09035,43.8%5D,%5B11.09035,43.9%5D,%5B11.09015,43.9%5D,%5B11.09015,43.8%5D%5D%5D";
        // One ten-thousandth of a degree of longitude is about eight metres here.
        let cases = [
            (
                format!("georel=near;maxDistance==10&{point}"),
                vec![id(1), id(2), id(3)],
            ),
            (format!("georel=near;minDistance==20&{point}"), vec![id(5)]),
            (format!("georel=equals&{point}"), vec![id(2)]),
            (format!("georel=within&{square}"), vec![id(2), id(3)]),
            (format!("georel=disjoint&{square}"), vec![id(1), id(4), id(5)]),
            (
                format!("type=CityWork&georel=intersects&{square}&q=number==3"),
                vec![id(3)],
            ),
            (format!("type=Bench&georel=intersects&{square}"), vec![]),
            (
                format!("georel=within&{square}&geoproperty=location"),
                vec![id(2), id(3)],
            ),
            (format!("georel=within&{square}&geoproperty=elsewhere"), vec![]),
            ("bbox=11.09015,43.8,11.09035,43.9".to_owned(), vec![id(2), id(3)]),
        ];
        for (query, expected) in cases {
            assert_eq!(house.ids(&query).await, expected, "{}: {query}", house.name());
        }
    }
}

#[tokio::test]
async fn pages_are_linked_and_counted() {
    for house in houses().await {
        fill(&house).await;
        // By index alone, and with conditions that only the engine can decide.
        for query in ["type=CityWork", "type=CityWork&q=number%3E0"] {
            let mut path = format!("{ENTITIES}?{query}&limit=2&count=true");
            let mut seen = Vec::new();
            let mut pages = Vec::new();
            loop {
                let answer = house.get(&path).await;
                assert_eq!(answer.is(200).header("ngsild-results-count"), "5");
                for entity in answer.json().as_array().unwrap() {
                    seen.push(entity["id"].as_str().unwrap().to_owned());
                }
                pages.push(path.clone());
                match answer.page("next") {
                    Some(next) => path = next,
                    None => break,
                }
            }
            assert_eq!(seen, (1..=5).map(id).collect::<Vec<_>>());
            assert_eq!(pages.len(), 3);
            let last = house.get(&pages[2]).await;
            let back = house.get(&last.page("prev").unwrap()).await;
            assert_eq!(back.json()[0]["id"], id(3));
            assert!(house.get(&pages[0]).await.page("prev").is_none());

            let counted = house.get(&format!("{ENTITIES}?{query}&limit=0&count=true")).await;
            assert_eq!(counted.is(200).header("ngsild-results-count"), "5");
            assert_eq!(counted.json(), json!([]));
            assert!(counted.page("next").is_none());
            let beyond = house.get(&format!("{ENTITIES}?{query}&offset=99")).await;
            assert_eq!(beyond.is(200).json(), json!([]));
            assert!(
                beyond.header("ngsild-results-count").is_empty(),
                "only when it is asked for"
            );
        }
    }
}

#[tokio::test]
async fn long_results_are_read_to_their_end() {
    for house in houses().await {
        let entities: Vec<_> = (0..1_100)
            .map(|n| json!({ "id": id(n), "type": "CityWork", "number": { "type": "Property", "value": n } }))
            .collect();
        house
            .call(
                Method::POST,
                "/ngsi-ld/v1/entityOperations/create",
                Some(&json!(entities)),
            )
            .await
            .is(201);
        let answer = house
            .get(&format!(
                "{ENTITIES}?q=number%3E=3&limit=1000&offset=50&count=true"
            ))
            .await;
        assert_eq!(answer.header("ngsild-results-count"), "1097");
        let list = answer.json();
        assert_eq!(list.as_array().unwrap().len(), 1_000);
        assert_eq!(list[0]["id"], id(53));
        assert_eq!(list[999]["id"], id(1_052));
        let rest = house.get(&answer.page("next").unwrap()).await;
        assert_eq!(rest.json().as_array().unwrap().len(), 47);
        assert!(rest.page("next").is_none());
    }
}

#[tokio::test]
async fn wrong_queries_are_refused() {
    for house in houses().await {
        let deep = format!("q={}", "(".repeat(5_000));
        let long = format!("type={}", "A,".repeat(5_000));
        for (query, status, kind) in [
            ("", 400, "BadRequestData"),
            ("limit=5", 400, "BadRequestData"),
            ("idPattern=.*", 400, "BadRequestData"),
            ("type=A&limit=1001", 403, "TooManyResults"),
            ("type=A&limit=0", 400, "BadRequestData"),
            ("type=A&limit=-1", 400, "BadRequestData"),
            ("type=A&limit=many", 400, "BadRequestData"),
            ("type=A&offset=-3", 400, "BadRequestData"),
            ("type=A&limit=1&limit=2", 400, "BadRequestData"),
            ("type=A&count=perhaps", 400, "BadRequestData"),
            ("type=%3CA%3E", 400, "BadRequestData"),
            ("type=", 400, "BadRequestData"),
            ("id=rubbish", 400, "BadRequestData"),
            ("type=A&idPattern=(", 400, "BadRequestData"),
            ("type=A&idPattern=(a%7B9999%7D)%7B9999%7D", 403, "TooComplexQuery"),
            ("q=number%3E", 400, "BadRequestData"),
            (&deep, 403, "TooComplexQuery"),
            (&long, 403, "TooComplexQuery"),
            ("attrs=", 400, "BadRequestData"),
            ("type=A&georel=near", 400, "BadRequestData"),
            (
                "georel=around&geometry=Point&coordinates=%5B1,1%5D",
                400,
                "BadRequestData",
            ),
            (
                "georel=near;maxDistance==-1&geometry=Point&coordinates=%5B1,1%5D",
                400,
                "BadRequestData",
            ),
            (
                "georel=within&geometry=Circle&coordinates=%5B1,1%5D",
                400,
                "BadRequestData",
            ),
            (
                "georel=within&geometry=Polygon&coordinates=%5B1,1%5D",
                400,
                "BadRequestData",
            ),
            (
                "georel=within&geometry=Point&coordinates=rubbish",
                400,
                "BadRequestData",
            ),
            (
                "georel=within&geometry=Point&coordinates=%5B1,1%5D&geoproperty=%00",
                400,
                "BadRequestData",
            ),
            (
                "georel=within&geometry=Point&coordinates=%5B1,1%5D&bbox=1,2,3,4",
                400,
                "BadRequestData",
            ),
            ("bbox=3,2,1,4", 400, "BadRequestData"),
        ] {
            let answer = house.get(&format!("{ENTITIES}?{query}")).await;
            let start: String = query.chars().take(60).collect();
            assert_eq!(answer.status.as_u16(), status, "{start}: {}", answer.text);
            assert_eq!(
                answer.json()["type"],
                format!("{ERRORS}{kind}"),
                "{start}: {}",
                answer.text
            );
            assert_eq!(answer.header("content-type"), "application/json");
        }
    }
}

#[tokio::test]
async fn types_in_use_are_listed() {
    for house in houses().await {
        fill(&house).await;
        let answer = house.get("/ngsi-ld/v1/types").await;
        assert_eq!(
            answer.is(200).json()["typeList"],
            json!(["Bench", "CityWork", "Furniture"])
        );
        let ld = [("accept", "application/ld+json")];
        let core = house.get_with("/ngsi-ld/v1/jsonldContexts/core", &ld).await;
        assert_eq!(core.header("content-type"), "application/ld+json");
        assert_eq!(
            core.json()["@context"]["ngsi-ld"],
            "https://uri.etsi.org/ngsi-ld/"
        );
    }
}

//! Evolutions of many entities: which ones, in which order, how many.

use http::Method;
use serde_json::{Value, json};

use crate::house::{ENTITIES, House, houses};
use crate::temporal::{TEMPORAL, values};

const SINCE: &str = "timerel=after&timeAt=2026-03-01T00:00:00Z";

fn id(n: i32) -> String {
    format!("urn:ngsi-ld:Meter:prato:{n}")
}

/// Three meters and a bus; the second meter was read once more, the third is no more.
async fn furnish(house: &House) {
    for (n, name) in [(1, "Gamma"), (2, "Alfa"), (3, "Beta")] {
        house
            .create(&json!({
                "id": id(n), "type": "Meter", "scope": format!("/zone/{n}"),
                "name": { "type": "Property", "value": name },
                "level": { "type": "Property", "value": n, "observedAt": "2026-03-10T10:00:00Z" },
                "location": { "type": "GeoProperty", "value": { "type": "Point", "coordinates": [11.0 + f64::from(n) / 10.0, 43.9] } },
            }))
            .await;
        house.clock.advance(60);
    }
    house
        .create(&json!({ "id": "urn:ngsi-ld:Bus:prato:1", "type": "Bus",
            "speed": { "type": "Property", "value": 30, "observedAt": "2026-02-01T10:00:00Z" } }))
        .await;
    let body = json!({ "value": 20, "observedAt": "2026-03-10T11:00:00Z" });
    let path = format!("{ENTITIES}/{}/attrs/level", id(2));
    house.call(Method::PATCH, &path, Some(&body)).await.is(204);
    house
        .call(Method::DELETE, &format!("{ENTITIES}/{}", id(3)), None)
        .await
        .is(204);
}

async fn found(house: &House, query: &str) -> Vec<String> {
    let answer = house.get(&format!("{TEMPORAL}?{query}")).await;
    assert_eq!(
        answer.status.as_u16(),
        200,
        "{}: {query}: {}",
        house.name(),
        answer.text
    );
    ids(&answer.json())
}

fn ids(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap();
    list.iter()
        .map(|e| e["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn entities_are_found_by_what_they_are_and_were() {
    for house in houses().await {
        furnish(&house).await;
        let all = [id(1), id(2), id(3)];
        let ask = |query: &str| format!("{query}&{SINCE}");
        assert_eq!(found(&house, &ask("type=Meter")).await, all, "{}", house.name());
        assert_eq!(found(&house, &ask("attrs=level")).await, all);
        assert_eq!(
            found(&house, &ask("type=Bus")).await,
            Vec::<String>::new(),
            "before that time"
        );
        assert_eq!(
            found(&house, "type=Bus&timerel=before&timeAt=2026-03-01T00:00:00Z")
                .await
                .len(),
            1
        );
        assert_eq!(
            found(&house, &ask(&format!("type=Meter&id={}", id(3)))).await,
            [id(3)]
        );
        assert_eq!(
            found(&house, &ask("type=Meter&idPattern=.*:[12]$")).await,
            all[..2]
        );
        assert_eq!(found(&house, &ask("type=Meter&scopeQ=/zone/2")).await, [id(2)]);
        assert_eq!(found(&house, &ask("local=true")).await, all);
        assert_eq!(
            found(&house, &ask("type=Meter&attrs=speed")).await,
            Vec::<String>::new()
        );
        let near = "type=Meter&georel=near;maxDistance==500&geometry=Point&coordinates=[11.2,43.9]";
        assert_eq!(found(&house, &ask(near)).await, [id(2)]);
        // Of all values in that time, not only of the current one.
        assert_eq!(found(&house, &ask("type=Meter&q=level==2")).await, [id(2)]);
        assert_eq!(
            found(&house, &ask("type=Meter&q=level%3E2")).await,
            [id(2), id(3)]
        );
        assert_eq!(
            found(&house, &ask("type=Meter&q=name==%22Alfa%22")).await,
            [id(2)],
            "no time of its own"
        );
        let late = "type=Meter&q=level==2&timerel=after&timeAt=2026-03-10T10:30:00Z";
        assert_eq!(found(&house, late).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn an_attribute_that_is_no_more_is_found_too() {
    for house in houses().await {
        furnish(&house).await;
        house
            .call(Method::DELETE, &format!("{ENTITIES}/{}/attrs/level", id(1)), None)
            .await
            .is(204);
        let mut list = found(&house, &format!("attrs=level&{SINCE}")).await;
        list.sort();
        assert_eq!(list, [id(1), id(2), id(3)], "{}", house.name());
        assert_eq!(found(&house, &format!("type=Meter&{SINCE}")).await.len(), 3);
    }
}

#[tokio::test]
async fn results_are_paged_counted_and_ordered() {
    for house in houses().await {
        furnish(&house).await;
        let answer = house
            .get(&format!("{TEMPORAL}?type=Meter&{SINCE}&limit=2&count=true"))
            .await;
        assert_eq!(ids(&answer.is(200).json()), [id(1), id(2)]);
        assert_eq!(answer.header("ngsild-results-count"), "3");
        let next = house.get(&answer.page("next").unwrap()).await;
        assert_eq!(ids(&next.json()), [id(3)]);
        assert!(next.page("next").is_none() && next.page("prev").is_some());
        let none = house
            .get(&format!("{TEMPORAL}?type=Meter&{SINCE}&limit=0&count=true"))
            .await;
        assert_eq!(
            (none.json(), none.header("ngsild-results-count")),
            (json!([]), "3")
        );

        let order = |by: &str| format!("type=Meter&{SINCE}&orderBy={by}");
        assert_eq!(
            found(&house, &order("name")).await,
            [id(2), id(1), id(3)],
            "the deleted has no name now"
        );
        assert_eq!(found(&house, &order("id;desc")).await, [id(3), id(2), id(1)]);
        assert_eq!(found(&house, &order("level;desc")).await, [id(2), id(1), id(3)]);
        assert_eq!(
            found(&house, &order("createdAt;desc")).await,
            [id(3), id(2), id(1)]
        );
        assert_eq!(
            found(&house, &format!("{}&limit=1&offset=1", order("id;desc"))).await,
            [id(2)]
        );
    }
}

#[tokio::test]
async fn a_query_by_post_asks_the_same() {
    for house in houses().await {
        furnish(&house).await;
        let path = "/ngsi-ld/v1/temporal/entityOperations/query";
        let ask = |body: Value| {
            let house = &house;
            async move { house.call(Method::POST, path, Some(&body)).await }
        };
        let time = json!({ "timerel": "after", "timeAt": "2026-01-01T00:00:00Z" });
        let answer = ask(json!({ "type": "Query", "temporalQ": time,
            "entities": [{ "type": "Bus" }, { "type": "Meter", "idPattern": ".*:[23]$" }, { "id": id(2), "type": "Meter" }] }))
        .await;
        assert_eq!(
            ids(&answer.is(200).json()),
            ["urn:ngsi-ld:Bus:prato:1".to_owned(), id(2), id(3)]
        );
        let answer = ask(
            json!({ "type": "Query", "temporalQ": time, "entities": [{ "type": "Meter" }],
            "q": "level>10", "attrs": ["level"], "format": "temporalValues" }),
        )
        .await;
        assert_eq!(
            answer.is(200).json()[0]["level"]["values"][1],
            json!([20, "2026-03-10T11:00:00Z"])
        );
        let mut summed = time.clone();
        summed["aggrMethods"] = json!(["sum"]);
        summed["lastN"] = json!(5);
        let answer = ask(
            json!({ "type": "Query", "temporalQ": summed, "format": "aggregatedValues",
            "entities": [{ "id": id(2), "type": "Meter" }], "attrs": ["level"] }),
        )
        .await;
        assert_eq!(answer.is(200).json()[0]["level"]["sum"][0][0], 22.0);
        let geo =
            json!({ "georel": "near;maxDistance==500", "geometry": "Point", "coordinates": [11.1, 43.9] });
        let answer =
            ask(json!({ "type": "Query", "temporalQ": time, "geoQ": geo, "scopeQ": "/zone/#" })).await;
        assert_eq!(ids(&answer.is(200).json()), [id(1)]);

        for bad in [
            json!([]),
            json!({ "entities": [{ "type": "Meter" }], "temporalQ": time }),
            json!({ "type": "Query", "entities": [{ "type": "Meter" }] }),
            json!({ "type": "Query", "entities": [{ "type": "Meter" }], "temporalQ": {} }),
            json!({ "type": "Query", "entities": [], "temporalQ": time }),
            json!({ "type": "Query", "entities": [{ "kind": "Meter" }], "temporalQ": time }),
            json!({ "type": "Query", "entities": [{ "type": 3 }], "temporalQ": time }),
            json!({ "type": "Query", "entities": [{ "id": id(1) }], "temporalQ": time }),
            json!({ "type": "Query", "temporalQ": time, "q": "level>>1" }),
            json!({ "type": "Query", "temporalQ": time, "q": "level", "extra": 1 }),
            json!({ "type": "Query", "temporalQ": { "timerel": "after", "timeAt": "2026-01-01T00:00:00Z", "lastN": 0 }, "q": "level" }),
        ] {
            let answer = ask(bad.clone()).await;
            assert_eq!(answer.status.as_u16(), 400, "{bad}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn questions_without_bounds_are_refused() {
    for house in houses().await {
        for bad in [
            SINCE.to_owned(),
            format!("id={}&{SINCE}", id(1)),
            "type=Meter".to_owned(),
            format!("type=Meter&{SINCE}&limit=1001"),
            format!("type=Meter&{SINCE}&limit=0"),
            format!("type=Meter&{SINCE}&georel=near;maxDistance==5"),
            format!("type=Meter&{SINCE}&orderBy=a;up"),
            format!("type=Meter&{SINCE}&q=a=="),
        ] {
            house
                .get(&format!("{TEMPORAL}?{bad}"))
                .await
                .is_error(400, "BadRequestData", "");
        }
    }
}

#[tokio::test]
async fn parts_of_several_entities_cover_the_same_time() {
    for house in houses().await {
        for n in 1..=2 {
            let list: Vec<Value> = (0..30)
                .map(|i| json!({ "type": "Property", "value": i, "observedAt": format!("2026-03-10T{:02}:{i:02}:00Z", 9 + n) }))
                .collect();
            let body = json!({ "id": id(n), "type": "Meter", "level": list });
            house.call(Method::POST, TEMPORAL, Some(&body)).await.is(201);
        }
        let answer = house.get(&format!("{TEMPORAL}?type=Meter&{SINCE}")).await;
        let body = answer.is(206).json();
        assert_eq!(
            (values(&body[0], "level").len(), values(&body[1], "level").len()),
            (30, 10)
        );
        assert_eq!(
            answer.header("content-range"),
            "date-time 2026-03-01T00:00:00Z-2026-03-10T11:09:00Z/*"
        );
        let newest = house
            .get(&format!("{TEMPORAL}?type=Meter&{SINCE}&lastN=40"))
            .await;
        let body = newest.is(206).json();
        assert_eq!(
            (values(&body[0], "level").len(), values(&body[1], "level").len()),
            (10, 30)
        );
    }
}

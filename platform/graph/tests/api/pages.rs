//! `/grafo`: pages that everybody reads.

use axum::body::Body;
use bisenzio_graph::upsert_json;
use http::{Method, header};
use serde_json::{Value, json};

use crate::house::{House, ask, houses, tenant, text, work};

/// A sensor whose temperature is measured three times.
async fn sensor(house: &House) {
    for (value, at) in [(20.5, "07:00"), (21.0, "07:30"), (22.25, "08:00")] {
        let body = json!({
            "id": "urn:ngsi-ld:Device:prato:s1",
            "type": "Device",
            "name": { "type": "LanguageProperty", "languageMap": { "it": "Sensore del Serraglio", "en": "Serraglio sensor" } },
            "temperature": { "type": "Property", "value": value, "unitCode": "CEL",
                "observedAt": format!("2026-03-11T{at}:00Z"),
                "accuracy": { "type": "Property", "value": 0.5 } },
            "status": { "type": "Property", "value": format!("stato {at}") },
            "placedOn": { "type": "Relationship", "object": "urn:ngsi-ld:CityWork:prato:0001" },
            "location": { "type": "GeoProperty", "value": { "type": "Point", "coordinates": [11.09, 43.88] } },
        });
        let env = house.env();
        house
            .store()
            .write(move |tx| upsert_json(tx, &env, &tenant("prato"), &body))
            .await
            .unwrap();
        house.clock.advance(60);
    }
}

async fn english(house: &House, path: &str) -> String {
    let answer = house.get_with(path, &[("cookie", "bisenzio_lang=en")]).await;
    text(&answer.is(200).text)
}

#[tokio::test]
async fn an_empty_graph_says_so() {
    for house in houses().await {
        let answer = house.get("/grafo").await;
        assert!(text(&answer.is(200).text).contains("Il grafo è ancora vuoto"));
        assert!(
            english(&house, "/grafo")
                .await
                .contains("The graph is still empty")
        );
    }
}

#[tokio::test]
async fn the_front_page_counts_and_searches() {
    for house in houses().await {
        for number in 1..=3 {
            house.create(&work(number)).await;
        }
        sensor(&house).await;
        let page = text(&house.get("/grafo").await.is(200).text);
        assert!(page.contains("4 cose di 2 tipi"), "{page}");
        assert!(page.contains("City work CityWork 3 oggi, ore 9:00"), "{page}");
        let found = house.get("/grafo?q=scavo+2").await;
        assert!(
            found
                .is(200)
                .text
                .contains("href=\"/grafo/cose/urn:ngsi-ld:CityWork:prato:0002\"")
        );
        assert!(!found.text.contains("prato:0001\""));
        // By the end of an identifier, by the whole of it, by a language and by a type.
        for q in [
            "prato:S1",
            "urn:ngsi-ld:Device:prato:s1",
            "serraglio%20SENSOR",
            "sensore",
        ] {
            let found = house.get(&format!("/grafo?q={q}")).await;
            let shown = found
                .is(200)
                .text
                .contains("/grafo/cose/urn:ngsi-ld:Device:prato:s1");
            assert!(shown || q.contains("SENSOR"), "{q}");
        }
        let types = text(&house.get("/grafo?q=citywork").await.is(200).text);
        assert!(types.contains("Tipi con questo nome"), "{types}");
        assert!(
            text(&house.get("/grafo?q=zzzz").await.is(200).text).contains("Nessuna cosa con questo testo")
        );
        assert!(text(&house.get("/grafo?q=z").await.is(200).text).contains("almeno due lettere"));
        // Signs of LIKE and JSON mean themselves.
        for q in ["%25%25", "__", "%22%5C", "%27%27%3B--"] {
            house.get(&format!("/grafo?q={q}")).await.is(200);
        }
    }
}

#[tokio::test]
async fn a_type_is_a_table_a_map_and_files() {
    for house in houses().await {
        for number in 1..=60 {
            house.create(&work(number)).await;
        }
        let first = house.get("/grafo/tipi/CityWork").await;
        let words = text(&first.is(200).text);
        assert!(words.contains("60 cose") && words.contains("Scavo 50") && !words.contains("Scavo 51"));
        assert!(
            words.contains("Number") && words.contains("Pagina 1 di 2"),
            "{words}"
        );
        assert!(
            first
                .text
                .contains("data-geojson=\"/grafo/tipi/CityWork/mappa.geojson\"")
        );
        let second = text(&house.get("/grafo/tipi/CityWork?pagina=2").await.is(200).text);
        assert!(second.contains("Scavo 51") && !second.contains("Scavo 50"));
        for odd in ["0", "-1", "99", "zwei", "99999999999999999999"] {
            house
                .get(&format!("/grafo/tipi/CityWork?pagina={odd}"))
                .await
                .is(200);
        }
        let filtered = text(&house.get("/grafo/tipi/CityWork?q=scavo+5").await.is(200).text);
        assert!(filtered.contains("11 cose con «scavo 5»"), "{filtered}");
        let none = text(&house.get("/grafo/tipi/CityWork?q=nulla").await.is(200).text);
        assert!(none.contains("Nessuna cosa con questo testo"));
        assert!(
            english(&house, "/grafo/tipi/CityWork")
                .await
                .contains("60 things")
        );

        let map = house
            .get("/grafo/tipi/CityWork/mappa.geojson")
            .await
            .is(200)
            .json();
        assert_eq!(map["features"].as_array().map(Vec::len), Some(60));
        assert_eq!(
            map["features"][0]["properties"]["url"],
            "/grafo/cose/urn:ngsi-ld:CityWork:prato:0001"
        );
        let file = house
            .get("/grafo/tipi/CityWork/elenco.geojson")
            .await
            .is(200)
            .json();
        assert_eq!(file["features"][1]["properties"]["number"], 2);
        let csv = house.get("/grafo/tipi/CityWork/elenco.csv").await;
        let mut lines = csv.is(200).text.lines();
        assert_eq!(lines.next(), Some("id,modifiedAt,name,number,location,onRoad"));
        assert_eq!(lines.count(), 60);
        assert!(csv.header("content-disposition").contains("CityWork.csv"));
    }
}

#[tokio::test]
async fn a_thing_tells_its_values_links_and_past() {
    for house in houses().await {
        house.create(&work(1)).await;
        sensor(&house).await;
        let answer = house.get("/grafo/cose/urn:ngsi-ld:Device:prato:s1").await;
        let words = text(&answer.is(200).text);
        assert!(words.contains("Sensore del Serraglio"), "{words}");
        assert!(
            words.contains("Temperatura 22,25\u{a0}°C Rilevato: 11 marzo 2026, ore 9:00"),
            "{words}"
        );
        assert!(
            words.contains("Precisione 0,5") && words.contains("latitudine 43,88"),
            "{words}"
        );
        assert!(words.contains("Inglese: Serraglio sensor"), "{words}");
        assert!(
            answer
                .text
                .contains("<a href=\"/grafo/cose/urn:ngsi-ld:CityWork:prato:0001\">Scavo 1</a>")
        );
        // The measures as a series from old to new, and other changes as a story.
        let values =
            ["20.5", "21", "22.25"].map(|v| answer.text.find(&format!("data-value=\"{v}\"")).unwrap());
        assert!(values.is_sorted());
        assert!(answer.text.contains("data-chart=\"serie-0\""));
        assert!(
            words.contains("Aggiornata Stato: stato 08:00 11 marzo"),
            "{words}"
        );
        assert!(words.contains("Registrata nel grafo"), "{words}");
        assert!(
            answer
                .text
                .contains("/grafo/cose/urn:ngsi-ld:Device:prato:s1/mappa.geojson")
        );
        let map = house
            .get("/grafo/cose/urn:ngsi-ld:Device:prato:s1/mappa.geojson")
            .await;
        assert_eq!(map.is(200).json()["features"][0]["geometry"]["type"], "Point");

        let other = house.get("/grafo/cose/urn:ngsi-ld:CityWork:prato:0001").await;
        let words = text(&other.is(200).text);
        assert!(
            words.contains("Che cosa la indica, e come Placed on Sensore del Serraglio"),
            "{words}"
        );
        assert!(
            words.contains("Strada via-pistoiese non in questo grafo"),
            "{words}"
        );

        let words = english(&house, "/grafo/cose/urn:ngsi-ld:Device:prato:s1").await;
        assert!(
            words.contains("Serraglio sensor") && words.contains("Temperature 22.25\u{a0}°C"),
            "{words}"
        );
    }
}

#[tokio::test]
async fn what_is_not_there_helps_on() {
    for house in houses().await {
        house.create(&work(1)).await;
        let one = "urn:ngsi-ld:CityWork:prato:0001";
        house
            .call(Method::DELETE, &format!("/ngsi-ld/v1/entities/{one}"), None)
            .await
            .is(204);
        for path in [
            format!("/grafo/cose/{one}"),
            "/grafo/cose/nothing".into(),
            "/grafo/cose/%00%FF".into(),
        ] {
            let answer = house.get(&path).await;
            assert!(
                (400..500).contains(&answer.status.as_u16()),
                "{path}: {}",
                answer.status
            );
        }
        let gone = house.get(&format!("/grafo/cose/{one}")).await;
        let words = text(&gone.is(404).text);
        assert!(words.contains("Questa cosa non è nel grafo") && gone.text.contains("action=\"/grafo\""));
        for kind in [
            "CityWork",
            "A,B",
            "%3Cscript%3E",
            "%28%28",
            "https:%2F%2Fx.org%2FT",
        ] {
            let answer = house.get(&format!("/grafo/tipi/{kind}")).await;
            assert!(
                text(&answer.is(404).text).contains("Non c'è nulla di questo tipo"),
                "{kind}"
            );
            assert!(!answer.text.contains("<script>"));
            house.get(&format!("/grafo/tipi/{kind}/elenco.csv")).await.is(404);
            house
                .get(&format!("/grafo/tipi/{kind}/mappa.geojson"))
                .await
                .is(404);
        }
    }
}

#[tokio::test]
async fn hostile_names_and_values_stay_text() {
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    for house in houses().await {
        let body = json!({
            "id": "urn:ngsi-ld:Evil:prato:%3Cscript%3E'\"",
            "type": "Evil",
            "name": { "type": "Property", "value": evil },
            "link": { "type": "Property", "value": "javascript:alert(1)" },
            "nested": { "type": "Property", "value": { evil: [evil, { "a": evil }] } },
            "words": { "type": "LanguageProperty", "languageMap": { "it": evil } },
            "sub": { "type": "Property", "value": 1, "unitCode": evil, "note": { "type": "Property", "value": evil } },
        });
        let id = "urn:ngsi-ld:Evil:prato:1";
        let mut body: Value = body;
        body["id"] = id.into();
        house.create(&body).await;
        for path in [
            format!("/grafo/cose/{id}"),
            "/grafo/tipi/Evil".to_owned(),
            format!("/grafo?q={}", "%3Cscript%3Ealert"),
            "/grafo/tipi/Evil?q=%3Cscript%3E".to_owned(),
            format!("/grafo/cose/{}", "%3Cscript%3Ealert%281%29%3C%2Fscript%3E"),
        ] {
            let answer = house.get(&path).await;
            for raw in ["<script>alert", "<img src=x", "href=\"javascript:"] {
                assert!(!answer.text.contains(raw), "{path}: {raw}");
            }
        }
    }
}

#[tokio::test]
async fn what_a_rule_hides_is_on_no_page() {
    for house in houses().await {
        house.create(&work(1)).await;
        sensor(&house).await;
        let rule = |name: &str, body: Value| (format!("/api/v1/graph/rules/{name}"), body);
        for (path, body) in [
            rule("works", json!({ "types": ["CityWork"], "readers": ["officer"] })),
            rule(
                "status",
                json!({ "types": ["Device"], "attributes": ["status"], "readers": ["officer"] }),
            ),
        ] {
            let request = ask(Method::PUT, &path)
                .header("x-test-role", "manager")
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string()))
                .unwrap();
            let answer = house.send(request).await;
            assert!(answer.status.is_success(), "{}", answer.text);
        }
        let front = text(&house.get("/grafo").await.is(200).text);
        assert!(
            front.contains("1 cosa di 1 tipo") && !front.contains("CityWork"),
            "{front}"
        );
        assert!(
            !house
                .get("/grafo?q=scavo")
                .await
                .is(200)
                .text
                .contains("prato:0001")
        );
        for path in [
            "tipi/CityWork",
            "tipi/CityWork/elenco.csv",
            "cose/urn:ngsi-ld:CityWork:prato:0001",
        ] {
            house.get(&format!("/grafo/{path}")).await.is(404);
        }
        let device = house.get("/grafo/cose/urn:ngsi-ld:Device:prato:s1").await;
        assert!(!device.is(200).text.contains("stato 0") && !device.text.contains("Scavo 1"));
        assert!(
            !house
                .get("/grafo?q=stato+08")
                .await
                .is(200)
                .text
                .contains("prato:s1")
        );
        let officer = [("x-test-role", "officer")];
        let seen = house
            .get_with("/grafo/cose/urn:ngsi-ld:Device:prato:s1", &officer)
            .await;
        assert!(seen.is(200).text.contains("stato 08:00") && seen.text.contains("Scavo 1"));
    }
}

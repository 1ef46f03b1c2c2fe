//! Pages for everybody.

use crate::house::{PROJECT, houses};

#[tokio::test]
async fn everybody_reads_the_plan() {
    for house in houses().await {
        let pages = [
            ("/piano", "Piano Prato Smart City"),
            ("/piano/2021", "PR-V9"),
            (PROJECT, "Inaugurata piazza Milton Nesi"),
            ("/piano/2021/nota", "1.4 Progetto PR-V9"),
            ("/piano/confronta", "Comune di prato"),
            ("/piano/confronta?da=2021&a=attuale", "Nessuna differenza"),
            ("/piano/luoghi/PointOfInterest/piazza-nesi", "Piazza Milton Nesi"),
            ("/", "Il piano in cinque numeri"),
            (
                "/cerca?q=milton+nesi",
                "/piano/luoghi/PointOfInterest/piazza-nesi",
            ),
            ("/cerca?q=PR-V9", "/piano/2021/pr-v9"),
        ];
        for (path, words) in pages {
            let answer = house.get(path).await;
            assert_eq!(answer.status, 200, "{} {path}: {}", house.name(), answer.text());
            assert!(
                answer.text().contains(words),
                "{} {path}: \"{words}\" is missing",
                house.name()
            );
        }
    }
}

#[tokio::test]
async fn every_project_has_its_page_and_every_link_of_it_leads_somewhere() {
    let house = houses().await.remove(0);
    let plan = house.get("/piano/2021.json").await.json();
    let mut seen = std::collections::BTreeSet::new();
    for project in plan["projects"].as_array().unwrap() {
        let path = format!("/piano/2021/{}", project["slug"].as_str().unwrap());
        let html = house.get(&path).await.text();
        assert!(!html.contains("urn:ngsi-ld:"), "{path} shows a raw identifier");
        seen.extend(
            html.split("href=\"")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap().to_owned()),
        );
    }
    let ours = seen.iter().filter(|href| href.starts_with("/piano"));
    let mut count = 0;
    for href in ours {
        let path = href
            .split('#')
            .next()
            .unwrap()
            .replace("&#38;", "&")
            .replace("&amp;", "&");
        let answer = house.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        count += 1;
    }
    assert!(count > 100, "{count}");
}

#[tokio::test]
async fn a_thing_with_a_position_has_a_map() {
    let house = houses().await.remove(0);
    let html = house
        .get("/piano/luoghi/WifiPointOfInterest/wifi-piazza-del-duomo")
        .await
        .text();
    assert!(html.contains("data-map"), "{html}");
    let answer = house
        .get("/piano/luoghi/WifiPointOfInterest/wifi-piazza-del-duomo.geojson")
        .await;
    assert_eq!(answer.json()["features"][0]["geometry"]["type"], "Point");
    let places = house.get("/piano/2021/pr-v1/luoghi.geojson").await.json();
    assert_eq!(places["features"].as_array().unwrap().len(), 1);
    assert!(
        html.contains("href=\"https://github.com/iltempe/opendataprato\""),
        "a web address is a link"
    );
    let without = house
        .get("/piano/luoghi/PointOfInterest/piazza-nesi")
        .await
        .text();
    assert!(!without.contains("data-map "));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let house = houses().await.remove(0);
    for path in [
        "/piano/1999",
        "/piano/duemila",
        "/piano/2021/x",
        "/piano/2021/x/luoghi.geojson",
        "/piano/1999.json",
        "/piano/luoghi/PointOfInterest/x",
        "/piano/confronta?da=1999&a=2021",
        "/api/v1/plan/1999",
        "/api/v1/plan/2021/projects/x",
    ] {
        assert_eq!(house.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn no_city_sees_anothers_plan() {
    for house in houses().await {
        for path in [
            "/piano/2021",
            PROJECT,
            "/piano/2021/nota",
            "/piano/2021/nota.pdf",
            "/piano/2021.json",
            "/piano/2021/indicatori.csv",
            "/piano/2021/pr-v1/luoghi.geojson",
            "/piano/luoghi/PointOfInterest/piazza-nesi",
            "/api/v1/plan/2021",
            "/api/v1/plan/2021/indicators",
            "/api/v1/plan/2021/projects/pr-v1",
        ] {
            assert_eq!(
                house.get_in("borgo", "", path).await.status,
                404,
                "{} {path}",
                house.name()
            );
        }
        for path in [
            "/piano/2021/pr-v1/modifica",
            "/piano/2021/chiudi",
            "/piano/2021/nuovo-progetto",
        ] {
            assert_eq!(
                house.get_in("borgo", "administrator", path).await.status,
                404,
                "{} {path}",
                house.name()
            );
        }
        let plan = house.get_in("borgo", "", "/piano").await.text();
        assert!(plan.contains("Comune di borgo") && !plan.contains("Milton Nesi"));
        let found = house.get_in("borgo", "", "/cerca?q=milton+nesi").await.text();
        assert!(!found.contains("piazza-nesi"));
    }
}

use crate::house::{everything, houses};

const EN: (&str, &str) = ("cookie", "bisenzio_lang=en");

#[tokio::test]
async fn layers_are_given_as_geojson() {
    for house in houses().await {
        for path in ["network.geojson", "boundary", "districts.geojson"] {
            let none = house
                .get("prato", &format!("/api/v1/territory/{path}"), &[])
                .await;
            assert_eq!(none.status, 404, "{path}");
            assert_eq!(none.header("content-type"), "application/problem+json");
        }
        house.seed("prato", everything()).await.unwrap();
        for layer in [
            "network",
            "boundary",
            "neighbours",
            "districts",
            "localities",
            "bus_stops",
        ] {
            for path in [layer.to_owned(), format!("{layer}.geojson")] {
                let answer = house
                    .get("prato", &format!("/api/v1/territory/{path}"), &[])
                    .await;
                assert_eq!(answer.status, 200, "{path}");
                assert_eq!(answer.header("content-type"), "application/geo+json");
                let document: serde_json::Value = serde_json::from_slice(&answer.bytes).unwrap();
                assert_eq!(document["type"], "FeatureCollection", "{path}");
                assert_eq!(
                    house
                        .get("borgo", &format!("/api/v1/territory/{path}"), &[])
                        .await
                        .status,
                    404
                );
            }
        }
        for path in ["aliases", "rubbish", "..%2Fnetwork"] {
            assert_eq!(
                house
                    .get("prato", &format!("/api/v1/territory/{path}"), &[])
                    .await
                    .status,
                404,
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn the_map_page_reads_in_both_languages_with_and_without_data() {
    for house in houses().await {
        let empty = house.get("prato", "/mappa", &[]).await;
        assert_eq!(empty.status, 200);
        assert!(
            empty
                .text()
                .contains("La rete stradale non è ancora stata caricata")
        );
        let empty = house.get("prato", "/mappa", &[EN]).await.text();
        assert!(
            empty.contains("The street network has not been loaded yet") && empty.contains("lang=\"en\"")
        );

        house.seed("prato", everything()).await.unwrap();
        let page = house.get("prato", "/mappa", &[]).await.text();
        for text in [
            "lang=\"it\"",
            "Mappa della città",
            "0,8 km",
            "Chiesanuova",
            "Circoscrizione Centro",
            "indicativi",
            "Dati inventati",
            "CC0-1.0",
        ] {
            assert!(page.contains(text), "{text}");
        }
        let page = house.get("prato", "/mappa", &[EN]).await.text();
        for text in ["Map of the city", "0.8 km", "Chiesanuova", "indicative"] {
            assert!(page.contains(text), "{text}");
        }
        let place = house.get("prato", "/mappa?luogo=chiesanuova", &[]).await.text();
        assert!(place.contains("aria-current=\"true\"") && place.contains("11.098,43.881"));
        let unknown = house.get("prato", "/mappa?luogo=%3Cscript%3E", &[]).await;
        assert_eq!(unknown.status, 200);
        assert!(!unknown.text().contains("<script>"));
        assert!(
            !house
                .get("borgo", "/mappa", &[])
                .await
                .text()
                .contains("Chiesanuova")
        );
    }
}

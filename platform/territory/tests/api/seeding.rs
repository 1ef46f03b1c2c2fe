use bisenzio_store::StoreError;
use bisenzio_store::testing::TestStore;

use crate::house::{areas, everything, houses, network, places};

async fn stored(held: &TestStore) -> Vec<(String, String, String)> {
    held.store
        .read(|tx| {
            tx.query(
                "SELECT layer, version, content FROM territory_layer ORDER BY tenant, layer",
                &[],
            )?
            .iter()
            .map(|row| Ok::<_, StoreError>((row.get(0)?, row.get(1)?, row.get(2)?)))
            .collect()
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn a_folder_is_loaded_and_loading_it_twice_is_loading_it_once() {
    for house in houses().await {
        let report = house.seed("prato", everything()).await.unwrap();
        assert!(report.counts.contains(&("network".to_owned(), 2)), "{report:?}");
        assert!(report.counts.contains(&("localities".to_owned(), 1)));
        assert_eq!(report.counts.len(), 7);
        let contents =
            |rows: Vec<(String, String, String)>| rows.into_iter().map(|r| (r.0, r.2)).collect::<Vec<_>>();
        let first = contents(stored(&house.held).await);
        house.seed("prato", everything()).await.unwrap();
        assert_eq!(contents(stored(&house.held).await), first);
    }
}

#[tokio::test]
async fn a_broken_file_is_named_and_leaves_everything_as_it_was() {
    for house in houses().await {
        house.seed("prato", everything()).await.unwrap();
        let before = stored(&house.held).await;
        let good = network("Via Nuova");
        let cut = good[..good.len() / 2].to_owned();
        let no_geometry = areas("x").replace("\"Polygon\"", "\"Cube\"");
        let wrong_class = good.replace("\"secondary\"", "\"boulevard\"");
        let off_earth = good.replace("[11.096,43.88]", "[411.096,43.88]");
        for (file, text) in [
            ("network.geojson", cut),
            ("network.geojson", String::new()),
            ("network.geojson", "{}".to_owned()),
            ("network.geojson", "[1,2,3]".to_owned()),
            ("network.geojson", wrong_class),
            ("network.geojson", off_earth),
            ("boundary.geojson", places("a point is no boundary")),
            ("boundary.geojson", "{\"type\":\"FeatureCollection\"".to_owned()),
            ("districts.geojson", no_geometry),
            ("localities.geojson", areas("an area is no point")),
            ("bus_stops.geojson", "rubbish".to_owned()),
            ("streets.toml", "[aliases\n".to_owned()),
        ] {
            // A good network comes first in the same folder: it must not stay either.
            let mut files = vec![("network.geojson", network("Via Provvisoria"))];
            files.retain(|(name, _)| *name != file);
            files.push((file, text.clone()));
            let error = house.seed("prato", files).await.expect_err(&text);
            assert_eq!(error.file, format!("prato/territory/{file}"), "{error}");
            assert!(
                !error.message.is_empty() && !error.message.contains("unexpected result"),
                "{error}"
            );
            assert_eq!(stored(&house.held).await, before, "{file}: {error}");
        }
        house.seed("prato", everything()).await.unwrap();
        let map = house.get("prato", "/api/v1/territory/network.geojson", &[]).await;
        assert!(map.text().contains("Via Pistoiese"));
    }
}

#[tokio::test]
async fn a_locality_that_is_gone_is_found_no_more() {
    for house in houses().await {
        house.seed("prato", everything()).await.unwrap();
        house
            .seed("prato", vec![("localities.geojson", places("Coiano"))])
            .await
            .unwrap();
        let titles: Vec<String> = house
            .held
            .store
            .read(|tx| {
                tx.query("SELECT title FROM search_document WHERE tenant = 'prato'", &[])?
                    .iter()
                    .map(|row| row.get::<String>(0))
                    .collect::<Result<_, StoreError>>()
            })
            .await
            .unwrap();
        assert_eq!(titles, ["Coiano"]);
    }
}

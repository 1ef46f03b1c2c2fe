use std::collections::BTreeMap;

use geozero::mvt::{Message, Tile};

use crate::house::{everything, houses, network};

/// Level, column and row of the tile that holds a position (EPSG:3857).
fn tile_at(zoom: u32, lon: f64, lat: f64) -> String {
    let side = f64::from(1_u32 << zoom);
    let lat = lat.to_radians();
    let x = ((lon + 180.0) / 360.0 * side) as u32;
    let y = ((1.0 - (lat.tan() + 1.0 / lat.cos()).ln() / std::f64::consts::PI) / 2.0 * side) as u32;
    format!("/tiles/{zoom}/{x}/{y}.mvt")
}

/// The attributes of a layer's features.
fn features(bytes: &[u8], layer: &str) -> Vec<BTreeMap<String, String>> {
    let tile = Tile::decode(bytes).expect("a vector tile");
    let Some(layer) = tile.layers.iter().find(|l| l.name == layer) else {
        return Vec::new();
    };
    layer
        .features
        .iter()
        .map(|feature| {
            assert!(!feature.geometry.is_empty());
            feature
                .tags
                .chunks(2)
                .map(|pair| {
                    let value = layer.values[pair[1] as usize]
                        .string_value
                        .clone()
                        .unwrap_or_default();
                    (layer.keys[pair[0] as usize].clone(), value)
                })
                .collect()
        })
        .collect()
}

fn names(bytes: &[u8], layer: &str) -> Vec<String> {
    features(bytes, layer)
        .into_iter()
        .filter_map(|mut f| f.remove("name"))
        .collect()
}

#[tokio::test]
async fn a_tile_shows_streets_with_name_and_class() {
    for house in houses().await {
        house.seed("prato", everything()).await.unwrap();
        let tile = house.get("prato", &tile_at(15, 11.098, 43.88), &[]).await;
        assert_eq!(tile.status, 200);
        assert_eq!(tile.header("content-type"), "application/vnd.mapbox-vector-tile");
        let streets = features(&tile.bytes, "streets");
        let pistoiese = streets
            .iter()
            .find(|s| s["name"] == "Via Pistoiese")
            .expect("the street");
        assert_eq!(
            (pistoiese["class"].as_str(), pistoiese["id"].as_str()),
            ("secondary", "s1")
        );
        assert_eq!(names(&tile.bytes, "localities"), ["Chiesanuova"]);
        assert_eq!(names(&tile.bytes, "stops"), ["Piazza San Marco"]);
        assert_eq!(features(&tile.bytes, "districts")[0]["indicative"], "true");

        let wide = house.get("prato", &tile_at(9, 11.098, 43.88), &[]).await;
        assert_eq!(
            names(&wide.bytes, "streets"),
            ["Via Pistoiese"],
            "only main streets from afar"
        );
        assert!(names(&wide.bytes, "stops").is_empty());
        let again = house.get("prato", &tile_at(15, 11.098, 43.88), &[]).await;
        assert_eq!(again.bytes, tile.bytes);
    }
}

#[tokio::test]
async fn where_there_is_nothing_a_tile_is_empty() {
    for house in houses().await {
        let far = tile_at(14, 2.35, 48.85);
        assert!(
            house.get("prato", &far, &[]).await.bytes.is_empty(),
            "no data at all"
        );
        house.seed("prato", everything()).await.unwrap();
        let answer = house.get("prato", &far, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.bytes.len()), (200, 0));
    }
}

#[tokio::test]
async fn addresses_outside_the_pyramid_are_not_found() {
    for house in houses().await {
        house.seed("prato", everything()).await.unwrap();
        for path in [
            "/tiles/17/0/0.mvt",
            "/tiles/3/8/0.mvt",
            "/tiles/3/0/8.mvt",
            "/tiles/0/0/1.mvt",
            "/tiles/3/0/0",
            "/tiles/3/0/0.png",
            "/tiles/3/0/-1.mvt",
            "/tiles/256/0/0.mvt",
            "/tiles/-1/0/0.mvt",
            "/tiles/3/4294967296/0.mvt",
            "/tiles/3/0/4294967296.mvt",
            "/tiles/a/b/c.mvt",
            "/tiles/3/0/%FF.mvt",
        ] {
            let answer = house.get("prato", path, &[]).await;
            assert_eq!(answer.status, 404, "{path}: {}", answer.text());
            assert_eq!(
                answer.header("content-type"),
                "application/problem+json",
                "{path}"
            );
        }
        assert_eq!(house.get("prato", "/tiles/0/0/0.mvt", &[]).await.status, 200);
    }
}

#[tokio::test]
async fn cities_have_tiles_of_their_own() {
    for house in houses().await {
        house.seed("prato", everything()).await.unwrap();
        let path = tile_at(15, 11.098, 43.88);
        assert!(!house.get("prato", &path, &[]).await.bytes.is_empty());
        for answer in [
            house.get("borgo", &path, &[]).await,
            house.get("prato", &path, &[("ngsild-tenant", "borgo")]).await,
        ] {
            assert_eq!((answer.status.as_u16(), answer.bytes.len()), (200, 0));
            assert!(
                answer.header("vary").contains("ngsild-tenant"),
                "caches tell the cities apart"
            );
        }
        house
            .seed("borgo", vec![("network.geojson", network("Via di Borgo"))])
            .await
            .unwrap();
        let borgo = house.get("borgo", &path, &[]).await;
        assert!(names(&borgo.bytes, "streets").contains(&"Via di Borgo".to_owned()));
        assert!(!names(&borgo.bytes, "streets").contains(&"Via Pistoiese".to_owned()));
        let prato = house.get("prato", &path, &[]).await;
        assert!(!names(&prato.bytes, "streets").contains(&"Via di Borgo".to_owned()));
    }
}

#[tokio::test]
async fn a_new_network_is_drawn_at_once() {
    for house in houses().await {
        house.seed("prato", everything()).await.unwrap();
        let path = tile_at(15, 11.098, 43.88);
        house.get("prato", &path, &[]).await;
        house
            .seed("prato", vec![("network.geojson", network("Via Nuova"))])
            .await
            .unwrap();
        let tile = house.get("prato", &path, &[]).await;
        assert!(names(&tile.bytes, "streets").contains(&"Via Nuova".to_owned()));
        assert_eq!(
            names(&tile.bytes, "localities"),
            ["Chiesanuova"],
            "layers not in the folder stay"
        );
    }
}

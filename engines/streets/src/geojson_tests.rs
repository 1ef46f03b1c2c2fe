//! Writing a network and reading it back.

use serde_json::json;

use crate::from_osm::{Member, MemberKind, OsmNode, OsmRelation, OsmWay, from_osm};
use crate::geojson::ReadError;
use crate::model::{HouseNumber, Network};

fn network() -> Network {
    let node = |id, lon, lat| OsmNode { id, lon, lat };
    let nodes = [node(1, 10.0, 45.0), node(2, 10.01, 45.0), node(3, 10.01, 45.01)];
    let way = |id, nodes: &[i64], name: &str| OsmWay {
        id,
        nodes: nodes.to_vec(),
        tags: [("highway", "tertiary"), ("name", name)]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into(),
    };
    let member = |role: &str, kind, id| Member {
        role: role.into(),
        kind,
        id,
    };
    let turn = OsmRelation {
        id: 9,
        tags: [("type", "restriction"), ("restriction", "no_right_turn")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into(),
        members: vec![
            member("from", MemberKind::Way, 10),
            member("via", MemberKind::Node, 2),
            member("to", MemberKind::Way, 11),
        ],
    };
    let (mut network, _) = from_osm(
        &nodes,
        &[way(10, &[1, 2], "Via A"), way(11, &[2, 3], "Via \"B\"")],
        &[turn],
        None,
    );
    network.house_numbers.push(HouseNumber {
        number: "94/b".into(),
        street: "Via A".into(),
        lon: 10.005,
        lat: 45.0001,
        source: "stop 1".into(),
    });
    network
}

#[test]
fn what_is_written_reads_back_the_same() {
    let network = network();
    let text = network.to_geojson_text();
    let document = serde_json::from_str(&text).expect("valid JSON");
    assert_eq!(document, network.to_geojson());
    assert_eq!(Network::from_geojson(&document).expect("a network"), network);
    assert!(
        text.lines().filter(|l| l.contains("\"kind\":\"link\"")).count() == 2,
        "one feature a line"
    );
}

#[test]
fn faults_name_feature_and_field() {
    let mut document = network().to_geojson();
    document["features"][1]["properties"]["class"] = json!("footway");
    let error = Network::from_geojson(&document)
        .expect_err("no class")
        .to_string();
    assert!(error.starts_with("feature 1, properties.class"), "{error}");
    let mut document = network().to_geojson();
    document["restrictions"][0]["to"] = json!("w99");
    let error = Network::from_geojson(&document).expect_err("no link").to_string();
    assert_eq!(error, "restriction 0, to: \"w99\" is unknown");
    let mut document = network().to_geojson();
    document["features"][0]["geometry"]["coordinates"] = json!([[10.0, 45.0]]);
    assert!(matches!(
        Network::from_geojson(&document),
        Err(ReadError::Feature { feature: 0, .. })
    ));
    let mut document = network().to_geojson();
    document["restrictions"] = json!([]);
    document["features"][1]["id"] = document["features"][0]["id"].clone();
    let error = Network::from_geojson(&document)
        .expect_err("duplicate")
        .to_string();
    assert!(error.contains("two links have the identifier"), "{error}");
    assert_eq!(Network::from_geojson(&json!({})), Err(ReadError::NotACollection));
}

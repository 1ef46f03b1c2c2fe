use super::*;
use crate::model::Direction;

fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect()
}

fn node(id: i64, lon: f64, lat: f64) -> OsmNode {
    OsmNode { id, lon, lat }
}

/// A high street 1-2-3 and a side street 2-4, with a footway 2-5.
fn crossing() -> (Vec<OsmNode>, Vec<OsmWay>) {
    let nodes = vec![
        node(1, 10.0, 45.0),
        node(2, 10.01, 45.0),
        node(3, 10.02, 45.0),
        node(4, 10.01, 45.01),
        node(5, 10.01, 44.99),
    ];
    let way = |id, nodes: &[i64], t: &[(&str, &str)]| OsmWay {
        id,
        nodes: nodes.to_vec(),
        tags: tags(t),
    };
    let ways = vec![
        way(
            10,
            &[1, 2, 3],
            &[
                ("highway", "primary"),
                ("name", "Corso Italia"),
                ("lanes", "4"),
                ("maxspeed", "50"),
            ],
        ),
        way(11, &[2, 4], &[("highway", "residential"), ("oneway", "-1")]),
        way(12, &[2, 5], &[("highway", "footway")]),
    ];
    (nodes, ways)
}

fn no_left(members: &[(&str, MemberKind, i64)], word: &str) -> OsmRelation {
    let members = members
        .iter()
        .map(|(role, kind, id)| Member {
            role: (*role).into(),
            kind: *kind,
            id: *id,
        })
        .collect();
    OsmRelation {
        id: 1,
        tags: tags(&[("type", "restriction"), ("restriction", word)]),
        members,
    }
}

#[test]
fn ways_are_cut_where_they_meet() {
    let (nodes, ways) = crossing();
    let (network, report) = from_osm(&nodes, &ways, &[], None);
    network.validate().expect("valid");
    assert_eq!(
        (network.links.len(), network.nodes.len(), report.ways_left_out),
        (3, 4, 1)
    );
    let first = &network.links[0];
    assert_eq!(
        (first.id.as_str(), first.name.as_deref(), first.lanes),
        ("w10-1", Some("Corso Italia"), Some(4))
    );
    assert_eq!(network.links[2].direction, Direction::Backward);
    assert_eq!(network.links[2].speed_kmh, Some(50.0), "the class's usual speed");
}

#[test]
fn turn_restrictions_join_the_right_links() {
    use MemberKind::{Node, Way};
    let (nodes, ways) = crossing();
    let turn = no_left(
        &[("from", Way, 11), ("via", Node, 2), ("to", Way, 10)],
        "no_left_turn",
    );
    let (network, report) = from_osm(&nodes, &ways, &[turn], None);
    network.validate().expect("valid");
    assert_eq!(
        report.restrictions, 2,
        "way 10 runs through the junction and gives two links"
    );
    assert!(
        network
            .restrictions
            .iter()
            .all(|r| r.kind == RestrictionKind::No && network.links[r.from].id == "w11-1")
    );
    let over_a_way = no_left(
        &[("from", Way, 11), ("via", Way, 12), ("to", Way, 10)],
        "no_left_turn",
    );
    let elsewhere = no_left(
        &[("from", Way, 11), ("via", Node, 99), ("to", Way, 10)],
        "only_straight_on",
    );
    let (_, report) = from_osm(&nodes, &ways, &[over_a_way, elsewhere], None);
    assert_eq!((report.restrictions, report.restrictions_left_out), (0, 2));
}

#[test]
fn a_missing_node_cuts_the_way() {
    let (mut nodes, mut ways) = crossing();
    nodes.extend([node(6, 10.03, 45.0), node(7, 10.04, 45.0)]);
    ways[0].nodes = vec![1, 2, 3, 99, 6, 7];
    let (network, report) = from_osm(&nodes, &ways, &[], None);
    network.validate().expect("valid");
    assert_eq!(report.missing_nodes, 1);
    assert_eq!(network.components().len(), 2);
}

#[test]
fn a_boundary_keeps_what_touches_it() {
    let (nodes, ways) = crossing();
    let ring = vec![
        [9.99, 44.999],
        [10.005, 44.999],
        [10.005, 45.001],
        [9.99, 45.001],
        [9.99, 44.999],
    ];
    let boundary = Boundary {
        polygons: vec![vec![ring]],
    };
    let (network, _) = from_osm(&nodes, &ways, &[], Some(&boundary));
    assert_eq!(
        network.links.iter().map(|l| l.id.as_str()).collect::<Vec<_>>(),
        ["w10-1"]
    );
}

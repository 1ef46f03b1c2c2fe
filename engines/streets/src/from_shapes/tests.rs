use super::*;
use crate::model::Direction;

/// Metres east and north of an invented place to degrees.
fn line(id: &str, metres: &[[f64; 2]]) -> ShapeLine {
    let projection = Projection::around([10.0, 45.0]);
    ShapeLine {
        id: id.into(),
        points: metres.iter().map(|p| projection.unproject(*p)).collect(),
        uses: 1,
    }
}

fn build(lines: &[ShapeLine]) -> ShapeNetwork {
    from_shapes(lines, &ShapeOptions::default()).expect("a network")
}

#[test]
fn the_two_directions_of_a_street_become_one_link() {
    let built = build(&[
        line("there", &[[0.0, 0.0], [300.0, 0.0], [600.0, 0.0]]),
        line("back", &[[600.0, 8.0], [300.0, 8.0], [0.0, 8.0]]),
    ]);
    assert_eq!(built.network.links.len(), 1);
    let link = &built.network.links[0];
    assert_eq!(link.direction, Direction::Both);
    assert!((link.length_m - 600.0).abs() < 15.0, "{}", link.length_m);
    assert_eq!(built.shapes_by_link, vec![vec![0, 1]]);
}

#[test]
fn a_street_driven_one_way_says_so() {
    let built = build(&[line("there", &[[600.0, 0.0], [0.0, 0.0]])]);
    let link = &built.network.links[0];
    assert_eq!(link.direction, Direction::Forward);
    assert!(
        link.geometry[0][0] > link.geometry[1][0],
        "the geometry follows the use"
    );
}

#[test]
fn carriageways_far_apart_stay_two() {
    let built = build(&[
        line("a", &[[0.0, 20.0], [0.0, 0.0], [600.0, 0.0], [600.0, 20.0]]),
        line("b", &[[600.0, 20.0], [600.0, 40.0], [0.0, 40.0], [0.0, 20.0]]),
    ]);
    let km = built.report.network_km;
    assert!((km - 1.28).abs() < 0.03, "{km}");
}

#[test]
fn streets_that_share_a_vertex_meet_in_a_junction() {
    let built = build(&[
        line("west-east", &[[-300.0, 0.0], [0.0, 0.0], [300.0, 0.0]]),
        line("south-north", &[[0.0, -300.0], [0.0, 0.2], [0.0, 300.0]]),
    ]);
    assert_eq!(built.network.links.len(), 4);
    assert_eq!(built.network.nodes.len(), 5);
}

#[test]
fn a_crossing_without_a_common_vertex_is_a_bridge() {
    let built = build(&[
        line("below", &[[-300.0, 0.0], [300.0, 0.0], [300.0, 300.0]]),
        line("above", &[[0.0, -300.0], [0.0, 300.0], [300.0, 300.0]]),
    ]);
    assert!(
        built.network.links.iter().all(|l| l.length_m > 400.0),
        "no cut where they cross"
    );
}

#[test]
fn a_side_street_joins_the_street_it_was_drawn_beside() {
    // The side street ends on the second carriageway, which is folded onto the first.
    let built = build(&[
        line("east", &[[0.0, 0.0], [600.0, 0.0]]),
        line("west", &[[600.0, 9.0], [300.0, 9.0], [0.0, 9.0]]),
        line("side", &[[300.0, 9.0], [300.0, 250.0]]),
    ]);
    assert_eq!(built.network.links.len(), 3);
    assert_eq!(built.network.components().len(), 1);
}

#[test]
fn a_small_gap_is_bridged_and_a_far_piece_dropped() {
    let built = build(&[
        line("one", &[[0.0, 0.0], [500.0, 0.0]]),
        line("two", &[[515.0, 0.0], [900.0, 0.0]]),
        line("far", &[[5000.0, 0.0], [5100.0, 0.0]]),
    ]);
    assert_eq!(built.report.bridged_gaps, 1);
    assert_eq!(built.report.dropped_components, 1);
    assert!((built.report.dropped_km - 0.1).abs() < 0.01);
    assert!((built.report.network_km - 0.9).abs() < 0.01);
}

#[test]
fn short_dead_ends_are_noise_and_long_ones_are_streets() {
    let built = build(&[
        line("main", &[[0.0, 0.0], [300.0, 0.0], [600.0, 0.0]]),
        line("yard", &[[300.0, 0.0], [300.0, 20.0]]),
        line("lane", &[[0.0, 0.0], [300.0, 0.0], [300.0, -150.0]]),
    ]);
    assert_eq!(built.network.links.len(), 3);
}

#[test]
fn the_network_ends_at_the_boundary() {
    let projection = Projection::around([10.0, 45.0]);
    let ring = [
        [-100.0, -100.0],
        [100.0, -100.0],
        [100.0, 100.0],
        [-100.0, 100.0],
        [-100.0, -100.0],
    ];
    let boundary = Boundary {
        polygons: vec![vec![ring.iter().map(|p| projection.unproject(*p)).collect()]],
    };
    let options = ShapeOptions {
        boundary: Some(boundary),
        ..ShapeOptions::default()
    };
    let built = from_shapes(&[line("through", &[[-500.0, 0.0], [500.0, 0.0]])], &options).expect("a network");
    assert!((built.report.network_km - 0.2).abs() < 0.001);
    let outside = from_shapes(&[line("elsewhere", &[[-500.0, 900.0], [500.0, 900.0]])], &options);
    assert_eq!(outside.err(), Some(ShapeError::NothingInside));
}

#[test]
fn bad_points_are_named() {
    let mut bad = line("x", &[[0.0, 0.0], [1.0, 0.0]]);
    bad.points[1] = [f64::NAN, 0.0];
    let error = from_shapes(&[bad], &ShapeOptions::default())
        .expect_err("no position")
        .to_string();
    assert!(error.contains("shape x, point 1"), "{error}");
    assert_eq!(
        from_shapes(&[], &ShapeOptions::default()).err(),
        Some(ShapeError::Empty)
    );
}

#[test]
fn the_same_shapes_give_the_same_network() {
    let lines = [
        line("a", &[[0.0, 0.0], [200.0, 30.0], [600.0, 0.0]]),
        line("b", &[[600.0, 6.0], [200.0, 36.0], [0.0, 6.0]]),
        line("c", &[[200.0, 30.0], [200.0, 300.0]]),
    ];
    assert_eq!(build(&lines).network, build(&lines).network);
}

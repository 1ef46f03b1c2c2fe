use super::*;
use crate::from_shapes::{ShapeLine, ShapeOptions, from_shapes};
use crate::geometry::Projection;
use crate::model::NameSource;

fn degrees(p: [f64; 2]) -> [f64; 2] {
    Projection::around([10.0, 45.0]).unproject(p)
}

fn stop(id: &str, at: [f64; 2], name: &str, shapes: &[usize]) -> StopEvidence {
    let [lon, lat] = degrees(at);
    StopEvidence {
        id: id.into(),
        lon,
        lat,
        name: name.into(),
        shapes: shapes.to_vec(),
    }
}

/// A main street from west to east with a side street to the north at x = 600.
fn named(stops: &[StopEvidence], hints: &NamingHints) -> (Network, NamingReport) {
    let line = |id: &str, points: &[[f64; 2]]| ShapeLine {
        id: id.into(),
        points: points.iter().map(|p| degrees(*p)).collect(),
        uses: 1,
    };
    let shapes = [
        line("main", &[[0.0, 0.0], [600.0, 0.0], [1200.0, 0.0]]),
        line("side", &[[600.0, 0.0], [600.0, 400.0]]),
    ];
    let mut built = from_shapes(&shapes, &ShapeOptions::default()).expect("a network");
    let report = name_from_stops(&mut built.network, &built.shapes_by_link, stops, hints);
    built.network.validate().expect("still valid");
    (built.network, report)
}

fn sources(network: &Network, name: &str) -> Vec<NameSource> {
    let of = network.links.iter().filter(|l| l.name.as_deref() == Some(name));
    let mut sources: Vec<NameSource> = of.filter_map(|l| l.name_source).collect();
    sources.sort_by_key(|s| format!("{s:?}"));
    sources
}

#[test]
fn a_name_goes_straight_on_and_not_round_the_corner() {
    let hints = NamingHints {
        known: vec!["Viale della Repubblica".into()],
        ..NamingHints::default()
    };
    let (network, report) = named(&[stop("1", [200.0, 5.0], "Repubblica      12", &[0])], &hints);
    assert_eq!(
        sources(&network, "Viale della Repubblica"),
        [NameSource::Propagated, NameSource::StopAndActs]
    );
    assert!((report.named_share - 0.75).abs() < 0.01, "{}", report.named_share);
    assert_eq!(network.house_numbers[0].number, "12");
    assert_eq!(network.house_numbers[0].street, "Viale della Repubblica");
}

#[test]
fn a_stop_speaks_for_the_street_its_line_runs_on() {
    // Nearer to the main street, but served by the side street's line only.
    let (network, _) = named(
        &[stop("1", [625.0, 22.0], "Laterale   Sn", &[1])],
        &NamingHints::default(),
    );
    let side = network.links.iter().find(|l| l.name.is_some()).expect("a name");
    assert_eq!(side.name.as_deref(), Some("Via Laterale"));
    assert!((side.length_m - 400.0).abs() < 2.0);
    assert!(network.house_numbers.is_empty(), "Sn is no number");
}

#[test]
fn a_street_that_changes_its_name_between_junctions_is_cut_there() {
    let stops = [
        stop("1", [100.0, 5.0], "Prima   1", &[0]),
        stop("2", [200.0, 5.0], "Prima   9", &[0]),
        stop("3", [500.0, 5.0], "Seconda   4", &[0]),
    ];
    let (network, _) = named(&stops, &NamingHints::default());
    let first = network
        .links
        .iter()
        .find(|l| l.name.as_deref() == Some("Via Prima"))
        .expect("first");
    assert!((first.length_m - 350.0).abs() < 2.0, "{}", first.length_m);
    assert_eq!(network.links.len(), 4);
}

#[test]
fn car_parks_and_far_stops_are_left_out() {
    let hints = NamingHints {
        not_streets: vec!["Parcheggio Nenni".into()],
        ..NamingHints::default()
    };
    let stops = [
        stop("1", [100.0, 5.0], "Parcheggio Nenni   Sn", &[0]),
        stop("2", [100.0, 500.0], "Lontana   1", &[0]),
    ];
    let (network, report) = named(&stops, &hints);
    assert_eq!((report.stops_used, report.stops_left_out), (0, 2));
    assert_eq!(network.named_share(), 0.0);
}

#[test]
fn stop_names_give_street_and_number() {
    assert_eq!(
        split_stop_name("Bologna                            352"),
        ("Bologna".into(), Some("352".into()))
    );
    assert_eq!(
        split_stop_name("S. Martino Per Galceti             Sn"),
        ("S. Martino Per Galceti".into(), None)
    );
    assert_eq!(
        split_stop_name("Gramsci   307/A"),
        ("Gramsci".into(), Some("307/a".into()))
    );
    assert_eq!(split_stop_name("Stazione"), ("Stazione".into(), None));
}

#[test]
fn variants_of_one_name_become_one_street() {
    let restorer = Restorer::new(&NamingHints::default(), ["Alloro", "Dell'Alloro"]);
    assert_eq!(
        restorer.restore("Alloro"),
        Some(("Via dell'Alloro".into(), false))
    );
    assert_eq!(
        restorer.restore("Dell'Alloro"),
        Some(("Via dell'Alloro".into(), false))
    );
}

#[test]
fn an_anchor_names_a_street_without_stops() {
    let anchor = |at| Anchor {
        street: "Viale Nam Dinh".into(),
        at: vec![degrees(at)],
        source: "an act".into(),
    };
    let hints = NamingHints {
        anchors: vec![anchor([605.0, 300.0]), anchor([605.0, 900.0])],
        ..NamingHints::default()
    };
    let (network, report) = named(&[], &hints);
    assert_eq!(sources(&network, "Viale Nam Dinh"), [NameSource::Acts]);
    assert_eq!(report.anchors_left_out, 1);
}

#[test]
fn a_like_sounding_known_street_is_not_taken() {
    let hints = NamingHints {
        known: vec!["Piazza Sant'Antonino".into()],
        ..NamingHints::default()
    };
    assert_eq!(
        Restorer::new(&hints, []).restore("S.Antonio"),
        Some(("Via Sant'Antonio".into(), false))
    );
}

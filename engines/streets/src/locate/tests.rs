use super::*;
use crate::geometry::{Projection, ground_length};
use crate::model::{Direction, HouseNumber, Link, Node, RoadClass};
use crate::names::Alias;

/// A high street along x with cross streets at 0, 400, 1000 and 1500, and a square beside it.
fn town() -> Network {
    let projection = Projection::around([10.0, 45.0]);
    let at = |p: [f64; 2]| projection.unproject(p);
    let places = [
        ("n0", [0.0, 0.0]),
        ("n1", [400.0, 0.0]),
        ("n2", [1000.0, 0.0]),
        ("n3", [1500.0, 0.0]),
        ("a", [0.0, 300.0]),
        ("b", [400.0, 300.0]),
        ("c", [1000.0, 300.0]),
        ("d", [1500.0, 300.0]),
    ];
    let mut network = Network::default();
    for (id, p) in places {
        let [lon, lat] = at(p);
        network.nodes.push(Node {
            id: id.into(),
            lon,
            lat,
        });
    }
    let links = [
        (0, 1, "Via Roma"),
        (1, 2, "Via Roma"),
        (2, 3, "Via Roma"),
        (0, 4, "Via Giacomo Matteotti"),
        (1, 5, "Via Cavour"),
        (2, 6, "Viale Leonardo da Vinci"),
        (3, 7, "Via San Giorgio"),
    ];
    for (i, (from, to, name)) in links.into_iter().enumerate() {
        let geometry = vec![at(places[from].1), at(places[to].1)];
        network.links.push(Link {
            id: format!("s{i}"),
            from,
            to,
            length_m: ground_length(&geometry),
            geometry,
            name: Some(name.into()),
            name_source: None,
            class: RoadClass::Residential,
            direction: Direction::Both,
            direction_observed: false,
            lanes: None,
            speed_kmh: None,
        });
    }
    for (number, x) in [("10", 450.0), ("20", 650.0), ("40/a", 900.0)] {
        let [lon, lat] = at([x, 8.0]);
        network.house_numbers.push(HouseNumber {
            number: number.into(),
            street: "Via Roma".into(),
            lon,
            lat,
            source: "stop".into(),
        });
    }
    network
}

fn aliases() -> Aliases {
    let alias = Alias {
        name: "Declassata".into(),
        streets: vec!["Viale Leonardo da Vinci".into()],
    };
    Aliases { entries: vec![alias] }
}

fn find(street: &str, stretch: &str) -> Located {
    match locate(&town(), &aliases(), street, Some(stretch)) {
        Outcome::Located(located) => located,
        Outcome::Unmatched(why) => panic!("{street}, {stretch}: {why:?}"),
    }
}

/// Metres covered, and metres from the start of Via Roma where the cover begins (over links 0, 1, 2).
fn metres(located: &Located) -> (f64, f64) {
    let town = town();
    let starts = [0.0, 400.0, 1000.0];
    let covered = located
        .links
        .iter()
        .map(|s| (s.to_fraction - s.from_fraction) * town.links[s.link].length_m)
        .sum();
    let begin = located
        .links
        .iter()
        .filter(|s| s.link < 3)
        .map(|s| starts[s.link] + s.from_fraction * town.links[s.link].length_m)
        .fold(f64::INFINITY, f64::min);
    (covered, begin)
}

fn assert_span(located: &Located, from: f64, to: f64) {
    let (covered, begin) = metres(located);
    assert_eq!(located.precision, Precision::Stretch, "{located:?}");
    assert!(
        (begin - from).abs() < 6.0 && (covered - (to - from)).abs() < 8.0,
        "{begin} {covered} {located:?}"
    );
}

#[test]
fn a_stretch_between_two_cross_streets() {
    assert_span(
        &find(
            "via Roma",
            "tra l'incrocio con via Cavour e quello con via S. Giorgio",
        ),
        400.0,
        1500.0,
    );
    assert_span(&find("Via Roma", "da via Matteotti a via Cavour"), 0.0, 400.0);
    assert_span(
        &find(
            "Via Roma",
            "tra via Cavour e la rotatoria con la Declassata, corsie verso est",
        ),
        400.0,
        1000.0,
    );
}

#[test]
fn a_stretch_between_civic_numbers() {
    assert_span(&find("Via Roma", "dal numero civico 10 al 20"), 450.0, 650.0);
    assert_span(
        &find("Via Roma", "tra il civico 15 e l'intersezione con Viale da Vinci"),
        550.0,
        1000.0,
    );
    assert_span(
        &find("Via Roma", "tra il civico 40 ed il civico 10"),
        450.0,
        900.0,
    );
}

#[test]
fn the_surroundings_of_a_junction_or_a_number() {
    assert_span(
        &find("Via Roma", "in corrispondenza dell'intersezione con Via Cavour"),
        370.0,
        430.0,
    );
    assert_span(&find("Via Roma", "in prossimità del civico 20"), 620.0, 680.0);
}

#[test]
fn what_cannot_be_cut_is_the_whole_street_with_the_reason() {
    let located = find("Via Roma", "tra via Cavour e via Ignota");
    assert_eq!(located.precision, Precision::WholeStreet);
    assert_eq!(
        located.explanation,
        Explanation::PlaceNotFound {
            place: "via Ignota".into()
        }
    );
    assert!(
        located
            .explanation
            .italian()
            .contains("«via Ignota» non si trova")
    );
    assert!((metres(&located).0 - 1500.0).abs() < 5.0);
    let located = find("Via Roma", "un tratto (non specificato)");
    assert!(matches!(located.explanation, Explanation::NotUnderstood { .. }));
    let located = find("Via Roma", "tra via Cavour e via Cavour");
    assert!(
        matches!(located.explanation, Explanation::NoWayBetween { .. }),
        "{located:?}"
    );
    assert_eq!(find("Via Roma", "").explanation, Explanation::NoStretch);
    let far = find("Via Roma", "in prossimità del civico 371");
    assert_eq!(
        far.precision,
        Precision::WholeStreet,
        "371 lies beyond every known number"
    );
}

#[test]
fn a_junction_may_be_named_by_its_streets() {
    let located = find("Corona giratoria via Roma/via Cavour/via Ignota", "in uscita");
    assert_span(&located, 370.0, 430.0);
    assert_eq!(located.streets, ["Via Roma", "Via Cavour"]);
}

#[test]
fn unknown_and_doubtful_streets_are_not_guessed() {
    let town = town();
    let unmatched = locate(&town, &aliases(), "Via Inesistente", None);
    assert!(
        matches!(unmatched, Outcome::Unmatched(Unmatched::Unknown { .. })),
        "{unmatched:?}"
    );
    assert!(matches!(
        locate(&town, &aliases(), " / ", None),
        Outcome::Unmatched(Unmatched::NoStreet)
    ));
    let mut two = town.clone();
    two.links[4].name = Some("Via Nello Rosselli".into());
    two.links[5].name = Some("Via Carlo Rosselli".into());
    let unmatched = locate(&two, &aliases(), "Via Rosselli", None);
    assert!(
        matches!(unmatched, Outcome::Unmatched(Unmatched::Ambiguous { .. })),
        "{unmatched:?}"
    );
}

proptest::proptest! {
    #[test]
    fn no_words_break_it(street in "\\PC{0,40}", stretch in "\\PC{0,60}") {
        locate(&town(), &aliases(), &street, Some(&stretch));
    }
}

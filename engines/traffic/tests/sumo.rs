//! Networks and trips of SUMO.

use std::path::Path;

use bisenzio_traffic::Graph;
use bisenzio_traffic::network::{Principle, TurnRule};
use bisenzio_traffic::sumo::{capacity, read_network, read_trips};

const NET: &str = r#"<net version="1.20">
<edge id=":b_0" function="internal"><lane id=":b_0_0" index="0" speed="5" length="3"/></edge>
<edge id="ab" from="a" to="b" priority="3">
  <lane id="ab_0" index="0" speed="13.89" length="138.9"/>
  <lane id="ab_1" index="1" speed="13.89" length="138.9" allow="bus"/>
</edge>
<edge id="bc" from="b" to="c"><lane id="bc_0" index="0" speed="20" length="100" disallow="tram"/></edge>
<edge id="ba" from="b" to="a"><lane id="ba_0" index="0" speed="8" length="138.9"/></edge>
<junction id="a" type="priority" x="0" y="0"/>
<junction id="b" type="priority" x="138.9" y="0"/>
<junction id="c" type="priority" x="238.9" y="-5"/>
<connection from="ab" to="bc" fromLane="0" toLane="0"/>
<connection from="ab" to="ba" fromLane="1" toLane="0"/>
</net>"#;

#[test]
fn edges_become_links_and_missing_connections_bans() {
    let read = read_network(NET).unwrap();
    assert_eq!(read.edges, ["ab", "bc", "ba"]);
    let ab = &read.network.links[0];
    assert!((ab.free_flow_time - 10.0).abs() < 1e-9);
    assert_eq!((ab.capacity, ab.kind), (capacity(1, 13.89), 1));
    assert_eq!(read.priorities, [3, -1, -1]);
    // The lane for buses is the only one from which one may turn back.
    let turns: Vec<_> = read
        .network
        .turns
        .iter()
        .map(|t| (t.from_link, t.to_link, t.rule))
        .collect();
    assert_eq!(turns, [(0, 2, TurnRule::Banned), (2, 0, TurnRule::Banned)]);
}

#[test]
fn nonsense_is_told_with_its_line() {
    let line = |text: &str| read_network(text).unwrap_err().line;
    assert_eq!(line(&NET.replace("speed=\"20\"", "speed=\"fast\"")), 7);
    assert_eq!(line(&NET.replace("to=\"c\"", "to=\"d\"")), 7);
    assert_eq!(line(&NET.replace("fromLane=\"1\"", "fromLane=\"4\"")), 13);
    assert_eq!(
        read_trips("<routes>\n<vehicle id='1' depart='0'/></routes>")
            .unwrap_err()
            .line,
        2
    );
    assert_eq!(
        read_trips("<routes>\n\n<flow begin='0' end='9' from='a' to='b'/></routes>")
            .unwrap_err()
            .line,
        3
    );
}

#[test]
fn trips_are_summed_up() {
    let read = read_trips(
        "<routes><route id='r' edges='ab bc'/><vehicle id='1' depart='5' route='r'/>
        <vehicle id='2' depart='7'><route edges='ab bc'/></vehicle>
        <trip id='3' depart='8' from='ab' to='ba'/>
        <flow id='4' begin='0' end='1800' vehsPerHour='10' fromTaz='x' toTaz='y'/></routes>",
    )
    .unwrap();
    let all: Vec<_> = read
        .trips
        .iter()
        .map(|t| (t.from.as_str(), t.to.as_str(), t.vehicles))
        .collect();
    assert_eq!(all, [("ab", "ba", 1.0), ("ab", "bc", 2.0), ("x", "y", 5.0)]);
    assert_eq!((read.begin, read.end), (0.0, 1800.0));
}

#[test]
fn bologna_is_read() {
    // Beside a checkout, where the project keeps data that it may not pass on.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/bologna-joined");
    let (Ok(net), Ok(routes)) = (
        std::fs::read_to_string(folder.join("joined_buslanes.net.xml")),
        std::fs::read_to_string(folder.join("joined.rou.xml")),
    ) else {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    };
    let read = read_network(&net).unwrap();
    assert!(Graph::new(&read.network, Principle::UserEquilibrium).is_ok());
    let trips = read_trips(&routes).unwrap();
    let vehicles: f64 = trips.trips.iter().map(|t| t.vehicles).sum();
    // As an XML parser counts them; 79 more stand in comments.
    assert_eq!(vehicles, 11_000.0);
    let known = trips
        .trips
        .iter()
        .filter(|t| read.edges.contains(&t.from) && read.edges.contains(&t.to));
    let known: f64 = known.map(|t| t.vehicles).sum();
    assert!(known > 0.95 * vehicles, "{known} of {vehicles}");
}

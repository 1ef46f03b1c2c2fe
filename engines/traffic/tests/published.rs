//! The test problems of the field against their published solutions. Their licence keeps them out of the repository:
//! these tests are ignored unless asked for, and `BISENZIO_TNTP` says where the networks lie (a folder for each).
//!
//!     BISENZIO_TNTP=../shared/data/traffic cargo test --release -p bisenzio-traffic --test published -- --ignored

use std::path::PathBuf;

use bisenzio_traffic::assign::{Algorithm, Assignment, Control, Options, assign};
use bisenzio_traffic::demand::Demand;
use bisenzio_traffic::network::Network;
use bisenzio_traffic::tntp::{Weights, read_flows, read_network, read_trips};

fn text(folder: &str, file: &str) -> String {
    let home = std::env::var("BISENZIO_TNTP").expect("BISENZIO_TNTP names the folder of the test problems");
    let path = PathBuf::from(home).join(folder).join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn problem(folder: &str, name: &str) -> (Network, Demand) {
    let weights = (folder == "Chicago-Sketch").then_some(Weights {
        toll: 0.02,
        length: 0.04,
    });
    let network = read_network(&text(folder, &format!("{name}_net.tntp")), weights).unwrap();
    let demand = read_trips(&text(folder, &format!("{name}_trips.tntp")), network.zones.len()).unwrap();
    (network, demand)
}

fn solve(folder: &str, name: &str, options: &Options) -> Assignment {
    let (network, demand) = problem(folder, name);
    assign(&network, &[demand], options, &mut |_| Control::Continue).unwrap()
}

/// The best known objective to 1e-9, and conservation at every node to 1e-9 of the demand.
fn reaches(folder: &str, name: &str, best: f64) -> Assignment {
    let done = solve(
        folder,
        name,
        &Options {
            gap: 1e-11,
            ..Options::default()
        },
    );
    let objective = done.last.objective;
    assert!(
        (objective - best).abs() <= 1e-9 * best,
        "{folder}: {objective} {best}"
    );
    assert!(done.unserved().is_empty());
    let flows = done.equilibrium().unwrap();
    let mut balance = vec![0.0; done.graph.nodes];
    let mut total = 0.0;
    for commodity in &flows.commodities {
        total += commodity.total();
        balance[commodity.origin as usize] += commodity.total();
        commodity
            .destinations
            .iter()
            .for_each(|d| balance[d.1 as usize] -= d.2);
    }
    for (arc, volume) in done.volumes().volume.iter().enumerate() {
        balance[done.graph.tail[arc] as usize] -= volume;
        balance[done.graph.head[arc] as usize] += volume;
    }
    assert!(balance.iter().all(|b| b.abs() <= 1e-9 * total));
    done
}

/// Volumes and costs of the published solution, within `precision` of the largest volume.
fn meets(folder: &str, name: &str, best: f64, precision: f64) {
    let done = reaches(folder, name, best);
    let (network, _) = problem(folder, name);
    let published = read_flows(&text(folder, &format!("{name}_flow.tntp")), network.nodes).unwrap();
    assert_eq!(published.len(), network.links.len());
    let (volumes, costs) = (done.link_volumes(), done.link_costs());
    let most = volumes.iter().copied().fold(0.0, f64::max);
    for (i, known) in published.iter().enumerate() {
        let link = &network.links[i];
        assert_eq!((link.from, link.to), (known.from, known.to));
        assert!(
            (costs[i] - known.cost).abs() <= 1e-6 * known.cost.max(1.0),
            "{folder} link {i}: {} {}",
            costs[i],
            known.cost
        );
        // Volumes are unique only where the cost depends on them.
        if network.time(i, 2.0 * most) > network.time(i, 0.0) {
            let off = (volumes[i] - known.volume).abs();
            assert!(
                off <= precision * most,
                "{folder} link {i}: {} {}",
                volumes[i],
                known.volume
            );
        }
    }
}

#[test]
#[ignore = "needs the test problems, which may not be shipped"]
fn sioux_falls() {
    meets("SiouxFalls", "SiouxFalls", 4231335.287107, 1e-6);
}

#[test]
#[ignore = "needs the test problems, which may not be shipped"]
fn anaheim() {
    meets("Anaheim", "Anaheim", 1286032.171096, 1e-6);
}

#[test]
#[ignore = "needs the test problems, which may not be shipped"]
fn barcelona() {
    meets("Barcelona", "Barcelona", 1265654.922032, 1e-4);
}

#[test]
#[ignore = "needs the test problems, which may not be shipped"]
fn winnipeg() {
    meets("Winnipeg", "Winnipeg", 827911.494630, 1e-4);
}

#[test]
#[ignore = "needs the test problems, which may not be shipped"]
fn chicago_sketch() {
    meets("Chicago-Sketch", "ChicagoSketch", 17313018.738748, 1e-4);
}

#[test]
#[ignore = "needs the test problems, which may not be shipped"]
fn berlin_center() {
    reaches("Berlin-Center", "berlin-center", 20817213.1986);
}

#[test]
#[ignore = "needs the test problems, which may not be shipped"]
fn threads_do_not_change_a_bit() {
    let run = |threads| {
        solve(
            "Winnipeg",
            "Winnipeg",
            &Options {
                gap: 1e-8,
                threads,
                ..Options::default()
            },
        )
    };
    assert_eq!(run(1).link_volumes(), run(3).link_volumes());
}

#[test]
#[ignore = "needs the test problems, which may not be shipped"]
fn frank_wolfe_reaches_its_gap() {
    let algorithm = Algorithm::BiconjugateFrankWolfe;
    let done = solve(
        "Anaheim",
        "Anaheim",
        &Options {
            gap: 1e-6,
            algorithm,
            ..Options::default()
        },
    );
    assert!(done.last.relative_gap <= 1e-6);
    assert!((done.last.objective - 1286032.171096).abs() < 1e-6 * 1286032.0);
}

//! The assignment against a solver that knows nothing but paths, on small networks of every shape.

use bisenzio_traffic::assign::{Algorithm, Assignment, Control, Options, assign};
use bisenzio_traffic::demand::{Demand, OdTrips};
use bisenzio_traffic::network::{Class, Curve, Delay, Link, Network, Principle};
use proptest::prelude::*;

fn link(from: u32, to: u32, capacity: f64, time: f64, delay: Delay) -> Link {
    Link {
        from,
        to,
        capacity,
        free_flow_time: time,
        delay,
        length: time,
        toll: 0.0,
        kind: 0,
    }
}

fn bpr(power: f64) -> Delay {
    Delay::Bpr { b: 0.15, power }
}

fn demand(zones: usize, trips: &[(u32, u32, f64)]) -> Demand {
    let entries = trips.iter().map(|&(origin, destination, trips)| OdTrips {
        origin,
        destination,
        trips,
    });
    Demand::from_entries(zones, entries).unwrap()
}

fn solve(network: &Network, demand: &Demand, options: &Options) -> Assignment {
    assign(network, std::slice::from_ref(demand), options, &mut |_| {
        Control::Continue
    })
    .unwrap()
}

fn precise() -> Options {
    Options {
        gap: 1e-11,
        iterations: 3000,
        ..Options::default()
    }
}

/// Equilibrium by enumerating every simple path and moving flow between pairs of paths by bisection.
struct BruteForce {
    objective: f64,
    /// Trips without any path.
    lost: f64,
}

fn brute_force(network: &Network, demand: &Demand, principle: Principle) -> BruteForce {
    let curves: Vec<Option<Curve>> = network
        .links
        .iter()
        .map(|l| {
            (l.capacity > 0.0).then(|| Curve::new(l.delay, l.free_flow_time, l.capacity, 0.0, principle))
        })
        .collect();
    let mut volume = vec![0.0; network.links.len()];
    let mut lost = 0.0;
    let mut pairs = Vec::new();
    for e in demand.entries().filter(|e| e.origin != e.destination) {
        let mut paths = Vec::new();
        let (from, to) = (
            network.zones[e.origin as usize],
            network.zones[e.destination as usize],
        );
        simple_paths(
            network,
            &curves,
            from,
            to,
            &mut vec![from],
            &mut Vec::new(),
            &mut paths,
        );
        if paths.is_empty() {
            lost += e.trips;
            continue;
        }
        let share = e.trips / paths.len() as f64;
        for path in &paths {
            path.iter().for_each(|&l| volume[l] += share);
        }
        let flows = vec![share; paths.len()];
        pairs.push((paths, flows));
    }
    for _ in 0..4000 {
        let mut worst: f64 = 0.0;
        for (paths, flows) in &mut pairs {
            for a in 0..paths.len() {
                for b in a + 1..paths.len() {
                    worst = worst.max(equalise(&curves, &mut volume, paths, flows, a, b));
                }
            }
        }
        if worst < 1e-13 {
            break;
        }
    }
    let parts = curves
        .iter()
        .zip(&volume)
        .filter_map(|(c, v)| c.map(|c| c.integral(*v)));
    BruteForce {
        objective: parts.sum(),
        lost,
    }
}

fn simple_paths(
    network: &Network,
    curves: &[Option<Curve>],
    at: u32,
    to: u32,
    seen: &mut Vec<u32>,
    path: &mut Vec<usize>,
    out: &mut Vec<Vec<usize>>,
) {
    if at == to {
        out.push(path.clone());
        return;
    }
    if !path.is_empty() && !network.passable[at as usize] {
        return;
    }
    for (i, l) in network.links.iter().enumerate() {
        if l.from == at && curves[i].is_some() && !seen.contains(&l.to) {
            seen.push(l.to);
            path.push(i);
            simple_paths(network, curves, l.to, to, seen, path, out);
            path.pop();
            seen.pop();
        }
    }
}

/// Moves flow between two paths until they cost the same; returns the share of the flow that was moved.
fn equalise(
    curves: &[Option<Curve>],
    volume: &mut [f64],
    paths: &[Vec<usize>],
    flows: &mut [f64],
    a: usize,
    b: usize,
) -> f64 {
    let cost = |path: &[usize], volume: &[f64]| -> f64 {
        path.iter().map(|&l| curves[l].unwrap().cost(volume[l])).sum()
    };
    let (from, to) = if cost(&paths[a], volume) > cost(&paths[b], volume) {
        (a, b)
    } else {
        (b, a)
    };
    let shifted = |amount: f64| {
        let mut next = volume.to_vec();
        paths[from].iter().for_each(|&l| next[l] -= amount);
        paths[to].iter().for_each(|&l| next[l] += amount);
        next
    };
    let (mut low, mut high) = (0.0, flows[from]);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        let next = shifted(middle);
        if cost(&paths[from], &next) > cost(&paths[to], &next) {
            low = middle
        } else {
            high = middle
        }
    }
    let total = flows[from] + flows[to];
    let next = shifted(low);
    volume.copy_from_slice(&next);
    flows[from] -= low;
    flows[to] += low;
    if total > 0.0 { low / total } else { 0.0 }
}

/// Every origin's flow is conserved at every node to 1e-9 of its trips, and nothing is negative beyond rounding.
fn assert_conserved(done: &Assignment) {
    let flows = done.equilibrium().unwrap();
    for (index, commodity) in flows.commodities.iter().enumerate() {
        let mut balance = vec![0.0; done.graph.nodes];
        for (arc, flow) in flows.flows.row(index).used() {
            balance[done.graph.tail[arc as usize] as usize] -= flow;
            balance[done.graph.head[arc as usize] as usize] += flow;
        }
        balance[commodity.origin as usize] += commodity.total();
        for d in &commodity.destinations {
            balance[d.1 as usize] -= d.2;
        }
        let most = balance.iter().fold(0.0f64, |m, b| m.max(b.abs()));
        assert!(
            most <= 1e-9 * commodity.total().max(1.0),
            "{most} of {}",
            commodity.total()
        );
    }
    let sum = flows.flows.total();
    for (a, b) in sum.iter().zip(&flows.volumes.volume) {
        assert!((a - b).abs() <= 1e-9 * a.abs().max(1.0), "{a} {b}");
    }
}

fn delays() -> impl Strategy<Value = Delay> {
    prop_oneof![
        Just(Delay::Constant),
        Just(bpr(4.0)),
        Just(bpr(1.0)),
        Just(bpr(0.0)),
        Just(Delay::Bpr { b: 0.6, power: 2.7 }),
        Just(Delay::Bpr { b: 0.0, power: 4.0 }),
        Just(Delay::Conical { a: 4.0 }),
    ]
}

/// Networks of 5 nodes, 3 of them zones, with parallel links, self-loops, closed and timeless links.
fn networks() -> impl Strategy<Value = (Network, Demand)> {
    let capacity = prop_oneof![8 => 20.0f64..200.0, 1 => Just(0.0)];
    let time = prop_oneof![8 => 0.5f64..9.0, 1 => Just(0.0)];
    let links = prop::collection::vec((0u32..5, 0u32..5, capacity, time, delays()), 4..15);
    let trips = prop::collection::vec((0u32..3, 0u32..3, 1.0f64..150.0), 1..5);
    (links, trips, any::<bool>()).prop_map(|(links, trips, pass)| {
        let mut network = Network::new(5, 3);
        for (from, to, capacity, time, delay) in links {
            network.add(link(from, to, capacity, time, delay));
        }
        network.passable[0] = pass;
        (network, demand(3, &trips))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_objective_is_that_of_brute_force((network, demand) in networks()) {
        let done = solve(&network, &demand, &precise());
        let truth = brute_force(&network, &demand, Principle::UserEquilibrium);
        let lost: f64 = done.unserved().iter().map(|u| u.amount).sum();
        prop_assert!((lost - truth.lost).abs() < 1e-9);
        let objective = done.last.objective;
        prop_assert!((objective - truth.objective).abs() <= 1e-7 * truth.objective.max(1.0),
            "{objective} {}", truth.objective);
        assert_conserved(&done);
    }

    #[test]
    fn system_optimum_is_that_of_brute_force((network, demand) in networks()) {
        let options = Options { principle: Principle::SystemOptimum, ..precise() };
        let done = solve(&network, &demand, &options);
        let truth = brute_force(&network, &demand, Principle::SystemOptimum);
        prop_assert!((done.last.objective - truth.objective).abs() <= 1e-7 * truth.objective.max(1.0));
    }

    #[test]
    fn frank_wolfe_comes_near((network, demand) in networks()) {
        let options = Options { gap: 1e-4, iterations: 3000, algorithm: Algorithm::BiconjugateFrankWolfe, ..precise() };
        let quick = solve(&network, &demand, &options);
        let exact = solve(&network, &demand, &precise());
        let (a, b) = (quick.last.objective, exact.last.objective);
        prop_assert!(a >= b - 1e-7 * b.max(1.0) && a <= b * (1.0 + 2e-4) + 1e-9, "{a} {b}");
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let (network, demand) = grid(24);
    for algorithm in [Algorithm::PairedSegments, Algorithm::BiconjugateFrankWolfe] {
        let run = |threads| {
            let options = Options {
                gap: 1e-7,
                iterations: 60,
                threads,
                algorithm,
                ..Options::default()
            };
            solve(&network, &demand, &options).link_volumes()
        };
        let one = run(1);
        assert!(one.iter().sum::<f64>() > 0.0);
        assert_eq!(one, run(2));
        assert_eq!(one, run(7));
    }
}

/// A square of streets both ways with all its corners and edges as zones, large enough for threads to be used.
fn grid(side: u32) -> (Network, Demand) {
    let nodes = (side * side) as usize;
    let mut network = Network::new(nodes, nodes);
    for y in 0..side {
        for x in 0..side {
            let here = y * side + x;
            let mut both = |there: u32| {
                let spread = f64::from((here * 7 + there * 13) % 11);
                for (a, b) in [(here, there), (there, here)] {
                    network.add(link(a, b, 100.0 + 10.0 * spread, 1.0 + 0.1 * spread, bpr(4.0)));
                }
            };
            if x + 1 < side {
                both(here + 1);
            }
            if y + 1 < side {
                both(here + side);
            }
        }
    }
    let count = nodes as u32;
    let trips: Vec<_> = (0..count).map(|o| (o, (o * 31 + 17) % count, 12.0)).collect();
    let demand = demand(nodes, &trips);
    (network, demand)
}

#[test]
fn braess_is_solved_by_hand() {
    // 0 -> 1 -> 3 and 0 -> 2 -> 3 with a bridge 1 -> 2: all 6 units, costs 10x on the outer links in use.
    let mut network = Network::new(4, 4);
    let rising = |t0: f64, slope: f64| Delay::Bpr {
        b: slope / t0,
        power: 1.0,
    };
    network.add(link(0, 1, 1.0, 1e-6, rising(1e-6, 10.0)));
    network.add(link(0, 2, 1.0, 50.0, rising(50.0, 1.0)));
    network.add(link(1, 3, 1.0, 50.0, rising(50.0, 1.0)));
    network.add(link(2, 3, 1.0, 1e-6, rising(1e-6, 10.0)));
    network.add(link(1, 2, 1.0, 10.0, rising(10.0, 1.0)));
    let done = solve(&network, &demand(4, &[(0, 3, 6.0)]), &precise());
    for (volume, known) in done.link_volumes().iter().zip([4.0, 2.0, 2.0, 4.0, 2.0]) {
        assert!((volume - known).abs() < 1e-5, "{volume} {known}");
    }
    assert!((done.last.tstt - 6.0 * 92.0).abs() < 1e-3);
}

#[test]
fn centroids_are_not_passed_through() {
    let mut network = Network::new(4, 3);
    for (a, b, time) in [(0, 1, 1.0), (1, 2, 1.0), (0, 3, 5.0), (3, 2, 5.0)] {
        network.add(link(a, b, 100.0, time, Delay::Constant));
    }
    let trips = demand(3, &[(0, 2, 10.0)]);
    assert_eq!(
        solve(&network, &trips, &precise()).link_volumes(),
        [10.0, 10.0, 0.0, 0.0]
    );
    network.passable[1] = false;
    assert_eq!(
        solve(&network, &trips, &precise()).link_volumes(),
        [0.0, 0.0, 10.0, 10.0]
    );
}

#[test]
fn nothing_to_assign_is_assigned() {
    let mut network = Network::new(3, 3);
    network.add(link(0, 1, 100.0, 1.0, bpr(4.0)));
    let done = solve(&network, &demand(3, &[(0, 0, 9.0)]), &precise());
    assert_eq!((done.link_volumes(), done.last.relative_gap), (vec![0.0], 0.0));
    let done = solve(&network, &demand(3, &[(0, 2, 9.0), (0, 1, 4.0)]), &precise());
    assert_eq!(done.link_volumes(), [4.0]);
    let lost = done.unserved();
    assert_eq!(
        (lost.len(), lost[0].origin, lost[0].destination, lost[0].amount),
        (1, 0, 2, 9.0)
    );
}

#[test]
fn turns_are_banned_and_cost() {
    // Straight on over node 1 or around by node 2; zones 0 and 3.
    let mut network = Network::new(4, 4);
    let first = network.add(link(0, 1, 100.0, 1.0, Delay::Constant));
    let straight = network.add(link(1, 3, 100.0, 1.0, Delay::Constant));
    network.add(link(1, 2, 100.0, 2.0, Delay::Constant));
    network.add(link(2, 3, 100.0, 2.0, Delay::Constant));
    let trips = demand(4, &[(0, 3, 10.0), (0, 1, 1.0), (1, 3, 1.0)]);
    let volumes = |rule| {
        let mut network = network.clone();
        network.turns.extend(rule);
        solve(&network, &trips, &precise()).link_volumes()
    };
    use bisenzio_traffic::network::{Turn, TurnRule};
    let turn = |rule| {
        Some(Turn {
            from_link: first,
            to_link: straight,
            rule,
        })
    };
    assert_eq!(volumes(None), [11.0, 11.0, 0.0, 0.0]);
    assert_eq!(volumes(turn(TurnRule::Penalty(1.0))), [11.0, 11.0, 0.0, 0.0]);
    assert_eq!(volumes(turn(TurnRule::Penalty(4.0))), [11.0, 1.0, 10.0, 10.0]);
    // Who begins at the crossing may still go straight on.
    assert_eq!(volumes(turn(TurnRule::Banned)), [11.0, 1.0, 10.0, 10.0]);
}

#[test]
fn classes_differ_in_size_bans_and_tolls() {
    let mut network = Network::new(2, 2);
    let short = network.add(link(0, 1, 100.0, 1.0, Delay::Constant));
    network.add(link(0, 1, 100.0, 2.0, Delay::Constant));
    network.links[0].toll = 3.0;
    let lorries = Class {
        name: "lorries".to_owned(),
        pcu: 2.5,
        banned_links: vec![short],
        ..Class::cars()
    };
    let careful = Class {
        name: "careful".to_owned(),
        toll_weight: 1.0,
        ..Class::cars()
    };
    network.classes = vec![Class::cars(), lorries, careful];
    let trips = [
        demand(2, &[(0, 1, 10.0)]),
        demand(2, &[(0, 1, 4.0)]),
        demand(2, &[(0, 1, 3.0)]),
    ];
    for algorithm in [Algorithm::PairedSegments, Algorithm::BiconjugateFrankWolfe] {
        let options = Options {
            algorithm,
            ..precise()
        };
        let done = assign(&network, &trips, &options, &mut |_| Control::Continue).unwrap();
        assert_eq!(done.link_volumes(), [10.0, 13.0]);
        assert!((done.last.tstt - (10.0 + 20.0 + 6.0)).abs() < 1e-9);
    }
}

#[test]
fn it_stops_when_told_with_whole_flows() {
    let (network, demand) = grid(8);
    let mut seen = 0;
    let done = assign(
        &network,
        &[demand],
        &Options {
            gap: 0.0,
            ..precise()
        },
        &mut |i| {
            seen = i.number;
            if i.number == 2 {
                Control::Stop
            } else {
                Control::Continue
            }
        },
    )
    .unwrap();
    assert_eq!((seen, done.last.number), (2, 2));
    assert_conserved(&done);
}

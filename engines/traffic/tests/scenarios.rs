//! Scenarios from a solved base give what a solution from nothing gives.

use bisenzio_traffic::analysis::paths::paths_between;
use bisenzio_traffic::analysis::select_link::select_link;
use bisenzio_traffic::assign::{Assignment, Control, Options, assign};
use bisenzio_traffic::demand::calibration::{Count, calibrate};
use bisenzio_traffic::demand::{Demand, OdTrips};
use bisenzio_traffic::network::{Delay, Link, Network, Turn, TurnRule};
use bisenzio_traffic::scenario::{Change, OutcomeLimits, apply, compare, resume};
use proptest::prelude::*;

const SIDE: u32 = 5;

fn street(from: u32, to: u32, spread: u32) -> Link {
    let spread = f64::from(spread % 7);
    Link {
        from,
        to,
        capacity: 60.0 + 10.0 * spread,
        free_flow_time: 1.0 + 0.2 * spread,
        delay: Delay::Bpr { b: 0.15, power: 4.0 },
        length: 1.0,
        toll: 0.0,
        kind: 0,
    }
}

/// A square of streets both ways; every node is a zone.
fn city() -> Network {
    let nodes = (SIDE * SIDE) as usize;
    let mut network = Network::new(nodes, nodes);
    for at in 0..SIDE * SIDE {
        let right = (at % SIDE + 1 < SIDE).then_some(at + 1);
        let below = (at / SIDE + 1 < SIDE).then_some(at + SIDE);
        for to in [right, below].into_iter().flatten() {
            network.add(street(at, to, at * 3 + to));
            network.add(street(to, at, at + to * 5));
        }
    }
    network
}

fn trips() -> Demand {
    let zones = SIDE * SIDE;
    let entries = (0..zones).flat_map(|o| {
        [7, 11, 18].map(|step| OdTrips {
            origin: o,
            destination: (o + step) % zones,
            trips: f64::from(o % 5) * 6.0 + 8.0,
        })
    });
    Demand::from_entries(zones as usize, entries).unwrap()
}

fn options() -> Options {
    Options {
        gap: 1e-11,
        iterations: 2000,
        ..Options::default()
    }
}

fn solve(network: &Network) -> Assignment {
    assign(network, &[trips()], &options(), &mut |_| Control::Continue).unwrap()
}

fn changes() -> impl Strategy<Value = Change> {
    let links = city().links.len() as u32;
    let link = 0..links;
    prop_oneof![
        link.clone().prop_map(|link| Change::Close { link }),
        (link.clone(), 0.05f64..1.5).prop_map(|(link, factor)| Change::CapacityFactor { link, factor }),
        (link.clone(), 0.3f64..2.0).prop_map(|(link, factor)| Change::SpeedFactor { link, factor }),
        link.clone().prop_map(|link| Change::Reverse { link }),
        (link, 0usize..3, any::<bool>()).prop_map(|(from_link, which, ban)| {
            let network = city();
            let at = network.links[from_link as usize].to;
            let next: Vec<u32> = (0..network.links.len() as u32)
                .filter(|&l| network.links[l as usize].from == at)
                .collect();
            let rule = if ban {
                TurnRule::Banned
            } else {
                TurnRule::Penalty(2.0)
            };
            Change::Turn(Turn {
                from_link,
                to_link: next[which % next.len()],
                rule,
            })
        }),
    ]
}

fn total(done: &Assignment) -> f64 {
    done.equilibrium()
        .unwrap()
        .commodities
        .iter()
        .map(|c| c.total())
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn warm_and_cold_agree(first in prop::collection::vec(changes(), 1..6), second in prop::collection::vec(changes(), 0..3)) {
        let network = city();
        let base = solve(&network);
        let next = apply(&network, &first).unwrap();
        let warm = resume(&base, &next, &options(), &mut |_| Control::Continue).unwrap();
        // A scenario upon a scenario.
        let further = apply(&next, &second).unwrap();
        let twice = resume(&warm, &further, &options(), &mut |_| Control::Continue).unwrap();
        for (network, warm) in [(&next, &warm), (&further, &twice)] {
            let cold = solve(network);
            let (a, b) = (warm.last.objective, cold.last.objective);
            prop_assert!((a - b).abs() <= 1e-8 * b, "{a} {b}");
            let lost = |d: &Assignment| d.unserved().iter().map(|u| u.amount).sum::<f64>();
            prop_assert!((lost(warm) - lost(&cold)).abs() <= 1e-9);
            prop_assert!((total(warm) + lost(warm) - trips().total()).abs() <= 1e-6);
        }
    }
}

#[test]
fn a_zone_cut_off_is_told_and_comes_back() {
    let network = city();
    let base = solve(&network);
    let around: Vec<Change> = (0..network.links.len() as u32)
        .filter(|&l| network.links[l as usize].to == 12)
        .map(|link| Change::Close { link })
        .collect();
    let next = apply(&network, &around).unwrap();
    let cut = resume(&base, &next, &options(), &mut |_| Control::Continue).unwrap();
    let outcome = compare((&network, &base), (&next, &cut), &[], &OutcomeLimits::default()).unwrap();
    let wanted: f64 = trips()
        .entries()
        .filter(|e| e.destination == 12)
        .map(|e| e.trips)
        .sum();
    let lost: f64 = outcome.cut_off.iter().map(|u| u.amount).sum();
    assert!(outcome.cut_off.iter().all(|u| u.destination == 12));
    assert!((lost - wanted).abs() < 1e-9, "{lost} {wanted}");
    let back = resume(&cut, &network, &options(), &mut |_| Control::Continue).unwrap();
    assert!(back.unserved().is_empty());
    assert!((back.last.objective - base.last.objective).abs() < 1e-8 * base.last.objective);
}

#[test]
fn an_outcome_adds_up() {
    let network = city();
    let base = solve(&network);
    let volumes = base.link_volumes();
    let busiest = (0..volumes.len())
        .max_by(|&a, &b| volumes[a].total_cmp(&volumes[b]))
        .unwrap() as u32;
    let next = apply(&network, &[Change::Close { link: busiest }]).unwrap();
    let after = resume(&base, &next, &options(), &mut |_| Control::Continue).unwrap();
    let outcome = compare(
        (&network, &base),
        (&next, &after),
        &[busiest],
        &OutcomeLimits::default(),
    )
    .unwrap();
    assert_eq!(outcome.links[0].link, busiest);
    assert_eq!(outcome.links[0].after, 0.0);
    let hours = after.last.tstt / 60.0 - base.last.tstt / 60.0;
    assert!((outcome.extra_vehicle_hours() - hours).abs() < 1e-6 * hours.abs());
    let affected: f64 = outcome.detours.iter().map(|d| d.affected).sum();
    assert!(
        (affected - volumes[busiest as usize]).abs() < 1e-6 * affected,
        "all who passed are listed"
    );
    for detour in &outcome.detours {
        assert!(detour.ways.iter().all(|w| !w.links.contains(&busiest)));
    }
    assert!(outcome.pairs.iter().all(|p| p.after > p.before));
}

#[test]
fn used_paths_cost_the_same_and_carry_all() {
    let network = city();
    let done = solve(&network);
    let flows = done.equilibrium().unwrap();
    for e in trips().entries() {
        let paths = paths_between(&done.graph, flows, 0, e.origin, e.destination, 1000);
        let flow: f64 = paths.iter().map(|p| p.flow).sum();
        assert!((flow - e.trips).abs() < 1e-4 * e.trips, "{flow} {}", e.trips);
        let least = paths.iter().map(|p| p.cost).fold(f64::INFINITY, f64::min);
        assert!(
            paths
                .iter()
                .filter(|p| p.flow > 1e-3)
                .all(|p| p.cost - least < 1e-4),
            "{paths:?}"
        );
        for path in paths {
            let mut at = e.origin;
            for &l in &path.links {
                assert_eq!(network.links[l as usize].from, at);
                at = network.links[l as usize].to;
            }
            assert_eq!(at, e.destination);
        }
    }
}

#[test]
fn selected_volumes_are_those_of_the_link() {
    let network = city();
    let done = solve(&network);
    let flows = done.equilibrium().unwrap();
    let volumes = done.link_volumes();
    for link in 0..network.links.len() as u32 {
        let found = select_link(&done.graph, flows, &[link]);
        let trips: f64 = found.trips.iter().map(|t| t.amount).sum();
        let volume = volumes[link as usize];
        assert!(
            (trips - volume).abs() <= 1e-6 * volume.max(1.0),
            "{trips} {volume}"
        );
        assert!((found.volumes[link as usize] - volume).abs() <= 1e-6 * volume.max(1.0));
        assert!(
            found
                .volumes
                .iter()
                .zip(&volumes)
                .all(|(part, all)| *part <= all + 1e-6)
        );
    }
}

#[test]
fn counts_pull_the_demand_to_the_truth() {
    let network = city();
    let truth = solve(&network).link_volumes();
    let counts: Vec<Count> = truth
        .iter()
        .enumerate()
        .step_by(2)
        .map(|(l, &volume)| Count {
            link: l as u32,
            volume,
        })
        .collect();
    let wrong = trips().map(|e| e.trips * (0.6 + 0.1 * f64::from((e.origin + e.destination) % 7)));
    let start = assign(&network, &[wrong], &options(), &mut |_| Control::Continue).unwrap();
    let flows = start.equilibrium().unwrap();
    let quick = Options {
        gap: 1e-7,
        ..options()
    };
    let done = calibrate(&start.graph, flows, &counts, 30, &quick, &mut |_| {
        Control::Continue
    });
    assert!(
        done.after.rmse < 0.4 * done.before.rmse,
        "{:?} {:?}",
        done.before,
        done.after
    );
    assert!(done.after.r2 > done.before.r2 && done.after.geh < done.before.geh);
    // The corrected demand, assigned from nothing, gives the flows that were found.
    let again = assign(&network, &done.demand, &quick, &mut |_| Control::Continue).unwrap();
    for (a, b) in again
        .link_volumes()
        .iter()
        .zip(start.graph.by_link(&done.flows.volumes.volume))
    {
        assert!((a - b).abs() < 0.1, "{a} {b}");
    }
}

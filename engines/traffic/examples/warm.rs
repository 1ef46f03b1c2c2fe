//! What a scenario costs beside its base: solves a network, changes some of its busiest links, solves again warm and cold.
//!
//!     warm X_net.tntp X_trips.tntp 1e-6 LINKS FACTOR      (a factor of 0 closes)

use std::time::Instant;

use bisenzio_traffic::assign::{Assignment, Control, Options, assign};
use bisenzio_traffic::scenario::{Change, apply, resume};
use bisenzio_traffic::tntp::{Weights, read_network, read_trips};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, net, trips, gap, links, factor] = &args[..] else {
        return Err("warm X_net.tntp X_trips.tntp GAP LINKS FACTOR".into());
    };
    let weights = net.contains("Chicago").then_some(Weights {
        toll: 0.02,
        length: 0.04,
    });
    let network = read_network(&std::fs::read_to_string(net)?, weights)?;
    let demand = [read_trips(&std::fs::read_to_string(trips)?, network.zones.len())?];
    let options = Options {
        gap: gap.parse()?,
        ..Options::default()
    };
    let timed = |what: &str, run: &mut dyn FnMut(&mut usize) -> Assignment| {
        let (begin, mut iterations) = (Instant::now(), 0);
        let done = run(&mut iterations);
        let ms = begin.elapsed().as_secs_f64() * 1e3;
        let unserved: f64 = done.unserved().iter().map(|u| u.amount).sum();
        println!(
            "{what} {ms:.1} ms, {iterations} iterations, gap {:.2e}, objective {:.6}, unserved {unserved}",
            done.last.relative_gap, done.last.objective
        );
        (done, ms)
    };
    let count = |n: &mut usize| {
        *n += 1;
        Control::Continue
    };
    let (base, _) = timed("base", &mut |n| {
        assign(&network, &demand, &options, &mut |_| count(n)).expect("a network")
    });
    // Every tenth of the most loaded links that are streets, so that they do not all lie on one road.
    let volumes = base.link_volumes();
    let mut busy: Vec<usize> = (0..volumes.len())
        .filter(|&l| network.time(l, 1e9) > network.time(l, 0.0))
        .collect();
    busy.sort_by(|&a, &b| volumes[b].round().total_cmp(&volumes[a].round()).then(a.cmp(&b)));
    let factor: f64 = factor.parse()?;
    let changed = busy.iter().step_by(10).take(links.parse()?);
    let changes: Vec<Change> = changed
        .map(|&l| Change::CapacityFactor {
            link: l as u32,
            factor,
        })
        .collect();
    let next = apply(&network, &changes)?;
    let (_, warm) = timed("warm", &mut |n| {
        resume(&base, &next, &options, &mut |_| count(n)).expect("a scenario")
    });
    let (_, cold) = timed("cold", &mut |n| {
        assign(&next, &demand, &options, &mut |_| count(n)).expect("a network")
    });
    println!("warm/cold {:.0} %", 100.0 * warm / cold);
    Ok(())
}

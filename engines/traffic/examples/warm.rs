//! What scenarios cost beside their base: solves a network, changes links, solves again warm and cold; one line for each
//! number of links, kind of change and choice of links, with the medians of RUNS runs.
//!
//!     warm X_net.tntp X_trips.tntp 1e-6 RUNS

use std::time::Instant;

use bisenzio_traffic::assign::{Control, Options, assign};
use bisenzio_traffic::scenario::{Change, apply, resume};
use bisenzio_traffic::tntp::{Weights, read_network, read_trips};

/// Nanoseconds that this thread has run, where the system tells.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace()
        .next()
        .and_then(|t| t.parse().ok())
        .unwrap_or(0.0)
}

/// Processor and clock time of a run in milliseconds, and what it returns.
fn timed<T>(run: impl FnOnce() -> T) -> ([f64; 2], T) {
    let (begin, clock) = (cpu(), Instant::now());
    let done = run();
    ([(cpu() - begin) / 1e6, clock.elapsed().as_secs_f64() * 1e3], done)
}

fn medians(mut times: Vec<[f64; 2]>) -> [f64; 2] {
    [0, 1].map(|which| {
        times.sort_by(|a, b| a[which].total_cmp(&b[which]));
        times[times.len() / 2][which]
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, net, trips, gap, runs] = &args[..] else {
        return Err("warm X_net.tntp X_trips.tntp GAP RUNS".into());
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
    let go = &mut |_: &_| Control::Continue;
    let base = assign(&network, &demand, &options, go)?;
    let volumes = base.link_volumes();
    // Links that are streets: every tenth of the most loaded, so that they do not all lie on one road, or any.
    let mut busy: Vec<usize> = (0..volumes.len())
        .filter(|&l| network.time(l, 1e9) > network.time(l, 0.0))
        .collect();
    let mut any = busy.clone();
    any.sort_by_key(|&l| (l as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    busy.sort_by(|&a, &b| volumes[b].round().total_cmp(&volumes[a].round()).then(a.cmp(&b)));
    let step = if busy.len() < 200 { 3 } else { 10 };
    let busy: Vec<usize> = busy.into_iter().step_by(step).collect();
    for (what, links) in [("busy", &busy), ("random", &any)] {
        for count in [1, 5, 20] {
            for factor in [0.5, 0.1, 0.0] {
                let change = |&l: &usize| Change::CapacityFactor {
                    link: l as u32,
                    factor,
                };
                let changes: Vec<Change> = links.iter().take(count).map(change).collect();
                let next = apply(&network, &changes)?;
                let (mut warm, mut cold, mut last) = (Vec::new(), Vec::new(), [0, 0]);
                for _ in 0..runs.parse::<usize>()? {
                    let (time, done) = timed(|| resume(&base, &next, &options, go));
                    last[0] = done?.last.number;
                    warm.push(time);
                    let (time, done) = timed(|| assign(&next, &demand, &options, go));
                    last[1] = done?.last.number;
                    cold.push(time);
                }
                let (warm, cold) = (medians(warm), medians(cold));
                println!(
                    "{what:6} {count:2} links x {factor:3}: {:3.0} % of cold by processor, {:3.0} % by clock; {:.1} and {:.1} ms, {} and {} iterations",
                    100.0 * warm[0] / cold[0],
                    100.0 * warm[1] / cold[1],
                    warm[0],
                    cold[0],
                    last[0],
                    last[1]
                );
            }
        }
    }
    Ok(())
}

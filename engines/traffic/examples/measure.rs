//! Reads a TNTP network and trips and assigns them, with one line for each iteration: for measuring the engine alone.
//!
//!     measure X_net.tntp X_trips.tntp 1e-10 [threads [bfw]]

use std::time::Instant;

use bisenzio_traffic::assign::{Algorithm, Control, Options, assign};
use bisenzio_traffic::tntp::{Weights, read_network, read_trips};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, network, trips, gap, rest @ ..] = &args[..] else {
        return Err("measure X_net.tntp X_trips.tntp GAP [threads [bfw]]".into());
    };
    let begin = Instant::now();
    // The weights that the description of Chicago-Sketch gives; its file does not carry them.
    let weights = network.contains("Chicago").then_some(Weights {
        toll: 0.02,
        length: 0.04,
    });
    let network = read_network(&std::fs::read_to_string(network)?, weights)?;
    let demand = read_trips(&std::fs::read_to_string(trips)?, network.zones.len())?;
    let options = Options {
        gap: gap.parse()?,
        threads: rest.first().map_or(Ok(1), |t| t.parse())?,
        algorithm: if rest.len() > 1 {
            Algorithm::BiconjugateFrankWolfe
        } else {
            Algorithm::Automatic
        },
        ..Options::default()
    };
    let seconds = || begin.elapsed().as_secs_f64();
    println!("read {:.3}", seconds());
    let done = assign(&network, &[demand], &options, &mut |i| {
        println!(
            "{:4} {:9.3e} {:.9} {:.3}",
            i.number,
            i.relative_gap,
            i.objective,
            seconds()
        );
        Control::Continue
    })?;
    println!(
        "{} volume {}",
        done.algorithm.name(),
        done.link_volumes().iter().sum::<f64>()
    );
    Ok(())
}

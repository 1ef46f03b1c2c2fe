use std::time::Instant;

use anyhow::Result;
use bisenzio_traffic::network::Principle;
use bisenzio_traffic::{Assignment, Network};
use clap::Args;
use serde_json::json;

use super::input::Files;
use super::output::{self, Columns, LinkFiles};
use super::solve::{Solving, Stop};

#[derive(Args)]
pub struct Assign {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    solving: Solving,
    /// The volumes with the least total time instead of those that drivers choose.
    #[arg(long)]
    system_optimum: bool,
    #[command(flatten)]
    results: LinkFiles,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Assign {
    pub fn run(self, stop: &Stop) -> Result<()> {
        let begin = Instant::now();
        let case = self.files.read()?;
        let principle = if self.system_optimum {
            Principle::SystemOptimum
        } else {
            Principle::UserEquilibrium
        };
        let options = self.solving.options(principle)?;
        let done = self.solving.assign(&case, &options, stop)?;
        let seconds = begin.elapsed().as_secs_f64();
        self.write(&case.network, &done)?;
        let last = &done.last;
        // At the optimum links cost their marginal costs, and the objective is the total of the times.
        let tstt = if self.system_optimum {
            last.objective
        } else {
            last.tstt
        };
        if self.json {
            println!(
                "{}",
                json!({
                    "objective": last.objective,
                    "relative_gap": last.relative_gap,
                    "tstt": tstt,
                    "sptt": last.sptt,
                    "iterations": last.number,
                    "seconds": seconds,
                    "threads": options.threads,
                    "algorithm": done.algorithm.name(),
                    "converged": last.relative_gap <= options.gap,
                    "toll_weight": case.weights.0,
                    "distance_weight": case.weights.1,
                    "unserved": output::unserved(done.unserved()),
                })
            );
            return Ok(());
        }
        println!(
            "{} after {} iterations, {seconds:.2} s, {} threads: relative gap {:.2e}",
            done.algorithm.name(),
            last.number,
            options.threads,
            last.relative_gap
        );
        println!("objective {:.6}\nTSTT      {:.6}", last.objective, tstt);
        if last.relative_gap > options.gap {
            println!("stopped before the gap asked for: the volumes are complete but less precise");
        }
        warn_of_unserved(&done);
        Ok(())
    }

    /// Volume, time and volume/capacity of every link.
    fn write(&self, network: &Network, done: &Assignment) -> Result<()> {
        let (volumes, costs) = (done.link_volumes(), done.link_costs());
        let saturation: Vec<f64> = network
            .links
            .iter()
            .zip(&volumes)
            .map(|(link, volume)| volume / link.capacity)
            .collect();
        let columns = Columns(vec![
            ("volume", &volumes),
            ("time", &costs),
            ("volume_capacity", &saturation),
        ]);
        self.results.write(network, &columns)
    }
}

fn warn_of_unserved(done: &Assignment) {
    let all = done.unserved();
    if !all.is_empty() {
        let trips: f64 = all.iter().map(|u| u.amount).sum();
        println!(
            "{} pairs of zones have no way between them ({trips:.1} trips an hour); --json lists them",
            all.len()
        );
    }
}

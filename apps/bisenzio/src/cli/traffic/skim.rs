use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use bisenzio_traffic::analysis::skim::skim;
use bisenzio_traffic::network::Principle;
use clap::Args;

use super::input::Files;
use super::output;
use super::solve::{Solving, Stop};

#[derive(Args)]
pub struct Skim {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    solving: Solving,
    /// Times of the empty network instead of those at equilibrium.
    #[arg(long)]
    free_flow: bool,
    /// Write the table here (default: print it).
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Skim {
    pub fn run(self, stop: &Stop) -> Result<()> {
        let mut case = self.files.read()?;
        if self.free_flow {
            case.demand = bisenzio_traffic::Demand::empty(case.network.zones.len());
        }
        let options = self.solving.options(Principle::UserEquilibrium)?;
        let done = self.solving.assign(&case, &options, stop)?;
        let graph = &done.graph;
        let costs = graph.costs_for(0, &done.volumes().cost);
        let lengths = by_arc(graph, |link| case.network.links[link].length);
        let tables = skim(graph, &costs, &[lengths], options.threads);
        let zones = case.network.zones.len();
        let mut text = String::from("origin,destination,cost,length\n");
        for origin in 0..zones {
            for destination in 0..zones {
                let (cost, length) = (
                    tables[0].get(origin, destination),
                    tables[1].get(origin, destination),
                );
                let _ = write!(text, "{},{},", origin + 1, destination + 1);
                // Where there is no way the line ends empty.
                if cost.is_finite() {
                    let _ = write!(text, "{cost},{length}");
                } else {
                    text.push(',');
                }
                text.push('\n');
            }
        }
        match &self.out {
            Some(path) => output::write(path, &text),
            None => {
                print!("{text}");
                Ok(())
            }
        }
    }
}

/// A value of links for every arc of the graph; arcs that are no link (movements at a junction) have 0.
fn by_arc(graph: &bisenzio_traffic::Graph, of: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut values = vec![0.0; graph.arcs()];
    for (link, arc) in graph.arc_of_link.iter().enumerate() {
        if let Some(value) = values.get_mut(*arc as usize) {
            *value = of(link);
        }
    }
    values
}

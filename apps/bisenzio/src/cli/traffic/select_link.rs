use anyhow::Result;
use bisenzio_traffic::analysis::select_link::select_link;
use bisenzio_traffic::network::Principle;
use clap::Args;
use serde_json::json;

use super::input::Files;
use super::links;
use super::output::{Columns, LinkFiles};
use super::solve::{self, Solving, Stop};

/// Pairs that are printed; `--json` lists all.
const PRINTED: usize = 20;

#[derive(Args)]
pub struct SelectLink {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    solving: Solving,
    /// Link by its end nodes; may be given several times, trips that pass any of them count.
    #[arg(long = "link", value_name = "FROM-TO", required = true)]
    links: Vec<String>,
    #[command(flatten)]
    results: LinkFiles,
    /// Print one JSON object with all pairs.
    #[arg(long)]
    json: bool,
}

impl SelectLink {
    pub fn run(self, stop: &Stop) -> Result<()> {
        let case = self.files.read()?;
        let mut selected = Vec::new();
        for text in &self.links {
            selected.extend(links::find(&case.network, text)?);
        }
        let options = self.solving.options(Principle::UserEquilibrium)?;
        let done = self.solving.assign(&case, &options, stop)?;
        let flows = solve::flows(&done)?;
        let mut found = select_link(&done.graph, flows, &selected);
        found.trips.sort_by(|a, b| b.amount.total_cmp(&a.amount));
        let columns = Columns(vec![("volume", &found.volumes)]);
        self.results.write(&case.network, &columns)?;
        let total: f64 = found.trips.iter().map(|t| t.amount).sum();
        if self.json {
            let pairs: Vec<_> = found
                .trips
                .iter()
                .map(|t| json!({ "origin": t.origin + 1, "destination": t.destination + 1, "trips": t.amount }))
                .collect();
            println!(
                "{}",
                json!({ "trips": total, "pairs": pairs, "relative_gap": done.last.relative_gap })
            );
            return Ok(());
        }
        println!("{total:.1} trips an hour, {} pairs of zones", found.trips.len());
        for trip in found.trips.iter().take(PRINTED) {
            println!(
                "{:>6} {:>6} {:>12.2}",
                trip.origin + 1,
                trip.destination + 1,
                trip.amount
            );
        }
        Ok(())
    }
}

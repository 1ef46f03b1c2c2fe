use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bisenzio_traffic::Network;
use bisenzio_traffic::demand::calibration::{Count, Fit, calibrate};
use bisenzio_traffic::demand::csv::write_demand;
use bisenzio_traffic::network::Principle;
use clap::Args;
use serde_json::{Value, json};

use super::input::{self, Files};
use super::solve::{self, Solving, Stop};
use super::{links, output};

#[derive(Args)]
pub struct Calibrate {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    solving: Solving,
    /// Counts as CSV: from,to,volume (end nodes of the link, passenger-car units per hour).
    #[arg(long, value_name = "FILE")]
    counts: PathBuf,
    /// Corrections to make at most.
    #[arg(long, value_name = "N", default_value_t = 20)]
    steps: usize,
    /// Write the corrected trips as CSV.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print the fit as JSON.
    #[arg(long)]
    json: bool,
}

impl Calibrate {
    pub fn run(self, stop: &Stop) -> Result<()> {
        let case = self.files.read()?;
        let counts = read_counts(&self.counts, &case.network)?;
        let options = self.solving.options(Principle::UserEquilibrium)?;
        let base = self.solving.assign(&case, &options, stop)?;
        let flows = solve::flows(&base)?;
        let done = self.solving.watched("correcting", stop, |report| {
            calibrate(&base.graph, flows, &counts, self.steps, &options, report)
        });
        let demand = done
            .demand
            .first()
            .context("the network has no class of vehicles")?;
        output::write(&self.out, &write_demand(demand))?;
        if self.json {
            println!(
                "{}",
                json!({
                    "counts": counts.len(),
                    "steps": done.steps,
                    "before": fit(&done.before),
                    "after": fit(&done.after),
                    "trips_before": case.demand.total(),
                    "trips_after": demand.total(),
                })
            );
            return Ok(());
        }
        println!("{} counts, {} corrections", counts.len(), done.steps);
        println!(
            "{:<10} {:>8} {:>10} {:>8} {:>10}",
            "", "R2", "RMSE", "GEH", "GEH < 5"
        );
        for (name, fit) in [("before", &done.before), ("after", &done.after)] {
            println!(
                "{name:<10} {:>8.3} {:>10.1} {:>8.2} {:>9.0}%",
                fit.r2,
                fit.rmse,
                fit.geh,
                fit.geh_below_5 * 100.0
            );
        }
        println!(
            "trips an hour: {:.1} before, {:.1} after",
            case.demand.total(),
            demand.total()
        );
        Ok(())
    }
}

fn fit(fit: &Fit) -> Value {
    json!({ "r2": fit.r2, "rmse": fit.rmse, "geh": fit.geh, "geh_below_5": fit.geh_below_5 })
}

fn read_counts(path: &Path, network: &Network) -> Result<Vec<Count>> {
    let text = input::text(path)?;
    let mut counts = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || (index == 0 && line.starts_with("from")) {
            continue;
        }
        let place = || format!("{}, line {}", path.display(), index + 1);
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let [from, to, volume] = fields.as_slice() else {
            bail!("{}: three fields are wanted: from,to,volume", place());
        };
        let volume: f64 = volume
            .parse()
            .ok()
            .filter(|v: &f64| v.is_finite() && *v >= 0.0)
            .with_context(|| format!("{}: \"{volume}\" is no volume", place()))?;
        let found = links::find(network, &format!("{from}-{to}")).with_context(place)?;
        let [link] = found.as_slice() else {
            bail!("{}: there are several links from {from} to {to}", place());
        };
        counts.push(Count { link: *link, volume });
    }
    if counts.is_empty() {
        bail!("{} holds no counts", path.display());
    }
    Ok(counts)
}

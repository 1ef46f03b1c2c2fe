//! Networks and trip tables from files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bisenzio_traffic::demand::csv;
use bisenzio_traffic::tntp::{self, Weights};
use bisenzio_traffic::{Demand, Network};
use clap::Args;

#[derive(Args, Clone, Debug)]
pub struct Files {
    /// Network in TNTP form (X_net.tntp).
    #[arg(long, value_name = "FILE")]
    pub network: PathBuf,
    /// Trips in TNTP form (X_trips.tntp), or as CSV (origin,destination,trips).
    #[arg(long, value_name = "FILE")]
    pub demand: PathBuf,
    /// Coordinates of the nodes in TNTP form (default: X_node.tntp beside the network).
    #[arg(long, value_name = "FILE")]
    pub nodes: Option<PathBuf>,
    /// Minutes that one unit of toll is worth (default: what the network's file says, else the README.md beside it).
    #[arg(long, value_name = "NUMBER")]
    pub toll_weight: Option<f64>,
    /// Minutes that one unit of length is worth (default: likewise).
    #[arg(long, value_name = "NUMBER")]
    pub distance_weight: Option<f64>,
}

/// What the files hold.
pub struct Case {
    pub network: Network,
    pub demand: Demand,
    /// What a unit of toll and of length are worth, minutes.
    pub weights: (f64, f64),
}

impl Files {
    pub fn read(&self) -> Result<Case> {
        let beside = weights_beside(&self.network);
        for (name, given) in [("toll", self.toll_weight), ("distance", self.distance_weight)] {
            if given.is_some_and(|weight| !(weight.is_finite() && weight >= 0.0)) {
                bail!("--{name}-weight must be a number that is not negative");
            }
        }
        let mut network =
            tntp::read_network(&text(&self.network)?, beside).with_context(|| name(&self.network))?;
        for class in &mut network.classes {
            class.toll_weight = self.toll_weight.unwrap_or(class.toll_weight);
            class.length_weight = self.distance_weight.unwrap_or(class.length_weight);
        }
        if let Some(path) = self.nodes.clone().or_else(|| nodes_beside(&self.network)) {
            network.coordinates =
                tntp::read_nodes(&text(&path)?, network.nodes).with_context(|| name(&path))?;
        }
        let zones = network.zones.len();
        let trips = text(&self.demand)?;
        let is_csv = self
            .demand
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("csv"));
        let demand = if is_csv {
            csv::read_demand(&trips, zones).map_err(anyhow::Error::from)
        } else {
            tntp::read_trips(&trips, zones).map_err(anyhow::Error::from)
        }
        .with_context(|| name(&self.demand))?;
        let weights = network
            .classes
            .first()
            .map_or((0.0, 0.0), |class| (class.toll_weight, class.length_weight));
        Ok(Case {
            network,
            demand,
            weights,
        })
    }
}

pub fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", name(path)))
}

pub fn name(path: &Path) -> String {
    path.display().to_string()
}

fn nodes_beside(network: &Path) -> Option<PathBuf> {
    let file = network.file_name()?.to_str()?;
    let path = network.with_file_name(file.replace("_net.tntp", "_node.tntp"));
    (path != network && path.is_file()).then_some(path)
}

/// The test problems say their weights in the README beside them, under "Generalized Cost Weights", not in the file.
fn weights_beside(network: &Path) -> Option<Weights> {
    let readme = std::fs::read_to_string(network.with_file_name("README.md")).ok()?;
    weights_in(&readme)
}

fn weights_in(readme: &str) -> Option<Weights> {
    let (_, section) = readme.split_once("## Generalized Cost Weights")?;
    let section = section.split("\n#").next()?;
    let weight = |label: &str| {
        section
            .lines()
            .find_map(|line| line.trim().strip_prefix(label))
            .and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok())
            .filter(|weight| weight.is_finite() && *weight >= 0.0)
            .unwrap_or(0.0)
    };
    Some(Weights {
        toll: weight("Toll:"),
        length: weight("Distance:"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_read_from_the_description() {
        let text = "# X\n## Units\nToll: cents\n## Generalized Cost Weights\nToll: 0.02 minutes/cent\nDistance: 0.04 minutes/mile\n\n## Solutions\n";
        let found = weights_in(text).unwrap();
        assert_eq!((found.toll, found.length), (0.02, 0.04));
        let blank = weights_in("## Generalized Cost Weights\nToll: \n").unwrap();
        assert_eq!((blank.toll, blank.length), (0.0, 0.0));
        assert!(weights_in("# Nothing of it").is_none());
    }
}

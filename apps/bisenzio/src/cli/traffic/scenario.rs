use std::time::Instant;

use anyhow::{Context, Result, bail};
use bisenzio_traffic::analysis::paths::Path as Way;
use bisenzio_traffic::network::{Principle, Turn, TurnRule};
use bisenzio_traffic::scenario::{Change, Outcome, OutcomeLimits, apply, compare, resume};
use bisenzio_traffic::{Control, Network};
use clap::Args;
use serde_json::{Value, json};

use super::input::Files;
use super::links;
use super::output::{self, Columns, LinkFiles};
use super::solve::{Solving, Stop};

/// Lines of each table that are printed; `--json` lists more.
const PRINTED: usize = 10;

#[derive(Args)]
pub struct Scenario {
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    solving: Solving,
    /// Close a link; every change may be given several times.
    #[arg(long, value_name = "FROM-TO")]
    close: Vec<String>,
    /// Multiply a link's capacity.
    #[arg(long, value_name = "FROM-TO=FACTOR")]
    capacity: Vec<String>,
    /// Multiply a link's speed.
    #[arg(long, value_name = "FROM-TO=FACTOR")]
    speed: Vec<String>,
    /// Turn a one-way link round.
    #[arg(long, value_name = "FROM-TO")]
    reverse: Vec<String>,
    /// Forbid a movement at a junction.
    #[arg(long, value_name = "FROM-VIA-TO")]
    ban_turn: Vec<String>,
    #[command(flatten)]
    results: LinkFiles,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Scenario {
    pub fn run(self, stop: &Stop) -> Result<()> {
        let case = self.files.read()?;
        let (changes, touched) = self.changes(&case.network)?;
        if changes.is_empty() {
            bail!("no change is given: use --close, --capacity, --speed, --reverse or --ban-turn");
        }
        let options = self.solving.options(Principle::UserEquilibrium)?;
        let begin = Instant::now();
        let base = self.solving.assign(&case, &options, stop)?;
        let base_seconds = begin.elapsed().as_secs_f64();
        let begin = Instant::now();
        let network = apply(&case.network, &changes)?;
        let after = self.solving.watched("scenario", stop, |report| {
            resume(&base, &network, &options, &mut |iteration| -> Control {
                report(iteration)
            })
        })?;
        let seconds = begin.elapsed().as_secs_f64();
        let limits = OutcomeLimits::default();
        let outcome = compare((&case.network, &base), (&network, &after), &touched, &limits)
            .context("this algorithm does not keep whose trips they are: use --algorithm paired-segments")?;
        let (was, is) = (base.link_volumes(), after.link_volumes());
        let difference: Vec<f64> = is
            .iter()
            .enumerate()
            .map(|(link, volume)| volume - was.get(link).copied().unwrap_or(0.0))
            .collect();
        let columns = Columns(vec![
            ("volume_before", &was),
            ("volume_after", &is),
            ("difference", &difference),
        ]);
        self.results.write(&network, &columns)?;
        if self.json {
            let mut all = describe(&network, &outcome);
            all["base"] = json!({ "relative_gap": base.last.relative_gap, "seconds": base_seconds });
            all["scenario"] = json!({
                "relative_gap": after.last.relative_gap, "seconds": seconds, "iterations": after.last.number,
                "objective": after.last.objective, "tstt": after.last.tstt,
            });
            all["unserved"] = output::unserved(after.unserved()).into();
            println!("{all}");
        } else {
            print(&network, &outcome);
            println!("base {base_seconds:.2} s, scenario {seconds:.2} s");
        }
        Ok(())
    }

    /// The changes in the order of the options, and the links that they touch.
    fn changes(&self, network: &Network) -> Result<(Vec<Change>, Vec<u32>)> {
        let mut changes = Vec::new();
        let mut touched = Vec::new();
        for text in &self.close {
            for link in links::find(network, text)? {
                changes.push(Change::Close { link });
                touched.push(link);
            }
        }
        for text in &self.capacity {
            let (found, factor) = links::with_factor(network, text)?;
            touched.extend(&found);
            changes.extend(
                found
                    .into_iter()
                    .map(|link| Change::CapacityFactor { link, factor }),
            );
        }
        for text in &self.speed {
            let (found, factor) = links::with_factor(network, text)?;
            touched.extend(&found);
            changes.extend(found.into_iter().map(|link| Change::SpeedFactor { link, factor }));
        }
        for text in &self.reverse {
            let found = links::find(network, text)?;
            touched.extend(&found);
            changes.extend(found.into_iter().map(|link| Change::Reverse { link }));
        }
        for text in &self.ban_turn {
            for (from_link, to_link) in links::turn(network, text)? {
                changes.push(Change::Turn(Turn {
                    from_link,
                    to_link,
                    rule: TurnRule::Banned,
                }));
                touched.push(from_link);
            }
        }
        touched.sort_unstable();
        touched.dedup();
        Ok((changes, touched))
    }
}

fn ends(network: &Network, link: u32) -> (u32, u32) {
    let link = &network.links[link as usize];
    (link.from + 1, link.to + 1)
}

/// The nodes that a way passes.
fn nodes(network: &Network, way: &Way) -> Vec<u32> {
    let first = way.links.first().map(|link| ends(network, *link).0);
    first
        .into_iter()
        .chain(way.links.iter().map(|link| ends(network, *link).1))
        .collect()
}

fn describe(network: &Network, outcome: &Outcome) -> Value {
    let links: Vec<Value> = outcome
        .links
        .iter()
        .map(|c| {
            let (from, to) = ends(network, c.link);
            json!({ "from": from, "to": to, "before": c.before, "after": c.after })
        })
        .collect();
    let pairs: Vec<Value> = outcome
        .pairs
        .iter()
        .map(|p| {
            json!({ "origin": p.origin + 1, "destination": p.destination + 1, "trips": p.trips,
                    "before": p.before, "after": p.after })
        })
        .collect();
    let detours: Vec<Value> = outcome
        .detours
        .iter()
        .map(|d| {
            let ways: Vec<Value> = d
                .ways
                .iter()
                .map(|way| json!({ "nodes": nodes(network, way), "flow": way.flow, "cost": way.cost }))
                .collect();
            json!({ "origin": d.origin + 1, "destination": d.destination + 1, "affected": d.affected, "ways": ways })
        })
        .collect();
    json!({
        "vehicle_hours_before": outcome.vehicle_hours_before,
        "vehicle_hours_after": outcome.vehicle_hours_after,
        "extra_vehicle_hours": outcome.extra_vehicle_hours(),
        "links": links,
        "pairs": pairs,
        "detours": detours,
        "cut_off": output::unserved(&outcome.cut_off),
    })
}

fn print(network: &Network, outcome: &Outcome) {
    println!(
        "{:+.2} vehicle-hours an hour ({:.2} before, {:.2} after)",
        outcome.extra_vehicle_hours(),
        outcome.vehicle_hours_before,
        outcome.vehicle_hours_after
    );
    println!(
        "\nvolume, largest changes\n{:>8} {:>8} {:>12} {:>12}",
        "from", "to", "before", "after"
    );
    for change in outcome.links.iter().take(PRINTED) {
        let (from, to) = ends(network, change.link);
        println!("{from:>8} {to:>8} {:>12.1} {:>12.1}", change.before, change.after);
    }
    println!(
        "\ntime between zones, most lost\n{:>8} {:>8} {:>12} {:>12} {:>12}",
        "origin", "dest.", "trips", "before", "after"
    );
    for pair in outcome.pairs.iter().take(PRINTED) {
        println!(
            "{:>8} {:>8} {:>12.1} {:>12.3} {:>12.3}",
            pair.origin + 1,
            pair.destination + 1,
            pair.trips,
            pair.before,
            pair.after
        );
    }
    if !outcome.cut_off.is_empty() {
        let trips: f64 = outcome.cut_off.iter().map(|u| u.amount).sum();
        println!(
            "\n{} pairs of zones are cut off: {trips:.1} trips an hour",
            outcome.cut_off.len()
        );
    }
    println!();
}

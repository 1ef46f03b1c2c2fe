//! Prints the table of traffic assignment in `docs/benchmarks.md`.
//!
//! `traffic PROGRAM FOLDER [--threads N] [--runs 5] [--peer COMMAND]`
//!
//! FOLDER holds the test problems, each in a folder of its own (X_net.tntp, X_trips.tntp). COMMAND is a shell command of
//! another solver, run beside ours in the same loop, with `{net}`, `{trips}` and `{gap}` in the place of files and gap.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

const GAPS: [&str; 3] = ["1e-4", "1e-6", "1e-10"];

fn main() -> Result<()> {
    let (mut threads, mut runs, mut peer) = ("1".to_owned(), 5, None);
    let mut places = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .with_context(|| format!("{argument} needs a value"))
        };
        match argument.as_str() {
            "--threads" => threads = value()?,
            "--runs" => runs = value()?.parse()?,
            "--peer" => peer = Some(value()?),
            other => places.push(PathBuf::from(other)),
        }
    }
    let [program, folder] = places.as_slice() else {
        bail!("usage: traffic PROGRAM FOLDER [--threads N] [--runs N] [--peer COMMAND]");
    };
    println!("| network | gap | user s | MB | peer's user s | peer's MB |");
    println!("|---|---|---|---|---|---|");
    for (name, net, trips) in problems(folder)? {
        for gap in GAPS {
            let ours = format!(
                "{} traffic assign --network {} --demand {} --gap {gap} --threads {threads} --json",
                quoted(program),
                quoted(&net),
                quoted(&trips)
            );
            let theirs = peer.as_ref().map(|command| {
                command
                    .replace("{net}", &quoted(&net))
                    .replace("{trips}", &quoted(&trips))
                    .replace("{gap}", gap)
            });
            let (mut mine, mut others) = (Vec::new(), Vec::new());
            for _ in 0..runs {
                mine.push(measure(&ours)?);
                if let Some(command) = &theirs {
                    others.push(measure(command)?);
                }
            }
            let (seconds, memory) = median(mine);
            let peer = if others.is_empty() {
                " | ".to_owned()
            } else {
                let (seconds, memory) = median(others);
                format!("{seconds:.2} | {memory:.0}")
            };
            println!("| {name} | {gap} | {seconds:.2} | {memory:.0} | {peer} |");
        }
    }
    Ok(())
}

type Problem = (String, PathBuf, PathBuf);

fn problems(folder: &Path) -> Result<Vec<Problem>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let Ok(files) = std::fs::read_dir(entry?.path()) else {
            continue;
        };
        for file in files {
            let net = file?.path();
            let name = net.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            let Some(name) = name.strip_suffix("_net.tntp").map(str::to_owned) else {
                continue;
            };
            let trips = net.with_file_name(format!("{name}_trips.tntp"));
            if trips.is_file() {
                found.push((name, net, trips));
            }
        }
    }
    // The small ones first.
    found.sort_by_key(|(_, net, _)| std::fs::metadata(net).map_or(0, |m| m.len()));
    Ok(found)
}

/// User CPU seconds and resident megabytes of a shell command, its children included.
fn measure(command: &str) -> Result<(f64, f64)> {
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%U %M", "sh", "-c", command])
        .stdout(Stdio::null())
        .output()
        .context("/usr/bin/time is needed: apt install time")?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("{command}: {text}");
    }
    let last = text.lines().last().unwrap_or_default();
    let (user, memory) = last.split_once(' ').with_context(|| text.to_string())?;
    Ok((user.parse()?, memory.parse::<f64>()? / 1024.0))
}

fn median(mut runs: Vec<(f64, f64)>) -> (f64, f64) {
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    runs.get(runs.len() / 2).copied().unwrap_or_default()
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

//! Prints the table of `docs/benchmarks.md`: start, memory, first byte under load, the tile of the city centre.
//!
//! `cargo run --release -p bisenzio-benches --bin measure -- target/release/bisenzio`

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bisenzio_benches::client::{Connection, load};
use bisenzio_benches::figures::{milliseconds, percentile};
use bisenzio_benches::tile;

const CLIENTS: usize = 50;
const LASTS: Duration = Duration::from_secs(10);
const PAGES: [&str; 3] = ["/", "/piano/2021", "/cantieri"];
/// The square of the demonstration city's town hall, and the zoom at which a street fills a phone.
const CENTRE: (f64, f64) = (11.096_561, 43.880_814);
const ZOOMS: [u32; 3] = [13, 14, 16];
const STARTS: usize = 5;

fn main() -> Result<()> {
    let program = std::env::args()
        .nth(1)
        .context("usage: measure PROGRAM [DATA FOLDER]")?;
    let program = std::fs::canonicalize(&program).with_context(|| format!("there is no {program}"))?;
    let data = match std::env::args().nth(2) {
        Some(folder) => PathBuf::from(folder),
        None => std::env::temp_dir().join(format!("bisenzio-measure-{}", std::process::id())),
    };
    println!("program  {}", program.display());
    println!("machine  {}", machine());

    let first = Demo::start(&program, &data)?;
    println!(
        "| first start, loading the cities | {} |",
        milliseconds(first.first_page)
    );
    drop(first);
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(Demo::start(&program, &data)?.first_page);
    }
    starts.sort();
    println!(
        "| start to first page, data loaded (median of {STARTS}) | {} |",
        milliseconds(percentile(&starts, 0.5))
    );

    let demo = Demo::start(&program, &data)?;
    println!("| memory after the first page | {} MB |", demo.memory()?);
    for page in PAGES {
        report(&demo, page)?;
    }
    for zoom in ZOOMS {
        let (column, row) = tile::of(CENTRE.0, CENTRE.1, zoom);
        let path = format!("/tiles/{zoom}/{column}/{row}.mvt");
        let mut connection = Connection::open(demo.port)?;
        let cold = connection.get(&path)?;
        if cold.status != 200 {
            bail!("{path}: {}", cold.status);
        }
        let mut again = Vec::new();
        for _ in 0..50 {
            again.push(connection.get(&path)?.first_byte);
        }
        again.sort();
        println!(
            "| tile of the city centre, zoom {zoom}, {} bytes: first time | {} |",
            cold.bytes,
            milliseconds(cold.first_byte)
        );
        println!(
            "| the same again, 99th percentile of 50 | {} |",
            milliseconds(percentile(&again, 0.99))
        );
    }
    println!("| memory after all of this | {} MB |", demo.memory()?);
    drop(demo);
    if std::env::args().nth(2).is_none() {
        std::fs::remove_dir_all(&data)?;
    }
    Ok(())
}

fn report(demo: &Demo, page: &str) -> Result<()> {
    let status = Connection::open(demo.port)?.get(page)?.status;
    if status != 200 {
        bail!("{page}: {status}");
    }
    let load = load(demo.port, page, CLIENTS, LASTS);
    let rate = load.first_bytes.len() as f64 / load.elapsed.as_secs_f64();
    println!(
        "| {page}, {CLIENTS} clients, {} answers, {} errors: first byte, median | {} |",
        load.first_bytes.len(),
        load.errors,
        milliseconds(percentile(&load.first_bytes, 0.5))
    );
    println!(
        "| {page}: 99th percentile ({rate:.0} answers/s) | {} |",
        milliseconds(percentile(&load.first_bytes, 0.99))
    );
    Ok(())
}

/// A running demonstration.
struct Demo {
    child: Child,
    port: u16,
    /// From the start of the process to the whole first page.
    first_page: Duration,
}

impl Demo {
    fn start(program: &Path, data: &Path) -> Result<Self> {
        let begun = Instant::now();
        let mut child = Command::new(program)
            .args(["demo", "--port", "0", "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("its output is piped")?).lines();
        let port = loop {
            let Some(line) = lines.next() else {
                let _ = child.wait();
                bail!("the program ended before it listened");
            };
            if let Some(port) = port_in(&line?) {
                break port;
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        let status = Connection::open(port)?.get("/")?.status;
        let first_page = begun.elapsed();
        let demo = Self {
            child,
            port,
            first_page,
        };
        if status != 200 {
            bail!("the first page answers {status}");
        }
        Ok(demo)
    }

    /// Resident memory, MB of 1,000,000 bytes (`VmRSS` of `/proc/<pid>/status`).
    fn memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .context("no VmRSS")?;
        let kib: u64 = line
            .split_whitespace()
            .nth(1)
            .and_then(|n| n.parse().ok())
            .context("VmRSS")?;
        Ok(kib * 1024 / 1_000_000)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn port_in(line: &str) -> Option<u16> {
    line.split("running: http://")
        .nth(1)?
        .rsplit(':')
        .next()?
        .trim()
        .parse()
        .ok()
}

/// Processor, cores and memory, as the system tells them.
fn machine() -> String {
    let read = |path: &str, key: &str| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let line = text
            .lines()
            .find(|line| line.starts_with(key))
            .unwrap_or_default()
            .to_owned();
        line.split(':').nth(1).unwrap_or("unknown").trim().to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!(
        "{}, {cores} cores, {}",
        read("/proc/cpuinfo", "model name"),
        read("/proc/meminfo", "MemTotal")
    )
}

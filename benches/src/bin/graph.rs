//! Prints the table of the city graph in `docs/benchmarks.md`.
//!
//! `graph PROGRAM [--store postgresql://...?schema=...] [--entities 100000] [--seconds 10]`

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use bisenzio_benches::figures::{milliseconds, percentile};
use bisenzio_benches::graph::{Broker, upsert, wrk};
use bisenzio_benches::notify;

/// Script, connections and the bar: requests per second.
const SCRIPTS: [(&str, usize, &str, u32); 5] = [
    ("retrieve.lua", 64, "retrieve by id", 40_000),
    ("list.lua", 64, "list of 20 by type", 10_000),
    ("q.lua", 64, "q, 1 % match, first page", 2_000),
    ("near.lua", 64, "geo near 300 m, first page", 2_000),
    ("patch.lua", 128, "attribute PATCH, durable", 10_000),
];
const UPSERT_BAR: u32 = 50_000;

fn main() -> Result<()> {
    let (mut program, mut store, mut entities, mut seconds) = (None, None, 100_000, 10);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .with_context(|| format!("{argument} needs a value"))
        };
        match argument.as_str() {
            "--store" => store = Some(value()?),
            "--entities" => entities = value()?.parse()?,
            "--seconds" => seconds = value()?.parse()?,
            other if program.is_none() => program = Some(PathBuf::from(other)),
            other => bail!("what is {other}?"),
        }
    }
    let program = program.context("usage: graph PROGRAM [--store URL] [--entities N] [--seconds N]")?;
    let data = std::env::temp_dir().join(format!("bisenzio-graph-{}", std::process::id()));
    let broker = Broker::start(&program, &data, store.as_deref())?;
    println!("| what | requests/s | bar | CPU/request | p50 | p99 | memory |");
    println!("|---|---|---|---|---|---|---|");
    let cpu = broker.cpu()?;
    let rate = upsert(&broker, 0, entities, 1_000)?;
    let used = (broker.cpu()? - cpu).as_micros() / entities.max(1) as u128;
    println!(
        "| batch upsert, new, entities/s | {rate:.0} | {UPSERT_BAR} | {used} µs | | | {} MB |",
        broker.memory()?
    );
    let cpu = broker.cpu()?;
    let rate = upsert(&broker, 0, entities, 1_000)?;
    let used = (broker.cpu()? - cpu).as_micros() / entities.max(1) as u128;
    println!(
        "| batch upsert, the same again, entities/s | {rate:.0} | {UPSERT_BAR} | {used} µs | | | {} MB |",
        broker.memory()?
    );
    // The first question orders the index; a job fills it.
    broker.call(
        "GET",
        "/ngsi-ld/v1/entities?type=BenchSensor&q=level==5&limit=1&count=true",
        "",
    )?;
    std::thread::sleep(std::time::Duration::from_secs(5 + entities as u64 / 50_000));
    for (script, connections, what, bar) in SCRIPTS {
        let run = wrk(&broker, script, connections, seconds, entities)?;
        let refused = if run.refused > 0 {
            format!(" ({} refused)", run.refused)
        } else {
            String::new()
        };
        println!(
            "| {what} | {:.0}{refused} | {bar} | {} µs | {} | {} | {} MB |",
            run.per_second,
            run.cpu.as_micros(),
            run.p50,
            run.p99,
            broker.memory()?
        );
    }
    let cpu = broker.cpu()?;
    let told = notify::run(&broker, 1_000, 1_000, std::time::Duration::from_secs(seconds))?;
    let used = (broker.cpu()? - cpu).as_micros() / told.updates.max(1) as u128;
    println!(
        "| notification, 1,000 subscriptions, {} of {} arrived | {:.0} updates/s | p50 10 ms, p99 100 ms | {used} µs | {} | {} | {} MB |",
        told.times.len(),
        told.updates,
        told.rate,
        milliseconds(percentile(&told.times, 0.5)),
        milliseconds(percentile(&told.times, 0.99)),
        broker.memory()?
    );
    year(&broker)?;
    drop(broker);
    let _ = std::fs::remove_dir_all(&data);
    Ok(())
}

/// One year of minute values of one attribute, aggregated by month.
fn year(broker: &Broker) -> Result<()> {
    const MINUTES: usize = 525_600;
    let id = "urn:ngsi-ld:BenchSensor:year";
    let instant = |minute: usize| {
        let (days, rest) = (minute / 1_440, minute % 1_440);
        let (mut month, mut day) = (0, days);
        for length in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
            if day < length {
                break;
            }
            day -= length;
            month += 1;
        }
        format!(
            "2025-{:02}-{:02}T{:02}:{:02}:00Z",
            month + 1,
            day + 1,
            rest / 60,
            rest % 60
        )
    };
    let start = std::time::Instant::now();
    for from in (0..MINUTES).step_by(5_256) {
        let values: Vec<String> = (from..from + 5_256)
            .map(|m| {
                format!(
                    r#"{{"type":"Property","value":{},"observedAt":"{}"}}"#,
                    (m * 7) % 1_000,
                    instant(m)
                )
            })
            .collect();
        let body = format!(
            r#"{{"id":"{id}","type":"BenchSensor","level":[{}]}}"#,
            values.join(",")
        );
        let (status, answer) = broker.call("POST", "/ngsi-ld/v1/temporal/entities", &body)?;
        if !matches!(status, 201 | 204) {
            bail!("year: {status} {answer}");
        }
    }
    let loaded = MINUTES as f64 / start.elapsed().as_secs_f64();
    let path = format!(
        "/ngsi-ld/v1/temporal/entities/{id}?options=aggregatedValues&aggrMethods=avg,max&aggrPeriodDuration=P1M\
         &timerel=between&timeAt=2025-01-01T00:00:00Z&endTimeAt=2026-01-01T00:00:00Z"
    );
    let mut times = Vec::new();
    for _ in 0..9 {
        let start = std::time::Instant::now();
        let (status, answer) = broker.call("GET", &path, "")?;
        if status != 200 {
            bail!("aggregation: {status} {answer}");
        }
        times.push(start.elapsed());
    }
    times.sort();
    println!(
        "| aggregation of a year of minutes by month ({loaded:.0} values/s loaded) | | 100 ms | | {} | {} | {} MB |",
        milliseconds(percentile(&times, 0.5)),
        milliseconds(percentile(&times, 0.99)),
        broker.memory()?
    );
    Ok(())
}

//! The program under load as the city graph: seeding, `wrk` with the scripts of `benches/graph`, processor time and
//! memory from `/proc`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// A demonstration that runs until it is dropped.
pub struct Broker {
    child: Child,
    pub port: u16,
    pub token: String,
}

impl Broker {
    /// Starts the program on its data; `store` is a PostgreSQL URL instead of the folder.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(program: &Path, data: &Path, store: Option<&str>) -> Result<Self> {
        let mut token = Command::new(program);
        token.args(["token", "create", "--demo"]);
        match store {
            Some(url) => token.env("BISENZIO_STORE_URL", url),
            None => token.arg("--data").arg(data),
        };
        let made = token.output().context("token create")?;
        if !made.status.success() {
            bail!("token create: {}", String::from_utf8_lossy(&made.stderr));
        }
        let token = String::from_utf8_lossy(&made.stdout).trim().to_owned();
        let mut command = Command::new(program);
        command.args(["demo", "--port", "0", "--data"]).arg(data);
        command.args(store.map(|url| format!("--store={url}")));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let out = child.stdout.take().context("no output")?;
        let mut lines = BufReader::new(out).lines();
        let port = loop {
            let line = lines.next().context("the program ended")??;
            if let Some((_, port)) = line.rsplit_once("http://localhost:") {
                break port.trim().parse().context("port")?;
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, port, token })
    }

    /// Resident memory in MB.
    pub fn memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .context("VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").trim().parse::<u64>()? / 1024)
    }

    /// Processor time used so far, user and system.
    pub fn cpu(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let after = stat.rsplit_once(')').context("stat")?.1;
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        // USER_HZ is 100 on every Linux of this kind.
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Sends one request on a connection of its own and gives status and body.
    ///
    /// # Errors
    /// When the connection breaks.
    pub fn call(&self, method: &str, path: &str, body: &str) -> Result<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.port,
            self.token,
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer
            .split(' ')
            .nth(1)
            .and_then(|s| s.parse().ok())
            .context("no status")?;
        let body = answer.split_once("\r\n\r\n").map(|(_, b)| b.to_owned());
        Ok((status, body.unwrap_or_default()))
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One entity of five attributes; `number` picks its values.
pub fn sensor(number: usize) -> String {
    let (x, y) = (number % 316, number / 316 % 316);
    format!(
        r#"{{"id":"urn:ngsi-ld:BenchSensor:{number:07}","type":"BenchSensor","level":{{"type":"Property","value":{},"unitCode":"P1","observedAt":"2026-01-01T00:00:00Z"}},"name":{{"type":"Property","value":"Sensor number {number}"}},"status":{{"type":"Property","value":"{}"}},"location":{{"type":"GeoProperty","value":{{"type":"Point","coordinates":[{:.5},{:.5}]}}}},"onRoad":{{"type":"Relationship","object":"urn:ngsi-ld:Road:{}"}}}}"#,
        number % 100,
        ["ok", "worn", "broken"][number % 3],
        11.0 + x as f64 * 0.000_95,
        43.7 + y as f64 * 0.000_95,
        number % 1_000
    )
}

/// Batch upsert of `count` entities in pieces, from two threads. Entities per second.
///
/// # Errors
/// When a piece is refused.
pub fn upsert(broker: &Broker, from: usize, count: usize, piece: usize) -> Result<f64> {
    let bodies: Vec<String> = (from..from + count)
        .step_by(piece)
        .map(|first| {
            let list: Vec<String> = (first..(first + piece).min(from + count)).map(sensor).collect();
            format!("[{}]", list.join(","))
        })
        .collect();
    let start = Instant::now();
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| -> Result<()> {
        let threads: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    while let Some(body) = bodies.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                    {
                        let (status, answer) =
                            broker.call("POST", "/ngsi-ld/v1/entityOperations/upsert", body)?;
                        if !matches!(status, 201 | 204) {
                            bail!("upsert: {status} {answer}");
                        }
                    }
                    Ok(())
                })
            })
            .collect();
        for thread in threads {
            thread
                .join()
                .map_err(|_| anyhow::anyhow!("a thread panicked"))??;
        }
        Ok(())
    })?;
    Ok(count as f64 / start.elapsed().as_secs_f64())
}

/// What `wrk` said of one script.
pub struct Run {
    pub per_second: f64,
    pub p50: String,
    pub p99: String,
    /// Processor time of the program for one request.
    pub cpu: Duration,
    pub refused: u64,
}

/// Runs a script of `benches/graph`.
///
/// # Errors
/// When `wrk` is not there or says something else.
pub fn wrk(broker: &Broker, script: &str, connections: usize, seconds: u64, count: usize) -> Result<Run> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("graph")
        .join(script);
    let cpu = broker.cpu()?;
    let out = Command::new("wrk")
        .args([
            "--latency",
            "-t1",
            &format!("-c{connections}"),
            &format!("-d{seconds}s"),
            "-s",
        ])
        .arg(&path)
        .arg(format!("http://127.0.0.1:{}", broker.port))
        .env("COUNT", count.to_string())
        .env("TOKEN", &broker.token)
        .output()
        .context("wrk is needed: apt install wrk")?;
    let used = broker.cpu()? - cpu;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let after = |mark: &str| -> Option<String> {
        let line = text.lines().find(|line| line.trim_start().starts_with(mark))?;
        Some(line.trim_start().strip_prefix(mark)?.trim().to_owned())
    };
    let per_second: f64 = after("Requests/sec:").with_context(|| text.clone())?.parse()?;
    let requests = text
        .lines()
        .find_map(|line| line.trim().split_once(" requests in "))
        .and_then(|(n, _)| n.parse::<u32>().ok())
        .with_context(|| text.clone())?;
    let refused = after("Non-2xx or 3xx responses:").map_or(0, |n| n.parse().unwrap_or(u64::MAX));
    Ok(Run {
        per_second,
        p50: after("50%").unwrap_or_default(),
        p99: after("99%").unwrap_or_default(),
        cpu: used / requests.max(1),
        refused,
    })
}

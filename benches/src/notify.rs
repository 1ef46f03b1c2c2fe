//! How long a notification takes: from sending an update to its arrival at the subscriber's endpoint.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::graph::Broker;

/// What a run gave.
pub struct Latency {
    /// Update sent to notification received, sorted.
    pub times: Vec<Duration>,
    /// Updates acknowledged.
    pub updates: usize,
    /// Acknowledged updates a second.
    pub rate: f64,
}

type Arrivals = Arc<Mutex<Vec<Duration>>>;

/// `subscriptions`, each on one entity; `rate` updates a second for a time, spread over the entities.
///
/// # Errors
/// When a request is refused.
pub fn run(broker: &Broker, subscriptions: usize, rate: u32, lasts: Duration) -> Result<Latency> {
    let start = Instant::now();
    let arrivals: Arrivals = Arc::default();
    let port = listen(start, arrivals.clone())?;
    for number in 0..subscriptions {
        let body = format!(
            r#"{{"id":"urn:ngsi-ld:Subscription:bench:{number}","type":"Subscription","entities":[{{"type":"BenchSensor","id":"urn:ngsi-ld:BenchSensor:{number:07}"}}],"watchedAttributes":["level"],"notification":{{"attributes":["level"],"format":"keyValues","endpoint":{{"uri":"http://127.0.0.1:{port}/","accept":"application/json"}}}}}}"#
        );
        let (status, answer) = broker.call("POST", "/ngsi-ld/v1/subscriptions", &body)?;
        if status != 201 {
            bail!("subscription: {status} {answer}");
        }
    }
    // Initial notifications, where there are any, are not what is measured.
    std::thread::sleep(Duration::from_secs(3));
    lock(&arrivals).clear();
    const SENDERS: usize = 8;
    let began = Instant::now();
    let updates: usize = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                scope.spawn(move || send(broker, start, sender, SENDERS, subscriptions, rate, lasts))
            })
            .collect();
        senders
            .into_iter()
            .map(|s| s.join().unwrap_or(Ok(0)))
            .sum::<Result<usize>>()
    })?;
    let rate = updates as f64 / began.elapsed().as_secs_f64();
    // Those under way.
    std::thread::sleep(Duration::from_secs(3));
    let mut times = std::mem::take(&mut *lock(&arrivals));
    times.sort();
    for number in 0..subscriptions {
        broker.call(
            "DELETE",
            &format!("/ngsi-ld/v1/subscriptions/urn:ngsi-ld:Subscription:bench:{number}"),
            "",
        )?;
    }
    Ok(Latency { times, updates, rate })
}

/// One connection that updates at its share of the rate. The value is the microsecond at which it was sent.
fn send(
    broker: &Broker,
    start: Instant,
    sender: usize,
    senders: usize,
    entities: usize,
    rate: u32,
    lasts: Duration,
) -> Result<usize> {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", broker.port))?);
    stream.get_ref().set_nodelay(true)?;
    let pause = Duration::from_secs(senders as u64) / rate;
    let began = Instant::now();
    let mut sent = 0_usize;
    while began.elapsed() < lasts {
        let due = pause * u32::try_from(sent).unwrap_or(u32::MAX);
        if let Some(wait) = due.checked_sub(began.elapsed()) {
            std::thread::sleep(wait);
        }
        let entity = (sent * senders + sender) * 7 % entities;
        let body = format!(r#"{{"type":"Property","value":{}}}"#, start.elapsed().as_micros());
        write!(
            stream.get_mut(),
            "PATCH /ngsi-ld/v1/entities/urn:ngsi-ld:BenchSensor:{entity:07}/attrs/level HTTP/1.1\r\n\
             Host: localhost:{}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            broker.port,
            broker.token,
            body.len()
        )?;
        let (head, _) = message(&mut stream)?;
        if !head.starts_with("HTTP/1.1 204") {
            bail!("update: {head}");
        }
        sent += 1;
    }
    Ok(sent)
}

/// A subscriber that notes when each value arrives.
fn listen(start: Instant, arrivals: Arrivals) -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let arrivals = arrivals.clone();
            std::thread::spawn(move || receive(stream, start, &arrivals));
        }
    });
    Ok(port)
}

fn receive(stream: TcpStream, start: Instant, arrivals: &Arrivals) {
    let mut stream = BufReader::new(stream);
    while let Ok((_, body)) = message(&mut stream) {
        let now = start.elapsed();
        if stream
            .get_mut()
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            .is_err()
        {
            return;
        }
        // One notification may tell of several changes.
        let mut rest = body.as_str();
        while let Some((_, after)) = rest.split_once("\"level\":") {
            let digits: String = after
                .trim_start()
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            if let Ok(sent) = digits.parse() {
                lock(arrivals).push(now.saturating_sub(Duration::from_micros(sent)));
            }
            rest = after;
        }
    }
}

/// One HTTP/1.1 message with a length: its head and body.
fn message(stream: &mut BufReader<TcpStream>) -> Result<(String, String)> {
    let (mut head, mut length) = (String::new(), 0_usize);
    loop {
        let from = head.len();
        if stream.read_line(&mut head)? == 0 {
            bail!("closed");
        }
        let line = head[from..].trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok((head, String::from_utf8_lossy(&body).into_owned()))
}

fn lock(arrivals: &Arrivals) -> std::sync::MutexGuard<'_, Vec<Duration>> {
    arrivals.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

//! `kill -9` in the middle of a burst of changes: every acknowledged change reaches its subscriber at least once and,
//! for each entity, in order, with a dead endpoint beside it; on either store.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bisenzio_tests::{DemoData, Request, Server, TestSchema, bisenzio, postgres_url, run};
use serde_json::{Value, json};

const WRITERS: usize = 4;
const ROUNDS: usize = 2;
/// Acknowledged changes before each kill.
const ENOUGH: usize = 80;
const PATIENCE: Duration = Duration::from_secs(120);

/// What arrived, by entity, in the order in which it did.
type Arrived = Arc<Mutex<HashMap<String, Vec<i64>>>>;

/// A subscriber that answers 200 to everything.
fn receiver() -> (u16, Arrived) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let arrived = Arrived::default();
    let kept = arrived.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let arrived = arrived.clone();
            std::thread::spawn(move || while take(&stream, &arrived).is_some() {});
        }
    });
    (port, kept)
}

/// Reads one request of a connection and answers it; `None` when it is over.
fn take(stream: &TcpStream, arrived: &Arrived) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body: Value = serde_json::from_slice(&body).ok()?;
    for entity in body["data"].as_array()? {
        if let Some(round) = entity["reading"]["value"].as_i64() {
            let id = entity["id"].as_str()?.to_owned();
            arrived.lock().unwrap().entry(id).or_default().push(round);
        }
    }
    let mut writer = stream;
    writer
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        .ok()
}

fn subscribe(server: &Server, token: &str, name: &str, url: &str) {
    let body = json!({
        "id": format!("urn:ngsi-ld:Subscription:test:{name}"), "type": "Subscription",
        "entities": [{ "type": "TestSensor" }], "watchedAttributes": ["reading"],
        "notification": { "endpoint": { "uri": url } },
    });
    let answer = server.ask(
        &Request::new("POST", "/ngsi-ld/v1/subscriptions")
            .json(&body)
            .token(token),
    );
    assert_eq!(answer.status, 201, "{}", answer.text());
}

fn entity(writer: usize) -> String {
    format!("urn:ngsi-ld:TestSensor:prato:notified-{writer}")
}

fn survives(start: impl Fn() -> Server, token: &str) {
    let (port, arrived) = receiver();
    let mut last = [0_i64; WRITERS];
    let server = start();
    subscribe(&server, token, "well", &format!("http://127.0.0.1:{port}/notify"));
    // Nobody listens there.
    let closed = TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a port");
    subscribe(&server, token, "dead", &format!("http://{closed}/notify"));
    for writer in 0..WRITERS {
        let body = json!({ "id": entity(writer), "type": "TestSensor", "reading": { "type": "Property", "value": 0 } });
        let answer = server.ask(
            &Request::new("POST", "/ngsi-ld/v1/entities")
                .json(&body)
                .token(token),
        );
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    let mut acknowledged: Vec<Vec<i64>> = vec![vec![0]; WRITERS];
    let mut running = Some(server);
    for _ in 0..ROUNDS {
        let server = running.take().unwrap_or_else(&start);
        let (count, over) = (AtomicUsize::new(0), AtomicBool::new(false));
        let to = server.port;
        std::thread::scope(|scope| {
            for (writer, (last, acknowledged)) in last.iter_mut().zip(&mut acknowledged).enumerate() {
                let (count, over) = (&count, &over);
                scope.spawn(move || {
                    while !over.load(Ordering::SeqCst) {
                        *last += 1;
                        let body = json!({ "reading": { "type": "Property", "value": *last } });
                        let path = format!("/ngsi-ld/v1/entities/{}/attrs", entity(writer));
                        let request = Request::new("POST", &path).json(&body).token(token);
                        // A refused or broken connection is what a kill looks like: not acknowledged.
                        match request.send(to, "localhost") {
                            Ok(answer) if answer.status == 204 => {
                                acknowledged.push(*last);
                                count.fetch_add(1, Ordering::SeqCst);
                            }
                            Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.text()),
                            Err(_) => {}
                        }
                    }
                });
            }
            let deadline = Instant::now() + PATIENCE;
            while count.load(Ordering::SeqCst) < ENOUGH && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(2));
            }
            server.kill();
            over.store(true, Ordering::SeqCst);
        });
        assert!(
            count.load(Ordering::SeqCst) >= ENOUGH,
            "too few writes before the kill"
        );
    }

    let _server = start();
    let deadline = Instant::now() + PATIENCE;
    for (writer, wanted) in acknowledged.iter().enumerate() {
        loop {
            let seen = arrived
                .lock()
                .unwrap()
                .get(&entity(writer))
                .cloned()
                .unwrap_or_default();
            if wanted.iter().all(|round| seen.contains(round)) {
                in_order(&seen);
                break;
            }
            assert!(
                Instant::now() < deadline,
                "{} of {} changes of {} arrived",
                seen.len(),
                wanted.len(),
                entity(writer)
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Whatever came for the first time was newer than all that had come before. What came again is allowed.
fn in_order(seen: &[i64]) {
    let mut newest = -1;
    for (at, round) in seen.iter().enumerate() {
        if !seen[..at].contains(round) {
            assert!(*round > newest, "{round} came after {newest}: {seen:?}");
            newest = *round;
        }
    }
}

#[test]
fn no_notification_is_lost_on_sqlite() {
    let data = DemoData::new();
    let token = data.token("prato");
    survives(|| Server::demo(&["--data", data.path()]), &token);
}

#[test]
fn no_notification_is_lost_on_postgresql() {
    let Some(url) = postgres_url() else { return };
    let schema = TestSchema::new(&url, "notifications");
    let store = schema.url();
    let token = run(bisenzio()
        .args(["token", "create", "--demo"])
        .env("BISENZIO_STORE_URL", &store));
    survives(|| Server::demo(&["--store", &store]), token.trim());
}

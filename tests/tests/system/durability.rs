//! `kill -9` under write load loses nothing that was acknowledged, on either store.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bisenzio_tests::{DemoData, Request, Server, TestSchema, bisenzio, postgres_url, run};
use serde_json::json;

const WRITERS: usize = 6;
const ROUNDS: usize = 3;
/// Acknowledged writes before each kill.
const ENOUGH: usize = 120;

fn entity(round: usize, writer: usize, number: usize) -> (String, serde_json::Value) {
    let id = format!("urn:ngsi-ld:TestSensor:prato:r{round}w{writer}n{number}");
    let body = json!({ "id": id, "type": "TestSensor", "reading": { "type": "Property", "value": number } });
    (id, body)
}

/// Writes from many threads, kills the process in the middle, starts it again and looks for every write that was
/// acknowledged; several times on the same data.
fn survives(start: impl Fn() -> Server, token: &str) {
    let mut kept: Vec<String> = Vec::new();
    for round in 0..ROUNDS {
        let server = start();
        let acknowledged = Mutex::new(Vec::new());
        let over = AtomicBool::new(false);
        let port = server.port;
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (acknowledged, over) = (&acknowledged, &over);
                scope.spawn(move || {
                    for number in 0.. {
                        if over.load(Ordering::SeqCst) {
                            return;
                        }
                        let (id, body) = entity(round, writer, number);
                        let request = Request::new("POST", "/ngsi-ld/v1/entities")
                            .json(&body)
                            .token(token);
                        // Refused connections and answers cut off are what a kill looks like: not acknowledged.
                        match request.send(port, "localhost") {
                            Ok(answer) if answer.status == 201 => acknowledged.lock().unwrap().push(id),
                            Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.text()),
                            Err(_) => {}
                        }
                    }
                });
            }
            let deadline = Instant::now() + Duration::from_secs(120);
            while acknowledged.lock().unwrap().len() < ENOUGH && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(5));
            }
            server.kill();
            over.store(true, Ordering::SeqCst);
        });
        let written = acknowledged.into_inner().unwrap();
        assert!(
            written.len() >= ENOUGH,
            "only {} writes in round {round}",
            written.len()
        );
        kept.extend(written);
    }

    let server = start();
    for id in &kept {
        let answer = server.ask(&Request::get(&format!("/ngsi-ld/v1/entities/{id}")));
        assert_eq!(
            answer.status,
            200,
            "{id} was acknowledged and is gone: {}",
            answer.text()
        );
    }
    assert_eq!(server.ask(&Request::get("/")).status, 200);
}

#[test]
fn nothing_acknowledged_is_lost_on_sqlite() {
    let data = DemoData::new();
    let token = data.token("prato");
    survives(|| Server::demo(&["--data", data.path()]), &token);
}

#[test]
fn nothing_acknowledged_is_lost_on_postgresql() {
    let Some(url) = postgres_url() else { return };
    let schema = TestSchema::new(&url, "durability");
    let store = schema.url();
    let token = run(bisenzio()
        .args(["token", "create", "--demo"])
        .env("BISENZIO_STORE_URL", &store));
    survives(|| Server::demo(&["--store", &store]), token.trim());
}

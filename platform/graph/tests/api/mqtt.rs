//! Notifications by MQTT, to a Mosquitto of the test's own where the program is installed.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use super::house::{houses, work};
use super::receiver::{Dispatcher, subscription};

struct Broker {
    program: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// `None` where Mosquitto is not installed; says so.
async fn broker() -> Option<Broker> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("mosquitto.conf");
    std::fs::write(
        &config,
        format!("listener {port} 127.0.0.1\nallow_anonymous true\n"),
    )
    .unwrap();
    let started = ["mosquitto", "/usr/sbin/mosquitto"].into_iter().find_map(|name| {
        Command::new(name)
            .arg("-c")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()
    });
    let Some(program) = started else {
        eprintln!("skipped: install mosquitto to test notifications by MQTT");
        return None;
    };
    for _ in 0..200 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    Some(Broker {
        program,
        port,
        _folder: folder,
    })
}

/// Subscribes to everything and returns the first message: topic and payload.
async fn listen(port: u16) -> tokio::net::TcpStream {
    use tokio::io::AsyncWriteExt;
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream
        .write_all(b"\x10\x0D\0\x04MQTT\x04\x02\0\x3C\0\x01t")
        .await
        .unwrap();
    let mut connack = [0; 4];
    stream.read_exact(&mut connack).await.unwrap();
    assert_eq!(connack[3], 0);
    stream.write_all(b"\x82\x06\0\x01\0\x01#\0").await.unwrap();
    let mut suback = [0; 5];
    stream.read_exact(&mut suback).await.unwrap();
    stream
}

async fn message(stream: &mut tokio::net::TcpStream) -> (String, Value) {
    let read = async {
        let first = stream.read_u8().await.unwrap();
        assert_eq!(first >> 4, 3, "a PUBLISH");
        let (mut length, mut shift) = (0_usize, 0);
        loop {
            let byte = stream.read_u8().await.unwrap();
            length |= usize::from(byte & 0x7F) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        let name = 2 + usize::from(u16::from_be_bytes([body[0], body[1]]));
        let topic = String::from_utf8(body[2..name].to_vec()).unwrap();
        (topic, serde_json::from_slice(&body[name..]).unwrap())
    };
    tokio::time::timeout(Duration::from_secs(20), read)
        .await
        .expect("a message")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_and_quality_of_service() {
    let Some(broker) = broker().await else { return };
    for house in houses().await {
        let _dispatcher = Dispatcher::of(&house);
        let mut heard = listen(broker.port).await;
        house.create(&work(1)).await;
        let mut number = 0;
        for version in [None, Some("mqtt3.1.1"), Some("mqtt5.0")] {
            for qos in [None, Some("1"), Some("2")] {
                let info: Vec<Value> = [("MQTT-Version", version), ("MQTT-QoS", qos)]
                    .into_iter()
                    .filter_map(|(key, value)| Some(json!({ "key": key, "value": value? })))
                    .collect();
                number += 1;
                let mut endpoint = json!({ "receiverInfo": [{ "key": "test-key", "value": "test value" }] });
                if !info.is_empty() {
                    endpoint["notifierInfo"] = json!(info);
                }
                let url = format!("mqtt://user:secret@127.0.0.1:{}/city/works/{number}", broker.port);
                let more = json!({ "watchedAttributes": [format!("a{number}")], "notification": { "endpoint": endpoint } });
                let id = house
                    .subscribe(&subscription(&number.to_string(), &url, &more))
                    .await;
                for round in 0..2 {
                    house
                        .set(
                            "urn:ngsi-ld:CityWork:prato:0001",
                            &format!("a{number}"),
                            &json!(round),
                        )
                        .await;
                    let (topic, payload) = message(&mut heard).await;
                    assert_eq!(topic, format!("city/works/{number}"));
                    assert_eq!(payload["metadata"]["Content-Type"], "application/json");
                    assert_eq!(payload["metadata"]["test-key"], "test value");
                    assert!(payload["metadata"]["Link"].is_string());
                    assert_eq!(payload["body"]["subscriptionId"], id);
                    assert_eq!(payload["body"]["data"][0][format!("a{number}")]["value"], round);
                }
                house
                    .fares_until(&id, |f| {
                        f["timesSent"] == 2 && f["pending"] == 0 && f["failures"] == 0
                    })
                    .await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_goes_and_comes_back() {
    let Some(first) = broker().await else { return };
    let port = first.port;
    let house = houses().await.remove(0);
    let _dispatcher = Dispatcher::of(&house);
    let more =
        json!({ "notification": { "endpoint": { "notifierInfo": [{ "key": "MQTT-QoS", "value": "1" }] } } });
    let url = format!("mqtt://127.0.0.1:{port}/works");
    let id = house.subscribe(&subscription("a", &url, &more)).await;
    house.create(&work(1)).await;
    house.fares_until(&id, |f| f["timesSent"] == 1).await;
    drop(first);
    house
        .set("urn:ngsi-ld:CityWork:prato:0001", "name", &json!("Kept"))
        .await;
    let failing = house.fares_until(&id, |f| f["failures"] == 1).await;
    assert!(
        failing["lastError"].as_str().unwrap().contains("MQTT"),
        "{failing}"
    );
    assert_eq!(failing["pending"], 1);
}

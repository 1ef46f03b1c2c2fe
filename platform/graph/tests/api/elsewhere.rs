//! Other brokers for tests: a second house on a port of this machine, and one that only listens and answers as told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use serde_json::{Value, json};

use crate::house::{Answer, House, ask, houses};

pub const REGISTRATIONS: &str = "/ngsi-ld/v1/csourceRegistrations";

/// Two houses, the second reachable by the first.
pub struct Pair {
    pub here: House,
    pub there: House,
    pub there_url: String,
}

/// One pair per store that this machine can run.
pub async fn pairs() -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (here, there) in houses().await.into_iter().zip(houses().await) {
        let there_url = serve(there.router.clone()).await;
        pairs.push(Pair {
            here,
            there,
            there_url,
        });
    }
    pairs
}

pub async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

impl Pair {
    /// Registers the second house at the first, as an officer there.
    pub async fn register(&self, id: &str, changes: Value) {
        let mut body = json!({
            "id": format!("urn:ngsi-ld:ContextSourceRegistration:{id}"),
            "type": "ContextSourceRegistration",
            "endpoint": self.there_url,
            "tenant": "prato",
            "contextSourceInfo": [{ "key": "x-test-role", "value": "officer" }],
            "operations": ["redirectionOps", "federationOps", "createBatch", "upsertBatch", "deleteBatch"],
        });
        merge(&mut body, changes);
        as_manager(&self.here, Method::POST, REGISTRATIONS, Some(&body))
            .await
            .is(201);
    }
}

pub fn merge(body: &mut Value, changes: Value) {
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
}

pub async fn as_manager(house: &House, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let request = ask(method, path)
        .header("x-test-role", "manager")
        .header(header::CONTENT_TYPE, "application/json");
    let body = body.map(Value::to_string).unwrap_or_default();
    house.send(request.body(body.into()).unwrap()).await
}

/// What a listener was asked.
#[derive(Clone, Debug)]
pub struct Heard {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Value,
}

/// A broker that writes down what it is asked.
#[derive(Clone, Default)]
pub struct Listener {
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Arc<Mutex<VecDeque<(u16, Value)>>>,
    delay: Arc<Mutex<Duration>>,
}

impl Listener {
    pub async fn open() -> (Self, String) {
        let listener = Self::default();
        let router = Router::new().fallback(hear).with_state(listener.clone());
        let url = serve(router).await;
        (listener, url)
    }

    /// The next answer; 204 when none is left.
    pub fn answer(&self, status: u16, body: Value) {
        self.answers.lock().unwrap().push_back((status, body));
    }

    /// Answers that nobody has asked for are given to nobody.
    pub fn forget(&self) {
        self.answers.lock().unwrap().clear();
    }

    pub fn be_slow(&self, delay: Duration) {
        *self.delay.lock().unwrap() = delay;
    }

    /// What was heard since the last time.
    pub fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }
}

async fn hear(
    State(listener): State<Listener>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    listener.heard.lock().unwrap().push(Heard {
        method,
        uri,
        headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    });
    let delay = *listener.delay.lock().unwrap();
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let next = listener.answers.lock().unwrap().pop_front();
    match next {
        Some((status, body)) => {
            let json = [(header::CONTENT_TYPE, "application/json")];
            (StatusCode::from_u16(status).unwrap(), json, body.to_string()).into_response()
        }
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

impl Heard {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    }
}

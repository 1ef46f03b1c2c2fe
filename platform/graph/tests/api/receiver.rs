//! A subscriber's endpoint for one test, and the dispatcher that sends to it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};

use super::house::House;

/// Longer than anything here takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Inner {
    received: Mutex<VecDeque<(HeaderMap, Value)>>,
    came: Notify,
    /// Answers to give before 200, in order.
    answers: Mutex<VecDeque<u16>>,
    delay: Mutex<Duration>,
}

#[derive(Clone)]
pub struct Receiver {
    inner: Arc<Inner>,
    address: SocketAddr,
}

impl Receiver {
    pub async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let router = Router::new().fallback(take).with_state(inner.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { inner, address }
    }

    pub fn url(&self) -> String {
        format!("http://{}/notify", self.address)
    }

    /// Answers to give before everything is well.
    pub fn will_answer(&self, statuses: impl IntoIterator<Item = u16>) {
        self.inner.answers.lock().unwrap().extend(statuses);
    }

    pub fn will_take(&self, delay: Duration) {
        *self.inner.delay.lock().unwrap() = delay;
    }

    /// The next notification, with its headers.
    pub async fn next(&self) -> (HeaderMap, Value) {
        tokio::time::timeout(PATIENCE, async {
            loop {
                let came = self.inner.came.notified();
                if let Some(one) = self.inner.received.lock().unwrap().pop_front() {
                    return one;
                }
                came.await;
            }
        })
        .await
        .expect("a notification")
    }

    /// The entities of the next notification.
    pub async fn data(&self) -> Vec<Value> {
        self.next().await.1["data"].as_array().unwrap().clone()
    }

    /// Nothing comes for a while.
    pub async fn hears_nothing(&self) {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let received = self.inner.received.lock().unwrap();
        assert!(received.is_empty(), "{received:?}");
    }
}

async fn take(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let delay = *inner.delay.lock().unwrap();
    tokio::time::sleep(delay).await;
    let answer = inner.answers.lock().unwrap().pop_front();
    if let Some(status) = answer {
        return StatusCode::from_u16(status).unwrap();
    }
    let body = serde_json::from_slice(&body).unwrap();
    inner.received.lock().unwrap().push_back((headers, body));
    inner.came.notify_waiters();
    StatusCode::OK
}

/// The dispatcher of a house, until it is dropped or stopped.
pub struct Dispatcher {
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Dispatcher {
    pub fn of(house: &House) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(bisenzio_graph::run_dispatcher(house.app().clone(), async move {
            let _ = stopped.await;
        }));
        Self { stop, task }
    }

    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.task)
            .await
            .expect("it stops")
            .unwrap();
    }
}

pub const SUBSCRIPTIONS: &str = "/ngsi-ld/v1/subscriptions";

/// A subscription to works, with other members merged in (those of `notification` and `endpoint` too).
pub fn subscription(name: &str, url: &str, more: &Value) -> Value {
    let mut body = json!({
        "id": format!("urn:ngsi-ld:Subscription:{name}"), "type": "Subscription",
        "entities": [{ "type": "CityWork" }],
        "notification": { "endpoint": { "uri": url } },
    });
    merge(&mut body, more);
    body
}

fn merge(into: &mut Value, more: &Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (name, value) in more {
                merge(into.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (into, more) => *into = more.clone(),
    }
}

impl House {
    pub async fn subscribe(&self, body: &Value) -> String {
        let answer = self.call(Method::POST, SUBSCRIPTIONS, Some(body)).await;
        answer.is(201);
        body["id"].as_str().unwrap().to_owned()
    }

    pub async fn set(&self, entity: &str, attribute: &str, value: &Value) {
        let path = format!("/ngsi-ld/v1/entities/{entity}/attrs");
        let body = json!({ attribute: { "type": "Property", "value": value } });
        self.call(Method::POST, &path, Some(&body)).await.is(204);
    }

    pub async fn read_subscription(&self, id: &str) -> Value {
        let answer = self
            .call(Method::GET, &format!("{SUBSCRIPTIONS}/{id}"), None)
            .await;
        answer.is(200);
        answer.json()
    }

    /// How its deliveries fare.
    pub async fn fares(&self, id: &str) -> Value {
        let path = format!("/api/v1/graph/subscriptions?subscription={id}");
        let answer = self.call(Method::GET, &path, None).await;
        answer.is(200);
        answer.json()["items"][0].clone()
    }

    /// Asks how they fare until it is as expected.
    pub async fn fares_until(&self, id: &str, expected: impl Fn(&Value) -> bool) -> Value {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let now = self.fares(id).await;
            if expected(&now) {
                return now;
            }
            assert!(tokio::time::Instant::now() < deadline, "{now}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

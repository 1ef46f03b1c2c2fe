//! @contexts fetched, kept, hosted (clauses 4.4, 5.13, 6.3.5).

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::house::{ENTITIES, House, ask, houses, work};

const CONTEXTS: &str = "/ngsi-ld/v1/jsonldContexts";
const LD: &str = "application/ld+json";

/// A server of contexts that counts its visitors and can be told to fail.
struct Elsewhere {
    address: SocketAddr,
    state: Arc<Visits>,
}

#[derive(Default)]
struct Visits {
    count: AtomicUsize,
    broken: AtomicBool,
}

impl Elsewhere {
    async fn open() -> Self {
        let state = Arc::new(Visits::default());
        let router = Router::new()
            .route("/plain", get(plain))
            .route("/nested", get(nested))
            .route("/circle", get(circle))
            .route("/moved", get(|| async { Redirect::temporary("/plain") }))
            .route(
                "/astray",
                get(|| async { Redirect::temporary("http://169.254.169.254/x") }),
            )
            .route("/page", get(|| async { "<html>" }))
            .route(
                "/large",
                get(|| async { format!("{{\"@context\":{{}},\"x\":\"{}\"}}", "x".repeat(2_000_000)) }),
            )
            .with_state(state.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, state }
    }

    fn url(&self, name: &str) -> String {
        format!("http://{}/{name}", self.address)
    }

    fn visits(&self) -> usize {
        self.state.count.load(Ordering::SeqCst)
    }

    fn break_down(&self, broken: bool) {
        self.state.broken.store(broken, Ordering::SeqCst);
    }
}

async fn plain(State(visits): State<Arc<Visits>>) -> Response {
    visits.count.fetch_add(1, Ordering::SeqCst);
    if visits.broken.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let body = json!({ "@context": { "name": "https://schema.example/label" } });
    ([(header::CACHE_CONTROL, "max-age=600")], body.to_string()).into_response()
}

async fn nested(headers: http::HeaderMap) -> String {
    let host = headers[header::HOST].to_str().unwrap();
    json!({ "@context": [format!("http://{host}/plain"), { "number": "https://schema.example/no" }] })
        .to_string()
}

async fn circle(headers: http::HeaderMap) -> String {
    let host = headers[header::HOST].to_str().unwrap();
    json!({ "@context": format!("http://{host}/circle") }).to_string()
}

fn link(url: &str) -> String {
    format!("<{url}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"")
}

async fn create_with(house: &House, number: usize, context: &Value) -> crate::house::Answer {
    let mut entity = work(number);
    entity["@context"] = context.clone();
    house.raw(Method::POST, ENTITIES, LD, entity.to_string()).await
}

#[tokio::test]
async fn remote_contexts_are_fetched_once_and_survive_their_server() {
    for house in houses().await {
        let elsewhere = Elsewhere::open().await;
        let url = elsewhere.url("plain");
        for number in 1..4 {
            create_with(&house, number, &json!(url)).await.is(201);
        }
        assert_eq!(elsewhere.visits(), 1, "{}", house.name());
        let one = format!("{ENTITIES}/urn:ngsi-ld:CityWork:prato:0001");
        let answer = house.get_with(&one, &[("link", &link(&url))]).await;
        assert_eq!(answer.is(200).json()["name"]["value"], "Scavo 1");
        assert!(
            answer.links().iter().any(|l| l.contains(&url)),
            "the same @context is named again"
        );
        assert_eq!(
            house.get(&one).await.json()["https://schema.example/label"]["value"],
            "Scavo 1"
        );

        // Another process on the same data, with the server gone: the copy in the store is used.
        elsewhere.break_down(true);
        let again = house.reopened().await;
        create_with(&again, 4, &json!(url)).await.is(201);
        assert_eq!(elsewhere.visits(), 1);
        // Long after its time it is asked for again, and the old copy still serves.
        again.clock.advance(3_600);
        let later = again.reopened().await;
        create_with(&later, 5, &json!(url)).await.is(201);
        assert_eq!(elsewhere.visits(), 2);
    }
}

#[tokio::test]
async fn many_who_want_it_at_once_wait_for_one_fetch() {
    for house in houses().await {
        let elsewhere = Elsewhere::open().await;
        let url = json!(elsewhere.url("nested"));
        let all = tokio::join!(
            create_with(&house, 1, &url),
            create_with(&house, 2, &url),
            create_with(&house, 3, &url),
            create_with(&house, 4, &url)
        );
        for answer in [all.0, all.1, all.2, all.3] {
            answer.is(201);
        }
        assert_eq!(elsewhere.visits(), 1);
        let one = house
            .get(&format!("{ENTITIES}/urn:ngsi-ld:CityWork:prato:0001"))
            .await
            .json();
        assert!(
            one.get("https://schema.example/label").is_some()
                && one.get("https://schema.example/no").is_some()
        );
    }
}

#[tokio::test]
async fn what_cannot_be_had_is_said_so() {
    for house in houses().await {
        let elsewhere = Elsewhere::open().await;
        create_with(&house, 1, &json!(elsewhere.url("moved")))
            .await
            .is(201);
        let closed = "http://127.0.0.1:1/context.jsonld".to_owned();
        for bad in ["astray", "page", "large", "circle", "nothing"]
            .map(|name| elsewhere.url(name))
            .into_iter()
            .chain([closed, "http://10.0.0.1/context.jsonld".to_owned()])
        {
            let answer = create_with(&house, 2, &json!([bad])).await;
            assert_eq!(
                answer.is(503).json()["type"],
                "https://uri.etsi.org/ngsi-ld/errors/LdContextNotAvailable"
            );
            let answer = house
                .get_with(&format!("{ENTITIES}?type=A"), &[("link", &link(&bad))])
                .await;
            answer.is_error(503, "LdContextNotAvailable", "");
        }
        for invalid in [
            json!("context.jsonld"),
            json!("file:///etc/passwd"),
            json!(7),
            json!(["http:// x"]),
        ] {
            let answer = create_with(&house, 2, &invalid).await;
            assert_eq!(
                answer.is(400).json()["type"],
                "https://uri.etsi.org/ngsi-ld/errors/BadRequestData",
                "{invalid}"
            );
        }
        let many: Vec<String> = (0..40).map(|n| elsewhere.url(&format!("plain?{n}"))).collect();
        let before = elsewhere.visits();
        create_with(&house, 2, &json!(many)).await.is(503);
        assert_eq!(elsewhere.visits(), before, "refused before anything is fetched");
    }
}

#[tokio::test]
async fn contexts_are_hosted_listed_served_and_deleted() {
    for house in houses().await {
        let document = json!({ "@context": { "name": "https://schema.example/label" } });
        let added = house.call(Method::POST, CONTEXTS, Some(&document)).await;
        let location = added.is(201).header("location").to_owned();
        assert!(
            added.text.is_empty() && location.starts_with(CONTEXTS),
            "{location}"
        );
        let url = format!("http://prato.example{location}");

        assert_eq!(house.get(&location).await.is(200).json(), document);
        let details = house.get(&format!("{location}?details=true")).await.json();
        assert_eq!(
            (&details["kind"], &details["URL"]),
            (&json!("Hosted"), &json!(url))
        );
        assert_eq!(details["numberOfHits"], 1);

        // Used by its address, it is not fetched over the network; the city's other host names are its own too.
        create_with(&house, 1, &json!(url)).await.is(201);
        let one = format!("{ENTITIES}/urn:ngsi-ld:CityWork:prato:0001");
        let named = house.get_with(&one, &[("link", &link(&url))]).await;
        assert_eq!(named.json()["name"]["value"], "Scavo 1");

        let listed = house.get(CONTEXTS).await.json();
        assert!(listed.as_array().unwrap().contains(&json!(url)), "{listed}");
        let hosted = house
            .get(&format!("{CONTEXTS}?kind=Hosted&details=true"))
            .await
            .json();
        assert_eq!(hosted.as_array().unwrap().len(), 1);
        assert_eq!(
            house
                .get(&format!("{CONTEXTS}?kind=ImplicitlyCreated"))
                .await
                .json(),
            json!([])
        );
        for bad in ["kind=hosted", "details=yes", "kinds=Hosted"] {
            house.get(&format!("{CONTEXTS}?{bad}")).await.is(400);
        }

        house
            .call(Method::DELETE, &format!("{location}?reload=true"), None)
            .await
            .is_error(400, "BadRequestData", "");
        house.call(Method::DELETE, &location, None).await.is(204);
        house.get(&location).await.is_error(404, "ResourceNotFound", "");
        house.call(Method::DELETE, &location, None).await.is(404);
        create_with(&house, 2, &json!(url)).await.is(503);
    }
}

#[tokio::test]
async fn cached_contexts_can_be_looked_into_reloaded_and_dropped() {
    for house in houses().await {
        let elsewhere = Elsewhere::open().await;
        let url = elsewhere.url("plain");
        create_with(&house, 1, &json!(url)).await.is(201);
        let address = format!("{CONTEXTS}/{}", url.replace(':', "%3A").replace('/', "%2F"));
        let details = house.get(&format!("{address}?details=true")).await.is(200).json();
        assert_eq!(details["kind"], "Cached");
        assert_eq!(details["URL"], json!(url));
        assert_eq!(details["expiresAt"], "2026-03-11T08:10:00Z");
        house
            .get(&address)
            .await
            .is_error(422, "OperationNotSupported", "");
        let by_id = format!("{CONTEXTS}/{}?details=true", details["localId"].as_str().unwrap());
        house.get(&by_id).await.is(200);

        let reload = format!("{address}?reload=true");
        house.call(Method::DELETE, &reload, None).await.is(204);
        assert_eq!(elsewhere.visits(), 2);
        elsewhere.break_down(true);
        house
            .call(Method::DELETE, &reload, None)
            .await
            .is_error(503, "LdContextNotAvailable", "");
        create_with(&house, 2, &json!(url)).await.is(201);
        house.call(Method::DELETE, &address, None).await.is(204);
        create_with(&house, 3, &json!(url)).await.is(503);
    }
}

#[tokio::test]
async fn the_core_is_always_there() {
    for house in houses().await {
        for version in ["-v1.0", "-v1.6", "-v1.8", "-v1.9", ""] {
            let url = format!("https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context{version}.jsonld");
            let address = format!("{CONTEXTS}/{}", url.replace(':', "%3A").replace('/', "%2F"));
            let details = house.get(&format!("{address}?details=true")).await.is(200).json();
            assert_eq!(details["kind"], "Cached");
            house
                .call(Method::DELETE, &address, None)
                .await
                .is_error(400, "BadRequestData", "");
            house
                .call(Method::DELETE, &format!("{address}?reload=true"), None)
                .await
                .is(204);
            let one = work(1);
            let answer = create_with(&house, 1, &json!([url])).await;
            answer.is(201);
            let path = format!("{ENTITIES}/urn:ngsi-ld:CityWork:prato:0001");
            assert_eq!(house.get(&path).await.json(), one);
            house.call(Method::DELETE, &path, None).await.is(204);
        }
    }
}

#[tokio::test]
async fn what_is_no_context_is_refused() {
    for house in houses().await {
        for bad in ["{\"a\":\"urn:a:a\"}", "{", "[]", "{\"@context\":null}"] {
            let answer = house.raw(Method::POST, CONTEXTS, "application/json", bad).await;
            answer.is(400);
            assert_eq!(
                answer.json()["type"],
                "https://uri.etsi.org/ngsi-ld/errors/InvalidRequest",
                "{bad}"
            );
        }
        for bad in [
            "{\"@context\":7}",
            "{\"@context\":{\"a\":7}}",
            "{\"@context\":{\"a\":\"b:c\",\"b\":\"a:c\"}}",
        ] {
            let answer = house.raw(Method::POST, CONTEXTS, LD, bad).await;
            answer.is(400);
            assert_eq!(
                answer.json()["type"],
                "https://uri.etsi.org/ngsi-ld/errors/BadRequestData",
                "{bad}"
            );
        }
        house
            .raw(Method::POST, CONTEXTS, "text/plain", "{}")
            .await
            .is(415);
        house
            .get(&format!("{CONTEXTS}/none"))
            .await
            .is_error(404, "ResourceNotFound", "");
        let delete = format!("{CONTEXTS}/none");
        house
            .call(Method::DELETE, &format!("{delete}?reload=true"), None)
            .await
            .is(400);
        house
            .call(Method::DELETE, &format!("{delete}?reload=xxx"), None)
            .await
            .is(400);
        let anonymous = ask(Method::POST, CONTEXTS).header(header::CONTENT_TYPE, LD);
        house
            .send(anonymous.body("{\"@context\":{}}".into()).unwrap())
            .await
            .is(401);
    }
}

#[tokio::test]
async fn a_list_of_contexts_gets_an_address_with_its_subscription() {
    for house in houses().await {
        let elsewhere = Elsewhere::open().await;
        let body = json!({
            "@context": [elsewhere.url("plain"), { "number": "https://schema.example/no" }],
            "id": "urn:ngsi-ld:Subscription:1", "type": "Subscription", "entities": [{ "type": "CityWork" }],
            "notification": { "endpoint": { "uri": elsewhere.url("nobody") } },
        });
        let subscriptions = "/ngsi-ld/v1/subscriptions";
        house
            .raw(Method::POST, subscriptions, LD, body.to_string())
            .await
            .is(201);
        let one = format!("{subscriptions}/urn:ngsi-ld:Subscription:1");
        let url = house.call(Method::GET, &one, None).await.is(200).json()["jsonldContext"].clone();
        let listed = house
            .get(&format!("{CONTEXTS}?kind=ImplicitlyCreated"))
            .await
            .json();
        assert_eq!(listed, json!([url]));
        let path = url
            .as_str()
            .unwrap()
            .strip_prefix("http://prato.example")
            .unwrap()
            .to_owned();
        assert_eq!(
            house.get(&path).await.is(200).json()["@context"][1],
            body["@context"][1]
        );
        // It can be used like any other, and its uses are counted until it is deleted.
        create_with(&house, 1, &url).await.is(201);
        let hits = async || house.get(&format!("{path}?details=true")).await.json()["numberOfHits"].clone();
        assert_eq!(hits().await, 2);
        house.call(Method::DELETE, &path, None).await.is(204);
        let again = json!({ "@context": body["@context"], "type": "Query", "q": "number" });
        house
            .raw(
                Method::POST,
                "/ngsi-ld/v1/entityOperations/query",
                LD,
                again.to_string(),
            )
            .await
            .is(200);
        assert_eq!(hits().await, 0);
    }
}

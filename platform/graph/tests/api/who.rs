//! Who may write, and which city a request is for.

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use bisenzio_access::{LocalAccounts, create_demo_token};
use bisenzio_kernel::{Actor, ActorKind, Problem, Tenant};
use bisenzio_web::{App, Authenticator, Identity};
use http::{HeaderMap, Method, header};

use crate::house::{ENTITIES, ask, city, houses, houses_with, work};

const BATCH: &str = "/ngsi-ld/v1/entityOperations";

/// Every route that changes something.
fn writes() -> Vec<(Method, String)> {
    let one = format!("{ENTITIES}/urn:ngsi-ld:CityWork:prato:0001");
    vec![
        (Method::POST, ENTITIES.to_owned()),
        (Method::PUT, one.clone()),
        (Method::PATCH, one.clone()),
        (Method::DELETE, one.clone()),
        (Method::POST, format!("{one}/attrs")),
        (Method::PATCH, format!("{one}/attrs")),
        (Method::PUT, format!("{one}/attrs/name")),
        (Method::PATCH, format!("{one}/attrs/name")),
        (Method::DELETE, format!("{one}/attrs/name")),
        (Method::POST, format!("{BATCH}/create")),
        (Method::POST, format!("{BATCH}/upsert")),
        (Method::POST, format!("{BATCH}/delete")),
    ]
}

fn body() -> Body {
    Body::from(work(1).to_string())
}

#[tokio::test]
async fn everybody_reads_and_only_some_write() {
    for house in houses().await {
        house.create(&work(1)).await;
        house.get(&format!("{ENTITIES}?type=CityWork")).await.is(200);
        for (method, path) in writes() {
            let json = |role: Option<&str>| {
                let request = ask(method.clone(), &path).header(header::CONTENT_TYPE, "application/json");
                let request = role
                    .into_iter()
                    .fold(request, |r, role| r.header("x-test-role", role));
                request.body(body()).unwrap()
            };
            let unknown = house.send(json(None)).await;
            assert_eq!(
                unknown.is(401).header("content-type"),
                "application/json",
                "{method} {path}"
            );
            assert_eq!(unknown.json()["status"], 401);
            for role in ["citizen", "authoriser"] {
                let refused = house.send(json(Some(role))).await;
                assert_eq!(
                    refused.is(403).header("content-type"),
                    "application/json",
                    "{method} {path}"
                );
            }
        }
        let read = house
            .get(&format!("{ENTITIES}/urn:ngsi-ld:CityWork:prato:0001"))
            .await;
        assert_eq!(read.is(200).json(), work(1));
    }
}

/// A token whose scopes the request names.
struct Scopes;

#[async_trait]
impl Authenticator for Scopes {
    async fn authenticate(&self, _: &App, tenant: &Tenant, headers: &HeaderMap) -> Result<Identity, Problem> {
        let scope = headers
            .get("x-test-scope")
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let kind = ActorKind::Token {
            id: "1".into(),
            name: "sensors".into(),
        };
        Ok(Identity {
            actor: Actor::new(kind, tenant.id.clone(), None, Vec::new(), [scope]),
            csrf: None,
        })
    }
}

#[tokio::test]
async fn a_token_writes_only_with_the_scope() {
    for house in houses_with(|_| Arc::new(Scopes)).await {
        let with = |scope: &str| {
            ask(Method::POST, ENTITIES)
                .header("x-test-scope", scope)
                .header(header::CONTENT_TYPE, "application/json")
                .body(body())
                .unwrap()
        };
        house.send(with("plan.edit")).await.is(403);
        house.send(with("graph.write")).await.is(201);
    }
}

#[tokio::test]
async fn real_tokens_are_of_one_city() {
    for house in houses_with(|permissions| Arc::new(LocalAccounts::new(permissions))).await {
        let token = create_demo_token(house.store(), &house.env(), &city("prato"))
            .await
            .unwrap();
        let with = |host: &str, token: &str| {
            ask(Method::POST, ENTITIES)
                .header(header::AUTHORIZATION, format!("Bearer {token}"))
                .header("ngsild-tenant", host)
                .header(header::CONTENT_TYPE, "application/json")
                .body(body())
                .unwrap()
        };
        house.send(with("borgo", &token)).await.is(401);
        house.send(with("prato", "bsz_0000")).await.is(401);
        house.send(with("prato", &token)).await.is(201);
    }
}

#[tokio::test]
async fn cities_do_not_see_each_other() {
    for house in houses().await {
        house.create(&work(1)).await;
        let one = format!("{ENTITIES}/urn:ngsi-ld:CityWork:prato:0001");
        let queries = [
            "type=CityWork",
            "attrs=name",
            "bbox=11,43,12,44",
            "q=number==1",
            "local=true&id=urn:ngsi-ld:CityWork:prato:0001",
        ];
        for header in [("host", "borgo.example"), ("ngsild-tenant", "borgo")] {
            let from = |path: &str, method: Method, role: Option<&str>| {
                // By host name, or by the header on the host of the other city.
                let host = if header.0 == "host" {
                    header.1
                } else {
                    "prato.example"
                };
                let mut request = http::Request::builder()
                    .method(method)
                    .uri(path)
                    .header("host", host);
                if header.0 != "host" {
                    request = request.header(header.0, header.1);
                }
                if let Some(role) = role {
                    request = request.header("x-test-role", role);
                }
                request
            };
            let empty = || Body::empty();
            house
                .send(from(&one, Method::GET, None).body(empty()).unwrap())
                .await
                .is_error(404, "ResourceNotFound", "");
            for query in queries {
                let path = format!("{ENTITIES}?{query}&count=true");
                let answer = house
                    .send(from(&path, Method::GET, None).body(empty()).unwrap())
                    .await;
                assert_eq!(answer.is(200).text, "[]", "{query}");
                assert_eq!(answer.header("ngsild-results-count"), "0");
                if header.0 != "host" {
                    assert_eq!(
                        answer.header("ngsild-tenant"),
                        "borgo",
                        "6.3.14: named again in the answer"
                    );
                }
            }
            let types = house
                .send(
                    from("/ngsi-ld/v1/types", Method::GET, None)
                        .body(empty())
                        .unwrap(),
                )
                .await;
            assert_eq!(types.json()["typeList"], serde_json::json!([]));
            for (method, path) in writes() {
                if path == ENTITIES || path.starts_with(BATCH) {
                    continue;
                }
                let request = from(&path, method.clone(), Some("officer"))
                    .header(header::CONTENT_TYPE, "application/json");
                let sent = if path.ends_with("/attrs/name") {
                    Body::from("{\"type\":\"Property\",\"value\":1}")
                } else {
                    body()
                };
                house
                    .send(request.body(sent).unwrap())
                    .await
                    .is_error(404, "ResourceNotFound", "");
            }
            let delete = from(&format!("{BATCH}/delete"), Method::POST, Some("officer"))
                .header(header::CONTENT_TYPE, "application/json");
            let answer = house
                .send(
                    delete
                        .body(Body::from("[\"urn:ngsi-ld:CityWork:prato:0001\"]"))
                        .unwrap(),
                )
                .await;
            assert_eq!(answer.is(207).json()["success"], serde_json::json!([]));
            // The same identifier in the other city is another thing.
            let create = from(ENTITIES, Method::POST, Some("officer"))
                .header(header::CONTENT_TYPE, "application/json");
            house
                .send(create.body(Body::from(work(1).to_string())).unwrap())
                .await
                .is(201);
            house
                .send(from(&one, Method::DELETE, Some("officer")).body(empty()).unwrap())
                .await
                .is(204);
        }
        assert_eq!(house.get(&one).await.is(200).json(), work(1), "untouched");
    }
}

#[tokio::test]
async fn an_unknown_city_is_said_to_be_unknown() {
    for house in houses().await {
        let answer = house
            .get_with(&format!("{ENTITIES}?type=A"), &[("ngsild-tenant", "nowhere")])
            .await;
        answer.is_error(404, "NonexistentTenant", "");
        let request = http::Request::builder()
            .uri(format!("{ENTITIES}?type=A"))
            .header("host", "nowhere.example");
        house.send(request.body(Body::empty()).unwrap()).await.is(421);
    }
}

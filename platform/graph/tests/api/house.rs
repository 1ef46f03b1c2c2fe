//! A server for one test: router, store, a clock that stands still, two cities.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bisenzio_access::testing::FixedActor;
use bisenzio_graph::{GraphModule, TemporalSettings};
use bisenzio_kernel::{Env, FixedEnv, PermissionSpec, Tenant, TenantId};
use bisenzio_module::Module;
use bisenzio_outbound::{Outbound, Policy};
use bisenzio_store::testing::{TestStore, stores};
use bisenzio_store::{Store, StoreError, Value as Sql};
use bisenzio_web::{App, AppParts, Authenticator, Settings, TENANT_MIGRATIONS, Tenants, save_tenant};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

pub const ENTITIES: &str = "/ngsi-ld/v1/entities";
pub const ERRORS: &str = "https://uri.etsi.org/ngsi-ld/errors/";
pub const MAX_UPLOAD: usize = 256 * 1024;
/// Attribute instances in one temporal answer.
pub const TEMPORAL_PAGE: usize = 40;

pub struct House {
    pub router: Router,
    pub clock: Arc<FixedEnv>,
    app: App,
    held: TestStore,
}

/// One server per store that this machine can run.
pub async fn houses() -> Vec<House> {
    houses_with(|permissions| Arc::new(FixedActor::new(permissions))).await
}

pub async fn houses_with(authenticator: fn(Vec<PermissionSpec>) -> Arc<dyn Authenticator>) -> Vec<House> {
    let mut all = Vec::new();
    let modules = [
        TENANT_MIGRATIONS,
        bisenzio_access::MIGRATIONS,
        bisenzio_graph::MIGRATIONS,
    ];
    for held in stores(&modules).await {
        all.push(House::open(held, authenticator).await);
    }
    all
}

pub fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

pub fn city(name: &str) -> Tenant {
    serde_json::from_value(json!({
        "id": name, "name": name, "organisation": format!("Comune di {name}"), "center": [11.1, 43.88],
        "bbox": [11.0, 43.8, 11.2, 43.95], "hosts": [format!("{name}.example")], "demo": true,
    }))
    .unwrap()
}

impl House {
    async fn open(held: TestStore, authenticator: fn(Vec<PermissionSpec>) -> Arc<dyn Authenticator>) -> Self {
        let clock = FixedEnv::at("2026-03-11T08:00:00Z");
        let env = clock.env();
        {
            let env = env.clone();
            held.store
                .write(move |tx| {
                    save_tenant(tx, &env, &city("prato"))?;
                    save_tenant(tx, &env, &city("borgo"))
                })
                .await
                .unwrap();
        }
        Self::serve(held, clock, authenticator).await
    }

    async fn serve(
        held: TestStore,
        clock: Arc<FixedEnv>,
        authenticator: fn(Vec<PermissionSpec>) -> Arc<dyn Authenticator>,
    ) -> Self {
        let env = clock.env();
        let tenants = Tenants::default();
        tenants.reload(&held.store).await.unwrap();
        let routes = GraphModule.routes();
        let permissions: Vec<PermissionSpec> = GraphModule
            .permissions()
            .iter()
            .chain(bisenzio_access::permissions::PERMISSIONS)
            .copied()
            .collect();
        let app = App::new(AppParts {
            store: held.store.clone(),
            env,
            tenants,
            settings: Settings {
                max_upload: MAX_UPLOAD,
                ..Settings::default()
            },
            authenticator: authenticator(permissions.clone()),
            permissions,
            nav: Vec::new(),
            routes: routes.infos().to_vec(),
            services: services(),
        });
        Self {
            router: bisenzio_web::router(app.clone(), routes),
            app,
            clock,
            held,
        }
    }

    /// Another process on the same data: nothing is remembered but what the store holds.
    pub async fn reopened(&self) -> House {
        let held = self.held.reopened().await;
        let clock = self.clock.clone();
        Self::serve(held, clock, |permissions| Arc::new(FixedActor::new(permissions))).await
    }

    pub fn store(&self) -> &Store {
        &self.held.store
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    pub fn env(&self) -> Env {
        self.clock.env()
    }

    pub fn name(&self) -> &'static str {
        self.held.name
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// As an officer of Prato, JSON body when there is one.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = ask(method, path).header("x-test-role", "officer");
        let body = match body {
            Some(value) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(value.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(ask(Method::GET, path).body(Body::empty()).unwrap())
            .await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = headers
            .iter()
            .fold(ask(Method::GET, path), |request, (k, v)| request.header(*k, *v));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends bytes as they are.
    pub async fn raw(&self, method: Method, path: &str, media_type: &str, body: impl Into<Body>) -> Answer {
        let request = ask(method, path)
            .header("x-test-role", "officer")
            .header(header::CONTENT_TYPE, media_type);
        self.send(request.body(body.into()).unwrap()).await
    }

    pub async fn create(&self, entity: &Value) {
        let answer = self.call(Method::POST, ENTITIES, Some(entity)).await;
        assert_eq!(
            answer.status,
            StatusCode::CREATED,
            "{}: {}",
            self.name(),
            answer.text
        );
    }

    /// The identifiers that a query finds, in order.
    pub async fn ids(&self, query: &str) -> Vec<String> {
        let answer = self.get(&format!("{ENTITIES}?{query}")).await;
        assert_eq!(
            answer.status,
            StatusCode::OK,
            "{}: {query}: {}",
            self.name(),
            answer.text
        );
        let list = answer.json();
        list.as_array()
            .unwrap()
            .iter()
            .map(|e| e["id"].as_str().unwrap().to_owned())
            .collect()
    }

    pub async fn change(&self, sql: &'static str, values: Vec<Sql>) {
        self.store()
            .write(move |tx| tx.execute(sql, &values))
            .await
            .unwrap();
    }

    pub async fn rows(&self, sql: &'static str, values: Vec<Sql>) -> Vec<Vec<Sql>> {
        self.store()
            .read(move |tx| {
                let rows = tx.query(sql, &values)?;
                Ok::<_, StoreError>(rows.iter().map(|row| row.values().to_vec()).collect())
            })
            .await
            .unwrap()
    }
}

/// Endpoints on this machine may be called.
fn services() -> http::Extensions {
    let mut services = http::Extensions::new();
    services.insert(Outbound::new(Policy::public().with_loopback()).unwrap());
    services.insert(TemporalSettings { page: TEMPORAL_PAGE });
    services
}

pub fn ask(method: Method, path: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "prato.example")
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {:?}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    }

    pub fn links(&self) -> Vec<&str> {
        self.headers
            .get_all(header::LINK)
            .iter()
            .filter_map(|v| v.to_str().ok())
            .collect()
    }

    /// The address of `rel="next"` or `rel="prev"`.
    pub fn page(&self, rel: &str) -> Option<String> {
        let mark = format!("rel=\"{rel}\"");
        let link = self.links().into_iter().find(|link| link.contains(&mark))?;
        Some(link.split_once('>')?.0.trim_start_matches('<').to_owned())
    }

    /// Asserts one of the standard's errors; `path` is where in the body (empty: no place).
    #[track_caller]
    pub fn is_error(&self, status: u16, kind: &str, path: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        let media_types = ["application/json", "application/problem+json"];
        assert!(
            media_types.contains(&self.header("content-type")),
            "{}",
            self.text
        );
        let problem = self.json();
        assert_eq!(problem["type"], format!("{ERRORS}{kind}"), "{}", self.text);
        assert_eq!(problem["status"], status);
        assert!(
            !problem["title"].as_str().unwrap().is_empty() && !problem["detail"].as_str().unwrap().is_empty()
        );
        assert_eq!(
            problem["errors"][0]["field"].as_str().unwrap_or_default(),
            path,
            "{}",
            self.text
        );
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }
}

/// The text between tags, with single spaces.
pub fn text(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push(' ');
            }
            _ if !inside => out.push(c),
            _ => {}
        }
    }
    let out = out.replace("&#39;", "'");
    out.split([' ', '\n', '\t'])
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

pub fn work(number: usize) -> Value {
    json!({
        "id": format!("urn:ngsi-ld:CityWork:prato:{number:04}"),
        "type": "CityWork",
        "name": { "type": "Property", "value": format!("Scavo {number}") },
        "number": { "type": "Property", "value": number, "unitCode": "C62", "observedAt": "2026-03-10T10:00:00Z" },
        "location": { "type": "GeoProperty", "value": { "type": "Point", "coordinates": [11.09 + number as f64 / 1e4, 43.88] } },
        "onRoad": { "type": "Relationship", "object": "urn:ngsi-ld:Road:prato:via-pistoiese" },
    })
}

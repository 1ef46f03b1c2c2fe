//! A server for one test: two cities loaded from this repository, a clock that stands still.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bisenzio_access::testing::FixedActor;
use bisenzio_graph::GraphModule;
use bisenzio_kernel::{Env, FixedEnv, PermissionSpec, Tenant, TenantId};
use bisenzio_module::{CityError, CityFolder, Module, Registry, SeedReport, run_due_jobs};
use bisenzio_plan::PlanModule;
use bisenzio_store::testing::{TestStore, stores};
use bisenzio_store::{Store, StoreError, Value as Sql};
use bisenzio_web::{App, AppParts, Authenticator, Settings, TENANT_MIGRATIONS, Tenants, save_tenant};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::json;
use tower::ServiceExt;

pub const PROJECT: &str = "/piano/2021/pr-v1";

pub struct House {
    pub router: Router,
    pub app: App,
    pub registry: Registry,
    pub clock: Arc<FixedEnv>,
    held: TestStore,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Whether the message on the next page says that the edition is closed.
    pub fn warns_of_closed(&self) -> bool {
        self.headers
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|cookie| cookie.contains("chiusa"))
    }

    pub fn media_type(&self) -> &str {
        self.headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
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

pub fn folder(name: &str) -> CityFolder {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../cities")
        .join(name);
    CityFolder::read(&path).unwrap()
}

fn fixed(permissions: Vec<PermissionSpec>) -> Arc<dyn Authenticator> {
    Arc::new(FixedActor::new(permissions))
}

/// One server per store, with Prato and Borgo loaded.
pub async fn houses() -> Vec<House> {
    let mut all = empty_houses(fixed).await;
    for house in &mut all {
        for name in ["prato", "borgo"] {
            house.load(name, folder(name)).await.unwrap();
        }
    }
    all
}

/// One server per store, with two cities that have no plan.
pub async fn empty_houses(authenticator: fn(Vec<PermissionSpec>) -> Arc<dyn Authenticator>) -> Vec<House> {
    let modules = [
        TENANT_MIGRATIONS,
        bisenzio_search::MIGRATIONS,
        bisenzio_access::MIGRATIONS,
        bisenzio_graph::MIGRATIONS,
        bisenzio_plan::MIGRATIONS,
    ];
    let mut all = Vec::new();
    for held in stores(&modules).await {
        all.push(House::open(held, authenticator).await);
    }
    all
}

impl House {
    async fn open(held: TestStore, authenticator: fn(Vec<PermissionSpec>) -> Arc<dyn Authenticator>) -> Self {
        let clock = FixedEnv::at("2022-03-11T08:00:00Z");
        let env = clock.env();
        let cities = {
            let env = env.clone();
            held.store.write(move |tx| {
                save_tenant(tx, &env, &city("prato"))?;
                save_tenant(tx, &env, &city("borgo"))
            })
        };
        cities.await.unwrap();
        let tenants = Tenants::default();
        tenants.reload(&held.store).await.unwrap();
        let registry = Registry::new(vec![Arc::new(GraphModule), Arc::new(PlanModule)]);
        let permissions = PlanModule.permissions().to_vec();
        let routes = PlanModule
            .routes()
            .merge(bisenzio_module::home_routes())
            .merge(bisenzio_search::routes());
        let mut services = http::Extensions::new();
        services.insert(registry.clone());
        let app = App::new(AppParts {
            store: held.store.clone(),
            env,
            tenants,
            settings: Settings::default(),
            authenticator: authenticator(permissions.clone()),
            permissions,
            nav: PlanModule.nav().to_vec(),
            routes: routes.infos().to_vec(),
            services,
        });
        Self {
            router: bisenzio_web::router(app.clone(), routes),
            app,
            registry,
            clock,
            held,
        }
    }

    pub fn store(&self) -> &Store {
        &self.held.store
    }

    pub fn name(&self) -> &'static str {
        self.held.name
    }

    pub fn env(&self) -> Env {
        self.clock.env()
    }

    /// Loads a folder's plan in one transaction, as the program does.
    pub async fn load(&self, name: &str, folder: CityFolder) -> Result<SeedReport, CityError> {
        let (env, tenant) = (self.env(), city(name));
        self.store()
            .write(move |tx| PlanModule.seed(tx, &env, &tenant, &folder))
            .await
    }

    pub async fn run_jobs(&self) -> usize {
        run_due_jobs(&self.app, &self.registry).await.unwrap()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.get_as("", path).await
    }

    pub async fn get_as(&self, role: &str, path: &str) -> Answer {
        self.send(
            request(Method::GET, "prato", role, path)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    pub async fn get_in(&self, city: &str, role: &str, path: &str) -> Answer {
        self.send(
            request(Method::GET, city, role, path)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    pub async fn post(&self, role: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = serde_urlencoded::to_string(fields).unwrap();
        let request = request(Method::POST, "prato", role, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    pub async fn put(&self, role: &str, path: &str, body: &serde_json::Value) -> Answer {
        let request =
            request(Method::PUT, "prato", role, path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    pub async fn rows(&self, sql: &'static str, values: Vec<Sql>) -> Vec<Vec<Sql>> {
        let read = self.store().read(move |tx| {
            let rows = tx.query(sql, &values)?;
            Ok::<_, StoreError>(rows.iter().map(|row| row.values().to_vec()).collect())
        });
        read.await.unwrap()
    }
}

fn request(method: Method, city: &str, role: &str, path: &str) -> http::request::Builder {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, format!("{city}.example"));
    if role.is_empty() {
        request
    } else {
        request.header("x-test-role", role)
    }
}

/// The value of a hidden field of a form.
pub fn hidden(html: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let at = html.find(&start).unwrap_or_else(|| panic!("no field {name}")) + start.len();
    html[at..].split('"').next().unwrap().to_owned()
}

/// Fields of the edit form of PR-V1 as they must be sent.
pub const PROJECT_FORM: &[(&str, &str)] = &[
    ("title", "Progettazione di piazze e spazi pubblici"),
    ("code", "PR-V1"),
    ("section", "1"),
    ("number", "1.1"),
    ("kind", "vertical"),
    ("state", "in-progress"),
    ("summary", "Testo nuovo."),
];

pub fn with<'a>(base: &[(&'a str, &'a str)], changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut out: Vec<(&str, &str)> = base
        .iter()
        .filter(|(k, _)| !changes.iter().any(|(c, _)| c == k))
        .copied()
        .collect();
    out.extend_from_slice(changes);
    out
}

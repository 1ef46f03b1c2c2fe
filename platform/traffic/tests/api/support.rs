//! A small house with this module in it: a city with streets and one without.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bisenzio_access::testing::FixedActor;
use bisenzio_city_traffic::TrafficModule;
use bisenzio_city_traffic::city::City;
use bisenzio_kernel::{Env, FixedEnv, Problem, Tenant};
use bisenzio_module::{CityError, CityFolder, Module, SeedReport};
use bisenzio_store::testing::{TestStore, stores};
use bisenzio_territory::{Streets, TerritoryModule};
use bisenzio_web::{App, AppParts, Settings, TENANT_MIGRATIONS, Tenants, router, save_tenant};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

pub const DEMAND: &str = include_str!("../../../../cities/prato/traffic/demand.toml");

pub struct House {
    pub name: &'static str,
    pub test: TestStore,
    pub env: Env,
    pub streets: Streets,
    router: Router,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    }
}

pub fn tenant(id: &str) -> Tenant {
    serde_json::from_value(serde_json::json!({
        "id": id, "name": id, "organisation": format!("Comune di {id}"), "center": [11.09, 43.88],
        "bbox": [11.01, 43.81, 11.17, 43.95], "hosts": [format!("{id}.test")], "population": 196503,
    }))
    .unwrap()
}

pub fn folder(demand: &str) -> CityFolder {
    macro_rules! layer {
        ($name:literal) => {
            (
                concat!("territory/", $name).to_owned(),
                include_bytes!(concat!("../../../../cities/prato/territory/", $name)).to_vec(),
            )
        };
    }
    CityFolder::new(
        "prato",
        [
            layer!("network.geojson"),
            layer!("boundary.geojson"),
            layer!("localities.geojson"),
            layer!("bus_stops.geojson"),
            ("traffic/demand.toml".to_owned(), demand.as_bytes().to_vec()),
        ],
    )
}

pub async fn houses() -> Vec<House> {
    let migrations = [
        TENANT_MIGRATIONS,
        bisenzio_search::MIGRATIONS,
        bisenzio_territory::MIGRATIONS,
        bisenzio_city_traffic::MIGRATIONS,
    ];
    let mut out = Vec::new();
    for test in stores(&migrations).await {
        let env = FixedEnv::at("2026-11-23T08:00:00Z").env();
        let clock = env.clone();
        test.store
            .write(move |tx| {
                save_tenant(tx, &clock, &tenant("prato"))?;
                save_tenant(tx, &clock, &tenant("borgo"))?;
                TerritoryModule.seed(tx, &clock, &tenant("prato"), &folder(DEMAND))?;
                TrafficModule.seed(tx, &clock, &tenant("prato"), &folder(DEMAND))?;
                Ok::<_, CityError>(())
            })
            .await
            .unwrap();
        let tenants = Tenants::default();
        tenants.reload(&test.store).await.unwrap();
        let streets = Streets::default();
        let mut services = http::Extensions::new();
        services.insert(streets.clone());
        let routes = TrafficModule.routes();
        let app = App::new(AppParts {
            store: test.store.clone(),
            env: env.clone(),
            tenants,
            settings: Settings::default(),
            authenticator: Arc::new(FixedActor::new(TrafficModule.permissions().to_vec())),
            permissions: TrafficModule.permissions().to_vec(),
            nav: TrafficModule.nav().to_vec(),
            routes: routes.infos().to_vec(),
            services,
        });
        out.push(House {
            name: test.name,
            router: router(app, routes),
            test,
            env,
            streets,
        });
    }
    out
}

impl House {
    pub async fn call(&self, method: Method, city: &str, path: &str, role: &str, body: &str) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", format!("{city}.test"));
        if !role.is_empty() {
            request = request.header("x-test-role", role);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, "prato", path, "", "").await
    }

    pub async fn get_as(&self, path: &str, role: &str) -> Answer {
        self.call(Method::GET, "prato", path, role, "").await
    }

    pub async fn post(&self, path: &str, role: &str, body: &str) -> Answer {
        self.call(Method::POST, "prato", path, role, body).await
    }

    pub async fn city(&self) -> Arc<City> {
        let streets = self.streets.clone();
        self.test
            .store
            .read(move |tx| City::load(tx, &streets, &tenant("prato")))
            .await
            .unwrap()
            .expect("the city has streets and demand")
    }

    pub async fn seed(&self, demand: &str) -> Result<SeedReport, CityError> {
        let (env, folder) = (self.env.clone(), folder(demand));
        self.test
            .store
            .write(move |tx| TrafficModule.seed(tx, &env, &tenant("prato"), &folder))
            .await
    }

    /// What another city is computed on, for one that has none.
    pub async fn nothing(&self) -> Result<bool, Problem> {
        let streets = self.streets.clone();
        self.test
            .store
            .read(move |tx| City::load(tx, &streets, &tenant("borgo")))
            .await
            .map(|city| city.is_none())
    }
}

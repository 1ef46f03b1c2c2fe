//! A small house with this module in it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bisenzio_access::testing::FixedActor;
use bisenzio_kernel::{FixedEnv, Tenant, TenantId};
use bisenzio_module::{CityError, CityFolder, Module, Period, Registry, SeedReport, home_routes};
use bisenzio_roadworks::RoadworksModule;
use bisenzio_store::testing::{TestStore, stores};
use bisenzio_territory::{Streets, TerritoryModule};
use bisenzio_web::{App, AppParts, Routes, Settings, TENANT_MIGRATIONS, Tenants, router, save_tenant};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

pub const ORDINANCES: &str = include_str!("../../../../../cities/prato/roadworks/ordinances.jsonl");
pub const NOTICES: &str = include_str!("../../../../../cities/prato/roadworks/notices.jsonl");

const NETWORK: &str = include_str!("../../../../../cities/prato/territory/network.geojson");

pub struct House {
    pub name: &'static str,
    router: Router,
    test: TestStore,
    env: Arc<FixedEnv>,
    tenant: Tenant,
}

pub struct Answer {
    pub status: StatusCode,
    pub location: Option<String>,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }
}

fn tenant(id: &str, name: &str) -> Tenant {
    serde_json::from_value(serde_json::json!({
        "id": id, "name": name, "organisation": format!("Comune di {name}"), "center": [11.09, 43.88],
        "bbox": [11.01, 43.81, 11.17, 43.95], "hosts": [format!("{id}.test")],
        "organisations": [
            {"id": "publiacqua", "name": "Publiacqua S.p.A.", "kind": "utility", "network": "acqua"},
            {"id": "comune", "name": format!("Comune di {name}"), "kind": "municipality"}]
    }))
    .unwrap()
}

fn folder(ordinances: &str) -> CityFolder {
    folder_with(ordinances, NETWORK)
}

fn folder_with(ordinances: &str, network: &str) -> CityFolder {
    let file = |path: &str, text: &str| (path.to_owned(), text.as_bytes().to_vec());
    CityFolder::new(
        "prato",
        [
            file("roadworks/ordinances.jsonl", ordinances),
            file("roadworks/notices.jsonl", NOTICES),
            file("territory/network.geojson", network),
            file(
                "territory/streets.toml",
                include_str!("../../../../../cities/prato/territory/streets.toml"),
            ),
        ],
    )
}

pub async fn houses() -> Vec<House> {
    let migrations = [
        TENANT_MIGRATIONS,
        bisenzio_search::MIGRATIONS,
        bisenzio_access::MIGRATIONS,
        bisenzio_graph::MIGRATIONS,
        bisenzio_territory::MIGRATIONS,
        bisenzio_roadworks::MIGRATIONS,
    ];
    let mut out = Vec::new();
    for test in stores(&migrations).await {
        let env = FixedEnv::at("2026-11-23T08:00:00Z");
        let (prato, borgo) = (tenant("prato", "Prato"), tenant("borgo", "Borgo"));
        let (clock, seeded, other) = (env.env(), prato.clone(), borgo.clone());
        test.store
            .write(move |tx| {
                save_tenant(tx, &clock, &seeded)?;
                save_tenant(tx, &clock, &other)?;
                TerritoryModule.seed(tx, &clock, &seeded, &folder(ORDINANCES))?;
                RoadworksModule.seed(tx, &clock, &seeded, &folder(ORDINANCES))?;
                Ok::<_, CityError>(())
            })
            .await
            .unwrap();
        let tenants = Tenants::default();
        tenants.reload(&test.store).await.unwrap();
        let registry = Registry::new(vec![Arc::new(RoadworksModule)]);
        let mut services = http::Extensions::new();
        services.insert(registry);
        services.insert(Streets::default());
        let routes = Routes::new().merge(home_routes()).merge(RoadworksModule.routes());
        let app = App::new(AppParts {
            store: test.store.clone(),
            env: env.env(),
            tenants,
            settings: Settings {
                max_upload: 1024 * 1024,
                ..Settings::default()
            },
            authenticator: Arc::new(FixedActor::new(RoadworksModule.permissions().to_vec())),
            permissions: RoadworksModule.permissions().to_vec(),
            nav: RoadworksModule.nav().to_vec(),
            routes: routes.infos().to_vec(),
            services,
        });
        out.push(House {
            name: test.name,
            router: router(app, routes),
            test,
            env,
            tenant: prato,
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
        let status = response.status();
        let location = response
            .headers()
            .get("location")
            .map(|v| v.to_str().unwrap().to_owned());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Answer {
            status,
            location,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    pub async fn get(&self, city: &str, path: &str) -> Answer {
        self.call(Method::GET, city, path, "", "").await
    }

    pub async fn get_as(&self, city: &str, path: &str, role: &str) -> Answer {
        self.call(Method::GET, city, path, role, "").await
    }

    pub async fn send(&self, city: &str, path: &str, role: &str, form: &str) -> Answer {
        self.call(Method::POST, city, path, role, form).await
    }

    pub async fn json(&self, city: &str, path: &str) -> Value {
        let answer = self.get(city, path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        answer.json()
    }

    pub async fn import(&self, city: &str, role: &str, kind: &str, text: &str) -> Answer {
        let path = format!("/api/v1/roadworks/import?kind={kind}");
        self.call(Method::POST, city, &path, role, text).await
    }

    /// The code of the worksite of a real act or notice.
    pub async fn code_of(&self, id: &str) -> String {
        let (kind, text) = if id.starts_with("142") || id.starts_with("www") {
            ("notices", NOTICES)
        } else {
            ("ordinances", ORDINANCES)
        };
        let report = self.import("prato", "officer", kind, text).await.json();
        let row = report["rows"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["id"] == id)
            .expect(id);
        row["worksite"].as_str().unwrap().to_owned()
    }

    pub async fn search(&self, city: &str, words: &str) -> usize {
        let (city, words) = (TenantId::new(city).unwrap(), words.to_owned());
        let found = self
            .test
            .store
            .read(move |tx| bisenzio_search::find(tx, &city, &words, None, 50))
            .await;
        found.unwrap().len()
    }

    pub async fn entity(&self, city: &str, code: &str) -> Option<Value> {
        let city = TenantId::new(city).unwrap();
        let id = bisenzio_roadworks::graph::urn(&city, code);
        self.test
            .store
            .read(move |tx| bisenzio_graph::simplified(tx, &city, &id))
            .await
            .unwrap()
    }

    pub async fn audit(&self, city: &str, action: &str) -> i64 {
        let (city, action) = (TenantId::new(city).unwrap(), action.to_owned());
        let query = bisenzio_access::audit::Query {
            action,
            ..Default::default()
        };
        self.test
            .store
            .read(move |tx| bisenzio_access::audit::count(tx, &city, &query))
            .await
            .unwrap()
    }

    pub async fn compute(&self, indicator: &'static str, year: i16) -> f64 {
        let tenant = self.tenant.id.clone();
        let period = Period {
            first: jiff::civil::date(year, 1, 1),
            last: jiff::civil::date(year, 12, 31),
        };
        let computed = self
            .test
            .store
            .read(move |tx| RoadworksModule.compute(tx, &tenant, indicator, period))
            .await;
        computed.unwrap()
    }

    /// Loads the network with one street named otherwise, and looks places up again; how many works were written.
    pub async fn new_network(&self, from: &str, to: &str) -> usize {
        let city = folder_with(ORDINANCES, &NETWORK.replace(from, to));
        let (env, tenant) = (self.env.env(), self.tenant.clone());
        self.test
            .store
            .write(move |tx| {
                TerritoryModule.seed(tx, &env, &tenant, &city)?;
                let built = bisenzio_roadworks::import::rebuild_after_network(tx, &env, &tenant).unwrap();
                Ok::<_, CityError>(built.written)
            })
            .await
            .unwrap()
    }

    pub async fn seed_with(&self, ordinances: &str) -> Result<SeedReport, CityError> {
        let (env, tenant, folder) = (self.env.env(), self.tenant.clone(), folder(ordinances));
        self.test
            .store
            .write(move |tx| RoadworksModule.seed(tx, &env, &tenant, &folder))
            .await
    }
}

//! A server with two cities, and the ground of a small invented one.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bisenzio_access::testing::FixedActor;
use bisenzio_kernel::{Env, FixedEnv, Tenant};
use bisenzio_module::{CityError, CityFolder, Module, SeedReport};
use bisenzio_store::testing::{TestStore, stores};
use bisenzio_territory::{Streets, TerritoryModule};
use bisenzio_web::{App, AppParts, Settings, TENANT_MIGRATIONS, Tenants, save_tenant};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

pub struct House {
    router: Router,
    env: Env,
    pub held: TestStore,
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

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    }
}

pub fn city(name: &str) -> Tenant {
    serde_json::from_value(json!({
        "id": name, "name": name, "organisation": format!("Comune di {name}"), "center": [11.1, 43.88],
        "bbox": [11.0, 43.8, 11.2, 43.95], "hosts": [format!("{name}.example")],
    }))
    .unwrap()
}

pub async fn houses() -> Vec<House> {
    let mut all = Vec::new();
    let modules = [
        TENANT_MIGRATIONS,
        bisenzio_search::MIGRATIONS,
        bisenzio_territory::MIGRATIONS,
    ];
    for held in stores(&modules).await {
        let env = FixedEnv::at("2026-03-11T08:00:00Z").env();
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
        let tenants = Tenants::default();
        tenants.reload(&held.store).await.unwrap();
        let routes = TerritoryModule.routes();
        let mut services = http::Extensions::new();
        services.insert(Streets::default());
        let app = App::new(AppParts {
            store: held.store.clone(),
            env: env.clone(),
            tenants,
            settings: Settings::default(),
            authenticator: Arc::new(FixedActor::new(Vec::new())),
            permissions: Vec::new(),
            nav: TerritoryModule.nav().to_vec(),
            routes: routes.infos().to_vec(),
            services,
        });
        all.push(House {
            router: bisenzio_web::router(app, routes),
            env,
            held,
        });
    }
    all
}

impl House {
    pub async fn get(&self, city: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = Request::builder()
            .uri(path)
            .header("host", format!("{city}.example"));
        let request = headers
            .iter()
            .fold(request, |request, (k, v)| request.header(*k, *v));
        let response = self
            .router
            .clone()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    pub async fn seed(&self, name: &str, files: Vec<(&str, String)>) -> Result<SeedReport, CityError> {
        let files = files
            .into_iter()
            .map(|(path, text)| (format!("territory/{path}"), text.into_bytes()));
        let folder = CityFolder::new(name, files);
        let (env, tenant) = (self.env.clone(), city(name));
        self.held
            .store
            .write(move |tx| TerritoryModule.seed(tx, &env, &tenant, &folder))
            .await
    }
}

/// Two streets that cross; the first one is called `name`.
pub fn network(name: &str) -> String {
    let link = |id: &str, name: &str, class: &str, from: &str, to: &str, line: Value| {
        json!({
            "type": "Feature", "id": id,
            "properties": {
                "kind": "link", "from": from, "to": to, "name": name, "name_source": "map", "class": class,
                "direction": "both", "direction_observed": false, "length_m": 400.0,
            },
            "geometry": { "type": "LineString", "coordinates": line },
        })
    };
    json!({
        "type": "FeatureCollection", "attribution": "Dati inventati", "licence": "CC0-1.0", "source": "",
        "restrictions": [],
        "features": [
            link("s1", name, "secondary", "n1", "n2", json!([[11.096, 43.88], [11.1, 43.88]])),
            link("s2", "Via dei Cimatori", "residential", "n2", "n3", json!([[11.1, 43.88], [11.1, 43.883]])),
        ],
    })
    .to_string()
}

pub fn areas(name: &str) -> String {
    json!({ "type": "FeatureCollection", "features": [{
        "type": "Feature", "properties": { "name": name, "indicative": "true" },
        "geometry": { "type": "Polygon", "coordinates": [[[11.05, 43.85], [11.15, 43.85], [11.15, 43.92], [11.05, 43.92], [11.05, 43.85]]] },
    }] })
    .to_string()
}

pub fn places(name: &str) -> String {
    json!({ "type": "FeatureCollection", "features": [{
        "type": "Feature", "properties": { "name": name },
        "geometry": { "type": "Point", "coordinates": [11.098, 43.881] },
    }] })
    .to_string()
}

pub fn everything() -> Vec<(&'static str, String)> {
    vec![
        ("network.geojson", network("Via Pistoiese")),
        ("boundary.geojson", areas("Prato")),
        ("neighbours.geojson", areas("Vaiano")),
        ("districts.geojson", areas("Circoscrizione Centro")),
        ("localities.geojson", places("Chiesanuova")),
        ("bus_stops.geojson", places("Piazza San Marco")),
        (
            "streets.toml",
            "[aliases]\n\"Declassata\" = \"Viale Leonardo da Vinci\"\n".to_owned(),
        ),
    ]
}

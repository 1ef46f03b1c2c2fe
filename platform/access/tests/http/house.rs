//! Two cities in one server: Prato (a demonstration) and Borgo (not), and a browser to walk them with.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bisenzio_access::accounts::Details;
use bisenzio_access::{AccessModule, LocalAccounts, MIGRATIONS, accounts, invitations};
use bisenzio_kernel::{Actor, FixedEnv, Lang, Permission, PermissionSpec, Problem, Role, Tenant, TenantId};
use bisenzio_module::{CityFolder, Module};
use bisenzio_store::Store;
use bisenzio_store::testing::{TestStore, stores};
use bisenzio_web::{
    Access, App, AppParts, Ctx, LimitedBody, Routes, Settings, TENANT_MIGRATIONS, Tenants, csrf_token,
    router, save_tenant,
};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

pub const PASSWORD: &str = "il ponte al Mercatale 7";

const READ: Permission = Permission("probe.read");
const WRITE: Permission = Permission("probe.write");

/// A module's permissions, to try scopes with.
pub const PROBE: &[PermissionSpec] = &[
    PermissionSpec {
        permission: READ,
        it: "Leggere",
        en: "Read",
        roles: &[Role::Officer, Role::Planner],
    },
    PermissionSpec {
        permission: WRITE,
        it: "Scrivere",
        en: "Write",
        roles: &[Role::Officer],
    },
];

const PEOPLE: &str = r#"
[[person]]
username = "ufficio"
name = "Lucia Ferranti"
role = "officer"
organisation = "comune"
label = "Aggiorna i progetti"

[[person]]
username = "agente"
name = "Paolo Venturi"
role = "police"
label = "Controlla i cantieri"
"#;

pub struct House {
    pub fixed: Arc<FixedEnv>,
    pub name: &'static str,
    pub prato: Tenant,
    pub borgo: Tenant,
    test: TestStore,
    router: Router,
}

/// One house per engine.
pub async fn houses() -> Vec<House> {
    houses_with(|settings| settings).await
}

pub async fn houses_with(change: impl Fn(Settings) -> Settings) -> Vec<House> {
    let mut out = Vec::new();
    for test in stores(&[TENANT_MIGRATIONS, MIGRATIONS]).await {
        out.push(
            build(
                test,
                change(Settings {
                    demo: true,
                    ..Settings::default()
                }),
            )
            .await,
        );
    }
    out
}

async fn build(test: TestStore, settings: Settings) -> House {
    let fixed = FixedEnv::at("2026-03-11T08:00:00Z");
    let (prato, borgo) = (tenant("prato", true), tenant("borgo", false));
    for city in [prato.clone(), borgo.clone()] {
        let env = fixed.env();
        let files = [("people.toml".to_owned(), PEOPLE.as_bytes().to_vec())];
        let folder = CityFolder::new(city.id.as_str(), files);
        test.store
            .write(move |tx| {
                save_tenant(tx, &env, &city)?;
                AccessModule.seed(tx, &env, &city, &folder)
            })
            .await
            .unwrap();
    }
    let tenants = Tenants::default();
    tenants.reload(&test.store).await.unwrap();
    let mut permissions = AccessModule.permissions().to_vec();
    permissions.extend_from_slice(PROBE);
    let routes = AccessModule
        .routes()
        .api(Method::GET, "/api/probe", Access::Permission(READ), probe)
        .api(Method::POST, "/api/probe", Access::Permission(WRITE), probe_write)
        .page("/sonda", Access::Permission(READ), probe)
        .merge(Routes::new().page("/", Access::Public, probe))
        .with_web();
    let app = App::new(AppParts {
        store: test.store.clone(),
        env: fixed.env(),
        tenants,
        settings,
        authenticator: Arc::new(LocalAccounts::new(permissions.clone())),
        permissions,
        nav: AccessModule.nav().to_vec(),
        routes: routes.infos().to_vec(),
        services: http::Extensions::new(),
    });
    House {
        fixed,
        name: test.name,
        prato,
        borgo,
        test,
        router: router(app, routes),
    }
}

async fn probe(ctx: Ctx) -> String {
    format!("{} in {}", ctx.actor.label(), ctx.tenant_id())
}

async fn probe_write(ctx: Ctx, _: LimitedBody) -> String {
    format!("{} wrote", ctx.actor.label())
}

fn tenant(id: &str, demo: bool) -> Tenant {
    serde_json::from_value(serde_json::json!({
        "id": id, "name": id, "organisation": format!("Comune di {id}"),
        "center": [11.1, 43.9], "bbox": [11.0, 43.8, 11.2, 44.0],
        "hosts": [format!("{id}.test")], "demo": demo,
        "organisations": [
            { "id": "comune", "name": "Il Comune", "kind": "municipality" },
            { "id": "acqua", "name": "Acquedotto", "kind": "utility", "network": "acqua" }
        ]
    }))
    .unwrap()
}

impl House {
    pub fn store(&self) -> &Store {
        &self.test.store
    }

    /// A browser that reads one city.
    pub fn browser(&self, city: &str) -> Browser {
        Browser {
            router: self.router.clone(),
            host: format!("{city}.test"),
            session: None,
            flash: String::new(),
        }
    }

    /// An account with [`PASSWORD`].
    pub async fn add(&self, city: &Tenant, username: &str, roles: &[Role]) {
        let (env, actor) = (self.fixed.env(), Actor::system(city.id.clone(), "test"));
        let details = Details {
            name: format!("Nome di {username}"),
            organisation: Some("comune".into()),
            roles: roles.to_vec(),
        };
        let name = username.to_owned();
        let link = self
            .store()
            .write(move |tx| accounts::create(tx, &env, &actor, Lang::It, &name, &details))
            .await
            .unwrap();
        let acceptance = invitations::Acceptance {
            code: link.split_once("codice=").unwrap().1.to_owned(),
            name: String::new(),
            username: String::new(),
            password: PASSWORD.into(),
            again: PASSWORD.into(),
        };
        invitations::accept(self.store(), &self.fixed.env(), city, Lang::It, acceptance, None)
            .await
            .unwrap();
    }

    /// A browser signed in as a new account.
    pub async fn signed_in(&self, city: &Tenant, username: &str, roles: &[Role]) -> Browser {
        self.add(city, username, roles).await;
        let mut browser = self.browser(city.id.as_str());
        browser.sign_in(username, PASSWORD).await;
        assert!(browser.session.is_some(), "{username} could not sign in");
        browser
    }

    /// A token of a new account with these scopes.
    pub async fn token(&self, city: &Tenant, username: &str, role: Role, scopes: &[&str]) -> String {
        let mut browser = self.signed_in(city, username, &[role]).await;
        let mut fields = vec![("token-name", "sonda"), ("days", "30")];
        fields.extend(scopes.iter().map(|scope| ("scopes", *scope)));
        let reply = browser.post("/profilo/token", &fields).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        let start = reply.body.find("bsz_").expect("the token is shown");
        reply.body[start..start + 68].to_owned()
    }

    /// Actions in the audit log, the latest first.
    pub async fn audited(&self, city: &TenantId) -> Vec<String> {
        let city = city.clone();
        self.store()
            .read(move |tx| {
                let all = bisenzio_access::audit::search(tx, &city, &Default::default(), 100, 0)?;
                Ok::<_, Problem>(
                    all.into_iter()
                        .map(|e| format!("{} {} {}", e.actor, e.action, e.subject))
                        .collect(),
                )
            })
            .await
            .unwrap()
    }
}

pub struct Browser {
    router: Router,
    pub host: String,
    pub session: Option<String>,
    /// Text of the last flash message.
    pub flash: String,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |value| value.to_str().unwrap())
    }
}

impl Browser {
    pub async fn sign_in(&mut self, username: &str, password: &str) -> Reply {
        self.post("/accesso", &[("username", username), ("password", password)])
            .await
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        let request = self.request(Method::GET, path).body(Body::empty()).unwrap();
        self.send(request).await
    }

    /// Sends a form as a page of ours would: with the session's token and our origin.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let csrf = self.session.as_deref().map(csrf_token).unwrap_or_default();
        let mut all = vec![("_csrf", csrf.as_str())];
        all.extend_from_slice(fields);
        let origin = format!("http://{}", self.host);
        self.post_as(path, &all, &origin).await
    }

    /// Sends exactly these fields with an `Origin`.
    pub async fn post_as(&mut self, path: &str, fields: &[(&str, &str)], origin: &str) -> Reply {
        let body = fields
            .iter()
            .map(|(k, v)| format!("{}={}", encode(k), encode(v)))
            .collect::<Vec<_>>();
        let request = self
            .request(Method::POST, path)
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .unwrap();
        self.send(request).await
    }

    /// A program's call with a token.
    pub async fn call(&mut self, method: Method, path: &str, token: &str) -> Reply {
        let request = self
            .request(method, path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        self.send(request).await
    }

    pub fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let mut builder = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host);
        if let Some(session) = &self.session {
            builder = builder.header(header::COOKIE, format!("bisenzio_session={session}"));
        }
        builder
    }

    pub async fn send(&mut self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (pair, _) = cookie.to_str().unwrap().split_once(';').unwrap();
            match pair.split_once('=').unwrap() {
                ("bisenzio_session", "") => self.session = None,
                ("bisenzio_session", value) => self.session = Some(value.to_owned()),
                ("bisenzio_flash", value) => value.clone_into(&mut self.flash),
                _ => {}
            }
        }
        Reply {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

//! What pages of other sites may read, and who reads the server's measurements.

use axum::body::Body;
use axum::extract::ConnectInfo;
use bisenzio_kernel::Role;
use bisenzio_web::Settings;
use http::{Method, StatusCode, header};

use crate::house::{PASSWORD, houses, houses_with};

#[tokio::test]
async fn only_open_data_is_open_to_pages_of_other_sites() {
    for house in houses().await {
        let mut browser = house.browser("prato");
        let mut ask = async |method: Method, path: &str| {
            let request = browser
                .request(method, path)
                .header(header::ORIGIN, "https://elsewhere.example")
                .body(Body::empty())
                .unwrap();
            let reply = browser.send(request).await;
            let open = reply.headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).cloned();
            assert!(
                !reply
                    .headers
                    .contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS),
                "{path}"
            );
            (reply.status, open.map(|value| value.to_str().unwrap().to_owned()))
        };
        let open = Some("*".to_owned());
        assert_eq!(ask(Method::GET, "/healthz").await, (StatusCode::OK, open.clone()));
        assert_eq!(
            ask(Method::OPTIONS, "/healthz").await,
            (StatusCode::NO_CONTENT, open)
        );
        for closed in ["/", "/api/probe", "/accesso", "/amministrazione/utenti"] {
            for method in [Method::GET, Method::OPTIONS] {
                let (_, allowed) = ask(method.clone(), closed).await;
                assert_eq!(allowed, None, "{method} {closed} on {}", house.name);
            }
        }
    }
}

#[tokio::test]
async fn measurements_are_for_this_machine_and_for_operators() {
    for house in houses().await {
        let from = |address: &str| ConnectInfo(std::net::SocketAddr::new(address.parse().unwrap(), 1));
        let mut stranger = house.browser("borgo");
        for (address, proxied, expected) in [
            ("192.0.2.7", false, StatusCode::UNAUTHORIZED),
            ("127.0.0.1", true, StatusCode::UNAUTHORIZED),
            ("127.0.0.1", false, StatusCode::OK),
        ] {
            let mut request = stranger.request(Method::GET, "/metrics").extension(from(address));
            if proxied {
                request = request.header("x-forwarded-for", "192.0.2.7");
            }
            let reply = stranger.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(reply.status, expected, "{address} {}", house.name);
        }
        let mut officer = house.signed_in(&house.borgo, "mario", &[Role::Officer]).await;
        assert_eq!(officer.get("/metrics").await.status, StatusCode::FORBIDDEN);
        let mut admin = house
            .signed_in(&house.borgo, "capo", &[Role::Administrator])
            .await;
        let reply = admin.get("/metrics").await;
        assert!(reply.body.contains("bisenzio_http_requests_total"));
        assert_eq!(reply.headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN), None);
    }
}

#[tokio::test]
async fn refused_forms_can_be_gone_back_to_and_nothing_else_is_kept() {
    for house in houses().await {
        let mut browser = house.browser("borgo");
        let refused = browser
            .post("/accesso", &[("username", "x"), ("password", "")])
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.headers[header::CACHE_CONTROL], "no-cache, private");
        let mut admin = house
            .signed_in(&house.borgo, "capo", &[Role::Administrator])
            .await;
        let page = admin.get("/amministrazione/utenti").await;
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store", "{}", house.name);
    }
}

#[tokio::test]
async fn over_tls_a_session_lives_under_the_host_name_alone() {
    let tls = |settings| Settings {
        https: true,
        ..settings
    };
    for house in houses_with(tls).await {
        house.add(&house.borgo, "mario", &[Role::Officer]).await;
        let mut browser = house.browser("borgo");
        let reply = browser.sign_in("mario", PASSWORD).await;
        let cookies: Vec<&str> = reply
            .headers
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok()?.split(';').next())
            .collect();
        let session = cookies
            .iter()
            .find_map(|pair| pair.strip_prefix("__Host-bisenzio_session="))
            .unwrap_or_else(|| panic!("{cookies:?}"));
        for (name, who) in [
            ("__Host-bisenzio_session", "mario in borgo"),
            ("bisenzio_session", "anonymous in borgo"),
        ] {
            let request = browser
                .request(Method::GET, "/")
                .header(header::COOKIE, format!("{name}={session}"))
                .body(Body::empty())
                .unwrap();
            assert_eq!(browser.send(request).await.body, who, "{}", house.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_ask_at_once_for_what_is_not_kept_each_get_their_answer() {
    for house in houses().await {
        let asks: Vec<_> = (0..64)
            .map(|_| {
                let mut browser = house.browser("prato");
                tokio::spawn(async move { browser.get("/readyz").await.status })
            })
            .collect();
        for ask in asks {
            assert_eq!(ask.await.unwrap(), StatusCode::OK, "{}", house.name);
        }
    }
}

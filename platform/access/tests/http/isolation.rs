use bisenzio_kernel::Role;
use http::{Method, StatusCode};

use crate::house::houses;

#[tokio::test]
async fn a_session_or_token_of_one_city_is_nobody_in_the_other() {
    for house in houses().await {
        let mut browser = house
            .signed_in(&house.borgo, "mario", &[Role::Administrator])
            .await;
        let token = house
            .token(&house.borgo, "anna", Role::Officer, &["probe.read"])
            .await;
        assert_eq!(browser.get("/").await.body, "mario in borgo");
        "prato.test".clone_into(&mut browser.host);
        assert_eq!(
            browser.get("/").await.body,
            "anonymous in prato",
            "{}",
            house.name
        );
        assert_eq!(
            browser.get("/amministrazione/utenti").await.status,
            StatusCode::SEE_OTHER
        );
        let mut program = house.browser("prato");
        assert_eq!(
            program.call(Method::GET, "/api/probe", &token).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
}

/// A program may name the tenant in a header: that must not carry a session across either.
#[tokio::test]
async fn naming_another_city_in_a_header_carries_nothing_across() {
    for house in houses().await {
        let browser = house
            .signed_in(&house.borgo, "mario", &[Role::Administrator])
            .await;
        let request = browser.request(Method::GET, "/").header("ngsild-tenant", "prato");
        let reply = house
            .browser("borgo")
            .send(request.body(axum::body::Body::empty()).unwrap())
            .await;
        assert_eq!(reply.body, "anonymous in prato", "{}", house.name);
    }
}

#[tokio::test]
async fn users_and_log_of_one_city_are_not_seen_in_the_other() {
    for house in houses().await {
        house.add(&house.borgo, "segreta", &[Role::Officer]).await;
        let mut admin = house
            .signed_in(&house.prato, "capo", &[Role::Administrator])
            .await;
        for path in [
            "/amministrazione/utenti",
            "/amministrazione/registro",
            "/amministrazione/registro.csv",
            "/demo",
        ] {
            let reply = admin.get(path).await;
            assert_eq!(reply.status, StatusCode::OK, "{path}");
            assert!(!reply.body.contains("segreta"), "{path} on {}", house.name);
        }
        assert_eq!(
            admin.get("/amministrazione/utenti/segreta").await.status,
            StatusCode::NOT_FOUND
        );
        for act in ["", "/chiudi", "/riapri", "/collegamento"] {
            let path = format!("/amministrazione/utenti/segreta{act}");
            assert_eq!(
                admin.post(&path, &[]).await.status,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
    }
}

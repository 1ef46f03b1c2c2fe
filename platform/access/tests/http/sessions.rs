use axum::body::Body;
use bisenzio_kernel::{Problem, Role};
use bisenzio_web::csrf_token;
use http::{Method, StatusCode, header};

use crate::house::{PASSWORD, houses};

#[tokio::test]
async fn a_session_ends_by_idleness() {
    for house in houses().await {
        let mut browser = house.signed_in(&house.borgo, "mario", &[Role::Officer]).await;
        for _ in 0..3 {
            house.fixed.advance(8 * 3600 - 1);
            assert_eq!(
                browser.get("/profilo").await.status,
                StatusCode::OK,
                "use keeps it alive"
            );
        }
        house.fixed.advance(8 * 3600);
        let reply = browser.get("/profilo").await;
        assert_eq!(reply.location(), "/accesso?torna=%2Fprofilo", "{}", house.name);
    }
}

#[tokio::test]
async fn a_session_ends_by_age_however_busy() {
    for house in houses().await {
        let mut browser = house.signed_in(&house.borgo, "mario", &[Role::Officer]).await;
        for _ in 0..27 {
            house.fixed.advance(6 * 3600);
            assert_eq!(browser.get("/profilo").await.status, StatusCode::OK);
        }
        house.fixed.advance(6 * 3600);
        assert_eq!(browser.get("/profilo").await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn signing_in_rotates_and_signing_out_ends() {
    for house in houses().await {
        let mut browser = house.signed_in(&house.borgo, "mario", &[Role::Officer]).await;
        let first = browser.session.clone();
        browser.sign_in("mario", PASSWORD).await;
        assert_ne!(browser.session, first);
        let mut thief = house.browser("borgo");
        thief.session = first;
        assert_eq!(
            thief.get("/profilo").await.status,
            StatusCode::SEE_OTHER,
            "the old secret is worth nothing"
        );
        let second = browser.session.clone();
        house.fixed.advance(1);
        assert_eq!(browser.post("/accesso/esci", &[]).await.location(), "/");
        assert_eq!(browser.session, None);
        browser.session = second;
        assert_eq!(browser.get("/profilo").await.status, StatusCode::SEE_OTHER);
        assert_eq!(
            house.audited(&house.borgo.id).await[0],
            "mario access.sign-out account/mario"
        );
    }
}

#[tokio::test]
async fn the_store_never_holds_a_secret() {
    for house in houses().await {
        let browser = house.signed_in(&house.borgo, "mario", &[Role::Officer]).await;
        let secret = browser.session.clone().unwrap();
        let held = house
            .store()
            .read(|tx| {
                let mut text = String::new();
                for sql in [
                    "SELECT digest FROM access_session",
                    "SELECT password FROM access_account",
                ] {
                    for row in tx.query(sql, &[])? {
                        text.push_str(&format!("{:?}", row.values()));
                    }
                }
                Ok::<_, Problem>(text)
            })
            .await
            .unwrap();
        assert!(held.contains("$argon2id$"), "{held}");
        assert!(!held.contains(&secret) && !held.contains(PASSWORD));
    }
}

#[tokio::test]
async fn out_everywhere_ends_the_other_browser_too() {
    for house in houses().await {
        let mut desk = house.signed_in(&house.borgo, "mario", &[Role::Officer]).await;
        let mut phone = house.browser("borgo");
        phone.sign_in("mario", PASSWORD).await;
        let profile = phone.get("/profilo").await;
        assert_eq!(
            profile.body.matches("11 marzo 2026, ore 9:00").count(),
            6,
            "three sessions, two instants each"
        );
        phone.post("/profilo/esci-ovunque", &[]).await;
        assert_eq!(phone.session, None);
        assert_eq!(desk.get("/profilo").await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn changing_the_password_wants_the_old_one_and_ends_other_sessions() {
    for house in houses().await {
        let mut desk = house.signed_in(&house.borgo, "mario", &[Role::Officer]).await;
        let mut phone = house.browser("borgo");
        phone.sign_in("mario", PASSWORD).await;
        let new = "un altro ponte sul fiume";
        let wrong = [("current", "x"), ("password", new), ("again", new)];
        let reply = desk.post("/profilo/password", &wrong).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(reply.body.contains(r#"id="e-current""#));
        let unlike = [("current", PASSWORD), ("password", new), ("again", "altro")];
        assert!(
            desk.post("/profilo/password", &unlike)
                .await
                .body
                .contains(r#"id="e-again""#)
        );
        let weak = [
            ("current", PASSWORD),
            ("password", "password1234"),
            ("again", "password1234"),
        ];
        assert!(
            desk.post("/profilo/password", &weak)
                .await
                .body
                .contains(r#"id="e-password""#)
        );
        let right = [("current", PASSWORD), ("password", new), ("again", new)];
        assert_eq!(
            desk.post("/profilo/password", &right).await.location(),
            "/profilo"
        );
        assert_eq!(
            desk.get("/profilo").await.status,
            StatusCode::OK,
            "goes on with a new session"
        );
        assert_eq!(
            phone.get("/profilo").await.status,
            StatusCode::SEE_OTHER,
            "{}",
            house.name
        );
        let mut again = house.browser("borgo");
        again.sign_in("mario", PASSWORD).await;
        assert!(again.session.is_none(), "the old password is void");
        again.sign_in("mario", new).await;
        assert!(again.session.is_some());
    }
}

#[tokio::test]
async fn forms_without_the_sessions_token_or_from_elsewhere_are_refused() {
    for house in houses().await {
        let mut browser = house.signed_in(&house.borgo, "mario", &[Role::Officer]).await;
        let csrf = csrf_token(browser.session.as_ref().unwrap());
        let here = "http://borgo.test";
        for sent in ["", "0123", &csrf_token("another")] {
            let reply = browser
                .post_as("/profilo/esci-ovunque", &[("_csrf", sent)], here)
                .await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "token {sent:?}");
        }
        for origin in ["https://evil.example", "null", "http://prato.test"] {
            let reply = browser
                .post_as("/profilo/esci-ovunque", &[("_csrf", &csrf)], origin)
                .await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "origin {origin}");
        }
        assert_eq!(
            browser.get("/profilo").await.status,
            StatusCode::OK,
            "nothing happened"
        );
        let mut stranger = house.browser("borgo");
        let fields = [("username", "mario"), ("password", PASSWORD)];
        let reply = stranger
            .post_as("/accesso", &fields, "https://evil.example")
            .await;
        assert_eq!(
            reply.status,
            StatusCode::FORBIDDEN,
            "nobody is signed in from elsewhere"
        );
        let api = browser
            .request(Method::POST, "/api/probe")
            .body(Body::empty())
            .unwrap();
        assert_eq!(
            browser.send(api).await.status,
            StatusCode::FORBIDDEN,
            "APIs want it in a header"
        );
        let api = browser
            .request(Method::POST, "/api/probe")
            .header("x-csrf-token", &csrf);
        assert_eq!(
            browser.send(api.body(Body::empty()).unwrap()).await.body,
            "mario wrote"
        );
        assert_eq!(
            browser
                .post_as("/profilo/esci-ovunque", &[("_csrf", &csrf)], here)
                .await
                .status,
            303
        );
    }
}

#[tokio::test]
async fn cookies_that_are_no_sessions_are_simply_anonymous() {
    for house in houses().await {
        let mut browser = house.browser("borgo");
        for cookie in [
            "x".to_owned(),
            "0".repeat(64),
            "'; DROP TABLE access_session; --".to_owned(),
        ] {
            let request = browser
                .request(Method::GET, "/")
                .header(header::COOKIE, format!("bisenzio_session={cookie}"))
                .body(Body::empty())
                .unwrap();
            assert_eq!(browser.send(request).await.body, "anonymous in borgo");
        }
    }
}

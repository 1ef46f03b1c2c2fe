use bisenzio_access::bootstrap_link;
use bisenzio_kernel::Role;
use bisenzio_web::Settings;
use http::{StatusCode, header};

use crate::house::{PASSWORD, houses, houses_with};

#[tokio::test]
async fn the_right_password_opens_and_leads_back() {
    for house in houses().await {
        house.add(&house.borgo, "mario.rossi", &[Role::Officer]).await;
        house.fixed.advance(1);
        let mut browser = house.browser("borgo");
        let sent_away = browser.get("/sonda?x=1").await;
        assert_eq!(sent_away.location(), "/accesso?torna=%2Fsonda%3Fx%3D1");
        let form = browser.get(sent_away.location()).await;
        assert!(
            form.body.contains(r#"name="torna" value="/sonda?x=1""#),
            "{}",
            form.body
        );
        let fields = [
            ("username", " Mario.Rossi "),
            ("password", PASSWORD),
            ("torna", "/sonda?x=1"),
        ];
        let reply = browser.post("/accesso", &fields).await;
        assert_eq!(
            (reply.status, reply.location()),
            (StatusCode::SEE_OTHER, "/sonda?x=1"),
            "{}",
            house.name
        );
        let cookie = reply.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
        assert!(!cookie.contains("Secure"), "plain HTTP here");
        assert_eq!(browser.get("/sonda").await.body, "mario.rossi in borgo");
        let log = house.audited(&house.borgo.id).await;
        assert_eq!(log[0], "mario.rossi access.sign-in account/mario.rossi");
        let elsewhere = [
            ("username", "mario.rossi"),
            ("password", PASSWORD),
            ("torna", "//evil.example"),
        ];
        assert_eq!(
            browser.post("/accesso", &elsewhere).await.location(),
            "/amministrazione/registro",
            "never elsewhere: the first page of an officer's work in this small house"
        );
    }
}

#[tokio::test]
async fn over_tls_the_cookie_is_secure() {
    for house in houses_with(|settings| Settings {
        https: true,
        ..settings
    })
    .await
    {
        house.add(&house.borgo, "mario", &[Role::Officer]).await;
        let mut browser = house.browser("borgo");
        let reply = browser.sign_in("mario", PASSWORD).await;
        assert!(
            reply.headers[header::SET_COOKIE]
                .to_str()
                .unwrap()
                .ends_with("; Secure")
        );
    }
}

#[tokio::test]
async fn unknown_name_closed_account_and_wrong_password_get_one_answer() {
    for house in houses().await {
        house.add(&house.borgo, "mario", &[Role::Officer]).await;
        house.add(&house.borgo, "chiusa", &[Role::Officer]).await;
        let mut admin = house
            .signed_in(&house.borgo, "capo", &[Role::Administrator])
            .await;
        admin.post("/amministrazione/utenti/chiusa/chiudi", &[]).await;
        let mut answers = Vec::new();
        let tries = [
            ("mario", "wrong"),
            ("nessuno", PASSWORD),
            ("chiusa", PASSWORD),
            ("' OR 1=1 --", PASSWORD),
        ];
        for (username, password) in tries {
            let mut browser = house.browser("borgo");
            let reply = browser.sign_in(username, password).await;
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{username}");
            assert!(browser.session.is_none());
            let typed = username.replace('\'', "&#39;");
            assert!(
                reply.body.contains(&format!(r#"value="{typed}""#)),
                "keeps what was typed"
            );
            assert!(!reply.body.contains(PASSWORD), "but never a password");
            answers.push(reply.body.replace(&typed, "X"));
        }
        assert!(answers[0].contains("Nome utente o password non corretti."));
        assert!(
            answers.iter().all(|answer| *answer == answers[0]),
            "{}",
            house.name
        );
        let log = house.audited(&house.borgo.id).await;
        assert!(
            !log.iter().any(|line| line.contains("nessuno")),
            "names that are nobody's are not kept"
        );
        assert!(
            log.iter()
                .any(|line| line == "anonymous access.sign-in-refused account/mario")
        );
    }
}

#[tokio::test]
async fn empty_fields_are_told_beside_them() {
    for house in houses().await {
        let reply = house.browser("borgo").sign_in("mario", "").await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(reply.body.contains(r#"id="e-password""#) && !reply.body.contains(r#"id="e-username""#));
    }
}

#[tokio::test]
async fn too_many_attempts_must_wait_known_name_or_not() {
    for house in houses().await {
        house.add(&house.borgo, "mario", &[Role::Officer]).await;
        for username in ["mario", "nessuno"] {
            let mut browser = house.browser("borgo");
            for _ in 0..10 {
                let reply = browser.sign_in(username, "wrong").await;
                assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
            }
            let reply = browser.sign_in(username, PASSWORD).await;
            assert_eq!(
                reply.status,
                StatusCode::TOO_MANY_REQUESTS,
                "{username} on {}",
                house.name
            );
            assert_eq!(reply.headers[header::RETRY_AFTER], "901");
            assert!(
                reply.body.contains("Si può riprovare tra 16 minuti"),
                "{}",
                reply.body
            );
            assert!(browser.session.is_none());
        }
        assert_eq!(
            house.browser("prato").sign_in("mario", "wrong").await.status,
            422,
            "its own measure"
        );
        house.fixed.advance(15 * 60);
        let mut browser = house.browser("borgo");
        browser.sign_in("mario", PASSWORD).await;
        assert!(
            browser.session.is_some(),
            "after the wait the right password opens"
        );
    }
}

#[tokio::test]
async fn a_right_password_forgives_earlier_mistakes() {
    for house in houses().await {
        house.add(&house.borgo, "mario", &[Role::Officer]).await;
        let mut browser = house.browser("borgo");
        for _ in 0..3 {
            for _ in 0..9 {
                browser.sign_in("mario", "wrong").await;
            }
            assert_eq!(
                browser.sign_in("mario", PASSWORD).await.status,
                StatusCode::SEE_OTHER
            );
        }
    }
}

#[tokio::test]
async fn the_first_administrator_comes_by_a_link_that_works_once() {
    for house in houses().await {
        let (env, city) = (house.fixed.env(), house.borgo.id.clone());
        let old = bootstrap_link(house.store(), &env, &city)
            .await
            .unwrap()
            .expect("no users yet");
        let link = bootstrap_link(house.store(), &env, &city)
            .await
            .unwrap()
            .expect("still none");
        let mut browser = house.browser("borgo");
        assert_eq!(
            browser.get(&old).await.status,
            StatusCode::NOT_FOUND,
            "a newer link voids it"
        );
        assert_eq!(browser.get(&link).await.status, StatusCode::OK);
        assert_eq!(
            house.browser("prato").get(&link).await.status,
            StatusCode::NOT_FOUND,
            "another city"
        );
        let code = link.split_once("codice=").unwrap().1;
        let bad = [
            ("codice", code),
            ("name", "Ada"),
            ("username", "a b"),
            ("password", "short"),
            ("again", "x"),
        ];
        let reply = browser.post("/accesso/primo", &bad).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(reply.body.contains(r#"id="e-username""#) && reply.body.contains(r#"id="e-password""#));
        assert!(reply.body.contains(r#"value="Ada""#), "keeps what was typed");
        let good = [
            ("codice", code),
            ("name", "Ada B"),
            ("username", "ada"),
            ("password", PASSWORD),
            ("again", PASSWORD),
        ];
        let reply = browser.post("/accesso/primo", &good).await;
        assert_eq!(reply.location(), "/profilo", "{}: {}", house.name, reply.body);
        assert_eq!(
            browser.get("/amministrazione/utenti").await.status,
            StatusCode::OK
        );
        assert_eq!(
            house.browser("borgo").post("/accesso/primo", &good).await.status,
            StatusCode::NOT_FOUND
        );
        assert_eq!(bootstrap_link(house.store(), &env, &city).await.unwrap(), None);
        assert_eq!(
            bootstrap_link(house.store(), &env, &house.prato.id)
                .await
                .unwrap(),
            None,
            "has people"
        );
    }
}

#[tokio::test]
async fn a_bootstrap_link_expires_in_a_day() {
    for house in houses().await {
        let link = bootstrap_link(house.store(), &house.fixed.env(), &house.borgo.id)
            .await
            .unwrap()
            .unwrap();
        house.fixed.advance(24 * 3600 - 1);
        assert_eq!(house.browser("borgo").get(&link).await.status, StatusCode::OK);
        house.fixed.advance(1);
        let code = link.split_once("codice=").unwrap().1;
        let fields = [
            ("codice", code),
            ("name", "Ada"),
            ("username", "ada"),
            ("password", PASSWORD),
            ("again", PASSWORD),
        ];
        let mut late = house.browser("borgo");
        let reply = late.post("/accesso/primo", &fields).await;
        assert_eq!((reply.status, late.session), (StatusCode::NOT_FOUND, None));
    }
}

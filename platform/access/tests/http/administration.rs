use bisenzio_kernel::Role;
use http::StatusCode;

use crate::house::{PASSWORD, houses};

#[tokio::test]
async fn a_new_user_chooses_a_password_by_a_link_that_works_once() {
    for house in houses().await {
        let mut admin = house
            .signed_in(&house.borgo, "capo", &[Role::Administrator])
            .await;
        let fields = [
            ("username", "Anna.Neri"),
            ("name", "Anna Neri"),
            ("organisation", "acqua"),
            ("roles", "planner"),
        ];
        let reply = admin.post("/amministrazione/utenti/nuovo", &fields).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        let start = reply
            .body
            .find("/accesso/primo?codice=")
            .expect("the link is shown");
        let link = &reply.body[start..start + 22 + 64];
        let code = &link[22..];
        let mut anna = house.browser("borgo");
        let form = anna.get(link).await;
        assert!(form.body.contains("anna.neri") && form.body.contains("Anna Neri"));
        let chosen = [
            ("codice", code),
            ("username", "capo"),
            ("password", PASSWORD),
            ("again", PASSWORD),
        ];
        assert_eq!(anna.post("/accesso/primo", &chosen).await.location(), "/profilo");
        let profile = anna.get("/profilo").await.body;
        assert!(
            profile.contains("Acquedotto") && profile.contains("Pianificatore di azienda"),
            "{profile}"
        );
        assert_eq!(anna.get(link).await.status, StatusCode::NOT_FOUND, "used up");
        assert_eq!(
            anna.get("/amministrazione/utenti").await.status,
            StatusCode::FORBIDDEN
        );
        assert!(
            house
                .audited(&house.borgo.id)
                .await
                .contains(&"capo access.user-create account/anna.neri".into())
        );
    }
}

#[tokio::test]
async fn errors_stand_beside_their_fields_and_keep_what_was_typed() {
    for house in houses().await {
        let mut admin = house
            .signed_in(&house.borgo, "capo", &[Role::Administrator])
            .await;
        let wrong = [
            ("username", "anna neri"),
            ("name", ""),
            ("organisation", "altrove"),
            ("roles", "king"),
        ];
        let reply = admin.post("/amministrazione/utenti/nuovo", &wrong).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        for field in ["username", "name", "organisation", "roles"] {
            assert!(reply.body.contains(&format!(r#"id="e-{field}""#)), "{field}");
        }
        assert!(reply.body.contains(r#"value="anna neri""#));
        let taken = [("username", "CAPO"), ("name", "Un altro"), ("roles", "officer")];
        let reply = admin.post("/amministrazione/utenti/nuovo", &taken).await;
        assert!(reply.body.contains("già in uso") && reply.body.contains(r#"value="Un altro""#));
        assert!(
            reply.body.contains(r#"value="officer" checked"#),
            "{}",
            house.name
        );
        let reserved = [("username", "nuovo"), ("name", "X"), ("roles", "officer")];
        assert_eq!(
            admin
                .post("/amministrazione/utenti/nuovo", &reserved)
                .await
                .status,
            422
        );
    }
}

#[tokio::test]
async fn the_last_administrator_stays() {
    for house in houses().await {
        let mut admin = house
            .signed_in(&house.borgo, "capo", &[Role::Administrator])
            .await;
        // Invited and not yet come: does not count.
        let fields = [("username", "vice"), ("name", "Vice"), ("roles", "administrator")];
        admin.post("/amministrazione/utenti/nuovo", &fields).await;
        let reply = admin.post("/amministrazione/utenti/capo/chiudi", &[]).await;
        assert_eq!(reply.location(), "/amministrazione/utenti/capo");
        assert!(admin.flash.starts_with("danger"), "{}", admin.flash);
        let demoted = [("name", "Capo"), ("roles", "officer")];
        let reply = admin.post("/amministrazione/utenti/capo", &demoted).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", house.name);
        assert!(reply.body.contains("ultimo amministratore"));
        assert_eq!(admin.get("/amministrazione/utenti").await.status, StatusCode::OK);
        house.add(&house.borgo, "seconda", &[Role::Administrator]).await;
        assert_eq!(
            admin.post("/amministrazione/utenti/capo", &demoted).await.status,
            StatusCode::SEE_OTHER
        );
        assert_eq!(
            admin.get("/amministrazione/utenti").await.status,
            StatusCode::FORBIDDEN,
            "at once"
        );
        let mut second = house.browser("borgo");
        second.sign_in("seconda", PASSWORD).await;
        assert_eq!(
            second
                .post("/amministrazione/utenti/seconda/chiudi", &[])
                .await
                .status,
            303
        );
        assert!(second.flash.starts_with("danger"));
    }
}

#[tokio::test]
async fn a_closed_user_is_out_at_once_and_may_come_back() {
    for house in houses().await {
        let mut mario = house.signed_in(&house.borgo, "mario", &[Role::Officer]).await;
        let mut admin = house
            .signed_in(&house.borgo, "capo", &[Role::Administrator])
            .await;
        admin.post("/amministrazione/utenti/mario/chiudi", &[]).await;
        assert_eq!(mario.get("/profilo").await.status, StatusCode::SEE_OTHER);
        mario.sign_in("mario", PASSWORD).await;
        assert_eq!(
            mario.get("/profilo").await.status,
            StatusCode::SEE_OTHER,
            "{}",
            house.name
        );
        admin.post("/amministrazione/utenti/mario/riapri", &[]).await;
        mario.sign_in("mario", PASSWORD).await;
        assert_eq!(mario.get("/profilo").await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn who_manages_users_cannot_make_administrators() {
    for house in houses().await {
        let token = house
            .token(&house.borgo, "capo", Role::Administrator, &["access.users"])
            .await;
        house.add(&house.borgo, "seconda", &[Role::Administrator]).await;
        let mut program = house.browser("borgo");
        let send = async |program: &mut crate::house::Browser, path: &str, body: &'static str| {
            let request = program
                .request(http::Method::POST, path)
                .header(http::header::AUTHORIZATION, format!("Bearer {token}"))
                .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(axum::body::Body::from(body))
                .unwrap();
            program.send(request).await.status
        };
        let path = "/amministrazione/utenti/nuovo";
        let body = "username=robot&name=Robot&roles=administrator";
        assert_eq!(send(&mut program, path, body).await, StatusCode::FORBIDDEN);
        let body = "username=robot&name=Robot&roles=officer";
        assert_eq!(send(&mut program, path, body).await, StatusCode::OK);
        for act in ["", "/chiudi", "/collegamento", "/riapri"] {
            let path = format!("/amministrazione/utenti/seconda{act}");
            let status = send(&mut program, &path, "name=X&roles=officer").await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{act} on {}", house.name);
        }
    }
}

#[tokio::test]
async fn only_administrators_reach_the_users_pages() {
    for house in houses().await {
        let mut officer = house.signed_in(&house.borgo, "mario", &[Role::Officer]).await;
        for path in [
            "/amministrazione/utenti",
            "/amministrazione/utenti/nuovo",
            "/amministrazione/token",
        ] {
            assert_eq!(officer.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
            assert_eq!(
                house.browser("borgo").get(path).await.status,
                StatusCode::SEE_OTHER,
                "{path}"
            );
        }
        let mut admin = house
            .signed_in(&house.borgo, "capo", &[Role::Administrator])
            .await;
        assert_eq!(
            admin.get("/amministrazione/utenti/nobody").await.status,
            StatusCode::NOT_FOUND
        );
        let list = admin.get("/amministrazione/utenti").await.body;
        assert!(list.contains("Nome di mario") && list.contains("Ufficio comunale"));
        let found = admin.get("/amministrazione/utenti?q=COMUNALE+mario").await.body;
        let row = found.split("<table").nth(1).unwrap_or_default();
        assert!(
            row.contains("Nome di mario") && !row.contains("Nome di capo"),
            "{row}"
        );
        assert!(row.contains("11 marzo 2026, ore"), "the last sign-in: {row}");
        let none = admin.get("/amministrazione/utenti?q=nessuno").await.body;
        assert!(none.contains("Nessun utente trovato"));
        let edit = admin.get("/amministrazione/utenti/mario").await.body;
        assert!(
            edit.contains(r#"value="officer" checked"#) && edit.contains(r#"value="Nome di mario""#),
            "{edit}"
        );
    }
}

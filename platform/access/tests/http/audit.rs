use bisenzio_kernel::Role;
use http::{StatusCode, header};

use crate::house::houses;

#[tokio::test]
async fn officers_search_the_log_by_who_what_and_when() {
    for house in houses().await {
        house.signed_in(&house.borgo, "anna", &[Role::Planner]).await;
        house.fixed.advance(24 * 3600);
        let mut officer = house.signed_in(&house.borgo, "mario", &[Role::Officer]).await;
        let all = officer.get("/amministrazione/registro").await;
        assert_eq!(all.status, StatusCode::OK);
        let body = |reply: crate::house::Reply| reply.body.split("<table").nth(1).unwrap_or("").to_owned();
        let all = body(all);
        assert!(
            all.contains("Nome di anna (anna)") && all.contains("12 marzo 2026, ore 9:00"),
            "{all}"
        );
        assert!(all.contains("Il Comune") && all.contains("Sistema (test)"));
        let anna = body(officer.get("/amministrazione/registro?attore=anna").await);
        assert!(
            anna.contains("Utente anna") && !anna.contains("Utente mario"),
            "{}",
            house.name
        );
        let made = body(
            officer
                .get("/amministrazione/registro?azione=access.user-create")
                .await,
        );
        assert!(made.contains("Utente creato") && !made.contains("Prima password"));
        let first = body(
            officer
                .get("/amministrazione/registro?dal=2026-03-11&al=2026-03-11")
                .await,
        );
        assert!(first.contains("Utente anna") && !first.contains("Utente mario"));
        let subject = body(officer.get("/amministrazione/registro?q=Nome+di+MARIO").await);
        assert!(subject.contains("Utente mario") && !subject.contains("Utente anna"));
        assert!(
            !subject.contains("/amministrazione/utenti/"),
            "officers may not open the pages of accounts"
        );
        let mut admin = house
            .signed_in(&house.borgo, "capo", &[Role::Administrator])
            .await;
        let page = admin.get("/amministrazione/registro?q=mario").await.body;
        assert!(
            page.contains(r#"<a href="/amministrazione/utenti/mario">Utente mario</a>"#),
            "{page}"
        );
        assert!(page.contains(r#"<option value="mario">Nome di mario (mario)</option>"#));
        let none = officer.get("/amministrazione/registro?attore=%25").await;
        assert!(
            none.body.contains("Nessuna operazione"),
            "a percent sign is only itself"
        );
        let wrong = officer.get("/amministrazione/registro?dal=ieri&attore=x").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains(r#"id="e-dal""#) && wrong.body.contains(r#"value="ieri""#));
    }
}

#[tokio::test]
async fn the_log_is_paged_and_exported() {
    for house in houses().await {
        let mut officer = house.signed_in(&house.borgo, "mario", &[Role::Officer]).await;
        for _ in 0..30 {
            officer.sign_in("mario", crate::house::PASSWORD).await;
            officer.post("/accesso/esci", &[]).await;
        }
        officer.sign_in("mario", crate::house::PASSWORD).await;
        let rows = |reply: &crate::house::Reply| reply.body.matches("<th scope=\"row\">").count();
        let first = officer.get("/amministrazione/registro?attore=mario").await;
        assert_eq!(rows(&first), 50);
        assert!(
            first
                .body
                .contains("/amministrazione/registro?attore=mario&amp;pagina=2")
                || first
                    .body
                    .contains("/amministrazione/registro?attore=mario&#38;pagina=2"),
            "{}",
            first.body
        );
        let second = officer
            .get("/amministrazione/registro?attore=mario&pagina=2")
            .await;
        assert_eq!(rows(&second), 13, "{}", house.name);
        assert_eq!(
            rows(
                &officer
                    .get("/amministrazione/registro?attore=mario&pagina=99")
                    .await
            ),
            13
        );
        assert_eq!(
            rows(
                &officer
                    .get("/amministrazione/registro?attore=mario&pagina=-1")
                    .await
            ),
            50
        );
        house.fixed.advance(1);
        let csv = officer
            .get("/amministrazione/registro.csv?attore=mario&azione=access.sign-in")
            .await;
        assert!(
            csv.headers[header::CONTENT_DISPOSITION]
                .to_str()
                .unwrap()
                .contains("registro-borgo.csv")
        );
        let lines: Vec<&str> = csv.body.lines().collect();
        assert_eq!(lines.len(), 1 + 32);
        assert_eq!(
            lines[1],
            "2026-03-11T08:00:00Z,mario,comune,access.sign-in,account/mario,"
        );
        assert_eq!(
            house.audited(&house.borgo.id).await[0],
            "mario access.audit-export audit"
        );
    }
}

#[tokio::test]
async fn who_may_not_search_is_told_so() {
    for house in houses().await {
        let mut planner = house.signed_in(&house.borgo, "acqua", &[Role::Planner]).await;
        for path in ["/amministrazione/registro", "/amministrazione/registro.csv"] {
            assert_eq!(planner.get(path).await.status, StatusCode::FORBIDDEN);
            assert_eq!(
                house.browser("borgo").get(path).await.status,
                StatusCode::SEE_OTHER
            );
        }
    }
}

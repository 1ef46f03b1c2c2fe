//! Officers' changes.

use std::sync::Arc;

use async_trait::async_trait;
use bisenzio_kernel::{Actor, ActorKind, Problem, Role, Tenant};
use bisenzio_web::{App, Authenticator, Identity};
use http::HeaderMap;

use crate::house::{PROJECT, PROJECT_FORM, empty_houses, folder, hidden, houses, with};

const EDIT: &str = "/piano/2021/pr-v1/modifica";

#[tokio::test]
async fn only_who_may_edits() {
    for house in houses().await {
        for path in [
            EDIT,
            "/piano/2021/pr-v1/eventi/nuovo",
            "/piano/gestione",
            "/piano/2021/pr-v1/eliminati",
        ] {
            assert_eq!(house.get(path).await.status, 303, "{path}");
            assert_eq!(house.get_as("police", path).await.status, 403, "{path}");
            assert_eq!(house.get_as("officer", path).await.status, 200, "{path}");
        }
        assert_eq!(house.post("", EDIT, PROJECT_FORM).await.status, 303);
        assert_eq!(house.post("police", EDIT, PROJECT_FORM).await.status, 403);
        assert_eq!(house.get_as("officer", "/piano/2021/chiudi").await.status, 403);
        assert_eq!(house.post("officer", "/piano/2021/chiudi", &[]).await.status, 403);
        assert!(!house.get(PROJECT).await.text().contains("Testo nuovo."));
    }
}

#[tokio::test]
async fn a_change_reaches_page_graph_search_and_audit_at_once() {
    for house in houses().await {
        let version = hidden(&house.get_as("officer", EDIT).await.text(), "version");
        let form = with(
            PROJECT_FORM,
            &[
                ("version", &version),
                ("state", "completed"),
                ("summary", "Fontana zampillante."),
            ],
        );
        let answer = house.post("officer", EDIT, &form).await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, PROJECT),
            "{}",
            answer.text()
        );
        let html = house.get(PROJECT).await.text();
        assert!(html.contains("Fontana zampillante.") && html.contains("Concluso"));
        assert!(house.get("/cerca?q=zampillante").await.text().contains(PROJECT));
        let entity = {
            let read = house.store().read(|tx| {
                let id = "urn:ngsi-ld:Project:prato:pr-v1";
                bisenzio_graph::simplified(tx, &crate::house::tenant("prato"), id)
            });
            read.await.unwrap().unwrap()
        };
        assert_eq!(entity["projectState"], "completed");
        let audit = house
            .rows(
                "SELECT actor, action, detail FROM access_audit ORDER BY id",
                Vec::new(),
            )
            .await;
        let text = format!("{audit:?}");
        assert!(
            text.contains("plan.project.edit") && text.contains("test-officer") && text.contains("completed"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost() {
    for house in houses().await {
        let form = [
            ("title", "Festa di piazza"),
            ("happened", "ieri"),
            ("kind", "opening"),
            ("body", "Con banda & coro"),
        ];
        let answer = house
            .post("officer", "/piano/2021/pr-v1/eventi/nuovo", &form)
            .await;
        assert_eq!(answer.status, 422);
        let html = answer.text();
        assert!(html.contains("value=\"Festa di piazza\"") && html.contains("value=\"ieri\""));
        assert!(
            html.contains("Con banda &#38; coro") && html.contains("id=\"e-happened\""),
            "{html}"
        );
        assert!(html.contains("href=\"#f-happened\""));
        assert!(!house.get(PROJECT).await.text().contains("Festa di piazza"));
        let evidence = [
            ("indicator", "no-such"),
            ("title", "x"),
            ("url", "https://example.org/"),
        ];
        let answer = house
            .post("officer", "/piano/2021/pr-v1/prove/nuovo", &evidence)
            .await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains("id=\"e-indicator\""));
    }
}

#[tokio::test]
async fn two_officers_at_once_both_see_both_texts() {
    for house in houses().await {
        let version = hidden(&house.get_as("officer", EDIT).await.text(), "version");
        let first = with(
            PROJECT_FORM,
            &[("version", &version), ("summary", "Testo della prima persona.")],
        );
        assert_eq!(house.post("officer", EDIT, &first).await.status, 303);
        let second = with(
            PROJECT_FORM,
            &[("version", &version), ("summary", "Testo della seconda persona.")],
        );
        let answer = house.post("manager", EDIT, &second).await;
        assert_eq!(answer.status, 409, "{}", house.name());
        let html = answer.text();
        assert!(html.contains("Testo della prima persona.") && html.contains("Testo della seconda persona."));
        assert!(
            html.contains("test-officer") && html.contains("11 marzo 2022"),
            "who saved, and when"
        );
        assert!(
            house
                .get(PROJECT)
                .await
                .text()
                .contains("Testo della prima persona.")
        );
        // Having read both, the second may save on.
        let version = hidden(&html, "version");
        let again = with(
            PROJECT_FORM,
            &[("version", &version), ("summary", "Testo della seconda persona.")],
        );
        assert_eq!(house.post("manager", EDIT, &again).await.status, 303);
        assert!(
            house
                .get(PROJECT)
                .await
                .text()
                .contains("Testo della seconda persona.")
        );
        // A form without a version never overwrites.
        assert_eq!(house.post("manager", EDIT, PROJECT_FORM).await.status, 409);
    }
}

#[tokio::test]
async fn what_is_deleted_can_be_restored() {
    for house in houses().await {
        let path = "/piano/2021/pr-v1/eventi/apertura-piazza-nesi";
        let title = "Inaugurata piazza Milton Nesi a Coiano";
        assert!(
            house
                .get_as("officer", &format!("{path}/elimina"))
                .await
                .text()
                .contains(title)
        );
        let answer = house.post("officer", &format!("{path}/elimina"), &[]).await;
        assert_eq!(answer.location(), "/piano/2021/pr-v1/eliminati");
        assert!(
            !house.get(PROJECT).await.text().contains(title),
            "{}",
            house.name()
        );
        assert_eq!(house.get_as("officer", path).await.status, 404);
        assert!(
            house
                .get_as("officer", "/piano/2021/pr-v1/eliminati")
                .await
                .text()
                .contains(title)
        );
        assert_eq!(
            house
                .post("officer", &format!("{path}/ripristina"), &[])
                .await
                .status,
            303
        );
        assert!(house.get(PROJECT).await.text().contains(title));
        assert_eq!(
            house
                .post("officer", "/piano/2021/pr-v1/eventi/no-such/elimina", &[])
                .await
                .status,
            404
        );
    }
}

#[tokio::test]
async fn an_indicator_from_nothing_to_evidence() {
    for house in houses().await {
        let path = "/piano/2021/pr-v1/indicatori/nuovo";
        let form = [
            ("label", "Luoghi con wi-fi"),
            ("unit", "luoghi"),
            ("headline", "1"),
            ("computed_by", "graph"),
            ("computed_type", "WifiPointOfInterest"),
            ("computed_where", "programme = WiFi Italia"),
            ("computed_aggregate", "count"),
        ];
        assert_eq!(house.post("officer", path, &form).await.status, 303);
        let value = "/piano/2021/pr-v1/valori/luoghi-con-wi-fi";
        let declared = [("amount", "1.012"), ("source", "Ufficio reti")];
        assert_eq!(house.post("officer", value, &declared).await.status, 303);
        let evidence = [
            ("indicator", "luoghi-con-wi-fi"),
            ("title", "Elenco"),
            ("url", "https://example.org/wifi"),
        ];
        assert_eq!(
            house
                .post("officer", "/piano/2021/pr-v1/prove/nuovo", &evidence)
                .await
                .status,
            303
        );
        let indicators = house.get("/api/v1/plan/2021/indicators").await.json();
        let found = indicators
            .as_array()
            .unwrap()
            .iter()
            .find(|i| i["id"] == "luoghi-con-wi-fi")
            .unwrap()
            .clone();
        assert_eq!(found["declared"], 1012.0);
        assert_eq!(found["computed"]["value"], 12.0);
        assert_eq!(found["evidence"][0]["url"], "https://example.org/wifi");
        assert!(
            house.get("/").await.text().contains("Luoghi con wi-fi"),
            "an officer's choice stands on the home page"
        );
        let wrong = [("amount", "molti"), ("source", "Ufficio reti"), ("version", "1")];
        let answer = house.post("officer", value, &wrong).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains("value=\"molti\""));
        let unknown = with(&form, &[("computed_by", "nothing.here")]);
        assert_eq!(house.post("officer", path, &unknown).await.status, 422);
    }
}

#[tokio::test]
async fn a_new_project_gets_an_address_of_its_own() {
    for house in houses().await {
        let form = [
            ("title", "Nota"),
            ("section", "6"),
            ("number", "6.3"),
            ("kind", "project"),
            ("state", "planned"),
            ("summary", "<script>alert(1)</script>"),
        ];
        let answer = house.post("officer", "/piano/2021/nuovo-progetto", &form).await;
        assert_eq!(
            answer.location(),
            "/piano/2021/progetto-nota",
            "{}",
            answer.text()
        );
        let html = house.get("/piano/2021/progetto-nota").await.text();
        assert!(!html.contains("<script>alert") && html.contains("&#60;script&#62;alert"));
        let again = house.post("officer", "/piano/2021/nuovo-progetto", &form).await;
        assert_eq!(again.location(), "/piano/2021/progetto-nota-2");
        let elsewhere = with(&form, &[("section", "9"), ("number", "9.1")]);
        assert_eq!(
            house
                .post("officer", "/piano/2021/nuovo-progetto", &elsewhere)
                .await
                .status,
            422
        );
    }
}

/// A session whose forms must bring the token "right".
struct WithToken;

#[async_trait]
impl Authenticator for WithToken {
    async fn authenticate(&self, _: &App, tenant: &Tenant, _: &HeaderMap) -> Result<Identity, Problem> {
        let kind = ActorKind::Person {
            id: "1".into(),
            username: "u".into(),
            name: "U".into(),
        };
        let actor = Actor::new(kind, tenant.id.clone(), None, vec![Role::Administrator], []);
        Ok(Identity {
            actor,
            csrf: Some("right".into()),
        })
    }

    fn carries_credentials(&self, _: &HeaderMap) -> bool {
        true
    }
}

#[tokio::test]
async fn a_form_without_its_token_changes_nothing() {
    for house in empty_houses(|_| Arc::new(WithToken)).await {
        house.load("prato", folder("prato")).await.unwrap();
        let version = hidden(&house.get(EDIT).await.text(), "version");
        let form = with(PROJECT_FORM, &[("version", &version)]);
        let posts = [
            (EDIT, form.clone()),
            ("/piano/2021/chiudi", Vec::new()),
            ("/piano/gestione", vec![("year", "2022"), ("title", "x")]),
            (
                "/piano/2021/pr-v1/eventi/apertura-piazza-nesi/elimina",
                Vec::new(),
            ),
            (
                "/piano/2021/pr-v1/eventi/apertura-piazza-nesi/ripristina",
                Vec::new(),
            ),
            ("/piano/2021/nuovo-progetto", form.clone()),
            ("/piano/2021/pr-v1/azioni/nuovo", Vec::new()),
            ("/piano/2021/edizione", vec![("title", "x"), ("version", "1")]),
        ];
        for (path, form) in posts {
            assert_eq!(house.post("", path, &form).await.status, 403, "{path}");
            let wrong = with(&form, &[("_csrf", "wrong")]);
            assert_eq!(house.post("", path, &wrong).await.status, 403, "{path}");
        }
        assert!(!house.get(PROJECT).await.text().contains("Testo nuovo."));
        assert_eq!(
            house
                .post("", EDIT, &with(&form, &[("_csrf", "right")]))
                .await
                .status,
            303
        );
        assert!(house.get(PROJECT).await.text().contains("Testo nuovo."));
    }
}

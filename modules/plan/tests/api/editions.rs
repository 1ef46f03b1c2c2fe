//! Freezing, new years, comparison.

use serde_json::json;

use crate::house::{PROJECT, PROJECT_FORM, folder, hidden, houses, with};

/// The year typed to confirm.
const YEAR: &[(&str, &str)] = &[("confirm", "2021")];

#[tokio::test]
async fn a_frozen_year_never_changes() {
    for house in houses().await {
        assert!(
            house
                .get_as("manager", "/piano/2021/chiudi")
                .await
                .text()
                .contains("Non si può riaprire")
        );
        let unsure = house
            .post("manager", "/piano/2021/chiudi", &[("confirm", "2020")])
            .await;
        assert_eq!(unsure.status, 422);
        assert!(unsure.text().contains("Per confermare occorre scrivere 2021"));
        let edit = "/piano/2021/pr-v1/modifica";
        let version = hidden(&house.get_as("officer", edit).await.text(), "version");
        assert_eq!(
            house.post("manager", "/piano/2021/chiudi", YEAR).await.status,
            303
        );
        let before = house.get("/piano/2021.json").await.text();
        let note = house.get("/piano/2021/nota").await.text();
        assert!(before.contains("\"state\":\"frozen\""));

        // Nothing can be written any more, by form or by program.
        let form = with(PROJECT_FORM, &[("version", &version)]);
        let event = [("title", "x"), ("happened", "2021"), ("kind", "other")];
        let posts = [
            (edit, form),
            ("/piano/2021/pr-v1/eventi/nuovo", event.to_vec()),
            (
                "/piano/2021/pr-v1/eventi/apertura-piazza-nesi/elimina",
                Vec::new(),
            ),
            ("/piano/2021/nuovo-progetto", PROJECT_FORM.to_vec()),
            ("/piano/2021/chiudi", YEAR.to_vec()),
        ];
        for (path, form) in posts {
            let answer = house.post("administrator", path, &form).await;
            assert_eq!(answer.status, 303, "{} {path}", house.name());
            assert!(
                answer.location().starts_with("/piano/2021") && answer.warns_of_closed(),
                "{path}"
            );
        }
        let observation = "/api/v1/plan/2021/projects/pr-v1/indicators/antenne-wifi/observation";
        let answer = house
            .put("officer", observation, &json!({"value": 99, "source": "x"}))
            .await;
        assert_eq!(answer.status, 409);
        assert!(answer.json()["detail"].as_str().unwrap().contains("2021"));
        let answer = house.get_as("officer", edit).await;
        assert_eq!(answer.location(), PROJECT);
        assert!(answer.warns_of_closed());

        // The graph goes on living, and the city folder may be loaded again: the year stays.
        let env = house.env();
        let write = house.store().write(move |tx| {
            let entity = json!({"id": "urn:ngsi-ld:AccessPoint:prato:ap-01", "type": "AccessPoint",
                "name": {"type": "Property", "value": "Altro"}});
            let tenant = crate::house::tenant("prato");
            bisenzio_graph::upsert_json(tx, &env, &tenant, &entity)?;
            bisenzio_graph::delete(tx, &env, &tenant, "urn:ngsi-ld:PointOfInterest:prato:piazza-nesi")
        });
        write.await.unwrap();
        assert_eq!(
            house.get("/piano/2021.json").await.text(),
            before,
            "{}",
            house.name()
        );
        assert_eq!(house.get("/piano/2021/nota").await.text(), note);
        let now = house.get("/piano/confronta?da=2021&a=attuale").await.text();
        assert!(now.contains("Nuove antenne wi-fi installate") && !now.contains("Nessuna differenza"));
        let report = house.load("prato", folder("prato")).await.unwrap();
        assert!(
            report
                .remarks
                .iter()
                .any(|remark| remark.contains("2021 is frozen")),
            "{report:?}"
        );
        assert_eq!(house.get("/piano/2021.json").await.text(), before);
        house.clock.advance(3600);
        assert_eq!(house.get("/piano/2021.json").await.text(), before);
    }
}

#[tokio::test]
async fn the_documents_of_a_frozen_year_are_made_once() {
    let house = houses().await.remove(0);
    house.post("manager", "/piano/2021/chiudi", YEAR).await;
    assert_eq!(
        house.run_jobs().await,
        0,
        "edits come in bursts: the job waits a little"
    );
    house.clock.advance(6);
    // One for each city, although each was changed more than once.
    assert_eq!(house.run_jobs().await, 2);
    let stored = house
        .rows(
            "SELECT lang, format FROM plan_document WHERE tenant = 'prato' ORDER BY lang, format",
            Vec::new(),
        )
        .await;
    assert_eq!(stored.len(), 6, "{stored:?}");
    let first = house.get("/piano/2021/nota.pdf").await;
    assert!(first.bytes.starts_with(b"%PDF-"));
    // What is served is what was stored.
    let mark = house.store().write(|tx| {
        tx.execute(
            "UPDATE plan_document SET content = $1 WHERE format = 'pdf'",
            bisenzio_store::params![b"%PDF-kept".as_slice()],
        )
    });
    mark.await.unwrap();
    assert_eq!(house.get("/piano/2021/nota.pdf").await.bytes, b"%PDF-kept");
}

#[tokio::test]
async fn a_new_year_takes_the_structure_and_can_be_compared() {
    for house in houses().await {
        let taken = house
            .post(
                "manager",
                "/piano/gestione",
                &[("year", "2021"), ("title", "Nota")],
            )
            .await;
        assert_eq!(taken.status, 422);
        assert!(taken.text().contains("esiste già") && taken.text().contains("value=\"Nota\""));
        assert_eq!(
            house
                .post(
                    "manager",
                    "/piano/gestione",
                    &[("year", "domani"), ("title", "Nota")]
                )
                .await
                .status,
            422
        );
        assert_eq!(
            house
                .post(
                    "officer",
                    "/piano/gestione",
                    &[("year", "2022"), ("title", "Nota")]
                )
                .await
                .status,
            403
        );
        let made = house
            .post(
                "manager",
                "/piano/gestione",
                &[("year", "2022"), ("title", "Nota 2022")],
            )
            .await;
        assert_eq!(made.location(), "/piano/2022", "{}", made.text());

        // Nobody but staff sees a year without values; everybody goes on reading the last one.
        for path in [
            "/piano/2022",
            "/piano/2022.json",
            "/piano/2022/pr-v1",
            "/piano/2022/nota",
            "/api/v1/plan/2022",
        ] {
            assert_eq!(house.get(path).await.status, 404, "{} {path}", house.name());
            assert_eq!(house.get_as("officer", path).await.status, 200, "{path}");
        }
        assert!(house.get("/piano/2022").await.text().contains("in preparazione"));
        for role in ["", "officer"] {
            assert!(
                house
                    .get_as(role, "/piano")
                    .await
                    .text()
                    .contains("/piano/2021/pr-v1")
            );
        }
        assert!(
            house
                .get("/cerca?q=PR-V1")
                .await
                .text()
                .contains("/piano/2021/pr-v1")
        );
        assert!(!house.get("/").await.text().contains("/piano/2022"));
        assert_eq!(
            house.get("/api/v1/plan").await.json()["editions"]
                .as_array()
                .unwrap()
                .len(),
            1
        );

        let old = house.get("/piano/2021.json").await.json();
        let new = house.get_as("officer", "/piano/2022.json").await.json();
        assert_eq!(
            old["projects"].as_array().unwrap().len(),
            new["projects"].as_array().unwrap().len()
        );
        let project = &new["projects"][0];
        assert_eq!(project["events"], json!([]));
        assert_eq!(project["indicators"][0]["declared"], json!(null));
        assert_eq!(project["indicators"].as_array().unwrap().len(), 5);

        let observation = "/api/v1/plan/2022/projects/pr-v1/indicators/antenne-wifi/observation";
        assert_eq!(
            house
                .put("officer", observation, &json!({"value": 30, "source": "CED"}))
                .await
                .status,
            204
        );
        assert_eq!(
            house.get("/piano/2022").await.status,
            200,
            "a first value makes the year public"
        );
        let compared = house.get("/piano/confronta?da=2021&a=2022").await.text();
        assert!(compared.contains("+14"), "{}", house.name());
        // The project's page shows both years; the plan's page the change.
        let page = house.get("/piano/2022/pr-v1").await.text();
        assert!(page.contains("data-chart=\"t-antenne-wifi\"") && page.contains("+14 rispetto al 2021"));
        assert!(house.get("/piano").await.text().contains("+14 rispetto al 2021"));
        // The old year is untouched, and search leads to the new one.
        assert_eq!(house.get("/piano/2021.json").await.json(), old);
        assert!(
            house
                .get("/cerca?q=PR-V1")
                .await
                .text()
                .contains("/piano/2022/pr-v1")
        );
        assert!(house.get(PROJECT).await.text().contains("/piano/2022/pr-v1"));
    }
}

//! What is kept of the history: policies, and the work they order.

use std::sync::Arc;

use bisenzio_graph::GraphModule;
use bisenzio_module::{CityFolder, Module, Registry, run_due_jobs};
use bisenzio_store::{StoreError, Value as Sql, params};
use http::Method;
use serde_json::{Value, json};

use crate::house::{ENTITIES, House, ask, city, houses, tenant};
use crate::temporal::{ID, TEMPORAL, meter, read, values};

const POLICY: &str = "/api/v1/graph/history-policies/Meter";
const DAY: i64 = 86_400;

async fn decide(house: &House, policy: Value) {
    let request = ask(Method::PUT, POLICY)
        .header("x-test-role", "administrator")
        .header("content-type", "application/json");
    let answer = house.send(request.body(policy.to_string().into()).unwrap()).await;
    answer.is(204);
}

async fn keep_house(house: &House) -> usize {
    let registry = Registry::new(vec![Arc::new(GraphModule)]);
    run_due_jobs(house.app(), &registry).await.unwrap()
}

async fn advance_days(house: &House, days: i64) {
    house.clock.advance(days * DAY);
}

/// A value every ten minutes for a day, from the 10th of March on.
async fn day_of_values(house: &House) {
    let list: Vec<Value> = (0..144)
        .map(|n| {
            let at = format!("2026-03-10T{:02}:{:02}:00Z", n / 6, n % 6 * 10);
            json!({ "type": "Property", "value": n, "unitCode": "MTR", "observedAt": at })
        })
        .collect();
    let body = json!({ "id": ID, "type": "Meter", "level": list });
    house.call(Method::POST, TEMPORAL, Some(&body)).await.is(201);
}

async fn levels(house: &House) -> Vec<Value> {
    let path = format!(
        "{TEMPORAL}/{ID}?attrs=level&options=aggregatedValues&aggrMethods=avg&aggrPeriodDuration=PT10M"
    );
    let all = house.get(&path).await.json();
    let list = all["level"]["avg"].as_array().unwrap().clone();
    list.into_iter().map(|period| period[0].clone()).collect()
}

#[tokio::test]
async fn a_type_may_have_no_history() {
    for house in houses().await {
        meter(&house, 3).await;
        decide(&house, json!({ "keep": false })).await;
        assert_eq!(keep_house(&house).await, 1);
        assert_eq!(
            values(&read(&house, "").await, "level"),
            [2],
            "what was there is gone"
        );
        let path = format!("{ENTITIES}/{ID}/attrs/level");
        house
            .call(Method::PATCH, &path, Some(&json!({ "value": 9 })))
            .await
            .is(204);
        assert_eq!(values(&read(&house, "").await, "level"), [9]);
        let body = json!({ "id": ID, "type": "Meter", "level": [{ "type": "Property", "value": 1, "observedAt": "2020-01-01T00:00:00Z" }] });
        house.call(Method::POST, TEMPORAL, Some(&body)).await.is(204);
        assert_eq!(values(&read(&house, "").await, "level"), [9], "{}", house.name());
        house
            .call(Method::DELETE, &format!("{ENTITIES}/{ID}"), None)
            .await
            .is(204);
        house.get(&format!("{TEMPORAL}/{ID}")).await.is(404);
        // Other types keep theirs.
        house.create(&crate::house::work(1)).await;
        let work = "urn:ngsi-ld:CityWork:prato:0001";
        house
            .call(Method::DELETE, &format!("{ENTITIES}/{work}"), None)
            .await
            .is(204);
        house.get(&format!("{TEMPORAL}/{work}")).await.is(200);
    }
}

#[tokio::test]
async fn what_is_too_old_goes_every_day() {
    for house in houses().await {
        day_of_values(&house).await;
        decide(&house, json!({ "retentionDays": 2 })).await;
        keep_house(&house).await;
        assert_eq!(levels(&house).await.len(), 144, "nothing is two days old");
        advance_days(&house, 1).await;
        assert_eq!(keep_house(&house).await, 1, "it runs every day");
        assert_eq!(levels(&house).await[0], 48.0, "from eight o'clock on");
        advance_days(&house, 1).await;
        keep_house(&house).await;
        assert_eq!(levels(&house).await, [143.0], "the current state stays");
        advance_days(&house, 1).await;
        keep_house(&house).await;
        let series = house.rows("SELECT series FROM history_series", vec![]).await;
        assert!(series.is_empty(), "{}: {series:?}", house.name());
        // A writer that remembered the series writes it down again.
        let path = format!("{ENTITIES}/{ID}/attrs/level");
        house
            .call(Method::PATCH, &path, Some(&json!({ "value": 1 })))
            .await
            .is(204);
        assert_eq!(values(&read(&house, "").await, "level").len(), 2);
    }
}

#[tokio::test]
async fn what_is_old_is_thinned() {
    for house in houses().await {
        for (method, first, unit_kept) in [
            ("avg", 2.5, true),
            ("min", 0.0, true),
            ("max", 5.0, true),
            ("last", 5.0, true),
        ] {
            house
                .call(Method::DELETE, &format!("{TEMPORAL}/{ID}"), None)
                .await;
            day_of_values(&house).await;
            let thinning = json!({ "afterDays": 1, "period": "PT1H", "method": method });
            decide(&house, json!({ "thinning": thinning })).await;
            keep_house(&house).await;
            let list = levels(&house).await;
            assert_eq!(
                list.len(),
                8 + 16 * 6,
                "{}: {method}: the last day stays",
                house.name()
            );
            assert_eq!(list[0], first, "{}: {method}", house.name());
            let oldest = read(
                &house,
                "attrs=level&lastN=1000&timerel=before&timeAt=2026-03-10T03:00:00Z",
            )
            .await;
            assert_eq!(oldest["level"].as_array().unwrap().len(), 3);
            assert_eq!(oldest["level"][0]["unitCode"] == "MTR", unit_kept);
            decide(&house, json!({ "keep": true })).await;
            keep_house(&house).await;
        }
    }
}

#[tokio::test]
async fn policies_are_listed_removed_and_recorded() {
    for house in houses().await {
        let policy = json!({ "keep": true, "retentionDays": 30,
            "thinning": { "afterDays": 7, "period": "PT15M", "method": "last" } });
        decide(&house, policy.clone()).await;
        decide(&house, policy.clone()).await;
        let call = |method: Method, path: &'static str| {
            let request = ask(method, path).header("x-test-role", "administrator");
            house.send(request.body(axum::body::Body::empty()).unwrap())
        };
        let list = call(Method::GET, "/api/v1/graph/history-policies").await;
        let mut expected = policy;
        expected["type"] = json!("Meter");
        assert_eq!(list.is(200).json(), json!([expected]));
        house.clock.advance(1);
        call(Method::DELETE, POLICY).await.is(204);
        call(Method::DELETE, POLICY)
            .await
            .is_error(404, "ResourceNotFound", "");
        let log = house
            .rows(
                "SELECT action, subject FROM access_audit WHERE action LIKE 'graph.%' ORDER BY id",
                vec![],
            )
            .await;
        let text = |t: &str| Sql::Text(t.to_owned());
        assert_eq!(
            log,
            [
                [text("graph.history-policy.set"), text("Meter")],
                [text("graph.history-policy.remove"), text("Meter")],
            ],
            "deciding the same again is nothing"
        );
        for (role, status) in [("officer", 403), ("citizen", 403)] {
            let request = ask(Method::GET, "/api/v1/graph/history-policies").header("x-test-role", role);
            house
                .send(request.body(axum::body::Body::empty()).unwrap())
                .await
                .is(status);
        }
        for bad in [
            json!({ "retentionDays": 0 }),
            json!({ "days": 1 }),
            json!([]),
            json!({ "keep": "no" }),
        ] {
            let request = ask(Method::PUT, POLICY).header("x-test-role", "administrator");
            let answer = house.send(request.body(bad.to_string().into()).unwrap()).await;
            answer.is_error(400, "BadRequestData", "");
        }
    }
}

#[tokio::test]
async fn a_city_folder_decides_too() {
    for house in houses().await {
        let load = |text: &'static str| {
            let env = house.env();
            let folder = CityFolder::new(
                "prato",
                [("graph/policies.toml".to_owned(), text.as_bytes().to_vec())],
            );
            async {
                house
                    .store()
                    .write(
                        move |tx| match GraphModule.seed(tx, &env, &city("prato"), &folder) {
                            Ok(report) => Ok(Ok(report)),
                            Err(error) => Ok::<_, StoreError>(Err(error)),
                        },
                    )
                    .await
                    .unwrap()
            }
        };
        let report = load("[[policy]]\ntype = \"Meter\"\nkeep = false\n")
            .await
            .unwrap();
        assert_eq!(report.counts, [("history policies".to_owned(), 1)]);
        meter(&house, 3).await;
        assert_eq!(values(&read(&house, "").await, "level"), [2]);
        for bad in [
            "[[policy]]\nkeep = false\n",
            "[[policy]]\ntype = \"Meter\"\nretentionDays = 0\n",
            "[[policy]]\nkind = 1\n",
        ] {
            let error = load(bad).await.unwrap_err();
            assert!(error.file.ends_with("graph/policies.toml"), "{error}");
        }
    }
}

#[tokio::test]
async fn history_of_the_first_version_moves_into_the_new_tables() {
    for house in houses().await {
        house
            .create(&json!({ "id": ID, "type": "Meter", "level": { "type": "Property", "value": 3 } }))
            .await;
        let level = "https://uri.etsi.org/ngsi-ld/default-context/level";
        let mut rows = Vec::new();
        for (n, (attribute, change, value)) in [
            (level, "created", Some(1)),
            (level, "updated", Some(2)),
            (level, "updated", Some(3)),
            ("urn:x:old", "created", Some(5)),
            ("urn:x:old", "deleted", None),
        ]
        .into_iter()
        .enumerate()
        {
            let at = 1_000 * i64::try_from(n + 1).unwrap();
            let state = value.map(|v| format!(r#"{{"k":"P","v":{v},"c":1000,"m":{at}}}"#));
            rows.push((attribute, format!("i{n}"), change, state, at));
        }
        house
            .store()
            .write(move |tx| {
                for (attribute, instance, change, state, at) in &rows {
                    tx.execute(
                        "INSERT INTO attribute_history_v1 (tenant, entity, attribute, instance, change, value, recorded_at)
                         VALUES ($1, $2, $3, $4, $5, $6, $7)",
                        params![&tenant("prato"), ID, *attribute, instance, *change, state.clone(), *at],
                    )?;
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        for _ in 0..2 {
            bisenzio_graph::upgrade(house.store(), &house.env())
                .await
                .unwrap();
        }
        let whole = read(&house, "").await;
        assert_eq!(values(&whole, "level"), [1, 2, 3], "{}", house.name());
        assert_eq!(
            whole["level"][0]["instanceId"],
            read(&house, "").await["level"][0]["instanceId"]
        );
        assert_eq!(values(&whole, "urn:x:old"), [json!(5), json!("urn:ngsi-ld:null")]);
        assert!(
            house
                .rows("SELECT entity FROM attribute_history_v1", vec![])
                .await
                .is_empty()
        );
    }
}

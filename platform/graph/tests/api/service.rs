//! What modules use.

use bisenzio_graph::{GraphError, delete, list_simplified, simplified, type_counts, upsert_json, urn};
use serde_json::json;

use crate::house::{houses, tenant, work};

#[tokio::test]
async fn modules_write_and_read_in_their_own_transaction() {
    for house in houses().await {
        let env = house.env();
        house
            .store()
            .write(move |tx| {
                let prato = tenant("prato");
                upsert_json(tx, &env, &prato, &work(2))?;
                upsert_json(
                    tx,
                    &env,
                    &prato,
                    &json!({ "id": urn("CityWork", &prato, "0001"), "type": "CityWork", "name": "Breve" }),
                )?;
                assert_eq!(
                    simplified(tx, &prato, &urn("CityWork", &prato, "0001"))?.unwrap()["name"],
                    "Breve"
                );
                let list = list_simplified(tx, &prato, "CityWork")?;
                let ids: Vec<&str> = list.iter().filter_map(|e| e["id"].as_str()).collect();
                assert_eq!(
                    ids,
                    [
                        "urn:ngsi-ld:CityWork:prato:0001",
                        "urn:ngsi-ld:CityWork:prato:0002"
                    ]
                );
                assert_eq!(list[1]["location"]["type"], "Point");
                assert_eq!(list[1]["onRoad"], "urn:ngsi-ld:Road:prato:via-pistoiese");
                assert_eq!(type_counts(tx, &prato)?, [("CityWork".to_owned(), 2)]);
                assert!(simplified(tx, &tenant("borgo"), "urn:ngsi-ld:CityWork:prato:0001")?.is_none());
                assert!(list_simplified(tx, &tenant("borgo"), "CityWork")?.is_empty());
                assert!(!delete(
                    tx,
                    &env,
                    &tenant("borgo"),
                    "urn:ngsi-ld:CityWork:prato:0001"
                )?);
                assert!(delete(tx, &env, &prato, "urn:ngsi-ld:CityWork:prato:0001")?);
                assert!(!delete(tx, &env, &prato, "urn:ngsi-ld:CityWork:prato:0001")?);
                let bad = upsert_json(tx, &env, &prato, &json!({ "id": "x" })).unwrap_err();
                assert!(
                    matches!(bad, GraphError::Ngsi(ref e) if e.path.as_deref() == Some("$.id")),
                    "{bad}"
                );
                Ok::<_, GraphError>(())
            })
            .await
            .unwrap();
        assert_eq!(house.ids("type=CityWork").await.len(), 1);
    }
}

/// A seed writes hundreds of entities: slowness here would be felt at every first start.
#[tokio::test]
async fn a_seed_of_a_thousand_entities_is_quick() {
    for house in houses().await {
        let entities: Vec<_> = (0..1_000).map(work).collect();
        for round in ["first", "again"] {
            let (env, entities) = (house.env(), entities.clone());
            let started = std::time::Instant::now();
            house
                .store()
                .write(move |tx| {
                    entities
                        .iter()
                        .try_for_each(|e| upsert_json(tx, &env, &tenant("prato"), e))
                })
                .await
                .unwrap();
            let took = started.elapsed();
            eprintln!("{}: {round}: {took:?}", house.name());
            assert!(took.as_secs() < 20, "{}: {round}: {took:?}", house.name());
        }
        let counted = house
            .get("/ngsi-ld/v1/entities?type=CityWork&limit=0&count=true")
            .await;
        assert_eq!(counted.header("ngsild-results-count"), "1000");
    }
}

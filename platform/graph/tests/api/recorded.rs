//! What a change leaves behind in the history, in its own transaction.

use bisenzio_graph::{GraphError, history, upsert_json};
use bisenzio_store::{StoreError, Value as Sql};
use http::Method;
use serde_json::json;

use crate::house::{ENTITIES, House, houses, tenant, work};

const ID: &str = "urn:ngsi-ld:CityWork:prato:0001";

/// Short attribute name and change, newest first.
async fn past(house: &House) -> Vec<(String, String)> {
    let records = house
        .store()
        .read(|tx| history(tx, &tenant("prato"), ID, 1_000))
        .await
        .unwrap();
    let mut list: Vec<(String, String)> = records
        .into_iter()
        .map(|r| (r.attribute.rsplit('/').next().unwrap().to_owned(), r.change))
        .collect();
    list.sort();
    list
}

fn is(records: &[(String, String)], name: &str, change: &str) -> usize {
    records.iter().filter(|(n, c)| n == name && c == change).count()
}

#[tokio::test]
async fn every_change_of_an_attribute_is_kept_and_rewriting_leaves_no_trace() {
    for house in houses().await {
        house.create(&work(1)).await;
        assert_eq!(past(&house).await.len(), 4, "one for each attribute");

        let path = format!("{ENTITIES}/{ID}");
        house.clock.advance(1);
        house.call(Method::PUT, &path, Some(&work(1))).await.is(204);
        house
            .call(
                Method::POST,
                "/ngsi-ld/v1/entityOperations/upsert",
                Some(&json!([work(1)])),
            )
            .await
            .is(204);
        house
            .call(
                Method::PATCH,
                &path,
                Some(&json!({ "name": { "value": "Scavo 1" } })),
            )
            .await
            .is(204);
        house
            .call(
                Method::POST,
                &format!("{path}/attrs"),
                Some(&json!({ "name": { "type": "Property", "value": "Scavo 1" } })),
            )
            .await
            .is(204);
        assert_eq!(past(&house).await.len(), 4, "the same again is no change");

        house.clock.advance(1);
        house
            .call(
                Method::PATCH,
                &format!("{path}/attrs/number"),
                Some(&json!({ "value": 2 })),
            )
            .await
            .is(204);
        house.clock.advance(1);
        house
            .call(Method::DELETE, &format!("{path}/attrs/name"), None)
            .await
            .is(204);
        let records = past(&house).await;
        assert_eq!(records.len(), 6);
        assert_eq!(is(&records, "number", "updated"), 1);
        assert_eq!(is(&records, "name", "deleted"), 1);

        house.clock.advance(1);
        house.call(Method::DELETE, &path, None).await.is(204);
        let records = past(&house).await;
        assert_eq!(records.len(), 9, "three attributes were left to delete");
        assert_eq!(is(&records, "name", "deleted"), 1);
        let newest = house
            .store()
            .read(|tx| history(tx, &tenant("prato"), ID, 1))
            .await
            .unwrap();
        assert_eq!(newest[0].change, "deleted");
        assert!(newest[0].value.is_none());
    }
}

#[tokio::test]
async fn entity_and_history_stand_or_fall_together() {
    for house in houses().await {
        let env = house.env();
        let failed: Result<(), GraphError> = house
            .store()
            .write(move |tx| {
                upsert_json(tx, &env, &tenant("prato"), &work(1))?;
                Err(StoreError::Closed.into())
            })
            .await;
        assert!(failed.is_err());
        assert!(house.ids("type=CityWork").await.is_empty());
        assert!(past(&house).await.is_empty());
        for sql in [
            "SELECT COUNT(*) FROM entity",
            "SELECT COUNT(*) FROM entity_place",
            "SELECT COUNT(*) FROM entity_shape",
        ] {
            assert_eq!(house.rows(sql, vec![]).await, [[Sql::Int(0)]], "{sql}");
        }
    }
}

#[tokio::test]
async fn a_collision_runs_the_change_again_and_records_it_once() {
    for house in houses().await {
        house.create(&work(1)).await;
        house.store().inject_collisions(3);
        let path = format!("{ENTITIES}/{ID}/attrs/number");
        house
            .call(Method::PATCH, &path, Some(&json!({ "value": 9 })))
            .await
            .is(204);
        assert_eq!(is(&past(&house).await, "number", "updated"), 1);
    }
}

#[tokio::test]
async fn concurrent_changes_of_one_entity_are_all_kept() {
    for house in houses().await {
        house.create(&work(1)).await;
        let house = &house;
        let changes = (0..8).map(|n| async move {
            let body = json!({ format!("extra{n}"): { "type": "Property", "value": n } });
            house
                .call(Method::POST, &format!("{ENTITIES}/{ID}/attrs"), Some(&body))
                .await
                .status
                .as_u16()
        });
        let mut all = Vec::new();
        let set: Vec<_> = changes.map(Box::pin).collect();
        for status in futures_join(set).await {
            all.push(status);
        }
        assert_eq!(all, [204; 8]);
        let read = house
            .get(&format!("{ENTITIES}/{ID}?options=keyValues"))
            .await
            .json();
        assert!((0..8).all(|n| read[format!("extra{n}")] == n), "{read}");
    }
}

/// Polls all futures together until each is done.
async fn futures_join<T>(mut all: Vec<std::pin::Pin<Box<impl Future<Output = T>>>>) -> Vec<T> {
    let mut done: Vec<Option<T>> = all.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        for (future, slot) in all.iter_mut().zip(&mut done) {
            if slot.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(cx)
            {
                *slot = Some(value);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

//! All or nothing, once and only once, one moment.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bisenzio_store::testing::{TestStore, stores};
use bisenzio_store::{Store, StoreConfig, StoreError, params};

use crate::{CITY, NOTES, all_notes, count, insert, insert_all_kinds};

#[tokio::test(flavor = "multi_thread")]
async fn an_error_undoes_the_whole_use_case_and_only_that() {
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        // Many at once, so that on SQLite good and bad ones share a commit.
        let tasks: Vec<_> = (0..40)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move {
                    store
                        .write(move |tx| {
                            insert(tx, &format!("n{n}"))?;
                            tx.execute(
                                "INSERT INTO mirror (tenant, id) VALUES ($1, $2)",
                                params![CITY, format!("n{n}")],
                            )?;
                            if n % 2 == 0 {
                                Ok(())
                            } else {
                                Err(StoreError::Column("refused".into()))
                            }
                        })
                        .await
                })
            })
            .collect();
        let mut good = 0;
        for task in tasks {
            good += i64::from(task.await.unwrap().is_ok());
        }
        assert_eq!(good, 20, "{name}");
        assert_eq!(
            (count(store, "note").await, count(store, "mirror").await),
            (20, 20),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_statement_is_an_error_of_its_use_case() {
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        store.write(|tx| insert(tx, "a")).await.unwrap();
        let again = store
            .write(|tx| insert(tx, "b").and_then(|()| insert(tx, "a")))
            .await;
        assert!(
            matches!(&again, Err(error) if error.is_unique_violation()),
            "{name}: {again:?}"
        );
        assert_eq!(count(store, "note").await, 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_an_error_and_the_store_goes_on() {
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        let result: Result<(), StoreError> = store
            .write(|tx| {
                insert(tx, "lost")?;
                panic!("a mistake in a use case")
            })
            .await;
        assert!(
            matches!(&result, Err(StoreError::Panicked(why)) if why.contains("a mistake")),
            "{name}: {result:?}"
        );
        let read: Result<(), StoreError> = store.read(|_| panic!("another")).await;
        assert!(matches!(read, Err(StoreError::Panicked(_))), "{name}");
        store.write(|tx| insert(tx, "kept")).await.unwrap();
        assert_eq!(count(store, "note").await, 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn collisions_run_the_closure_again_and_write_once() {
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        let runs = Arc::new(AtomicU32::new(0));
        store.inject_collisions(3);
        let seen = runs.clone();
        store
            .write(move |tx| {
                seen.fetch_add(1, Ordering::SeqCst);
                insert(tx, "once")
            })
            .await
            .unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 4, "{name}");
        assert_eq!(count(store, "note").await, 1, "{name}");

        store.inject_collisions(10_000);
        let given_up = store.write(|tx| insert(tx, "never")).await;
        assert!(
            matches!(given_up, Err(StoreError::Contention)),
            "{name}: {given_up:?}"
        );
        store.inject_collisions(0);
        assert_eq!(count(store, "note").await, 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_increments_are_not_lost() {
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        store
            .write(|tx| {
                tx.execute(
                    "INSERT INTO counter (tenant, id, value) VALUES ($1, 'c', 0)",
                    params![CITY],
                )
            })
            .await
            .unwrap();
        let tasks: Vec<_> = (0..6)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut acknowledged = 0_i64;
                    for _ in 0..20 {
                        let result: Result<u64, StoreError> = store
                            .write(|tx| {
                                let sql = "SELECT value FROM counter WHERE tenant = $1 AND id = 'c'";
                                let value: i64 = tx.query_one(sql, params![CITY])?.get(0)?;
                                let sql = "UPDATE counter SET value = $2 WHERE tenant = $1 AND id = 'c'";
                                tx.execute(sql, params![CITY, value + 1])
                            })
                            .await;
                        match result {
                            Ok(_) => acknowledged += 1,
                            Err(StoreError::Contention) => {}
                            Err(other) => panic!("{other}"),
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        let mut acknowledged = 0;
        for task in tasks {
            acknowledged += task.await.unwrap();
        }
        let value: i64 = store
            .read(|tx| {
                tx.query_one("SELECT value FROM counter WHERE tenant = $1", params![CITY])?
                    .get(0)
            })
            .await
            .unwrap();
        assert_eq!(value, acknowledged, "{name}");
        assert!(
            acknowledged > 60,
            "{name}: only {acknowledged} of 120 got through"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_savepoint_fails_alone() {
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        store
            .write(|tx| -> Result<(), StoreError> {
                insert(tx, "before")?;
                let inner: Result<(), StoreError> = tx.nested(|tx| {
                    insert(tx, "inside")?;
                    insert(tx, "before")
                });
                assert!(inner.is_err());
                tx.nested(|tx| insert(tx, "second"))?;
                insert(tx, "after")
            })
            .await
            .unwrap();
        let ids: Vec<String> = store
            .read(|tx| {
                let rows = tx.query("SELECT id FROM note WHERE tenant = $1 ORDER BY id", params![CITY])?;
                rows.iter()
                    .map(|row| row.get(0))
                    .collect::<Result<_, StoreError>>()
            })
            .await
            .unwrap();
        assert_eq!(ids, ["after", "before", "second"], "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_cannot_write() {
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        assert!(store.read(|tx| insert(tx, "sly")).await.is_err(), "{name}");
        assert_eq!(count(store, "note").await, 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_sees_one_moment() {
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        let (began, has_begun) = tokio::sync::oneshot::channel();
        let (wrote, has_written) = std::sync::mpsc::channel::<()>();
        let reading = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .read(move |tx| -> Result<(i64, i64), StoreError> {
                        let sql = "SELECT COUNT(*) FROM note WHERE tenant = $1";
                        let first = tx.query_one(sql, params![CITY])?.get(0)?;
                        let _ = began.send(());
                        has_written
                            .recv_timeout(std::time::Duration::from_secs(20))
                            .expect("the write finishes");
                        Ok((first, tx.query_one(sql, params![CITY])?.get(0)?))
                    })
                    .await
            }
        });
        has_begun.await.unwrap();
        store.write(|tx| insert(tx, "meanwhile")).await.unwrap();
        wrote.send(()).unwrap();
        assert_eq!(reading.await.unwrap().unwrap(), (0, 0), "{name}");
        assert_eq!(count(store, "note").await, 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_engines_give_back_what_was_put_in() {
    let mut seen = Vec::new();
    for TestStore { store, .. } in &stores(&[NOTES]).await {
        store.write(insert_all_kinds).await.unwrap();
        seen.push(all_notes(store).await);
    }
    assert_eq!(seen[0].len(), 4);
    assert!(seen.iter().all(|rows| *rows == seen[0]), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_write_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig::sqlite(folder.path().join("city.db"));
    for round in 0..3 {
        let store = Store::open(&config).await.unwrap();
        store
            .migrate(&[bisenzio_store::PLATFORM_MIGRATIONS, NOTES])
            .await
            .unwrap();
        assert_eq!(count(&store, "note").await, round);
        store
            .write(move |tx| insert(tx, &format!("n{round}")))
            .await
            .unwrap();
    }
    assert!(Path::new(&folder.path().join("city.db")).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_was_ignored_is_never_acknowledged() {
    // PostgreSQL answers COMMIT of a failed transaction with a silent ROLLBACK: the rows would be gone and
    // their writer told otherwise.
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        let result: Result<(), StoreError> = store
            .write(|tx| {
                insert(tx, "once")?;
                let _ = insert(tx, "once");
                Ok(())
            })
            .await;
        assert!(matches!(result, Err(StoreError::Ignored)), "{name}: {result:?}");
        assert_eq!(count(store, "note").await, 0, "{name}");
        let nested: Result<(), StoreError> = store
            .write(|tx| {
                insert(tx, "outside")?;
                let inner: Result<(), StoreError> = tx.nested(|tx| {
                    insert(tx, "inside")?;
                    let _ = insert(tx, "inside");
                    Ok(())
                });
                assert!(matches!(inner, Err(StoreError::Ignored)), "{inner:?}");
                Ok(())
            })
            .await;
        assert!(nested.is_ok(), "{name}: {nested:?}");
        assert_eq!(count(store, "note").await, 1, "{name}: only what stood outside");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_while_reading_leaves_no_connection_behind_that_is_stuck() {
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        // More often than there are connections, each in the middle of a transaction.
        for _ in 0..12 {
            let read: Result<(), StoreError> = store
                .read(|tx| {
                    tx.query("SELECT id FROM note WHERE tenant = $1", params![CITY])?;
                    panic!("in the middle")
                })
                .await;
            assert!(matches!(read, Err(StoreError::Panicked(_))), "{name}: {read:?}");
        }
        for number in 0..12 {
            let written = store.write(move |tx| insert(tx, &format!("n{number}"))).await;
            assert!(written.is_ok(), "{name}: {written:?}");
            assert_eq!(count(store, "note").await, number + 1, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_of_many_shapes_do_not_pile_up() {
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        for round in 0..30_usize {
            let found = store
                .read(move |tx| {
                    for number in 0..50_usize {
                        let sql = format!(
                            "SELECT id FROM note WHERE tenant = $1 AND number = {}",
                            round * 50 + number
                        );
                        tx.query(&sql, params![CITY])?;
                    }
                    Ok::<_, StoreError>(
                        tx.query("SELECT id FROM note WHERE tenant = $1", params![CITY])?
                            .len(),
                    )
                })
                .await;
            assert_eq!(found.unwrap(), 0, "{name}");
        }
        if name == &"PostgreSQL" {
            let kept = store
                .read(|tx| {
                    tx.query_one("SELECT CAST(COUNT(*) AS BIGINT) FROM pg_prepared_statements", &[])?
                        .get::<i64>(0)
                })
                .await
                .unwrap();
            assert!(kept < 700, "{kept} statements are kept on one connection");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_caller_went_away_still_counts_as_a_change() {
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        let before = store.generation();
        {
            let mut write = std::pin::pin!(store.write(|tx| {
                std::thread::sleep(Duration::from_millis(50));
                insert(tx, "left alone")
            }));
            let gone = tokio::time::timeout(Duration::from_millis(5), &mut write).await;
            assert!(gone.is_err(), "{name}: the caller has left before the end");
        }
        for _ in 0..200 {
            if store.generation() > before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(count(store, "note").await, 1, "{name}");
        assert_eq!(store.generation(), before + 1, "{name}");
    }
}

/// Ranges over words (search by their beginning) and lists rely on it. A PostgreSQL database made with the collation
/// of a language fails here: see docs/operator.md.
#[tokio::test(flavor = "multi_thread")]
async fn text_sorts_by_its_bytes_on_both_engines() {
    let wanted = ["A", "Z", "a", "via", "via roma", "viale", "via~", "z", "à"];
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        store
            .write(move |tx| wanted.iter().rev().try_for_each(|id| insert(tx, id)))
            .await
            .unwrap();
        let (all, within): (Vec<String>, i64) = store
            .read(|tx| -> Result<_, StoreError> {
                let rows = tx.query("SELECT id FROM note WHERE tenant = $1 ORDER BY id", params![CITY])?;
                let all = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
                let sql = "SELECT COUNT(*) FROM note WHERE tenant = $1 AND id >= $2 AND id < $3";
                Ok((all, tx.query_one(sql, params![CITY, "via", "via~"])?.get(0)?))
            })
            .await
            .unwrap();
        assert_eq!(all, wanted, "{name}");
        assert_eq!(within, 3, "{name}");
    }
}

#[tokio::test]
async fn hooks_run_after_the_commit_and_only_then() {
    use std::sync::atomic::{AtomicU32, Ordering};
    for held in stores(&[NOTES]).await {
        let ran = std::sync::Arc::new(AtomicU32::new(0));
        let commits = held.store.commits();
        let seen = *commits.borrow();
        let count = ran.clone();
        held.store
            .write(move |tx| {
                let (kept, undone) = (count.clone(), count.clone());
                tx.on_commit(move || {
                    kept.fetch_add(1, Ordering::SeqCst);
                });
                let failed: Result<(), StoreError> = tx.nested(|tx| {
                    tx.on_commit(move || {
                        undone.fetch_add(100, Ordering::SeqCst);
                    });
                    Err(StoreError::Closed)
                });
                assert!(failed.is_err());
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), 1, "{}", held.name);
        assert!(*commits.borrow() > seen, "{}", held.name);
        let count = ran.clone();
        let refused = held
            .store
            .write(move |tx| {
                let count = count.clone();
                tx.on_commit(move || {
                    count.fetch_add(1, Ordering::SeqCst);
                });
                Err::<(), _>(StoreError::Closed)
            })
            .await;
        assert!(refused.is_err());
        assert_eq!(ran.load(Ordering::SeqCst), 1, "{}", held.name);
    }
}

#[tokio::test]
async fn what_another_process_writes_to_the_file_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig::sqlite(folder.path().join("shared.db"));
    let (here, there) = (
        Store::open(&config).await.unwrap(),
        Store::open(&config).await.unwrap(),
    );
    here.migrate(&[NOTES]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let before = here.foreign_commits().unwrap();
    here.write(|tx| insert(tx, "own")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(
        here.foreign_commits(),
        Some(before),
        "one's own writes are not foreign"
    );
    there.write(|tx| insert(tx, "foreign")).await.unwrap();
    let noticed = async {
        while here.foreign_commits() == Some(before) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), noticed)
        .await
        .unwrap();
}

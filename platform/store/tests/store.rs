//! What the store promises, asked of both engines: all or nothing, once acknowledged kept, the same answers.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bisenzio_kernel::{Env, FixedEnv, TenantId};
use bisenzio_store::testing::{TestStore, stores};
use bisenzio_store::{
    Migration, ModuleMigrations, Store, StoreConfig, StoreError, Tx, Value, backup, jobs, outbox, params,
    restore,
};

const NOTES: ModuleMigrations = ModuleMigrations {
    module: "notes",
    migrations: &[Migration {
        version: 1,
        name: "notes and counters",
        sql:
            "CREATE TABLE note (tenant TEXT NOT NULL, id TEXT NOT NULL, number BIGINT, share DOUBLE PRECISION,
                  body TEXT, picture BYTEA, PRIMARY KEY (tenant, id));
              CREATE TABLE mirror (tenant TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (tenant, id));
              CREATE TABLE counter (tenant TEXT NOT NULL, id TEXT NOT NULL, value BIGINT NOT NULL,
                  PRIMARY KEY (tenant, id));",
    }],
};

const CITY: &str = "pievalta";

fn city() -> TenantId {
    TenantId::new(CITY).unwrap()
}

fn insert(tx: &mut Tx<'_>, id: &str) -> Result<(), StoreError> {
    tx.execute("INSERT INTO note (tenant, id) VALUES ($1, $2)", params![CITY, id])?;
    Ok(())
}

async fn count(store: &Store, table: &'static str) -> i64 {
    store
        .read(move |tx| {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE tenant = $1");
            tx.query_one(&sql, params![CITY])?.get::<i64>(0)
        })
        .await
        .unwrap()
}

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

/// One row of every kind of value, extremes included.
fn insert_all_kinds(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let rows = [
        (
            "max",
            Value::Int(i64::MAX),
            Value::Real(f64::MAX),
            "perché – €",
            vec![0_u8, 255, 10],
        ),
        (
            "min",
            Value::Int(i64::MIN),
            Value::Real(-0.1),
            "'; DROP TABLE note; --",
            Vec::new(),
        ),
        ("whole", Value::Int(0), Value::Real(1.0), "", vec![1; 3000]),
    ];
    let sql = "INSERT INTO note (tenant, id, number, share, body, picture) VALUES ($1, $2, $3, $4, $5, $6)";
    for (id, number, share, body, picture) in rows {
        tx.execute(
            sql,
            &[
                CITY.into(),
                id.into(),
                number,
                share,
                body.into(),
                Value::Blob(picture),
            ],
        )?;
    }
    insert(tx, "empty")
}

async fn all_notes(store: &Store) -> Vec<Vec<Value>> {
    store
        .read(|tx| -> Result<_, StoreError> {
            let sql = "SELECT id, number, share, body, picture FROM note WHERE tenant = $1 ORDER BY id";
            Ok(tx
                .query(sql, params![CITY])?
                .iter()
                .map(|row| row.values().to_vec())
                .collect())
        })
        .await
        .unwrap()
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
async fn jobs_are_retried_with_pauses_and_then_given_up() {
    for TestStore { store, name, .. } in &stores(&[]).await {
        let fixed = FixedEnv::at("2026-03-11T09:00:00Z");
        let env: Env = fixed.env();
        let refused: Result<(), StoreError> = store
            .write({
                let env = env.clone();
                move |tx| {
                    jobs::enqueue(tx, &env, &city(), "mail.send", &"ghost", env.now())?;
                    Err(StoreError::Column("refused".into()))
                }
            })
            .await;
        assert!(refused.is_err());
        let now = env.now();
        let none = store.write(move |tx| jobs::claim(tx, now)).await.unwrap();
        assert!(none.is_none(), "{name}: a job of a failed use case is there");

        let queued = env.clone();
        store
            .write(move |tx| jobs::enqueue(tx, &queued, &city(), "mail.send", &"hello", queued.now()))
            .await
            .unwrap();
        let mut now = env.now();
        let mut attempts = 0;
        loop {
            let Some(job) = store.write(move |tx| jobs::claim(tx, now)).await.unwrap() else {
                break;
            };
            attempts += 1;
            assert_eq!(
                (job.attempts, job.payload.as_str()),
                (attempts, "\"hello\""),
                "{name}"
            );
            let leased = store.write(move |tx| jobs::claim(tx, now)).await.unwrap();
            assert!(leased.is_none(), "{name}: claimed twice");
            store
                .write(move |tx| jobs::fail(tx, &job, "the server is away", now))
                .await
                .unwrap();
            let early = store.write(move |tx| jobs::claim(tx, now)).await.unwrap();
            assert!(
                early.is_none(),
                "{name}: no pause before attempt {}",
                attempts + 1
            );
            now += 1_000_000 << (attempts + 1);
        }
        assert_eq!(attempts, 8, "{name}");
        let latest = store.read(|tx| jobs::latest(tx, &city(), 10)).await.unwrap();
        assert_eq!(latest.len(), 1);
        assert_eq!(
            (latest[0].state.as_str(), latest[0].last_error.as_deref()),
            ("failed", Some("the server is away"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_worker_that_died_goes_to_another_and_no_job_to_two() {
    for TestStore { store, name, .. } in &stores(&[]).await {
        let fixed = FixedEnv::at("2026-03-11T09:00:00Z");
        let env: Env = fixed.env();
        for number in 0..12 {
            let env = env.clone();
            store
                .write(move |tx| jobs::enqueue(tx, &env, &city(), "x.y", &number, env.now()))
                .await
                .unwrap();
        }
        let now = env.now();
        let claims: Vec<_> = (0..12)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.write(move |tx| jobs::claim(tx, now)).await })
            })
            .collect();
        let mut ids = Vec::new();
        for claim in claims {
            match claim.await.unwrap() {
                Ok(job) => ids.extend(job.map(|job| job.id)),
                Err(StoreError::Contention) => {}
                Err(other) => panic!("{name}: {other}"),
            }
        }
        let claimed = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), claimed, "{name}: a job was claimed twice");
        assert!(claimed >= 6, "{name}: only {claimed} of 12 claims got through");

        let later = now + 301 * 1_000_000;
        let job = store
            .write(move |tx| jobs::claim(tx, later))
            .await
            .unwrap()
            .expect("the lease has ended");
        store
            .write({
                let job = job.clone();
                move |tx| jobs::succeed(tx, &job, later)
            })
            .await
            .unwrap();
        let done = store.read(|tx| jobs::latest(tx, &city(), 100)).await.unwrap();
        assert_eq!(done.iter().filter(|j| j.state == "done").count(), 1, "{name}");
        let pruned = store.write(move |tx| jobs::prune(tx, later + 1)).await.unwrap();
        assert_eq!(pruned, 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_tells_exactly_what_was_committed() {
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        let fixed = FixedEnv::at("2026-03-11T09:00:00Z");
        let env: Env = fixed.env();
        let start = env.now();
        for number in 0..10 {
            let env = env.clone();
            let _: Result<(), StoreError> = store
                .write(move |tx| {
                    let id = format!("n{number}");
                    insert(tx, &id)?;
                    outbox::publish(tx, &env, &city(), "notes.new", &id, &number)?;
                    if number % 3 == 0 {
                        Err(StoreError::Column("refused".into()))
                    } else {
                        Ok(())
                    }
                })
                .await;
        }
        let events = store.read(move |tx| outbox::since(tx, start, 100)).await.unwrap();
        let subjects: Vec<&str> = events.iter().map(|event| event.subject.as_str()).collect();
        assert_eq!(subjects.len(), 6, "{name}: {subjects:?}");
        assert!(!subjects.contains(&"n3"), "{name}");
        assert!(
            events
                .iter()
                .all(|event| event.tenant == CITY && event.topic == "notes.new"),
            "{name}"
        );
        assert_eq!(
            store
                .read(move |tx| outbox::since(tx, start + 1, 100))
                .await
                .unwrap()
                .len(),
            0,
            "{name}"
        );
        assert_eq!(
            store.write(move |tx| outbox::prune(tx, start + 1)).await.unwrap(),
            6,
            "{name}"
        );
    }
}

const NOTES_LATER: ModuleMigrations = ModuleMigrations {
    module: "notes",
    migrations: &[
        NOTES.migrations[0],
        Migration {
            version: 2,
            name: "colour",
            sql: "ALTER TABLE note ADD COLUMN colour TEXT;",
        },
    ],
};

#[tokio::test(flavor = "multi_thread")]
async fn migrations_run_once_in_order_and_only_forward() {
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        store.write(|tx| insert(tx, "old")).await.unwrap();
        store.migrate(&[NOTES]).await.unwrap();
        store.migrate(&[NOTES_LATER]).await.unwrap();
        store.migrate(&[NOTES_LATER]).await.unwrap();
        store
            .write(|tx| tx.execute("UPDATE note SET colour = 'red' WHERE tenant = $1", params![CITY]))
            .await
            .unwrap();
        // An older program must not touch what a newer one wrote.
        let older = store.migrate(&[NOTES]).await;
        assert!(
            matches!(&older, Err(StoreError::Migration(why)) if why.contains("newer version")),
            "{name}: {older:?}"
        );

        let changed = ModuleMigrations {
            module: "notes",
            migrations: &[Migration {
                version: 1,
                name: "notes",
                sql: "CREATE TABLE other (tenant TEXT PRIMARY KEY);",
            }],
        };
        let refused = store.migrate(&[changed]).await;
        assert!(
            matches!(&refused, Err(StoreError::Migration(why)) if why.contains("changed")),
            "{name}: {refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fails_leaves_nothing() {
    for TestStore { store, name, .. } in &stores(&[]).await {
        let broken = ModuleMigrations {
            module: "broken",
            migrations: &[Migration {
                version: 1,
                name: "half",
                sql: "CREATE TABLE half (tenant TEXT NOT NULL, PRIMARY KEY (tenant));\nINSERT INTO nowhere (a) VALUES (1);",
            }],
        };
        assert!(store.migrate(&[broken]).await.is_err(), "{name}");
        let there: Result<i64, StoreError> = store
            .read(|tx| tx.query_one("SELECT COUNT(*) FROM half", &[])?.get(0))
            .await;
        assert!(there.is_err(), "{name}: a table of a failed migration is there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_restores_on_each_engine_and_across() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("city.bisenzio");
    let sources = stores(&[NOTES]).await;
    for source in &sources {
        source.store.write(insert_all_kinds).await.unwrap();
        let made = backup(&source.store, &file).await.unwrap();
        assert!(made.rows >= 4, "{}", source.name);
        for target in &stores(&[NOTES]).await {
            let restored = restore(&target.store, &file).await.unwrap();
            assert_eq!((restored.rows, &restored.sha256), (made.rows, &made.sha256));
            let pair = format!("{} to {}", source.name, target.name);
            assert_eq!(
                all_notes(&target.store).await,
                all_notes(&source.store).await,
                "{pair}"
            );
            // What is there is not overwritten.
            let again = restore(&target.store, &file).await;
            assert!(again.is_err(), "{pair}: restored over data");
            assert_eq!(count(&target.store, "note").await, 4, "{pair}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_is_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("city.bisenzio");
    for source in &stores(&[NOTES]).await {
        let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (store, stop) = (source.store.clone(), stop.clone());
                tokio::spawn(async move {
                    let mut number = 0;
                    while !stop.load(Ordering::SeqCst) {
                        let id = format!("w{writer}-{number}");
                        // The two tables always agree, except inside a transaction.
                        let _ = store
                            .write(move |tx| {
                                insert(tx, &id)?;
                                tx.execute(
                                    "INSERT INTO mirror (tenant, id) VALUES ($1, $2)",
                                    params![CITY, &id],
                                )
                            })
                            .await;
                        number += 1;
                    }
                })
            })
            .collect();
        while count(&source.store, "note").await < 50 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        backup(&source.store, &file).await.unwrap();
        stop.store(true, Ordering::SeqCst);
        for writer in writers {
            writer.await.unwrap();
        }
        for target in &stores(&[NOTES]).await {
            restore(&target.store, &file).await.unwrap();
            let (notes, mirror) = (
                count(&target.store, "note").await,
                count(&target.store, "mirror").await,
            );
            assert!(
                notes >= 50 && notes == mirror,
                "{} to {}: {notes} and {mirror}",
                source.name,
                target.name
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_backup_is_refused_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    let sources = stores(&[NOTES]).await;
    sources[0].store.write(insert_all_kinds).await.unwrap();
    backup(&sources[0].store, &whole).await.unwrap();
    let bytes = std::fs::read(&whole).unwrap();
    let text = unzip(&bytes);

    let damaged = [
        ("cut off", bytes[..bytes.len() * 2 / 3].to_vec()),
        ("altered", zip(&text.replace("whole", "whale"))),
        (
            "a row more",
            zip(&text.replacen("\n[", "\n[\"pievalta\",\"x\",null,null,null,null]\n[", 1)),
        ),
        (
            "without its end",
            zip(&text
                .lines()
                .take(text.lines().count() - 1)
                .map(|l| format!("{l}\n"))
                .collect::<String>()),
        ),
        ("more after the end", zip(&format!("{text}[]\n"))),
        ("empty", Vec::new()),
        ("another file", b"PK\x03\x04 a spreadsheet".to_vec()),
        ("JSON of something else", zip("{\"format\": \"other\"}\n")),
    ];
    for (what, content) in damaged {
        let file = folder.path().join("damaged");
        std::fs::write(&file, content).unwrap();
        for target in &stores(&[NOTES]).await {
            let result = restore(&target.store, &file).await;
            assert!(
                matches!(result, Err(StoreError::Backup(_))),
                "{what} on {}: {result:?}",
                target.name
            );
            assert_eq!(count(&target.store, "note").await, 0, "{what} on {}", target.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_other_migrations_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("city.bisenzio");
    let sources = stores(&[NOTES]).await;
    backup(&sources[0].store, &file).await.unwrap();
    for target in &stores(&[NOTES_LATER]).await {
        let result = restore(&target.store, &file).await;
        assert!(
            matches!(&result, Err(StoreError::Backup(why)) if why.contains("another version")),
            "{}: {result:?}",
            target.name
        );
    }
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

fn unzip(bytes: &[u8]) -> String {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(bytes), &mut text).unwrap();
    text
}

fn zip(text: &str) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut out, text.as_bytes()).unwrap();
    out.finish().unwrap()
}

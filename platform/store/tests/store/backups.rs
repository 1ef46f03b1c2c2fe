//! Backup and restore, on each engine and across; what is damaged is refused.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bisenzio_store::testing::stores;
use bisenzio_store::{StoreError, backup, params, restore};

use crate::{CITY, NOTES, NOTES_LATER, all_notes, count, insert, insert_all_kinds};

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

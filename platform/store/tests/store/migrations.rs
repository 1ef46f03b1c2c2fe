//! Schema changes: forward only, each once, whole or not at all.

use bisenzio_store::testing::{TestStore, stores};
use bisenzio_store::{Migration, ModuleMigrations, StoreError, params};

use crate::{CITY, NOTES, NOTES_LATER, insert};

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

//! Stores for tests: every test of a module runs on SQLite and, when a server answers, on PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::{ModuleMigrations, PLATFORM_MIGRATIONS, Store, StoreConfig, StoreError};

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// A store of its own for one test; its data goes when it is dropped.
pub struct TestStore {
    pub store: Store,
    pub name: &'static str,
    config: StoreConfig,
    _folder: Arc<tempfile::TempDir>,
}

impl TestStore {
    /// The same data opened anew, as another process would: nothing is remembered but what was written.
    ///
    /// # Panics
    /// When it cannot be opened: a test cannot go on without.
    pub async fn reopened(&self) -> Self {
        Self {
            store: Store::open(&self.config).await.expect("the same store"),
            name: self.name,
            config: self.config.clone(),
            _folder: self._folder.clone(),
        }
    }
}

/// One fresh store per engine that this machine can run, migrated. PostgreSQL is used when
/// `BISENZIO_TEST_POSTGRES` holds a URL; otherwise it is skipped, and says so.
///
/// # Panics
/// When a store cannot be made: a test cannot go on without.
pub async fn stores(modules: &[ModuleMigrations]) -> Vec<TestStore> {
    let mut all = vec![PLATFORM_MIGRATIONS];
    all.extend_from_slice(modules);
    let mut out = Vec::new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sqlite = StoreConfig::sqlite(folder.path().join("test.db"));
    out.push(
        ready(sqlite, "SQLite", folder, &all)
            .await
            .expect("a SQLite store"),
    );
    match std::env::var("BISENZIO_TEST_POSTGRES") {
        Ok(url) if !url.is_empty() => {
            let number = COUNTER.fetch_add(1, Ordering::SeqCst);
            let schema = format!("test_{}_{number}", std::process::id());
            let folder = tempfile::tempdir().expect("a temporary folder");
            drop_schema(&url, &schema).await;
            let config = StoreConfig::Postgres {
                url,
                schema,
                connections: 4,
            };
            out.push(
                ready(config, "PostgreSQL", folder, &all)
                    .await
                    .expect("a PostgreSQL store"),
            );
        }
        _ => eprintln!(
            "skipped on PostgreSQL: set BISENZIO_TEST_POSTGRES=postgresql://postgres@127.0.0.1/test"
        ),
    }
    out
}

impl Store {
    /// The next `count` writes collide once, as if a concurrent transaction had won.
    pub fn inject_collisions(&self, count: u32) {
        self.injected_collisions.store(count, Ordering::SeqCst);
    }
}

async fn ready(
    config: StoreConfig,
    name: &'static str,
    folder: tempfile::TempDir,
    modules: &[ModuleMigrations],
) -> Result<TestStore, StoreError> {
    let store = Store::open(&config).await?;
    store.migrate(modules).await?;
    Ok(TestStore {
        store,
        name,
        config,
        _folder: Arc::new(folder),
    })
}

/// A process number may come again; the schema of the earlier one must not be found.
async fn drop_schema(url: &str, schema: &str) {
    if let Ok((client, connection)) = tokio_postgres::connect(url, tokio_postgres::NoTls).await {
        let driver = tokio::spawn(connection);
        let _ = client
            .batch_execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE"))
            .await;
        drop(client);
        let _ = driver.await;
    }
}

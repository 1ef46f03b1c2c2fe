//! Data for tests: the demonstration cities loaded once, then copied; schemas on PostgreSQL that go away.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, UNIX_EPOCH};

use crate::program::{bisenzio, run};

/// A folder with the demonstration cities, for one test alone.
pub struct DemoData {
    folder: tempfile::TempDir,
}

impl DemoData {
    /// Copies the cities as this build of the program loads them.
    ///
    /// # Panics
    /// When they cannot be loaded.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::copy(loaded().join("bisenzio.db"), folder.path().join("bisenzio.db"))
            .expect("the cities are copied");
        Self { folder }
    }

    pub fn path(&self) -> &str {
        self.folder
            .path()
            .to_str()
            .expect("temporary folders have plain names")
    }

    /// A token that may do everything in a demonstration city.
    pub fn token(&self, tenant: &str) -> String {
        let arguments = [
            "token",
            "create",
            "--demo",
            "--tenant",
            tenant,
            "--data",
            self.path(),
        ];
        run(bisenzio().args(arguments)).trim().to_owned()
    }
}

impl Default for DemoData {
    fn default() -> Self {
        Self::new()
    }
}

/// The folder with the cities freshly loaded; made by the first test that asks, others wait for it.
fn loaded() -> PathBuf {
    let program = PathBuf::from(bisenzio().get_program());
    let built = std::fs::metadata(&program)
        .and_then(|data| data.modified())
        .expect("the program is there");
    let stamp = built
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    let base = program.parent().unwrap_or(Path::new(".")).join("test-cities");
    let (ready, lock) = (base.join(format!("{stamp}")), base.join(format!("{stamp}.lock")));
    std::fs::create_dir_all(&base).expect("the target folder can be written");
    let deadline = Instant::now() + Duration::from_secs(300);
    while !ready.exists() {
        // Making a folder is atomic: one process loads, the others wait.
        if std::fs::create_dir(&lock).is_ok() {
            let part = base.join(format!("{stamp}.part"));
            let _ = std::fs::remove_dir_all(&part);
            let folder = part.to_str().expect("a plain path");
            run(bisenzio().args(["token", "create", "--demo", "--data", folder]));
            let _ = std::fs::rename(&part, &ready);
            let _ = std::fs::remove_dir(&lock);
        } else {
            assert!(
                Instant::now() < deadline,
                "{} is held for too long: remove it",
                lock.display()
            );
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    ready
}

/// The PostgreSQL that tests may use; says so when there is none.
pub fn postgres_url() -> Option<String> {
    let url = std::env::var("BISENZIO_TEST_POSTGRES").unwrap_or_default();
    if url.is_empty() {
        eprintln!("skipped on PostgreSQL: set BISENZIO_TEST_POSTGRES=postgresql://postgres@127.0.0.1/test");
        return None;
    }
    Some(url)
}

/// A schema of its own on the test server, dropped at the end.
pub struct TestSchema {
    server: String,
    name: String,
}

impl TestSchema {
    pub fn new(server: &str, name: &str) -> Self {
        let schema = Self {
            server: server.to_owned(),
            name: format!("system_{name}_{}", std::process::id()),
        };
        schema.drop_schema();
        schema
    }

    /// The store's URL, as the program takes it.
    pub fn url(&self) -> String {
        let separator = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{separator}schema={}", self.server, self.name)
    }

    fn drop_schema(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.server, tokio_postgres::NoTls)
                .await
                .unwrap_or_else(|error| panic!("BISENZIO_TEST_POSTGRES {}: {error}", self.server));
            let driver = tokio::spawn(connection);
            let _ = client
                .batch_execute(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.name))
                .await;
            drop(client);
            let _ = driver.await;
        });
    }
}

impl Drop for TestSchema {
    fn drop(&mut self) {
        self.drop_schema();
    }
}

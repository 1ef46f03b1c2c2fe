use bisenzio_kernel::Problem;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("database: {}", postgres_message(.0))]
    Postgres(#[from] tokio_postgres::Error),
    #[error("no database connection: {0}")]
    Pool(String),
    #[error("unexpected result: {0}")]
    Column(String),
    #[error("the transaction kept colliding with others and was given up")]
    Contention,
    #[error("the use case panicked: {0}")]
    Panicked(String),
    /// After a failed statement PostgreSQL carries out nothing more and turns COMMIT into ROLLBACK; SQLite
    /// would keep the rest. Neither is let through.
    #[error("a statement failed and the use case went on: put what may fail into `Tx::nested`")]
    Ignored,
    #[error("commit failed: {0}")]
    Commit(String),
    #[error("the store is closed")]
    Closed,
    #[error("migration: {0}")]
    Migration(String),
    #[error("backup: {0}")]
    Backup(String),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// tokio-postgres says only "db error" by itself; the server's own words are in its source.
fn postgres_message(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => format!("{} ({})", db.message(), db.code().code()),
        None => error.to_string(),
    }
}

impl StoreError {
    /// Whether a unique or primary key said no.
    pub fn is_unique_violation(&self) -> bool {
        match self {
            StoreError::Sqlite(rusqlite::Error::SqliteFailure(e, _)) => {
                e.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
                    || e.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            }
            StoreError::Postgres(e) => e.code() == Some(&tokio_postgres::error::SqlState::UNIQUE_VIOLATION),
            _ => false,
        }
    }

    pub(crate) fn is_serialization_failure(&self) -> bool {
        use tokio_postgres::error::SqlState;
        match self {
            StoreError::Postgres(e) => {
                matches!(e.code(), Some(code) if *code == SqlState::T_R_SERIALIZATION_FAILURE
                    || *code == SqlState::T_R_DEADLOCK_DETECTED)
            }
            _ => false,
        }
    }
}

/// The person who asked learns that it failed; the cause goes to the log.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Contention => {
                tracing::warn!(%error, "store");
                let mut problem =
                    Problem::new(503, "Busy", "Too many changes at once. Try again in a moment.");
                problem.retry_after = Some(1);
                problem
            }
            _ => {
                tracing::error!(%error, "store");
                Problem::internal()
            }
        }
    }
}

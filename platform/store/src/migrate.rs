//! Schema changes: forward only, in order, each once, remembered with a checksum.

use sha2::{Digest, Sha256};

use crate::sql::{schema_for_sqlite, statements};
use crate::{Engine, Store, StoreError, Tx, params};

/// One step. Written with PostgreSQL's type names (TEXT, BIGINT, DOUBLE PRECISION, BYTEA); the same text
/// serves SQLite.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    pub version: i64,
    pub name: &'static str,
    pub sql: &'static str,
}

/// The steps of one module, in order.
#[derive(Clone, Copy, Debug)]
pub struct ModuleMigrations {
    pub module: &'static str,
    pub migrations: &'static [Migration],
}

/// Tables of the store itself: outbox and jobs.
pub const PLATFORM_MIGRATIONS: ModuleMigrations = ModuleMigrations {
    module: "store",
    migrations: &[Migration {
        version: 1,
        name: "outbox and jobs",
        sql: include_str!("../migrations/0001_outbox_and_jobs.sql"),
    }],
};

impl Store {
    /// Brings the schema up to date. Safe to run at every start and by several replicas at once.
    ///
    /// # Errors
    /// `StoreError::Migration` when an applied step is unknown here (an older program) or was changed since.
    pub async fn migrate(&self, modules: &[ModuleMigrations]) -> Result<(), StoreError> {
        self.write(|tx| {
            let table = "CREATE TABLE IF NOT EXISTS schema_migration (
                module TEXT NOT NULL, version BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL,
                PRIMARY KEY (module, version))";
            apply(tx, table)
        })
        .await?;
        for module in modules {
            for migration in module.migrations {
                let (module, migration) = (module.module, *migration);
                self.write(move |tx| step(tx, module, &migration)).await?;
            }
            self.refuse_newer(module).await?;
        }
        Ok(())
    }

    async fn refuse_newer(&self, module: &ModuleMigrations) -> Result<(), StoreError> {
        let name = module.module;
        let known = module.migrations.iter().map(|m| m.version).max().unwrap_or(0);
        let applied: Option<i64> = self
            .read(move |tx| {
                tx.query_one(
                    "SELECT MAX(version) FROM schema_migration WHERE module = $1",
                    params![name],
                )?
                .get(0)
            })
            .await?;
        match applied {
            Some(version) if version > known => Err(StoreError::Migration(format!(
                "the data was written by a newer version of Bisenzio (module {name}, step {version}; this \
                 program knows {known}). Install that version or a later one."
            ))),
            _ => Ok(()),
        }
    }
}

fn step(tx: &mut Tx<'_>, module: &str, migration: &Migration) -> Result<(), StoreError> {
    let checksum = checksum(migration.sql);
    let applied = tx.query_opt(
        "SELECT checksum FROM schema_migration WHERE module = $1 AND version = $2",
        params![module, migration.version],
    )?;
    if let Some(row) = applied {
        if row.get::<String>(0)? == checksum {
            return Ok(());
        }
        return Err(StoreError::Migration(format!(
            "step {} of module {module} was changed after it had been applied",
            migration.version
        )));
    }
    for statement in statements(migration.sql) {
        apply(tx, &statement)?;
    }
    tx.execute(
        "INSERT INTO schema_migration (module, version, name, checksum) VALUES ($1, $2, $3, $4)",
        params![module, migration.version, migration.name, checksum],
    )?;
    Ok(())
}

fn apply(tx: &mut Tx<'_>, statement: &str) -> Result<(), StoreError> {
    let sql = match tx.engine() {
        Engine::Sqlite => schema_for_sqlite(statement),
        Engine::Postgres => statement.to_owned(),
    };
    tx.execute(&sql, &[])?;
    Ok(())
}

/// Of the statements, not of the comments: those may be reworded.
fn checksum(sql: &str) -> String {
    let digest = Sha256::digest(statements(sql).join(";\n"));
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

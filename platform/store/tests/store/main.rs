//! What the store promises, asked of both engines: all or nothing, once acknowledged kept, the same answers.

mod backups;
mod migrations;
mod queues;
mod transactions;

use bisenzio_kernel::TenantId;
use bisenzio_store::{Migration, ModuleMigrations, Store, StoreError, Tx, Value, params};

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

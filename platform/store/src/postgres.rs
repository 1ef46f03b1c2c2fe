//! PostgreSQL: a connection pool; writes are SERIALIZABLE and retried, reads are one snapshot.
//!
//! Use cases are plain closures on both engines. Here they run on a blocking thread that waits for each
//! statement, so that module code stays free of `async`.

use std::sync::Arc;

use bytes::BytesMut;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio::runtime::Handle;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{NoTls, Row as PgRow};

use crate::{Row, StoreError, Value};

/// Prepared statements that a connection keeps. Queries of many shapes (a list of identifiers makes one for
/// each length) would otherwise fill the memory of client and server.
const KEPT_STATEMENTS: usize = 500;

#[derive(Clone)]
pub(crate) struct Postgres {
    pool: Pool,
}

impl Postgres {
    pub(crate) async fn open(url: &str, schema: &str, connections: usize) -> Result<Self, StoreError> {
        let mut config: tokio_postgres::Config = url.parse()?;
        let (bootstrap, connection) = config.connect(NoTls).await?;
        let driver = tokio::spawn(connection);
        // The name was checked when the configuration was read: letters, digits and underscores.
        bootstrap
            .batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {schema}"))
            .await
            .or_else(|error| {
                // Two processes starting together may both try.
                let raced = error.code() == Some(&tokio_postgres::error::SqlState::UNIQUE_VIOLATION);
                if raced { Ok(()) } else { Err(error) }
            })?;
        drop(bootstrap);
        let _ = driver.await;
        config.options(format!("-c search_path={schema} -c timezone=UTC"));
        config.application_name("bisenzio");
        let manager = Manager::from_config(
            config,
            NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(connections)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| StoreError::Pool(error.to_string()))?;
        Ok(Self { pool })
    }

    /// Runs the closure in one transaction; commits when `keep` says that its result is a success.
    pub(crate) fn run<T>(
        &self,
        handle: &Handle,
        begin: &str,
        closure: impl FnOnce(PgTx<'_>) -> (T, bool),
    ) -> Result<T, StoreError> {
        let client = handle
            .block_on(self.pool.get())
            .map_err(|error| StoreError::Pool(error.to_string()))?;
        if let Err(error) = handle.block_on(client.batch_execute(begin)) {
            // Whatever state it is in, nobody else shall get this connection.
            let _ = Object::take(client);
            return Err(error.into());
        }
        let (value, keep) = closure(PgTx {
            client: &client,
            handle,
        });
        let end = handle.block_on(client.batch_execute(if keep { "COMMIT" } else { "ROLLBACK" }));
        if client.statement_cache.size() > KEPT_STATEMENTS {
            client.statement_cache.clear();
        }
        match end {
            Ok(()) => Ok(value),
            Err(error) => {
                if handle.block_on(client.batch_execute("ROLLBACK")).is_err() {
                    let _ = Object::take(client);
                }
                Err(error.into())
            }
        }
    }
}

pub(crate) struct PgTx<'a> {
    client: &'a deadpool_postgres::Client,
    handle: &'a Handle,
}

impl PgTx<'_> {
    pub(crate) fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let statement = self.handle.block_on(self.client.prepare_cached(sql))?;
        Ok(self
            .handle
            .block_on(self.client.execute(&statement, &refs(params)))?)
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let statement = self.handle.block_on(self.client.prepare_cached(sql))?;
        let columns: Arc<[String]> = statement.columns().iter().map(|c| c.name().to_owned()).collect();
        let rows = self
            .handle
            .block_on(self.client.query(&statement, &refs(params)))?;
        rows.iter()
            .map(|row| {
                Ok(Row {
                    columns: columns.clone(),
                    values: read(row)?,
                })
            })
            .collect()
    }
}

fn refs(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn read(row: &PgRow) -> Result<Vec<Value>, StoreError> {
    row.columns()
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let value = match *column.type_() {
                Type::INT8 => row.try_get::<_, Option<i64>>(i)?.into(),
                Type::INT4 => row.try_get::<_, Option<i32>>(i)?.into(),
                Type::INT2 => row.try_get::<_, Option<i16>>(i)?.into(),
                Type::BOOL => row.try_get::<_, Option<bool>>(i)?.into(),
                Type::FLOAT8 => row.try_get::<_, Option<f64>>(i)?.into(),
                Type::FLOAT4 => row.try_get::<_, Option<f32>>(i)?.map(f64::from).into(),
                Type::TEXT | Type::VARCHAR | Type::NAME | Type::BPCHAR => {
                    row.try_get::<_, Option<String>>(i)?.into()
                }
                Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(i)?.into(),
                Type::VOID => Value::Null,
                ref other => {
                    return Err(StoreError::Column(format!(
                        "column {i} ({}) is {other}: cast it to BIGINT, DOUBLE PRECISION, TEXT or BYTEA",
                        column.name()
                    )));
                }
            };
            Ok(value)
        })
        .collect()
}

impl ToSql for Value {
    fn to_sql(
        &self,
        wanted: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        #[allow(
            clippy::cast_precision_loss,
            reason = "an integer given for a DOUBLE PRECISION column"
        )]
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(v) => match *wanted {
                Type::INT8 => v.to_sql(wanted, out),
                Type::INT4 => i32::try_from(*v)?.to_sql(wanted, out),
                Type::INT2 => i16::try_from(*v)?.to_sql(wanted, out),
                Type::BOOL => (*v != 0).to_sql(wanted, out),
                Type::FLOAT8 => (*v as f64).to_sql(wanted, out),
                _ => Err(format!("an integer was given where {wanted} is wanted").into()),
            },
            Value::Real(v) if *wanted == Type::FLOAT8 => v.to_sql(wanted, out),
            Value::Real(_) => Err(format!("a real was given where {wanted} is wanted").into()),
            Value::Text(v) if <String as ToSql>::accepts(wanted) => v.to_sql(wanted, out),
            Value::Text(_) => Err(format!("text was given where {wanted} is wanted").into()),
            Value::Blob(v) if *wanted == Type::BYTEA => v.to_sql(wanted, out),
            Value::Blob(_) => Err(format!("bytes were given where {wanted} is wanted").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

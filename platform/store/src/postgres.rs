//! PostgreSQL: a connection pool; writes are SERIALIZABLE and retried, reads are one snapshot.
//!
//! Use cases are plain closures on both engines. Here they run on a blocking thread that waits for each
//! statement, so that module code stays free of `async`.

use std::sync::Arc;

use bytes::BytesMut;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{NoTls, Row as PgRow};

use crate::{Row, StoreError, Value};

/// Prepared statements that a connection keeps. Queries of many shapes (a list of identifiers makes one for
/// each length) would otherwise fill the memory of client and server.
const KEPT_STATEMENTS: usize = 500;

/// Transactions of one process that write at the same time. More of them collide more often, and what is run again
/// costs more than waiting.
const WRITERS: usize = 4;

#[derive(Clone)]
pub(crate) struct Postgres {
    pool: Pool,
    writers: Arc<Semaphore>,
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
        Ok(Self {
            pool,
            writers: Arc::new(Semaphore::new(WRITERS)),
        })
    }

    /// A place among the writers.
    pub(crate) async fn writer(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        self.writers
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Closed)
    }

    /// Runs the closure in one transaction that may write; commits when its second result says so.
    pub(crate) fn write<T>(
        &self,
        handle: &Handle,
        closure: impl FnOnce(PgTx<'_>) -> (T, bool),
    ) -> Result<T, StoreError> {
        let client = self.client(handle)?;
        let (value, keep) = closure(PgTx::new(&client, handle, "BEGIN ISOLATION LEVEL SERIALIZABLE"));
        let end = handle.block_on(client.batch_execute(if keep { "COMMIT" } else { "ROLLBACK" }));
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

    /// Runs the closure on one snapshot.
    pub(crate) fn read<T>(
        &self,
        handle: &Handle,
        closure: impl FnOnce(PgTx<'_>) -> T,
    ) -> Result<T, StoreError> {
        let client = self.client(handle)?;
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let value = closure(PgTx::new(&client, handle, begin));
        // Nothing depends on how it ends: nobody waits, and the connection is free when it has.
        handle.spawn(async move {
            if client.batch_execute("ROLLBACK").await.is_err() {
                // Whatever state it is in, nobody else shall get this connection.
                let _ = Object::take(client);
            }
        });
        Ok(value)
    }

    fn client(&self, handle: &Handle) -> Result<Object, StoreError> {
        let client = handle
            .block_on(self.pool.get())
            .map_err(|error| StoreError::Pool(error.to_string()))?;
        if client.statement_cache.size() > KEPT_STATEMENTS {
            client.statement_cache.clear();
        }
        Ok(client)
    }
}

pub(crate) struct PgTx<'a> {
    client: &'a deadpool_postgres::Client,
    handle: &'a Handle,
    /// Sent together with the first statement.
    begin: Option<&'static str>,
}

impl<'a> PgTx<'a> {
    fn new(client: &'a deadpool_postgres::Client, handle: &'a Handle, begin: &'static str) -> Self {
        Self {
            client,
            handle,
            begin: Some(begin),
        }
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let (client, params) = (self.client, refs(params));
        self.after_begin(async {
            let statement = client.prepare_cached(sql).await?;
            client.execute(&statement, &params).await
        })
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let (client, params) = (self.client, refs(params));
        let (statement, rows) = self.after_begin(async {
            let statement = client.prepare_cached(sql).await?;
            let rows = client.query(&statement, &params).await?;
            Ok((statement, rows))
        })?;
        let columns: Arc<[String]> = statement.columns().iter().map(|c| c.name().to_owned()).collect();
        rows.iter()
            .map(|row| {
                Ok(Row {
                    columns: columns.clone(),
                    values: read(row)?,
                })
            })
            .collect()
    }

    /// The server takes messages in the order in which they are sent, so the first statement need not wait until
    /// the transaction has begun.
    fn after_begin<T>(
        &mut self,
        statement: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, StoreError> {
        let Some(begin) = self.begin.take() else {
            return Ok(self.handle.block_on(statement)?);
        };
        let (began, value) = self.handle.block_on(async {
            // Polled in this order.
            tokio::join!(biased; self.client.batch_execute(begin), statement)
        });
        began?;
        Ok(value?)
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

//! SQLite: one writer thread with group commit, a pool of readers.
//!
//! Each use case runs inside a savepoint of an outer transaction; when no more are waiting (or enough have
//! run) the outer transaction commits with one `fsync`, and only then are they acknowledged.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use crate::commits::Commits;
use crate::sql::placeholders_for_sqlite;
use crate::{Row, StoreError, Value};

/// How many use cases may share one commit: bounds how long the first of them waits.
const GROUP_LIMIT: usize = 256;
const READERS: usize = 8;
/// How often the idle writer looks whether another process has written to the file.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Statements of many shapes must not fill memory.
const KEPT_TEXTS: usize = 1_000;

/// What a use case leaves behind once it ran: how to tell its caller about the commit.
pub(crate) type Acknowledge = Box<dyn FnOnce(Result<(), String>) + Send>;
/// Runs on the writer thread. `Ok` holds the acknowledgement due after commit; `Err` means that it has
/// failed, has told its caller so, and must be rolled back.
pub(crate) type WriteJob = Box<dyn FnOnce(&Connection, &mut SqlCache) -> Result<Acknowledge, ()> + Send>;

/// `$n` texts already turned into `?n` ones.
#[derive(Default)]
pub(crate) struct SqlCache(HashMap<String, String>);

impl SqlCache {
    fn translate(&mut self, sql: &str) -> &str {
        if !self.0.contains_key(sql) {
            if self.0.len() >= KEPT_TEXTS {
                self.0.clear();
            }
            self.0.insert(sql.to_owned(), placeholders_for_sqlite(sql));
        }
        &self.0[sql]
    }
}

pub(crate) struct Sqlite {
    jobs: Mutex<Option<Sender<WriteJob>>>,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
    readers: Arc<Readers>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, commits: Arc<Commits>) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let connection = connect(path, OpenFlags::default())?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // Pages that many transactions touch are copied from the log into the file less often, and the writer finds
        // them in memory.
        connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
        connection.pragma_update(None, "cache_size", -64_000)?;
        let (jobs, inbox) = channel();
        let writer = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || write_loop(&connection, &inbox, &commits))?;
        Ok(Self {
            jobs: Mutex::new(Some(jobs)),
            writer: Mutex::new(Some(writer)),
            readers: Arc::new(Readers::new(path.to_owned())),
        })
    }

    pub(crate) fn submit(&self, job: WriteJob) -> Result<(), StoreError> {
        let jobs = self.jobs.lock().map_err(|_| StoreError::Closed)?;
        jobs.as_ref()
            .ok_or(StoreError::Closed)?
            .send(job)
            .map_err(|_| StoreError::Closed)
    }

    pub(crate) fn readers(&self) -> Arc<Readers> {
        self.readers.clone()
    }
}

impl Drop for Sqlite {
    /// Lets the writer finish what it has accepted.
    fn drop(&mut self) {
        if let Ok(mut jobs) = self.jobs.lock() {
            jobs.take();
        }
        if let Ok(mut writer) = self.writer.lock()
            && let Some(thread) = writer.take()
        {
            let _ = thread.join();
        }
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "cache_size", -8_000)?;
    // Otherwise a statement is planned anew whenever a value that the planner looked at (a LIMIT, the bound of a
    // range) is another than last time: a quarter of the time of a spatial query.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}

/// A statement without parameters that is run again and again.
fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(|_| ())
}

fn write_loop(connection: &Connection, inbox: &Receiver<WriteJob>, commits: &Commits) {
    let mut cache = SqlCache::default();
    let mut seen = data_version(connection);
    loop {
        let first = inbox.recv_timeout(LOOK_EVERY);
        let now = data_version(connection);
        if now != seen {
            seen = now;
            commits.advance_foreign();
        }
        let first = match first {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let mut done: Vec<Acknowledge> = Vec::new();
        if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
            tracing::error!(%error, "cannot begin a transaction");
            // Dropping the job tells its caller that the store refused it; nothing was written.
            drop(first);
            continue;
        }
        let mut next = Some(first);
        let mut ran = 0;
        let mut whole = Ok(());
        while let Some(job) = next.take() {
            if let Err(error) = run_in_savepoint(connection, &mut cache, job, &mut done) {
                whole = Err(error);
                break;
            }
            ran += 1;
            if ran < GROUP_LIMIT {
                next = inbox.try_recv().ok();
            }
        }
        // A savepoint that could not be ended leaves unknown what a commit would keep: nothing is kept.
        let outcome = whole
            .and_then(|()| connection.execute_batch("COMMIT"))
            .map_err(|error| error.to_string());
        if outcome.is_err() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        for acknowledge in done {
            acknowledge(outcome.clone());
        }
    }
}

/// Changes when another connection that writes, which is one of another process, has committed.
fn data_version(connection: &Connection) -> i64 {
    connection
        .prepare_cached("PRAGMA data_version")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .unwrap_or_default()
}

fn run_in_savepoint(
    connection: &Connection,
    cache: &mut SqlCache,
    job: WriteJob,
    done: &mut Vec<Acknowledge>,
) -> rusqlite::Result<()> {
    run(connection, "SAVEPOINT use_case")?;
    match job(connection, cache) {
        Ok(acknowledge) => {
            done.push(acknowledge);
            run(connection, "RELEASE use_case")
        }
        Err(()) => connection.execute_batch("ROLLBACK TO use_case; RELEASE use_case"),
    }
}

/// Read-only connections, opened as they are needed and kept.
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<(Connection, SqlCache)>>,
    permits: Arc<tokio::sync::Semaphore>,
}

impl Readers {
    fn new(path: PathBuf) -> Self {
        Self {
            path,
            idle: Mutex::default(),
            permits: Arc::new(tokio::sync::Semaphore::new(READERS)),
        }
    }

    pub(crate) fn permits(&self) -> Arc<tokio::sync::Semaphore> {
        self.permits.clone()
    }

    /// Runs the closure on one consistent snapshot.
    pub(crate) fn with<T>(
        &self,
        closure: impl FnOnce(&Connection, &mut SqlCache) -> T,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().map_err(|_| StoreError::Closed)?.pop();
        let (connection, mut cache) = match idle {
            Some(pair) => pair,
            None => {
                let connection = connect(&self.path, OpenFlags::default())?;
                connection.pragma_update(None, "query_only", "ON")?;
                (connection, SqlCache::default())
            }
        };
        run(&connection, "BEGIN DEFERRED")?;
        let result = closure(&connection, &mut cache);
        run(&connection, "COMMIT")?;
        self.idle
            .lock()
            .map_err(|_| StoreError::Closed)?
            .push((connection, cache));
        Ok(result)
    }
}

pub(crate) struct SqliteTx<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) cache: &'a mut SqlCache,
}

impl SqliteTx<'_> {
    pub(crate) fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        self.check_open()?;
        let mut statement = self.connection.prepare_cached(self.cache.translate(sql))?;
        bind(&mut statement, params)?;
        // A statement with RETURNING, or a SELECT, still has to be stepped to its end.
        if statement.column_count() > 0 {
            let mut rows = statement.raw_query();
            let mut count = 0;
            while rows.next()?.is_some() {
                count += 1;
            }
            return Ok(count);
        }
        Ok(statement.raw_execute()? as u64)
    }

    /// On a full disk or an I/O error SQLite ends the transaction by itself; a further statement would be a
    /// transaction of its own, kept whatever becomes of the use case.
    fn check_open(&self) -> Result<(), StoreError> {
        if self.connection.is_autocommit() {
            return Err(StoreError::Commit(
                "the transaction was ended by the engine".into(),
            ));
        }
        Ok(())
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.check_open()?;
        let mut statement = self.connection.prepare_cached(self.cache.translate(sql))?;
        bind(&mut statement, params)?;
        let columns: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
        let width = columns.len();
        let mut rows = statement.raw_query();
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..width)
                .map(|i| Ok(read(row.get_ref(i)?)))
                .collect::<rusqlite::Result<_>>()?;
            out.push(Row {
                columns: columns.clone(),
                values,
            });
        }
        Ok(out)
    }
}

fn bind(statement: &mut rusqlite::CachedStatement<'_>, params: &[Value]) -> Result<(), StoreError> {
    for (index, value) in params.iter().enumerate() {
        let position = index + 1;
        match value {
            Value::Null => statement.raw_bind_parameter(position, rusqlite::types::Null)?,
            Value::Int(v) => statement.raw_bind_parameter(position, v)?,
            Value::Real(v) => statement.raw_bind_parameter(position, v)?,
            Value::Text(v) => statement.raw_bind_parameter(position, v)?,
            Value::Blob(v) => statement.raw_bind_parameter(position, v)?,
        }
    }
    Ok(())
}

fn read(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(v) => Value::Int(v),
        ValueRef::Real(v) => Value::Real(v),
        ValueRef::Text(v) => Value::Text(String::from_utf8_lossy(v).into_owned()),
        ValueRef::Blob(v) => Value::Blob(v.to_vec()),
    }
}

//! A transaction, the same to the caller on both engines.

use std::sync::Arc;

use crate::memory::Memory;
use crate::postgres::PgTx;
use crate::sqlite::SqliteTx;
use crate::{Row, StoreError, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Statements of one transaction. SQL text is portable and takes `$1`, `$2`, ... as parameters;
/// foreign text enters only through them.
pub struct Tx<'a> {
    pub(crate) inner: Inner<'a>,
    /// A statement failed because of a concurrent transaction: the whole closure is to be run again.
    pub(crate) collided: bool,
    /// A statement failed and nothing has been rolled back since: this must not be committed.
    pub(crate) broken: bool,
    memory: Arc<Memory>,
    scratch: Memory,
    hooks: Vec<Hook>,
    writing: bool,
}

/// Runs once the transaction is durable, before its caller is told.
pub(crate) type Hook = Box<dyn FnOnce() + Send>;

pub(crate) enum Inner<'a> {
    Sqlite(SqliteTx<'a>),
    Postgres(PgTx<'a>),
}

impl<'a> Tx<'a> {
    pub(crate) fn new(inner: Inner<'a>, collided: bool, memory: Arc<Memory>) -> Self {
        Self {
            inner,
            collided,
            broken: false,
            memory,
            scratch: Memory::default(),
            hooks: Vec::new(),
            writing: false,
        }
    }
}

impl Tx<'_> {
    pub fn engine(&self) -> Engine {
        match self.inner {
            Inner::Sqlite(_) => Engine::Sqlite,
            Inner::Postgres(_) => Engine::Postgres,
        }
    }

    /// What this process remembers of this store, by type. What is put there is not part of the transaction: it
    /// must be right whether or not this one commits (a cache of what never changes, or keyed by a version
    /// that the transaction reads).
    pub fn memory<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.memory.get()
    }

    /// What this transaction remembers, by type; gone with it. For what is asked again and again within one.
    pub fn scratch<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.scratch.get()
    }

    /// Runs the closure once this transaction is durable and before its caller is told; never when it is not. For
    /// what this process remembers. It must be quick: on SQLite the one writer waits for it.
    pub fn on_commit(&mut self, hook: impl FnOnce() + Send + 'static) {
        self.hooks.push(Box::new(hook));
    }

    pub(crate) fn for_writing(mut self) -> Self {
        self.writing = true;
        self
    }

    /// Whether this transaction may write: what it sees may then be undone.
    pub fn is_writing(&self) -> bool {
        self.writing
    }

    pub(crate) fn take_hooks(&mut self) -> Vec<Hook> {
        std::mem::take(&mut self.hooks)
    }

    /// Runs a statement and returns how many rows it changed.
    ///
    /// # Errors
    /// What the engine answered.
    pub fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let result = match &mut self.inner {
            Inner::Sqlite(tx) => tx.execute(sql, params),
            Inner::Postgres(tx) => tx.execute(sql, params),
        };
        self.note(result)
    }

    /// # Errors
    /// What the engine answered.
    pub fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let result = match &mut self.inner {
            Inner::Sqlite(tx) => tx.query(sql, params),
            Inner::Postgres(tx) => tx.query(sql, params),
        };
        self.note(result)
    }

    /// The first row, when there is one.
    ///
    /// # Errors
    /// What the engine answered.
    pub fn query_opt(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, params)?.into_iter().next())
    }

    /// The first row.
    ///
    /// # Errors
    /// `StoreError::Column` when there is none; otherwise what the engine answered.
    pub fn query_one(&mut self, sql: &str, params: &[Value]) -> Result<Row, StoreError> {
        self.query_opt(sql, params)?
            .ok_or_else(|| StoreError::Column("no row".into()))
    }

    /// A savepoint: when the closure fails, its statements are undone and the transaction goes on.
    ///
    /// # Errors
    /// What the closure returned; `StoreError::Ignored` when it ignored a failed statement.
    pub fn nested<T, E: From<StoreError>>(
        &mut self,
        closure: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.broken {
            return Err(StoreError::Ignored.into());
        }
        let hooks = self.hooks.len();
        self.execute("SAVEPOINT nested", &[])?;
        let error = match closure(self) {
            Ok(value) if !self.broken => {
                self.execute("RELEASE SAVEPOINT nested", &[])?;
                return Ok(value);
            }
            Ok(_) => StoreError::Ignored.into(),
            Err(error) => error,
        };
        self.hooks.truncate(hooks);
        self.execute("ROLLBACK TO SAVEPOINT nested", &[])?;
        self.execute("RELEASE SAVEPOINT nested", &[])?;
        self.broken = false;
        Err(error)
    }

    fn note<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &result {
            self.collided |= error.is_serialization_failure();
            // A column of an unexpected kind is a fault of the reading, not of the statement.
            self.broken |= matches!(error, StoreError::Sqlite(_) | StoreError::Postgres(_));
        }
        result
    }
}

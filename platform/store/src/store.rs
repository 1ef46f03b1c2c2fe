//! The door: open, read, write.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::commits::Commits;
use crate::memory::Memory;
use crate::postgres::Postgres;
use crate::sqlite::{Acknowledge, Sqlite, SqliteTx};
use crate::tx::Inner;
use crate::{Engine, StoreConfig, StoreError, Tx};

/// How often a write that collides with others is run again.
const ATTEMPTS: u32 = 12;

/// A handle on the data; cheap to clone.
#[derive(Clone)]
pub struct Store {
    backend: Backend,
    /// Test hook: this many of the next writes fail once as if another transaction had won.
    pub(crate) injected_collisions: Arc<AtomicU32>,
    generation: Arc<Commits>,
    memory: Arc<Memory>,
}

#[derive(Clone)]
enum Backend {
    Sqlite(Arc<Sqlite>),
    Postgres(Postgres),
}

enum Attempt<T, E> {
    Done(Result<T, E>),
    Collided,
}

impl Store {
    /// Opens (and creates when missing) the store; migrations are a separate step.
    ///
    /// # Errors
    /// When the file or the server cannot be reached.
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let generation = Arc::<Commits>::default();
        let backend = match config {
            StoreConfig::Sqlite { path } => {
                Backend::Sqlite(Arc::new(Sqlite::open(path, generation.clone())?))
            }
            StoreConfig::Postgres {
                url,
                schema,
                connections,
            } => Backend::Postgres(Postgres::open(url, schema, *connections).await?),
        };
        Ok(Self {
            backend,
            injected_collisions: Arc::default(),
            generation,
            memory: Arc::default(),
        })
    }

    pub fn engine(&self) -> Engine {
        match self.backend {
            Backend::Sqlite(_) => Engine::Sqlite,
            Backend::Postgres(_) => Engine::Postgres,
        }
    }

    /// Grows with every write of this process: what was computed from an older generation may be out of date.
    pub fn generation(&self) -> u64 {
        self.generation.number()
    }

    /// Changes after every commit of this process: wakes who waits for work. Other replicas commit too, so
    /// whoever waits must also look by itself now and then.
    pub fn commits(&self) -> tokio::sync::watch::Receiver<u64> {
        self.generation.watch()
    }

    /// What this process remembers of this store, by type: caches. Made on first use.
    pub fn memory<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.memory.get()
    }

    /// Commits of other processes that this one has noticed, within a fifth of a second; `None` where it cannot
    /// notice them (PostgreSQL), so that nothing may be kept that another replica can change.
    pub fn foreign_commits(&self) -> Option<u64> {
        match self.backend {
            Backend::Sqlite(_) => Some(self.generation.foreign()),
            Backend::Postgres(_) => None,
        }
    }

    /// Runs the closure in one transaction and commits when it returns `Ok`. It may run more than once.
    ///
    /// # Errors
    /// What the closure returned (nothing was written), or why the commit failed.
    pub async fn write<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + Sync + 'static,
    {
        let closure = Arc::new(closure);
        for attempt in 0..ATTEMPTS {
            let outcome = match &self.backend {
                Backend::Sqlite(sqlite) => self.write_sqlite(sqlite, closure.clone()).await,
                Backend::Postgres(postgres) => self.write_postgres(postgres, closure.clone()).await,
            };
            match outcome {
                Attempt::Done(result) => return result,
                Attempt::Collided => {
                    tokio::time::sleep(Duration::from_millis(u64::from(attempt * attempt) * 2)).await;
                }
            }
        }
        Err(StoreError::Contention.into())
    }

    /// Runs the closure on one consistent snapshot; it cannot write.
    ///
    /// # Errors
    /// What the closure returned, or why the store could not be read.
    pub async fn read<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        match &self.backend {
            Backend::Sqlite(sqlite) => {
                let readers = sqlite.readers();
                let memory = self.memory.clone();
                let permit = readers
                    .permits()
                    .acquire_owned()
                    .await
                    .map_err(|_| StoreError::Closed)?;
                blocking(move || {
                    // Held by the work, not by who waits for it: a caller that goes away frees no place early.
                    let _permit = permit;
                    readers
                        .with(|connection, cache| {
                            let inner = Inner::Sqlite(SqliteTx { connection, cache });
                            closure(&mut Tx::new(inner, false, memory))
                        })
                        .map_err(E::from)?
                })
                .await
            }
            Backend::Postgres(postgres) => {
                let postgres = postgres.clone();
                let memory = self.memory.clone();
                let handle = Handle::current();
                blocking(move || {
                    postgres
                        .read(&handle, |inner| {
                            let mut tx = Tx::new(Inner::Postgres(inner), false, memory);
                            // A panic must not pass the end of the transaction by.
                            guarded(|| closure(&mut tx))
                        })
                        .map_err(E::from)?
                })
                .await
            }
        }
    }

    async fn write_sqlite<T, E, F>(&self, sqlite: &Sqlite, closure: Arc<F>) -> Attempt<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + Sync + 'static,
    {
        let injected = self.take_injected_collision();
        let generation = self.generation.clone();
        let memory = self.memory.clone();
        let (answer, receive) = tokio::sync::oneshot::channel::<Attempt<T, E>>();
        let job = Box::new(move |connection: &_, cache: &mut _| -> Result<Acknowledge, ()> {
            let mut tx =
                Tx::new(Inner::Sqlite(SqliteTx { connection, cache }), injected, memory).for_writing();
            let result = guarded(|| closure(&mut tx));
            if tx.collided {
                let _ = answer.send(Attempt::Collided);
                return Err(());
            }
            match whole(result, &tx) {
                Ok(value) => {
                    let hooks = tx.take_hooks();
                    Ok(Box::new(move |commit| {
                        // Here and not where the caller waits: a caller that goes away has written all the same.
                        if commit.is_ok() {
                            hooks.into_iter().for_each(|hook| hook());
                            generation.advance();
                        }
                        let result = commit.map(|()| value).map_err(|e| StoreError::Commit(e).into());
                        let _ = answer.send(Attempt::Done(result));
                    }))
                }
                Err(error) => {
                    let _ = answer.send(Attempt::Done(Err(error)));
                    Err(())
                }
            }
        });
        if let Err(error) = sqlite.submit(job) {
            return Attempt::Done(Err(error.into()));
        }
        receive
            .await
            .unwrap_or_else(|_| Attempt::Done(Err(StoreError::Closed.into())))
    }

    async fn write_postgres<T, E, F>(&self, postgres: &Postgres, closure: Arc<F>) -> Attempt<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + Sync + 'static,
    {
        let injected = self.take_injected_collision();
        let generation = self.generation.clone();
        let memory = self.memory.clone();
        let postgres = postgres.clone();
        let handle = Handle::current();
        let place = match postgres.writer().await {
            Ok(place) => place,
            Err(error) => return Attempt::Done(Err(error.into())),
        };
        let ran = tokio::task::spawn_blocking(move || {
            let _place = place;
            let mut hooks = Vec::new();
            let ran = postgres.write(&handle, |inner| {
                let mut tx = Tx::new(Inner::Postgres(inner), injected, memory).for_writing();
                let result = guarded(|| closure(&mut tx));
                if tx.collided {
                    return (Attempt::Collided, false);
                }
                let result = whole(result, &tx);
                hooks = tx.take_hooks();
                let keep = result.is_ok();
                (Attempt::Done(result), keep)
            });
            if matches!(ran, Ok(Attempt::Done(Ok(_)))) {
                hooks.into_iter().for_each(|hook| hook());
                generation.advance();
            }
            ran
        })
        .await;
        match ran {
            Ok(Ok(attempt)) => attempt,
            Ok(Err(error)) if error.is_serialization_failure() => Attempt::Collided,
            Ok(Err(error)) => Attempt::Done(Err(error.into())),
            Err(join) => Attempt::Done(Err(StoreError::Panicked(join.to_string()).into())),
        }
    }

    fn take_injected_collision(&self) -> bool {
        self.injected_collisions
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
            .is_ok()
    }
}

/// A success that stepped over a failed statement is none.
fn whole<T, E: From<StoreError>>(result: Result<T, E>, tx: &Tx<'_>) -> Result<T, E> {
    match result {
        Ok(_) if tx.broken => Err(StoreError::Ignored.into()),
        other => other,
    }
}

/// A panic in one use case fails that use case, not the writer that all share.
fn guarded<T, E: From<StoreError>>(run: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "unknown".into());
        Err(StoreError::Panicked(message).into())
    })
}

async fn blocking<T, E>(run: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    tokio::task::spawn_blocking(move || guarded(run))
        .await
        .unwrap_or_else(|join| Err(StoreError::Panicked(join.to_string()).into()))
}

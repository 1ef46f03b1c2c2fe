//! One reader and one writer for all workers. While a transaction runs, requests gather; the next one serves them
//! together.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bisenzio_kernel::Micros;
use bisenzio_store::{Store, StoreError};
use tokio::sync::{mpsc, oneshot};

use super::super::compiled::{self, Entry};
use super::super::hub::{Hub, Key};
use super::super::queue::{self, Outcome, Waiting};
use crate::GraphError;

/// Requests served by one reading transaction.
const READS: usize = 64;
/// Outcomes written by one transaction.
const WRITES: usize = 512;
/// Outcomes that wait for the writer; then workers wait too.
const BACKLOG: usize = 4_096;
/// How long the writer waits before it tries again what could not be written.
const PAUSE: Duration = Duration::from_secs(1);

/// What a worker needs to go on.
pub(super) struct Fetched {
    /// `None` when the subscription is gone.
    pub(super) entry: Option<Arc<Entry>>,
    pub(super) waiting: Vec<Waiting>,
    /// Consecutive failures, and before when not to try.
    pub(super) retry: (i64, Micros),
}

struct Fetch {
    key: Key,
    limit: i64,
    answer: oneshot::Sender<Fetched>,
}

/// Asks for the oldest of a queue.
pub(super) struct Reader(mpsc::UnboundedSender<Fetch>);

impl Reader {
    /// `None` when the store could not be read; it is logged.
    pub(super) async fn fetch(&self, key: &Key, limit: usize) -> Option<Fetched> {
        let (answer, receive) = oneshot::channel();
        let fetch = Fetch {
            key: key.clone(),
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
            answer,
        };
        // One request for each worker at most: the channel needs no bound of its own.
        self.0.send(fetch).ok()?;
        receive.await.ok()
    }
}

pub(super) fn reader(store: Store) -> (Reader, impl Future<Output = ()>) {
    let (send, mut receive) = mpsc::unbounded_channel::<Fetch>();
    let run = async move {
        let mut wanted = Vec::new();
        while receive.recv_many(&mut wanted, READS).await > 0 {
            let batch = std::mem::take(&mut wanted);
            let read = store
                .read(move |tx| {
                    let mut found = Vec::with_capacity(batch.len());
                    for fetch in batch {
                        let set = compiled::current(tx, &fetch.key.tenant)?;
                        let fetched = Fetched {
                            entry: set.get(&fetch.key.subscription).cloned(),
                            waiting: queue::oldest(tx, &fetch.key, fetch.limit)?,
                            retry: queue::retry_state(tx, &fetch.key)?,
                        };
                        found.push((fetch.answer, fetched));
                    }
                    Ok::<_, GraphError>(found)
                })
                .await;
            match read {
                Ok(found) => found.into_iter().for_each(|(answer, fetched)| {
                    let _ = answer.send(fetched);
                }),
                // Those who asked learn it by their answer never coming.
                Err(error) => tracing::error!(%error, "queues of notifications cannot be read"),
            }
        }
    };
    (Reader(send), run)
}

/// An outcome, and who is told when it is written.
pub(super) type Report = (Outcome, oneshot::Sender<()>);

#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<Report>, Arc<Hub>);

impl Writer {
    /// Gives an outcome to be written; the receiver tells when it is.
    pub(super) async fn report(&self, outcome: Outcome) -> oneshot::Receiver<()> {
        let (written, receive) = oneshot::channel();
        self.1.note_given();
        let _ = self.0.send((outcome, written)).await;
        receive
    }
}

pub(super) fn writer(store: Store, hub: Arc<Hub>) -> (Writer, impl Future<Output = ()>) {
    let (send, mut receive) = mpsc::channel::<Report>(BACKLOG);
    let told = hub.clone();
    let run = async move {
        let mut reports = Vec::new();
        while receive.recv_many(&mut reports, WRITES).await > 0 {
            let batch = std::mem::take(&mut reports);
            let count = batch.len() as u64;
            let mut of: HashMap<Key, Vec<Outcome>> = HashMap::new();
            let mut waiting = Vec::with_capacity(batch.len());
            for (outcome, written) in batch {
                of.entry(outcome.key.clone()).or_default().push(outcome);
                waiting.push(written);
            }
            let of = Arc::new(of);
            loop {
                let of = of.clone();
                let written = store
                    .write(move |tx| {
                        of.iter()
                            .try_for_each(|(key, outcomes)| queue::settle(tx, key, outcomes))
                    })
                    .await;
                match written {
                    Ok(()) => break,
                    Err(StoreError::Closed) => return,
                    Err(error) => {
                        tracing::error!(%error, "outcomes of notifications cannot be written");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
            told.note_written(count);
            for written in waiting {
                let _ = written.send(());
            }
        }
    };
    (Writer(send, hub), run)
}

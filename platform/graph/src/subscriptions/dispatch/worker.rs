//! The worker of one subscription.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bisenzio_kernel::{Env, Micros};
use bisenzio_ngsi_ld::DateTime;
use bisenzio_ngsi_ld::subscription::{Endpoint, Status};
use tokio::sync::{Notify, OwnedSemaphorePermit, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::super::compiled::Entry;
use super::super::hub::Key;
use super::super::queue::{self, Failure, Outcome, Waiting};
use super::super::{MAX_AGE, MAX_ATTEMPTS, MAX_REFUSALS, SECOND};
use super::Shared;
use super::send::Rejection;

/// Notifications fetched at once, and about how many bytes: every worker may hold as much.
const BATCH: usize = 64;
const BATCH_BYTES: usize = 256 * 1024;
/// What is fetched before their size is known.
const FIRST_BATCH: usize = 8;
/// Attempts of one subscription under way at once, each of another entity, while its endpoint is quick.
const PARALLEL: usize = 8;
/// An endpoint that takes longer is slow: one attempt at a time, and not where the quick ones are served.
const QUICK: Duration = Duration::from_millis(500);
/// First pause after a failure; it doubles with each further one.
const FIRST_PAUSE: Micros = SECOND;
const LONGEST_PAUSE: Micros = 600 * SECOND;
/// How long to wait when the store or the lease is not to be had.
const PAUSE: Duration = Duration::from_secs(1);
/// A worker looks again at least so often, whatever it was told.
const FOREVER: Duration = Duration::from_secs(60);

/// Delivers what is in the queue of a subscription until the subscription is gone.
pub(super) async fn run(shared: Arc<Shared>, key: Key, signals: Arc<Signals>) {
    let mut worker = Worker {
        shared,
        key,
        reported: Vec::new(),
        done: HashSet::new(),
        retry: None,
        batch: FIRST_BATCH,
        quick: false,
        revision: None,
    };
    loop {
        if signals.overfull.swap(false, Ordering::AcqRel) {
            worker.trim().await;
        }
        worker.forget_written();
        let failing = worker.retry.is_some_and(|(failures, _)| failures > 0);
        let limit = if failing { 1 } else { worker.batch } + worker.done.len();
        let Some(fetched) = worker.shared.reader.fetch(&worker.key, limit).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        // Gone: should one of the same name be made, it gets a worker of its own.
        let Some(entry) = fetched.entry else { return };
        if worker.revision.as_ref() != Some(&entry.revision) {
            // It may have another endpoint than the one that failed.
            if let (Some(_), Some(retry)) = (&worker.revision, &mut worker.retry) {
                retry.1 = 0;
            }
            worker.revision = Some(entry.revision.clone());
        }
        let retry = *worker.retry.get_or_insert(fetched.retry);
        let waiting: VecDeque<Waiting> = fetched
            .waiting
            .into_iter()
            .filter(|n| !worker.done.contains(&(n.seq, n.id.clone())))
            .collect();
        worker.learn_size(&waiting);
        let now = worker.shared.env.now();
        let idle = if !worker.shared.is_leased() {
            Some((PAUSE, false))
        } else if entry.subscription.status(DateTime::from_micros(now)) != Status::Active {
            // What waits goes on waiting.
            Some((FOREVER, false))
        } else if retry.1 > now {
            let pause = u64::try_from(retry.1 - now).unwrap_or(0);
            Some((Duration::from_micros(pause), false))
        } else {
            waiting.is_empty().then_some((FOREVER, true))
        };
        let Some((pause, for_queued)) = idle else {
            worker.deliver(&entry, waiting).await;
            continue;
        };
        // Whoever waits holds nothing.
        drop((waiting, entry));
        signals.wait(pause, for_queued).await;
    }
}

/// How the dispatcher speaks to a worker.
#[derive(Default)]
pub(super) struct Signals {
    /// There is something in the queue.
    pub(super) queued: Notify,
    /// The subscription changed.
    pub(super) changed: Notify,
    /// The queue is beyond its bounds.
    overfull: AtomicBool,
    trim: Notify,
}

impl Signals {
    pub(super) fn trim(&self) {
        self.overfull.store(true, Ordering::Release);
        self.trim.notify_one();
    }

    async fn wait(&self, at_most: Duration, for_queued: bool) {
        tokio::select! {
            () = self.changed.notified() => {}
            () = self.trim.notified() => {}
            () = self.queued.notified(), if for_queued => {}
            () = tokio::time::sleep(at_most) => {}
        }
    }
}

struct Worker {
    shared: Arc<Shared>,
    key: Key,
    /// Outcomes given to the writer, with the sign that they stand in the database.
    reported: Vec<((i64, String), oneshot::Receiver<()>)>,
    /// The same, for looking up: still in the queue as the database shows it, and not to be delivered again.
    done: HashSet<(i64, String)>,
    /// Consecutive failures and when to try next, once it is known.
    retry: Option<(i64, Micros)>,
    /// How many notifications to fetch.
    batch: usize,
    /// Its endpoint took the last one without delay.
    quick: bool,
    /// Of the subscription as it was last seen.
    revision: Option<String>,
}

impl Worker {
    /// Brings the queue back to its bounds. Nothing of it is under way now, and what was delivered is out of it first.
    async fn trim(&mut self) {
        for (_, written) in self.reported.drain(..) {
            let _ = written.await;
        }
        self.done.clear();
        let (key, now) = (self.key.clone(), self.shared.env.now());
        let trimmed = self
            .shared
            .store
            .write(move |tx| queue::trim(tx, &key, now, MAX_AGE))
            .await;
        if let Err(error) = trimmed {
            tracing::error!(%error, "a queue of notifications cannot be trimmed");
        }
    }

    fn learn_size(&mut self, waiting: &VecDeque<Waiting>) {
        let bytes: usize = waiting.iter().map(|n| n.body.len()).sum();
        if let Some(average) = bytes.checked_div(waiting.len()) {
            self.batch = (BATCH_BYTES / average.max(1)).clamp(1, BATCH);
        }
    }

    fn forget_written(&mut self) {
        let done = &mut self.done;
        self.reported
            .retain_mut(|(id, written)| match written.try_recv() {
                Err(oneshot::error::TryRecvError::Empty) => true,
                _ => {
                    done.remove(id);
                    false
                }
            });
    }

    /// Delivers some notifications: several at once, of one entity one after the other. Stops at the first failure.
    async fn deliver(&mut self, entry: &Arc<Entry>, mut waiting: VecDeque<Waiting>) {
        // Nobody told us that a broker keeps the order of what is published side by side.
        let one_by_one = entry.subscription.notification.endpoint.is_mqtt();
        let mut busy: HashSet<String> = HashSet::new();
        let mut sending = JoinSet::new();
        let mut failed = false;
        loop {
            let parallel = if self.quick && !one_by_one { PARALLEL } else { 1 };
            while !failed && sending.len() < parallel && self.shared.is_leased() {
                // Those before it in the list wait for an entity that is busy.
                let Some(at) = waiting.iter().position(|n| !busy.contains(&n.entity)) else {
                    break;
                };
                let Some(next) = waiting.remove(at) else { break };
                busy.insert(next.entity.clone());
                sending.spawn(attempt(
                    self.shared.clone(),
                    self.key.clone(),
                    entry.clone(),
                    next,
                    self.quick,
                ));
            }
            let Some(joined) = sending.join_next().await else {
                return;
            };
            // An attempt that panicked has not been delivered and stays in the queue.
            let Ok((notification, result, took, place)) = joined else {
                failed = true;
                continue;
            };
            busy.remove(&notification.entity);
            failed |= result.is_err();
            self.quick = result.is_ok() && took < QUICK;
            self.conclude(entry, notification, result).await;
            // Only now: who stops the dispatcher waits for places to be free.
            drop(place);
        }
    }

    async fn conclude(&mut self, entry: &Entry, notification: Waiting, result: Result<(), Rejection>) {
        let now = self.shared.env.now();
        let failures = self.retry.map_or(0, |(failures, _)| failures);
        let result = match result {
            Ok(()) => {
                self.retry = Some((0, 0));
                Ok(())
            }
            Err(rejection) => {
                let attempts = notification.attempts + 1;
                let most = if rejection.refused {
                    MAX_REFUSALS
                } else {
                    MAX_ATTEMPTS
                };
                let last = attempts >= most;
                let endpoint = &entry.subscription.notification.endpoint;
                // The next one in the queue is another matter than one that was refused for what it is.
                let retry_at = if last && rejection.refused {
                    0
                } else {
                    now + pause(&self.shared.env, endpoint, failures)
                };
                self.retry = Some((failures + 1, retry_at));
                Err(Failure {
                    error: rejection.why,
                    retry_at,
                    last,
                })
            }
        };
        let id = (notification.seq, notification.id.clone());
        let is_final = result.as_ref().map_or_else(|failure| failure.last, |()| true);
        let outcome = Outcome {
            key: self.key.clone(),
            seq: notification.seq,
            id: notification.id,
            at: now,
            result,
        };
        let written = self.shared.writer.report(outcome).await;
        if is_final {
            self.done.insert(id.clone());
            self.reported.push((id, written));
        } else {
            // Its number of attempts is read back with it.
            let _ = written.await;
        }
    }
}

/// The notification, what became of it, how long that took, and the place that was taken for it.
type Attempted = (
    Waiting,
    Result<(), Rejection>,
    Duration,
    Option<OwnedSemaphorePermit>,
);

async fn attempt(
    shared: Arc<Shared>,
    key: Key,
    entry: Arc<Entry>,
    notification: Waiting,
    quick: bool,
) -> Attempted {
    let lane = if quick { &shared.quick } else { &shared.slow };
    // It is never closed.
    let place = lane.clone().acquire_owned().await.ok();
    let began = Instant::now();
    let result = shared
        .sender
        .send(&key.tenant, &entry.subscription, &notification.body)
        .await;
    (notification, result, began.elapsed(), place)
}

/// How long to wait after a failure: twice as long after each, a quarter more or less so that many who failed
/// together do not come back together, and at least what the subscriber asked for.
fn pause(env: &Env, endpoint: &Endpoint, failures: i64) -> Micros {
    let doubled = FIRST_PAUSE << failures.clamp(0, 20);
    let base = doubled.min(LONGEST_PAUSE);
    let mut chance = [0_u8; 2];
    env.fill(&mut chance);
    let share = i64::from(u16::from_le_bytes(chance)) - 32_768;
    let jittered = base + base / 4 * share / 32_768;
    let asked = endpoint
        .cooldown
        .map_or(0, |c| i64::try_from(c.as_micros()).unwrap_or(i64::MAX));
    jittered.max(asked)
}

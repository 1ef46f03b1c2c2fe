//! What a process remembers of the cities' traffic: prepared cities, solved bases, results, and what is being computed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bisenzio_kernel::{Problem, TenantId};
use moka::sync::Cache;
use tokio::sync::{Semaphore, watch};

use crate::base::Base;
use crate::city::City;
use crate::result::Scenario;

/// Bytes that solved bases may take.
const BASES: u64 = 256 * 1024 * 1024;
/// Results that are kept beside those in the store.
const RESULTS: u64 = 64;
/// Computations at the same time: the others wait, so that pages keep a processor.
const AT_ONCE: usize = 2;

/// A city under the key of what it was made from; nothing where there is nothing to compute.
type Prepared = (String, Option<Arc<City>>);

/// `store.memory::<Room>()`.
pub struct Room {
    cities: Mutex<HashMap<TenantId, Prepared>>,
    pub bases: Cache<String, Arc<Base>>,
    pub results: Cache<String, Arc<Scenario>>,
    pub solving: Runs<Base>,
    pub computing: Runs<Scenario>,
    pub places: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Self {
        let weigh = |_: &String, base: &Arc<Base>| u32::try_from(base.bytes()).unwrap_or(u32::MAX);
        Self {
            cities: Mutex::default(),
            bases: Cache::builder().max_capacity(BASES).weigher(weigh).build(),
            results: Cache::new(RESULTS),
            solving: Runs::default(),
            computing: Runs::default(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Room {
    /// What is kept under a key: `Some(None)` for a city known to have nothing to compute.
    pub fn city(&self, tenant: &TenantId, key: &str) -> Option<Option<Arc<City>>> {
        let cities = lock(&self.cities);
        cities
            .get(tenant)
            .filter(|kept| kept.0 == key)
            .map(|kept| kept.1.clone())
    }

    pub fn keep_city(&self, tenant: &TenantId, key: String, city: Option<Arc<City>>) {
        lock(&self.cities).insert(tenant.clone(), (key, city));
    }
}

/// How far a computation is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Periods done and in all.
    pub done: usize,
    pub of: usize,
    /// Iteration of the present one, and its relative gap.
    pub iteration: usize,
    pub gap: f64,
}

/// A computation that somebody waits for, shared by all who want the same.
pub struct Run<T> {
    progress: Mutex<Progress>,
    cancelled: AtomicBool,
    outcome: OnceLock<Result<Arc<T>, Problem>>,
    finished: watch::Sender<bool>,
}

impl<T> Run<T> {
    fn new() -> Self {
        Self {
            progress: Mutex::default(),
            cancelled: AtomicBool::new(false),
            outcome: OnceLock::new(),
            finished: watch::Sender::new(false),
        }
    }

    pub fn progress(&self) -> Progress {
        lock(&self.progress).clone()
    }

    pub fn report(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut lock(&self.progress));
    }

    /// Asks it to stop at the next iteration.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// What came out, as soon as it has.
    pub async fn wait(&self) -> Result<Arc<T>, Problem> {
        let mut finished = self.finished.subscribe();
        // The sender lives as long as this, so waiting fails only when there is nothing to wait for.
        let _ = finished.wait_for(|done| *done).await;
        self.outcome
            .get()
            .cloned()
            .unwrap_or_else(|| Err(Problem::internal()))
    }

    fn finish(&self, outcome: Result<Arc<T>, Problem>) {
        let _ = self.outcome.set(outcome);
        self.finished.send_replace(true);
    }
}

/// Computations under way, by what they compute.
pub struct Runs<T>(Arc<Mutex<HashMap<String, Arc<Run<T>>>>>);

impl<T> Default for Runs<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Send + Sync + 'static> Runs<T> {
    pub fn under_way(&self, key: &str) -> Option<Arc<Run<T>>> {
        lock(&self.0).get(key).cloned()
    }

    /// Joins the computation of the same key or begins it. It goes on when nobody waits any more, until it is done or
    /// cancelled.
    pub fn join<F, W>(&self, key: &str, work: W) -> Arc<Run<T>>
    where
        W: FnOnce(Arc<Run<T>>) -> F,
        F: Future<Output = Result<Arc<T>, Problem>> + Send + 'static,
    {
        let mut runs = lock(&self.0);
        if let Some(run) = runs.get(key).filter(|run| !run.is_cancelled()) {
            return run.clone();
        }
        let run = Arc::new(Run::new());
        runs.insert(key.to_owned(), run.clone());
        let guard = Ending {
            runs: self.0.clone(),
            key: key.to_owned(),
            run: run.clone(),
        };
        let work = work(run.clone());
        tokio::spawn(async move {
            let outcome = work.await;
            guard.run.finish(outcome);
        });
        run
    }
}

/// Takes a run off the list when its task ends, also by a panic: nobody shall wait for ever.
struct Ending<T> {
    runs: Arc<Mutex<HashMap<String, Arc<Run<T>>>>>,
    key: String,
    run: Arc<Run<T>>,
}

impl<T> Drop for Ending<T> {
    fn drop(&mut self) {
        let mut runs = lock(&self.runs);
        if runs.get(&self.key).is_some_and(|run| Arc::ptr_eq(run, &self.run)) {
            runs.remove(&self.key);
        }
        drop(runs);
        self.run.finish(Err(Problem::internal()));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[tokio::test]
    async fn who_wants_the_same_shares_one_computation() {
        let (runs, begun) = (Runs::<usize>::default(), Arc::new(AtomicUsize::new(0)));
        let (open, gate) = tokio::sync::oneshot::channel::<()>();
        let count = begun.clone();
        let first = runs.join("a", |_| async move {
            count.fetch_add(1, Ordering::SeqCst);
            let _ = gate.await;
            Ok(Arc::new(7))
        });
        let second = runs.join("a", |_| async { Ok(Arc::new(8)) });
        assert!(Arc::ptr_eq(&first, &second));
        open.send(()).unwrap();
        assert_eq!(*second.wait().await.unwrap(), 7);
        assert_eq!(begun.load(Ordering::SeqCst), 1);
        let third = runs.join("b", |_| async { Ok(Arc::new(9)) });
        assert_eq!(*third.wait().await.unwrap(), 9);
    }

    #[tokio::test]
    async fn a_computation_that_breaks_off_is_told() {
        let runs = Runs::<usize>::default();
        let run = runs.join("a", |_| async { panic!("broken") });
        assert_eq!(run.wait().await.unwrap_err().status, 500);
        assert!(runs.under_way("a").is_none());
    }
}

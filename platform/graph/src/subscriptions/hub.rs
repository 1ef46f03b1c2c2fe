//! Where a process learns, without asking the database, that there is something to deliver.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bisenzio_kernel::TenantId;
use tokio::sync::{Notify, watch};

/// City and subscription.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) tenant: TenantId,
    pub(crate) subscription: String,
}

/// Longest that a reader waits for counters to be written.
const PATIENCE: Duration = Duration::from_millis(250);

/// Hints; polling finds whatever they miss (other replicas, a restart).
pub(crate) struct Hub {
    woken: Mutex<HashSet<Key>>,
    changed: Mutex<HashSet<Key>>,
    pub(crate) bell: Notify,
    /// Results of deliveries that were given to be written, and those that were.
    given: AtomicU64,
    written: watch::Sender<u64>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            woken: Mutex::default(),
            changed: Mutex::default(),
            bell: Notify::new(),
            given: AtomicU64::new(0),
            written: watch::Sender::new(0),
        }
    }
}

impl Hub {
    /// Something was queued for these.
    pub(crate) fn wake(&self, keys: impl IntoIterator<Item = Key>) {
        lock(&self.woken).extend(keys);
        self.bell.notify_one();
    }

    /// This subscription itself changed: its worker is to look again, even while it waits after a failure.
    pub(crate) fn reconfigured(&self, key: Key) {
        lock(&self.changed).insert(key);
        self.bell.notify_one();
    }

    pub(crate) fn take(&self) -> (HashSet<Key>, HashSet<Key>) {
        (
            std::mem::take(&mut *lock(&self.woken)),
            std::mem::take(&mut *lock(&self.changed)),
        )
    }

    pub(crate) fn note_given(&self) {
        self.given.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn note_written(&self, count: u64) {
        self.written.send_modify(|n| *n += count);
    }

    /// Waits, but not long, until what is known to have been delivered stands in the database: who has just received
    /// a notification and asks for its subscription finds it counted.
    pub(crate) async fn settle(&self) {
        let given = self.given.load(Ordering::Acquire);
        let mut written = self.written.subscribe();
        let _ = tokio::time::timeout(PATIENCE, written.wait_for(|n| *n >= given)).await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

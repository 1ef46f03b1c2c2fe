//! How often this process has committed, and who waits for the next time.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

pub(crate) struct Commits {
    number: AtomicU64,
    foreign: AtomicU64,
    told: watch::Sender<u64>,
}

impl Default for Commits {
    fn default() -> Self {
        Self {
            number: AtomicU64::new(0),
            foreign: AtomicU64::new(0),
            told: watch::Sender::new(0),
        }
    }
}

impl Commits {
    pub(crate) fn number(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    pub(crate) fn foreign(&self) -> u64 {
        self.foreign.load(Ordering::Acquire)
    }

    /// Another process has committed.
    pub(crate) fn advance_foreign(&self) {
        self.foreign.fetch_add(1, Ordering::AcqRel);
        self.advance();
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.told.subscribe()
    }

    pub(crate) fn advance(&self) {
        let number = self.number.fetch_add(1, Ordering::AcqRel) + 1;
        // Commits may be told out of order: the highest number stands.
        self.told.send_if_modified(|last| {
            let newer = number > *last;
            if newer {
                *last = number;
            }
            newer
        });
    }
}

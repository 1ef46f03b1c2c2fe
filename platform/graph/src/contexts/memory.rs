//! What a process remembers of contexts. Entries end by themselves: another replica may have changed a document.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bisenzio_kernel::{Micros, TenantId};
use bisenzio_ngsi_ld::{Context, NgsiError};
use moka::Expiry;
use moka::future::Cache;
use serde_json::Value;
use tokio::sync::Semaphore;

/// Longest that a change made elsewhere goes unnoticed.
const LIFE: Duration = Duration::from_secs(60);
/// How long a document that could not be had is not asked for again.
const FAILURE: Duration = Duration::from_secs(10);
/// Bytes of documents, as text; parsed they take several times as much.
const DOCUMENTS: u64 = 16 * 1024 * 1024;
/// Terms of resolved contexts, each some 300 bytes.
const TERMS: u64 = 500_000;
/// What a context counts besides its terms.
const BASE: u32 = 20;
/// Addresses whose use is counted.
const COUNTED: u64 = 10_000;
/// Documents fetched at once.
const FETCHES: usize = 8;

/// City and address, or city and the value given.
pub(super) type Key = (TenantId, String);

pub(crate) struct Memory {
    pub(super) resolved: Cache<Key, Resolved>,
    pub(super) documents: Cache<Key, Remembered>,
    pub(super) uses: moka::sync::Cache<Key, Arc<Usage>>,
    pub(super) fetches: Semaphore,
}

impl Default for Memory {
    fn default() -> Self {
        let terms = |key: &Key, resolved: &Resolved| {
            let text = u32::try_from(key.1.len() / 100).unwrap_or(u32::MAX);
            resolved.context.terms().saturating_add(BASE).saturating_add(text)
        };
        let bytes = |key: &Key, remembered: &Remembered| match remembered {
            Remembered::Document { bytes, .. } => *bytes,
            Remembered::Missing(_) => u32::try_from(key.1.len()).unwrap_or(u32::MAX).saturating_add(500),
        };
        Self {
            resolved: Cache::builder()
                .max_capacity(TERMS)
                .weigher(terms)
                .time_to_live(LIFE)
                .build(),
            documents: Cache::builder()
                .max_capacity(DOCUMENTS)
                .weigher(bytes)
                .expire_after(Lifetimes)
                .build(),
            uses: moka::sync::Cache::new(COUNTED),
            fetches: Semaphore::new(FETCHES),
        }
    }
}

#[derive(Clone)]
pub(super) struct Resolved {
    pub(super) context: Context,
    /// Of every document that it was made from.
    pub(super) uses: Arc<[Arc<Usage>]>,
}

impl Resolved {
    pub(super) fn note(&self, now: Micros) {
        for usage in self.uses.iter() {
            usage.note(now);
        }
    }
}

#[derive(Clone)]
pub(super) enum Remembered {
    Document { body: Arc<Value>, bytes: u32 },
    Missing(NgsiError),
}

impl Remembered {
    /// `text` was checked when it was stored.
    pub(super) fn document(text: &str) -> Self {
        Self::Document {
            body: Arc::new(serde_json::from_str(text).unwrap_or_default()),
            bytes: u32::try_from(text.len()).unwrap_or(u32::MAX),
        }
    }
}

struct Lifetimes;

impl Expiry<Key, Remembered> for Lifetimes {
    fn expire_after_create(&self, _: &Key, value: &Remembered, _: Instant) -> Option<Duration> {
        Some(match value {
            Remembered::Document { .. } => LIFE,
            Remembered::Missing(_) => FAILURE,
        })
    }
}

/// How often a document was used, and when last.
#[derive(Default)]
pub(crate) struct Usage {
    hits: AtomicU64,
    last: AtomicI64,
}

impl Usage {
    pub(crate) fn note(&self, now: Micros) {
        self.hits.fetch_add(1, Ordering::Relaxed);
        self.last.fetch_max(now, Ordering::Relaxed);
    }

    pub(crate) fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// `None` when it has not been used.
    pub(crate) fn last(&self) -> Option<Micros> {
        Some(self.last.load(Ordering::Relaxed)).filter(|last| *last != 0)
    }
}

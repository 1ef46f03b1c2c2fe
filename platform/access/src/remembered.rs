//! Tokens as they were last read. A program sends the same token with each of thousands of requests; it is looked up
//! once, until an account or a token changes. Where other processes can change them unnoticed (PostgreSQL with
//! replicas) nothing is remembered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bisenzio_kernel::TenantId;
use bisenzio_store::{Store, Tx};
use moka::sync::Cache;

use crate::authenticator::LiveToken;

/// Tokens remembered.
const MOST: u64 = 10_000;

type Key = (TenantId, String);

pub(crate) struct Remembered {
    changes: AtomicU64,
    tokens: Cache<Key, (u64, Arc<LiveToken>)>,
}

impl Default for Remembered {
    fn default() -> Self {
        Self {
            changes: AtomicU64::new(0),
            tokens: Cache::new(MOST),
        }
    }
}

/// A token being looked up, and the state of accounts and tokens before it was.
pub(crate) struct LookUp {
    memory: Arc<Remembered>,
    key: Key,
    epoch: u64,
}

impl LookUp {
    /// `None` where nothing can be remembered.
    pub(crate) fn of(store: &Store, tenant: &TenantId, digest: &str) -> Option<Self> {
        let foreign = store.foreign_commits()?;
        let memory = store.memory::<Remembered>();
        let epoch = memory.changes.load(Ordering::Acquire).wrapping_add(foreign);
        Some(Self {
            memory,
            key: (tenant.clone(), digest.to_owned()),
            epoch,
        })
    }

    pub(crate) fn known(&self) -> Option<Arc<LiveToken>> {
        let (epoch, token) = self.memory.tokens.get(&self.key)?;
        (epoch == self.epoch).then_some(token)
    }

    pub(crate) fn remember(self, token: &Arc<LiveToken>) {
        self.memory.tokens.insert(self.key, (self.epoch, token.clone()));
    }
}

/// Accounts or tokens are being changed: nothing that was read of them counts after the commit.
pub(crate) fn forget(tx: &mut Tx<'_>) {
    let memory = tx.memory::<Remembered>();
    tx.on_commit(move || {
        memory.changes.fetch_add(1, Ordering::AcqRel);
    });
}

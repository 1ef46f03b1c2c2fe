//! Numbers of entities: they grow with time and are made without asking the database.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

use bisenzio_kernel::Env;
use bisenzio_store::Tx;

/// Low bits that tell replicas apart: chosen by chance when a process starts.
const REPLICA_BITS: u32 = 10;

#[derive(Default)]
struct Numbers {
    /// The last instant used, microseconds.
    last: AtomicI64,
    replica: OnceLock<i64>,
}

/// A number larger than all that this process has made. Two replicas meet on the same one only when they have
/// drawn the same bits and create in the same microsecond; the unique index then refuses the second.
pub(super) fn next(tx: &Tx<'_>, env: &Env) -> i64 {
    let numbers = tx.memory::<Numbers>();
    let replica = *numbers.replica.get_or_init(|| {
        let mut bytes = [0_u8; 2];
        env.fill(&mut bytes);
        i64::from(u16::from_be_bytes(bytes)) & ((1 << REPLICA_BITS) - 1)
    });
    let now = env.now();
    let before = numbers
        .last
        .fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| {
            Some(now.max(last + 1))
        })
        .unwrap_or_default();
    (now.max(before + 1) << REPLICA_BITS) | replica
}

//! Time and chance, injected: production uses [`SystemEnv`], tests a [`FixedEnv`] that they move by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use ulid::Ulid;

/// Microseconds since 1970-01-01T00:00:00Z: how every instant is stored.
pub type Micros = i64;

pub trait Clock: Send + Sync {
    fn now(&self) -> Micros;
}

pub trait Entropy: Send + Sync {
    /// Fills the buffer with bytes fit for secrets.
    fn fill(&self, buffer: &mut [u8]);
}

/// Clock and randomness, handed down to whatever needs them.
#[derive(Clone)]
pub struct Env {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Env {
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy }
    }

    pub fn system() -> Self {
        Self::new(Arc::new(SystemEnv), Arc::new(SystemEnv))
    }

    pub fn now(&self) -> Micros {
        self.clock.now()
    }

    pub fn timestamp(&self) -> Timestamp {
        Timestamp::from_microsecond(self.now()).unwrap_or_default()
    }

    /// The civil day it is now in a time zone (IANA name; UTC when the name is unknown).
    pub fn today(&self, timezone: &str) -> civil::Date {
        let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
        self.timestamp().to_zoned(zone).date()
    }

    /// A new identifier, sortable by the time it was made (ULID).
    pub fn ulid(&self) -> String {
        let mut random = [0_u8; 16];
        self.entropy.fill(&mut random[6..]);
        let millis = u64::try_from(self.now() / 1000).unwrap_or(0);
        Ulid::from_parts(millis, u128::from_be_bytes(random)).to_string()
    }

    pub fn fill(&self, buffer: &mut [u8]) {
        self.entropy.fill(buffer);
    }

    /// A secret of 256 bits as 64 hexadecimal digits.
    pub fn secret(&self) -> String {
        let mut bytes = [0_u8; 32];
        self.fill(&mut bytes);
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// The machine's clock and the operating system's random source.
pub struct SystemEnv;

impl Clock for SystemEnv {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place where the real clock is read"
    )]
    fn now(&self) -> Micros {
        Timestamp::now().as_microsecond()
    }
}

impl Entropy for SystemEnv {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place where real randomness is drawn"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        use rand::RngCore;
        rand::rng().fill_bytes(buffer);
    }
}

/// A clock that stands still until moved, and randomness that repeats: for tests.
pub struct FixedEnv {
    now: AtomicI64,
    counter: AtomicU64,
}

impl FixedEnv {
    pub fn at(instant: &str) -> Arc<Self> {
        let now: Timestamp = instant.parse().expect("an RFC 3339 instant in a test");
        Arc::new(Self {
            now: AtomicI64::new(now.as_microsecond()),
            counter: AtomicU64::new(0),
        })
    }

    pub fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    pub fn env(self: &Arc<Self>) -> Env {
        Env::new(self.clone(), self.clone())
    }
}

impl Clock for FixedEnv {
    fn now(&self) -> Micros {
        self.now.load(Ordering::SeqCst)
    }
}

impl Entropy for FixedEnv {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            // splitmix64: distinct for every draw, the same in every run
            let mut z = self
                .counter
                .fetch_add(1, Ordering::SeqCst)
                .wrapping_mul(0x9E37_79B9_7F4A_7C15);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let bytes = (z ^ (z >> 31)).to_be_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_differ_and_sort_by_time() {
        let fixed = FixedEnv::at("2021-05-12T10:00:00Z");
        let env = fixed.env();
        let first = env.ulid();
        assert_ne!(first, env.ulid());
        fixed.advance(1);
        assert!(first < env.ulid());
    }

    #[test]
    fn a_day_is_the_citys_own() {
        let env = FixedEnv::at("2021-05-12T22:30:00Z").env();
        assert_eq!(env.today("Europe/Rome").to_string(), "2021-05-13");
    }
}

//! How the calls to each source went, as this process has seen it: shown with the registration (5.2.9), and a
//! reason to leave a source alone for a while.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bisenzio_kernel::{Micros, TenantId};
use bisenzio_ngsi_ld::DateTime;
use bisenzio_ngsi_ld::registration::Registration;
use serde_json::{Map, Value};

/// A source that did not answer so often in a row is left alone, when its registration does not say otherwise.
const PATIENCE: u64 = 3;
/// For so long.
const REST: Micros = 10 * 1_000_000;
/// Sources remembered; beyond that all are forgotten, which costs a few calls to sources that are down.
const MAX_REMEMBERED: usize = 10_000;

/// What is remembered of one source.
#[derive(Clone, Debug, Default)]
struct Seen {
    sent: u64,
    failed: u64,
    in_a_row: u64,
    last_success: Option<Micros>,
    last_failure: Option<Micros>,
    rests_until: Micros,
}

/// Of all sources.
#[derive(Default)]
pub(crate) struct Health(Mutex<HashMap<(TenantId, String), Seen>>);

impl Health {
    /// Whether the source is being left alone.
    pub(crate) fn rests(&self, tenant: &TenantId, registration: &Registration, now: Micros) -> bool {
        self.with(tenant, registration, |seen| seen.rests_until > now)
    }

    /// Notes a call and whether the source answered it.
    pub(crate) fn note(&self, tenant: &TenantId, registration: &Registration, now: Micros, answered: bool) {
        self.with(tenant, registration, |seen| {
            seen.sent += 1;
            if answered {
                seen.in_a_row = 0;
                seen.last_success = Some(now);
                return;
            }
            seen.failed += 1;
            seen.in_a_row += 1;
            seen.last_failure = Some(now);
            match registration.management.cooldown {
                Some(millis) => {
                    let rest = i64::try_from(millis).unwrap_or(i64::MAX).saturating_mul(1_000);
                    seen.rests_until = now.saturating_add(rest);
                }
                None if seen.in_a_row >= PATIENCE => seen.rests_until = now.saturating_add(REST),
                None => {}
            }
        });
    }

    /// Members of the registration that the broker adds; none while the source was never called.
    pub(crate) fn describe(&self, tenant: &TenantId, registration: &Registration) -> Map<String, Value> {
        let seen = self.with(tenant, registration, |seen| seen.clone());
        let mut out = Map::new();
        if seen.sent == 0 {
            return out;
        }
        let is_ok = seen.last_success >= seen.last_failure;
        out.insert("status".into(), if is_ok { "ok" } else { "failed" }.into());
        out.insert("timesSent".into(), seen.sent.into());
        out.insert("timesFailed".into(), seen.failed.into());
        for (name, at) in [
            ("lastSuccess", seen.last_success),
            ("lastFailure", seen.last_failure),
        ] {
            if let Some(at) = at {
                out.insert(name.into(), DateTime::from_micros(at).to_string().into());
            }
        }
        out
    }

    pub(crate) fn forget(&self, tenant: &TenantId, id: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&(tenant.clone(), id.to_owned()));
    }

    fn with<T>(
        &self,
        tenant: &TenantId,
        registration: &Registration,
        work: impl FnOnce(&mut Seen) -> T,
    ) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() > MAX_REMEMBERED {
            all.clear();
        }
        work(
            all.entry((tenant.clone(), registration.id.as_str().to_owned()))
                .or_default(),
        )
    }
}

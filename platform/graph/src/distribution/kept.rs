//! Answers of sources that may be used again for a while (`management.cacheDuration`, 5.2.34).

use bisenzio_kernel::{Micros, TenantId};
use bisenzio_ngsi_ld::registration::Registration;
use bisenzio_outbound::{OutboundRequest, OutboundResponse};
use bisenzio_store::Store;
use http::{Method, StatusCode, header};
use moka::sync::Cache;

/// Bytes of kept answers, with their questions.
const CAPACITY: u64 = 32 * 1024 * 1024;
/// A longer answer is not kept.
const MOST: usize = 1024 * 1024;

struct Kept(Cache<String, (Micros, OutboundResponse)>);

impl Default for Kept {
    fn default() -> Self {
        let weigh = |question: &String, (_, answer): &(Micros, OutboundResponse)| {
            u32::try_from(question.len() + answer.body.len() + 512).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(CAPACITY).weigher(weigh).build())
    }
}

/// A question that may have been answered already.
pub(super) struct Question {
    text: String,
    life: Micros,
}

impl Question {
    /// `None` when answers of the source are not to be kept. What the question is, its address and its headers tell;
    /// through which brokers it came is no part of it. A changed registration asks anew.
    pub(super) fn of(
        tenant: &TenantId,
        registration: &Registration,
        request: &OutboundRequest,
    ) -> Option<Self> {
        let seconds = registration.management.cache_duration.filter(|s| *s > 0.0)?;
        if request.method != Method::GET {
            return None;
        }
        let changed = registration.document.get("modifiedAt").map(ToString::to_string);
        let mut text = format!("{tenant}\n{}\n{}\n", registration.id, changed.unwrap_or_default());
        text.push_str(&request.url);
        for (name, value) in request.headers.iter().filter(|(name, _)| *name != header::VIA) {
            text.push_str(&format!("\n{name}:{value:?}"));
        }
        // A hundred years are as good as any longer time.
        let life = std::time::Duration::from_secs_f64(seconds.min(3.2e9)).as_micros();
        Some(Self {
            text,
            life: Micros::try_from(life).unwrap_or(Micros::MAX / 2),
        })
    }

    pub(super) fn answered(&self, store: &Store, now: Micros) -> Option<OutboundResponse> {
        let (until, answer) = store.memory::<Kept>().0.get(&self.text)?;
        (now < until).then_some(answer)
    }

    pub(super) fn keep(self, store: &Store, now: Micros, answer: &OutboundResponse) {
        if answer.status == StatusCode::OK && answer.body.len() <= MOST {
            let until = now.saturating_add(self.life);
            store
                .memory::<Kept>()
                .0
                .insert(self.text, (until, answer.clone()));
        }
    }
}

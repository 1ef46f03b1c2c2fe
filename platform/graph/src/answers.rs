//! Answers that are kept until what they tell of changes.
//!
//! The same few things are asked for again and again; each answer is rendered once for each way of asking. An
//! answer about one entity is right as long as nobody has written the entity: every committed write advances the
//! counter of its slot before its caller is told ([`touch`]), and an answer made before that is no longer given.
//! An answer about many is right until anything is committed. Where other processes can write unnoticed
//! (PostgreSQL with replicas) nothing is kept.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::response::Response;
use bisenzio_kernel::TenantId;
use bisenzio_store::Tx;
use bisenzio_web::Ctx;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use moka::sync::Cache;

use crate::policy::Principal;

/// Entities share counters: a write may take a few answers of others with it.
const SLOTS: usize = 1 << 16;
/// Bytes of kept answers, with their keys.
const CAPACITY: u64 = 96 * 1024 * 1024;
/// A longer answer is not kept, nor one to a longer question.
const MOST: usize = 64 * 1024;
const MOST_QUESTION: usize = 1024;
/// What an entry costs besides its texts.
const OVERHEAD: usize = 400;

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Question(String);

struct Kept {
    epoch: u64,
    /// A list takes a tenth of a map's memory.
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

pub(crate) struct Answers {
    slots: Vec<AtomicU64>,
    /// Advanced by what decides about many entities at once: policies, registrations.
    rules: AtomicU64,
    kept: Cache<Question, Arc<Kept>>,
}

impl Default for Answers {
    fn default() -> Self {
        let weigh = |question: &Question, kept: &Arc<Kept>| {
            u32::try_from(question.0.len() + kept.body.len() + OVERHEAD).unwrap_or(u32::MAX)
        };
        Self {
            slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            rules: AtomicU64::new(0),
            kept: Cache::builder().max_capacity(CAPACITY).weigher(weigh).build(),
        }
    }
}

/// A question and the moment it was asked.
pub(crate) struct Asked {
    answers: Arc<Answers>,
    question: Question,
    epoch: u64,
}

impl Asked {
    /// About one entity; `None` where the answer cannot be kept.
    pub(crate) fn one(ctx: &Ctx, headers: &HeaderMap, entity: &str) -> Option<Self> {
        let (store, tenant) = (ctx.store(), ctx.tenant_id());
        let foreign = store.foreign_commits()?;
        Self::at(ctx, headers, |answers| {
            let slot = answers.slots[slot(tenant, entity)].load(Ordering::Acquire);
            slot.wrapping_add(foreign)
        })
    }

    /// About many; `None` where the answer cannot be kept.
    pub(crate) fn many(ctx: &Ctx, headers: &HeaderMap) -> Option<Self> {
        ctx.store().foreign_commits()?;
        Self::at(ctx, headers, |_| ctx.store().generation())
    }

    /// Address, negotiated headers and who asks decide an answer. One in the words of a client's own @context, or
    /// for another broker, is not kept; nor one with linked entities, which change by themselves.
    fn at(ctx: &Ctx, headers: &HeaderMap, epoch: impl FnOnce(&Answers) -> u64) -> Option<Self> {
        let passing = headers.contains_key(header::LINK) || headers.contains_key(header::VIA);
        if passing || ctx.path.len() > MOST_QUESTION || ctx.path.contains("join") {
            return None;
        }
        let answers = ctx.store().memory::<Answers>();
        let mut question = String::with_capacity(ctx.path.len() + 96);
        let who = Principal::of(&ctx.actor).key();
        for part in [ctx.tenant_id().as_str(), &who, &ctx.path] {
            // No header and no address holds a line end.
            question.push_str(part);
            question.push('\n');
        }
        let accept = headers.get_all(header::ACCEPT).iter();
        for value in accept.chain(headers.get_all("prefer")) {
            question.push_str(value.to_str().ok()?);
            question.push('\n');
        }
        if question.len() > 2 * MOST_QUESTION {
            return None;
        }
        let epoch = epoch(&answers).wrapping_add(answers.rules.load(Ordering::Acquire));
        Some(Self {
            answers,
            question: Question(question),
            epoch,
        })
    }

    /// The answer that was given before, if it is still right.
    pub(crate) fn again(&self) -> Option<Response> {
        let kept = self.answers.kept.get(&self.question)?;
        if kept.epoch != self.epoch {
            return None;
        }
        let mut response = Response::new(Body::from(kept.body.clone()));
        for (name, value) in &kept.headers {
            response.headers_mut().append(name.clone(), value.clone());
        }
        Some(response)
    }

    /// Keeps a good answer for the next who asks.
    pub(crate) async fn keep(self, response: Response) -> Response {
        if response.status() != StatusCode::OK {
            return response;
        }
        let (parts, body) = response.into_parts();
        // The body is at hand as a whole: this waits for nothing and cannot fail.
        let body = body.collect().await.map(|b| b.to_bytes()).unwrap_or_default();
        if body.len() <= MOST {
            let kept = Kept {
                epoch: self.epoch,
                headers: parts
                    .headers
                    .iter()
                    .map(|(n, v)| (n.clone(), v.clone()))
                    .collect(),
                body: body.clone(),
            };
            self.answers.kept.insert(self.question, Arc::new(kept));
        }
        Response::from_parts(parts, Body::from(body))
    }
}

/// An entity is being written: answers about it end with the commit.
pub(crate) fn touch(tx: &mut Tx<'_>, tenant: &TenantId, entity: &str) {
    let answers = tx.memory::<Answers>();
    let slot = slot(tenant, entity);
    tx.on_commit(move || {
        answers.slots[slot].fetch_add(1, Ordering::AcqRel);
    });
}

/// A rule about many entities is being written: all answers end with the commit.
pub(crate) fn touch_all(tx: &mut Tx<'_>) {
    let answers = tx.memory::<Answers>();
    tx.on_commit(move || {
        answers.rules.fetch_add(1, Ordering::AcqRel);
    });
}

fn slot(tenant: &TenantId, entity: &str) -> usize {
    let mut hasher = DefaultHasher::new();
    (tenant, entity).hash(&mut hasher);
    usize::try_from(hasher.finish() % SLOTS as u64).unwrap_or_default()
}

//! Snapshots in memory, so that a page of the plan costs one small query. An entry is good while this process
//! wrote nothing (the store's generation) and no other did (the newest event of the city's outbox), and for
//! a few seconds at most.

use std::sync::{Arc, LazyLock, Mutex, Weak};

use bisenzio_kernel::{Micros, Problem, TenantId};
use bisenzio_module::Registry;
use bisenzio_store::Tx;
use bisenzio_web::{Authenticator, Ctx};

use crate::error::PlanError;
use crate::model::Snapshot;
use crate::note;
use crate::service::EDIT;
use crate::service::documents::{self, Format, bytes};
use crate::service::snapshot;
use crate::store;

/// Transactions of other replicas may commit out of the order of their events; this bounds how long that can
/// go unseen.
const GOOD_FOR: Micros = 5_000_000;

struct Entry {
    /// Which server the entry belongs to: a process may hold several, and tests do. While this reference
    /// lives its address is given to no other.
    server: Weak<dyn Authenticator>,
    tenant: TenantId,
    year: i64,
    stamp: String,
    made_at: Micros,
    snapshot: Arc<Snapshot>,
}

static ENTRIES: LazyLock<Mutex<Vec<Entry>>> = LazyLock::new(Mutex::default);

/// The edition of a year, or the latest public one. Only staff see an edition that is not public yet.
///
/// # Errors
/// 404 when there is none; when the store fails.
pub async fn edition(ctx: &Ctx, year: Option<i64>) -> Result<Arc<Snapshot>, Problem> {
    let registry: Registry = ctx.app.service()?;
    let (ctx, lang) = (ctx.clone(), ctx.lang);
    let store = ctx.store().clone();
    // Taken before reading: a write in between makes the entry old, never a false one good.
    let generation = store.generation();
    let found = store.read(move |tx| {
        let tenant = ctx.tenant_id();
        let year = visible(tx, &ctx, year)?;
        let stamp = format!("{generation} {}", store::editions::stamp(tx, tenant)?);
        if let Some(known) = known(&ctx, year, &stamp) {
            return Ok(known);
        }
        let snapshot = Arc::new(snapshot::load(tx, &registry, &ctx.tenant, year)?);
        keep(&ctx, year, stamp, &snapshot);
        Ok(snapshot)
    });
    found.await.map_err(|error: PlanError| error.problem(lang))
}

fn visible(tx: &mut Tx<'_>, ctx: &Ctx, asked: Option<i64>) -> Result<i64, PlanError> {
    let list = store::editions::years(tx, ctx.tenant_id())?;
    let staff = ctx.may(EDIT);
    let found = match asked {
        Some(year) => list.iter().find(|e| e.year == year && (e.public || staff)),
        None => list
            .iter()
            .find(|e| e.public)
            .or_else(|| list.first().filter(|_| staff)),
    };
    found.map(|e| e.year).ok_or(PlanError::NotFound("edition"))
}

/// The note of a snapshot as a file: the stored one when it was made from this very snapshot, else rendered
/// now and stored. Nothing stays in memory: a note is half a megabyte.
///
/// # Errors
/// When it cannot be rendered or the store fails.
pub async fn file(ctx: &Ctx, snapshot: &Arc<Snapshot>, format: Format) -> Result<Vec<u8>, Problem> {
    let (year, lang) = (snapshot.edition.year, ctx.lang);
    let hash = documents::hash(snapshot);
    let key = (ctx.tenant_id().clone(), hash.clone());
    let stored = ctx
        .store()
        .read(move |tx| store::documents::load(tx, &key.0, year, lang, format.as_str(), &key.1));
    let stored: Result<_, bisenzio_store::StoreError> = stored.await;
    if let Some(content) = stored? {
        return Ok(content);
    }
    let source = snapshot.clone();
    let content = tokio::task::spawn_blocking(move || bytes(&note::document(&source, lang), format))
        .await
        .map_err(|_| Problem::internal())??;
    let made = store::documents::Made {
        lang,
        format: format.as_str(),
        content,
    };
    let work = (ctx.clone(), hash, made.clone());
    let saved = ctx.store().write(move |tx| {
        let (ctx, hash, made) = &work;
        store::documents::save(tx, ctx.tenant_id(), year, hash, made, ctx.app.env.now())
    });
    let saved: Result<(), bisenzio_store::StoreError> = saved.await;
    // Who asked gets the document even when it could not be kept.
    if let Err(error) = saved {
        tracing::warn!(%error, year, "the note was not kept");
    }
    Ok(made.content)
}

fn known(ctx: &Ctx, year: i64, stamp: &str) -> Option<Arc<Snapshot>> {
    let now = ctx.app.env.now();
    let entries = ENTRIES.lock().ok()?;
    entries
        .iter()
        .find(|entry| is_of(entry, ctx, year))
        .filter(|entry| entry.stamp == stamp && (0..GOOD_FOR).contains(&(now - entry.made_at)))
        .map(|entry| entry.snapshot.clone())
}

fn keep(ctx: &Ctx, year: i64, stamp: String, snapshot: &Arc<Snapshot>) {
    let Ok(mut entries) = ENTRIES.lock() else { return };
    entries.retain(|entry| entry.server.strong_count() > 0 && !is_of(entry, ctx, year));
    entries.push(Entry {
        server: Arc::downgrade(&ctx.app.authenticator),
        tenant: ctx.tenant_id().clone(),
        year,
        stamp,
        made_at: ctx.app.env.now(),
        snapshot: snapshot.clone(),
    });
}

fn is_of(entry: &Entry, ctx: &Ctx, year: i64) -> bool {
    let server = Arc::as_ptr(&ctx.app.authenticator).cast::<()>();
    std::ptr::eq(entry.server.as_ptr().cast::<()>(), server)
        && entry.tenant == *ctx.tenant_id()
        && entry.year == year
}

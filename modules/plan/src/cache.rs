//! Snapshots in memory, so that a page of the plan costs one small query. An entry is good while this process
//! wrote nothing (the store's generation) and no other did (the newest event of the city's outbox), and for
//! a few seconds at most.

use std::sync::{Arc, LazyLock, Mutex, Weak};

use bisenzio_kernel::{Lang, Micros, Problem, TenantId};
use bisenzio_module::Registry;
use bisenzio_web::{Authenticator, Ctx};

use crate::error::PlanError;
use crate::model::Snapshot;
use crate::note;
use crate::service::documents::{Format, bytes};
use crate::service::snapshot;
use crate::store;

/// Transactions of other replicas may commit out of the order of their events; this bounds how long that can
/// go unseen.
const GOOD_FOR: Micros = 5_000_000;

/// Files already rendered from a snapshot.
type Files = Vec<((Lang, &'static str), Arc<Vec<u8>>)>;

struct Entry {
    /// Which server the entry belongs to: a process may hold several, and tests do. While this reference
    /// lives its address is given to no other.
    server: Weak<dyn Authenticator>,
    tenant: TenantId,
    year: i64,
    stamp: String,
    made_at: Micros,
    snapshot: Arc<Snapshot>,
    files: Files,
}

static ENTRIES: LazyLock<Mutex<Vec<Entry>>> = LazyLock::new(Mutex::default);

/// The edition of a year, or the latest one.
///
/// # Errors
/// 404 when there is none; when the store fails.
pub async fn edition(ctx: &Ctx, year: Option<i64>) -> Result<Arc<Snapshot>, Problem> {
    let registry: Registry = ctx.app.service()?;
    let ctx = ctx.clone();
    let store = ctx.store().clone();
    // Taken before reading: a write in between makes the entry old, never a false one good.
    let generation = store.generation();
    let found = store.read(move |tx| {
        let tenant = ctx.tenant_id();
        let year = match year {
            Some(year) => year,
            None => {
                let latest = store::editions::years(tx, tenant)?.first().map(|(year, _)| *year);
                latest.ok_or(PlanError::NotFound("edition"))?
            }
        };
        let stamp = format!("{generation} {}", store::editions::stamp(tx, tenant)?);
        if let Some(known) = known(&ctx, year, &stamp) {
            return Ok(known);
        }
        let snapshot = Arc::new(snapshot::load(tx, &registry, &ctx.tenant, year)?);
        keep(&ctx, year, stamp, &snapshot);
        Ok(snapshot)
    });
    found.await.map_err(|error: PlanError| error.into())
}

/// The note of a snapshot as a file: stored with the frozen edition, rendered before, or rendered now.
///
/// # Errors
/// When it cannot be rendered or the store fails.
pub async fn file(ctx: &Ctx, snapshot: &Arc<Snapshot>, format: Format) -> Result<Arc<Vec<u8>>, Problem> {
    let (year, lang) = (snapshot.edition.year, ctx.lang);
    if snapshot.edition.is_frozen() {
        let tenant = ctx.tenant_id().clone();
        let stored = ctx
            .store()
            .read(move |tx| store::documents::load(tx, &tenant, year, lang, format.as_str()));
        let stored: Result<_, bisenzio_store::StoreError> = stored.await;
        if let Some(content) = stored? {
            return Ok(Arc::new(content));
        }
    }
    let key = (lang, format.as_str());
    let rendered = with_entry(snapshot, |entry| {
        entry
            .files
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, content)| content.clone())
    });
    if let Some(content) = rendered.flatten() {
        return Ok(content);
    }
    let source = snapshot.clone();
    let content = tokio::task::spawn_blocking(move || bytes(&note::document(&source, lang), format))
        .await
        .map_err(|_| Problem::internal())??;
    let content = Arc::new(content);
    with_entry(snapshot, |entry| entry.files.push((key, content.clone())));
    Ok(content)
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
    // A snapshot that says the same keeps the files made from it.
    let old = entries
        .iter()
        .position(|entry| is_of(entry, ctx, year))
        .map(|index| entries.swap_remove(index));
    let files = old
        .filter(|old| old.snapshot == *snapshot)
        .map(|old| old.files)
        .unwrap_or_default();
    entries.retain(|entry| entry.server.strong_count() > 0);
    entries.push(Entry {
        server: Arc::downgrade(&ctx.app.authenticator),
        tenant: ctx.tenant_id().clone(),
        year,
        stamp,
        made_at: ctx.app.env.now(),
        snapshot: snapshot.clone(),
        files,
    });
}

fn is_of(entry: &Entry, ctx: &Ctx, year: i64) -> bool {
    let server = Arc::as_ptr(&ctx.app.authenticator).cast::<()>();
    std::ptr::eq(entry.server.as_ptr().cast::<()>(), server)
        && entry.tenant == *ctx.tenant_id()
        && entry.year == year
}

fn with_entry<T>(snapshot: &Arc<Snapshot>, act: impl FnOnce(&mut Entry) -> T) -> Option<T> {
    let mut entries = ENTRIES.lock().ok()?;
    entries
        .iter_mut()
        .find(|entry| Arc::ptr_eq(&entry.snapshot, snapshot))
        .map(act)
}

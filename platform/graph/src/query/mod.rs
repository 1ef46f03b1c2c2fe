//! Finding entities. A plan ([`plan`]) says where candidates come from: identifiers, an index of places or
//! values, or the ranges of the shapes that fit; candidates are read in the order of their creation and the
//! engine's filter decides. Nothing is read beyond the page that is asked for, unless it is to be counted.

mod candidates;
mod links;
mod plan;
mod walk;
mod wishes;

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::Entity;
use bisenzio_ngsi_ld::query::EntityFilter;
use bisenzio_store::{Tx, Value};

use crate::GraphError;
use crate::policy::Sight;
use crate::store::entities::{self, Stored};
use crate::store::listed;
use candidates::Candidates;
pub(crate) use links::{Seen, meets};
use plan::Plan;
pub(crate) use walk::walk;
pub(crate) use wishes::Wishes;

/// Entities read at once while the engine decides: few at first, for most candidates of an index are met.
const CHUNK: usize = 250;
const FIRST_CHUNK: usize = 24;
/// A query that had to look at so many wants an index.
const LABORIOUS: usize = 2_000;

/// Which part of the result is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    pub limit: usize,
    pub offset: usize,
    /// Whether the total is wanted too.
    pub count: bool,
}

/// A part of the result, in the order of creation.
#[derive(Debug, Default)]
pub struct Found {
    pub entities: Vec<Entity>,
    /// Whether there are more after these.
    pub more: bool,
    /// The total, when it was asked for.
    pub total: Option<usize>,
}

/// Entities that meet the filter, as whoever this transaction reads for sees them: what is hidden from him neither
/// shows nor matches. Modules read for nobody and see everything.
///
/// # Errors
/// When the store fails.
pub fn find(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    filter: &EntityFilter,
    page: Page,
) -> Result<Found, GraphError> {
    let sight = Sight::on(tx);
    let plan = Plan::of(tx, tenant, filter, &sight)?;
    let mut candidates = Candidates::new(tenant, &plan);
    if plan.exact {
        return counted_page(tx, tenant, &mut candidates, page);
    }
    let mut found = Found::default();
    let mut seen = Seen::default();
    let (mut met, mut looked_at) = (0_usize, 0_usize);
    let mut chunk = page
        .limit
        .saturating_add(page.offset)
        .clamp(FIRST_CHUNK - 1, CHUNK - 1)
        + 1;
    loop {
        let numbers = candidates.next(tx, chunk)?;
        let last = numbers.len() < chunk;
        chunk = (chunk * 2).min(CHUNK);
        for Stored { entity, .. } in read(tx, tenant, &numbers)? {
            looked_at += 1;
            let Some(entity) = sight.show(entity) else {
                continue;
            };
            if !meets(tx, tenant, filter, &entity, &mut seen)? {
                continue;
            }
            met += 1;
            if met > page.offset && found.entities.len() < page.limit {
                found.entities.push(entity);
            }
        }
        found.more = met > page.offset.saturating_add(page.limit);
        if last || (found.more && !page.count) {
            break;
        }
    }
    if looked_at >= LABORIOUS {
        tx.memory::<Wishes>().note(tenant, plan.unindexed);
    }
    found.total = page.count.then_some(met);
    Ok(found)
}

/// The candidates are the result.
fn counted_page(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    candidates: &mut Candidates<'_>,
    page: Page,
) -> Result<Found, GraphError> {
    let total = if page.count {
        Some(candidates.count(tx)?)
    } else {
        None
    };
    candidates.skip(tx, page.offset)?;
    let mut numbers = candidates.next(tx, page.limit.saturating_add(1))?;
    let more = numbers.len() > page.limit;
    numbers.truncate(page.limit);
    let entities = read(tx, tenant, &numbers)?
        .into_iter()
        .map(|s| s.entity)
        .collect();
    Ok(Found {
        entities,
        more,
        total,
    })
}

/// Entities by number, in ascending order; those that are gone are left out.
pub(crate) fn read(tx: &mut Tx<'_>, tenant: &TenantId, numbers: &[i64]) -> Result<Vec<Stored>, GraphError> {
    let mut out = Vec::with_capacity(numbers.len());
    for chunk in numbers.chunks(CHUNK) {
        let mut values: Vec<Value> = vec![tenant.into()];
        let list = listed(&mut values, chunk);
        let sql = format!(
            "SELECT document, number FROM entity WHERE tenant = $1 AND number IN ({list}) ORDER BY number"
        );
        for row in tx.query(&sql, &values)? {
            out.push(Stored {
                number: row.get(1)?,
                entity: entities::document(&row)?,
            });
        }
    }
    Ok(out)
}

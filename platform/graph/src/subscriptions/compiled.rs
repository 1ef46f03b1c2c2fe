//! The subscriptions of a city compiled for matching, kept in memory and checked against the store in every
//! transaction that uses them: a replica never matches by what another has already changed.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::subscription::{Index, Subscription};
use bisenzio_store::Tx;

use super::owner::Owner;
use super::rows::{self, Scope};
use crate::GraphError;

/// One subscription, ready to match and to deliver.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) subscription: Subscription,
    pub(crate) owner: Owner,
    pub(crate) revision: String,
}

/// All of a city, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Set {
    version: Option<String>,
    entries: Vec<Arc<Entry>>,
    index: Index,
    positions: HashMap<String, usize>,
}

impl Set {
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<Entry>> {
        self.entries.get(*self.positions.get(id)?)
    }

    pub(crate) fn candidates(
        &self,
        what: &bisenzio_ngsi_ld::subscription::Occurrence<'_>,
    ) -> impl Iterator<Item = &Arc<Entry>> {
        self.index
            .candidates(what)
            .into_iter()
            .filter_map(|position| self.entries.get(usize::try_from(position).ok()?))
    }
}

#[derive(Default)]
pub(crate) struct Cache(RwLock<HashMap<TenantId, Arc<Set>>>);

/// The subscriptions as this transaction sees them.
pub(crate) fn current(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Arc<Set>, GraphError> {
    let cache = tx.memory::<Cache>();
    let version = rows::version(tx, tenant)?;
    let known = cache
        .0
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(tenant)
        .cloned()
        .unwrap_or_default();
    if known.version == version {
        return Ok(known);
    }
    let set = Arc::new(build(tx, tenant, version, &known)?);
    cache
        .0
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(tenant.clone(), set.clone());
    Ok(set)
}

/// Compiles only what is new since `known`.
fn build(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    version: Option<String>,
    known: &Set,
) -> Result<Set, GraphError> {
    let mut entries = Vec::new();
    for (id, revision) in rows::revisions(tx, tenant)? {
        if let Some(entry) = known.get(&id).filter(|entry| entry.revision == revision) {
            entries.push(entry.clone());
            continue;
        }
        match compile(tx, tenant, &id) {
            Ok(entry) => entries.push(Arc::new(entry)),
            Err(GraphError::Store(error)) => return Err(error.into()),
            // Of an older release, perhaps: one that cannot be read must not stop the city's writes.
            Err(error) => {
                tracing::error!(%tenant, subscription = id, %error, "a subscription cannot be read")
            }
        }
    }
    let positions = entries
        .iter()
        .enumerate()
        .map(|(i, entry)| (entry.subscription.id.as_str().to_owned(), i))
        .collect();
    Ok(Set {
        version,
        index: Index::build(entries.iter().map(|entry| &entry.subscription)),
        entries,
        positions,
    })
}

fn compile(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<Entry, GraphError> {
    let stored = rows::load(tx, tenant, id, &Scope::Everything)?;
    let context = rows::context(tx, tenant, &stored.context)?;
    let q_context = if stored.q_context == stored.context {
        context.clone()
    } else {
        rows::context(tx, tenant, &stored.q_context)?
    };
    Ok(Entry {
        subscription: Subscription::compile(&stored.document, context, &q_context)?,
        owner: stored.owner,
        revision: stored.revision,
    })
}

//! What a process remembers of a city's registrations. Whether it is still right is asked of the version row, in
//! the transaction that needs to know; most cities have no such row, and that is all it costs them. Where one process
//! has the store for itself, writes of such cities are spared even that ([`has_none`]).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::registration::Registration;
use bisenzio_store::{Store, Tx};

use super::rows;
use crate::GraphError;

/// All registrations of a city, as of one version.
#[derive(Debug)]
pub(crate) struct Known {
    version: i64,
    /// Oldest first.
    pub(crate) registrations: Vec<Arc<Registration>>,
    /// How this broker calls itself; `None` until it first had to.
    pub(crate) alias: Option<String>,
}

#[derive(Default)]
struct Memory {
    cities: RwLock<HashMap<TenantId, Arc<Known>>>,
    /// Advanced by every commit that changes registrations.
    changes: AtomicU64,
    /// Cities without registrations, and the moment when that was so.
    without: RwLock<HashMap<TenantId, Moment>>,
}

/// Before or after changes of registrations, by this process or another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    own: u64,
    foreign: u64,
}

/// The present; `None` where other processes change registrations unnoticed.
pub(crate) fn moment(store: &Store) -> Option<Moment> {
    let foreign = store.foreign_commits()?;
    let own = store.memory::<Memory>().changes.load(Ordering::Acquire);
    Some(Moment { own, foreign })
}

/// Whether a city had no registrations when last looked at, and none has been changed since.
pub(crate) fn has_none(store: &Store, tenant: &TenantId, now: Moment) -> bool {
    let memory = store.memory::<Memory>();
    let without = memory.without.read().unwrap_or_else(PoisonError::into_inner);
    without.get(tenant) == Some(&now)
}

/// Notes that a city had none at a moment before it was looked at.
pub(crate) fn note_none(store: &Store, tenant: &TenantId, then: Moment) {
    let memory = store.memory::<Memory>();
    let mut without = memory.without.write().unwrap_or_else(PoisonError::into_inner);
    without.insert(tenant.clone(), then);
}

/// Registrations are being changed: what was noted of them ends with the commit.
pub(super) fn touch(tx: &mut Tx<'_>) {
    let memory = tx.memory::<Memory>();
    tx.on_commit(move || {
        memory.changes.fetch_add(1, Ordering::AcqRel);
    });
}

/// The registrations of a city; `None` when it has none.
pub(crate) fn known(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Option<Arc<Known>>, GraphError> {
    let Some(version) = rows::version(tx, tenant)? else {
        return Ok(None);
    };
    let memory = tx.memory::<Memory>();
    let remembered = {
        let tenants = memory.cities.read().unwrap_or_else(PoisonError::into_inner);
        tenants
            .get(tenant)
            .filter(|known| known.version == version)
            .cloned()
    };
    let known = match remembered {
        Some(known) => known,
        None => {
            let read = Arc::new(Known {
                version,
                registrations: rows::all(tx, tenant)?.into_iter().map(Arc::new).collect(),
                alias: rows::known_alias(tx, tenant)?,
            });
            let mut tenants = memory.cities.write().unwrap_or_else(PoisonError::into_inner);
            tenants.insert(tenant.clone(), read.clone());
            read
        }
    };
    Ok((!known.registrations.is_empty()).then_some(known))
}

//! What a process remembers of a city's registrations. Whether it is still right is asked of the version row, in
//! the transaction that needs to know; most cities have no such row, and that is all it costs them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::registration::Registration;
use bisenzio_store::Tx;

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
struct Memory(RwLock<HashMap<TenantId, Arc<Known>>>);

/// The registrations of a city; `None` when it has none.
pub(crate) fn known(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Option<Arc<Known>>, GraphError> {
    let Some(version) = rows::version(tx, tenant)? else {
        return Ok(None);
    };
    let memory = tx.memory::<Memory>();
    let remembered = {
        let tenants = memory.0.read().unwrap_or_else(PoisonError::into_inner);
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
            let mut tenants = memory.0.write().unwrap_or_else(PoisonError::into_inner);
            tenants.insert(tenant.clone(), read.clone());
            read
        }
    };
    Ok((!known.registrations.is_empty()).then_some(known))
}

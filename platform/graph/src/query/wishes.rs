//! Indexes that laborious queries would have needed, until somebody orders them.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use bisenzio_kernel::TenantId;

/// Wishes kept: more are not needed at once.
const MOST: usize = 64;

/// Tenant and attribute.
#[derive(Default)]
pub(crate) struct Wishes(Mutex<BTreeSet<(TenantId, String)>>);

impl Wishes {
    pub(super) fn note(&self, tenant: &TenantId, attributes: Vec<String>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for name in attributes {
            if all.len() < MOST {
                all.insert((tenant.clone(), name));
            }
        }
    }

    /// All wishes; they are then gone.
    pub(crate) fn take(&self) -> BTreeSet<(TenantId, String)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

//! What is kept of the history of each type.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bisenzio_kernel::{Micros, TenantId};
use bisenzio_ngsi_ld::Entity;
use bisenzio_store::{Row, StoreError, Tx, params};

/// Most policies of a tenant.
pub(crate) const MAX_POLICIES: usize = 500;
/// A change made through another replica is noticed after so long.
const TRUSTED: Micros = 10 * 1_000_000;
/// Most tenants remembered.
const MAX_TENANTS: usize = 1_000;

/// What stays of the instances of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ThinningMethod {
    /// One instance with their mean.
    Avg,
    /// The smallest of them.
    Min,
    /// The largest of them.
    Max,
    /// The last of them.
    Last,
}

impl ThinningMethod {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Last => "last",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Avg, Self::Min, Self::Max, Self::Last]
            .into_iter()
            .find(|method| method.name() == name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Thinning {
    pub(crate) after_days: i64,
    pub(crate) period_seconds: i64,
    pub(crate) method: ThinningMethod,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    /// Expanded.
    pub(crate) type_name: String,
    /// Whether superseded instances are kept at all.
    pub(crate) keep: bool,
    pub(crate) retention_days: Option<i64>,
    pub(crate) thinning: Option<Thinning>,
}

/// Policies and when they were read.
type Read = (Micros, Arc<Vec<Policy>>);

#[derive(Default)]
struct Known(Mutex<HashMap<TenantId, Read>>);

impl Known {
    fn forget(&self, tenant: &TenantId) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(tenant);
    }
}

/// All policies of a tenant, by type.
pub(crate) fn policies(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<Policy>, StoreError> {
    tx.query(
        "SELECT type, keep, retention_days, thin_after_days, thin_period_seconds, thin_method
         FROM history_policy WHERE tenant = $1 ORDER BY type",
        params![tenant],
    )?
    .iter()
    .map(read)
    .collect()
}

fn read(row: &Row) -> Result<Policy, StoreError> {
    let method: Option<String> = row.get(5)?;
    let thinning = match (
        row.get(3)?,
        row.get(4)?,
        method.as_deref().and_then(ThinningMethod::from_name),
    ) {
        (Some(after_days), Some(period_seconds), Some(method)) => Some(Thinning {
            after_days,
            period_seconds,
            method,
        }),
        _ => None,
    };
    Ok(Policy {
        type_name: row.get(0)?,
        keep: row.get(1)?,
        retention_days: row.get(2)?,
        thinning,
    })
}

/// The policy of the first of the entity's types that has one. Remembered for a moment, since every write asks.
pub(crate) fn policy_for(
    tx: &mut Tx<'_>,
    now: Micros,
    tenant: &TenantId,
    entity: &Entity,
) -> Result<Option<Policy>, StoreError> {
    let memory = tx.memory::<Known>();
    let fresh = {
        let known = memory.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(tenant).filter(|(since, _)| now - since < TRUSTED);
        found.map(|(_, list)| list.clone())
    };
    let list = match fresh {
        Some(list) => list,
        None => {
            let list = Arc::new(policies(tx, tenant)?);
            let mut known = memory.0.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MAX_TENANTS {
                known.clear();
            }
            known.insert(tenant.clone(), (now, list.clone()));
            list
        }
    };
    let first = entity
        .types
        .iter()
        .find_map(|name| list.iter().find(|policy| policy.type_name == *name));
    Ok(first.cloned())
}

pub(crate) fn set_policy(tx: &mut Tx<'_>, tenant: &TenantId, policy: &Policy) -> Result<(), StoreError> {
    let thinning = policy.thinning;
    tx.execute(
        "INSERT INTO history_policy
           (tenant, type, keep, retention_days, thin_after_days, thin_period_seconds, thin_method)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (tenant, type) DO UPDATE SET keep = excluded.keep, retention_days = excluded.retention_days,
           thin_after_days = excluded.thin_after_days, thin_period_seconds = excluded.thin_period_seconds,
           thin_method = excluded.thin_method",
        params![
            tenant,
            &policy.type_name,
            policy.keep,
            policy.retention_days,
            thinning.map(|t| t.after_days),
            thinning.map(|t| t.period_seconds),
            thinning.map(|t| t.method.name())
        ],
    )?;
    changed(tx, tenant);
    Ok(())
}

/// `false` when the type had no policy.
pub(crate) fn unset_policy(tx: &mut Tx<'_>, tenant: &TenantId, type_name: &str) -> Result<bool, StoreError> {
    let gone = tx.execute(
        "DELETE FROM history_policy WHERE tenant = $1 AND type = $2",
        params![tenant, type_name],
    )?;
    changed(tx, tenant);
    Ok(gone > 0)
}

/// What other writers of this process remember is out of date once this is committed; what this transaction
/// has read of its own changes must not stay if it is not.
fn changed(tx: &mut Tx<'_>, tenant: &TenantId) {
    let (memory, tenant) = (tx.memory::<Known>(), tenant.clone());
    memory.forget(&tenant);
    tx.on_commit(move || memory.forget(&tenant));
}

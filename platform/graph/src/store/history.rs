//! What attributes were: append-only.

use bisenzio_kernel::{Env, Micros, TenantId};
use bisenzio_ngsi_ld::update::{Change, ChangeKind};
use bisenzio_ngsi_ld::{Uri, storage};
use bisenzio_store::{Row, StoreError, Tx, Value, params};

use super::insert_many;

/// One recorded state of one attribute.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Expanded name.
    pub attribute: String,
    /// `created`, `updated` or `deleted`.
    pub change: String,
    /// The instance in storage form; `None` when it was deleted.
    pub value: Option<String>,
    pub observed_at: Option<Micros>,
    pub recorded_at: Micros,
}

pub(crate) fn record(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    entity: &Uri,
    changes: &[&Change],
) -> Result<(), StoreError> {
    let head = "INSERT INTO attribute_history
           (tenant, entity, attribute, instance, change, dataset, value, observed_at, recorded_at)";
    let rows = changes
        .iter()
        .map(|change| row(env, tenant, entity, change))
        .collect();
    insert_many(tx, head, rows)
}

fn row(env: &Env, tenant: &TenantId, entity: &Uri, change: &Change) -> Vec<Value> {
    let kind = match change.kind {
        ChangeKind::Created => "created",
        ChangeKind::Updated => "updated",
        ChangeKind::Deleted => "deleted",
    };
    let current = change.current.as_ref();
    vec![
        tenant.into(),
        entity.as_str().into(),
        change.attribute.as_str().into(),
        env.ulid().into(),
        kind.into(),
        change.dataset_id.as_ref().map(|id| id.as_str().to_owned()).into(),
        current
            .map(|i| storage::instance_to_storage_json(i).to_string())
            .into(),
        current.and_then(|i| i.observed_at).map(|at| at.micros()).into(),
        env.now().into(),
    ]
}

/// The newest records of an entity, newest first.
pub(crate) fn newest(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    entity: &str,
    limit: i64,
) -> Result<Vec<Recorded>, StoreError> {
    tx.query(
        "SELECT attribute, change, value, observed_at, recorded_at FROM attribute_history
         WHERE tenant = $1 AND entity = $2 ORDER BY recorded_at DESC, instance DESC LIMIT $3",
        params![tenant, entity, limit],
    )?
    .iter()
    .map(read)
    .collect()
}

fn read(row: &Row) -> Result<Recorded, StoreError> {
    Ok(Recorded {
        attribute: row.get(0)?,
        change: row.get(1)?,
        value: row.get(2)?,
        observed_at: row.get(3)?,
        recorded_at: row.get(4)?,
    })
}

//! Moves what earlier versions stored into the tables of this one: what SQL alone cannot do, since index rows are
//! computed from the documents.

use bisenzio_kernel::{Env, TenantId};
use bisenzio_ngsi_ld::storage;
use bisenzio_store::{Store, Tx, params};

use crate::GraphError;
use crate::store::{entities, history};

const CHUNK: i64 = 500;

/// Brings a store that was just migrated up to date. Safe at every start: what was moved is gone from the old
/// tables, and each step is one transaction.
///
/// # Errors
/// When the store fails or holds a damaged entity.
pub async fn upgrade(store: &Store, env: &Env) -> Result<(), GraphError> {
    loop {
        let env = env.clone();
        let moved = store.write(move |tx| entities_of_version_1(tx, &env)).await?;
        if moved == 0 {
            break;
        }
        tracing::info!(moved, "entities of version 1");
    }
    // After the entities: which state is the current one decides what is history.
    loop {
        let env = env.clone();
        let moved = store
            .write(move |tx| history::convert_version_1(tx, &env))
            .await?;
        if moved == 0 {
            return Ok(());
        }
        tracing::info!(moved, "entities whose history of version 1 was moved");
    }
}

/// All tenants: this is maintenance.
fn entities_of_version_1(tx: &mut Tx<'_>, env: &Env) -> Result<usize, GraphError> {
    let rows = tx.query(
        "SELECT tenant, id, document FROM entity_v1 ORDER BY created_at, tenant, id LIMIT $1",
        params![CHUNK],
    )?;
    for row in &rows {
        let name: String = row.get(0)?;
        let tenant =
            TenantId::new(&name).map_err(|problem| bisenzio_store::StoreError::Column(problem.detail))?;
        let entity = storage::from_storage_str(row.text(2)?)?;
        entities::save(tx, env, &tenant, None, &entity)?;
        tx.execute(
            "DELETE FROM entity_v1 WHERE tenant = $1 AND id = $2",
            params![&tenant, row.text(1)?],
        )?;
    }
    Ok(rows.len())
}

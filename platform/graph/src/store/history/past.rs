//! Entities of which something was deleted: what they were, without attributes.

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::{Attributes, Entity, storage};
use bisenzio_store::{StoreError, Tx, params};

use crate::GraphError;

/// An entity that has a past which its current state does not show.
#[derive(Debug)]
pub(crate) struct Past {
    /// Types, scopes and times, no attributes.
    pub(crate) shell: Entity,
}

pub(super) fn remember(tx: &mut Tx<'_>, tenant: &TenantId, entity: &Entity) -> Result<(), StoreError> {
    let shell = Entity {
        attributes: Attributes::new(),
        ..entity.clone()
    };
    tx.execute(
        "INSERT INTO entity_past (tenant, entity, document) VALUES ($1, $2, $3)
         ON CONFLICT (tenant, entity) DO UPDATE SET document = excluded.document",
        params![tenant, entity.id.as_str(), storage::to_storage_string(&shell)],
    )?;
    Ok(())
}

pub(super) fn forget(tx: &mut Tx<'_>, tenant: &TenantId, entity: &str) -> Result<bool, StoreError> {
    let gone = tx.execute(
        "DELETE FROM entity_past WHERE tenant = $1 AND entity = $2",
        params![tenant, entity],
    )?;
    Ok(gone > 0)
}

pub(crate) fn past(tx: &mut Tx<'_>, tenant: &TenantId, entity: &str) -> Result<Option<Past>, GraphError> {
    let row = tx.query_opt(
        "SELECT document FROM entity_past WHERE tenant = $1 AND entity = $2",
        params![tenant, entity],
    )?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Past {
        shell: storage::from_storage_str(row.text(0)?)?,
    }))
}

/// The next ones by identifier.
pub(crate) fn past_after(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    after: &str,
    limit: i64,
) -> Result<Vec<Past>, GraphError> {
    tx.query(
        "SELECT document FROM entity_past WHERE tenant = $1 AND entity > $2 ORDER BY entity LIMIT $3",
        params![tenant, after, limit],
    )?
    .iter()
    .map(|row| {
        Ok(Past {
            shell: storage::from_storage_str(row.text(0)?)?,
        })
    })
    .collect()
}

//! The bodies that act in a city, as `city.toml` lists them.

use bisenzio_kernel::{Organisation, Tenant, TenantId};
use bisenzio_store::{StoreError, Tx, params};

/// Brings the table in line with the tenant's definition. Bodies no longer listed stay: accounts and
/// records may still name them.
///
/// # Errors
/// When the store fails.
pub fn load(tx: &mut Tx<'_>, tenant: &Tenant) -> Result<usize, StoreError> {
    for organisation in &tenant.organisations {
        tx.execute(
            "INSERT INTO organisation (tenant, id, name, kind, network) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, id) DO UPDATE
             SET name = excluded.name, kind = excluded.kind, network = excluded.network",
            params![
                &tenant.id,
                &organisation.id,
                &organisation.name,
                &organisation.kind,
                organisation.network.clone()
            ],
        )?;
    }
    Ok(tenant.organisations.len())
}

/// All bodies of the city, by name.
///
/// # Errors
/// When the store fails.
pub fn list(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<Organisation>, StoreError> {
    tx.query(
        "SELECT id, name, kind, network FROM organisation WHERE tenant = $1 ORDER BY name, id",
        params![tenant],
    )?
    .iter()
    .map(|row| {
        Ok(Organisation {
            id: row.get(0)?,
            name: row.get(1)?,
            kind: row.get(2)?,
            network: row.get(3)?,
        })
    })
    .collect()
}

/// # Errors
/// When the store fails.
pub fn exists(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<bool, StoreError> {
    let found = tx.query_opt(
        "SELECT 1 FROM organisation WHERE tenant = $1 AND id = $2",
        params![tenant, id],
    )?;
    Ok(found.is_some())
}

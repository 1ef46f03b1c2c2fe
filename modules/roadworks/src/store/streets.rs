//! Streets that worksites touch.

use bisenzio_kernel::TenantId;
use bisenzio_store::{StoreError, Tx, params};

/// # Errors
/// When the store fails.
pub fn put(tx: &mut Tx<'_>, tenant: &TenantId, slug: &str, code: &str, name: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO roadworks_street (tenant, slug, code, name) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant, slug, code) DO NOTHING",
        params![tenant, slug, code, name],
    )?;
    Ok(())
}

/// Streets with how many worksites each has had: slug, name, number.
///
/// # Errors
/// When the store fails.
pub fn counts(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<(String, String, i64)>, StoreError> {
    tx.query(
        "SELECT slug, MIN(name), COUNT(*) FROM roadworks_street WHERE tenant = $1 GROUP BY slug ORDER BY slug",
        params![tenant],
    )?
    .iter()
    .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    .collect()
}

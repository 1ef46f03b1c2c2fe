//! The rendered notes of frozen editions.

use bisenzio_kernel::{Lang, Micros, TenantId};
use bisenzio_store::{StoreError, Tx, params};

pub fn save(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    year: i64,
    lang: Lang,
    format: &str,
    content: &[u8],
    at: Micros,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO plan_document (tenant, year, lang, format, content, made_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant, year, lang, format) DO UPDATE SET content = excluded.content, made_at = excluded.made_at",
        params![tenant, year, lang.as_str(), format, content, at],
    )?;
    Ok(())
}

pub fn load(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    year: i64,
    lang: Lang,
    format: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = tx.query_opt(
        "SELECT content FROM plan_document WHERE tenant = $1 AND year = $2 AND lang = $3 AND format = $4",
        params![tenant, year, lang.as_str(), format],
    )?;
    row.map(|row| row.get(0)).transpose()
}

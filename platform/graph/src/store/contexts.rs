//! Context documents: hosted for clients, fetched from elsewhere, created implicitly.

use bisenzio_kernel::{Micros, TenantId};
use bisenzio_store::{Row, StoreError, Tx, params};

/// Clause 5.13.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Hosted,
    Cached,
    ImplicitlyCreated,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Hosted, Self::Cached, Self::ImplicitlyCreated];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Hosted => "Hosted",
            Self::Cached => "Cached",
            Self::ImplicitlyCreated => "ImplicitlyCreated",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// Locally unique.
    pub(crate) id: String,
    pub(crate) kind: Kind,
    /// Where a cached one was fetched.
    pub(crate) url: Option<String>,
    /// The whole document.
    pub(crate) body: String,
    pub(crate) created_at: Micros,
    /// When a cached one is to be fetched again, when a passing one goes.
    pub(crate) expires_at: Option<Micros>,
}

/// Writes a context in the place of the one with its identifier. One that stays is never made passing.
pub(crate) fn save(tx: &mut Tx<'_>, tenant: &TenantId, stored: &Stored) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO jsonld_context (tenant, id, kind, url, body, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (tenant, id) DO UPDATE SET
           body = excluded.body,
           created_at = excluded.created_at,
           expires_at = CASE WHEN jsonld_context.expires_at IS NULL THEN NULL ELSE excluded.expires_at END",
        params![
            tenant,
            stored.id.as_str(),
            stored.kind.name(),
            stored.url.clone(),
            stored.body.as_str(),
            stored.created_at,
            stored.expires_at
        ],
    )?;
    Ok(())
}

pub(crate) fn load(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<Option<Stored>, StoreError> {
    tx.query_opt(
        "SELECT id, kind, url, body, created_at, expires_at FROM jsonld_context
         WHERE tenant = $1 AND id = $2",
        params![tenant, id],
    )?
    .map(|row| read(&row))
    .transpose()
}

/// All contexts, or those of one kind, the oldest first; without their documents.
pub(crate) fn list(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    kind: Option<Kind>,
) -> Result<Vec<Stored>, StoreError> {
    let rows = tx.query(
        "SELECT id, kind, url, '', created_at, expires_at FROM jsonld_context
         WHERE tenant = $1 AND (kind = $2 OR $2 = '') ORDER BY created_at, id",
        params![tenant, kind.map_or("", Kind::name)],
    )?;
    rows.iter().map(read).collect()
}

pub(crate) fn count(tx: &mut Tx<'_>, tenant: &TenantId, kind: Kind) -> Result<i64, StoreError> {
    tx.query_one(
        "SELECT COUNT(*) FROM jsonld_context WHERE tenant = $1 AND kind = $2",
        params![tenant, kind.name()],
    )?
    .get(0)
}

/// `false` when there was none.
pub(crate) fn remove(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<bool, StoreError> {
    let sql = "DELETE FROM jsonld_context WHERE tenant = $1 AND id = $2";
    Ok(tx.execute(sql, params![tenant, id])? > 0)
}

/// Removes the oldest of a kind that are more than `most`.
pub(crate) fn keep_newest(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    kind: Kind,
    most: i64,
) -> Result<(), StoreError> {
    let surplus = count(tx, tenant, kind)? - most;
    if surplus > 0 {
        tx.execute(
            "DELETE FROM jsonld_context WHERE tenant = $1 AND id IN (
               SELECT id FROM jsonld_context WHERE tenant = $1 AND kind = $2
               ORDER BY created_at, id LIMIT $3)",
            params![tenant, kind.name(), surplus],
        )?;
    }
    Ok(())
}

/// Removes passing contexts whose time is over, and the oldest beyond `most`.
pub(crate) fn remove_passed(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    now: Micros,
    most: i64,
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM jsonld_context WHERE tenant = $1 AND kind = 'ImplicitlyCreated' AND expires_at < $2",
        params![tenant, now],
    )?;
    tx.execute(
        "DELETE FROM jsonld_context WHERE tenant = $1 AND id IN (
           SELECT id FROM jsonld_context
           WHERE tenant = $1 AND kind = 'ImplicitlyCreated' AND expires_at IS NOT NULL
           ORDER BY created_at DESC, id LIMIT 1000000 OFFSET $2)",
        params![tenant, most],
    )?;
    Ok(())
}

fn read(row: &Row) -> Result<Stored, StoreError> {
    let kind: String = row.get(1)?;
    Ok(Stored {
        id: row.get(0)?,
        kind: Kind::from_name(&kind).ok_or_else(|| StoreError::Column(format!("kind {kind}")))?,
        url: row.get(2)?,
        body: row.get(3)?,
        created_at: row.get(4)?,
        expires_at: row.get(5)?,
    })
}

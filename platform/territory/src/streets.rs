//! The service through which modules reach the ground: parsed once, read by all.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use axum::body::Bytes;
use bisenzio_kernel::{Problem, TenantId};
use bisenzio_store::Tx;
use bisenzio_streets::Network;
use moka::sync::Cache;

use crate::layers;
use crate::territory::Territory;
use crate::tiles::TileId;

/// Bytes of encoded tiles that are kept.
const TILE_CACHE: u64 = 32 * 1024 * 1024;

pub(crate) type TileKey = (TenantId, String, TileId);

/// Cheap to clone; `app.service::<Streets>()`.
#[derive(Clone)]
pub struct Streets {
    loaded: Arc<RwLock<HashMap<TenantId, Arc<Territory>>>>,
    pub(crate) tiles: Cache<TileKey, Bytes>,
}

impl Default for Streets {
    fn default() -> Self {
        let tiles = Cache::builder()
            .max_capacity(TILE_CACHE)
            .weigher(|_, tile: &Bytes| u32::try_from(tile.len()).unwrap_or(u32::MAX).max(64))
            .build();
        Self {
            loaded: Arc::default(),
            tiles,
        }
    }
}

impl Streets {
    /// The ground of a city as it stands in this transaction.
    ///
    /// # Errors
    /// 500 when the store fails.
    pub fn territory(&self, tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Arc<Territory>, Problem> {
        let version = layers::version(tx, tenant)?;
        if let Ok(loaded) = self.loaded.read()
            && let Some(territory) = loaded.get(tenant)
            && territory.version == version
        {
            return Ok(territory.clone());
        }
        let territory = Arc::new(Territory::load(tx, tenant, version)?);
        if let Ok(mut loaded) = self.loaded.write() {
            loaded.insert(tenant.clone(), territory.clone());
        }
        Ok(territory)
    }

    /// Its street network; empty when the city has none.
    ///
    /// # Errors
    /// 500 when the store fails.
    pub fn network(&self, tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Arc<Network>, Problem> {
        Ok(self.territory(tx, tenant)?.network.clone())
    }
}

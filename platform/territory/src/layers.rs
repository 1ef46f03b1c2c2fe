//! The layers as they are stored.

use bisenzio_kernel::{Env, TenantId};
use bisenzio_store::{StoreError, Tx, outbox, params};
use bisenzio_streets::Network;
use serde_json::json;

/// What a city's ground is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    Network,
    Boundary,
    Neighbours,
    Districts,
    Localities,
    BusStops,
    /// Other names of streets ("Declassata"), TOML.
    Aliases,
}

impl Layer {
    pub const ALL: [Layer; 7] = [
        Layer::Network,
        Layer::Boundary,
        Layer::Neighbours,
        Layer::Districts,
        Layer::Localities,
        Layer::BusStops,
        Layer::Aliases,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Layer::Network => "network",
            Layer::Boundary => "boundary",
            Layer::Neighbours => "neighbours",
            Layer::Districts => "districts",
            Layer::Localities => "localities",
            Layer::BusStops => "bus_stops",
            Layer::Aliases => "aliases",
        }
    }
}

/// Puts a layer in the place of the one before.
///
/// # Errors
/// When the store fails.
pub fn replace_layer(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    layer: Layer,
    content: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO territory_layer (tenant, layer, version, content, loaded_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant, layer) DO UPDATE SET version = excluded.version, content = excluded.content,
           loaded_at = excluded.loaded_at",
        params![tenant, layer.as_str(), env.ulid(), content, env.now()],
    )?;
    outbox::publish(tx, env, tenant, "territory.layer", layer.as_str(), &json!({}))
}

/// The street network as it stands in this transaction; `None` when the city has none.
///
/// # Errors
/// When the store fails or the stored document cannot be read.
pub fn load_network(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Option<Network>, StoreError> {
    let Some(text) = content(tx, tenant, Layer::Network)? else {
        return Ok(None);
    };
    let unreadable = |e: String| StoreError::Column(format!("stored network: {e}"));
    let document = serde_json::from_str(&text).map_err(|e| unreadable(e.to_string()))?;
    Network::from_geojson(&document)
        .map(Some)
        .map_err(|e| unreadable(e.to_string()))
}

pub(crate) fn content(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    layer: Layer,
) -> Result<Option<String>, StoreError> {
    tx.query_opt(
        "SELECT content FROM territory_layer WHERE tenant = $1 AND layer = $2",
        params![tenant, layer.as_str()],
    )?
    .map(|row| row.get(0))
    .transpose()
}

/// One text that changes whenever any layer does.
pub(crate) fn version(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<String, StoreError> {
    let rows = tx.query(
        "SELECT version FROM territory_layer WHERE tenant = $1 ORDER BY layer",
        params![tenant],
    )?;
    let versions = rows
        .iter()
        .map(|row| row.get::<String>(0))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(versions.join("/"))
}

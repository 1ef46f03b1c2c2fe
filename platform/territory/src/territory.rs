//! A city's ground in memory, parsed and indexed.

use std::collections::BTreeMap;
use std::sync::Arc;

use bisenzio_kernel::TenantId;
use bisenzio_store::{StoreError, Tx};
use bisenzio_streets::Network;
use geo::{Geometry, MultiPolygon, Point};
use geojson::FeatureCollection;

use crate::layers::{Layer, content, load_network};
use crate::tiles::DrawIndex;

/// A polygon with a name: the municipality, a neighbour, a district.
#[derive(Clone, Debug)]
pub struct Area {
    pub name: String,
    pub shape: MultiPolygon<f64>,
    /// Drawn by us from places known to lie in it, not by an act.
    pub indicative: bool,
}

/// A point with a name: a locality, a bus stop.
#[derive(Clone, Debug)]
pub struct Place {
    pub name: String,
    pub point: Point<f64>,
    /// Further facts of the source, by key.
    pub facts: BTreeMap<String, String>,
}

/// Everything of one tenant at one version.
pub struct Territory {
    pub version: String,
    pub network: Arc<Network>,
    pub boundary: Vec<Area>,
    pub neighbours: Vec<Area>,
    pub districts: Vec<Area>,
    pub localities: Vec<Place>,
    pub bus_stops: Vec<Place>,
    /// TOML of other street names, as the city wrote it; empty when there are none.
    pub aliases: String,
    pub(crate) drawing: DrawIndex,
}

impl Territory {
    pub(crate) fn load(tx: &mut Tx<'_>, tenant: &TenantId, version: String) -> Result<Self, StoreError> {
        let network = load_network(tx, tenant)?.unwrap_or_default();
        let mut areas = |layer| -> Result<Vec<Area>, StoreError> { read_areas(content(tx, tenant, layer)?) };
        let (boundary, neighbours, districts) = (
            areas(Layer::Boundary)?,
            areas(Layer::Neighbours)?,
            areas(Layer::Districts)?,
        );
        let mut places =
            |layer| -> Result<Vec<Place>, StoreError> { read_places(content(tx, tenant, layer)?) };
        let (localities, bus_stops) = (places(Layer::Localities)?, places(Layer::BusStops)?);
        let aliases = content(tx, tenant, Layer::Aliases)?.unwrap_or_default();
        let drawing = DrawIndex::build(
            &network,
            &boundary,
            &neighbours,
            &districts,
            &localities,
            &bus_stops,
        );
        Ok(Self {
            version,
            network: Arc::new(network),
            boundary,
            neighbours,
            districts,
            localities,
            bus_stops,
            aliases,
            drawing,
        })
    }

    /// Length of all links, km.
    pub fn street_km(&self) -> f64 {
        self.network.links.iter().map(|link| link.length_m).sum::<f64>() / 1000.0
    }
}

/// Reads a GeoJSON document of polygons; used also to check a city file before it is stored.
pub(crate) fn read_areas(text: Option<String>) -> Result<Vec<Area>, StoreError> {
    let mut out = Vec::new();
    for (name, geometry, facts) in features(text)? {
        let shape = match geometry {
            Geometry::Polygon(polygon) => MultiPolygon(vec![polygon]),
            Geometry::MultiPolygon(shape) => shape,
            _ => return Err(StoreError::Column(format!("\"{name}\" is not a polygon"))),
        };
        out.push(Area {
            name,
            shape,
            indicative: facts.get("indicative").is_some_and(|v| v == "true"),
        });
    }
    Ok(out)
}

pub(crate) fn read_places(text: Option<String>) -> Result<Vec<Place>, StoreError> {
    let mut out = Vec::new();
    for (name, geometry, facts) in features(text)? {
        let Geometry::Point(point) = geometry else {
            return Err(StoreError::Column(format!("\"{name}\" is not a point")));
        };
        out.push(Place { name, point, facts });
    }
    Ok(out)
}

type Feature = (String, Geometry<f64>, BTreeMap<String, String>);

fn features(text: Option<String>) -> Result<Vec<Feature>, StoreError> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let collection: FeatureCollection = text
        .parse::<FeatureCollection>()
        .map_err(|e| StoreError::Column(format!("not GeoJSON: {e}")))?;
    collection
        .features
        .into_iter()
        .enumerate()
        .map(|(index, feature)| {
            let facts: BTreeMap<String, String> = feature
                .properties
                .iter()
                .flatten()
                .map(|(key, value)| {
                    (
                        key.clone(),
                        value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                    )
                })
                .collect();
            let name = facts.get("name").cloned().unwrap_or_default();
            let unreadable = || StoreError::Column(format!("feature {} has no usable geometry", index + 1));
            let geometry = feature.geometry.ok_or_else(unreadable)?;
            Ok((
                name,
                Geometry::try_from(geometry).map_err(|_| unreadable())?,
                facts,
            ))
        })
        .collect()
}

//! `territory/` of a city folder: one file per layer, checked before it is stored.

use bisenzio_kernel::{Env, Tenant, slug};
use bisenzio_module::{CityError, CityFolder, SeedReport};
use bisenzio_search::Document;
use bisenzio_store::{StoreError, Tx};
use bisenzio_streets::Network;

use crate::layers::{Layer, content, replace_layer};
use crate::territory::{Place, read_areas, read_places};

const FILES: [(Layer, &str); 7] = [
    (Layer::Network, "territory/network.geojson"),
    (Layer::Boundary, "territory/boundary.geojson"),
    (Layer::Neighbours, "territory/neighbours.geojson"),
    (Layer::Districts, "territory/districts.geojson"),
    (Layer::Localities, "territory/localities.geojson"),
    (Layer::BusStops, "territory/bus_stops.geojson"),
    (Layer::Aliases, "territory/streets.toml"),
];

pub(crate) fn seed(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &Tenant,
    folder: &CityFolder,
) -> Result<SeedReport, CityError> {
    let mut report = SeedReport::default();
    for (layer, path) in FILES {
        if folder.bytes(path).is_none() {
            continue;
        }
        let text = folder.text(path)?;
        let number = check(layer, &folder.full(path), text)?;
        if layer == Layer::Localities {
            index_localities(tx, tenant, text)?;
        }
        replace_layer(tx, env, &tenant.id, layer, text)?;
        report.count(layer.as_str(), number);
    }
    Ok(report)
}

/// How many things the layer holds, or what is wrong with it.
fn check(layer: Layer, file: &str, text: &str) -> Result<usize, CityError> {
    let wrong = |message: String| CityError::new(file, message);
    let because = |error: StoreError| match error {
        StoreError::Column(message) => wrong(message),
        other => wrong(other.to_string()),
    };
    match layer {
        Layer::Network => {
            let document: serde_json::Value =
                serde_json::from_str(text).map_err(|e| wrong(format!("not JSON: {e}")).at_line(e.line()))?;
            let network = Network::from_geojson(&document).map_err(|e| wrong(e.to_string()))?;
            network.validate().map_err(|e| wrong(e.to_string()))?;
            Ok(network.links.len())
        }
        Layer::Boundary | Layer::Neighbours | Layer::Districts => read_areas(Some(text.to_owned()))
            .map(|areas| areas.len())
            .map_err(because),
        Layer::Localities | Layer::BusStops => read_places(Some(text.to_owned()))
            .map(|places| places.len())
            .map_err(because),
        Layer::Aliases => bisenzio_module::parse_toml::<toml::Table>(file, text).map(|table| table.len()),
    }
}

fn locality_id(place: &Place) -> String {
    format!("territory/locality/{}", slug(&place.name))
}

/// Makes the localities findable in the place of those stored so far.
fn index_localities(tx: &mut Tx<'_>, tenant: &Tenant, text: &str) -> Result<(), CityError> {
    for former in read_places(content(tx, &tenant.id, Layer::Localities)?)? {
        bisenzio_search::remove(tx, &tenant.id, &locality_id(&former))?;
    }
    for place in read_places(Some(text.to_owned()))? {
        let key = slug(&place.name);
        let document = Document {
            id: &locality_id(&place),
            kind: "place",
            title: &place.name,
            summary: &format!("Località · {}", tenant.name),
            keywords: "località frazione quartiere",
            url: &format!("/mappa?luogo={key}"),
            day: None,
        };
        bisenzio_search::put(tx, &tenant.id, &document)?;
    }
    Ok(())
}

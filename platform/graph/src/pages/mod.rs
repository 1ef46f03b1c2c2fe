//! `/grafo`: what is in the city graph, for people. One page per file.

mod exports;
mod index;
mod links;
mod missing;
mod reading;
mod relations;
mod shapes;
mod story;
#[cfg(test)]
mod testing;
mod thing;
mod types;
mod values;
mod words;

use bisenzio_web::{Access, NavEntry, NavPlace, Routes};
use http::Method;

use words::Words;

pub(crate) const NAV: &[NavEntry] = &[NavEntry {
    place: NavPlace::Main,
    position: 60,
    it: "Grafo della città",
    en: "City graph",
    href: links::HOME,
    permission: None,
}];

pub(crate) fn routes() -> Routes {
    let everybody = Access::Public;
    Routes::new()
        .page("/grafo", everybody, index::page)
        .page("/grafo/tipi/{type}", everybody, types::page)
        .page("/grafo/cose/{id}", everybody, thing::page)
        .api(
            Method::GET,
            "/grafo/tipi/{type}/mappa.geojson",
            everybody,
            exports::map,
        )
        .api(
            Method::GET,
            "/grafo/tipi/{type}/elenco.geojson",
            everybody,
            exports::geojson,
        )
        .api(
            Method::GET,
            "/grafo/tipi/{type}/elenco.csv",
            everybody,
            exports::csv,
        )
        .api(
            Method::GET,
            "/grafo/cose/{id}/mappa.geojson",
            everybody,
            exports::map_of_one,
        )
}

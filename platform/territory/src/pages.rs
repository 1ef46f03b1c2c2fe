//! `/mappa`: the city's ground as a map and as lists; the layers as GeoJSON for programs.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use bisenzio_kernel::{Problem, format, slug};
use bisenzio_web::{Ctx, Page, render, text_as};
use serde::Deserialize;

use crate::layers::{Layer, content};
use crate::{Place, Streets, Territory};

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    luogo: String,
}

struct PlaceRow {
    name: String,
    href: String,
    active: bool,
}

#[derive(Template)]
#[template(path = "map.html")]
struct MapPage {
    page: Page,
    bounds: String,
    center: String,
    zoom: String,
    km: String,
    links: String,
    named: String,
    districts: Vec<String>,
    indicative: bool,
    places: Vec<PlaceRow>,
    place: String,
    attribution: String,
    licence: String,
    source: String,
}

pub(crate) async fn map(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let streets: Streets = ctx.app.service()?;
    let tenant = ctx.tenant_id().clone();
    let territory = ctx.store().read(move |tx| streets.territory(tx, &tenant)).await?;
    let chosen = territory
        .localities
        .iter()
        .find(|place| slug(&place.name) == asked.luogo);
    let title = ctx.t("Mappa della città", "Map of the city").to_owned();
    let page = ctx.page(&title).crumb(title, "").with_map();
    render(&view(&ctx, page, &territory, chosen))
}

fn view(ctx: &Ctx, page: Page, territory: &Territory, chosen: Option<&Place>) -> MapPage {
    let links = &territory.network.links;
    let named = links
        .iter()
        .filter(|link| link.name.is_some())
        .map(|link| link.length_m)
        .sum::<f64>();
    let total = links.iter().map(|link| link.length_m).sum::<f64>().max(1.0);
    let [w, s, e, n] = ctx.tenant.bbox;
    let (bounds, center, zoom) = match chosen {
        Some(place) => (
            String::new(),
            format!("{},{}", place.point.x(), place.point.y()),
            "15",
        ),
        None => (format!("{w},{s},{e},{n}"), String::new(), ""),
    };
    let mut places: Vec<PlaceRow> = territory
        .localities
        .iter()
        .map(|place| PlaceRow {
            href: format!("/mappa?luogo={}", slug(&place.name)),
            active: chosen.is_some_and(|c| c.name == place.name),
            name: place.name.clone(),
        })
        .collect();
    places.sort_by_key(|place| slug(&place.name));
    MapPage {
        page,
        bounds,
        center,
        zoom: zoom.to_owned(),
        km: format::number(territory.street_km(), 1, ctx.lang),
        links: format::integer(i64::try_from(links.len()).unwrap_or(0), ctx.lang),
        named: format::number(named / total * 100.0, 0, ctx.lang),
        districts: territory.districts.iter().map(|area| area.name.clone()).collect(),
        indicative: territory.districts.iter().any(|area| area.indicative),
        places,
        place: chosen.map(|place| place.name.clone()).unwrap_or_default(),
        attribution: territory.network.attribution.text.clone(),
        licence: territory.network.attribution.licence.clone(),
        source: territory.network.attribution.source.clone(),
    }
}

pub(crate) async fn network(ctx: Ctx) -> Result<Response, Problem> {
    send(&ctx, Layer::Network).await
}

pub(crate) async fn layer(ctx: Ctx, Path(name): Path<String>) -> Result<Response, Problem> {
    let wanted = name.strip_suffix(".geojson").unwrap_or(&name);
    let layer = Layer::ALL
        .into_iter()
        .find(|layer| layer.as_str() == wanted && *layer != Layer::Aliases)
        .ok_or_else(|| Problem::not_found("There is no such layer"))?;
    send(&ctx, layer).await
}

async fn send(ctx: &Ctx, layer: Layer) -> Result<Response, Problem> {
    let tenant = ctx.tenant_id().clone();
    let text = ctx
        .store()
        .read(move |tx| content(tx, &tenant, layer).map_err(Problem::from))
        .await?;
    let text = text.ok_or_else(|| Problem::not_found("This city has no such layer"))?;
    Ok(text_as("application/geo+json", text))
}

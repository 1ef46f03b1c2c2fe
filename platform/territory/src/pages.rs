//! `/mappa`: the city's ground as a map and as lists; the layers as GeoJSON for programs.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use bisenzio_kernel::{Problem, format, slug};
use bisenzio_web::{Ctx, Page, render, text_as};
use geo::BoundingRect;
use serde::Deserialize;

use crate::layers::{Layer, content};
use crate::{Area, Place, Streets, Territory};

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    luogo: String,
    #[serde(default)]
    circoscrizione: String,
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
    districts: Vec<PlaceRow>,
    indicative: bool,
    places: Vec<PlaceRow>,
    place: String,
    attribution: String,
    licence: String,
    source: Vec<Piece>,
}

/// A piece of a text: words, or an address to be linked.
struct Piece {
    text: String,
    link: bool,
}

pub(crate) async fn map(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let streets: Streets = ctx.app.service()?;
    let tenant = ctx.tenant_id().clone();
    let territory = ctx.store().read(move |tx| streets.territory(tx, &tenant)).await?;
    let chosen = territory
        .localities
        .iter()
        .find(|place| slug(&place.name) == asked.luogo);
    let district = territory
        .districts
        .iter()
        .find(|area| slug(&area.name) == asked.circoscrizione);
    let title = ctx.t("Mappa della città", "Map of the city").to_owned();
    let page = ctx.page(&title).crumb(title, "").with_map();
    render(&view(&ctx, page, &territory, chosen, district))
}

fn view(
    ctx: &Ctx,
    page: Page,
    territory: &Territory,
    chosen: Option<&Place>,
    district: Option<&Area>,
) -> MapPage {
    let links = &territory.network.links;
    let named = links
        .iter()
        .filter(|link| link.name.is_some())
        .map(|link| link.length_m)
        .sum::<f64>();
    let total = links.iter().map(|link| link.length_m).sum::<f64>().max(1.0);
    let around = district.and_then(|area| area.shape.bounding_rect());
    let [w, s, e, n] = around.map_or(ctx.tenant.bbox, |rect| {
        [rect.min().x, rect.min().y, rect.max().x, rect.max().y]
    });
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
        districts: territory
            .districts
            .iter()
            .map(|area| PlaceRow {
                href: format!("/mappa?circoscrizione={}", slug(&area.name)),
                active: district.is_some_and(|d| d.name == area.name),
                name: area.name.clone(),
            })
            .collect(),
        indicative: territory.districts.iter().any(|area| area.indicative),
        places,
        place: chosen
            .map(|place| place.name.clone())
            .or_else(|| district.map(|area| area.name.clone()))
            .unwrap_or_default(),
        attribution: territory.network.attribution.text.clone(),
        licence: territory.network.attribution.licence.clone(),
        source: pieces(&territory.network.attribution.source),
    }
}

/// Splits a text so that the addresses in it can be linked.
fn pieces(text: &str) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("http") {
        let end = rest[start..]
            .find(|c: char| c.is_whitespace() || "<>\"();,".contains(c))
            .map_or(rest.len(), |length| start + length);
        let address = rest[start..end].trim_end_matches('.');
        let link = address.starts_with("https://") || address.starts_with("http://");
        for (text, link) in [(&rest[..start], false), (address, link)] {
            if !text.is_empty() {
                out.push(Piece {
                    text: text.to_owned(),
                    link,
                });
            }
        }
        rest = &rest[start + address.len()..];
    }
    if !rest.is_empty() {
        out.push(Piece {
            text: rest.to_owned(),
            link: false,
        });
    }
    out
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_text_become_links_and_nothing_is_lost() {
        let shown = |text: &str| {
            let all = pieces(text);
            assert_eq!(all.iter().map(|p| p.text.as_str()).collect::<String>(), text);
            let links = all.into_iter().filter(|p| p.link).map(|p| p.text);
            links.collect::<Vec<_>>()
        };
        assert_eq!(
            shown("CAP (https://example.org/a?b=1). Poi http://x.it."),
            ["https://example.org/a?b=1", "http://x.it"]
        );
        assert!(shown("nothing, httpd").is_empty() && shown("").is_empty());
    }
}

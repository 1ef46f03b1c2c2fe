//! `/traffico`: what streets carry when nothing is changed.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use bisenzio_kernel::{Lang, Problem, format};
use bisenzio_web::{Ctx, Page, render};
use serde::Deserialize;

use super::chart::{Chart, scientific};
use super::{Tab, named, plan};
use crate::api::city_of;
use crate::base::{Base, GAP};
use crate::city::City;
use crate::module::COMPUTE;

/// Streets that the table lists.
const LISTED: usize = 25;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    periodo: String,
}

/// A street of the table, by its most loaded stretch.
pub struct Row {
    pub id: String,
    pub name: String,
    pub direction: &'static str,
    pub cars: String,
    pub share: String,
    pub over: bool,
    pub seconds: String,
}

#[derive(Template)]
#[template(path = "traffico.html")]
struct BasePage {
    page: Page,
    source: String,
    tabs: Vec<Tab>,
    period: String,
    period_words: String,
    cars: String,
    vehicle_hours: String,
    over: i64,
    km: String,
    rows: Vec<Row>,
    bounds: String,
    attribution: String,
    geojson: String,
    files: String,
    chart: Chart,
    gap: String,
    seconds: String,
    may_compute: bool,
}

#[derive(Template)]
#[template(path = "traffico_vuoto.html")]
struct EmptyPage {
    page: Page,
}

pub async fn show(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let title = ctx.t("Traffico", "Traffic").to_owned();
    let page = ctx.page(&title).crumb(title, "").describe(ctx.t(
        "Le auto su ogni strada in un giorno feriale, secondo un modello con domanda sintetica.",
        "Cars on every street on a working day, after a model with synthetic demand.",
    ));
    let Some(city) = city_of(&ctx).await? else {
        return render(&EmptyPage { page });
    };
    // Who follows an old address sees the first period rather than an error.
    let at = city.period(&asked.periodo).unwrap_or(0);
    let base = Base::of(ctx.store(), &city, at).await?;
    let (lang, period) = (ctx.lang, &city.periods()[at]);
    let gaps: Vec<f64> = base.history.iter().map(|i| i.relative_gap).collect();
    let loads = city.network.driven.iter().enumerate();
    let over = loads
        .filter(|(link, _)| base.volumes[*link] >= city.network.engine.links[*link].capacity)
        .count();
    render(&BasePage {
        page: page.with_map(),
        source: city.parameters.source.clone(),
        tabs: tabs(&city, at, lang, |id| format!("/traffico?periodo={id}")),
        period: lang.t(&period.it, &period.en).to_owned(),
        period_words: clock(period.from, period.to, lang),
        cars: format::integer(base.demand.total().round() as i64, lang),
        vehicle_hours: format::integer(base.vehicle_hours.round() as i64, lang),
        over: over as i64,
        km: format::number(city.territory.street_km(), 0, lang),
        rows: rows(&city, &base, lang),
        bounds: ctx.tenant.bbox.map(|v| v.to_string()).join(","),
        attribution: city.territory.network.attribution.text.clone(),
        geojson: format!("/api/v1/traffic/base/{}/links.geojson", period.id),
        files: format!("/api/v1/traffic/base/{}", period.id),
        gap: scientific(base.assignment.last.relative_gap, lang),
        seconds: format::number(base.seconds, 3, lang),
        chart: Chart::new(&gaps, GAP, lang),
        may_compute: ctx.may(COMPUTE),
    })
}

/// Periods as tabs.
pub fn tabs(city: &City, active: usize, lang: Lang, href: impl Fn(&str) -> String) -> Vec<Tab> {
    let all = city.periods().iter().enumerate();
    all.map(|(at, period)| Tab {
        href: href(&period.id),
        label: lang.t(&period.it, &period.en).to_owned(),
        active: at == active,
    })
    .collect()
}

/// "dalle 7:00 alle 9:00".
pub fn clock(from: u8, to: u8, lang: Lang) -> String {
    match lang {
        Lang::It => format!("dalle {from}:00 alle {to}:00"),
        Lang::En => format!("from {from}:00 to {to}:00"),
    }
}

/// The streets nearest to their capacity, each by its most loaded stretch.
fn rows(city: &City, base: &Base, lang: Lang) -> Vec<Row> {
    let ratio = |link: usize| base.volumes[link] / city.network.engine.links[link].capacity;
    let mut worst: BTreeMap<&str, usize> = BTreeMap::new();
    for (link, driven) in city.network.driven.iter().enumerate() {
        let best = worst.entry(city.street_name(driven.street)).or_insert(link);
        if ratio(link) > ratio(*best) {
            *best = link;
        }
    }
    let mut links: Vec<usize> = worst.into_values().collect();
    links.sort_by(|a, b| ratio(*b).total_cmp(&ratio(*a)).then(a.cmp(b)));
    links.truncate(LISTED);
    links
        .into_iter()
        .map(|link| {
            let driven = city.network.driven[link];
            let words = plan::direction(city, driven.street, driven.way);
            let free = city.network.engine.links[link].free_flow_time;
            Row {
                id: city.street_id(driven.street).to_owned(),
                name: named(city.street_name(driven.street), lang),
                direction: lang.t(words.0, words.1),
                cars: format::integer(base.volumes[link].round() as i64, lang),
                share: format!("{}%", format::integer((ratio(link) * 100.0).round() as i64, lang)),
                over: ratio(link) >= 1.0,
                seconds: format::integer(((base.minutes[link] - free) * 60.0).round() as i64, lang),
            }
        })
        .collect()
}

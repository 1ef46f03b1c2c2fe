//! `/strade`: the streets, and what has happened on each.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use bisenzio_kernel::{Problem, format, slug};
use bisenzio_territory::Streets;
use bisenzio_web::{Ctx, Page, render};
use serde::Deserialize;

use super::acts::{ActLine, act_line};
use super::view::{Line, bounds, city_bounds, lines, works};
use crate::asked::encode;
use crate::store::acts::{self, ActFilter};
use crate::store::filter::{Condition, Filter};
use crate::store::worksites::{self, Order};

const PER_PAGE: usize = 60;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    q: String,
    tutte: String,
    pagina: String,
}

/// A street of the list.
struct StreetLine {
    href: String,
    name: String,
    works: i64,
    works_words: String,
    length: String,
}

#[derive(Template)]
#[template(path = "strade.html")]
struct StreetsPage {
    page: Page,
    streets: Vec<StreetLine>,
    q: String,
    all: bool,
    with_works: usize,
    total: usize,
    current: usize,
    last: usize,
    pages_href: String,
}

struct Known {
    name: String,
    metres: f64,
    works: i64,
}

pub async fn list(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let streets: Streets = ctx.app.service()?;
    let tenant = ctx.tenant_id().clone();
    let known = ctx
        .store()
        .read(move |tx| {
            let mut known: BTreeMap<String, Known> = BTreeMap::new();
            for link in &streets.network(tx, &tenant)?.links {
                if let Some(name) = &link.name {
                    let new = || Known {
                        name: name.clone(),
                        metres: 0.0,
                        works: 0,
                    };
                    known.entry(slug(name)).or_insert_with(new).metres += link.length_m;
                }
            }
            for (slug, name, works) in crate::store::streets::counts(tx, &tenant)? {
                known
                    .entry(slug)
                    .or_insert_with(|| Known {
                        name,
                        metres: 0.0,
                        works: 0,
                    })
                    .works = works;
            }
            Ok::<_, Problem>(known)
        })
        .await?;
    let with_works = known.values().filter(|k| k.works > 0).count();
    let total = known.len();
    let wanted = slug(&asked.q);
    let all = !asked.tutte.is_empty() || !wanted.is_empty() || with_works == 0;
    let chosen: Vec<(&String, &Known)> = known
        .iter()
        .filter(|(key, k)| (all || k.works > 0) && wanted.split('-').all(|word| key.contains(word)))
        .collect();
    let last = chosen.len().div_ceil(PER_PAGE).max(1);
    let current = asked.pagina.trim().parse::<usize>().unwrap_or(1).clamp(1, last);
    let lang = ctx.lang;
    let lines = chosen
        .iter()
        .skip((current - 1) * PER_PAGE)
        .take(PER_PAGE)
        .map(|(key, k)| StreetLine {
            href: format!("/strade/{key}"),
            name: k.name.clone(),
            works: k.works,
            works_words: works(k.works, lang),
            length: if k.metres > 0.0 {
                metres(k.metres, lang)
            } else {
                String::new()
            },
        })
        .collect();
    let title = ctx.t("Strade della città", "Streets of the city").to_owned();
    let pages_href = format!(
        "/strade?q={}{}&pagina=",
        encode(&asked.q),
        if all { "&tutte=1" } else { "" }
    );
    render(&StreetsPage {
        page: ctx.page(&title).crumb(ctx.t("Strade", "Streets"), ""),
        streets: lines,
        q: asked.q,
        all,
        with_works,
        total,
        current,
        last,
        pages_href,
    })
}

fn metres(length: f64, lang: bisenzio_kernel::Lang) -> String {
    if length >= 1000.0 {
        format!("{} km", format::number(length / 1000.0, 1, lang))
    } else {
        format!("{} m", format::number(length, 0, lang))
    }
}

/// `conclusi=1`: works that are over stand on the map, too.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct WithPast {
    conclusi: String,
}

#[derive(Template)]
#[template(path = "strada.html")]
struct StreetPage {
    page: Page,
    slug: String,
    current: Vec<Line>,
    past: Vec<Line>,
    with_past: bool,
    acts: Vec<ActLine>,
    length: String,
    on_network: bool,
    geojson: String,
    bounds: String,
    total: String,
}

pub async fn one(
    ctx: Ctx,
    Path(wanted): Path<String>,
    Query(asked_map): Query<WithPast>,
) -> Result<Response, Problem> {
    let streets: Streets = ctx.app.service()?;
    let tenant = ctx.tenant_id().clone();
    let key = slug(&wanted);
    let asked = key.clone();
    let (network, list, total, acts_list) = ctx
        .store()
        .read(move |tx| {
            let filter = Filter {
                street: Some(asked.clone()),
                ..Filter::default()
            };
            let condition = Condition::new(&tenant, &filter);
            let list = worksites::list(tx, &condition, Order::Latest, 100, 0)?;
            let total = worksites::count(tx, &condition)?;
            let of_street = ActFilter {
                street: Some(asked),
                ..ActFilter::default()
            };
            let acts_list = acts::list(tx, &tenant, &of_street, 50, 0)?;
            Ok::<_, Problem>((streets.network(tx, &tenant)?, list, total, acts_list))
        })
        .await?;
    let links: Vec<_> = network
        .links
        .iter()
        .filter(|l| l.name.as_deref().is_some_and(|name| slug(name) == key))
        .collect();
    let name = links.first().and_then(|l| l.name.clone());
    let tenant = ctx.tenant_id().clone();
    let name = match name {
        Some(name) => name,
        None => {
            let key = key.clone();
            ctx.store()
                .read(move |tx| {
                    crate::store::streets::counts(tx, &tenant)
                        .map_err(Problem::from)
                        .map(|all| {
                            all.into_iter()
                                .find(|(slug, _, _)| *slug == key)
                                .map(|(_, name, _)| name)
                        })
                })
                .await?
                .ok_or_else(|| Problem::not_found("There is no such street"))?
        }
    };
    let length: f64 = links.iter().map(|l| l.length_m).sum();
    let area = bounds(links.iter().map(|l| l.geometry.as_slice()));
    let page = ctx
        .page(&name)
        .crumb(ctx.t("Strade", "Streets"), "/strade")
        .crumb(name.clone(), "")
        .describe(format!(
            "{} {name}",
            ctx.t("Cantieri e ordinanze di", "Roadworks and ordinances of")
        ))
        .feed("RSS", "application/rss+xml", format!("/cantieri.rss?via={key}"))
        .feed("iCalendar", "text/calendar", format!("/cantieri.ics?via={key}"))
        .with_map();
    let (past, current): (Vec<_>, Vec<_>) = list
        .into_iter()
        .partition(|work| work.status(ctx.today()).is_over());
    let with_past = !asked_map.conclusi.trim().is_empty();
    render(&StreetPage {
        page,
        current: lines(&current, ctx.today(), ctx.lang),
        past: lines(&past, ctx.today(), ctx.lang),
        with_past,
        acts: acts_list.iter().map(|act| act_line(act, ctx.lang)).collect(),
        length: if length > 0.0 {
            metres(length, ctx.lang)
        } else {
            String::new()
        },
        on_network: !links.is_empty(),
        geojson: format!(
            "/cantieri.geojson?via={key}&ambito=elenco{}",
            if with_past { "&conclusi=1" } else { "" }
        ),
        bounds: if area.is_empty() {
            city_bounds(&ctx.tenant)
        } else {
            area
        },
        total: works(total, ctx.lang),
        slug: key,
    })
}

//! Putting on the map by hand what could not be found: with the map, or by names without it.

#![allow(
    clippy::cmp_owned,
    reason = "the shared select macro compares any two displayable values"
)]

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use bisenzio_kernel::{Problem, TenantId, format};
use bisenzio_store::Tx;
use bisenzio_streets::Outcome;
use bisenzio_territory::Streets;
use bisenzio_web::{Ctx, Errors, Form, Page, redirect, render, with_flash};
use serde::Deserialize;

use super::view::{Choice, bounds, city_bounds};
use super::worksite::precision_words;
use crate::model::{Precision, headline, measure};
use crate::placing::Ground;
use crate::service;
use crate::store::places::{self, Unplaced};
use crate::store::worksites;

const PER_PAGE: i64 = 30;

/// As many placements as the list of what the office placed shows.
const MOST_PLACED: i64 = 100;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Paged {
    pagina: String,
    /// What was placed last, "code/seq": its undo is offered.
    dopo: String,
}

/// What was placed a moment ago.
struct Just {
    label: String,
    undo: String,
    connected: bool,
}

impl Just {
    /// Stretches that do not hang together are kept, with a warning.
    fn kind(&self) -> &'static str {
        if self.connected { "success" } else { "warning" }
    }
}

/// A place that stands where the office put it.
struct PlacedLine {
    href: String,
    label: String,
    text: String,
}

#[derive(Template)]
#[template(path = "da_collocare.html")]
struct QueuePage {
    page: Page,
    list: Vec<(String, String, String, u8, &'static str, bool)>,
    numbers: Vec<(&'static str, i64)>,
    placed: Vec<PlacedLine>,
    just: Option<Just>,
    may_place: bool,
    current: i64,
    last: i64,
}

pub async fn list(ctx: Ctx, Query(paged): Query<Paged>) -> Result<Response, Problem> {
    let number: i64 = paged.pagina.trim().parse().unwrap_or(1).clamp(1, 100_000);
    let tenant = ctx.tenant_id().clone();
    let (streets, today, after): (Streets, _, _) = (ctx.app.service()?, ctx.today(), paged.dopo.clone());
    let (list, numbers, total, placed, just) = ctx
        .store()
        .read(move |tx| {
            let list = places::unplaced(tx, &tenant, today, PER_PAGE, (number - 1) * PER_PAGE)?;
            let day = jiff::civil::Date::ZERO;
            let total = crate::store::rooms::counters(tx, &tenant, day)?.unplaced;
            let placed = places::placed(tx, &tenant, MOST_PLACED)?;
            let just = just(tx, &tenant, &streets, &after)?;
            Ok::<_, Problem>((list, places::precisions(tx, &tenant)?, total, placed, just))
        })
        .await?;
    let lang = ctx.lang;
    let line = |p: Unplaced| {
        let href = format!("/situation-room/da-collocare/{}/{}", p.code, p.seq);
        let heading = format!("{} · {}", p.code, lang.t(&p.heading_it, &p.heading_en));
        (
            href,
            p.label,
            heading,
            p.severity,
            measure::severity_words(p.severity, lang),
            p.live,
        )
    };
    let title = ctx
        .t("Tratti da collocare sulla mappa", "Stretches to place on the map")
        .to_owned();
    render(&QueuePage {
        page: ctx
            .page(&title)
            .crumb("Situation Room", "/situation-room")
            .crumb(title, ""),
        list: list.into_iter().map(line).collect(),
        numbers: numbers
            .into_iter()
            .map(|(p, n)| (precision_words(p, lang), n))
            .collect(),
        placed: placed
            .into_iter()
            .map(|p| PlacedLine {
                href: format!("/situation-room/da-collocare/{}/{}", p.code, p.seq),
                label: p.label,
                text: format!(
                    "{} · {}, {}",
                    p.code,
                    p.placed_by,
                    format::instant(p.placed_at, &ctx.tenant.timezone, lang)
                ),
            })
            .collect(),
        just,
        may_place: ctx.may(service::PLACE),
        current: number,
        last: ((total + PER_PAGE - 1) / PER_PAGE).max(1),
    })
}

#[derive(Template)]
#[template(path = "colloca.html")]
struct PlacePage {
    page: Page,
    code: String,
    worksite: String,
    label: String,
    measures: Vec<String>,
    precision: &'static str,
    explanation: String,
    links: String,
    /// Names of the chosen links, JSON.
    names: String,
    /// Streets that stand out on the map, as JSON and in words.
    highlight: String,
    near: String,
    just: Option<Just>,
    bounds: String,
    streets: Vec<Choice>,
    via: String,
    da: String,
    a: String,
    errors: Vec<FieldMessage>,
    link_error: String,
    street_error: String,
    history: Vec<(String, bool)>,
    can_undo: bool,
    action: String,
}

/// For the summary above the form.
struct FieldMessage {
    field: String,
    message: String,
}

#[derive(Default)]
struct Typed {
    /// `None` where nothing was typed yet.
    links: Option<String>,
    /// See [`Paged::dopo`].
    after: String,
    via: String,
    da: String,
    a: String,
}

pub async fn form(
    ctx: Ctx,
    Path((code, seq)): Path<(String, usize)>,
    Query(asked): Query<Paged>,
) -> Result<Response, Problem> {
    let typed = Typed {
        after: asked.dopo,
        ..Typed::default()
    };
    show(&ctx, &code, seq, typed, &Errors::default()).await
}

async fn show(ctx: &Ctx, code: &str, seq: usize, typed: Typed, errors: &Errors) -> Result<Response, Problem> {
    let streets: Streets = ctx.app.service()?;
    let (tenant, wanted) = (ctx.tenant_id().clone(), code.to_owned());
    let after = typed.after.clone();
    let (work, ground, history, just) = ctx
        .store()
        .read(move |tx| {
            let (_, work) = worksites::one(tx, &tenant, &wanted)?
                .ok_or_else(|| Problem::not_found("There is no such worksite"))?;
            let history = places::placements(tx, &tenant, &wanted)?;
            let just = just(tx, &tenant, &streets, &after)?;
            Ok::<_, Problem>((work, Ground::of(&streets, tx, &tenant)?, history, just))
        })
        .await?;
    let lang = ctx.lang;
    let place = work
        .places
        .get(seq)
        .ok_or_else(|| Problem::not_found("There is no such place"))?;
    let label = place
        .label()
        .unwrap_or_else(|| ctx.t("Strada non indicata", "Street not told").to_owned());
    let mut measures: Vec<String> = work
        .measures
        .iter()
        .filter(|m| m.place == seq)
        .map(|m| measure::words(&m.code, lang))
        .collect();
    measures.dedup();
    let zone = &ctx.tenant.timezone;
    let history: Vec<_> = history
        .into_iter()
        .map(|(_, p)| p)
        .filter(|p| p.place == place.key())
        .collect();
    let can_undo = history.iter().any(|p| p.undone.is_none());
    let history = history
        .iter()
        .rev()
        .map(|p| {
            let placed = format!(
                "{} {}, {}",
                ctx.t("Collocato da", "Placed by"),
                p.placed_by,
                format::instant(p.placed_at, zone, lang)
            );
            match &p.undone {
                None => (placed, false),
                Some((by, at)) => (
                    format!(
                        "{placed}; {} {by}, {}",
                        ctx.t("annullato da", "taken back by"),
                        format::instant(*at, zone, lang)
                    ),
                    true,
                ),
            }
        })
        .collect();
    let meant = ground.meant(
        place.street.as_deref(),
        &format!(
            "{label} {} {}",
            work.title,
            work.works.as_deref().unwrap_or_default()
        ),
    );
    // Where to look: at the place itself, else at what its text names and the work's other places.
    let mut area = bounds(place.spot.lines.iter().map(Vec::as_slice));
    if area.is_empty() {
        let others = work.places.iter().flat_map(|p| p.spot.lines.iter().cloned());
        let lines: Vec<_> = ground.lines_of(&meant).into_iter().chain(others).collect();
        area = bounds(lines.iter().map(Vec::as_slice));
    }
    let mut near = meant.clone();
    for name in work.places.iter().flat_map(|p| &p.spot.streets) {
        if !near.contains(name) {
            near.push(name.clone());
        }
    }
    let links = typed.links.clone().unwrap_or_else(|| {
        if place.spot.precision == Precision::PlacedByHand {
            place.spot.links.join(",")
        } else {
            String::new()
        }
    });
    let ids: Vec<String> = links.split(',').map(|id| id.trim().to_owned()).collect();
    let page = ctx
        .page(ctx.t("Colloca sulla mappa", "Place on the map"))
        .crumb("Situation Room", "/situation-room")
        .crumb(ctx.t("Da collocare", "To place"), "/situation-room/da-collocare")
        .crumb(label.clone(), "")
        .with_map();
    let template = PlacePage {
        page,
        code: code.to_owned(),
        worksite: headline::heading(&work, lang),
        label,
        measures,
        precision: precision_words(place.spot.precision, lang),
        explanation: lang.t(&place.spot.it, &place.spot.en).to_owned(),
        // What the text names is proposed by name, unless the office has chosen already.
        via: match (&typed.links, links.is_empty()) {
            (None, true) => meant.first().cloned().unwrap_or_default(),
            _ => typed.via,
        },
        names: json(&ground.names_of(&ids)),
        highlight: json(&near),
        near: near.join(", "),
        just,
        links,
        bounds: if area.is_empty() {
            city_bounds(&ctx.tenant)
        } else {
            area
        },
        streets: ground
            .streets()
            .into_values()
            .map(|(name, _)| Choice::new(name.clone(), name))
            .collect(),
        da: typed.da,
        a: typed.a,
        errors: errors
            .list()
            .into_iter()
            .map(|(field, message)| FieldMessage {
                field: if field == "links" {
                    String::new()
                } else {
                    field.to_owned()
                },
                message: message.to_owned(),
            })
            .collect(),
        link_error: errors.of("links").to_owned(),
        street_error: errors.of("via").to_owned(),
        history,
        can_undo,
        action: format!("/situation-room/da-collocare/{code}/{seq}"),
    };
    let mut response = render(&template)?;
    if !errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

pub async fn save(
    ctx: Ctx,
    Path((code, seq)): Path<(String, usize)>,
    form: Form,
) -> Result<Response, Problem> {
    let typed = Typed {
        links: Some(form.get("links").to_owned()),
        after: String::new(),
        via: form.get("via").to_owned(),
        da: form.get("da").to_owned(),
        a: form.get("a").to_owned(),
    };
    let streets: Streets = ctx.app.service()?;
    let picked: Vec<String> = form
        .get("links")
        .split(',')
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect();
    let mut errors = Errors::default();
    if picked.is_empty() && typed.via.is_empty() {
        errors.add(
            "via",
            ctx.t(
                "Occorre scegliere un tratto sulla mappa oppure una strada dall'elenco",
                "Choose a stretch on the map or a street from the list",
            ),
        );
        return show(&ctx, &code, seq, typed, &errors).await;
    }
    let (via, stretch) = (typed.via.clone(), stretch(&typed.da, &typed.a));
    let (tenant, actor, env) = (ctx.tenant.clone(), ctx.actor.clone(), ctx.app.env.clone());
    let (wanted, today) = (code.clone(), ctx.today());
    let outcome = ctx
        .store()
        .write(move |tx| {
            let ground = Ground::of(&streets, tx, &tenant.id)?;
            let links = if picked.is_empty() {
                named(&ground, &via, stretch.as_deref())?
            } else {
                picked.clone()
            };
            service::place_by_hand(tx, &env, &tenant, &actor, &ground, &wanted, seq, &links)?;
            let next = places::unplaced(tx, &tenant.id, today, 2, 0)?
                .into_iter()
                .find(|p| p.code != wanted || usize::try_from(p.seq) != Ok(seq));
            Ok::<_, Problem>(next)
        })
        .await;
    match outcome {
        // On to the next in the queue; the page there confirms and offers to undo.
        Ok(next) => Ok(redirect(&match next {
            Some(p) => format!(
                "/situation-room/da-collocare/{}/{}?dopo={code}/{seq}",
                p.code, p.seq
            ),
            None => format!("/situation-room/da-collocare?dopo={code}/{seq}"),
        })),
        Err(problem) if problem.status == 422 => {
            let mut errors = Errors::default();
            for error in &problem.errors {
                errors.add(&error.field, translated(&ctx, &error.field));
            }
            show(&ctx, &code, seq, typed, &errors).await
        }
        Err(problem) => Err(problem),
    }
}

/// What the address says was placed a moment ago, when it stands where the office put it.
fn just(tx: &mut Tx<'_>, tenant: &TenantId, streets: &Streets, after: &str) -> Result<Option<Just>, Problem> {
    let Some((code, seq)) = after.split_once('/') else {
        return Ok(None);
    };
    let Some((_, work)) = worksites::one(tx, tenant, code)? else {
        return Ok(None);
    };
    let place = seq.parse::<usize>().ok().and_then(|seq| work.places.get(seq));
    let Some(place) = place.filter(|p| p.spot.precision == Precision::PlacedByHand) else {
        return Ok(None);
    };
    Ok(Some(Just {
        label: place.label().unwrap_or_default(),
        undo: format!("/situation-room/da-collocare/{code}/{seq}/annulla"),
        connected: Ground::of(streets, tx, tenant)?.connected(&place.spot.links),
    }))
}

/// For a data attribute of the map.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// "tra via Marini e via Orti del Pero", when at least one end is told.
fn stretch(from: &str, to: &str) -> Option<String> {
    match (from.is_empty(), to.is_empty()) {
        (false, false) => Some(format!("tra {from} e {to}")),
        (false, true) => Some(format!("all'intersezione con {from}")),
        (true, false) => Some(format!("all'intersezione con {to}")),
        (true, true) => None,
    }
}

/// The links of a stretch that is told by names.
fn named(ground: &Ground, via: &str, stretch: Option<&str>) -> Result<Vec<String>, Problem> {
    let wrong = |field: &str, detail: &str| {
        Problem::invalid(vec![bisenzio_kernel::FieldError {
            field: field.into(),
            detail: detail.into(),
        }])
    };
    match ground.locator().locate(via, stretch) {
        Outcome::Located(found)
            if stretch.is_some() && found.precision == bisenzio_streets::Precision::WholeStreet =>
        {
            Err(wrong("da", "the cross streets are not found"))
        }
        Outcome::Located(found) => {
            let mut links: Vec<String> = found
                .links
                .iter()
                .map(|s| ground.network.links[s.link].id.clone())
                .collect();
            links.dedup();
            Ok(links)
        }
        Outcome::Unmatched(_) => Err(wrong("via", "the street is not in the network")),
    }
}

fn translated<'a>(ctx: &'a Ctx, field: &str) -> &'a str {
    match field {
        "da" => ctx.t(
            "Le strade che delimitano il tratto non si trovano lungo questa strada",
            "The cross streets are not found along this street",
        ),
        "via" => ctx.t(
            "La strada non è nella rete stradale caricata",
            "The street is not in the loaded network",
        ),
        _ => ctx.t(
            "Occorre scegliere almeno un tratto della rete stradale",
            "Choose at least one stretch of the network",
        ),
    }
}

pub async fn undo(
    ctx: Ctx,
    Path((code, seq)): Path<(String, usize)>,
    _form: Form,
) -> Result<Response, Problem> {
    let streets: Streets = ctx.app.service()?;
    let (tenant, actor, env) = (ctx.tenant.clone(), ctx.actor.clone(), ctx.app.env.clone());
    let wanted = code.clone();
    ctx.store()
        .write(move |tx| {
            let ground = Ground::of(&streets, tx, &tenant.id)?;
            service::undo_placement(tx, &env, &tenant, &actor, &ground, &wanted, seq)
        })
        .await?;
    Ok(with_flash(
        redirect(&format!("/situation-room/da-collocare/{code}/{seq}")),
        "success",
        ctx.t(
            "La collocazione è stata annullata.",
            "The placement has been taken back.",
        ),
    ))
}

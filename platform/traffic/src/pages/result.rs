//! `/traffico/scenari/{id}`: what a scenario costs, beside the base. While it is computed the page says how far it is.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use bisenzio_kernel::{Lang, Problem, format};
use bisenzio_web::{Ctx, Form, Page, redirect, render};
use serde::Deserialize;

use super::base::{clock, tabs};
use super::chart::{Chart, scientific};
use super::{Tab, form, named, plan};
use crate::api::{PATIENCE, city_of, who};
use crate::base::GAP;
use crate::change::Change;
use crate::city::City;
use crate::result::{PeriodResult, Scenario, StreetChange};
use crate::room::Progress;
use crate::scenario::{self, State};

/// Lines of each table.
const LISTED: usize = 10;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    periodo: String,
    /// Number of a detour to draw, from 1.
    deviazione: String,
}

/// A street that gains or loses.
struct StreetRow {
    id: String,
    name: String,
    direction: &'static str,
    before: String,
    after: String,
    difference: String,
}

struct TripRow {
    from: String,
    to: String,
    cars: String,
    before: String,
    after: String,
}

struct DetourRow {
    text: String,
    ways: String,
    href: String,
    active: bool,
}

struct PeriodRow {
    name: String,
    before: String,
    after: String,
    difference: String,
}

#[derive(Template)]
#[template(path = "risultato.html")]
struct ResultPage {
    page: Page,
    source: String,
    extra: String,
    headline: String,
    before: String,
    after: String,
    unserved: String,
    changes: Vec<String>,
    change_href: String,
    tabs: Vec<Tab>,
    period: String,
    period_words: String,
    rows: Vec<PeriodRow>,
    gains: Vec<StreetRow>,
    losses: Vec<StreetRow>,
    delays: Vec<TripRow>,
    cut_off: Vec<TripRow>,
    cut_off_words: String,
    detours: Vec<DetourRow>,
    bus: Vec<(String, String)>,
    bounds: String,
    attribution: String,
    base_map: String,
    scenario_map: String,
    files: String,
    chart: Chart,
    gap: String,
    seconds: String,
    address: String,
}

#[derive(Template)]
#[template(path = "calcolo.html")]
struct WaitingPage {
    page: Page,
    changes: Vec<String>,
    done: usize,
    of: usize,
    iteration: usize,
    gap: String,
    cancel: String,
    again: String,
}

pub async fn show(ctx: Ctx, Path(id): Path<String>, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let Some(city) = city_of(&ctx).await? else {
        return Ok(redirect("/traffico"));
    };
    let changes = scenario::changes(ctx.store(), ctx.tenant_id(), &id).await?;
    let (store, env) = (ctx.store(), &ctx.app.env);
    let by = who(&ctx);
    let begun = scenario::begin(store, env, ctx.tenant_id(), &by, &city, changes.clone());
    let done = match begun.await {
        Ok((_, State::Done(done))) => done,
        Ok((_, State::Running(run))) => match tokio::time::timeout(PATIENCE, run.wait()).await {
            Ok(done) => done?,
            Err(_) => return waiting(&ctx, &city, &id, &changes, &run.progress()),
        },
        // The network has changed since, and the scenario no longer fits: the form shows what is left of it.
        Err(problem) if problem.status == 422 => return Ok(redirect(&form::address(&changes))),
        Err(problem) => return Err(problem),
    };
    page(&ctx, &city, &done, &changes, &asked)
}

/// Stops a computation.
pub async fn cancel(ctx: Ctx, Path(id): Path<String>, _form: Form) -> Result<Response, Problem> {
    let Some(city) = city_of(&ctx).await? else {
        return Ok(redirect("/traffico"));
    };
    let changes = scenario::changes(ctx.store(), ctx.tenant_id(), &id).await?;
    if let Some(run) = scenario::under_way(ctx.store(), ctx.tenant_id(), &city, &id) {
        run.cancel();
    }
    Ok(redirect(&form::address(&changes)))
}

fn waiting(
    ctx: &Ctx,
    city: &City,
    id: &str,
    changes: &[Change],
    progress: &Progress,
) -> Result<Response, Problem> {
    let title = ctx.t("Calcolo in corso", "Computing").to_owned();
    render(&WaitingPage {
        page: crumbs(ctx, &title),
        changes: words(city, changes, ctx.lang),
        done: progress.done,
        of: progress.of,
        iteration: progress.iteration,
        gap: scientific(progress.gap, ctx.lang),
        cancel: format!("/traffico/scenari/{id}/annulla"),
        again: format!("/traffico/scenari/{id}"),
    })
}

fn crumbs(ctx: &Ctx, title: &str) -> Page {
    ctx.page(title)
        .crumb(ctx.t("Traffico", "Traffic"), "/traffico")
        .crumb(title, "")
}

fn words(city: &City, changes: &[Change], lang: Lang) -> Vec<String> {
    let mut all: Vec<String> = changes.iter().map(|c| form::words(city, c, lang)).collect();
    all.dedup();
    all
}

fn page(
    ctx: &Ctx,
    city: &City,
    done: &Scenario,
    changes: &[Change],
    asked: &Asked,
) -> Result<Response, Problem> {
    let lang = ctx.lang;
    // Without a choice, the time of day that loses most.
    let worst = done.worst().map_or("", |p| p.id.as_str());
    let wanted = if asked.periodo.is_empty() {
        worst
    } else {
        &asked.periodo
    };
    let at = city.period(wanted).unwrap_or(0);
    let period = done.periods.get(at).ok_or_else(Problem::internal)?;
    let hours = &city.periods()[at];
    let here = format!("/traffico/scenari/{}", done.id);
    let detour: usize = asked.deviazione.parse().unwrap_or(0);
    let title = ctx.t("Effetto sul traffico", "Effect on traffic").to_owned();
    let whole = |value: f64| format::integer(value.round() as i64, lang);
    let table = |gains: bool| {
        let mut all: Vec<&StreetChange> = period
            .streets
            .iter()
            .filter(|s| (s.after > s.before) == gains)
            .collect();
        // Of each street the stretch that changes most stands for it.
        let mut seen = BTreeSet::new();
        all.retain(|s| s.name.is_empty() || seen.insert(&s.name));
        all.truncate(LISTED);
        all.into_iter()
            .map(|s| street_row(city, s, lang))
            .collect::<Vec<_>>()
    };
    render(&ResultPage {
        source: done.source.clone(),
        extra: signed(done.extra_vehicle_hours, lang),
        headline: headline(done, lang),
        before: whole(done.vehicle_hours_before),
        after: whole(done.vehicle_hours_after),
        unserved: whole(done.unserved),
        changes: words(city, changes, lang),
        change_href: form::address(changes),
        tabs: tabs(city, at, lang, |id| format!("{here}?periodo={id}")),
        period: lang.t(&hours.it, &hours.en).to_owned(),
        period_words: clock(hours.from, hours.to, lang),
        rows: period_rows(city, done, lang),
        gains: table(true),
        losses: table(false),
        delays: period
            .delays
            .iter()
            .take(LISTED)
            .map(|d| TripRow {
                from: d.origin.clone(),
                to: d.destination.clone(),
                cars: whole(d.cars),
                before: format::number(d.before, 1, lang),
                after: format::number(d.after, 1, lang),
            })
            .collect(),
        cut_off: period
            .unserved
            .iter()
            .take(LISTED)
            .map(|u| TripRow {
                from: u.origin.clone(),
                to: u.destination.clone(),
                cars: format::number(u.cars, 1, lang),
                before: String::new(),
                after: String::new(),
            })
            .collect(),
        cut_off_words: cut_off_words(period, lang),
        detours: detours(city, period, &here, detour, lang),
        bus: done
            .bus_lines
            .iter()
            .map(|line| (line.name.clone(), line.stops.join(", ")))
            .collect(),
        bounds: ctx.tenant.bbox.map(|v| v.to_string()).join(","),
        attribution: city.territory.network.attribution.text.clone(),
        base_map: format!("/api/v1/traffic/base/{}/links.geojson", period.id),
        scenario_map: format!(
            "/api/v1/traffic/scenarios/{}/{}/links.geojson?detour={detour}",
            done.id, period.id
        ),
        files: format!("/api/v1/traffic/scenarios/{}/{}", done.id, period.id),
        chart: Chart::new(&period.convergence, GAP, lang),
        gap: scientific(period.relative_gap, lang),
        seconds: format::number(done.seconds, 3, lang),
        address: format!("{}{here}", ctx.base_url),
        page: crumbs(ctx, &title).with_map(),
    })
}

/// The answer in a sentence: first who cannot travel any more, then what the others lose.
fn headline(done: &Scenario, lang: Lang) -> String {
    let hours = format::integer(done.extra_vehicle_hours.abs().round() as i64, lang);
    let change = if done.extra_vehicle_hours.abs() < 0.5 {
        lang.t(
            "quasi nulla cambia: meno di un'ora di viaggio",
            "almost nothing changes: less than an hour of travel",
        )
        .to_owned()
    } else {
        match (done.extra_vehicle_hours > 0.0, lang) {
            (true, Lang::It) => format!("si perdono {hours} ore di viaggio in più, su tutte le auto"),
            (false, Lang::It) => format!("si risparmiano {hours} ore di viaggio, su tutte le auto"),
            (true, Lang::En) => format!("all cars together lose {hours} more hours of travel"),
            (false, Lang::En) => format!("all cars together save {hours} hours of travel"),
        }
    };
    let cut = done.unserved.round() as i64;
    let number = format::integer(cut, lang);
    match (cut, lang) {
        (0, Lang::It) => format!("In un giorno feriale {change}."),
        (0, Lang::En) => format!("On a working day {change}."),
        (_, Lang::It) => {
            format!("In un giorno feriale {number} auto non trovano più un percorso; per le altre {change}.")
        }
        (_, Lang::En) => {
            format!("On a working day {number} cars find no way any more; for the others {change}.")
        }
    }
}

/// How many trips find no way, when the table does not list them all.
fn cut_off_words(period: &PeriodResult, lang: Lang) -> String {
    let pairs = format::integer(period.unserved.len() as i64, lang);
    let cars = period.unserved.iter().fold(0.0, |all, u| all + u.cars);
    let cars = format::integer(cars.round() as i64, lang);
    match lang {
        Lang::It => format!("{cars} auto all'ora, tra {pairs} coppie di zone. Domanda sintetica."),
        Lang::En => format!("{cars} cars an hour between {pairs} pairs of zones. Synthetic demand."),
    }
}

/// A difference with its sign; the minus is the typographic one.
fn signed(value: f64, lang: Lang) -> String {
    let whole = value.round() as i64;
    match whole {
        0 => "0".to_owned(),
        n if n > 0 => format!("+{}", format::integer(n, lang)),
        n => format!("−{}", format::integer(-n, lang)),
    }
}

fn street_row(city: &City, change: &StreetChange, lang: Lang) -> StreetRow {
    let words = city
        .street(&change.street)
        .map_or(("", ""), |street| plan::direction(city, street, change.way));
    StreetRow {
        id: change.street.clone(),
        name: named(&change.name, lang),
        direction: lang.t(words.0, words.1),
        before: format::integer(change.before.round() as i64, lang),
        after: format::integer(change.after.round() as i64, lang),
        difference: signed(change.after - change.before, lang),
    }
}

fn period_rows(city: &City, done: &Scenario, lang: Lang) -> Vec<PeriodRow> {
    let all = done.periods.iter().zip(city.periods());
    all.map(|(result, period)| PeriodRow {
        name: lang.t(&period.it, &period.en).to_owned(),
        before: format::integer(result.vehicle_hours_before.round() as i64, lang),
        after: format::integer(result.vehicle_hours_after.round() as i64, lang),
        difference: signed(result.extra_vehicle_hours, lang),
    })
    .collect()
}

/// Detours in words: "Maliseti - Mezzana: 120 auto all'ora, per Via X e Via Y".
fn detours(city: &City, period: &PeriodResult, here: &str, active: usize, lang: Lang) -> Vec<DetourRow> {
    let all = period.detours.iter().enumerate();
    all.map(|(at, detour)| {
        let mut names: Vec<&str> = Vec::new();
        if let Some(way) = detour.ways.first() {
            for street in &way.streets {
                let name = city.street_name(*street);
                if !name.is_empty() && names.last() != Some(&name) {
                    names.push(name);
                }
            }
        }
        let ways = if names.is_empty() {
            lang.t("nessun percorso", "no way").to_owned()
        } else {
            names.join(", ")
        };
        DetourRow {
            text: format!(
                "{} – {}: {} {}",
                detour.origin,
                detour.destination,
                format::integer(detour.cars.round() as i64, lang),
                lang.t("auto all'ora", "cars an hour")
            ),
            ways,
            href: format!("{here}?periodo={}&deviazione={}", period.id, at + 1),
            active: active == at + 1,
        }
    })
    .collect()
}

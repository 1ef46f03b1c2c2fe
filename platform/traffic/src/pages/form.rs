//! `/traffico/scenario`: choosing what to change. The address holds the changes, so that going back undoes and a link
//! shares; adding is a form that is sent by GET and works without scripts.

#![allow(
    clippy::cmp_owned,
    reason = "the shared select macro compares any two displayable values"
)]

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use bisenzio_kernel::{Lang, Problem, format, slug};
use bisenzio_web::{Ctx, Errors, Form, Page, redirect, render};
use serde::Deserialize;

use super::{Choice, named, plan};
use crate::api::{city_of, who};
use crate::change::{Change, MOST, Ways, translate};
use crate::city::City;
use crate::network::Way;
use crate::scenario;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    /// The changes so far, see [`plan`].
    m: String,
    /// Not empty: something is to be added.
    aggiungi: String,
    /// Stretches chosen on the map, separated by commas.
    links: String,
    /// Or a street by its name.
    via: String,
    effetto: String,
    valore: String,
    verso: String,
}

/// A change in words, with the address without it.
struct Line {
    text: String,
    without: String,
    label: String,
}

struct Message {
    field: String,
    message: String,
}

#[derive(Template)]
#[template(path = "scenario.html")]
struct FormPage {
    page: Page,
    source: String,
    m: String,
    lines: Vec<Line>,
    streets: Vec<String>,
    effects: Vec<Choice>,
    directions: Vec<Choice>,
    via: String,
    links: String,
    names: String,
    effect: String,
    value: String,
    direction: String,
    center: String,
    zoom: String,
    messages: Vec<Message>,
    street_error: String,
    value_error: String,
    direction_error: String,
}

pub async fn show(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let Some(city) = city_of(&ctx).await? else {
        return Ok(redirect("/traffico"));
    };
    let changes = plan::read(&asked.m);
    if asked.aggiungi.is_empty() {
        return page(&ctx, &city, &asked, &changes, &Errors::default());
    }
    match added(&ctx, &city, &asked) {
        Ok(new) => {
            let mut all = changes.clone();
            all.extend(new);
            if all.len() > MOST {
                let mut errors = Errors::default();
                errors.add("via", too_many(ctx.lang));
                return page(&ctx, &city, &asked, &changes, &errors);
            }
            Ok(redirect(&address(&all)))
        }
        Err(errors) => page(&ctx, &city, &asked, &changes, &errors),
    }
}

/// Sends the changes off.
pub async fn compute(ctx: Ctx, form: Form) -> Result<Response, Problem> {
    let Some(city) = city_of(&ctx).await? else {
        return Ok(redirect("/traffico"));
    };
    let changes = plan::read(form.get("m"));
    let (store, env) = (ctx.store(), &ctx.app.env);
    let begun = scenario::begin(store, env, ctx.tenant_id(), &who(&ctx), &city, changes.clone()).await;
    match begun {
        Ok((id, _)) => Ok(redirect(&format!("/traffico/scenari/{id}"))),
        Err(problem) if problem.status == 422 => {
            let mut errors = Errors::default();
            errors.add("via", refused(&ctx, changes.is_empty()));
            page(&ctx, &city, &Asked::default(), &changes, &errors)
        }
        Err(problem) => Err(problem),
    }
}

fn refused(ctx: &Ctx, empty: bool) -> &str {
    if empty {
        ctx.t(
            "Occorre aggiungere almeno un cambiamento",
            "Add at least one change",
        )
    } else {
        ctx.t(
            "Un cambiamento non si può applicare alla rete di oggi: conviene toglierlo",
            "One change cannot be made on today's network: better remove it",
        )
    }
}

fn too_many(lang: Lang) -> &'static str {
    lang.t(
        "Un calcolo considera al massimo 500 tratti",
        "A computation considers at most 500 stretches",
    )
}

/// Address of the page with some changes.
pub fn address(changes: &[Change]) -> String {
    if changes.is_empty() {
        "/traffico/scenario".to_owned()
    } else {
        format!("/traffico/scenario?m={}", plan::write(changes))
    }
}

/// What the form asks to add.
fn added(ctx: &Ctx, city: &City, asked: &Asked) -> Result<Vec<Change>, Errors> {
    let mut errors = Errors::default();
    let streets = chosen(city, asked);
    if streets.is_empty() {
        errors.add(
            "via",
            ctx.t(
                "Occorre scegliere almeno un tratto sulla mappa, o una strada della rete",
                "Choose at least one stretch on the map, or a street of the network",
            ),
        );
    }
    let number = asked.valore.trim().replace(',', ".").parse::<f64>().ok();
    let within = |from: f64, to: f64| number.filter(|n| (from..=to).contains(n));
    let compass = asked.verso.as_str();
    let ways = |street: usize| match plan::towards(city, street, compass) {
        None => Ways::Both,
        Some(Way::Forward) => Ways::Forward,
        Some(Way::Backward) => Ways::Backward,
    };
    match asked.effetto.as_str() {
        "restringi" if within(1.0, 99.0).is_none() => errors.add(
            "valore",
            ctx.t(
                "Per restringere occorre una percentuale tra 1 e 99",
                "Narrowing takes a percentage between 1 and 99",
            ),
        ),
        "limite" if within(5.0, 130.0).is_none() => errors.add(
            "valore",
            ctx.t(
                "Il limite è una velocità tra 5 e 130 km/h",
                "The limit is a speed between 5 and 130 km/h",
            ),
        ),
        "senso-unico" if !["n", "e", "s", "o"].contains(&compass) => errors.add(
            "verso",
            ctx.t(
                "Per il senso unico occorre dire verso dove si circola",
                "For a one-way street, say where traffic goes",
            ),
        ),
        _ => {}
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let value = number.unwrap_or(0.0);
    let changes: Vec<Change> = streets
        .into_iter()
        .filter_map(|at| {
            let street = city.street_id(at).to_owned();
            let change = match asked.effetto.as_str() {
                "restringi" => Change::Capacity {
                    street,
                    ways: ways(at),
                    percent: value,
                },
                "limite" => Change::Speed {
                    street,
                    ways: ways(at),
                    kmh: value,
                },
                "senso-unico" => Change::OneWay {
                    way: plan::towards(city, at, compass)?,
                    street,
                },
                _ => Change::Close {
                    street,
                    ways: ways(at),
                },
            };
            // Of a whole street, stretches that are not driven that way have nothing to change.
            translate(city, std::slice::from_ref(&change))
                .is_ok()
                .then_some(change)
        })
        .collect();
    if changes.is_empty() {
        errors.add(
            "verso",
            ctx.t(
                "Su questi tratti nessuno circola in quel verso",
                "Nobody drives these stretches that way",
            ),
        );
        return Err(errors);
    }
    Ok(changes)
}

/// Streets chosen on the map, else those of a name.
fn chosen(city: &City, asked: &Asked) -> Vec<usize> {
    let picked: BTreeSet<usize> = asked
        .links
        .split(',')
        .filter_map(|id| city.street(id.trim()))
        .collect();
    if !picked.is_empty() {
        return picked.into_iter().collect();
    }
    let wanted = slug(&asked.via);
    let named = |street: &usize| !wanted.is_empty() && slug(city.street_name(*street)) == wanted;
    (0..city.network.links_of.len())
        .filter(|street| city.network.of_street(*street).next().is_some())
        .filter(named)
        .collect()
}

fn page(
    ctx: &Ctx,
    city: &Arc<City>,
    asked: &Asked,
    changes: &[Change],
    errors: &Errors,
) -> Result<Response, Problem> {
    let lang = ctx.lang;
    let title = ctx.t("Prova un cambiamento", "Try a change").to_owned();
    let choice = |value: &str, it: &str, en: &str| Choice {
        value: value.to_owned(),
        label: lang.t(it, en).to_owned(),
    };
    let streets: BTreeSet<&str> = city
        .network
        .driven
        .iter()
        .map(|d| city.street_name(d.street))
        .filter(|name| !name.is_empty())
        .collect();
    let names: serde_json::Map<String, serde_json::Value> = asked
        .links
        .split(',')
        .filter_map(|id| city.street(id.trim()))
        .map(|at| {
            (
                city.street_id(at).to_owned(),
                named(city.street_name(at), lang).into(),
            )
        })
        .collect();
    render(&FormPage {
        page: ctx
            .page(&title)
            .crumb(ctx.t("Traffico", "Traffic"), "/traffico")
            .crumb(title, "")
            .with_map(),
        source: city.parameters.source.clone(),
        m: plan::write(changes),
        lines: lines(city, changes, lang),
        streets: streets.into_iter().map(str::to_owned).collect(),
        effects: vec![
            choice("chiudi", "Chiudi al traffico", "Close to traffic"),
            choice(
                "restringi",
                "Restringi: resta una parte della capacità (%)",
                "Narrow: a part of the capacity stays (%)",
            ),
            choice("limite", "Limite di velocità (km/h)", "Speed limit (km/h)"),
            choice("senso-unico", "Senso unico", "One way"),
        ],
        directions: vec![
            choice("n", "Verso nord", "Northbound"),
            choice("e", "Verso est", "Eastbound"),
            choice("s", "Verso sud", "Southbound"),
            choice("o", "Verso ovest", "Westbound"),
        ],
        via: asked.via.clone(),
        links: asked.links.clone(),
        names: serde_json::Value::Object(names).to_string(),
        effect: asked.effetto.clone(),
        value: asked.valore.clone(),
        direction: asked.verso.clone(),
        // Near enough for streets to be hit, where most of them are.
        center: ctx.tenant.center.map(|v| v.to_string()).join(","),
        zoom: ctx.tenant.zoom.to_string(),
        messages: errors
            .list()
            .into_iter()
            .map(|(field, message)| Message {
                field: field.to_owned(),
                message: message.to_owned(),
            })
            .collect(),
        street_error: errors.of("via").to_owned(),
        value_error: errors.of("valore").to_owned(),
        direction_error: errors.of("verso").to_owned(),
    })
}

/// Changes in words. Stretches of one street with the same effect stand on one line and are taken off together.
fn lines(city: &City, changes: &[Change], lang: Lang) -> Vec<Line> {
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    for (at, change) in changes.iter().enumerate() {
        let text = words(city, change, lang);
        match groups.iter_mut().find(|group| group.0 == text) {
            Some(group) => group.1.push(at),
            None => groups.push((text, vec![at])),
        }
    }
    groups
        .into_iter()
        .map(|(text, members)| {
            let rest: Vec<Change> = changes
                .iter()
                .enumerate()
                .filter(|(at, _)| !members.contains(at))
                .map(|(_, change)| change.clone())
                .collect();
            let count = members.len() as i64;
            let stretches = match (count, lang) {
                (1, Lang::It) => "1 tratto".to_owned(),
                (1, Lang::En) => "1 stretch".to_owned(),
                (n, Lang::It) => format!("{} tratti", format::integer(n, lang)),
                (n, Lang::En) => format!("{} stretches", format::integer(n, lang)),
            };
            Line {
                label: text.clone(),
                text: format!("{text} ({stretches})"),
                without: address(&rest),
            }
        })
        .collect()
}

/// A change in words: "Via Pistoiese: chiusa, verso nord".
pub fn words(city: &City, change: &Change, lang: Lang) -> String {
    let of = |id: &str| {
        let name = city.street(id).map(|street| city.street_name(street));
        named(name.unwrap_or(id), lang)
    };
    let street = of(change.street());
    let side = |ways: Ways| {
        let way = match ways {
            Ways::Both => return String::new(),
            Ways::Forward => Way::Forward,
            Ways::Backward => Way::Backward,
        };
        toward(city, change.street(), way, lang)
    };
    match change {
        Change::Close { ways, .. } => {
            format!(
                "{street}: {}{}",
                lang.t("chiusura al traffico", "closed to traffic"),
                side(*ways)
            )
        }
        Change::Capacity { ways, percent, .. } => format!(
            "{street}: {} {}%{}",
            lang.t("capacità ridotta al", "capacity down to"),
            format::number(*percent, 0, lang),
            side(*ways)
        ),
        Change::Speed { ways, kmh, .. } => format!(
            "{street}: {} {} km/h{}",
            lang.t("limite di", "limit of"),
            format::number(*kmh, 0, lang),
            side(*ways)
        ),
        Change::OneWay { way, .. } => format!(
            "{street}: {}{}",
            lang.t("senso unico", "one way"),
            toward(city, change.street(), *way, lang)
        ),
        Change::BanTurn { to, .. } => format!(
            "{street}: {} {}",
            lang.t("divieto di svolta in", "no turning into"),
            of(to)
        ),
    }
}

fn toward(city: &City, street: &str, way: Way, lang: Lang) -> String {
    city.street(street).map_or_else(String::new, |at| {
        let (it, en) = plan::direction(city, at, way);
        format!(", {}", lang.t(it, en))
    })
}

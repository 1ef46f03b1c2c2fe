//! `/grafo/cose/{id}`: an entity: what is known of it, where it is, how it is linked, what it was.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::{AttributeInstance, AttributeKind, Context, DateTime, Entity};
use bisenzio_web::{Ctx, Page, render};

use super::reading::{Reader, read};
use super::relations::{self, Incoming, Link};
use super::story::{self, Series, Step};
use super::values::Shown;
use super::words::{cut, short, tail};
use super::{Words, links, missing, shapes};
use crate::GraphError;
use crate::store::history::Recorded;

struct Row {
    label: String,
    /// The name that programs use.
    name: String,
    values: Vec<ValueRow>,
}

struct ValueRow {
    shown: Shown,
    observed: String,
    /// Quality, source and whatever else is told of the value.
    notes: Vec<(String, String)>,
}

struct TypeLink {
    label: String,
    href: String,
}

#[derive(Template)]
#[template(path = "grafo_cosa.html")]
struct ThingPage {
    page: Page,
    types: Vec<TypeLink>,
    id: String,
    description: String,
    rows: Vec<Row>,
    outgoing: Vec<Link>,
    incoming: Vec<Link>,
    incoming_partial: bool,
    series: Vec<Series>,
    steps: Vec<Step>,
    geojson: String,
    bounds: String,
    created: String,
    changed: String,
    api: String,
    command: String,
}

struct Found {
    entity: Entity,
    outgoing: Vec<Link>,
    incoming: Incoming,
    past: Vec<Recorded>,
}

pub(crate) async fn page(ctx: Ctx, Path(id): Path<String>) -> Result<Response, Problem> {
    let words = Words::of(&ctx);
    let (looking, wanted) = (words.clone(), id.clone());
    let found = read(&ctx, move |tx, reader| find(tx, reader, &looking, &wanted)).await?;
    match found {
        Some(found) => show(&ctx, &words, found),
        None => missing::thing(&ctx, &id),
    }
}

fn find(
    tx: &mut bisenzio_store::Tx<'_>,
    reader: &Reader,
    words: &Words,
    id: &str,
) -> Result<Option<Found>, GraphError> {
    let Some(entity) = reader.one(tx, id)? else {
        return Ok(None);
    };
    Ok(Some(Found {
        outgoing: relations::outgoing(tx, reader, words, &entity)?,
        incoming: relations::incoming(tx, reader, words, &entity.id)?,
        past: reader.past(tx, &entity, story::MOST_RECORDS)?,
        entity,
    }))
}

fn show(ctx: &Ctx, words: &Words, found: Found) -> Result<Response, Problem> {
    let entity = &found.entity;
    let title = words.title(entity);
    let (series, steps) = story::tell(words, entity, &found.past);
    let types: Vec<TypeLink> = entity
        .types
        .iter()
        .map(|iri| TypeLink {
            label: words.entity_type(iri),
            href: links::of_type(&short(iri)),
        })
        .collect();
    let bounds = shapes::bounds(entity);
    let mut page = ctx
        .page(title.clone())
        .crumb(ctx.t("Grafo della città", "City graph"), links::HOME);
    if let Some(first) = types.first() {
        page = page.crumb(first.label.clone(), first.href.clone());
    }
    page = page.crumb(cut(&title, 60), "");
    page.map = bounds.is_some();
    page.chart = !series.is_empty();
    let context = Context::core();
    let named = context.expand("description");
    let description = entity
        .instances(&named)
        .first()
        .and_then(|one| match words.instance(&named, one) {
            Shown { text, items, .. } if items.is_empty() => Some(text),
            _ => None,
        })
        .unwrap_or_default();
    let api = format!("{}/{}", links::ENTITIES, links::encode(&entity.id));
    let time = |at: Option<DateTime>| at.map(|at| words.instant(at.micros())).unwrap_or_default();
    render(&ThingPage {
        types,
        id: entity.id.as_str().to_owned(),
        rows: rows(words, entity, &title, !description.is_empty()),
        description,
        outgoing: found.outgoing,
        incoming: found.incoming.links,
        incoming_partial: found.incoming.partial,
        series,
        steps,
        geojson: if bounds.is_some() {
            format!("{}/mappa.geojson", links::thing(&entity.id))
        } else {
            String::new()
        },
        bounds: bounds.unwrap_or_default(),
        created: time(entity.created_at),
        changed: time(entity.modified_at),
        command: format!("curl -H 'Accept: application/ld+json' '{}{api}'", ctx.base_url),
        api,
        page,
    })
}

/// All attributes that are not links. What stands elsewhere on the page is left out.
fn rows(words: &Words, entity: &Entity, title: &str, described: bool) -> Vec<Row> {
    let is_title = |name: &str, list: &[AttributeInstance]| match list {
        [only] if only.sub_attributes.is_empty() => words.instance(name, only).text == title,
        _ => false,
    };
    let is_link = |one: &AttributeInstance| {
        matches!(
            one.kind(),
            AttributeKind::Relationship | AttributeKind::ListRelationship
        )
    };
    entity
        .attributes
        .iter()
        .filter(|(name, list)| {
            let said = (described && short(name) == "description") || is_title(name, list);
            !said && !list.iter().all(is_link)
        })
        .map(|(name, list)| Row {
            label: words.attribute(name),
            name: short(name),
            values: list.iter().map(|one| value(words, name, one)).collect(),
        })
        .collect()
}

fn value(words: &Words, name: &str, instance: &AttributeInstance) -> ValueRow {
    let mut notes: Vec<(String, String)> = Vec::new();
    if let Some(dataset) = &instance.dataset_id {
        notes.push((
            words.t("Serie di dati", "Set of data").to_owned(),
            tail(dataset).to_owned(),
        ));
    }
    for (sub, list) in &instance.sub_attributes {
        for one in list {
            let text = words.instance(sub, one).line();
            notes.push((words.attribute(sub), cut(&text, 300)));
        }
    }
    ValueRow {
        shown: words.instance(name, instance),
        observed: instance
            .observed_at
            .map(|at| words.instant(at.micros()))
            .unwrap_or_default(),
        notes,
    }
}

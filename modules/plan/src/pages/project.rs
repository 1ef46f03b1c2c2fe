//! `/piano/{year}/{slug}`: one project's year.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use bisenzio_kernel::{Lang, Problem};
use bisenzio_web::{Ctx, Page, render, text_as};
use serde_json::{Value, json};

use super::views::IndicatorView;
use super::{index, year};
use crate::model::{
    Collection, Discrepancy, EntityLink, Link, Partner, Place, Project, Snapshot, choice_label, event_kinds,
    project_kinds, states, tone,
};
use crate::service::EDIT;
use crate::{cache, display, labels, note};

#[derive(Template)]
#[template(path = "plan_project.html")]
struct ProjectPage {
    page: Page,
    year: i64,
    path: String,
    eyebrow: String,
    title: String,
    summary: Vec<String>,
    kind: String,
    state: String,
    tone: &'static str,
    smart_field: String,
    frozen: bool,
    may_edit: bool,
    indicators: Vec<IndicatorView>,
    series: Vec<Series>,
    events: Vec<EventView>,
    groups: Vec<ActionGroup>,
    collections: Vec<CollectionView>,
    figures: Vec<FigureView>,
    discrepancies: Vec<Discrepancy>,
    partners: Vec<Partner>,
    links: Vec<Link>,
    places: Vec<PlaceView>,
    geojson: String,
    bounds: String,
    years: Vec<(i64, String)>,
}

/// An indicator over the years.
struct Series {
    id: String,
    label: String,
    points: Vec<Point>,
}

struct Point {
    year: i64,
    declared: String,
    declared_raw: String,
    computed: String,
    computed_raw: String,
}

struct EventView {
    id: String,
    when: String,
    datetime: String,
    kind: String,
    title: String,
    text: String,
    links: Vec<EntityLink>,
}

struct ActionGroup {
    title: String,
    actions: Vec<ActionView>,
}

struct ActionView {
    id: String,
    title: String,
    state: String,
    tone: &'static str,
    text: String,
    href: String,
}

struct CollectionView {
    id: String,
    title: String,
    intro: String,
    columns: Vec<ColumnView>,
    groups: Vec<(String, Vec<RowView>)>,
}

struct ColumnView {
    label: String,
    numeric: bool,
}

struct RowView {
    href: String,
    cells: Vec<String>,
}

struct FigureView {
    id: String,
    label: String,
    value: String,
    when: String,
    text: String,
}

struct PlaceView {
    id: String,
    name: String,
    href: String,
    kind: String,
    address: String,
    on_map: bool,
}

pub async fn page(ctx: Ctx, Path((asked, slug)): Path<(String, String)>) -> Result<Response, Problem> {
    let lang = ctx.lang;
    let snapshot = cache::edition(&ctx, Some(year(&asked)?)).await?;
    let project = snapshot
        .project(&slug)
        .ok_or_else(|| Problem::not_found("There is no such project"))?;
    let mut others = Vec::new();
    for (year, _) in index::years(&ctx).await? {
        let edition = if year == snapshot.edition.year {
            snapshot.clone()
        } else {
            cache::edition(&ctx, Some(year)).await?
        };
        if edition.project(&slug).is_some() {
            others.push(edition);
        }
    }
    others.sort_by_key(|edition| edition.edition.year);
    let edition = &snapshot.edition;
    let before = others
        .iter()
        .rev()
        .find(|other| other.edition.year < edition.year);
    let section = snapshot
        .sections
        .iter()
        .find(|section| section.number == project.section);
    let places: Vec<PlaceView> = project
        .places
        .iter()
        .map(|place| place_view(place, lang))
        .collect();
    let on_map = places.iter().any(|place| place.on_map);
    let series = series(project, &others, lang);
    let mut page = ctx
        .page(project.full_title())
        .describe(project.summary.first().cloned().unwrap_or_default())
        .crumb(ctx.t("Piano", "Plan"), "/piano")
        .crumb(edition.year.to_string(), format!("/piano/{}", edition.year))
        .crumb(project.code.clone().unwrap_or_else(|| project.title.clone()), "");
    if on_map {
        page = page.with_map();
    }
    if !series.is_empty() {
        page = page.with_chart();
    }
    let path = project.path(edition.year);
    let b = ctx.tenant.bbox;
    render(&ProjectPage {
        page,
        year: edition.year,
        eyebrow: section
            .map(|s| format!("{} {}", project.number, s.title))
            .unwrap_or_default(),
        title: project.full_title(),
        summary: project.summary.clone(),
        kind: choice_label(project_kinds(), &project.kind, lang),
        state: choice_label(states(), &project.state, lang),
        tone: tone(&project.state),
        smart_field: project.smart_field.clone().unwrap_or_default(),
        frozen: edition.is_frozen(),
        may_edit: ctx.may(EDIT) && !edition.is_frozen(),
        indicators: project
            .indicators
            .iter()
            .map(|i| {
                let earlier = before.and_then(|b| b.indicator(&slug, &i.id));
                IndicatorView::new(i, earlier, before.map_or(0, |b| b.edition.year), lang)
            })
            .collect(),
        series,
        events: events(project, lang),
        groups: groups(project, lang),
        collections: project.collections.iter().map(|c| collection(c, lang)).collect(),
        figures: project
            .figures
            .iter()
            .map(|f| FigureView {
                id: f.id.clone(),
                label: f.label.clone(),
                value: display::quantity(f.value, &f.unit, lang),
                when: display::figure_when(f, lang),
                text: f.text.clone(),
            })
            .collect(),
        discrepancies: project.discrepancies.clone(),
        partners: project.partners.clone(),
        links: project.links.clone(),
        geojson: if on_map {
            format!("{path}/luoghi.geojson")
        } else {
            String::new()
        },
        bounds: format!("{},{},{},{}", b[0], b[1], b[2], b[3]),
        places,
        years: others
            .iter()
            .rev()
            .map(|e| (e.edition.year, format!("/piano/{}/{slug}", e.edition.year)))
            .collect(),
        path,
    })
}

/// Only indicators that have values in more than one year make a series.
fn series(project: &Project, editions: &[std::sync::Arc<Snapshot>], lang: Lang) -> Vec<Series> {
    project
        .indicators
        .iter()
        .map(|indicator| {
            let points = editions.iter().filter_map(|edition| {
                let found = edition.indicator(&project.slug, &indicator.id)?;
                found.value()?;
                let text = |v: Option<f64>| v.map(|v| display::number(v, lang)).unwrap_or_default();
                let raw = |v: Option<f64>| v.map(|v| v.to_string()).unwrap_or_default();
                Some(Point {
                    year: edition.edition.year,
                    declared: text(found.declared),
                    declared_raw: raw(found.declared),
                    computed: text(found.computed_value()),
                    computed_raw: raw(found.computed_value()),
                })
            });
            Series {
                id: indicator.id.clone(),
                label: indicator.label.clone(),
                points: points.collect(),
            }
        })
        .filter(|series: &Series| series.points.len() > 1)
        .collect()
}

fn events(project: &Project, lang: Lang) -> Vec<EventView> {
    let mut events: Vec<_> = project.events.iter().collect();
    events.sort_by_key(|event| event.date);
    events
        .into_iter()
        .map(|event| {
            let mut links: Vec<EntityLink> = event.place.iter().chain(&event.entities).cloned().collect();
            links.retain(|link| !link.url.is_empty());
            links.dedup();
            EventView {
                id: event.id.clone(),
                when: display::span(event.date, event.until, lang),
                datetime: event.date.to_string(),
                kind: choice_label(event_kinds(), &event.kind, lang),
                title: event.title.clone(),
                text: event.text.clone(),
                links,
            }
        })
        .collect()
}

fn groups(project: &Project, lang: Lang) -> Vec<ActionGroup> {
    let mut groups: Vec<ActionGroup> = Vec::new();
    for action in &project.actions {
        let view = ActionView {
            id: action.id.clone(),
            title: action.title.clone(),
            state: choice_label(states(), &action.state, lang),
            tone: tone(&action.state),
            text: action.text.clone(),
            href: action
                .entity
                .as_ref()
                .map(|entity| entity.url.clone())
                .unwrap_or_default(),
        };
        match groups.iter_mut().find(|group| group.title == action.group) {
            Some(group) => group.actions.push(view),
            None => groups.push(ActionGroup {
                title: action.group.clone(),
                actions: vec![view],
            }),
        }
    }
    groups
}

fn collection(collection: &Collection, lang: Lang) -> CollectionView {
    let numeric = |n: usize| {
        let mut cells = collection
            .rows
            .iter()
            .filter_map(|row| row.cells.get(n))
            .filter(|cell| !cell.is_null())
            .peekable();
        cells.peek().is_some() && cells.all(Value::is_number)
    };
    let columns = collection.columns.iter().enumerate();
    CollectionView {
        id: collection.id.clone(),
        title: collection.title.clone(),
        intro: collection.intro.clone(),
        columns: columns
            .map(|(n, c)| ColumnView {
                label: c.label.clone(),
                numeric: numeric(n),
            })
            .collect(),
        groups: note::grouped(collection)
            .into_iter()
            .map(|(group, rows)| {
                let rows = rows.into_iter().map(|row| RowView {
                    href: row.entity.url.clone(),
                    cells: row.cells.iter().map(|cell| display::value(cell, lang)).collect(),
                });
                (group.unwrap_or_default().to_owned(), rows.collect())
            })
            .collect(),
    }
}

fn place_view(place: &Place, lang: Lang) -> PlaceView {
    PlaceView {
        id: short(&place.entity.id).to_owned(),
        name: place.entity.name.clone(),
        href: place.entity.url.clone(),
        kind: labels::entity_type(&place.entity_type, lang),
        address: if place.address == place.entity.name {
            String::new()
        } else {
            place.address.clone()
        },
        on_map: place.geometry.is_some(),
    }
}

fn short(urn: &str) -> &str {
    urn.rsplit(':').next().unwrap_or(urn)
}

pub async fn geojson(ctx: Ctx, Path((asked, slug)): Path<(String, String)>) -> Result<Response, Problem> {
    let snapshot = cache::edition(&ctx, Some(year(&asked)?)).await?;
    let project = snapshot
        .project(&slug)
        .ok_or_else(|| Problem::not_found("There is no such project"))?;
    let features: Vec<Value> = project
        .places
        .iter()
        .filter_map(|place| {
            Some(json!({
                "type": "Feature",
                "geometry": place.geometry.as_ref()?,
                "properties": {
                    "id": short(&place.entity.id), "title": place.entity.name, "street": place.address,
                    "status": labels::entity_type(&place.entity_type, ctx.lang), "url": place.entity.url,
                },
            }))
        })
        .collect();
    geojson_response(&features)
}

pub fn geojson_response(features: &[Value]) -> Result<Response, Problem> {
    let body = json!({"type": "FeatureCollection", "features": features});
    Ok(text_as("application/geo+json", body.to_string()))
}

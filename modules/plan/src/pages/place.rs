//! `/piano/luoghi/{type}/{id}`: a thing of the city graph, readable.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use bisenzio_kernel::{Lang, Problem, TenantId};
use bisenzio_store::Tx;
use bisenzio_web::{Ctx, Page, render};
use serde_json::{Value, json};

use crate::error::PlanError;
use crate::model::{EntityLink, Project};
use crate::{display, graph, labels, model_text, store};

#[derive(Template)]
#[template(path = "plan_place.html")]
struct PlacePage {
    page: Page,
    title: String,
    kind: String,
    description: String,
    rows: Vec<Row>,
    projects: Vec<EntityLink>,
    /// The page's own GeoJSON as a `data:`-free inline value; empty without a position.
    geojson: String,
    center: String,
    position: String,
    api: String,
}

struct Row {
    label: String,
    text: String,
    links: Vec<EntityLink>,
}

struct Found {
    entity: Value,
    rows: Vec<(String, Value, Vec<EntityLink>)>,
    projects: Vec<EntityLink>,
}

pub async fn page(ctx: Ctx, Path((entity_type, id)): Path<(String, String)>) -> Result<Response, Problem> {
    // Programs get the position from the same address.
    let (id, as_geojson) = id
        .strip_suffix(".geojson")
        .map_or((id.as_str(), false), |id| (id, true));
    let urn = graph::urn(&entity_type, ctx.tenant_id(), id);
    let tenant = ctx.tenant_id().clone();
    let wanted = urn.clone();
    let found = ctx.store().read(move |tx| find(tx, &tenant, &wanted)).await;
    let found = found.map_err(|error: PlanError| Problem::from(error))?;
    let title = graph::name_of(&found.entity);
    let kind = labels::entity_type(&entity_type, ctx.lang);
    let location = found
        .entity
        .get("location")
        .filter(|value| value.get("coordinates").is_some());
    if as_geojson {
        let location = location.ok_or_else(|| Problem::not_found("The thing has no position"))?;
        return super::project::geojson_response(&[json!({
            "type": "Feature", "geometry": location,
            "properties": {"id": id, "title": title, "status": kind, "url": graph::page_of(&urn)},
        })]);
    }
    let rows = found
        .rows
        .into_iter()
        .map(|(name, value, links)| Row {
            label: labels::attribute(&name, ctx.lang),
            text: if links.is_empty() {
                words(&name, &value, ctx.lang)
            } else {
                String::new()
            },
            links,
        })
        .filter(|row| !row.text.is_empty() || !row.links.is_empty())
        .collect();
    let mut page = ctx
        .page(title.clone())
        .crumb(ctx.t("Piano", "Plan"), "/piano")
        .crumb(title.clone(), "");
    let point = location.and_then(first_point);
    if point.is_some() {
        page = page.with_map();
    }
    render(&PlacePage {
        page,
        kind,
        description: found
            .entity
            .get("description")
            .and_then(model_text)
            .unwrap_or_default(),
        rows,
        projects: found.projects,
        geojson: if point.is_some() {
            format!("{}.geojson", graph::page_of(&urn))
        } else {
            String::new()
        },
        center: point.map(|(lon, lat)| format!("{lon},{lat}")).unwrap_or_default(),
        position: point
            .map(|(lon, lat)| position(lon, lat, &ctx))
            .unwrap_or_default(),
        api: format!("/ngsi-ld/v1/entities/{urn}"),
        title,
    })
}

/// A value in words; states and roles are coded.
fn words(name: &str, value: &Value, lang: Lang) -> String {
    match value.as_str() {
        Some(code) if name.ends_with("State") || name == "role" => labels::coded(code, lang),
        _ => display::value(value, lang),
    }
}

fn position(lon: f64, lat: f64, ctx: &Ctx) -> String {
    let number = |value: f64| bisenzio_kernel::format::number(value, 5, ctx.lang);
    format!(
        "{} {}, {} {}",
        ctx.t("latitudine", "latitude"),
        number(lat),
        ctx.t("longitudine", "longitude"),
        number(lon)
    )
}

/// The first position of any geometry.
fn first_point(geometry: &Value) -> Option<(f64, f64)> {
    let mut inner = geometry.get("coordinates")?;
    while inner.get(0)?.is_array() {
        inner = inner.get(0)?;
    }
    Some((inner.get(0)?.as_f64()?, inner.get(1)?.as_f64()?))
}

/// Shown elsewhere on the page, or of use to programs only.
const HIDDEN: &[&str] = &[
    "id",
    "type",
    "@context",
    "location",
    "name",
    "description",
    "project",
    "projects",
    "category",
    "account",
    "situationRoom",
];

/// What says where the rest comes from is read last.
const LAST: &[&str] = &["note", "source", "locationSource", "locationNote"];

fn find(tx: &mut Tx<'_>, tenant: &TenantId, urn: &str) -> Result<Found, PlanError> {
    let entity = bisenzio_graph::simplified(tx, tenant, urn)?.ok_or(PlanError::NotFound("thing"))?;
    let mut rows = Vec::new();
    // The state in words, where a record has it, makes its code needless.
    let in_words = entity.get("stateLabel").is_some();
    if let Some(map) = entity.as_object() {
        for (name, value) in map {
            if in_words && name.ends_with("State") {
                continue;
            }
            if HIDDEN.contains(&name.as_str()) {
                continue;
            }
            rows.push((name.clone(), value.clone(), links(tx, tenant, value)?));
        }
    }
    rows.sort_by_key(|(name, _, _)| LAST.iter().position(|last| last == name).map_or(0, |at| at + 1));
    let mut slugs: Vec<String> = Vec::new();
    for value in [entity.get("projects"), entity.get("project")]
        .into_iter()
        .flatten()
    {
        let list = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        slugs.extend(list.iter().filter_map(model_text));
    }
    slugs.sort();
    slugs.dedup();
    let mut projects = Vec::new();
    for slug in slugs {
        projects.extend(project_link(tx, tenant, &slug)?);
    }
    Ok(Found {
        entity,
        rows,
        projects,
    })
}

/// What a relationship refers to, or the web address that a value is.
fn links(tx: &mut Tx<'_>, tenant: &TenantId, value: &Value) -> Result<Vec<EntityLink>, PlanError> {
    let list = value
        .as_array()
        .map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
    let mut out = Vec::new();
    for one in list {
        if let Some(address) = one
            .as_str()
            .filter(|text| text.starts_with("https://") || text.starts_with("http://"))
        {
            out.push(EntityLink {
                id: String::new(),
                name: address.to_owned(),
                url: address.to_owned(),
            });
            continue;
        }
        let Some(urn) = one.as_str().filter(|text| text.starts_with("urn:ngsi-ld:")) else {
            return Ok(Vec::new());
        };
        match bisenzio_graph::simplified(tx, tenant, urn)? {
            Some(entity) => out.push(graph::link_of(&entity)),
            None => out.push(EntityLink {
                id: urn.to_owned(),
                name: urn.rsplit(':').next().unwrap_or(urn).to_owned(),
                url: String::new(),
            }),
        }
    }
    Ok(out)
}

fn project_link(tx: &mut Tx<'_>, tenant: &TenantId, slug: &str) -> Result<Option<EntityLink>, PlanError> {
    let Some(year) = store::read::latest_year(tx, tenant, slug)? else {
        return Ok(None);
    };
    let key = store::items::Key {
        tenant,
        year,
        project: slug,
        id: "",
    };
    let Some(item) = store::items::fetch(tx, key, crate::model::ItemKind::Project)? else {
        return Ok(None);
    };
    let get = |name: &str| item.values.get(name).cloned().unwrap_or_default();
    let code = Some(get("code")).filter(|code| !code.is_empty());
    let project = Project {
        slug: slug.to_owned(),
        code,
        title: get("title"),
        ..Project::default()
    };
    Ok(Some(EntityLink {
        id: String::new(),
        name: project.full_title(),
        url: project.path(year),
    }))
}

//! `/grafo/tipi/{type}`: the things of a type, as a table and on the map.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::{AttributeKind, AttributeValue, Context, Entity};
use bisenzio_web::{Ctx, Page, render};
use serde::Deserialize;

use super::index::holds;
use super::reading::{Reader, read};
use super::words::{cut, short};
use super::{Words, links, missing, shapes};
use crate::GraphError;
use crate::query;

const PER_PAGE: usize = 50;
/// Things that a filter shows.
const MOST_FILTERED: usize = 200;
/// Columns beside name and last change: with a map beside the table there is less room.
const COLUMNS: usize = 4;
const COLUMNS_BESIDE_MAP: usize = 2;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
    pagina: String,
}

struct Row {
    id: String,
    href: String,
    title: String,
    cells: Vec<Cell>,
    changed: String,
}

struct Cell {
    label: String,
    text: String,
}

#[derive(Template)]
#[template(path = "grafo_tipo.html")]
struct TypePage {
    page: Page,
    /// The name that programs use.
    name: String,
    q: String,
    caption: String,
    columns: Vec<String>,
    rows: Vec<Row>,
    partial: bool,
    drawn: bool,
    bounds: String,
    path: String,
    current: usize,
    last: usize,
    pages_href: String,
    api: String,
    most_exported: String,
    whole: bool,
}

struct Listed {
    entities: Vec<Entity>,
    partial: bool,
    total: usize,
    matched: usize,
}

pub(crate) async fn page(
    ctx: Ctx,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let words = Words::of(&ctx);
    let of_type = Context::core().expand(&name).into_owned();
    let q = cut(asked.q.trim(), 200);
    let wanted = asked.pagina.trim().parse::<usize>().unwrap_or(1).max(1);
    let (looking, wanted_type, text) = (words.clone(), of_type.clone(), q.clone());
    let listed = read(&ctx, move |tx, reader| {
        list(tx, reader, &looking, &wanted_type, &text, wanted)
    })
    .await?;
    if listed.total == 0 {
        return missing::of_type(&ctx, &name);
    }
    let last = listed.matched.div_ceil(PER_PAGE).max(1);
    let path = links::of_type(&short(&of_type));
    let drawn = listed.entities.iter().any(shapes::is_drawn);
    let most = if drawn { COLUMNS_BESIDE_MAP } else { COLUMNS };
    let columns = columns(&words, &listed.entities, most);
    let title = words.entity_type(&of_type);
    let mut page = ctx
        .page(title.clone())
        .crumb(ctx.t("Grafo della città", "City graph"), links::HOME)
        .crumb(title, "");
    if drawn {
        page = page.with_map().feed(
            "GeoJSON",
            "application/geo+json",
            format!("{path}/elenco.geojson"),
        );
    }
    let count = words.things(i64::try_from(listed.total).unwrap_or(i64::MAX));
    let caption = if q.is_empty() {
        count
    } else {
        let matched = words.things(i64::try_from(listed.matched).unwrap_or(i64::MAX));
        format!("{matched} {} «{q}»", words.t("con", "with"))
    };
    render(&TypePage {
        rows: listed
            .entities
            .iter()
            .map(|one| row(&words, one, &columns))
            .collect(),
        columns: columns.into_iter().map(|(_, label)| label).collect(),
        partial: listed.partial,
        drawn,
        bounds: ctx.tenant.bbox.map(|v| v.to_string()).join(","),
        current: wanted.min(last),
        last,
        pages_href: format!("{path}?q={}&pagina=", links::encode(&q)),
        api: format!(
            "{}?type={}&format=simplified&limit=1000",
            links::ENTITIES,
            links::encode(&short(&of_type))
        ),
        most_exported: words.count(super::exports::MOST),
        whole: listed.total <= super::exports::MOST,
        name: short(&of_type),
        page,
        path,
        caption,
        q,
    })
}

/// One page of the type, or of those of it that hold the text.
fn list(
    tx: &mut bisenzio_store::Tx<'_>,
    reader: &Reader,
    words: &Words,
    of_type: &str,
    text: &str,
    wanted: usize,
) -> Result<Listed, GraphError> {
    let page = |limit, offset| query::Page {
        limit,
        offset,
        count: true,
    };
    if text.is_empty() {
        let first = reader.of_type(tx, of_type, page(0, 0))?;
        let total = first.total.unwrap_or(0);
        let current = wanted.min(total.div_ceil(PER_PAGE).max(1));
        let found = reader.of_type(tx, of_type, page(PER_PAGE, (current - 1) * PER_PAGE))?;
        return Ok(Listed {
            entities: found.entities,
            partial: false,
            total,
            matched: total,
        });
    }
    let total = reader.of_type(tx, of_type, page(0, 0))?.total.unwrap_or(0);
    let folded = text.to_lowercase();
    let holds = |entity: &Entity| holds(words, entity, &folded);
    let found = reader.search(tx, Some(of_type), text, MOST_FILTERED, &holds)?;
    let matched = found.entities.len();
    let current = wanted.min(matched.div_ceil(PER_PAGE).max(1));
    let entities = found.entities.into_iter().skip((current - 1) * PER_PAGE);
    Ok(Listed {
        entities: entities.take(PER_PAGE).collect(),
        partial: found.partial,
        total,
        matched,
    })
}

/// Attributes (expanded) that tell the most of these things, with their words: those that most of them have and
/// that are short.
fn columns(words: &Words, entities: &[Entity], most: usize) -> Vec<(String, String)> {
    let mut known: HashMap<&str, (usize, usize)> = HashMap::new();
    for entity in entities {
        for (name, list) in &entity.attributes {
            let next = known.len();
            let tells = list.iter().any(|one| is_short(&one.value));
            let about = ["name", "title", "alternateName", "description", "source", "note"];
            if tells && !about.contains(&short(name).as_str()) {
                known.entry(name).or_insert((0, next)).0 += 1;
            }
        }
    }
    let mut all: Vec<(&str, (usize, usize))> = known.into_iter().collect();
    all.sort_by_key(|(_, (count, place))| (usize::MAX - count, *place));
    all.into_iter()
        .take(most)
        .map(|(name, _)| (name.to_owned(), words.attribute(name)))
        .collect()
}

fn is_short(value: &AttributeValue) -> bool {
    match value {
        AttributeValue::Property(serde_json::Value::String(text)) => text.chars().count() <= 60,
        AttributeValue::Property(value) => {
            value.is_number() || value.is_boolean() || value.get("@value").is_some()
        }
        other => other.kind() == AttributeKind::VocabProperty,
    }
}

fn row(words: &Words, entity: &Entity, columns: &[(String, String)]) -> Row {
    Row {
        id: entity.id.as_str().to_owned(),
        href: links::thing(&entity.id),
        title: words.title(entity),
        cells: columns
            .iter()
            .map(|(name, label)| Cell {
                label: label.clone(),
                text: words.cell(entity, name),
            })
            .collect(),
        changed: entity
            .modified_at
            .map(|at| words.moment(at.micros()))
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::{entity, words};
    use serde_json::json;

    #[test]
    fn columns_are_what_most_things_tell_shortly() {
        let things = [
            entity(
                &json!({ "id": "urn:a:1", "type": "A", "name": "x", "rare": 1, "state": "on",
                "long": "y".repeat(100), "many": [1, 2] }),
            ),
            entity(&json!({ "id": "urn:a:2", "type": "A", "name": "x", "state": "off", "size": 3 })),
            entity(&json!({ "id": "urn:a:3", "type": "A", "size": 4, "state": "on" })),
        ];
        let labels: Vec<String> = columns(&words(), &things, 2)
            .into_iter()
            .map(|(_, label)| label)
            .collect();
        assert_eq!(labels, ["State", "Size"]);
    }
}

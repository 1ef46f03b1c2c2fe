//! `/grafo`: what there is, and a search over all of it.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use bisenzio_kernel::{Problem, format};
use bisenzio_ngsi_ld::Entity;
use bisenzio_web::{Ctx, Page, render};
use serde::Deserialize;

use super::reading::{Reader, Searched, read};
use super::words::{cut, short, tail};
use super::{Words, links};
use crate::GraphError;
use crate::store::scan::TypeInUse;

/// Things that a search shows.
const MOST_FOUND: usize = 50;
/// Letters that a search needs.
const LEAST_LETTERS: usize = 2;
const MOST_LETTERS: usize = 200;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
}

struct TypeRow {
    label: String,
    /// The name that programs use.
    name: String,
    href: String,
    count: String,
    changed: String,
}

/// A thing in a list.
pub(crate) struct ThingRow {
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) kind: String,
    /// The end of its identifier, where that is not its name.
    pub(crate) id: String,
}

impl ThingRow {
    pub(crate) fn new(words: &Words, entity: &Entity) -> Self {
        let title = words.title(entity);
        let end = tail(&entity.id);
        Self {
            href: links::thing(&entity.id),
            id: if end == title { String::new() } else { cut(end, 60) },
            title,
            kind: words.types(&entity.types),
        }
    }
}

#[derive(Template)]
#[template(path = "grafo.html")]
struct IndexPage {
    page: Page,
    q: String,
    /// Something was searched for.
    searched: bool,
    too_short: bool,
    found: Vec<ThingRow>,
    found_words: String,
    partial: bool,
    found_types: Vec<TypeRow>,
    types: Vec<TypeRow>,
    /// "1.647 cose di 31 tipi".
    total: String,
    dated: bool,
}

pub(crate) async fn page(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let words = Words::of(&ctx);
    let q = cut(asked.q.trim(), MOST_LETTERS);
    let searched = !q.is_empty();
    let too_short = searched && q.chars().count() < LEAST_LETTERS;
    let (text, looking) = (q.clone(), words.clone());
    let (types, found) = read(&ctx, move |tx, reader| {
        let types = reader.types(tx)?;
        let found = if searched && !too_short {
            search(tx, reader, &looking, &text)?
        } else {
            Searched::default()
        };
        Ok((types, found))
    })
    .await?;
    let total = format!(
        "{} {} {}",
        words.things(types.iter().map(|t| t.count).sum()),
        words.t("di", "of"),
        match types.len() {
            1 => words.t("1 tipo", "1 type").to_owned(),
            n => format!("{} {}", words.count(n), words.t("tipi", "types")),
        }
    );
    let folded = q.to_lowercase();
    let mut rows: Vec<(bool, TypeRow)> = types
        .into_iter()
        .map(|found| {
            let row = row(&words, found);
            let meant = [&row.label, &row.name]
                .iter()
                .any(|n| n.to_lowercase().contains(&folded));
            (searched && !too_short && meant, row)
        })
        .collect();
    rows.sort_by_cached_key(|(_, row)| row.label.to_lowercase());
    let (found_types, types): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(meant, _)| *meant);
    let types: Vec<TypeRow> = types.into_iter().map(|(_, row)| row).collect();
    let title = ctx.t("Grafo della città", "City graph");
    let page = ctx.page(title).describe(ctx.t(
        "Tutte le cose che la città pubblica come dati, per tipo, e come si collegano.",
        "Everything that the city publishes as data, by type, and how it is linked.",
    ));
    render(&IndexPage {
        page: page.crumb(title, ""),
        searched,
        too_short,
        found_words: words.things(i64::try_from(found.entities.len()).unwrap_or(i64::MAX)),
        found: found
            .entities
            .iter()
            .map(|one| ThingRow::new(&words, one))
            .collect(),
        partial: found.partial,
        found_types: found_types.into_iter().map(|(_, row)| row).collect(),
        dated: types.iter().any(|row| !row.changed.is_empty()),
        types,
        total,
        q,
    })
}

fn row(words: &Words, found: TypeInUse) -> TypeRow {
    let name = short(&found.name);
    TypeRow {
        label: words.entity_type(&found.name),
        href: links::of_type(&name),
        name,
        count: format::integer(found.count, words.lang),
        changed: found.changed.map(|at| words.moment(at)).unwrap_or_default(),
    }
}

/// Things whose identifier, name or words hold the text; what is called so stands first.
fn search(
    tx: &mut bisenzio_store::Tx<'_>,
    reader: &Reader,
    words: &Words,
    text: &str,
) -> Result<Searched, GraphError> {
    let folded = text.to_lowercase();
    let mut found = reader.search(tx, None, text, MOST_FOUND, &|entity| {
        holds(words, entity, &folded)
    })?;
    let is_named = |entity: &Entity| words.title(entity).to_lowercase().contains(&folded);
    found
        .entities
        .sort_by_cached_key(|entity| (!is_named(entity), words.title(entity).to_lowercase()));
    if let Some(exact) = reader.one(tx, text)? {
        found.entities.retain(|entity| entity.id != exact.id);
        found.entities.insert(0, exact);
    }
    Ok(found)
}

/// Whether a thing's identifier, name or any of its short texts holds the text (in small letters).
pub(crate) fn holds(words: &Words, entity: &Entity, folded: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(folded);
    has(&entity.id)
        || entity
            .attributes
            .keys()
            .any(|name| words.text(entity, name).is_some_and(|text| has(&text)))
}

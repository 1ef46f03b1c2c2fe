//! What the pages' maps load, and what readers take home: GeoJSON and CSV.

use axum::extract::Path;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::{AttributeInstance, AttributeValue, Context, Entity, Uri};
use bisenzio_web::{Ctx, download, text_as};
use indexmap::IndexSet;
use serde_json::{Value, json};

use super::reading::read;
use super::words::short;
use super::{Words, shapes};
use crate::query::Page;

/// Things in one file; the API gives more, page by page.
pub(crate) const MOST: usize = 5_000;
/// Columns of a table.
const MOST_COLUMNS: usize = 200;
const GEOJSON: &str = "application/geo+json";

/// The features of a type for the map of its page.
pub(crate) async fn map(ctx: Ctx, Path(name): Path<String>) -> Result<Response, Problem> {
    let words = Words::of(&ctx);
    let entities = of_type(&ctx, &name).await?;
    Ok(collection(
        entities
            .iter()
            .flat_map(|one| shapes::features(&words, one))
            .collect(),
    ))
}

/// The features of one entity for the map of its page.
pub(crate) async fn map_of_one(ctx: Ctx, Path(id): Path<String>) -> Result<Response, Problem> {
    let words = Words::of(&ctx);
    let entity = read(&ctx, move |tx, reader| reader.one(tx, &id))
        .await?
        .ok_or_else(|| Problem::not_found("There is no such thing"))?;
    Ok(collection(shapes::features(&words, &entity)))
}

/// The things of a type with all their values, for reuse.
pub(crate) async fn geojson(ctx: Ctx, Path(name): Path<String>) -> Result<Response, Problem> {
    let words = Words::of(&ctx);
    let entities = of_type(&ctx, &name).await?;
    Ok(collection(
        entities.iter().map(|one| shapes::export(&words, one)).collect(),
    ))
}

fn collection(features: Vec<Value>) -> Response {
    text_as(
        GEOJSON,
        json!({ "type": "FeatureCollection", "features": features }).to_string(),
    )
}

/// The things of a type as a table (RFC 4180, UTF-8), values as they are stored.
pub(crate) async fn csv(ctx: Ctx, Path(name): Path<String>) -> Result<Response, Problem> {
    let words = Words::of(&ctx);
    let entities = of_type(&ctx, &name).await?;
    let body = table(&words, &entities).map_err(|error| {
        tracing::error!(%error, "CSV");
        Problem::internal()
    })?;
    Ok(download("text/csv; charset=utf-8", &format!("{name}.csv"), body))
}

fn table(words: &Words, entities: &[Entity]) -> Result<Vec<u8>, csv::Error> {
    let mut names: IndexSet<&str> = IndexSet::new();
    for name in entities.iter().flat_map(|entity| entity.attributes.keys()) {
        if names.len() < MOST_COLUMNS {
            names.insert(name);
        }
    }
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let heads = ["id", "modifiedAt"].map(str::to_owned);
    writer.write_record(
        heads
            .into_iter()
            .chain(names.iter().map(|name| inert(&short(name)))),
    )?;
    for entity in entities {
        let changed = entity.modified_at.map(|at| at.to_string()).unwrap_or_default();
        let own = [inert(&entity.id), changed];
        let cells = names.iter().map(|name| {
            let list = entity.instances(name);
            let all: Vec<String> = list.iter().map(|one| raw(words, one)).collect();
            inert(&all.join(" | "))
        });
        writer.write_record(own.into_iter().chain(cells))?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

fn raw(words: &Words, instance: &AttributeInstance) -> String {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let ids = |list: &[Uri]| list.iter().map(Uri::as_str).collect::<Vec<_>>().join(" ");
    match &instance.value {
        AttributeValue::Property(value) => plain(value.get("@value").unwrap_or(value)),
        AttributeValue::JsonProperty(value) => value.to_string(),
        AttributeValue::ListProperty(list) => list.iter().map(plain).collect::<Vec<_>>().join(" | "),
        AttributeValue::GeoProperty(geometry) => geometry.json().to_string(),
        AttributeValue::Relationship(list) | AttributeValue::ListRelationship(list) => ids(list),
        AttributeValue::VocabProperty(terms) => terms.iter().map(|t| short(t)).collect::<Vec<_>>().join(" "),
        AttributeValue::LanguageProperty(map) => words.best(map).unwrap_or_default(),
    }
}

/// A spreadsheet must not take a cell for a formula (OWASP: CSV injection).
fn inert(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

async fn of_type(ctx: &Ctx, name: &str) -> Result<Vec<Entity>, Problem> {
    let of_type = Context::core().expand(name).into_owned();
    let page = Page {
        limit: MOST,
        offset: 0,
        count: false,
    };
    let found = read(ctx, move |tx, reader| reader.of_type(tx, &of_type, page)).await?;
    if found.entities.is_empty() {
        return Err(Problem::not_found("There is nothing of this type"));
    }
    Ok(found.entities)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::{entity, words};

    #[test]
    fn tables_are_quoted_and_never_formulas() {
        let one =
            entity(&json!({ "id": "urn:a:1", "type": "A", "name": "=1+1", "size": 1.5, "list": ["a,b"] }));
        let text = String::from_utf8(table(&words(), &[one]).unwrap()).unwrap();
        assert_eq!(
            text,
            "id,modifiedAt,name,size,list\r\nurn:a:1,,'=1+1,1.5,\"[\"\"a,b\"\"]\"\r\n"
        );
    }
}

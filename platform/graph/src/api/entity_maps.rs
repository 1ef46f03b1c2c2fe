//! Entity maps: retrieve (5.14.1), update (5.14.2), delete (5.14.3). They are made by queries with
//! `entityMap=true` and used by those that name one in `NGSILD-EntityMap`. Who knows the identifier, which cannot be
//! guessed, is who made the query.

use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::{Context, DateTime, NgsiError, Path};
use bisenzio_web::{Ctx, no_content};
use http::{HeaderMap, HeaderName};
use serde_json::{Map, Value, json};

use super::input::{Accept, LdBody};
use super::output::{answer, problem};
use super::parameters::{Address, NoParams};
use crate::GraphError;
use crate::store::entity_maps::{self as rows, EntityMap};

/// Names a map: in an answer that which was made, in a request that which is to be used.
pub(super) const HEADER: HeaderName = HeaderName::from_static("ngsild-entitymap");

const MINUTE: i64 = 60 * 1_000_000;
/// Microseconds for which a map is kept when nobody asks for longer.
const LIFE: i64 = 10 * MINUTE;
/// Longest that somebody may ask for.
const MAX_LIFE: i64 = 24 * 60 * MINUTE;

pub(crate) async fn read(
    ctx: Ctx,
    Address(id): Address<String>,
    _: NoParams,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accept = Accept::without_geojson(&headers)?;
    let map = load(&ctx, &id).await?;
    // All of them are known here; where parts of an entity lie elsewhere is found out anew.
    let entities: Map<String, Value> = map
        .entities
        .into_iter()
        .map(|id| (id, json!(["@none"])))
        .collect();
    let mut body = json!({
        "id": map.id,
        "type": "EntityMap",
        "expiresAt": DateTime::from_micros(map.expires_at).to_string(),
        "entityMap": entities,
    });
    let context = Context::core();
    if accept == Accept::JsonLd {
        body = bisenzio_ngsi_ld::represent::with_context(body, &context);
    }
    Ok(answer(&body, accept, &context))
}

pub(crate) async fn update(
    ctx: Ctx,
    Address(id): Address<String>,
    body: LdBody,
) -> Result<Response, Problem> {
    let now = ctx.app.env.now();
    let expires_at = new_end(&body.value, now).map_err(problem)?;
    let (tenant, wanted) = (ctx.tenant_id().clone(), id.clone());
    let found = ctx
        .store()
        .write(move |tx| rows::extend(tx, &tenant, &wanted, expires_at, now))
        .await?;
    if found {
        Ok(no_content())
    } else {
        Err(missing(&id))
    }
}

pub(crate) async fn delete(ctx: Ctx, Address(id): Address<String>, _: NoParams) -> Result<Response, Problem> {
    let (tenant, wanted) = (ctx.tenant_id().clone(), id.clone());
    let found = ctx
        .store()
        .write(move |tx| rows::remove(tx, &tenant, &wanted))
        .await?;
    if found {
        Ok(no_content())
    } else {
        Err(missing(&id))
    }
}

/// Keeps what a query found; gives the identifier of the map.
pub(super) async fn keep(ctx: &Ctx, entities: Vec<String>) -> Result<String, Problem> {
    let now = ctx.app.env.now();
    let map = EntityMap {
        id: format!("urn:ngsi-ld:EntityMap:{}", ctx.app.env.ulid()),
        entities,
        expires_at: now.saturating_add(LIFE),
    };
    let (tenant, id) = (ctx.tenant_id().clone(), map.id.clone());
    ctx.store()
        .write(move |tx| rows::insert(tx, &tenant, &map, now))
        .await?;
    Ok(id)
}

/// # Errors
/// `ResourceNotFound` when there is none, or no longer.
pub(super) async fn load(ctx: &Ctx, id: &str) -> Result<EntityMap, Problem> {
    let (tenant, wanted, now) = (ctx.tenant_id().clone(), id.to_owned(), ctx.app.env.now());
    let map = ctx
        .store()
        .read(move |tx| rows::load(tx, &tenant, &wanted, now).map_err(GraphError::from))
        .await?;
    map.ok_or_else(|| missing(id))
}

fn missing(id: &str) -> Problem {
    let short: String = id.chars().take(200).collect();
    problem(NgsiError::not_found(format!(
        "There is no entity map {short}, or no longer"
    )))
}

/// Only its end can be changed.
fn new_end(body: &Value, now: i64) -> Result<i64, NgsiError> {
    let root = Path::root();
    let here = root.member("expiresAt");
    let text = body.get("expiresAt").and_then(Value::as_str);
    let text = text.ok_or_else(|| NgsiError::bad(&here, "the body says expiresAt"))?;
    let end = DateTime::parse(text).ok_or_else(|| NgsiError::bad(&here, "not a date and time"))?;
    let end = end.micros();
    if end <= now || end > now.saturating_add(MAX_LIFE) {
        let hours = MAX_LIFE / (60 * MINUTE);
        let detail = format!("a map ends within {hours} hours from now");
        return Err(NgsiError::bad(&here, detail));
    }
    Ok(end)
}

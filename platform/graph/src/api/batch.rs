//! Batch operations: create (5.6.7), upsert (5.6.8), delete (5.6.10). Each entity succeeds or fails by
//! itself; those that succeed are one transaction.

use axum::response::{IntoResponse, Response};
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::context::take_context;
use bisenzio_ngsi_ld::parse::{InputFormat, Purpose};
use bisenzio_ngsi_ld::registration::Operation;
use bisenzio_ngsi_ld::update::{self, AppendMode};
use bisenzio_ngsi_ld::{Context, Entity, NgsiError, Path, Uri, parse};
use bisenzio_web::{Ctx, no_content};
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::input::LdBody;
use super::output::{Shape, problem};
use super::parameters::Params;
use crate::GraphError;
use crate::contexts::Contexts;
use crate::distribution::{self, Hop};
use crate::store::entities;
use crate::writing::{self, Outcome};

/// Entities of one request.
const MAX_BATCH: usize = 5_000;

/// What became of the entities, in the order of the request.
#[derive(Clone, Default)]
struct Tally {
    created: Vec<String>,
    done: Vec<String>,
    failed: Vec<(String, NgsiError)>,
}

pub(crate) async fn create(ctx: Ctx, hop: Hop, body: LdBody) -> Result<Response, Problem> {
    let here = |body| create_here(&ctx, body);
    distribution::batch(&ctx, &hop, Operation::CreateBatch, body, here).await
}

async fn create_here(ctx: &Ctx, body: LdBody) -> Result<Response, Problem> {
    let (parsed, failed) = read_entities(ctx, body).await?;
    let tally = each(ctx, parsed, failed, |tx, env, tenant, entity| {
        writing::create(tx, env, tenant, entity).map(|()| Outcome::Created)
    })
    .await?;
    Ok(answer(&tally, StatusCode::CREATED))
}

pub(crate) async fn upsert(
    ctx: Ctx,
    hop: Hop,
    Params(shape): Params<Shape>,
    body: LdBody,
) -> Result<Response, Problem> {
    let here = |body| upsert_here(&ctx, &shape, body);
    distribution::batch(&ctx, &hop, Operation::UpsertBatch, body, here).await
}

async fn upsert_here(ctx: &Ctx, shape: &Shape, body: LdBody) -> Result<Response, Problem> {
    let updating = shape.option("update");
    let (parsed, failed) = read_entities(ctx, body).await?;
    let tally = each(ctx, parsed, failed, move |tx, env, tenant, entity| {
        if updating && entities::load(tx, tenant, entity.id.as_str())?.is_some() {
            let id = entity.id.clone();
            let fragment = as_fragment(&entity)?;
            return writing::change(tx, env, tenant, id.as_str(), |current, now| {
                let result = update::append(current, fragment, AppendMode::Overwrite, now);
                Ok((result, Outcome::Changed))
            });
        }
        writing::upsert(tx, env, tenant, entity)
    })
    .await?;
    Ok(answer(&tally, StatusCode::CREATED))
}

pub(crate) async fn delete(ctx: Ctx, hop: Hop, body: LdBody) -> Result<Response, Problem> {
    let here = |body| delete_here(&ctx, body);
    distribution::batch_delete(&ctx, &hop, body, here).await
}

async fn delete_here(ctx: &Ctx, body: LdBody) -> Result<Response, Problem> {
    let (mut ids, mut failed): (Vec<Uri>, Vec<_>) = (Vec::new(), Vec::new());
    let root = Path::root();
    for (index, item) in list(&body.value)?.iter().enumerate() {
        let text = item.as_str().unwrap_or_default();
        match Uri::parse_at(text, &root.index(index)) {
            Ok(id) => ids.push(id),
            Err(error) => failed.push((text.to_owned(), error)),
        }
    }
    let (env, tenant) = (ctx.app.env.clone(), ctx.tenant_id().clone());
    let tally = ctx
        .store()
        .write(move |tx| {
            let mut tally = Tally {
                failed: failed.clone(),
                ..Tally::default()
            };
            for id in &ids {
                let id = id.as_str();
                if writing::delete(tx, &env, &tenant, id)? {
                    tally.done.push(id.to_owned());
                } else {
                    tally.failed.push((id.to_owned(), writing::not_found(id)));
                }
            }
            Ok::<_, GraphError>(tally)
        })
        .await?;
    Ok(answer(&tally, StatusCode::NO_CONTENT))
}

async fn each(
    ctx: &Ctx,
    parsed: Vec<Entity>,
    failed: Vec<(String, NgsiError)>,
    operation: impl Fn(
        &mut bisenzio_store::Tx<'_>,
        &bisenzio_kernel::Env,
        &bisenzio_kernel::TenantId,
        Entity,
    ) -> Result<Outcome, GraphError>
    + Send
    + Sync
    + 'static,
) -> Result<Tally, Problem> {
    let (env, tenant) = (ctx.app.env.clone(), ctx.tenant_id().clone());
    let tally = ctx
        .store()
        .write(move |tx| {
            let mut tally = Tally {
                failed: failed.clone(),
                ..Tally::default()
            };
            for entity in &parsed {
                let id = entity.id.as_str().to_owned();
                match operation(tx, &env, &tenant, entity.clone()) {
                    Ok(Outcome::Created) => tally.created.push(id),
                    Ok(_) => tally.done.push(id),
                    // A refusal has written nothing; a failure of the store ends the whole request.
                    Err(GraphError::Ngsi(error)) => tally.failed.push((id, error)),
                    Err(error) => return Err(error),
                }
            }
            Ok(tally)
        })
        .await?;
    Ok(tally)
}

/// The entities that could be read, and why the others could not.
#[allow(
    clippy::type_complexity,
    reason = "two lists, named where they are taken apart"
)]
async fn read_entities(ctx: &Ctx, body: LdBody) -> Result<(Vec<Entity>, Vec<(String, NgsiError)>), Problem> {
    let LdBody {
        value,
        context,
        json_ld,
    } = body;
    let contexts = Contexts::of(ctx);
    let (mut parsed, mut failed) = (Vec::new(), Vec::new());
    for (index, item) in list(&value)?.iter().enumerate() {
        match read_entity(&contexts, item.clone(), &context, json_ld, index).await {
            Ok(entity) => parsed.push(entity),
            Err(GraphError::Ngsi(error)) => {
                failed.push((item["id"].as_str().unwrap_or_default().to_owned(), error));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok((parsed, failed))
}

async fn read_entity(
    contexts: &Contexts,
    mut item: Value,
    shared: &Context,
    json_ld: bool,
    index: usize,
) -> Result<Entity, GraphError> {
    let own = match take_context(&mut item) {
        Some(given) if json_ld => Some(contexts.resolve(&given).await?),
        Some(_) => {
            let detail = "an @context needs Content-Type application/ld+json";
            return Err(NgsiError::bad_param(detail).into());
        }
        None if json_ld && shared.is_core_only() => {
            let detail = "an entity of a JSON-LD batch needs an @context";
            return Err(NgsiError::bad_param(detail).into());
        }
        None => None,
    };
    let root = Path::root();
    let context = own.as_ref().unwrap_or(shared);
    Ok(parse::entity_at(
        &item,
        context,
        InputFormat::Normalized,
        &root.index(index),
    )?)
}

/// The attributes of a parsed entity as a fragment to append: through its own normalised form, whose names
/// are expanded and so mean the same under the core context.
fn as_fragment(entity: &Entity) -> Result<bisenzio_ngsi_ld::model::EntityFragment, NgsiError> {
    use bisenzio_ngsi_ld::represent::{self, Format, Representation};
    let context = Context::core();
    let body = represent::entity(entity, &context, &Representation::new(Format::Normalized));
    parse::entity_fragment(&body, &context, InputFormat::Normalized, Purpose::Complete)
}

fn list(value: &Value) -> Result<&Vec<Value>, Problem> {
    let items = value
        .as_array()
        .ok_or_else(|| problem(NgsiError::bad_param("the body is not a list")))?;
    if items.is_empty() {
        return Err(problem(NgsiError::bad_param("the list is empty")));
    }
    if items.len() > MAX_BATCH {
        return Err(Problem::too_large(format!(
            "At most {MAX_BATCH} entities can be sent at once"
        )));
    }
    Ok(items)
}

fn answer(tally: &Tally, all_done: StatusCode) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    if !tally.failed.is_empty() {
        let success: Vec<&String> = tally.created.iter().chain(&tally.done).collect();
        let errors: Vec<Value> = tally
            .failed
            .iter()
            .map(|(id, error)| json!({ "entityId": id, "error": problem(error.clone()) }))
            .collect();
        let body = json!({ "success": success, "errors": errors });
        return (StatusCode::MULTI_STATUS, json, body.to_string()).into_response();
    }
    if tally.created.is_empty() || all_done == StatusCode::NO_CONTENT {
        return no_content();
    }
    (all_done, json, json!(tally.created).to_string()).into_response()
}

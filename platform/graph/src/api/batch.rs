//! Batch operations: create (5.6.7), upsert (5.6.8), update (5.6.9), delete (5.6.10), merge (5.6.20). Each entity
//! succeeds or fails by itself; those that succeed are one transaction.

use axum::response::{IntoResponse, Response};
use bisenzio_kernel::{Env, Problem, TenantId};
use bisenzio_ngsi_ld::context::take_context;
use bisenzio_ngsi_ld::model::EntityFragment;
use bisenzio_ngsi_ld::parse::{InputFormat, Purpose};
use bisenzio_ngsi_ld::registration::Operation;
use bisenzio_ngsi_ld::update::{self, AppendMode, UpdateResult};
use bisenzio_ngsi_ld::{Context, DateTime, Entity, NgsiError, Path, Uri, parse};
use bisenzio_store::Tx;
use bisenzio_web::{Ctx, no_content};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::attributes::append_mode;
use super::entities::{Patch, who};
use super::input::LdBody;
use super::output::problem;
use super::parameters::Params;
use super::shape::options;
use crate::GraphError;
use crate::contexts::Contexts;
use crate::distribution::{self, Hop};
use crate::policy::act;
use crate::store::{bulk, entities};
use crate::writing::{self, Outcome};

/// Entities of one request.
pub(super) const MAX_BATCH: usize = 5_000;

#[derive(Deserialize)]
pub(crate) struct Options {
    #[serde(default)]
    options: String,
}

/// What became of the entities, in the order of the request.
#[derive(Clone, Default)]
struct Tally {
    created: Vec<String>,
    done: Vec<String>,
    failed: Vec<(String, Problem)>,
}

/// What a request holds: what could be read, and why the rest could not.
struct Parsed<T> {
    read: Vec<T>,
    failed: Vec<(String, Problem)>,
}

pub(crate) async fn create(ctx: Ctx, hop: Hop, body: LdBody) -> Result<Response, Problem> {
    let here = |body| create_here(&ctx, body);
    distribution::batch(&ctx, &hop, Operation::CreateBatch, body, here).await
}

async fn create_here(ctx: &Ctx, body: LdBody) -> Result<Response, Problem> {
    let parsed = parse_each(ctx, body, whole_entity).await?;
    let tally = run(ctx, parsed, |tx, env, tenant, entity: Entity| {
        writing::create(tx, env, tenant, entity).map(|()| Outcome::Created)
    })
    .await?;
    Ok(answer(&tally))
}

pub(crate) async fn upsert(
    ctx: Ctx,
    hop: Hop,
    Params(asked): Params<Options>,
    body: LdBody,
) -> Result<Response, Problem> {
    let here = |body| upsert_here(&ctx, &asked, body);
    distribution::batch(&ctx, &hop, Operation::UpsertBatch, body, here).await
}

async fn upsert_here(ctx: &Ctx, asked: &Options, body: LdBody) -> Result<Response, Problem> {
    let updating = options(&asked.options, &["replace", "update"])
        .map_err(problem)?
        .contains(&"update");
    let parsed = parse_each(ctx, body, |item, context, path| {
        let fragment = updating
            .then(|| fragment(item, context, InputFormat::Normalized, Purpose::Complete, path))
            .transpose()?;
        Ok((whole_entity(item, context, path)?, fragment))
    })
    .await?;
    let tally = run(ctx, parsed, |tx, env, tenant, (entity, fragment): Upserted| {
        if let Some(fragment) = fragment
            && entities::load(tx, tenant, entity.id.as_str())?.is_some()
        {
            return change(tx, env, tenant, &entity.id, |current, now| {
                Ok(update::append(current, fragment, AppendMode::Overwrite, now))
            });
        }
        writing::upsert(tx, env, tenant, entity)
    })
    .await?;
    Ok(answer(&tally))
}

pub(crate) async fn update(
    ctx: Ctx,
    hop: Hop,
    Params(asked): Params<Options>,
    body: LdBody,
) -> Result<Response, Problem> {
    let here = |body| update_here(&ctx, &asked, body);
    distribution::batch(&ctx, &hop, Operation::UpdateBatch, body, here).await
}

async fn update_here(ctx: &Ctx, asked: &Options, body: LdBody) -> Result<Response, Problem> {
    let mode = append_mode(&asked.options).map_err(problem)?;
    let parsed = parse_each(ctx, body, |item, context, path| {
        fragment(item, context, InputFormat::Normalized, Purpose::Complete, path)
    })
    .await?;
    let tally = run(ctx, parsed, move |tx, env, tenant, fragment: EntityFragment| {
        let id = identifier(&fragment)?;
        change(tx, env, tenant, &id, move |current, now| {
            Ok(update::append(current, fragment, mode, now))
        })
    })
    .await?;
    Ok(answer(&tally))
}

pub(crate) async fn merge(
    ctx: Ctx,
    hop: Hop,
    Params(asked): Params<Patch>,
    body: LdBody,
) -> Result<Response, Problem> {
    let here = |body| merge_here(&ctx, &asked, body);
    distribution::batch(&ctx, &hop, Operation::MergeBatch, body, here).await
}

async fn merge_here(ctx: &Ctx, asked: &Patch, body: LdBody) -> Result<Response, Problem> {
    let (format, options) = asked.parse().map_err(problem)?;
    let parsed = parse_each(ctx, body, |item, context, path| {
        fragment(item, context, format, Purpose::Merge, path)
    })
    .await?;
    let tally = run(ctx, parsed, move |tx, env, tenant, fragment: EntityFragment| {
        let id = identifier(&fragment)?;
        change(tx, env, tenant, &id, |current, now| {
            update::merge(current, fragment, &options, now)
        })
    })
    .await?;
    Ok(answer(&tally))
}

pub(crate) async fn delete(ctx: Ctx, hop: Hop, body: LdBody) -> Result<Response, Problem> {
    let here = |body| delete_here(&ctx, body);
    distribution::batch_delete(&ctx, &hop, body, here).await
}

async fn delete_here(ctx: &Ctx, body: LdBody) -> Result<Response, Problem> {
    let mut parsed = Parsed {
        read: Vec::new(),
        failed: Vec::new(),
    };
    let root = Path::root();
    for (index, item) in list(&body.value)?.iter().enumerate() {
        let text = item.as_str().unwrap_or_default();
        match Uri::parse_at(text, &root.index(index)) {
            Ok(id) => parsed.read.push(id),
            Err(error) => parsed.failed.push((text.to_owned(), problem(error))),
        }
    }
    let tally = run(ctx, parsed, |tx, env, tenant, id: Uri| {
        match writing::delete(tx, env, tenant, id.as_str())? {
            true => Ok(Outcome::Changed),
            false => Err(writing::not_found(id.as_str()).into()),
        }
    })
    .await?;
    Ok(answer(&tally))
}

/// Something that says which entity it is about.
trait Item: Clone + Send + Sync + 'static {
    fn id(&self) -> &str;
}

impl Item for Entity {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Item for EntityFragment {
    fn id(&self) -> &str {
        self.id.as_ref().map_or("", Uri::as_str)
    }
}

/// An entity to create or replace, and what to append where it is there (`options=update`).
type Upserted = (Entity, Option<EntityFragment>);

impl Item for Upserted {
    fn id(&self) -> &str {
        self.0.id.as_str()
    }
}

impl Item for Uri {
    fn id(&self) -> &str {
        self.as_str()
    }
}

async fn run<T: Item>(
    ctx: &Ctx,
    parsed: Parsed<T>,
    operation: impl Fn(&mut Tx<'_>, &Env, &TenantId, T) -> Result<Outcome, GraphError> + Send + Sync + 'static,
) -> Result<Tally, Problem> {
    let (env, tenant, actor) = who(ctx);
    let tally = ctx
        .store()
        .write(move |tx| {
            act(tx, &tenant, &actor)?;
            let mut tally = Tally {
                failed: parsed.failed.clone(),
                ..Tally::default()
            };
            bulk::begin(tx, &tenant, parsed.read.iter().map(Item::id))?;
            for item in &parsed.read {
                let id = item.id().to_owned();
                match operation(tx, &env, &tenant, item.clone()) {
                    Ok(Outcome::Created) => tally.created.push(id),
                    Ok(_) => tally.done.push(id),
                    // A failure of the store ends the whole request.
                    Err(error @ GraphError::Store(_)) => return Err(error),
                    Err(refused) => tally.failed.push((id, refused.into())),
                }
            }
            bulk::end(tx)?;
            Ok(tally)
        })
        .await?;
    Ok(tally)
}

/// Changes one entity; what the operation left alone is reported, what it did stays.
fn change(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    id: &Uri,
    operation: impl FnOnce(&mut Entity, DateTime) -> Result<UpdateResult, NgsiError>,
) -> Result<Outcome, GraphError> {
    let result = writing::change(tx, env, tenant, id.as_str(), |current, now| {
        operation(current, now).map(|result| (result.clone(), result))
    })?;
    match result.not_updated.as_slice() {
        [] => Ok(Outcome::Changed),
        [first, ..] => {
            let names: Vec<&str> = result.not_updated.iter().map(|n| n.attribute.as_str()).collect();
            let detail = format!("not updated: {} ({})", names.join(", "), first.reason);
            Err(NgsiError::bad_param(detail).into())
        }
    }
}

/// Reads every entity of the list with the @context that governs it.
async fn parse_each<T>(
    ctx: &Ctx,
    body: LdBody,
    read: impl Fn(&Value, &Context, &Path<'_>) -> Result<T, NgsiError>,
) -> Result<Parsed<T>, Problem> {
    list(&body.value)?;
    let LdBody {
        value,
        context,
        json_ld,
    } = body;
    let Value::Array(items) = value else {
        return Err(problem(NgsiError::bad_param("the body is not a list")));
    };
    let contexts = Contexts::of(ctx);
    let root = Path::root();
    let mut parsed = Parsed {
        read: Vec::with_capacity(items.len()),
        failed: Vec::new(),
    };
    for (index, mut item) in items.into_iter().enumerate() {
        let one = match own_context(&contexts, &mut item, &context, json_ld).await {
            Ok(own) => read(&item, own.as_ref().unwrap_or(&context), &root.index(index)),
            Err(GraphError::Ngsi(error)) => Err(error),
            Err(error) => return Err(error.into()),
        };
        match one {
            Ok(one) => parsed.read.push(one),
            Err(error) => {
                let id = item["id"].as_str().unwrap_or_default().to_owned();
                parsed.failed.push((id, problem(error)));
            }
        }
    }
    Ok(parsed)
}

/// The @context that an entity of a JSON-LD batch brings along (clause 6.3.5).
async fn own_context(
    contexts: &Contexts,
    item: &mut Value,
    shared: &Context,
    json_ld: bool,
) -> Result<Option<Context>, GraphError> {
    let missing = "an entity of a JSON-LD batch needs an @context";
    match take_context(item) {
        Some(given) if json_ld => Ok(Some(contexts.resolve(&given).await?)),
        Some(_) => Err(NgsiError::bad_param("an @context needs Content-Type application/ld+json").into()),
        None if json_ld && shared.is_core_only() => Err(NgsiError::bad_param(missing).into()),
        None => Ok(None),
    }
}

fn whole_entity(item: &Value, context: &Context, path: &Path<'_>) -> Result<Entity, NgsiError> {
    parse::entity_at(item, context, InputFormat::Normalized, path)
}

/// A fragment with the identifier of its entity.
fn fragment(
    item: &Value,
    context: &Context,
    format: InputFormat,
    purpose: Purpose,
    path: &Path<'_>,
) -> Result<EntityFragment, NgsiError> {
    let fragment = parse::entity_fragment_at(item, context, format, purpose, path)?;
    if fragment.id.is_none() {
        return Err(NgsiError::bad(&path.member("id"), "the entity has no id"));
    }
    Ok(fragment)
}

fn identifier(fragment: &EntityFragment) -> Result<Uri, NgsiError> {
    let id = fragment.id.clone();
    id.ok_or_else(|| NgsiError::bad_param("the entity has no id"))
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

/// Clause 6.14 to 6.17, 6.31: 207 with a `BatchOperationResult` (5.2.16) where something failed, 201 with what was
/// created, otherwise 204.
fn answer(tally: &Tally) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    if !tally.failed.is_empty() {
        let success: Vec<&String> = tally.created.iter().chain(&tally.done).collect();
        let errors: Vec<Value> = tally
            .failed
            .iter()
            .map(|(id, error)| json!({ "entityId": id, "error": error }))
            .collect();
        let body = json!({ "success": success, "errors": errors });
        return (StatusCode::MULTI_STATUS, json, body.to_string()).into_response();
    }
    if tally.created.is_empty() {
        return no_content();
    }
    (StatusCode::CREATED, json, json!(tally.created).to_string()).into_response()
}

//! One entity: create (5.6.1), read (5.7.1), replace (5.6.18), merge (5.6.17), delete (5.6.6).

use axum::response::{IntoResponse, Response};
use bisenzio_kernel::{Actor, Env, Problem, TenantId};
use bisenzio_ngsi_ld::parse::{InputFormat, Purpose};
use bisenzio_ngsi_ld::registration::Operation;
use bisenzio_ngsi_ld::update::{self, MergeOptions};
use bisenzio_ngsi_ld::{DateTime, NgsiError, Uri, parse};
use bisenzio_store::Tx;
use bisenzio_web::{Ctx, no_content};
use http::HeaderMap;
use serde::Deserialize;

use super::input::{Accept, LdBody, header_context};
use super::output::{Writer, created, problem};
use super::parameters::{Address, NoParams, Params};
use super::shape::{Shape, options};
use crate::answers::Asked;
use crate::distribution::{self, Hop};
use crate::linked;
use crate::policy::act;
use crate::store::entities;
use crate::{GraphError, writing};

pub(crate) async fn create(ctx: Ctx, hop: Hop, body: LdBody) -> Result<Response, Problem> {
    let id = body.value["id"].as_str().unwrap_or_default().to_owned();
    let here = |body| create_here(&ctx, body);
    distribution::entity(&ctx, &hop, Operation::CreateEntity, &id, body, here).await
}

async fn create_here(ctx: &Ctx, body: LdBody) -> Result<Response, Problem> {
    let entity = parse::entity(&body.value, &body.context, InputFormat::Normalized).map_err(problem)?;
    let id = entity.id.clone();
    let (env, tenant, actor) = who(ctx);
    ctx.store()
        .write(move |tx| {
            act(tx, &tenant, &actor)?;
            writing::create(tx, &env, &tenant, entity.clone())
        })
        .await?;
    Ok(created(id.as_str()))
}

pub(crate) async fn read(
    ctx: Ctx,
    Address(id): Address<String>,
    Params(shape): Params<Shape>,
    hop: Hop,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = Asked::one(&ctx, &headers, &id);
    if let Some(again) = asked.as_ref().and_then(Asked::again) {
        return Ok(again);
    }
    let accept = Accept::from_headers(&headers)?;
    let context = header_context(&ctx, &headers).await?;
    let id = uri(&id)?;
    let representation = shape.representation(&context).map_err(problem)?;
    let join = shape.join().map_err(problem)?;
    let (_, _, actor) = who(&ctx);
    let load = move |tx: &mut Tx<'_>, tenant: &TenantId, id: &str| {
        act(tx, tenant, &actor)?;
        entities::seen(tx, tenant, id)
    };
    let (entity, warnings) = match distribution::retrieve(&ctx, &hop, &id, &context, load).await {
        Ok(found) => found,
        Err(missing) => return Ok(missing.into_response()),
    };
    if !representation.shows_some_attribute(&entity) {
        let detail = format!("{id} has none of the attributes asked for");
        return Err(problem(NgsiError::not_found(detail)));
    }
    let shown = linked::shown(&ctx, vec![entity], representation, join).await?;
    let mut response = Writer::new(&context, accept, &shape, &headers)
        .one(&shown)
        .ok_or_else(|| {
            problem(NgsiError::not_found(
                "The entity has none of the members asked for",
            ))
        })?;
    warnings.write(&mut response);
    match asked.filter(|_| warnings.is_of_here()) {
        Some(asked) => Ok(asked.keep(response).await),
        None => Ok(response),
    }
}

pub(crate) async fn replace(
    ctx: Ctx,
    hop: Hop,
    Address(id): Address<String>,
    body: LdBody,
) -> Result<Response, Problem> {
    let here = |body| replace_here(&ctx, &id, body);
    distribution::entity(&ctx, &hop, Operation::ReplaceEntity, &id, body, here).await
}

async fn replace_here(ctx: &Ctx, id: &str, body: LdBody) -> Result<Response, Problem> {
    let id = uri(id)?;
    let mut value = body.value;
    if let Some(members) = value.as_object_mut() {
        // The body may leave out the identifier that the address already gives (5.6.18).
        members.entry("id").or_insert_with(|| id.as_str().into());
    }
    let entity = parse::entity(&value, &body.context, InputFormat::Normalized).map_err(problem)?;
    if entity.id != id {
        return Err(problem(NgsiError::bad_param(
            "the id of the body is not that of the address",
        )));
    }
    let (env, tenant, actor) = who(ctx);
    ctx.store()
        .write(move |tx| {
            act(tx, &tenant, &actor)?;
            writing::change(tx, &env, &tenant, id.as_str(), |current, now| {
                Ok((update::replace(current, entity.clone(), now), ()))
            })
        })
        .await?;
    Ok(no_content())
}

/// Parameters of the merge (6.5.3.4): how the body is written, and what it leaves out.
#[derive(Default, Deserialize)]
pub(crate) struct Patch {
    #[serde(default)]
    options: String,
    #[serde(default)]
    format: String,
    #[serde(rename = "observedAt")]
    observed_at: Option<String>,
    lang: Option<String>,
}

impl Patch {
    /// # Errors
    /// `InvalidRequest` for an unknown option, `BadRequestData` when `observedAt` is no instant.
    pub(super) fn parse(&self) -> Result<(InputFormat, MergeOptions), NgsiError> {
        const KNOWN: [&str; 4] = ["normalized", "concise", "simplified", "keyValues"];
        let format = options(&self.format, &KNOWN)?;
        let named = options(&self.options, &KNOWN)?;
        let simplified = |list: &[&str]| list.iter().any(|o| matches!(*o, "simplified" | "keyValues"));
        let chosen = if format.is_empty() { named } else { format };
        let observed_at = self.observed_at.as_deref().map(|text| {
            DateTime::parse(text).ok_or_else(|| NgsiError::bad_param("observedAt is not a date and time"))
        });
        Ok((
            if simplified(&chosen) {
                InputFormat::Simplified
            } else {
                InputFormat::Normalized
            },
            MergeOptions {
                observed_at: observed_at.transpose()?,
                lang: self.lang.clone(),
            },
        ))
    }
}

pub(crate) async fn merge(
    ctx: Ctx,
    hop: Hop,
    Address(id): Address<String>,
    Params(asked): Params<Patch>,
    body: LdBody,
) -> Result<Response, Problem> {
    let here = |body| merge_here(&ctx, &id, asked, body);
    distribution::entity(&ctx, &hop, Operation::MergeEntity, &id, body, here).await
}

async fn merge_here(ctx: &Ctx, id: &str, asked: Patch, body: LdBody) -> Result<Response, Problem> {
    let id = uri(id)?;
    let (format, options) = asked.parse().map_err(problem)?;
    let fragment =
        parse::entity_fragment(&body.value, &body.context, format, Purpose::Merge).map_err(problem)?;
    if fragment.id.as_ref().is_some_and(|given| *given != id) {
        return Err(problem(NgsiError::bad_param(
            "the id of the body is not that of the address",
        )));
    }
    let (env, tenant, actor) = who(ctx);
    ctx.store()
        .write(move |tx| {
            act(tx, &tenant, &actor)?;
            writing::change(tx, &env, &tenant, id.as_str(), |current, now| {
                Ok((update::merge(current, fragment.clone(), &options, now)?, ()))
            })
        })
        .await?;
    Ok(no_content())
}

/// `PUT` and `PATCH` of the collection: the identifier is missing (5.6.17.4, 5.6.18.4).
pub(crate) async fn without_id() -> Problem {
    problem(NgsiError::bad_param(
        "the address lacks the identifier of the entity",
    ))
}

pub(crate) async fn delete(
    ctx: Ctx,
    hop: Hop,
    Address(id): Address<String>,
    _: NoParams,
) -> Result<Response, Problem> {
    let body = LdBody::none(header_context(&ctx, &hop.headers).await?);
    let here = |_| delete_here(&ctx, &id);
    distribution::entity(&ctx, &hop, Operation::DeleteEntity, &id, body, here).await
}

async fn delete_here(ctx: &Ctx, id: &str) -> Result<Response, Problem> {
    let id = uri(id)?;
    let (env, tenant, actor) = who(ctx);
    ctx.store()
        .write(move |tx| {
            act(tx, &tenant, &actor)?;
            match writing::delete(tx, &env, &tenant, id.as_str())? {
                true => Ok(()),
                false => Err(GraphError::from(writing::not_found(id.as_str()))),
            }
        })
        .await?;
    Ok(no_content())
}

/// What a use case for a person needs inside its transaction.
pub(super) fn who(ctx: &Ctx) -> (Env, TenantId, Actor) {
    (ctx.app.env.clone(), ctx.tenant_id().clone(), ctx.actor.clone())
}

pub(super) fn uri(text: &str) -> Result<Uri, Problem> {
    Uri::parse(text).map_err(problem)
}

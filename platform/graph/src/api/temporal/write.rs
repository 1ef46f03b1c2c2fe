//! Changing the temporal evolution of entities (5.6.11 to 5.6.16).

use axum::response::{IntoResponse, Response};
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::NgsiError;
use bisenzio_ngsi_ld::parse::{self, InputFormat, Purpose};
use bisenzio_ngsi_ld::temporal::{temporal_entity, temporal_fragment};
use bisenzio_ngsi_ld::update::DeleteTarget;
use bisenzio_web::{Ctx, no_content};
use http::{HeaderMap, header};
use serde::Deserialize;

use super::writing;
use crate::api::entities::uri;
use crate::api::input::{LdBody, header_context};
use crate::api::output::{append, created_at, problem};
use crate::api::parameters::{Address, NoParams, Params, attribute_name, boolean};
use crate::evolution;
use crate::writing::Outcome;

pub(super) async fn create_or_update(ctx: Ctx, body: LdBody) -> Result<Response, Problem> {
    let (entity, fragment) = temporal_entity(&body.value, &body.context).map_err(problem)?;
    let id = entity.id.clone();
    let outcome = writing(&ctx, move |tx, env, tenant| {
        evolution::create_or_update(tx, env, tenant, &entity, &fragment)
    })
    .await?;
    Ok(match outcome {
        Outcome::Created => created_at(super::ENTITIES, id.as_str()),
        _ => no_content(),
    })
}

pub(super) async fn add_attributes(
    ctx: Ctx,
    Address(id): Address<String>,
    body: LdBody,
) -> Result<Response, Problem> {
    let id = uri(&id)?;
    let fragment = temporal_fragment(&body.value, &body.context).map_err(problem)?;
    if fragment.id.as_ref().is_some_and(|other| *other != id) {
        let why = "the id of the body is not that of the address";
        return Err(problem(NgsiError::bad_param(why)));
    }
    writing(&ctx, move |tx, env, tenant| {
        evolution::add_attributes(tx, env, tenant, id.as_str(), &fragment)
    })
    .await?;
    Ok(no_content())
}

pub(super) async fn delete(ctx: Ctx, Address(id): Address<String>, _: NoParams) -> Result<Response, Problem> {
    let id = uri(&id)?;
    writing(&ctx, move |tx, env, tenant| {
        evolution::delete_entity(tx, env, tenant, id.as_str())
    })
    .await?;
    Ok(no_content())
}

#[derive(Deserialize)]
pub(super) struct Deleted {
    #[serde(rename = "datasetId")]
    dataset_id: Option<String>,
    #[serde(rename = "deleteAll")]
    delete_all: Option<String>,
}

pub(super) async fn delete_attribute(
    ctx: Ctx,
    Address((id, attribute)): Address<(String, String)>,
    Params(deleted): Params<Deleted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = uri(&id)?;
    let context = header_context(&ctx, &headers).await?;
    let name = attribute_name(&attribute, &context).map_err(problem)?;
    let all = boolean(deleted.delete_all.as_deref(), "deleteAll").map_err(problem)?;
    let which = match deleted.dataset_id.as_deref() {
        _ if all => DeleteTarget::All,
        None | Some("" | "@none") => DeleteTarget::Default,
        Some(dataset) => DeleteTarget::Dataset(uri(dataset)?),
    };
    writing(&ctx, move |tx, env, tenant| {
        evolution::delete_attribute(tx, env, tenant, id.as_str(), &name, &which)
    })
    .await?;
    Ok(no_content())
}

pub(super) async fn patch_instance(
    ctx: Ctx,
    Address((id, attribute, instance)): Address<(String, String, String)>,
    body: LdBody,
) -> Result<Response, Problem> {
    if attribute.is_empty() {
        return Ok(without_name());
    }
    let (id, instance) = (uri(&id)?, uri(&instance)?);
    let name = attribute_name(&attribute, &body.context).map_err(problem)?;
    // A body that names its attribute, as the standard's examples do, means the same.
    let inner = body.value.as_object().filter(|map| map.len() == 1);
    let value = inner
        .and_then(|map| map.iter().next())
        .filter(|(key, value)| value.is_object() && body.context.expand(key) == name)
        .map_or(&body.value, |(_, value)| value);
    let fragment = parse::attribute_fragment(value, &body.context, InputFormat::Normalized, Purpose::Merge)
        .map_err(problem)?;
    writing(&ctx, move |tx, env, tenant| {
        let fragment = fragment.clone();
        evolution::patch_instance(tx, env, tenant, id.as_str(), &name, &instance, fragment)
    })
    .await?;
    Ok(no_content())
}

/// Without the name of an attribute the address is that of an attribute, which cannot be changed by PATCH.
fn without_name() -> Response {
    let detail = "name the attribute: attrs/{attribute}/{instance}";
    let mut response = Problem::new(405, "Method not allowed", detail).into_response();
    append(&mut response, header::ALLOW, "DELETE");
    response
}

pub(super) async fn delete_instance(
    ctx: Ctx,
    Address((id, attribute, instance)): Address<(String, String, String)>,
    headers: HeaderMap,
    _: NoParams,
) -> Result<Response, Problem> {
    let (id, instance) = (uri(&id)?, uri(&instance)?);
    let context = header_context(&ctx, &headers).await?;
    let name = attribute_name(&attribute, &context).map_err(problem)?;
    writing(&ctx, move |tx, env, tenant| {
        evolution::delete_instance(tx, env, tenant, id.as_str(), &name, &instance)
    })
    .await?;
    Ok(no_content())
}

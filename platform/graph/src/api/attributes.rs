//! Attributes of one entity: append (5.6.3), update (5.6.2), partial update (5.6.4), replace (5.6.19),
//! delete (5.6.5).

use axum::response::{IntoResponse, Response};
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::parse::{InputFormat, Purpose};
use bisenzio_ngsi_ld::registration::Operation;
use bisenzio_ngsi_ld::update::{self, AppendMode, DeleteTarget, UpdateResult};
use bisenzio_ngsi_ld::{DateTime, Entity, NgsiError, Uri, parse};
use bisenzio_web::{Ctx, no_content};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use super::entities::{uri, who};
use super::input::{LdBody, header_context};
use super::output::problem;
use super::parameters::{Address, Params, attribute_name, boolean};
use super::shape::options;
use crate::distribution::{self, Hop};
use crate::policy::act;
use crate::writing;

#[derive(Deserialize)]
pub(crate) struct Appending {
    #[serde(default)]
    options: String,
}

pub(crate) async fn append(
    ctx: Ctx,
    hop: Hop,
    Address(id): Address<String>,
    Params(appending): Params<Appending>,
    body: LdBody,
) -> Result<Response, Problem> {
    let here = |body| append_here(&ctx, &id, &appending, body);
    distribution::attributes(&ctx, &hop, Operation::AppendAttrs, &id, body, here).await
}

async fn append_here(ctx: &Ctx, id: &str, appending: &Appending, body: LdBody) -> Result<Response, Problem> {
    let mode = append_mode(&appending.options).map_err(problem)?;
    let fragment = parse::entity_fragment(
        &body.value,
        &body.context,
        InputFormat::Normalized,
        Purpose::Complete,
    )
    .map_err(problem)?;
    let result = run(ctx, uri(id)?, move |entity, now| {
        Ok(update::append(entity, fragment.clone(), mode, now))
    })
    .await?;
    Ok(report(&result))
}

pub(crate) async fn update(
    ctx: Ctx,
    hop: Hop,
    Address(id): Address<String>,
    body: LdBody,
) -> Result<Response, Problem> {
    let here = |body| update_here(&ctx, &id, body);
    distribution::attributes(&ctx, &hop, Operation::UpdateAttrs, &id, body, here).await
}

async fn update_here(ctx: &Ctx, id: &str, body: LdBody) -> Result<Response, Problem> {
    let fragment = parse::entity_fragment(
        &body.value,
        &body.context,
        InputFormat::Normalized,
        Purpose::Update,
    )
    .map_err(problem)?;
    let result = run(ctx, uri(id)?, move |entity, now| {
        Ok(update::update_attributes(entity, fragment.clone(), now))
    })
    .await?;
    Ok(report(&result))
}

pub(crate) async fn partial_update(
    ctx: Ctx,
    hop: Hop,
    Address((id, attribute)): Address<(String, String)>,
    body: LdBody,
) -> Result<Response, Problem> {
    let here = |body| partial_update_here(&ctx, &id, &attribute, body);
    distribution::attribute(&ctx, &hop, Operation::UpdateAttrs, &id, &attribute, body, here).await
}

async fn partial_update_here(
    ctx: &Ctx,
    id: &str,
    attribute: &str,
    body: LdBody,
) -> Result<Response, Problem> {
    let fragment = parse::attribute_fragment(
        &body.value,
        &body.context,
        InputFormat::Normalized,
        Purpose::Merge,
    )
    .map_err(problem)?;
    let name = attribute_name(attribute, &body.context).map_err(problem)?;
    run(ctx, uri(id)?, move |entity, now| {
        update::partial_update(entity, &name, fragment.clone(), now)
    })
    .await?;
    Ok(no_content())
}

pub(crate) async fn replace(
    ctx: Ctx,
    hop: Hop,
    Address((id, attribute)): Address<(String, String)>,
    body: LdBody,
) -> Result<Response, Problem> {
    let here = |body| replace_here(&ctx, &id, &attribute, body);
    distribution::attribute(&ctx, &hop, Operation::ReplaceAttrs, &id, &attribute, body, here).await
}

async fn replace_here(ctx: &Ctx, id: &str, attribute: &str, body: LdBody) -> Result<Response, Problem> {
    let fragment = parse::attribute_fragment(
        &body.value,
        &body.context,
        InputFormat::Normalized,
        Purpose::Complete,
    )
    .map_err(problem)?;
    let name = attribute_name(attribute, &body.context).map_err(problem)?;
    run(ctx, uri(id)?, move |entity, now| {
        update::replace_attribute(entity, &name, fragment.clone(), now)
    })
    .await?;
    Ok(no_content())
}

#[derive(Deserialize)]
pub(crate) struct Which {
    #[serde(rename = "datasetId")]
    dataset_id: Option<String>,
    #[serde(rename = "deleteAll")]
    delete_all: Option<String>,
}

pub(crate) async fn delete(
    ctx: Ctx,
    hop: Hop,
    Address((id, attribute)): Address<(String, String)>,
    Params(which): Params<Which>,
) -> Result<Response, Problem> {
    let body = LdBody::none(header_context(&ctx, &hop.headers).await?);
    let here = |body| delete_here(&ctx, &id, &attribute, which, body);
    distribution::attribute(&ctx, &hop, Operation::DeleteAttrs, &id, &attribute, body, here).await
}

async fn delete_here(
    ctx: &Ctx,
    id: &str,
    attribute: &str,
    which: Which,
    body: LdBody,
) -> Result<Response, Problem> {
    let name = attribute_name(attribute, &body.context).map_err(problem)?;
    let all = boolean(which.delete_all.as_deref(), "deleteAll").map_err(problem)?;
    let target = match (which.dataset_id.as_deref(), all) {
        (_, true) => DeleteTarget::All,
        (Some("@none") | None, false) => DeleteTarget::Default,
        (Some(dataset), false) => DeleteTarget::Dataset(uri(dataset)?),
    };
    run(ctx, uri(id)?, move |entity, now| {
        update::delete_attribute(entity, &name, &target, now)
    })
    .await?;
    Ok(no_content())
}

async fn run(
    ctx: &Ctx,
    id: Uri,
    operation: impl Fn(&mut Entity, DateTime) -> Result<UpdateResult, NgsiError> + Send + Sync + 'static,
) -> Result<UpdateResult, Problem> {
    let (env, tenant, actor) = who(ctx);
    let result = ctx
        .store()
        .write(move |tx| {
            act(tx, &tenant, &actor)?;
            writing::change(tx, &env, &tenant, id.as_str(), |entity, now| {
                operation(entity, now).map(|result| (result.clone(), result))
            })
        })
        .await?;
    Ok(result)
}

/// `options` of appending operations.
pub(super) fn append_mode(text: &str) -> Result<AppendMode, NgsiError> {
    Ok(match options(text, &["noOverwrite"])?.as_slice() {
        [] => AppendMode::Overwrite,
        _ => AppendMode::NoOverwrite,
    })
}

/// 204 when everything was done, 207 with what was not (5.2.18). Names are whole: the answer has no @context.
fn report(result: &UpdateResult) -> Response {
    if result.is_complete() {
        return no_content();
    }
    let body = json!({
        "updated": result.updated,
        "notUpdated": result.not_updated.iter()
            .map(|n| json!({ "attributeName": n.attribute, "reason": n.reason }))
            .collect::<Vec<_>>(),
    });
    (
        StatusCode::MULTI_STATUS,
        [(header::CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}

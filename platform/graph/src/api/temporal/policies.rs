//! Policies for the history of a type: beside the standard, for administrators.

use axum::Json;
use axum::response::{IntoResponse, Response};
use bisenzio_kernel::{Problem, TenantId};
use bisenzio_ngsi_ld::{Context, NgsiError};
use bisenzio_web::{Ctx, LimitedBody, no_content};

use crate::GraphError;
use crate::api::output::problem;
use crate::api::parameters::{Address, NoParams, attribute_name};
use crate::evolution::policies::{self, PolicyText};
use crate::store::history;

pub(super) async fn list(ctx: Ctx, _: NoParams) -> Result<Response, Problem> {
    let tenant: TenantId = ctx.tenant_id().clone();
    let found = ctx
        .store()
        .read(move |tx| history::policies(tx, &tenant))
        .await
        .map_err(GraphError::from)?;
    let context = Context::core();
    let list: Vec<PolicyText> = found.iter().map(|p| PolicyText::of(p, &context)).collect();
    Ok(Json(list).into_response())
}

pub(super) async fn set(
    ctx: Ctx,
    Address(type_name): Address<String>,
    _: NoParams,
    LimitedBody(bytes): LimitedBody,
) -> Result<Response, Problem> {
    let context = Context::core();
    let name = attribute_name(&type_name, &context).map_err(problem)?;
    let text: PolicyText =
        serde_json::from_slice(&bytes).map_err(|e| problem(NgsiError::bad_param(e.to_string())))?;
    let policy = text.read(name).map_err(problem)?;
    let (env, tenant, actor) = (ctx.app.env.clone(), ctx.tenant_id().clone(), ctx.actor.clone());
    ctx.store()
        .write(move |tx| policies::set(tx, &env, &tenant, &actor, &policy))
        .await?;
    Ok(no_content())
}

pub(super) async fn unset(
    ctx: Ctx,
    Address(type_name): Address<String>,
    _: NoParams,
) -> Result<Response, Problem> {
    let name = attribute_name(&type_name, &Context::core()).map_err(problem)?;
    let (env, tenant, actor) = (ctx.app.env.clone(), ctx.tenant_id().clone(), ctx.actor.clone());
    ctx.store()
        .write(move |tx| policies::unset(tx, &env, &tenant, &actor, &name))
        .await?;
    Ok(no_content())
}

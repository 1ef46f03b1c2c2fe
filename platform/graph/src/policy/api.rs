//! `/api/v1/graph/rules`: the rules, for who administers the graph.

use axum::extract::Path;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use bisenzio_kernel::Problem;
use bisenzio_web::{Access, ApiJson, Ctx, Routes, no_content};
use http::StatusCode;

use super::{Rule, RuleError, rules, service};
use crate::module::ADMINISTER;

const RULES: &str = "/api/v1/graph/rules";
const RULE: &str = "/api/v1/graph/rules/{id}";

pub(crate) fn routes() -> Routes {
    let administer = Access::Permission(ADMINISTER);
    Routes::new()
        .api(Method::GET, RULES, administer, list)
        .api(Method::PUT, RULE, administer, put)
        .api(Method::DELETE, RULE, administer, delete)
}

async fn list(ctx: Ctx) -> Result<Response, Problem> {
    let tenant = ctx.tenant_id().clone();
    let all = ctx.store().read(move |tx| rules(tx, &tenant)).await?;
    Ok(axum::Json(all).into_response())
}

async fn put(
    ctx: Ctx,
    Path(id): Path<String>,
    ApiJson(mut rule): ApiJson<Rule>,
) -> Result<Response, Problem> {
    if rule.id.is_empty() {
        rule.id.clone_from(&id);
    }
    if rule.id != id {
        return Err(Problem::bad_request(
            "The id of the body is not that of the address",
        ));
    }
    let (env, tenant, actor) = (ctx.app.env.clone(), ctx.tenant_id().clone(), ctx.actor.clone());
    let existed = ctx
        .store()
        .write(move |tx| service::save(tx, &env, &tenant, &actor, &rule))
        .await?;
    Ok(if existed {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::CREATED
    }
    .into_response())
}

async fn delete(ctx: Ctx, Path(id): Path<String>) -> Result<Response, Problem> {
    let (env, tenant, actor) = (ctx.app.env.clone(), ctx.tenant_id().clone(), ctx.actor.clone());
    let name = id.clone();
    let gone = ctx
        .store()
        .write(move |tx| service::remove(tx, &env, &tenant, &actor, &name))
        .await?;
    if gone {
        Ok(no_content())
    } else {
        Err(Problem::not_found(format!("There is no rule \"{id}\"")))
    }
}

impl From<RuleError> for Problem {
    fn from(error: RuleError) -> Self {
        match error {
            RuleError::Invalid(wrong) => Problem::invalid(wrong),
            RuleError::TooMany => Problem::conflict(error.to_string()),
            RuleError::Store(error) => error.into(),
        }
    }
}

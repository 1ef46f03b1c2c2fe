//! The temporal part of the binding (clauses 6.18 to 6.24) and, beside the standard, policies for the history.

mod body;
mod parameters;
mod policies;
mod read;
mod write;

use axum::http::Method;
use bisenzio_kernel::{Env, Problem, TenantId};
use bisenzio_store::Tx;
use bisenzio_web::{Access, Ctx, Routes};

use crate::GraphError;
use crate::module::{ADMINISTER, WRITERS};
use crate::policy;

const ENTITIES: &str = "/ngsi-ld/v1/temporal/entities";
const ENTITY: &str = "/ngsi-ld/v1/temporal/entities/{id}";
const ATTRIBUTES: &str = "/ngsi-ld/v1/temporal/entities/{id}/attrs";
const ATTRIBUTE: &str = "/ngsi-ld/v1/temporal/entities/{id}/attrs/{attribute}";
const INSTANCE: &str = "/ngsi-ld/v1/temporal/entities/{id}/attrs/{attribute}/{instance}";
const QUERY: &str = "/ngsi-ld/v1/temporal/entityOperations/query";
const POLICIES: &str = "/api/v1/graph/history-policies";
const POLICY: &str = "/api/v1/graph/history-policies/{type}";

pub use read::TemporalSettings;

pub(super) fn routes() -> Routes {
    let write = WRITERS;
    let administer = Access::Permission(ADMINISTER);
    Routes::new()
        .api(Method::GET, ENTITIES, Access::Public, read::query)
        .api(Method::POST, ENTITIES, write, write::create_or_update)
        .api(Method::GET, ENTITY, Access::Public, read::retrieve)
        .api(Method::DELETE, ENTITY, write, write::delete)
        .api(Method::POST, ATTRIBUTES, write, write::add_attributes)
        .api(Method::DELETE, ATTRIBUTE, write, write::delete_attribute)
        .api(Method::PATCH, INSTANCE, write, write::patch_instance)
        .api(Method::DELETE, INSTANCE, write, write::delete_instance)
        .api(Method::POST, QUERY, Access::Public, read::query_by_post)
        .api(Method::GET, POLICIES, administer, policies::list)
        .api(Method::PUT, POLICY, administer, policies::set)
        .api(Method::DELETE, POLICY, administer, policies::unset)
}

/// Reads for whoever asks.
async fn reading<T: Send + 'static>(
    ctx: &Ctx,
    read: impl Fn(&mut Tx<'_>, &TenantId) -> Result<T, GraphError> + Send + Sync + 'static,
) -> Result<T, Problem> {
    let (tenant, actor) = (ctx.tenant_id().clone(), ctx.actor.clone());
    let result = ctx.store().read(move |tx| {
        policy::act(tx, &tenant, &actor)?;
        read(tx, &tenant)
    });
    Ok(result.await?)
}

/// Writes for whoever asks.
async fn writing<T: Send + 'static>(
    ctx: &Ctx,
    write: impl Fn(&mut Tx<'_>, &Env, &TenantId) -> Result<T, GraphError> + Send + Sync + 'static,
) -> Result<T, Problem> {
    let (env, tenant, actor) = (ctx.app.env.clone(), ctx.tenant_id().clone(), ctx.actor.clone());
    let result = ctx.store().write(move |tx| {
        policy::act(tx, &tenant, &actor)?;
        write(tx, &env, &tenant)
    });
    Ok(result.await?)
}

//! `/ngsi-ld/v1`: the HTTP binding (clause 6), entities part.

mod attributes;
mod batch;
mod contexts;
mod criteria;
mod dead_letters;
mod discovery;
mod entities;
mod entity_maps;
mod input;
mod list;
mod output;
mod parameters;
mod purge;
mod query_body;
mod question;
mod registration_subscriptions;
mod registrations;
mod shape;
mod subscriptions;
pub(crate) mod temporal;

use axum::http::Method;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::Context;
use bisenzio_web::{Access, Ctx, Routes};
use serde_json::Value;

use crate::contexts::Contexts;
use crate::module::{WRITE, WRITERS};
pub(crate) use input::LdBody;
pub(crate) use output::{SEGMENT, append, created, problem};

const ENTITIES: &str = "/ngsi-ld/v1/entities";
const ENTITY: &str = "/ngsi-ld/v1/entities/{id}";
const ATTRIBUTES: &str = "/ngsi-ld/v1/entities/{id}/attrs";
const ATTRIBUTE: &str = "/ngsi-ld/v1/entities/{id}/attrs/{attribute}";
const CONTEXTS: &str = crate::contexts::PATH;
const CONTEXT: &str = "/ngsi-ld/v1/jsonldContexts/{id}";
const TYPES: &str = "/ngsi-ld/v1/types";
const TYPE: &str = "/ngsi-ld/v1/types/{type}";
const ALL_ATTRIBUTES: &str = "/ngsi-ld/v1/attributes";
const ANY_ATTRIBUTE: &str = "/ngsi-ld/v1/attributes/{attribute}";
const ENTITY_MAP: &str = "/ngsi-ld/v1/entityMaps/{id}";
const BATCH: &str = "/ngsi-ld/v1/entityOperations";

pub(crate) fn routes() -> Routes {
    let (write, own) = (WRITERS, Access::Permission(WRITE));
    Routes::new()
        .api(Method::GET, ENTITIES, Access::Public, list::list)
        .api(Method::POST, ENTITIES, write, entities::create)
        .api(Method::DELETE, ENTITIES, write, purge::purge)
        .api(Method::PUT, ENTITIES, write, entities::without_id)
        .api(Method::PATCH, ENTITIES, write, entities::without_id)
        .api(Method::GET, ENTITY, Access::Public, entities::read)
        .api(Method::PUT, ENTITY, write, entities::replace)
        .api(Method::PATCH, ENTITY, write, entities::merge)
        .api(Method::DELETE, ENTITY, write, entities::delete)
        .api(Method::POST, ATTRIBUTES, write, attributes::append)
        .api(Method::PATCH, ATTRIBUTES, write, attributes::update)
        .api(Method::PUT, ATTRIBUTE, write, attributes::replace)
        .api(Method::PATCH, ATTRIBUTE, write, attributes::partial_update)
        .api(Method::DELETE, ATTRIBUTE, write, attributes::delete)
        .api(Method::POST, &format!("{BATCH}/create"), write, batch::create)
        .api(Method::POST, &format!("{BATCH}/upsert"), write, batch::upsert)
        .api(Method::POST, &format!("{BATCH}/update"), write, batch::update)
        .api(Method::POST, &format!("{BATCH}/merge"), write, batch::merge)
        .api(Method::POST, &format!("{BATCH}/delete"), write, batch::delete)
        .api(
            Method::POST,
            &format!("{BATCH}/query"),
            Access::Public,
            list::by_post,
        )
        .api(Method::GET, TYPES, Access::Public, discovery::types)
        .api(Method::GET, TYPE, Access::Public, discovery::one_type)
        .api(Method::GET, ALL_ATTRIBUTES, Access::Public, discovery::attributes)
        .api(
            Method::GET,
            ANY_ATTRIBUTE,
            Access::Public,
            discovery::one_attribute,
        )
        .api(Method::GET, ENTITY_MAP, Access::Public, entity_maps::read)
        .api(Method::PATCH, ENTITY_MAP, Access::Public, entity_maps::update)
        .api(Method::DELETE, ENTITY_MAP, Access::Public, entity_maps::delete)
        .api(Method::POST, CONTEXTS, own, contexts::add)
        .api(Method::GET, CONTEXTS, Access::Public, contexts::list)
        .api(Method::GET, CONTEXT, Access::Public, contexts::serve)
        .api(Method::DELETE, CONTEXT, own, contexts::delete)
        .merge(temporal::routes())
        .merge(registrations::routes())
        .merge(subscriptions::routes())
        .merge(dead_letters::routes())
        .merge(registration_subscriptions::routes())
}

/// Resolves an `@context` value on behalf of who asks.
pub(crate) async fn resolve_context(ctx: &Ctx, given: &Value) -> Result<Context, Problem> {
    Ok(Contexts::of(ctx).resolve(given).await?)
}

/// A plain JSON answer in the names of a context.
pub(crate) fn json_answer(body: &Value, context: &Context) -> Response {
    output::answer(body, input::Accept::Json, context)
}

//! `/ngsi-ld/v1/csourceSubscriptions`: subscriptions to registrations (5.11).

use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::Context;
use bisenzio_ngsi_ld::subscription::Accept as Form;
use bisenzio_outbound::Outbound;
use bisenzio_web::{Access, Ctx, Routes, no_content};
use http::{HeaderMap, HeaderName, Method};
use serde::Deserialize;
use serde_json::Value;

use super::entities::uri;
use super::input::{Accept, LdBody, header_context};
use super::list::{link_pages, page_of};
use super::output::{answer, append, created_at, problem};
use super::parameters::{Address, NoParams, Params};
use crate::GraphError;
use crate::module::REGISTER;
use crate::registrations::watchers::{self, Watcher};
use crate::writing::now;

const SUBSCRIPTIONS: &str = "/ngsi-ld/v1/csourceSubscriptions";
const SUBSCRIPTION: &str = "/ngsi-ld/v1/csourceSubscriptions/{id}";

pub(super) fn routes() -> Routes {
    let register = Access::Permission(REGISTER);
    Routes::new()
        .api(Method::POST, SUBSCRIPTIONS, register, create)
        .api(Method::GET, SUBSCRIPTIONS, register, list)
        .api(Method::GET, SUBSCRIPTION, register, read)
        .api(Method::PATCH, SUBSCRIPTION, register, update)
        .api(Method::DELETE, SUBSCRIPTION, register, delete)
}

async fn create(ctx: Ctx, body: LdBody) -> Result<Response, Problem> {
    check_endpoint(&ctx, &body.value)?;
    let (env, tenant) = (ctx.app.env.clone(), ctx.tenant_id().clone());
    let id = ctx
        .store()
        .write(move |tx| watchers::create(tx, &env, &tenant, &body.value, &body.context))
        .await?;
    Ok(created_at(SUBSCRIPTIONS, &id))
}

async fn update(ctx: Ctx, Address(id): Address<String>, body: LdBody) -> Result<Response, Problem> {
    let id = uri(&id)?;
    check_endpoint(&ctx, &body.value)?;
    let (env, tenant) = (ctx.app.env.clone(), ctx.tenant_id().clone());
    ctx.store()
        .write(move |tx| watchers::update(tx, &env, &tenant, &id, &body.value, &body.context))
        .await?;
    Ok(no_content())
}

async fn delete(ctx: Ctx, Address(id): Address<String>, _: NoParams) -> Result<Response, Problem> {
    let id = uri(&id)?;
    let tenant = ctx.tenant_id().clone();
    ctx.store()
        .write(move |tx| watchers::delete(tx, &tenant, &id))
        .await?;
    Ok(no_content())
}

async fn read(
    ctx: Ctx,
    Address(id): Address<String>,
    Params(shown): Params<Shown>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accept = Accept::without_geojson(&headers)?;
    let context = header_context(&ctx, &headers).await?;
    let id = uri(&id)?;
    let tenant = ctx.tenant_id().clone();
    let watcher = ctx
        .store()
        .read(move |tx| {
            watchers::load(tx, &tenant, &id)?.ok_or_else(|| GraphError::from(watchers::not_found(&id)))
        })
        .await?;
    let body = shown.one(&ctx, &watcher, &context, accept);
    Ok(answer(&body, accept, &context))
}

#[derive(Deserialize)]
struct Paging {
    limit: Option<usize>,
    offset: Option<usize>,
    count: Option<bool>,
}

async fn list(
    ctx: Ctx,
    Params(asked): Params<Paging>,
    Params(shown): Params<Shown>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accept = Accept::without_geojson(&headers)?;
    let context = header_context(&ctx, &headers).await?;
    let page = page_of(asked.limit, asked.offset, asked.count).map_err(problem)?;
    let tenant = ctx.tenant_id().clone();
    let all = ctx.store().read(move |tx| watchers::all(tx, &tenant)).await?;
    let window = all.iter().skip(page.offset).take(page.limit);
    let body: Value = window
        .map(|watcher| shown.one(&ctx, watcher, &context, accept))
        .collect();
    let mut response = answer(&body, accept, &context);
    if page.count {
        let name = HeaderName::from_static("ngsild-results-count");
        append(&mut response, name, &all.len().to_string());
    }
    let more = page.offset.saturating_add(page.limit) < all.len();
    link_pages(&mut response, &ctx.path, page, more);
    Ok(response)
}

#[derive(Default, Deserialize)]
struct Shown {
    #[serde(default)]
    options: String,
}

impl Shown {
    fn one(&self, ctx: &Ctx, watcher: &Watcher, context: &Context, accept: Accept) -> Value {
        let sys_attrs = self.options.split(',').any(|option| option.trim() == "sysAttrs");
        let times = sys_attrs.then_some((watcher.created_at, watcher.modified_at));
        let now = now(&ctx.app.env);
        let mut body = watcher
            .subscription
            .represent(context, now, &watcher.delivery, times);
        if accept == Accept::JsonLd {
            body["@context"] = context.as_given();
        }
        body
    }
}

/// An endpoint that can never be called is refused at once; GeoJSON and MQTT are for entities.
fn check_endpoint(ctx: &Ctx, body: &Value) -> Result<(), Problem> {
    let endpoint = &body["notification"]["endpoint"];
    if endpoint["accept"] == Form::GeoJson.media_type() {
        return Err(problem(bisenzio_ngsi_ld::NgsiError::bad_param(
            "registrations are told as application/json or application/ld+json",
        )));
    }
    match endpoint["uri"].as_str() {
        Some(uri) => ctx
            .app
            .service::<Outbound>()?
            .check(uri)
            .map(drop)
            .map_err(|error| problem(bisenzio_ngsi_ld::NgsiError::bad_param(error.to_string()))),
        None => Ok(()),
    }
}

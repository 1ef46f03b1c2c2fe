//! `/ngsi-ld/v1/csourceRegistrations`: registering other brokers (5.9) and finding registrations (5.10).

use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::query::{
    GeoQuery, Q, ScopeQuery, TypeSelection, parse_attrs, parse_id_pattern, parse_ids,
};
use bisenzio_ngsi_ld::registration::{AttributeSet, Registration, TemporalQuery, represent};
use bisenzio_ngsi_ld::{Context, NgsiError};
use bisenzio_web::{Access, Ctx, Routes, no_content};
use http::{HeaderMap, HeaderName, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use super::entities::uri;
use super::input::{Accept, LdBody, header_context};
use super::list::{link_pages, page_of};
use super::output::{answer, append, created_at, problem};
use super::parameters::{Address, NoParams, Params};
use crate::GraphError;
use crate::distribution::own_alias;
use crate::module::REGISTER;
use crate::registrations::health::Health;
use crate::registrations::{self, Changed, Selection};

const REGISTRATIONS: &str = "/ngsi-ld/v1/csourceRegistrations";
const REGISTRATION: &str = "/ngsi-ld/v1/csourceRegistrations/{id}";

pub(super) fn routes() -> Routes {
    let register = Access::Permission(REGISTER);
    Routes::new()
        .api(Method::POST, REGISTRATIONS, register, create)
        .api(Method::GET, REGISTRATIONS, register, list)
        .api(Method::GET, REGISTRATION, register, read)
        .api(Method::PATCH, REGISTRATION, register, update)
        .api(Method::DELETE, REGISTRATION, register, delete)
        .api(
            Method::GET,
            "/ngsi-ld/v1/info/sourceIdentity",
            Access::Public,
            identity,
        )
}

async fn create(ctx: Ctx, body: LdBody) -> Result<Response, Problem> {
    let (env, tenant) = (ctx.app.env.clone(), ctx.tenant_id().clone());
    let changed = ctx
        .store()
        .write(move |tx| registrations::create(tx, &env, &tenant, &body.value, &body.context))
        .await?;
    let id = changed.after.map(|registration| registration.id);
    Ok(created_at(REGISTRATIONS, id.as_deref().unwrap_or_default()))
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
    let registration = ctx
        .store()
        .read(move |tx| {
            registrations::load(tx, &tenant, &id)?
                .ok_or_else(|| GraphError::from(registrations::not_found(&id)))
        })
        .await?;
    let body = shown.one(&ctx, &registration, &context, accept);
    Ok(answer(&body, accept, &context))
}

async fn update(ctx: Ctx, Address(id): Address<String>, body: LdBody) -> Result<Response, Problem> {
    let id = uri(&id)?;
    let (env, tenant) = (ctx.app.env.clone(), ctx.tenant_id().clone());
    ctx.store()
        .write(move |tx| {
            registrations::update(tx, &env, &tenant, &id, &body.value, &body.context).map(|_: Changed| ())
        })
        .await?;
    Ok(no_content())
}

async fn delete(ctx: Ctx, Address(id): Address<String>, _: NoParams) -> Result<Response, Problem> {
    let id = uri(&id)?;
    let (env, tenant) = (ctx.app.env.clone(), ctx.tenant_id().clone());
    let gone = id.clone();
    ctx.store()
        .write(move |tx| registrations::delete(tx, &env, &tenant, &id).map(|_: Changed| ()))
        .await?;
    ctx.store().memory::<Health>().forget(ctx.tenant_id(), &gone);
    Ok(no_content())
}

#[derive(Default, Deserialize)]
struct Shown {
    #[serde(default)]
    options: String,
}

impl Shown {
    fn one(&self, ctx: &Ctx, registration: &Registration, context: &Context, accept: Accept) -> Value {
        let sys_attrs = self.options.split(',').any(|option| option.trim() == "sysAttrs");
        let mut body = represent(registration, context, sys_attrs);
        let health = ctx.store().memory::<Health>();
        body.extend(health.describe(ctx.tenant_id(), registration));
        if accept == Accept::JsonLd {
            body.insert("@context".into(), context.as_given());
        }
        Value::Object(body)
    }
}

#[derive(Deserialize)]
struct Query {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(rename = "idPattern")]
    id_pattern: Option<String>,
    attrs: Option<String>,
    q: Option<String>,
    csf: Option<String>,
    georel: Option<String>,
    geometry: Option<String>,
    coordinates: Option<String>,
    geoproperty: Option<String>,
    timerel: Option<String>,
    #[serde(rename = "timeAt")]
    time_at: Option<String>,
    #[serde(rename = "endTimeAt")]
    end_time_at: Option<String>,
    timeproperty: Option<String>,
    #[serde(rename = "scopeQ")]
    scope_q: Option<String>,
    limit: Option<usize>,
    offset: Option<usize>,
    count: Option<bool>,
}

async fn list(
    ctx: Ctx,
    Params(asked): Params<Query>,
    Params(shown): Params<Shown>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accept = Accept::without_geojson(&headers)?;
    let context = header_context(&ctx, &headers).await?;
    let selection = asked.selection(&context).map_err(problem)?;
    let page = page_of(asked.limit, asked.offset, asked.count).map_err(problem)?;
    let (env, tenant) = (ctx.app.env.clone(), ctx.tenant_id().clone());
    let all = ctx
        .store()
        .read(move |tx| registrations::select(tx, &env, &tenant, &selection))
        .await?;
    let body: Value = all
        .iter()
        .skip(page.offset)
        .take(page.limit)
        .map(|registration| shown.one(&ctx, registration, &context, accept))
        .collect();
    let mut response = answer(&body, accept, &context);
    if page.count {
        append(
            &mut response,
            HeaderName::from_static("ngsild-results-count"),
            &all.len().to_string(),
        );
    }
    let more = page.offset.saturating_add(page.limit) < all.len();
    link_pages(&mut response, &ctx.path, page, more);
    Ok(response)
}

impl Query {
    fn selection(&self, context: &Context) -> Result<Selection, NgsiError> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let filter = |text: Option<String>| text.map(|text| Q::parse(&text, context)).transpose();
        let geo = match (&self.georel, &self.geometry, &self.coordinates) {
            (None, None, None) => None,
            (Some(georel), Some(geometry), Some(coordinates)) => {
                let property = given(&self.geoproperty);
                let coordinates = Value::String(coordinates.clone());
                Some(GeoQuery::parse(
                    georel,
                    geometry,
                    &coordinates,
                    property.as_deref(),
                    context,
                )?)
            }
            _ => {
                return Err(NgsiError::bad_param(
                    "georel, geometry and coordinates go together",
                ));
            }
        };
        let temporal = self
            .timerel
            .as_deref()
            .map(|timerel| {
                let (at, end) = (self.time_at.as_deref(), self.end_time_at.as_deref());
                TemporalQuery::parse(timerel, at, end, self.timeproperty.as_deref())
            })
            .transpose()?;
        let types = given(&self.kind)
            .map(|text| TypeSelection::parse(&text, context))
            .transpose()?;
        let attributes = given(&self.attrs)
            .map(|text| parse_attrs(&text, context))
            .transpose()?;
        let selection = Selection {
            ids: given(&self.id).map(|text| parse_ids(&text)).transpose()?,
            id_pattern: given(&self.id_pattern)
                .map(|text| parse_id_pattern(&text))
                .transpose()?,
            types: types.map(|types| types.mentioned().into_iter().map(ToOwned::to_owned).collect()),
            attributes: AttributeSet::only_or_all(attributes.into_iter().flatten()),
            filters: [filter(given(&self.q))?, filter(given(&self.csf))?],
            scope_q: given(&self.scope_q)
                .map(|text| ScopeQuery::parse(&text))
                .transpose()?,
            geo,
            temporal,
        };
        if selection.is_too_wide() {
            return Err(NgsiError::bad_param(
                "give at least one of type, attrs, id, idPattern, q, csf, georel or timerel",
            ));
        }
        Ok(selection)
    }
}

/// Who this broker is, for others that want to register it (6.36).
async fn identity(ctx: Ctx, headers: HeaderMap, _: NoParams) -> Result<Response, Problem> {
    let accept = Accept::without_geojson(&headers)?;
    let context = header_context(&ctx, &headers).await?;
    let alias = own_alias(&ctx).await?;
    let (since, now) = registrations::uptime(ctx.store(), &ctx.app.env);
    let mut body = json!({
        "id": format!("urn:ngsi-ld:ContextSourceIdentity:{alias}"),
        "type": "ContextSourceIdentity",
        "contextSourceAlias": alias,
        "contextSourceUptime": since,
        "contextSourceTimeAt": now.to_string(),
    });
    if accept == Accept::JsonLd {
        body["@context"] = context.to_json();
    }
    Ok(answer(&body, accept, &context))
}

//! Subscriptions: create (5.8.1), update (5.8.2), read (5.8.3), list (5.8.4), delete (5.8.5).

use axum::response::{IntoResponse, Response};
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::subscription::{self, Subscription};
use bisenzio_ngsi_ld::{Context, DateTime, ErrorKind, NgsiError, Path, represent};
use bisenzio_outbound::Outbound;
use bisenzio_web::{Access, Ctx, Routes, no_content};
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use percent_encoding::utf8_percent_encode;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::entities::uri;
use super::input::{Accept, LdBody, header_context};
use super::output::{SEGMENT, answer, append, problem};
use super::parameters::{Address, NoParams, Params};
use crate::GraphError;
use crate::contexts::{Contexts, Keep};
use crate::module::SUBSCRIBE;
use crate::subscriptions::MAX_SUBSCRIPTIONS;
use crate::subscriptions::dispatch::check_endpoint;
use crate::subscriptions::hub::Hub;
use crate::subscriptions::owner::Owner;
use crate::subscriptions::rows::{self, Scope, Stored};
use crate::subscriptions::service::{self, scope_of, shown};

const SUBSCRIPTIONS: &str = "/ngsi-ld/v1/subscriptions";
const SUBSCRIPTION: &str = "/ngsi-ld/v1/subscriptions/{id}";

const DEFAULT_LIMIT: i64 = 20;
const MAX_LIMIT: i64 = 1_000;

pub(super) fn routes() -> Routes {
    let access = Access::Permission(SUBSCRIBE);
    Routes::new()
        .api(Method::GET, SUBSCRIPTIONS, access, list)
        .api(Method::POST, SUBSCRIPTIONS, access, create)
        .api(Method::GET, SUBSCRIPTION, access, read)
        .api(Method::PATCH, SUBSCRIPTION, access, update)
        .api(Method::DELETE, SUBSCRIPTION, access, delete)
}

async fn create(ctx: Ctx, body: LdBody) -> Result<Response, Problem> {
    let mut document = subscription::canonical(&body.value, &body.context).map_err(problem)?;
    let made = format!("urn:ngsi-ld:Subscription:{}", ctx.app.env.ulid());
    let id = document
        .entry("id")
        .or_insert_with(|| made.into())
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let context = notification_context(&ctx, &document, &body.context).await?;
    if let (None, Some(url)) = (body.context.link_url(), context.link_url()) {
        // Implicitly created: who reads the subscription learns where it is (5.2.12).
        document.entry("jsonldContext").or_insert_with(|| url.into());
    }
    check(&ctx, &document, &context, &body.context, true).map_err(problem)?;
    let new = Stored {
        id: id.clone(),
        document,
        context: String::new(),
        q_context: String::new(),
        owner: Owner::of(&ctx.actor),
        revision: String::new(),
        created_at: ctx.app.env.now(),
        modified_at: ctx.app.env.now(),
    };
    let (env, tenant) = (ctx.app.env.clone(), ctx.tenant_id().clone());
    ctx.store()
        .write(move |tx| {
            if rows::count(tx, &tenant, &Scope::Everything)? >= MAX_SUBSCRIPTIONS {
                let detail = format!("there are {MAX_SUBSCRIPTIONS} subscriptions, and no more are taken");
                return Err(NgsiError::new(ErrorKind::OperationNotSupported, detail).into());
            }
            let new = Stored {
                context: rows::keep_context(tx, &tenant, &context)?,
                q_context: rows::keep_context(tx, &tenant, &body.context)?,
                ..new.clone()
            };
            rows::insert(tx, &env, &tenant, &new)?;
            service::follow(tx, &env, &tenant, &new)
        })
        .await?;
    let mut response = StatusCode::CREATED.into_response();
    let location = format!("{SUBSCRIPTIONS}/{}", utf8_percent_encode(&id, SEGMENT));
    append(&mut response, header::LOCATION, &location);
    Ok(response)
}

/// The @context of notifications: `jsonldContext`, else that of the request. One that has no address gets one here,
/// so that a receiver of plain JSON can find it.
async fn notification_context(
    ctx: &Ctx,
    document: &Map<String, Value>,
    request: &Context,
) -> Result<Context, Problem> {
    let contexts = Contexts::of(ctx);
    if let Some(url) = document.get("jsonldContext") {
        let resolved = contexts.resolve(url).await?;
        // Also when it is the core alone: receivers are told the version that was asked for.
        return Context::restore(&resolved.flattened(), Some(url.clone())).map_err(problem);
    }
    if request.link_url().is_some() {
        return Ok(request.clone());
    }
    let url = contexts.address(request, Keep::Always).await?;
    Context::restore(&request.flattened(), Some(Value::String(url))).map_err(problem)
}

/// Rules that hold between members, and those that depend on what may be called and, for an end newly given, on the
/// time.
fn check(
    ctx: &Ctx,
    document: &Map<String, Value>,
    context: &Context,
    q_context: &Context,
    new_end: bool,
) -> Result<(), NgsiError> {
    let compiled = Subscription::compile(document, context.clone(), q_context)?;
    let root = Path::root();
    let now = DateTime::from_micros(ctx.app.env.now());
    if new_end && compiled.expires_at.is_some_and(|end| end <= now) {
        let why = "the end lies in the past";
        return Err(NgsiError::bad(&root.member("expiresAt"), why));
    }
    let notification = root.member("notification");
    let endpoint = notification.member("endpoint");
    check_endpoint(
        ctx.app.services.get::<Outbound>(),
        &compiled.notification.endpoint,
    )
    .map_err(|why| NgsiError::bad(&endpoint.member("uri"), why))
}

async fn update(ctx: Ctx, Address(id): Address<String>, body: LdBody) -> Result<Response, Problem> {
    let id = uri(&id)?.into_string();
    let (tenant, scope) = (ctx.tenant_id().clone(), scope_of(&ctx.actor));
    let (stored, context, q_context) = {
        let (tenant, id, scope) = (tenant.clone(), id.clone(), scope.clone());
        ctx.store()
            .read(move |tx| {
                let stored = rows::load(tx, &tenant, &id, &scope)?;
                let context = rows::context(tx, &tenant, &stored.context)?;
                let q_context = rows::context(tx, &tenant, &stored.q_context)?;
                Ok::<_, GraphError>((stored, context, q_context))
            })
            .await?
    };
    let document = subscription::patch(&stored.document, &body.value, &body.context).map_err(problem)?;
    let given = |name: &str| body.value.get(name).is_some();
    let context = match document.get("jsonldContext") {
        Some(url) if given("jsonldContext") => {
            let resolved = Contexts::of(&ctx).resolve(url).await?;
            Context::restore(&resolved.flattened(), Some(url.clone())).map_err(problem)?
        }
        None if given("jsonldContext") => notification_context(&ctx, &document, &q_context).await?,
        _ => context,
    };
    let q_context = if given("q") {
        body.context.clone()
    } else {
        q_context
    };
    // One that has expired stays so until it is given a new end.
    check(&ctx, &document, &context, &q_context, given("expiresAt")).map_err(problem)?;
    let env = ctx.app.env.clone();
    ctx.store()
        .write(move |tx| {
            // Another update may have come first: this one is applied to what stands now.
            let now = rows::load(tx, &tenant, &id, &scope)?;
            let changed = Stored {
                document: subscription::patch(&now.document, &body.value, &body.context)?,
                context: rows::keep_context(tx, &tenant, &context)?,
                q_context: rows::keep_context(tx, &tenant, &q_context)?,
                ..now
            };
            Subscription::compile(&changed.document, context.clone(), &q_context)?;
            service::save(tx, &env, &tenant, &changed)
        })
        .await?;
    Ok(no_content())
}

async fn delete(ctx: Ctx, Address(id): Address<String>, NoParams: NoParams) -> Result<Response, Problem> {
    let id = uri(&id)?.into_string();
    let (env, tenant, actor) = (ctx.app.env.clone(), ctx.tenant_id().clone(), ctx.actor.clone());
    ctx.store()
        .write(move |tx| service::delete(tx, &env, &tenant, &actor, &id))
        .await?;
    Ok(no_content())
}

#[derive(Debug, Default, Deserialize)]
struct Reading {
    #[serde(default)]
    options: String,
}

impl Reading {
    fn sys_attrs(&self) -> bool {
        self.options.split(',').any(|option| option.trim() == "sysAttrs")
    }
}

async fn read(
    ctx: Ctx,
    Address(id): Address<String>,
    Params(reading): Params<Reading>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accept = Accept::without_geojson(&headers)?;
    let context = header_context(&ctx, &headers).await?;
    let id = uri(&id)?.into_string();
    ctx.store().memory::<Hub>().settle().await;
    let (env, tenant, scope) = (ctx.app.env.clone(), ctx.tenant_id().clone(), scope_of(&ctx.actor));
    let names = context.clone();
    let value = ctx
        .store()
        .read(move |tx| {
            let stored = rows::load(tx, &tenant, &id, &scope)?;
            let (value, _) = shown(tx, &env, &tenant, &stored, &names, reading.sys_attrs())?;
            Ok::<_, GraphError>(value)
        })
        .await?;
    Ok(answer(&with_context(value, accept, &context), accept, &context))
}

#[derive(Debug, Deserialize)]
struct Listing {
    limit: Option<i64>,
    offset: Option<i64>,
    count: Option<bool>,
    #[serde(default)]
    options: String,
}

async fn list(ctx: Ctx, Params(asked): Params<Listing>, headers: HeaderMap) -> Result<Response, Problem> {
    let accept = Accept::without_geojson(&headers)?;
    let context = header_context(&ctx, &headers).await?;
    let count = asked.count.unwrap_or(false);
    let (limit, offset) = (asked.limit.unwrap_or(DEFAULT_LIMIT), asked.offset.unwrap_or(0));
    if !(0..=MAX_LIMIT).contains(&limit) || offset < 0 || (limit == 0 && !count) {
        let why = format!("limit is 1 to {MAX_LIMIT} (0 with count=true), offset is not negative");
        return Err(problem(NgsiError::bad_param(why)));
    }
    let sys_attrs = Reading {
        options: asked.options,
    }
    .sys_attrs();
    let (env, tenant, scope) = (ctx.app.env.clone(), ctx.tenant_id().clone(), scope_of(&ctx.actor));
    let names = context.clone();
    ctx.store().memory::<Hub>().settle().await;
    let (values, total) = ctx
        .store()
        .read(move |tx| {
            let total = rows::count(tx, &tenant, &scope)?;
            let values = rows::list(tx, &tenant, &scope, limit, offset)?
                .iter()
                .map(|stored| Ok(shown(tx, &env, &tenant, stored, &names, sys_attrs)?.0))
                .collect::<Result<Vec<_>, GraphError>>()?;
            Ok::<_, GraphError>((values, total))
        })
        .await?;
    let values = values
        .into_iter()
        .map(|value| with_context(value, accept, &context))
        .collect();
    let mut response = answer(&values, accept, &context);
    if count {
        let name = HeaderName::from_static("ngsild-results-count");
        append(&mut response, name, &total.to_string());
    }
    let media_type = if accept == Accept::JsonLd {
        "application/ld+json"
    } else {
        "application/json"
    };
    let link = |offset: i64, rel: &str| {
        format!("<{SUBSCRIPTIONS}?limit={limit}&offset={offset}>;rel=\"{rel}\";type=\"{media_type}\"")
    };
    if limit > 0 && offset > 0 {
        append(
            &mut response,
            header::LINK,
            &link((offset - limit).max(0), "prev"),
        );
    }
    if limit > 0 && offset.saturating_add(limit) < total {
        append(&mut response, header::LINK, &link(offset + limit, "next"));
    }
    Ok(response)
}

fn with_context(value: Value, accept: Accept, context: &Context) -> Value {
    if accept == Accept::JsonLd {
        represent::with_context(value, context)
    } else {
        value
    }
}

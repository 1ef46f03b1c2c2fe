//! Hosted, cached and implicitly created @contexts: add (5.13.2), list (5.13.3), serve (5.13.4), delete and
//! reload (5.13.5).

use axum::response::{IntoResponse, Response};
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::context::{CORE_CONTEXT_URL, core_context_document, is_core_context_url};
use bisenzio_ngsi_ld::{DateTime, ErrorKind, NgsiError, json};
use bisenzio_web::{Ctx, LimitedBody, no_content};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::input::Accept;
use super::output::{append, problem};
use super::parameters::{Address, NoParams, Params, boolean};
use crate::GraphError;
use crate::contexts::{Contexts, MAX_HOSTED, PATH, digest};
use crate::store::contexts::{self as rows, Kind, Stored};

/// Local identifier of the core @context, which is part of the program.
const CORE: &str = "core";

#[derive(Deserialize)]
pub(crate) struct Asked {
    details: Option<String>,
    kind: Option<String>,
    reload: Option<String>,
}

pub(crate) async fn add(
    ctx: Ctx,
    _: NoParams,
    headers: HeaderMap,
    LimitedBody(bytes): LimitedBody,
) -> Result<Response, Problem> {
    super::input::is_json_ld(&headers)?;
    let body = json::parse_strict(&bytes).map_err(problem)?;
    let given = body
        .get("@context")
        .filter(|given| !given.is_null())
        .ok_or_else(|| {
            let detail = "the body is a JSON object with a member @context";
            problem(NgsiError::new(ErrorKind::InvalidRequest, detail))
        })?;
    // What cannot be resolved now is of no use to anybody later.
    Contexts::of(&ctx).resolve(given).await?;
    let stored = Stored {
        id: ctx.app.env.ulid(),
        kind: Kind::Hosted,
        url: None,
        body: body.to_string(),
        created_at: ctx.app.env.now(),
        expires_at: None,
    };
    let (tenant, id) = (ctx.tenant_id().clone(), stored.id.clone());
    ctx.store()
        .write(move |tx| {
            if rows::count(tx, &tenant, Kind::Hosted)? >= MAX_HOSTED {
                let detail = format!("at most {MAX_HOSTED} contexts are hosted: delete one first");
                return Err(GraphError::Ngsi(NgsiError::new(
                    ErrorKind::OperationNotSupported,
                    detail,
                )));
            }
            Ok(rows::save(tx, &tenant, &stored)?)
        })
        .await?;
    let mut response = StatusCode::CREATED.into_response();
    append(&mut response, header::LOCATION, &format!("{PATH}/{id}"));
    Ok(response)
}

pub(crate) async fn list(
    ctx: Ctx,
    Params(asked): Params<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accept = Accept::without_geojson(&headers)?;
    let details = boolean(asked.details.as_deref(), "details").map_err(problem)?;
    let kind = match asked.kind.as_deref() {
        None => None,
        Some(name) => Some(Kind::from_name(name).ok_or_else(|| {
            problem(NgsiError::bad_param(
                "kind is Hosted, Cached or ImplicitlyCreated",
            ))
        })?),
    };
    let tenant = ctx.tenant_id().clone();
    let stored = ctx.store().read(move |tx| rows::list(tx, &tenant, kind)).await?;
    let contexts = Contexts::of(&ctx);
    let mut all: Vec<Value> = Vec::with_capacity(stored.len() + 1);
    if kind.is_none_or(|kind| kind == Kind::Cached) {
        all.push(if details {
            core_details()
        } else {
            CORE_CONTEXT_URL.into()
        });
    }
    all.extend(stored.iter().map(|stored| match details {
        true => describe(&contexts, stored),
        false => contexts.url_of(stored).into(),
    }));
    Ok(send(accept, Value::Array(all).to_string()))
}

pub(crate) async fn serve(
    ctx: Ctx,
    Address(name): Address<String>,
    Params(asked): Params<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accept = Accept::without_geojson(&headers)?;
    let details = boolean(asked.details.as_deref(), "details").map_err(problem)?;
    if is_core(&name) {
        let body = if details {
            core_details().to_string()
        } else {
            core_context_document().to_owned()
        };
        return Ok(send(accept, body));
    }
    let contexts = Contexts::of(&ctx);
    let stored = find(&contexts, &name).await?;
    if details {
        let body = describe(&contexts, &stored).to_string();
        contexts.usage(&contexts.url_of(&stored)).note(ctx.app.env.now());
        return Ok(send(accept, body));
    }
    if stored.kind == Kind::Cached {
        let detail = "a cached @context is served by its own server; details=true says what is known of it";
        return Err(problem(NgsiError::new(ErrorKind::OperationNotSupported, detail)));
    }
    contexts.usage(&contexts.url_of(&stored)).note(ctx.app.env.now());
    let mut response = send(accept, stored.body);
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=60"),
    );
    headers.append(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

pub(crate) async fn delete(
    ctx: Ctx,
    Address(name): Address<String>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let reload = boolean(asked.reload.as_deref(), "reload").map_err(problem)?;
    if is_core(&name) {
        // Part of the program: there is nothing to fetch, and nothing works without it.
        return match reload {
            true => Ok(no_content()),
            false => Err(problem(NgsiError::bad_param(
                "the core @context cannot be deleted",
            ))),
        };
    }
    let contexts = Contexts::of(&ctx);
    let found = find(&contexts, &name).await;
    if reload {
        return match found {
            Ok(Stored {
                kind: Kind::Cached,
                url: Some(url),
                ..
            }) => {
                contexts.reload(&url).await?;
                Ok(no_content())
            }
            Ok(_) | Err(GraphError::Ngsi(_)) => Err(problem(NgsiError::bad_param(
                "only a cached @context can be reloaded",
            ))),
            Err(error) => Err(error.into()),
        };
    }
    let stored = found?;
    let (tenant, id) = (ctx.tenant_id().clone(), stored.id.clone());
    ctx.store()
        .write(move |tx| rows::remove(tx, &tenant, &id))
        .await?;
    contexts.forget_wholly(&contexts.url_of(&stored)).await;
    Ok(no_content())
}

fn is_core(name: &str) -> bool {
    name == CORE || is_core_context_url(name)
}

/// A context by its local identifier or its address.
async fn find(contexts: &Contexts, name: &str) -> Result<Stored, GraphError> {
    let id = match contexts.local_id(name) {
        Some(id) => id,
        None if name.contains("://") => digest(name),
        None => name.to_owned(),
    };
    let stored = contexts.load(&id).await?;
    stored.ok_or_else(|| {
        let short: String = name.chars().take(200).collect();
        NgsiError::not_found(format!("There is no @context {short}")).into()
    })
}

/// Table 5.13.3.5-1.
fn describe(contexts: &Contexts, stored: &Stored) -> Value {
    let url = contexts.url_of(stored);
    let usage = contexts.usage(&url);
    let mut details = json!({
        "URL": url,
        "localId": stored.id,
        "kind": stored.kind.name(),
        "createdAt": time(stored.created_at),
        "numberOfHits": usage.hits(),
    });
    if let Some(last) = usage.last() {
        details["lastUsage"] = time(last);
    }
    if let Some(at) = stored.expires_at {
        details["expiresAt"] = time(at);
    }
    details
}

fn core_details() -> Value {
    json!({
        "URL": CORE_CONTEXT_URL,
        "localId": CORE,
        "kind": Kind::Cached.name(),
        "createdAt": time(0),
        "extraInfo": { "embedded": true },
    })
}

fn time(micros: i64) -> Value {
    DateTime::from_micros(micros).to_string().into()
}

fn send(accept: Accept, body: String) -> Response {
    let media_type = match accept {
        Accept::JsonLd => "application/ld+json",
        _ => "application/json",
    };
    ([(header::CONTENT_TYPE, media_type)], body).into_response()
}

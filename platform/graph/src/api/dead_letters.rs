//! `/api/v1/graph`: how subscriptions fare and what could not be delivered, for officers and their tools.

use axum::Json;
use axum::response::Response;
use bisenzio_kernel::{Micros, Problem};
use bisenzio_ngsi_ld::{DateTime, NgsiError};
use bisenzio_web::{Access, Ctx, Routes, no_content};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::output::problem;
use super::parameters::{Address, NoParams, Params};
use crate::GraphError;
use crate::module::{OVERSEE, SUBSCRIBE};
use crate::subscriptions::service::{self, health_of};
use crate::subscriptions::{DeadLetter, SubscriptionHealth};

const LETTERS: &str = "/api/v1/graph/dead-letters";
const HEALTH: &str = "/api/v1/graph/subscriptions";

const DEFAULT_LIMIT: i64 = 50;
const MAX_LIMIT: i64 = 500;

pub(super) fn routes() -> Routes {
    let oversee = Access::Permission(OVERSEE);
    let one = format!("{LETTERS}/{{id}}");
    let again = format!("{LETTERS}/{{id}}/replay");
    let all_again = format!("{HEALTH}/{{id}}/replay");
    Routes::new()
        .api(Method::GET, HEALTH, Access::Permission(SUBSCRIBE), health)
        .api(Method::POST, &all_again, oversee, replay_all)
        .api(Method::GET, LETTERS, oversee, list)
        .api(Method::POST, &again, oversee, replay)
        .api(Method::DELETE, &one, oversee, delete)
}

#[derive(Debug, Deserialize)]
struct Paging {
    subscription: Option<String>,
    limit: Option<i64>,
    offset: Option<i64>,
}

impl Paging {
    fn page(&self) -> Result<(i64, i64), Problem> {
        let (limit, offset) = (self.limit.unwrap_or(DEFAULT_LIMIT), self.offset.unwrap_or(0));
        if (1..=MAX_LIMIT).contains(&limit) && offset >= 0 {
            Ok((limit, offset))
        } else {
            let why = format!("limit is 1 to {MAX_LIMIT} and offset not negative");
            Err(problem(NgsiError::bad_param(why)))
        }
    }
}

async fn list(ctx: Ctx, Params(asked): Params<Paging>) -> Result<Json<Value>, Problem> {
    let (limit, offset) = asked.page()?;
    let (tenant, reader) = (ctx.tenant_id().clone(), ctx.actor.clone());
    let (letters, total) = ctx
        .store()
        .read(move |tx| {
            let subscription = asked.subscription.as_deref();
            service::dead_letters(tx, &tenant, &reader, subscription, limit, offset)
        })
        .await?;
    let items: Vec<Value> = letters.iter().map(letter).collect();
    Ok(Json(json!({ "total": total, "items": items })))
}

async fn replay(ctx: Ctx, Address(id): Address<String>, NoParams: NoParams) -> Result<Response, Problem> {
    let (env, tenant) = (ctx.app.env.clone(), ctx.tenant_id().clone());
    ctx.store()
        .write(move |tx| service::replay(tx, &env, &tenant, &id))
        .await?;
    Ok(no_content())
}

async fn replay_all(
    ctx: Ctx,
    Address(id): Address<String>,
    NoParams: NoParams,
) -> Result<Json<Value>, Problem> {
    let (env, tenant) = (ctx.app.env.clone(), ctx.tenant_id().clone());
    let count = ctx
        .store()
        .write(move |tx| service::replay_all(tx, &env, &tenant, &id))
        .await?;
    Ok(Json(json!({ "replayed": count })))
}

async fn delete(ctx: Ctx, Address(id): Address<String>, NoParams: NoParams) -> Result<Response, Problem> {
    let tenant = ctx.tenant_id().clone();
    ctx.store()
        .write(move |tx| service::discard_dead_letter(tx, &tenant, &id))
        .await?;
    Ok(no_content())
}

async fn health(ctx: Ctx, Params(asked): Params<Paging>) -> Result<Json<Value>, Problem> {
    let (limit, offset) = asked.page()?;
    let (env, tenant, actor) = (ctx.app.env.clone(), ctx.tenant_id().clone(), ctx.actor.clone());
    let (all, total) = ctx
        .store()
        .read(move |tx| match &asked.subscription {
            Some(id) => {
                let one = health_of(tx, &env, &tenant, &actor, id)?;
                Ok::<_, GraphError>((vec![one], 1))
            }
            None => service::health(tx, &env, &tenant, &actor, limit, offset),
        })
        .await?;
    let items: Vec<Value> = all.iter().map(how_it_fares).collect();
    Ok(Json(json!({ "total": total, "items": items })))
}

fn time(at: Micros) -> String {
    DateTime::from_micros(at).to_string()
}

fn letter(letter: &DeadLetter) -> Value {
    json!({
        "id": letter.id,
        "subscription": letter.subscription,
        "entity": letter.entity,
        "attempts": letter.attempts,
        "queuedAt": time(letter.queued_at),
        "diedAt": time(letter.died_at),
        "reason": letter.reason,
        // Null where a rule may hide something of it from whoever asks.
        "notification": serde_json::from_str::<Value>(&letter.body).unwrap_or_default(),
    })
}

fn how_it_fares(one: &SubscriptionHealth) -> Value {
    let health = &one.health;
    json!({
        "id": one.id,
        "status": one.status,
        "name": one.subscription.get("subscriptionName"),
        "endpoint": one.subscription.pointer("/notification/endpoint/uri"),
        "owner": one.owner,
        "organisation": one.organisation,
        "createdAt": time(one.created_at),
        "pending": health.pending,
        "oldestPending": health.oldest_pending.map(time),
        "deadLetters": health.dead,
        "deadLettersDropped": health.dropped,
        "timesSent": health.times_sent,
        "timesFailed": health.times_failed,
        "lastSuccess": health.last_success.map(time),
        "lastFailure": health.last_failure.map(time),
        "lastError": health.last_error,
        "failures": health.failures,
        "retryAt": health.retry_at.map(time),
    })
}

//! Delivering notifications of registrations. One task looks for what is due; every subscription has at most one
//! delivery under way, so that its notifications come in order and a slow endpoint delays nobody else.

use std::collections::HashSet;
use std::sync::Arc;

use std::time::Duration;

use bisenzio_kernel::{Micros, Tenant, TenantId};
use bisenzio_ngsi_ld::registration::{Registration, TriggerReason, notification};
use bisenzio_ngsi_ld::subscription::{Accept, Status};
use bisenzio_ngsi_ld::{Context, Uri};
use bisenzio_outbound::{Outbound, OutboundError, OutboundRequest};
use bisenzio_web::App;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde_json::Value;
use tokio::task::JoinSet;

use super::queue::{self, Bell, Item, Key};
use super::watchers::{self, Watcher, What};
use crate::GraphError;
use crate::contexts::Contexts;
use crate::writing::now;

/// How long an endpoint may take, when its subscription does not say, and however long it says.
const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_TIMEOUT: Duration = Duration::from_secs(15);
/// What an endpoint answers is not read.
const MAX_ANSWER: usize = 64 * 1024;

/// How often the queue is looked at for what other replicas queued and what is due again.
const POLL: Duration = Duration::from_millis(500);
/// Deliveries under way.
const AT_ONCE: usize = 32;

/// Delivers until the task is dropped: what is under way then is delivered again when its lease has run out.
pub(crate) async fn run(app: App) {
    let bell = app.store.memory::<Bell>();
    let mut under_way: JoinSet<Key> = JoinSet::new();
    let mut busy: HashSet<Key> = HashSet::new();
    loop {
        while let Some(Ok(key)) = under_way.try_join_next() {
            busy.remove(&key);
        }
        if under_way.is_empty() {
            // A task that failed has told no key.
            busy.clear();
        }
        let places = AT_ONCE.saturating_sub(under_way.len());
        match queue::claim(&app, &busy, places).await {
            Ok(claimed) => {
                for item in claimed {
                    busy.insert(item.key.clone());
                    under_way.spawn(attempt(app.clone(), item));
                }
            }
            Err(error) => tracing::warn!(%error, "notifications of registrations"),
        }
        tokio::select! {
            () = bell.0.notified() => {}
            Some(ended) = under_way.join_next() => {
                if let Ok(key) = ended {
                    busy.remove(&key);
                }
            }
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

async fn attempt(app: App, item: Item) -> Key {
    let outcome = deliver_item(&app, &item).await;
    if let Err(error) = &outcome {
        tracing::info!(
            error,
            subscription = item.key.subscription,
            "a notification of registrations was not taken"
        );
    }
    if let Err(error) = queue::settle(&app, &item, outcome.is_ok()).await {
        tracing::warn!(%error, "notifications of registrations");
    }
    item.key
}

/// # Errors
/// Why it is to be tried again.
async fn deliver_item(app: &App, item: &Item) -> Result<(), String> {
    let what: What = serde_json::from_str(&item.payload).map_err(|e| e.to_string())?;
    let Some(tenant) = app.tenants.by_id(item.key.tenant.as_str()) else {
        return Ok(());
    };
    let id = Uri::parse(&item.key.subscription).map_err(|e| e.detail)?;
    let watcher = {
        let (tenant, id) = (tenant.id.clone(), id.clone());
        app.store
            .read(move |tx| watchers::load(tx, &tenant, &id))
            .await
            .map_err(|e: GraphError| e.to_string())?
    };
    // Gone or silenced since: nobody waits any more.
    let Some(watcher) = watcher.filter(|w| w.subscription.status(now(&app.env)) == Status::Active) else {
        return Ok(());
    };
    match what {
        What::Change {
            reason,
            registrations,
        } => {
            let registrations = registrations
                .into_iter()
                .map(Registration::from_document)
                .collect::<Result<Vec<_>, _>>()
                .map_err(|e| e.detail)?;
            let reasons = [TriggerReason::Updated, TriggerReason::NoLongerMatching];
            let reason = reasons
                .into_iter()
                .find(|known| known.name() == reason)
                .unwrap_or(TriggerReason::NewlyMatching);
            deliver(app, &tenant, &watcher, item, reason, &registrations).await
        }
        What::Round { since } => round(app, &tenant, &watcher, item, since).await,
    }
}

/// Tells all that match now and comes again after the interval; what fails waits for the next round.
async fn round(
    app: &App,
    tenant: &Tenant,
    watcher: &Watcher,
    item: &Item,
    since: Micros,
) -> Result<(), String> {
    let subscription = &watcher.subscription;
    let Some(interval) = subscription.common.time_interval else {
        return Ok(());
    };
    if watcher.modified_at.micros() > since {
        return Ok(());
    }
    let matching = {
        let (env, tenant, subscription) = (app.env.clone(), tenant.id.clone(), subscription.clone());
        app.store
            .read(move |tx| watchers::matching(tx, &env, &tenant, &subscription))
            .await
            .map_err(|e: GraphError| e.to_string())?
    };
    let first = watcher.delivery.times_sent == 0;
    let reason = if first {
        TriggerReason::NewlyMatching
    } else {
        TriggerReason::Updated
    };
    if let Err(error) = deliver(app, tenant, watcher, item, reason, &matching).await {
        tracing::info!(error, "a periodic notification of registrations was not taken");
    }
    let next = item.due_at.max(app.env.now()) + i64::try_from(interval.as_micros()).unwrap_or(i64::MAX / 2);
    let (env, tenant, id) = (app.env.clone(), tenant.id.clone(), subscription.common.id.clone());
    app.store
        .write(move |tx| queue::put(tx, &env, &tenant, &id, &What::Round { since }, next))
        .await
        .map_err(|e: GraphError| e.to_string())
}

async fn deliver(
    app: &App,
    tenant: &Tenant,
    watcher: &Watcher,
    item: &Item,
    reason: TriggerReason,
    registrations: &[Registration],
) -> Result<(), String> {
    let subscription = &watcher.subscription;
    let context = context_of(app, tenant, watcher).await;
    let data = registrations
        .iter()
        .map(|r| subscription.show(r, &context))
        .collect();
    let id = format!("urn:ngsi-ld:Notification:{}", item.id);
    let mut body = notification(&id, &subscription.common.id, now(&app.env), reason, data);
    let endpoint = &subscription.common.notification.endpoint;
    let mut headers = HeaderMap::new();
    for (name, value) in &endpoint.receiver_info {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            headers.insert(name, value);
        }
    }
    let is_ld = endpoint.accept == Accept::JsonLd;
    if is_ld {
        body["@context"] = context.as_given();
    } else if let Some(url) = context.link_url().filter(|_| !context.is_core_only()) {
        let link =
            format!("<{url}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"");
        if let Ok(link) = HeaderValue::from_str(&link) {
            headers.insert(header::LINK, link);
        }
    }
    let media_type = if is_ld {
        "application/ld+json"
    } else {
        "application/json"
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let outcome = send(app, endpoint, headers, &body).await;
    let (store, tenant, id) = (&app.store, tenant.id.clone(), subscription.common.id.clone());
    note(
        store,
        tenant,
        id,
        app.env.now(),
        item.attempts <= 1,
        outcome.is_ok(),
    )
    .await
    .map_err(|e| e.to_string())?;
    match outcome {
        Err(Refusal::ForGood(error)) => {
            tracing::warn!(error, "a notification of registrations cannot be delivered");
            Ok(())
        }
        Err(Refusal::ForNow(error)) => Err(error),
        Ok(()) => Ok(()),
    }
}

async fn note(
    store: &bisenzio_store::Store,
    tenant: TenantId,
    id: Uri,
    at: Micros,
    is_first: bool,
    is_done: bool,
) -> Result<(), GraphError> {
    store
        .write(move |tx| watchers::note(tx, &tenant, &id, at, is_first, is_done))
        .await
}

enum Refusal {
    ForNow(String),
    ForGood(String),
}

async fn send(
    app: &App,
    endpoint: &bisenzio_ngsi_ld::subscription::Endpoint,
    headers: HeaderMap,
    body: &Value,
) -> Result<(), Refusal> {
    let outbound = app
        .service::<Outbound>()
        .map_err(|problem| Refusal::ForNow(problem.detail))?;
    let request = OutboundRequest {
        method: Method::POST,
        url: endpoint.uri.clone(),
        headers,
        body: body.to_string().into(),
        timeout: endpoint.timeout.unwrap_or(TIMEOUT).min(MAX_TIMEOUT),
        max_body: MAX_ANSWER,
    };
    match outbound.send(request).await {
        // An answer that is too long to be read is an answer.
        Err(OutboundError::TooLarge(_)) => Ok(()),
        Ok(response) if response.status.is_success() => Ok(()),
        Ok(response) => Err(Refusal::ForNow(format!(
            "the endpoint answered {}",
            response.status
        ))),
        Err(error @ (OutboundError::Invalid(_) | OutboundError::Forbidden(_))) => {
            Err(Refusal::ForGood(error.to_string()))
        }
        Err(error) => Err(Refusal::ForNow(error.to_string())),
    }
}

/// The @context of notifications; names are written out in full when it cannot be had any more.
async fn context_of(app: &App, tenant: &Tenant, watcher: &Watcher) -> Context {
    let given = watcher
        .subscription
        .document
        .get("jsonldContext")
        .unwrap_or(&watcher.context);
    let outbound = app.services.get::<Outbound>().cloned();
    let tenant = Arc::new(tenant.clone());
    let contexts = Contexts::new(
        app.store.clone(),
        app.env.clone(),
        tenant,
        outbound,
        String::new(),
    );
    contexts.resolve(given).await.unwrap_or_default()
}

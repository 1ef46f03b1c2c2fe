//! Subscriptions to registrations (5.11): kept, changed, and told in the transaction of what they wait for.
//!
//! A notification is put into a queue ([`super::queue`]) in the transaction of the change: it survives a crash, and is
//! tried again with growing pauses.

use bisenzio_kernel::{Env, Micros, TenantId};
use bisenzio_ngsi_ld::registration::{Registration, RegistrationSubscription, TriggerReason};
use bisenzio_ngsi_ld::subscription::{Delivery, Status};
use bisenzio_ngsi_ld::{Context, DateTime, ErrorKind, NgsiError, Uri};
use bisenzio_store::{Row, Tx, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Changed, queue, rows};
use crate::GraphError;
use crate::writing::now;

/// Subscriptions of one city.
const MAX_WATCHERS: i64 = 1_000;

/// A subscription with what the broker knows of it.
pub(crate) struct Watcher {
    pub(crate) subscription: RegistrationSubscription,
    /// The @context of notifications, as it was given.
    pub(crate) context: Value,
    pub(crate) delivery: Delivery,
    pub(crate) created_at: DateTime,
    pub(crate) modified_at: DateTime,
}

/// What is to be delivered.
#[derive(Deserialize, Serialize)]
pub(crate) enum What {
    /// Registrations as they were when it happened.
    Change {
        reason: String,
        registrations: Vec<Map<String, Value>>,
    },
    /// All that match when it is time; and again after the interval, as long as the subscription is that of `since`.
    Round { since: Micros },
}

/// Subscribes (5.11.2) and tells of what matches already.
pub(crate) fn create(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    body: &Value,
    context: &Context,
) -> Result<Uri, GraphError> {
    let given = Uri::parse(&format!("urn:ngsi-ld:Subscription:{}", env.ulid()))?;
    let subscription = RegistrationSubscription::parse(body, context, &given, now(env))?;
    let id = subscription.common.id.clone();
    if load(tx, tenant, &id)?.is_some() {
        return Err(NgsiError::new(ErrorKind::AlreadyExists, format!("{id} already exists")).into());
    }
    let count: i64 = tx
        .query_one(
            "SELECT COUNT(*) FROM registration_subscription WHERE tenant = $1",
            params![tenant],
        )?
        .get(0)?;
    if count >= MAX_WATCHERS {
        let detail = format!("a city has at most {MAX_WATCHERS} subscriptions to registrations");
        return Err(NgsiError::bad_param(detail).into());
    }
    tx.execute(
        "INSERT INTO registration_subscription
         (tenant, id, document, context, created_at, modified_at, times_sent, times_failed)
         VALUES ($1, $2, $3, $4, $5, $5, 0, 0)",
        params![
            tenant,
            id.as_str(),
            text_of(&subscription),
            context.as_given().to_string(),
            env.now()
        ],
    )?;
    begin(tx, env, tenant, &subscription)?;
    Ok(id)
}

/// Changes a subscription (5.11.3): it begins anew.
pub(crate) fn update(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    id: &Uri,
    body: &Value,
    context: &Context,
) -> Result<(), GraphError> {
    let watcher = load(tx, tenant, id)?.ok_or_else(|| not_found(id))?;
    let subscription = watcher.subscription.patched(body, context)?;
    tx.execute(
        "UPDATE registration_subscription SET document = $3, modified_at = $4 WHERE tenant = $1 AND id = $2",
        params![tenant, id.as_str(), text_of(&subscription), env.now()],
    )?;
    forget(tx, tenant, id)?;
    begin(tx, env, tenant, &subscription)
}

pub(crate) fn delete(tx: &mut Tx<'_>, tenant: &TenantId, id: &Uri) -> Result<(), GraphError> {
    let removed = tx.execute(
        "DELETE FROM registration_subscription WHERE tenant = $1 AND id = $2",
        params![tenant, id.as_str()],
    )?;
    if removed == 0 {
        return Err(not_found(id).into());
    }
    forget(tx, tenant, id)
}

pub(crate) fn load(tx: &mut Tx<'_>, tenant: &TenantId, id: &Uri) -> Result<Option<Watcher>, GraphError> {
    let sql = format!("{SELECT} AND id = $2");
    tx.query_opt(&sql, params![tenant, id.as_str()])?
        .as_ref()
        .map(read)
        .transpose()
}

/// All subscriptions to registrations of a city, oldest first.
pub(crate) fn all(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Vec<Watcher>, GraphError> {
    let sql = format!("{SELECT} ORDER BY created_at, id");
    tx.query(&sql, params![tenant])?.iter().map(read).collect()
}

pub(crate) fn not_found(id: &Uri) -> NgsiError {
    NgsiError::not_found(format!("There is no subscription {id}"))
}

/// Registrations that a subscription means now.
pub(crate) fn matching(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    subscription: &RegistrationSubscription,
) -> Result<Vec<Registration>, GraphError> {
    let mut all = rows::all(tx, tenant)?;
    all.retain(|registration| subscription.matches(registration, now(env)));
    Ok(all)
}

/// Tells those who wait for such a change.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    changed: &Changed,
) -> Result<(), GraphError> {
    let Some(registration) = changed.after.as_ref().or(changed.before.as_ref()) else {
        return Ok(());
    };
    for watcher in all(tx, tenant)? {
        let subscription = &watcher.subscription;
        if subscription.status(now(env)) != Status::Active || subscription.common.time_interval.is_some() {
            continue;
        }
        let matches = |r: &Registration| subscription.matches(r, now(env));
        let matches = changed.after.as_ref().is_some_and(matches);
        let id = &subscription.common.id;
        let told = is_told(tx, tenant, id, &registration.id)?;
        if let Some(reason) = TriggerReason::of(told, matches) {
            enqueue(tx, env, tenant, id, reason, std::slice::from_ref(registration))?;
            match reason {
                TriggerReason::NewlyMatching => note_told(tx, tenant, id, &registration.id)?,
                TriggerReason::NoLongerMatching => forget_one(tx, tenant, id, &registration.id)?,
                TriggerReason::Updated => {}
            }
        }
    }
    Ok(())
}

/// The first notification (5.11.7): of all that matches already, or the first of many at intervals.
fn begin(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    subscription: &RegistrationSubscription,
) -> Result<(), GraphError> {
    if subscription.status(now(env)) != Status::Active {
        return Ok(());
    }
    let id = &subscription.common.id;
    if subscription.common.time_interval.is_some() {
        let what = What::Round { since: env.now() };
        return queue::put(tx, env, tenant, id, &what, env.now());
    }
    let matching = matching(tx, env, tenant, subscription)?;
    for registration in &matching {
        note_told(tx, tenant, id, &registration.id)?;
    }
    match matching.is_empty() {
        true => Ok(()),
        false => enqueue(tx, env, tenant, id, TriggerReason::NewlyMatching, &matching),
    }
}

fn enqueue(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    id: &Uri,
    reason: TriggerReason,
    registrations: &[Registration],
) -> Result<(), GraphError> {
    let what = What::Change {
        reason: reason.name().to_owned(),
        registrations: registrations.iter().map(|r| r.document.clone()).collect(),
    };
    queue::put(tx, env, tenant, id, &what, env.now())
}

/// Notes how a delivery fared. Attempts after the first are the same notification.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    id: &Uri,
    at: Micros,
    is_first: bool,
    is_done: bool,
) -> Result<(), GraphError> {
    let last = if is_done { "last_success" } else { "last_failure" };
    let sql = format!(
        "UPDATE registration_subscription SET times_sent = times_sent + $3, times_failed = times_failed + $4,
         last_notification = $5, {last} = $5 WHERE tenant = $1 AND id = $2"
    );
    tx.execute(
        &sql,
        params![
            tenant,
            id.as_str(),
            i64::from(is_first),
            i64::from(!is_done && is_first),
            at
        ],
    )?;
    Ok(())
}

const SELECT: &str =
    "SELECT document, context, created_at, modified_at, times_sent, times_failed, last_notification,
     last_success, last_failure FROM registration_subscription WHERE tenant = $1";

fn read(row: &Row) -> Result<Watcher, GraphError> {
    let unreadable = |detail: String| NgsiError::new(ErrorKind::InternalError, detail);
    let json = |text: String| serde_json::from_str::<Value>(&text).map_err(|e| unreadable(e.to_string()));
    let document = match json(row.get(0)?)? {
        Value::Object(document) => document,
        _ => return Err(unreadable("a subscription is no object".into()).into()),
    };
    let time = |at: Option<i64>| at.map(DateTime::from_micros);
    let (last_success, last_failure): (Option<i64>, Option<i64>) = (row.get(7)?, row.get(8)?);
    Ok(Watcher {
        subscription: RegistrationSubscription::from_document(document).map_err(|e| unreadable(e.detail))?,
        context: json(row.get(1)?)?,
        created_at: DateTime::from_micros(row.get(2)?),
        modified_at: DateTime::from_micros(row.get(3)?),
        delivery: Delivery {
            times_sent: u64::try_from(row.get::<i64>(4)?).unwrap_or(0),
            times_failed: u64::try_from(row.get::<i64>(5)?).unwrap_or(0),
            last_notification: time(row.get(6)?),
            last_success: time(last_success),
            last_failure: time(last_failure),
            failing: last_failure > last_success,
        },
    })
}

fn text_of(subscription: &RegistrationSubscription) -> String {
    Value::Object(subscription.document.clone()).to_string()
}

fn is_told(tx: &mut Tx<'_>, tenant: &TenantId, id: &Uri, registration: &Uri) -> Result<bool, GraphError> {
    let row = tx.query_opt(
        "SELECT 1 FROM registration_told WHERE tenant = $1 AND subscription = $2 AND registration = $3",
        params![tenant, id.as_str(), registration.as_str()],
    )?;
    Ok(row.is_some())
}

fn note_told(tx: &mut Tx<'_>, tenant: &TenantId, id: &Uri, registration: &Uri) -> Result<(), GraphError> {
    tx.execute(
        "INSERT INTO registration_told (tenant, subscription, registration) VALUES ($1, $2, $3)",
        params![tenant, id.as_str(), registration.as_str()],
    )?;
    Ok(())
}

fn forget_one(tx: &mut Tx<'_>, tenant: &TenantId, id: &Uri, registration: &Uri) -> Result<(), GraphError> {
    tx.execute(
        "DELETE FROM registration_told WHERE tenant = $1 AND subscription = $2 AND registration = $3",
        params![tenant, id.as_str(), registration.as_str()],
    )?;
    Ok(())
}

fn forget(tx: &mut Tx<'_>, tenant: &TenantId, id: &Uri) -> Result<(), GraphError> {
    tx.execute(
        "DELETE FROM registration_told WHERE tenant = $1 AND subscription = $2",
        params![tenant, id.as_str()],
    )?;
    Ok(())
}

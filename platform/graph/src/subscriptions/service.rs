//! What officers do with subscriptions besides the standard's operations: see how they fare, pause and resume
//! them, and look after what could not be delivered. One function is one use case within a transaction.

use bisenzio_kernel::{Actor, Env, Micros, TenantId};
use bisenzio_ngsi_ld::subscription::{Delivery, Subscription};
use bisenzio_ngsi_ld::{Context, DateTime, NgsiError};
use bisenzio_store::{Tx, params};
use serde_json::Value;

use super::hub::{Hub, Key};
use super::queue::{self, DeadLetter, Queued};
use super::rows::{self, Scope, Stored};
use super::{SECOND, enqueue};
use crate::GraphError;
use crate::module::OVERSEE;
use crate::policy::Sight;
use crate::store::entities;

/// Dead letters replayed in one transaction.
const REPLAYS: i64 = 500;

/// How the deliveries of a subscription fare.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Notifications that wait.
    pub pending: i64,
    /// Since when the first of them waits.
    pub oldest_pending: Option<Micros>,
    /// Notifications that were given up.
    pub dead: i64,
    /// Dead letters dropped because there were too many.
    pub dropped: i64,
    pub times_sent: i64,
    pub times_failed: i64,
    pub last_success: Option<Micros>,
    pub last_failure: Option<Micros>,
    /// In English, as the endpoint or the network said it.
    pub last_error: Option<String>,
    /// Failures since the last success.
    pub failures: i64,
    /// While it fails: when it is tried next.
    pub retry_at: Option<Micros>,
}

/// A subscription with its health, names short.
#[derive(Clone, Debug)]
pub struct SubscriptionHealth {
    pub id: String,
    /// `active`, `paused` or `expired`.
    pub status: &'static str,
    /// As the standard's API shows it, with names of the default context.
    pub subscription: Value,
    /// Who made it.
    pub owner: String,
    pub organisation: Option<String>,
    pub created_at: Micros,
    pub health: Health,
}

/// Whose subscriptions an actor sees: staff that looks after the graph those of all, others their own and those of
/// their organisation.
pub(crate) fn scope_of(actor: &Actor) -> Scope {
    if actor.may(OVERSEE) {
        return Scope::Everything;
    }
    let owner = super::owner::Owner::of(actor);
    Scope::Own {
        key: owner.key(),
        organisation: owner.organisation,
    }
}

/// Subscriptions that the actor may see, oldest first, and how many there are.
///
/// # Errors
/// When the store fails.
pub fn health(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    actor: &Actor,
    limit: i64,
    offset: i64,
) -> Result<(Vec<SubscriptionHealth>, i64), GraphError> {
    let scope = scope_of(actor);
    let total = rows::count(tx, tenant, &scope)?;
    let mut all = Vec::new();
    for stored in rows::list(tx, tenant, &scope, limit, offset)? {
        all.push(with_health(tx, env, tenant, stored)?);
    }
    Ok((all, total))
}

/// One subscription with its health.
///
/// # Errors
/// `ResourceNotFound` when there is none that the actor may see.
pub(crate) fn health_of(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    actor: &Actor,
    id: &str,
) -> Result<SubscriptionHealth, GraphError> {
    let stored = rows::load(tx, tenant, id, &scope_of(actor))?;
    with_health(tx, env, tenant, stored)
}

fn with_health(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    stored: Stored,
) -> Result<SubscriptionHealth, GraphError> {
    let (subscription, status) = shown(tx, env, tenant, &stored, &Context::core(), false)?;
    Ok(SubscriptionHealth {
        status,
        subscription,
        owner: stored.owner.name.clone(),
        organisation: stored.owner.organisation.clone(),
        created_at: stored.created_at,
        health: read_health(tx, tenant, &stored.id)?,
        id: stored.id,
    })
}

fn read_health(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<Health, GraphError> {
    let waiting = tx.query_one(
        "SELECT COUNT(*), MIN(queued_at) FROM notification WHERE tenant = $1 AND subscription = $2",
        params![tenant, id],
    )?;
    let mut health = Health {
        pending: waiting.get(0)?,
        oldest_pending: waiting.get(1)?,
        dead: queue::count_letters(tx, tenant, Some(id))?,
        ..Health::default()
    };
    let row = tx.query_opt(
        "SELECT times_sent, times_failed, last_success, last_failure, last_error, failures, retry_at, dropped
         FROM subscription_delivery WHERE tenant = $1 AND subscription = $2",
        params![tenant, id],
    )?;
    if let Some(row) = row {
        health.times_sent = row.get(0)?;
        health.times_failed = row.get(1)?;
        health.last_success = row.get(2)?;
        health.last_failure = row.get(3)?;
        health.last_error = row.get(4)?;
        health.failures = row.get(5)?;
        health.retry_at = Some(row.get::<i64>(6)?).filter(|at| *at > 0 && health.failures > 0);
        health.dropped = row.get(7)?;
    }
    Ok(health)
}

/// A subscription as a reader with this @context sees it, and its status.
pub(crate) fn shown(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    stored: &Stored,
    context: &Context,
    sys_attrs: bool,
) -> Result<(Value, &'static str), GraphError> {
    let compiled = Subscription::compile(&stored.document, Context::core(), &Context::core())?;
    let status = compiled.status(DateTime::from_micros(env.now()));
    let delivery: Delivery = rows::delivery(tx, tenant, &stored.id)?;
    let times = sys_attrs.then(|| {
        (
            DateTime::from_micros(stored.created_at),
            DateTime::from_micros(stored.modified_at),
        )
    });
    let value =
        bisenzio_ngsi_ld::subscription::represent(&stored.document, context, status, &delivery, times);
    Ok((value, status.as_str()))
}

/// Stops a subscription until it is resumed; what waits goes on waiting.
///
/// # Errors
/// `ResourceNotFound` when there is none that the actor may see.
pub fn pause(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    actor: &Actor,
    id: &str,
) -> Result<(), GraphError> {
    set_active(tx, env, tenant, actor, id, false)
}

/// Lets a subscription go on.
///
/// # Errors
/// `ResourceNotFound` when there is none that the actor may see.
pub fn resume(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    actor: &Actor,
    id: &str,
) -> Result<(), GraphError> {
    set_active(tx, env, tenant, actor, id, true)
}

fn set_active(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    actor: &Actor,
    id: &str,
    active: bool,
) -> Result<(), GraphError> {
    let mut stored = rows::load(tx, tenant, id, &scope_of(actor))?;
    stored.document.insert("isActive".into(), active.into());
    save(tx, env, tenant, &stored)
}

/// Writes a changed subscription: when it is due next follows from it, and whoever delivers for it is told.
pub(crate) fn save(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, stored: &Stored) -> Result<(), GraphError> {
    rows::update(tx, env, tenant, stored)?;
    follow(tx, env, tenant, stored)
}

/// What a new or changed subscription brings with it.
pub(crate) fn follow(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    stored: &Stored,
) -> Result<(), GraphError> {
    let interval = stored.document.get("timeInterval").and_then(Value::as_f64);
    #[allow(
        clippy::cast_possible_truncation,
        reason = "at most a hundred years, see the engine"
    )]
    let due_at = interval.map(|seconds| env.now() + (seconds * SECOND as f64) as i64);
    rows::schedule(tx, tenant, &stored.id, due_at)?;
    let hub = tx.memory::<Hub>();
    let key = Key {
        tenant: tenant.clone(),
        subscription: stored.id.clone(),
    };
    tx.on_commit(move || hub.reconfigured(key));
    Ok(())
}

/// Removes a subscription with everything that waits for it.
///
/// # Errors
/// `ResourceNotFound` when there is none that the actor may see.
pub fn delete(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    actor: &Actor,
    id: &str,
) -> Result<(), GraphError> {
    let stored = rows::load(tx, tenant, id, &scope_of(actor))?;
    rows::delete(tx, env, tenant, &stored)?;
    let hub = tx.memory::<Hub>();
    let key = Key {
        tenant: tenant.clone(),
        subscription: stored.id,
    };
    tx.on_commit(move || hub.reconfigured(key));
    Ok(())
}

/// Dead letters of the city, or of one subscription, newest first, and how many there are. The content of one that a
/// rule may hide something of from `reader` is left empty: it was written for the subscriber's eyes.
///
/// # Errors
/// When the store fails.
pub fn dead_letters(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    reader: &Actor,
    subscription: Option<&str>,
    limit: i64,
    offset: i64,
) -> Result<(Vec<DeadLetter>, i64), GraphError> {
    let total = queue::count_letters(tx, tenant, subscription)?;
    let mut letters = queue::letters(tx, tenant, subscription, limit, offset)?;
    let sight = Sight::of(tx, tenant, reader)?;
    if !sight.is_whole() {
        for letter in &mut letters {
            let entity = entities::load(tx, tenant, &letter.entity)?;
            // What it held when it was written is not asked: whatever attribute a rule names, it may have had.
            if !entity.is_some_and(|entity| sight.is_clear_for(&entity.types, |_| true)) {
                letter.body.clear();
            }
        }
    }
    Ok((letters, total))
}

/// Queues a dead letter once more, after everything that waits.
///
/// # Errors
/// `ResourceNotFound` when there is none, or its subscription is gone.
pub fn replay(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, id: &str) -> Result<(), GraphError> {
    let letter = queue::load_letter(tx, tenant, id)?.ok_or_else(|| no_letter(id))?;
    rows::load(tx, tenant, &letter.subscription, &Scope::Everything)?;
    queue_again(tx, env, tenant, vec![letter])
}

/// Queues all dead letters of a subscription once more, oldest first; returns how many.
///
/// # Errors
/// `ResourceNotFound` when there is no such subscription.
pub fn replay_all(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    subscription: &str,
) -> Result<u64, GraphError> {
    rows::load(tx, tenant, subscription, &Scope::Everything)?;
    let mut count = 0;
    loop {
        let some = queue::oldest_letters(tx, tenant, subscription, REPLAYS)?;
        if some.is_empty() {
            return Ok(count);
        }
        count += some.len() as u64;
        queue_again(tx, env, tenant, some)?;
    }
}

fn queue_again(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    letters: Vec<DeadLetter>,
) -> Result<(), GraphError> {
    for letter in letters {
        queue::delete_letter(tx, tenant, &letter.id)?;
        let queued = Queued {
            subscription: letter.subscription,
            id: letter.id,
            entity: letter.entity,
            body: letter.body,
        };
        enqueue::push(tx, tenant, env, 0, vec![queued])?;
    }
    Ok(())
}

/// Removes a dead letter for good.
///
/// # Errors
/// `ResourceNotFound` when there is none.
pub fn discard_dead_letter(tx: &mut Tx<'_>, tenant: &TenantId, id: &str) -> Result<(), GraphError> {
    if queue::delete_letter(tx, tenant, id)? {
        Ok(())
    } else {
        Err(no_letter(id).into())
    }
}

fn no_letter(id: &str) -> NgsiError {
    NgsiError::not_found(format!("There is no dead letter {id}"))
}

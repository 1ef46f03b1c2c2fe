//! From a change to queued notifications, within the transaction of the change.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bisenzio_kernel::{Env, Micros, TenantId};
use bisenzio_ngsi_ld::query::LinkedEntities;
use bisenzio_ngsi_ld::subscription::{
    LinkedSource, NotificationBody, Occurrence, Status, Subscription, changed_entity,
};
use bisenzio_ngsi_ld::update::Change;
use bisenzio_ngsi_ld::{DateTime, Entity};
use bisenzio_store::{Tx, params};
use serde_json::Value as Json;

use super::compiled;
use super::hub::{Hub, Key};
use super::owner::{sight_of, visible};
use super::queue::{self, Queued};
use crate::GraphError;
use crate::policy::Sight;
use crate::store::entities;

/// Queues a notification for every subscription that what happened concerns.
///
/// # Errors
/// When the store fails.
pub(crate) fn notify(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    what: &Occurrence<'_>,
) -> Result<(), GraphError> {
    let set = compiled::current(tx, tenant)?;
    if set.is_empty() {
        return Ok(());
    }
    let now = DateTime::from_micros(env.now());
    let mut made = Vec::new();
    for entry in set.candidates(what) {
        let subscription = &entry.subscription;
        if subscription.status(now) != Status::Active {
            continue;
        }
        let sight = sight_of(tx, tenant, &entry.owner)?;
        let before = what.before.and_then(|e| visible(&sight, Cow::Borrowed(e)));
        let after = what.after.and_then(|e| visible(&sight, Cow::Borrowed(e)));
        let changes = seen_changes(&sight, what);
        let seen = Occurrence {
            before: before.as_deref(),
            after: after.as_deref(),
            changes: &changes,
        };
        let mut around = Around::new(tx, tenant, &sight);
        if !subscription.concerns(&seen, &around) {
            continue;
        }
        if let Some(least) = subscription.throttling
            && !around.may_speak(subscription, least, env.now())?
        {
            continue;
        }
        let data = changed_entity(subscription, &seen, now, &mut around);
        let entity = seen
            .subject()
            .map(|e| e.id.as_str().to_owned())
            .unwrap_or_default();
        made.push(queued(env, subscription, entity, data));
    }
    let after = what
        .before
        .and_then(|e| e.modified_at)
        .map_or(0, DateTime::micros);
    push(tx, tenant, env, after, made)
}

/// Changes of attributes that the owner may see.
fn seen_changes<'c>(sight: &Sight, what: &Occurrence<'c>) -> Cow<'c, [&'c Change]> {
    match what.subject() {
        Some(entity) if !sight.is_whole() => {
            let seen = what.changes.iter().filter(|c| !sight.hides(entity, &c.attribute));
            seen.copied().collect()
        }
        _ => Cow::Borrowed(what.changes),
    }
}

/// A notification ready to be queued.
pub(crate) fn queued(env: &Env, subscription: &Subscription, entity: String, data: Vec<Json>) -> Queued {
    let id = env.ulid();
    let body = NotificationBody {
        id: &format!("urn:ngsi-ld:Notification:{id}"),
        subscription,
        notified_at: DateTime::from_micros(env.now()),
        data,
    };
    Queued {
        subscription: subscription.id.as_str().to_owned(),
        id,
        entity,
        body: body.to_json().to_string(),
    }
}

/// Queues notifications, numbered after the entity's last change, and wakes who delivers them when they stand.
pub(crate) fn push(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    env: &Env,
    after: Micros,
    made: Vec<Queued>,
) -> Result<(), GraphError> {
    if made.is_empty() {
        return Ok(());
    }
    let keys: Vec<Key> = made
        .iter()
        .map(|n| Key {
            tenant: tenant.clone(),
            subscription: n.subscription.clone(),
        })
        .collect();
    let seq = tx.memory::<Sequence>().next(env.now().max(after + 1));
    queue::insert(tx, tenant, seq, env.now(), made)?;
    let hub = tx.memory::<Hub>();
    tx.on_commit(move || hub.wake(keys));
    Ok(())
}

/// Numbers that grow within a process and follow the clock, so that they grow between replicas too.
#[derive(Default)]
struct Sequence(AtomicI64);

impl Sequence {
    fn next(&self, at_least: i64) -> i64 {
        let last = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| {
                Some(at_least.max(last.saturating_add(1)))
            })
            .unwrap_or_default();
        at_least.max(last.saturating_add(1))
    }
}

/// What surrounds an entity, as the owner of a subscription may see it: entities that its relationships lead to.
pub(crate) struct Around<'a, 't> {
    tx: RefCell<&'a mut Tx<'t>>,
    tenant: &'a TenantId,
    sight: &'a Sight,
}

impl<'a, 't> Around<'a, 't> {
    pub(crate) fn new(tx: &'a mut Tx<'t>, tenant: &'a TenantId, sight: &'a Sight) -> Self {
        Self {
            tx: RefCell::new(tx),
            tenant,
            sight,
        }
    }

    fn load(&self, id: &str) -> Option<Entity> {
        let mut tx = self.tx.try_borrow_mut().ok()?;
        match entities::load(&mut tx, self.tenant, id) {
            Ok(entity) => visible(self.sight, Cow::Owned(entity?)).map(Cow::into_owned),
            // A statement that failed makes the whole transaction fail at its end.
            Err(_) => None,
        }
    }

    /// Whether the least time since the last notification has passed; if so it begins anew (clause 5.8.6).
    fn may_speak(
        &mut self,
        subscription: &Subscription,
        least: Duration,
        now: Micros,
    ) -> Result<bool, GraphError> {
        let tx = self.tx.get_mut();
        let id = subscription.id.as_str();
        let row = tx.query_opt(
            "SELECT quiet_until FROM subscription_schedule WHERE tenant = $1 AND subscription = $2",
            params![self.tenant, id],
        )?;
        if let Some(row) = row
            && row.get::<i64>(0)? > now
        {
            return Ok(false);
        }
        let quiet_until = now.saturating_add(i64::try_from(least.as_micros()).unwrap_or(i64::MAX));
        tx.execute(
            "INSERT INTO subscription_schedule (tenant, subscription, quiet_until, due_at) VALUES ($1, $2, $3, NULL)
             ON CONFLICT (tenant, subscription) DO UPDATE SET quiet_until = excluded.quiet_until",
            params![self.tenant, id, quiet_until],
        )?;
        Ok(true)
    }
}

impl LinkedEntities for Around<'_, '_> {
    fn linked(&self, id: &str) -> Option<Cow<'_, Entity>> {
        self.load(id).map(Cow::Owned)
    }
}

impl LinkedSource for Around<'_, '_> {
    fn entity(&mut self, id: &str) -> Option<Entity> {
        self.load(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_grow_even_when_the_clock_stands_or_goes_back() {
        let sequence = Sequence::default();
        let numbers: Vec<i64> = [10, 10, 5, 100].map(|now| sequence.next(now)).to_vec();
        assert_eq!(numbers, [10, 11, 12, 100]);
    }
}

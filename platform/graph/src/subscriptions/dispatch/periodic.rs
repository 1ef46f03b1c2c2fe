//! Notifications every so often, whatever happens (`timeInterval`, clause 5.8.6).

use std::borrow::Cow;

use bisenzio_kernel::{Env, Micros};
use bisenzio_ngsi_ld::DateTime;
use bisenzio_ngsi_ld::query::EntityFilter;
use bisenzio_ngsi_ld::subscription::{Status, current_entity};
use bisenzio_store::Tx;

use super::super::compiled::{self, Entry};
use super::super::enqueue::{self, Around};
use super::super::hub::Key;
use super::super::owner::{sight_of, visible};
use super::super::queue::{self, Queued};
use super::super::{PERIODIC_MOST, PERIODIC_PAGE};
use super::Shared;
use crate::GraphError;
use crate::query::{Page, find};

/// Subscriptions looked after in one round.
const AT_ONCE: i64 = 100;

/// Queues what is due.
pub(super) async fn run(shared: &Shared) -> Result<(), GraphError> {
    let now = shared.env.now();
    let due = shared.store.read(move |tx| queue::due(tx, now, AT_ONCE)).await?;
    for (key, due_at) in due {
        let env = shared.env.clone();
        // Read apart from writing: many entities take their time, and on SQLite all writers would wait.
        let made = {
            let (env, key) = (env.clone(), key.clone());
            shared.store.read(move |tx| collect(tx, &env, &key)).await?
        };
        let Some((interval, made)) = made else { continue };
        shared
            .store
            .write(move |tx| {
                // Periods missed while nobody was there are not made up for.
                let passed = (now - due_at) / interval + 1;
                if queue::advance(tx, &key, due_at, due_at + passed * interval)? {
                    enqueue::push(tx, &key.tenant, &env, 0, made.clone())?;
                }
                Ok::<_, GraphError>(())
            })
            .await?;
    }
    Ok(())
}

/// The interval in microseconds and the notifications; `None` when the subscription is not periodic any more.
/// Without a matching entity, and while it is not active, there is nothing to tell.
fn collect(tx: &mut Tx<'_>, env: &Env, key: &Key) -> Result<Option<(Micros, Vec<Queued>)>, GraphError> {
    let set = compiled::current(tx, &key.tenant)?;
    let Some(entry) = set.get(&key.subscription) else {
        return Ok(None);
    };
    let Some(interval) = entry.subscription.time_interval else {
        return Ok(None);
    };
    let interval = i64::try_from(interval.as_micros()).unwrap_or(i64::MAX / 4).max(1);
    if entry.subscription.status(DateTime::from_micros(env.now())) != Status::Active {
        return Ok(Some((interval, Vec::new())));
    }
    Ok(Some((interval, notifications(tx, env, key, entry)?)))
}

fn notifications(tx: &mut Tx<'_>, env: &Env, key: &Key, entry: &Entry) -> Result<Vec<Queued>, GraphError> {
    let subscription = &entry.subscription;
    let sight = sight_of(tx, &key.tenant, &entry.owner)?;
    let mut made = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for filter in filters(entry) {
        let mut offset = 0;
        while offset < PERIODIC_MOST {
            let page = Page {
                limit: PERIODIC_PAGE,
                offset,
                count: false,
            };
            let found = find(tx, &key.tenant, &filter, page)?;
            let mut data = Vec::new();
            for entity in found.entities {
                // Two selectors may find the same.
                if !seen.insert(entity.id.clone()) {
                    continue;
                }
                if let Some(entity) = visible(&sight, Cow::Owned(entity)) {
                    let mut around = Around::new(tx, &key.tenant, &sight);
                    data.extend(current_entity(subscription, &entity, &mut around));
                }
            }
            if !data.is_empty() {
                made.push(enqueue::queued(env, subscription, String::new(), data));
            }
            if !found.more {
                break;
            }
            offset += PERIODIC_PAGE;
        }
    }
    Ok(made)
}

/// One query for each selector; a periodic subscription has selectors, since it cannot watch attributes.
fn filters(entry: &Entry) -> Vec<EntityFilter> {
    let s = &entry.subscription;
    let common = EntityFilter {
        q: s.q.clone(),
        geo_q: s.geo_q.clone(),
        scope_q: s.scope_q.clone(),
        ..EntityFilter::default()
    };
    s.entities
        .iter()
        .map(|selector| EntityFilter {
            ids: (!selector.ids.is_empty()).then(|| selector.ids.clone()),
            id_pattern: selector.id_pattern.clone(),
            types: selector.types.clone(),
            ..common.clone()
        })
        .collect()
}

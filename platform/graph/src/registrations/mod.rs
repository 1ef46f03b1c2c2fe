//! Context source registrations: other brokers that hold part of the graph (clauses 4.3.6, 5.9, 5.10).

pub(crate) mod health;
mod known;
pub(crate) mod notices;
mod queue;
mod rows;
mod selection;
pub(crate) mod watchers;

use std::sync::OnceLock;

use bisenzio_kernel::{Env, Micros, TenantId};
use bisenzio_ngsi_ld::registration::{Mode, Registration};
use bisenzio_ngsi_ld::{Context, DateTime, ErrorKind, NgsiError, Uri};
use bisenzio_store::{Store, Tx};
use serde_json::Value;

use crate::GraphError;
use crate::writing::now;
pub(crate) use known::{Known, has_none, known, moment, note_none};
pub(crate) use rows::{alias, load};
pub(crate) use selection::{Selection, select};

/// Registrations of one city; all of them are kept in memory.
pub(crate) const MAX_REGISTRATIONS: i64 = 2_000;

/// What became of a registration, for those who have subscribed to such changes.
pub(crate) struct Changed {
    pub(crate) before: Option<Registration>,
    pub(crate) after: Option<Registration>,
}

/// Registers a context source (5.9.2). Without an `id` in the body the registration gets one.
pub(crate) fn create(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    body: &Value,
    context: &Context,
) -> Result<Changed, GraphError> {
    let given = format!("urn:ngsi-ld:ContextSourceRegistration:{}", env.ulid());
    let registration = Registration::parse(body, context, Uri::parse(&given)?, now(env))?;
    let id = registration.id.as_str();
    if rows::load(tx, tenant, id)?.is_some() {
        return Err(NgsiError::new(ErrorKind::AlreadyExists, format!("{id} already exists")).into());
    }
    let others = rows::all(tx, tenant)?;
    if i64::try_from(others.len()).unwrap_or(i64::MAX) >= MAX_REGISTRATIONS {
        let detail = format!("a city has at most {MAX_REGISTRATIONS} registrations");
        return Err(NgsiError::bad_param(detail).into());
    }
    check_conflicts(&registration, &others, env)?;
    rows::save(tx, tenant, &registration, env.now())?;
    told(
        tx,
        env,
        tenant,
        Changed {
            before: None,
            after: Some(registration),
        },
    )
}

/// Changes a registration by a merge patch (5.9.3).
pub(crate) fn update(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    id: &Uri,
    body: &Value,
    context: &Context,
) -> Result<Changed, GraphError> {
    let before = rows::load(tx, tenant, id.as_str())?.ok_or_else(|| not_found(id.as_str()))?;
    let after = before.patched(body, context, now(env))?;
    check_conflicts(&after, &rows::all(tx, tenant)?, env)?;
    rows::save(tx, tenant, &after, env.now())?;
    told(
        tx,
        env,
        tenant,
        Changed {
            before: Some(before),
            after: Some(after),
        },
    )
}

/// Removes a registration (5.9.4).
pub(crate) fn delete(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, id: &Uri) -> Result<Changed, GraphError> {
    let before = rows::load(tx, tenant, id.as_str())?.ok_or_else(|| not_found(id.as_str()))?;
    rows::remove(tx, tenant, id.as_str())?;
    told(
        tx,
        env,
        tenant,
        Changed {
            before: Some(before),
            after: None,
        },
    )
}

fn told(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, changed: Changed) -> Result<Changed, GraphError> {
    watchers::tell(tx, env, tenant, &changed)?;
    Ok(changed)
}

pub(crate) fn not_found(id: &str) -> NgsiError {
    NgsiError::not_found(format!("There is no registration {id}"))
}

/// Two sources cannot both be the only one: an exclusive registration names an entity and attributes that no
/// other exclusive or redirecting registration has, and the other way round (4.3.6.3, 5.9.2.4).
fn check_conflicts(new: &Registration, others: &[Registration], env: &Env) -> Result<(), NgsiError> {
    let now = now(env);
    let other = others
        .iter()
        .filter(|other| other.id != new.id && !other.is_expired(now))
        .filter(|other| other.mode.is_proxied() && new.mode.is_proxied())
        // Several redirections of the same thing are what redirections are for.
        .filter(|other| other.mode == Mode::Exclusive || new.mode == Mode::Exclusive)
        .find(|other| other.overlaps(new));
    match other {
        None => Ok(()),
        Some(other) => Err(NgsiError::new(
            ErrorKind::Conflict,
            format!(
                "{} already has some of these attributes of these entities",
                other.id
            ),
        )),
    }
}

#[derive(Default)]
struct Started(OnceLock<Micros>);

/// For how many seconds this process has answered such questions, and the time it is.
pub(crate) fn uptime(store: &Store, env: &Env) -> (i64, DateTime) {
    let now = env.now();
    let started = store.memory::<Started>();
    let since = *started.0.get_or_init(|| now);
    (now.saturating_sub(since) / 1_000_000, DateTime::from_micros(now))
}

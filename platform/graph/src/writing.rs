//! The one way an entity changes: the pure update of the engine, then state, history and outbox together.

use bisenzio_kernel::{Env, TenantId};
use bisenzio_ngsi_ld::subscription::Occurrence;
use bisenzio_ngsi_ld::update::{self, Change, UpdateResult};
use bisenzio_ngsi_ld::{DateTime, Entity, ErrorKind, NgsiError};
use bisenzio_store::Tx;

use crate::GraphError;
use crate::answers;
use crate::policy::Pen;
use crate::store::{entities, history};
use crate::subscriptions::enqueue::notify;

/// Longest entity identifier, type or attribute name, in bytes, expanded.
const MAX_NAME: usize = 512;

/// What happened to an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Created,
    Changed,
    Unchanged,
}

pub(crate) fn now(env: &Env) -> DateTime {
    DateTime::from_micros(env.now())
}

/// Stores a new entity.
pub(crate) fn create(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    entity: Entity,
) -> Result<(), GraphError> {
    // Before anything is said of what there is.
    Pen::check(
        tx,
        None,
        Some(&entity),
        entity.attributes.keys().map(String::as_str),
    )?;
    if entities::load(tx, tenant, entity.id.as_str())?.is_some() {
        let detail = format!("{} already exists", entity.id.as_str());
        return Err(NgsiError::new(ErrorKind::AlreadyExists, detail).into());
    }
    insert(tx, env, tenant, entity)
}

/// Stores an entity that is known not to be there.
fn insert(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, mut entity: Entity) -> Result<(), GraphError> {
    let result = update::create(&mut entity, now(env));
    persist(tx, env, tenant, None, &entity, &result)
}

/// Stores an entity in the place of the one with its identifier, if there is one. Writing the same again
/// changes nothing and leaves no trace in the history.
pub(crate) fn upsert(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    entity: Entity,
) -> Result<Outcome, GraphError> {
    let Some(before) = entities::load(tx, tenant, entity.id.as_str())? else {
        insert(tx, env, tenant, entity)?;
        return Ok(Outcome::Created);
    };
    let mut after = before.clone();
    let result = update::replace(&mut after, entity, now(env));
    if !result.members_changed && !result.changes.iter().any(Change::content_changed) {
        return Ok(Outcome::Unchanged);
    }
    persist(tx, env, tenant, Some(&before), &after, &result)?;
    Ok(Outcome::Changed)
}

/// Changes an existing entity by one of the engine's operations.
pub(crate) fn change<T>(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    id: &str,
    operation: impl FnOnce(&mut Entity, DateTime) -> Result<(UpdateResult, T), NgsiError>,
) -> Result<T, GraphError> {
    let before = entities::load(tx, tenant, id)?.ok_or_else(|| not_found(id))?;
    let mut after = before.clone();
    let (result, value) = operation(&mut after, now(env))?;
    if result.is_changed() {
        persist(tx, env, tenant, Some(&before), &after, &result)?;
    }
    Ok(value)
}

pub(crate) fn delete(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, id: &str) -> Result<bool, GraphError> {
    let Some(entity) = entities::load(tx, tenant, id)? else {
        return Ok(false);
    };
    let deleted = update::delete(&entity).changes;
    Pen::check(
        tx,
        Some(&entity),
        None,
        entity.attributes.keys().map(String::as_str),
    )?;
    history::record(
        tx,
        env,
        tenant,
        Some(&entity),
        None,
        &deleted.iter().collect::<Vec<_>>(),
    )?;
    entities::remove(tx, tenant, &entity)?;
    answers::touch(tx, tenant, id);
    let changes: Vec<&Change> = deleted.iter().collect();
    let what = Occurrence {
        before: Some(&entity),
        after: None,
        changes: &changes,
    };
    notify(tx, env, tenant, &what)?;
    Ok(true)
}

/// Brings the current state in line with a change of its evolution that the history already holds; `before` or
/// `after` is `None` where there is no entity.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    before: Option<&Entity>,
    after: Option<&Entity>,
) -> Result<(), GraphError> {
    let Some(entity) = after.or(before) else {
        return Ok(());
    };
    let result = update::differences(before, after);
    Pen::check(
        tx,
        before,
        after,
        result.changes.iter().map(|c| c.attribute.as_str()),
    )?;
    match (before, after) {
        (_, Some(after)) => {
            check_sizes(after)?;
            entities::save(tx, env, tenant, before, after)?;
        }
        (before, None) => {
            if let Some(before) = before {
                entities::remove(tx, tenant, before)?;
            }
        }
    }
    answers::touch(tx, tenant, entity.id.as_str());
    if !result.is_changed() {
        return Ok(());
    }
    let what = Occurrence {
        before,
        after,
        changes: &result.changes.iter().collect::<Vec<_>>(),
    };
    notify(tx, env, tenant, &what)
}

pub(crate) fn not_found(id: &str) -> NgsiError {
    NgsiError::not_found(format!("There is no entity {id}"))
}

fn persist(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    before: Option<&Entity>,
    after: &Entity,
    result: &UpdateResult,
) -> Result<(), GraphError> {
    check_sizes(after)?;
    Pen::check(
        tx,
        before,
        Some(after),
        result.changes.iter().map(|c| c.attribute.as_str()),
    )?;
    entities::save(tx, env, tenant, before, after)?;
    answers::touch(tx, tenant, after.id.as_str());
    let changes: Vec<&Change> = result.changes.iter().filter(|c| c.content_changed()).collect();
    if changes.is_empty() && !result.members_changed {
        // Only its time of modification moved: nothing that anybody waits for.
        return Ok(());
    }
    history::record(tx, env, tenant, before, Some(after), &changes)?;
    let what = Occurrence {
        before,
        after: Some(after),
        changes: &changes,
    };
    notify(tx, env, tenant, &what)
}

/// Identifiers and names are parts of index keys, which databases bound (PostgreSQL: 2704 bytes for all
/// columns together), and PostgreSQL's texts cannot hold U+0000, which an inline @context can bring in.
fn check_sizes(entity: &Entity) -> Result<(), NgsiError> {
    let names = entity
        .types
        .iter()
        .chain(entity.attributes.keys())
        .map(String::as_str);
    for text in names.chain([entity.id.as_str()]) {
        if text.len() > MAX_NAME || text.contains(char::is_control) {
            let start: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
            return Err(NgsiError::bad_param(format!(
                "an identifier or expanded name has at most {MAX_NAME} bytes and no control characters: {start}…"
            )));
        }
    }
    Ok(())
}

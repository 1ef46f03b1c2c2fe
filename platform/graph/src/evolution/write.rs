//! Changing the evolution of an entity (clauses 5.6.11 to 5.6.16). The newest instance of an attribute is its
//! current state, so the entity changes along.

use bisenzio_kernel::{Env, Micros, TenantId};
use bisenzio_ngsi_ld::model::AttributeFragment;
use bisenzio_ngsi_ld::temporal::{SCOPE, TemporalFragment};
use bisenzio_ngsi_ld::update::{self, DeleteTarget};
use bisenzio_ngsi_ld::{AttributeInstance, AttributeValue, DateTime, Entity, NgsiError, Uri};
use bisenzio_store::Tx;

use super::policies;
use super::subject::Subject;
use crate::GraphError;
use crate::policy::Pen;
use crate::store::entities;
use crate::store::history::{self, Target};
use crate::writing::{self, Outcome};

/// Creates the temporal representation of an entity, or adds to it.
pub(crate) fn create_or_update(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    new: &Entity,
    fragment: &TemporalFragment,
) -> Result<Outcome, GraphError> {
    let id = new.id.as_str();
    let current = entities::load(tx, tenant, id)?;
    if current.is_some() {
        add(tx, env, tenant, current, fragment)?;
        return Ok(Outcome::Changed);
    }
    if let Some(past) = history::past(tx, tenant, id)? {
        // It is no more: its past grows, which does not bring it back.
        add_to_past(tx, env, tenant, &past.shell, fragment)?;
        return Ok(Outcome::Changed);
    }
    let now = writing::now(env);
    let mut entity = new.clone();
    entity.created_at = Some(now);
    entity.modified_at = Some(now);
    merge(tx, env, tenant, &mut entity, fragment, true)?;
    writing::settle(tx, env, tenant, None, Some(&entity))?;
    Ok(Outcome::Created)
}

/// Adds attribute instances to an entity that is there.
pub(crate) fn add_attributes(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    id: &str,
    fragment: &TemporalFragment,
) -> Result<(), GraphError> {
    let current = entities::load(tx, tenant, id)?;
    if current.is_some() {
        return add(tx, env, tenant, current, fragment);
    }
    match history::past(tx, tenant, id)? {
        Some(past) => add_to_past(tx, env, tenant, &past.shell, fragment),
        None => Err(writing::not_found(id).into()),
    }
}

fn add(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    before: Option<Entity>,
    fragment: &TemporalFragment,
) -> Result<(), GraphError> {
    let Some(before) = before else { return Ok(()) };
    let mut after = before.clone();
    for name in &fragment.types {
        if !after.types.contains(name) {
            after.types.push(name.clone());
        }
    }
    merge(tx, env, tenant, &mut after, fragment, true)?;
    if after != before {
        after.modified_at = Some(writing::now(env));
        writing::settle(tx, env, tenant, Some(&before), Some(&after))?;
    }
    Ok(())
}

fn add_to_past(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    shell: &Entity,
    fragment: &TemporalFragment,
) -> Result<(), GraphError> {
    merge(tx, env, tenant, &mut shell.clone(), fragment, false)
}

/// Puts the instances of a fragment where they belong; the newest become those of `entity`, when it is alive.
fn merge(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    entity: &mut Entity,
    fragment: &TemporalFragment,
    alive: bool,
) -> Result<(), GraphError> {
    // What only becomes past is written too.
    Pen::check(
        tx,
        None,
        Some(entity),
        fragment.attributes.keys().map(String::as_str),
    )?;
    let mut recorded: Micros = env.now();
    let keep = history::policy_for(tx, env.now(), tenant, entity)?.is_none_or(|policy| policy.keep);
    for (attribute, list) in &fragment.attributes {
        for given in by_dataset(list) {
            let dataset = given.first().and_then(|i| i.dataset_id.clone());
            let current = entity.instance(attribute, dataset.as_ref()).cloned();
            let place = history::Place {
                entity: entity.id.as_str(),
                attribute,
                alive,
                keep,
            };
            let newest = history::append(tx, env, tenant, &place, given, current.as_ref(), &mut recorded)?;
            if let Some(mut newest) = newest {
                newest.created_at = current.and_then(|c| c.created_at).or(newest.created_at);
                put(entity, attribute, newest);
            }
        }
    }
    merge_scope(tx, env, tenant, entity, fragment, alive && keep)
}

/// The last of the states given is that of now. States with a time of their own are recorded.
fn merge_scope(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    entity: &mut Entity,
    fragment: &TemporalFragment,
    record: bool,
) -> Result<(), GraphError> {
    let Some(last) = fragment.scope.last() else {
        return Ok(());
    };
    let before = entity.clone();
    entity.scope = scopes_of(last);
    if !record {
        return Ok(());
    }
    if fragment.scope.len() > 1 || last.observed_at.is_some() {
        let mut now = env.now();
        let list: Vec<AttributeInstance> = fragment
            .scope
            .iter()
            .map(|state| {
                let mut state = state.clone();
                state.modified_at = Some(DateTime::from_micros(now));
                now += 1;
                state
            })
            .collect();
        history::insert_past(tx, env, tenant, entity.id.as_str(), SCOPE, &list)?;
    } else if before.modified_at != Some(writing::now(env)) && before.scope != entity.scope {
        history::record(tx, env, tenant, Some(&before), Some(entity), &[])?;
    }
    Ok(())
}

fn scopes_of(instance: &AttributeInstance) -> Vec<String> {
    match &instance.value {
        AttributeValue::Property(serde_json::Value::Array(list)) => list
            .iter()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

fn by_dataset(list: &[AttributeInstance]) -> Vec<Vec<AttributeInstance>> {
    let mut groups: Vec<Vec<AttributeInstance>> = Vec::new();
    for instance in list {
        match groups.iter_mut().find(|g| g[0].dataset_id == instance.dataset_id) {
            Some(group) => group.push(instance.clone()),
            None => groups.push(vec![instance.clone()]),
        }
    }
    groups
}

fn put(entity: &mut Entity, attribute: &str, instance: AttributeInstance) {
    let list = entity.attributes.entry(attribute.to_owned()).or_default();
    match list.iter_mut().find(|i| i.dataset_id == instance.dataset_id) {
        Some(slot) => *slot = instance,
        None => list.push(instance),
    }
}

fn take(entity: &mut Entity, attribute: &str, dataset: Option<&Uri>) {
    if let Some(list) = entity.attributes.get_mut(attribute) {
        list.retain(|i| i.dataset_id.as_ref() != dataset);
        if list.is_empty() {
            entity.attributes.shift_remove(attribute);
        }
    }
}

/// Deletes the evolution of an entity, its current state with it.
pub(crate) fn delete_entity(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    id: &str,
) -> Result<(), GraphError> {
    let subject = Subject::load(tx, tenant, id)?.ok_or_else(|| writing::not_found(id))?;
    let series = history::series_of(tx, tenant, id)?;
    let current = subject.current.as_ref();
    let mut names: Vec<&str> = series.iter().map(|s| s.attribute.as_str()).collect();
    names.extend(
        current
            .into_iter()
            .flat_map(|e| e.attributes.keys().map(String::as_str)),
    );
    Pen::check(tx, Some(subject.state()), None, names.iter().copied())?;
    history::forget_entity(tx, env, tenant, id)?;
    policies::schedule(tx, env, tenant)?;
    writing::settle(tx, env, tenant, current, None)
}

/// Deletes the evolution of an attribute, its current state with it.
pub(crate) fn delete_attribute(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    id: &str,
    attribute: &str,
    which: &DeleteTarget,
) -> Result<(), GraphError> {
    let before = known(tx, tenant, id, attribute)?;
    let had_past = history::forget_attribute(tx, env, tenant, id, attribute, which)?;
    let changed = match &before {
        Some(before) => {
            let mut after = before.clone();
            match update::delete_attribute(&mut after, attribute, which, writing::now(env)) {
                Ok(_) => {
                    writing::settle(tx, env, tenant, Some(before), Some(&after))?;
                    true
                }
                Err(_) => false,
            }
        }
        None => false,
    };
    if !had_past && !changed {
        return Err(missing(id, attribute).into());
    }
    policies::schedule(tx, env, tenant)
}

/// Changes one instance (5.6.14).
pub(crate) fn patch_instance(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    id: &str,
    attribute: &str,
    instance_id: &Uri,
    fragment: AttributeFragment,
) -> Result<(), GraphError> {
    let before = known(tx, tenant, id, attribute)?;
    let target = Target::find(tx, tenant, id, before.as_ref(), attribute, instance_id)?;
    let now = writing::now(env);
    match (target, before) {
        (
            Some(Target::Past {
                series,
                instance,
                time,
                ..
            }),
            _,
        ) => {
            if instance.deleted_at.is_some() {
                let why = "a marker of deletion has nothing to change";
                return Err(NgsiError::bad_param(why).into());
            }
            let mut next = update::patch_instance(&instance, attribute, fragment, now)?;
            next.dataset_id.clone_from(&series.dataset);
            Ok(history::overwrite(tx, tenant, &series, time, &next)?)
        }
        (Some(Target::Current(shown)), Some(before)) => {
            let mut next = update::patch_instance(&shown, attribute, fragment, now)?;
            next.dataset_id.clone_from(&shown.dataset_id);
            if next.unit_code != shown.unit_code {
                history::intern(tx, env, tenant, id, attribute, &shown)?;
            }
            let mut after = before.clone();
            after.modified_at = Some(now);
            put(&mut after, attribute, next);
            writing::settle(tx, env, tenant, Some(&before), Some(&after))
        }
        _ => Err(missing(id, attribute).into()),
    }
}

/// Deletes one instance (5.6.15). Where it was the current one, the one before it is now.
pub(crate) fn delete_instance(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    id: &str,
    attribute: &str,
    instance_id: &Uri,
) -> Result<(), GraphError> {
    let before = known(tx, tenant, id, attribute)?;
    let target = Target::find(tx, tenant, id, before.as_ref(), attribute, instance_id)?;
    match (target, before) {
        (
            Some(Target::Past {
                series, time, seq, ..
            }),
            _,
        ) => Ok(history::forget_instance(tx, tenant, &series, time, seq)?),
        (Some(Target::Current(shown)), Some(before)) => {
            let mut after = before.clone();
            after.modified_at = Some(writing::now(env));
            let dataset = shown.dataset_id.as_ref();
            take(&mut after, attribute, dataset);
            let earlier = history::newest_of(tx, tenant, id, attribute, dataset)?;
            if let Some((series, earlier)) = earlier.filter(|(_, e)| e.deleted_at.is_none()) {
                let seq = history::current_seq(&earlier);
                let time = earlier.observed_at.map_or(seq, DateTime::micros);
                history::forget_instance(tx, tenant, &series, time, seq)?;
                put(&mut after, attribute, earlier);
            }
            writing::settle(tx, env, tenant, Some(&before), Some(&after))
        }
        _ => Err(missing(id, attribute).into()),
    }
}

/// The current state of an entity that there is or was, when whoever writes may write this attribute of it.
fn known(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    id: &str,
    attribute: &str,
) -> Result<Option<Entity>, GraphError> {
    let subject = Subject::load(tx, tenant, id)?.ok_or_else(|| writing::not_found(id))?;
    Pen::check(tx, Some(subject.state()), None, std::iter::once(attribute))?;
    Ok(subject.current)
}

fn missing(id: &str, attribute: &str) -> NgsiError {
    NgsiError::not_found(format!("{id} has no such instance of attribute {attribute}"))
}

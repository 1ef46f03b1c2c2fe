//! Policies for the history of a type, and the job that carries them out.

use bisenzio_access::audit;
use bisenzio_kernel::{Actor, Env, Micros, TenantId};
use bisenzio_ngsi_ld::query::{EntityFilter, TypeSelection};
use bisenzio_ngsi_ld::{Context, Entity, NgsiError};
use bisenzio_store::jobs::{self, Job};
use bisenzio_store::{StoreError, Tx, params};
use bisenzio_web::App;

pub(crate) use super::policy_text::PolicyText;
use crate::GraphError;
use crate::query::{Page, find};
use crate::store::history::{self, MAX_POLICIES, Policy};

pub(crate) const JOB: &str = "graph.history";
const DAY: Micros = 86_400 * 1_000_000;
/// Entities looked at in one transaction.
const CHUNK: usize = 50;

/// Sets the policy of a type; what it says about the past is carried out at once and then every day.
pub(crate) fn set(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    actor: &Actor,
    policy: &Policy,
) -> Result<(), GraphError> {
    let all = history::policies(tx, tenant)?;
    let before = all.iter().find(|p| p.type_name == policy.type_name);
    if before.is_none() && all.len() >= MAX_POLICIES {
        return Err(NgsiError::bad_param(format!("there can be {MAX_POLICIES} policies")).into());
    }
    if before == Some(policy) {
        return Ok(());
    }
    history::set_policy(tx, tenant, policy)?;
    let before = before.map(words).unwrap_or_default();
    let detail = format!("policy: «{before}» → «{}»", words(policy));
    let subject = Context::core().compact(&policy.type_name).into_owned();
    audit::record(tx, env, actor, "graph.history-policy.set", &subject, &detail)?;
    schedule(tx, env, tenant)
}

/// Removes the policy of a type: its history is kept from now on.
///
/// # Errors
/// `ResourceNotFound` when it had none.
pub(crate) fn unset(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    actor: &Actor,
    type_name: &str,
) -> Result<(), GraphError> {
    if !history::unset_policy(tx, tenant, type_name)? {
        return Err(NgsiError::not_found(format!("the type {type_name} has no policy")).into());
    }
    let subject = Context::core().compact(type_name).into_owned();
    audit::record(tx, env, actor, "graph.history-policy.remove", &subject, "")?;
    Ok(())
}

fn words(policy: &Policy) -> String {
    if !policy.keep {
        return "keep nothing".to_owned();
    }
    let mut parts = Vec::new();
    if let Some(days) = policy.retention_days {
        parts.push(format!("{days} days"));
    }
    if let Some(t) = policy.thinning {
        parts.push(format!(
            "after {} days one {} per {} s",
            t.after_days,
            t.method.name(),
            t.period_seconds
        ));
    }
    if parts.is_empty() {
        return "keep everything".to_owned();
    }
    parts.join(", ")
}

/// Lets housekeeping run now, unless it is about to.
pub(crate) fn schedule(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId) -> Result<(), GraphError> {
    schedule_at(tx, env, tenant, env.now())?;
    Ok(())
}

fn schedule_at(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, at: Micros) -> Result<(), StoreError> {
    let waiting = tx.query_opt(
        "SELECT 1 FROM job WHERE tenant = $1 AND kind = $2 AND state = 'ready' AND locked_until <= $3
           AND run_at <= $4 LIMIT 1",
        params![tenant, JOB, env.now(), at],
    )?;
    if waiting.is_none() {
        jobs::enqueue(tx, env, tenant, JOB, &serde_json::json!({}), at)?;
    }
    Ok(())
}

/// Carries out all policies of a tenant. Doing it again does no harm.
pub(crate) async fn run(app: &App, job: &Job) -> Result<(), String> {
    let tenant = TenantId::new(&job.tenant).map_err(|problem| problem.detail)?;
    keep_house(app, &tenant).await.map_err(|error| error.to_string())
}

async fn keep_house(app: &App, tenant: &TenantId) -> Result<(), GraphError> {
    // Tomorrow's run is ordered first: should this one fail for good, the next does not.
    let policies = {
        let (env, tenant) = (app.env.clone(), tenant.clone());
        app.store
            .write(move |tx| {
                let policies = history::policies(tx, &tenant)?;
                if !policies.is_empty() {
                    schedule_at(tx, &env, &tenant, env.now() + DAY)?;
                }
                Ok::<_, GraphError>(policies)
            })
            .await?
    };
    for policy in policies {
        if policy.keep && policy.retention_days.is_none() && policy.thinning.is_none() {
            continue;
        }
        present(app, tenant, &policy).await?;
        past(app, tenant, &policy).await?;
    }
    let (env, tenant) = (app.env.clone(), tenant.clone());
    app.store
        .write(move |tx| {
            let waiting = history::purge_series(tx, &tenant, env.now())?;
            if waiting > 0 {
                schedule_at(tx, &env, &tenant, env.now() + DAY)?;
            }
            Ok::<_, GraphError>(())
        })
        .await
}

/// Entities of the type that there are.
async fn present(app: &App, tenant: &TenantId, policy: &Policy) -> Result<(), GraphError> {
    let filter = EntityFilter {
        types: Some(TypeSelection::parse(&policy.type_name, &Context::core())?),
        ..EntityFilter::default()
    };
    let mut offset = 0;
    loop {
        let page = Page {
            limit: CHUNK,
            offset,
            count: false,
        };
        let found = {
            let (tenant, filter) = (tenant.clone(), filter.clone());
            app.store.read(move |tx| find(tx, &tenant, &filter, page)).await?
        };
        let more = found.more;
        entities(app, tenant, policy, found.entities).await?;
        if !more {
            return Ok(());
        }
        offset += CHUNK;
    }
}

/// Entities of the type that are no more, or of which something is no more.
async fn past(app: &App, tenant: &TenantId, policy: &Policy) -> Result<(), GraphError> {
    let mut after = String::new();
    loop {
        let chunk = {
            let (tenant, after) = (tenant.clone(), after.clone());
            app.store
                .read(move |tx| {
                    history::past_after(tx, &tenant, &after, i64::try_from(CHUNK).unwrap_or(i64::MAX))
                })
                .await?
        };
        let Some(last) = chunk.last() else {
            return Ok(());
        };
        last.shell.id.as_str().clone_into(&mut after);
        let shells = chunk.into_iter().map(|past| past.shell).collect();
        entities(app, tenant, policy, shells).await?;
    }
}

/// Those for which this policy decides, in transactions that each do a bounded amount of work.
async fn entities(
    app: &App,
    tenant: &TenantId,
    policy: &Policy,
    list: Vec<Entity>,
) -> Result<(), GraphError> {
    let mut done = 0;
    while done < list.len() {
        let (env, tenant, policy, list) = (
            app.env.clone(),
            tenant.clone(),
            policy.clone(),
            list[done..].to_vec(),
        );
        done += app
            .store
            .write(move |tx| {
                for (at, entity) in list.iter().enumerate() {
                    let deciding = history::policy_for(tx, env.now(), &tenant, entity)?;
                    if deciding.is_none_or(|p| p.type_name != policy.type_name) {
                        continue;
                    }
                    if history::housekeep_entity(tx, &tenant, entity.id.as_str(), &policy, env.now())? {
                        // There is more of this one.
                        return Ok(at);
                    }
                }
                Ok::<_, GraphError>(list.len())
            })
            .await?;
    }
    Ok(())
}

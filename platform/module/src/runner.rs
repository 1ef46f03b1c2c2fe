//! Runs the queued jobs of all tenants, one after the other.

use std::time::Duration;

use bisenzio_kernel::{Env, Micros};
use bisenzio_store::jobs::{self, Job};
use bisenzio_store::{Store, StoreError, outbox};
use bisenzio_web::App;

use crate::Registry;

const IDLE: Duration = Duration::from_millis(500);
/// Events are kept this long for replicas that were away.
const KEEP_EVENTS: Micros = 24 * 3600 * 1_000_000;
const KEEP_JOBS: Micros = 30 * 24 * 3600 * 1_000_000;
const HOUSEKEEPING_EVERY: Micros = 3600 * 1_000_000;

/// Runs until the task is dropped. A store that fails is tried again.
pub async fn run_jobs_forever(app: App, registry: Registry) {
    let mut next_cleaning = 0;
    loop {
        match run_due_jobs(&app, &registry).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => tracing::warn!(%error, "jobs"),
        }
        let now = app.env.now();
        if now >= next_cleaning {
            next_cleaning = now + HOUSEKEEPING_EVERY;
            if let Err(error) = clean(&app.store, now).await {
                tracing::warn!(%error, "housekeeping");
            }
        }
        tokio::time::sleep(IDLE).await;
    }
}

/// Runs every job that is due now; returns how many ran.
///
/// # Errors
/// When the store fails.
pub async fn run_due_jobs(app: &App, registry: &Registry) -> Result<usize, StoreError> {
    let mut ran = 0;
    while let Some(job) = claim(&app.store, &app.env).await? {
        let outcome = run_one(app, registry, &job).await;
        let now = app.env.now();
        if let Err(error) = &outcome {
            tracing::warn!(
                kind = job.kind,
                tenant = job.tenant,
                attempt = job.attempts,
                error,
                "job failed"
            );
        }
        app.store
            .write(move |tx| match &outcome {
                Ok(()) => jobs::succeed(tx, &job, now),
                Err(error) => jobs::fail(tx, &job, error, now),
            })
            .await?;
        ran += 1;
    }
    Ok(ran)
}

async fn claim(store: &Store, env: &Env) -> Result<Option<Job>, StoreError> {
    let now = env.now();
    // Looking costs no write; only a job that is there is claimed.
    let due: i64 = store
        .read(move |tx| {
            tx.query_one(
                "SELECT COUNT(*) FROM job WHERE state = 'ready' AND run_at <= $1 AND locked_until <= $1",
                bisenzio_store::params![now],
            )?
            .get(0)
        })
        .await?;
    if due == 0 {
        Ok(None)
    } else {
        store.write(move |tx| jobs::claim(tx, now)).await
    }
}

async fn run_one(app: &App, registry: &Registry, job: &Job) -> Result<(), String> {
    match registry
        .modules()
        .iter()
        .find(|module| module.job_kinds().contains(&job.kind.as_str()))
    {
        Some(module) => module.run_job(app, job).await,
        None => Err(format!("no module runs jobs of kind \"{}\"", job.kind)),
    }
}

async fn clean(store: &Store, now: Micros) -> Result<(), StoreError> {
    store
        .write(move |tx| {
            outbox::prune(tx, now - KEEP_EVENTS)?;
            jobs::prune(tx, now - KEEP_JOBS)
        })
        .await?;
    Ok(())
}

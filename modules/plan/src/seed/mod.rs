//! How a city folder's files become records: everything is read and checked before anything is written.

mod entities;
mod files;
mod lines;
mod plan;

use bisenzio_kernel::{Env, Tenant};
use bisenzio_module::{CityError, CityFolder, SeedReport};
use bisenzio_store::Tx;

use crate::error::PlanError;
use crate::service::{editions, publish};
use crate::store;

/// Loads `plan/` and `graph/`. A frozen edition stays as it is; a draft is replaced. Folders without a plan
/// load nothing.
///
/// # Errors
/// File, line and field of what is wrong; nothing has been written then.
pub fn load(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &Tenant,
    folder: &CityFolder,
) -> Result<SeedReport, CityError> {
    let entities = entities::read(folder, &tenant.id)?;
    let plan = plan::read(folder, &tenant.id, &entities)?;
    let mut report = SeedReport::default();
    for entity in &entities.list {
        entities::put(tx, env, &tenant.id, entity)?;
    }
    report.count("entities", entities.list.len());
    let Some(plan) = plan else { return Ok(report) };
    store::editions::save_plan(tx, &tenant.id, &plan.plan)?;
    store::editions::save_sections(tx, &tenant.id, &plan.sections)?;
    let mut projects = 0;
    for (edition, list) in &plan.editions {
        if store::editions::frozen(tx, &tenant.id, edition.year)?.is_some() {
            report.remarks.push(format!(
                "the edition {} is frozen and was not loaded again",
                edition.year
            ));
            continue;
        }
        store::editions::save_edition(tx, &tenant.id, edition)?;
        store::write::clear_year(tx, &tenant.id, edition.year)?;
        for project in list {
            store::write::project(tx, &tenant.id, edition.year, project)?;
        }
        // Whether the edition is public shows only when all of it is written.
        for project in list {
            publish::publish(tx, env, &tenant.id, edition, project).map_err(failed)?;
        }
        projects += list.len();
        editions::announce(tx, env, &tenant.id, edition.year).map_err(failed)?;
    }
    report.count("editions", plan.editions.len());
    report.count("projects", projects);
    report.count("events", plan.count(|p| p.events.len()));
    report.count("indicators", plan.count(|p| p.indicators.len()));
    Ok(report)
}

fn failed(error: PlanError) -> CityError {
    CityError::new("plan", error.to_string())
}

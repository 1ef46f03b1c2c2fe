//! What graph and search hold of the plan: of each project its latest public year.

use std::collections::BTreeMap;

use bisenzio_kernel::{Env, TenantId, slug};
use bisenzio_search as search;
use bisenzio_store::Tx;

use super::editions;
use crate::error::PlanError;
use crate::graph;
use crate::model::{Edition, Project};
use crate::store;

/// Brings graph and search in line with a project's records, and tells that the plan changed. A first declared
/// value makes the whole edition public; `was_public` is how it was before the change.
///
/// # Errors
/// When the graph or the store fails.
pub fn refresh(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    year: i64,
    project: &str,
    was_public: bool,
) -> Result<(), PlanError> {
    if store::editions::is_public(tx, tenant, year)? == was_public {
        let edition = store::editions::edition(tx, tenant, year)?.ok_or(PlanError::NotFound("edition"))?;
        let projects = store::read::projects(tx, tenant, year)?;
        if let Some(project) = projects.iter().find(|p| p.slug == project) {
            publish(tx, env, tenant, &edition, project)?;
        }
    } else {
        republish(tx, env, tenant, year)?;
    }
    editions::announce(tx, env, tenant, year)
}

/// Brings graph and search in line for all projects of a year, after it became public or ceased to be.
///
/// # Errors
/// When the graph or the store fails.
pub fn republish(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, year: i64) -> Result<(), PlanError> {
    let mut by_year: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for project in store::read::projects(tx, tenant, year)? {
        match store::read::latest_year(tx, tenant, &project.slug)? {
            Some(latest) => by_year.entry(latest).or_default().push(project.slug),
            None => {
                search::remove(tx, tenant, &document_id(&project.slug))?;
                bisenzio_graph::delete(
                    tx,
                    env,
                    tenant,
                    &graph::urn("Project", tenant, &slug(&project.slug)),
                )?;
            }
        }
    }
    for (year, slugs) in by_year {
        let edition = store::editions::edition(tx, tenant, year)?.ok_or(PlanError::NotFound("edition"))?;
        for project in store::read::projects(tx, tenant, year)? {
            if slugs.contains(&project.slug) {
                publish(tx, env, tenant, &edition, &project)?;
            }
        }
    }
    Ok(())
}

/// A project as an entity and as a search document, if this is its latest public year.
///
/// # Errors
/// When the graph or the store fails.
pub fn publish(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    edition: &Edition,
    project: &Project,
) -> Result<(), PlanError> {
    if store::read::latest_year(tx, tenant, &project.slug)? != Some(edition.year) {
        return Ok(());
    }
    graph::put_project(tx, env, tenant, edition, project)?;
    let events = project.events.iter().map(|event| event.title.as_str());
    let actions = project.actions.iter().map(|action| action.title.as_str());
    let indicators = project
        .indicators
        .iter()
        .map(|indicator| indicator.label.as_str());
    let keywords: Vec<&str> = events.chain(actions).chain(indicators).collect();
    let document = search::Document {
        id: &document_id(&project.slug),
        kind: "project",
        title: &project.full_title(),
        summary: project.summary.first().map_or("", String::as_str),
        keywords: &keywords.join(" "),
        url: &project.path(edition.year),
        day: Some(&edition.period_to.to_string()),
    };
    search::put(tx, tenant, &document)?;
    Ok(())
}

fn document_id(project: &str) -> String {
    format!("plan/project/{project}")
}

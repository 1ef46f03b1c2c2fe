//! Beginning a year's edition and freezing it.

use bisenzio_access::audit;
use bisenzio_kernel::{Actor, Env, Lang, Tenant, TenantId};
use bisenzio_module::Registry;
use bisenzio_store::{Tx, outbox};
use bisenzio_web::Errors;
use jiff::civil::Date;
use serde_json::json;

use super::{FREEZE, documents, publish, snapshot};
use crate::error::PlanError;
use crate::model::{Computed, Edition, EditionState, Project};
use crate::store;

/// # Errors
/// `NotFound` or `Frozen`.
pub fn require_draft(tx: &mut Tx<'_>, tenant: &TenantId, year: i64) -> Result<Edition, PlanError> {
    let edition = store::editions::edition(tx, tenant, year)?.ok_or(PlanError::NotFound("edition"))?;
    if edition.is_frozen() {
        Err(PlanError::Frozen(year))
    } else {
        Ok(edition)
    }
}

/// Tells that something of a year's plan changed, and has its note rendered anew.
///
/// # Errors
/// When the store fails.
pub fn announce(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, year: i64) -> Result<(), PlanError> {
    outbox::publish(
        tx,
        env,
        tenant,
        "plan.changed",
        &year.to_string(),
        &json!({"year": year}),
    )?;
    documents::schedule(tx, env, tenant, year)?;
    Ok(())
}

/// Freezes a draft: what readers see now is what they will always see. Its documents are rendered by a job.
/// `typed` is the year as the person wrote it to confirm.
///
/// # Errors
/// `Invalid` when another year was typed, `Frozen` when it already is, `NotFound`, 403.
#[allow(clippy::too_many_arguments, reason = "one decision with all its parts")]
pub fn freeze(
    tx: &mut Tx<'_>,
    env: &Env,
    actor: &Actor,
    registry: &Registry,
    tenant: &Tenant,
    year: i64,
    typed: &str,
    lang: Lang,
) -> Result<(), PlanError> {
    actor.require(FREEZE)?;
    require_draft(tx, &tenant.id, year)?;
    if typed.trim() != year.to_string() {
        let mut errors = Errors::default();
        errors.add(
            "confirm",
            match lang {
                Lang::It => format!("Per confermare occorre scrivere {year}"),
                Lang::En => format!("Write {year} to confirm"),
            },
        );
        return Err(PlanError::Invalid(errors));
    }
    let mut snapshot = snapshot::build(tx, registry, tenant, year)?;
    let (now, by) = (env.now(), actor.label());
    snapshot.edition.state = EditionState::Frozen;
    snapshot.edition.frozen_at = Some(now);
    snapshot.edition.frozen_by = Some(by.clone());
    let text = store::to_json(&snapshot)?;
    if !store::editions::freeze(tx, &tenant.id, year, now, &by, &text)? {
        return Err(PlanError::Frozen(year));
    }
    audit::record(
        tx,
        env,
        actor,
        "plan.edition.freeze",
        &year.to_string(),
        &snapshot.edition.title,
    )?;
    // Closing makes public what had no declared value.
    publish::republish(tx, env, &tenant.id, year)?;
    announce(tx, env, &tenant.id, year)
}

/// Begins the edition of a year with the structure of the latest one: projects, partners, indicators with
/// their computations, lists and links, but no values, events, actions or text.
///
/// # Errors
/// `Invalid` when the year is taken or no year, `NotFound` without a plan, 403.
pub fn create(
    tx: &mut Tx<'_>,
    env: &Env,
    actor: &Actor,
    year: &str,
    title: &str,
    lang: Lang,
) -> Result<i64, PlanError> {
    actor.require(FREEZE)?;
    let tenant = &actor.tenant;
    store::editions::plan(tx, tenant)?.ok_or(PlanError::NotFound("plan"))?;
    let years = store::editions::years(tx, tenant)?;
    let mut errors = Errors::default();
    let number = year
        .parse::<i16>()
        .ok()
        .filter(|year| (1990..=2200).contains(year));
    let Some(number) = number else {
        errors.add(
            "year",
            lang.t(
                "Occorre un anno di quattro cifre",
                "A year of four digits is needed",
            ),
        );
        return Err(PlanError::Invalid(errors));
    };
    let year = i64::from(number);
    if years.iter().any(|known| known.year == year) {
        errors.add(
            "year",
            lang.t(
                "L'edizione di quest'anno esiste già",
                "This year's edition exists already",
            ),
        );
    }
    if title.is_empty() || title.chars().count() > 200 {
        errors.add(
            "title",
            lang.t(
                "Il titolo è obbligatorio, al massimo 200 caratteri",
                "A title of at most 200 characters is needed",
            ),
        );
    }
    if !errors.is_empty() {
        return Err(PlanError::Invalid(errors));
    }
    let edition = Edition {
        year,
        title: title.to_owned(),
        period_from: Date::constant(number, 1, 1),
        period_to: Date::constant(number, 12, 31),
        premise: Vec::new(),
        credits: Vec::new(),
        published: None,
        state: EditionState::Draft,
        frozen_at: None,
        frozen_by: None,
    };
    store::editions::save_edition(tx, tenant, &edition)?;
    store::write::clear_year(tx, tenant, year)?;
    if let Some(latest) = years.first() {
        for project in store::read::projects(tx, tenant, latest.year)? {
            let project = structure_of(project);
            // Nobody but staff sees it until it has a value: graph and search keep the last edition.
            store::write::project(tx, tenant, year, &project)?;
        }
    }
    audit::record(tx, env, actor, "plan.edition.create", &year.to_string(), title)?;
    announce(tx, env, tenant, year)?;
    Ok(year)
}

fn structure_of(mut project: Project) -> Project {
    project.summary.clear();
    project.events.clear();
    project.actions.clear();
    project.figures.clear();
    project.discrepancies.clear();
    project.places.clear();
    for indicator in &mut project.indicators {
        indicator.declared = None;
        indicator.source.clear();
        indicator.note = None;
        indicator.evidence.clear();
        if let Some(computed) = indicator.computed.take() {
            let computation = computed.computation;
            indicator.computed = Some(Computed {
                computation,
                value: None,
                counted: Vec::new(),
                failure: None,
            });
        }
    }
    project
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_year_takes_the_structure_and_no_value() {
        let project = structure_of(crate::sample::snapshot().projects.remove(0));
        assert_eq!(project.indicators.len(), 1);
        assert_eq!(project.collections.len(), 1);
        assert!(project.indicators[0].value().is_none() && project.indicators[0].computed.is_some());
        assert!(project.events.is_empty() && project.summary.is_empty() && project.figures.is_empty());
    }
}

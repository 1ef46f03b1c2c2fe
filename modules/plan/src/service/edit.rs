//! Officers' changes to a draft edition. Each is one transaction: the record, its entity in the graph, its
//! search document, the event in the outbox and the line in the audit log.

use bisenzio_access::audit;
use bisenzio_kernel::{Actor, Env, Lang, Problem, TenantId, slug};
use bisenzio_search as search;
use bisenzio_store::Tx;
use bisenzio_web::Errors;

use super::{EDIT, editions};
use crate::error::PlanError;
use crate::graph;
use crate::model::{Edition, ItemKind, Project, Values, check};
use crate::store::{self, items};

/// Which record: `id` is empty for a new one; `project` too for a new project.
#[derive(Clone, Debug)]
pub struct Target {
    pub year: i64,
    pub project: String,
    pub kind: ItemKind,
    pub id: String,
}

/// Who changes, in which language messages are wanted, and what may be computed by modules.
#[derive(Clone)]
pub struct By<'a> {
    pub env: &'a Env,
    pub actor: &'a Actor,
    pub lang: Lang,
    /// `<module>.<indicator>` of all modules.
    pub computations: &'a [String],
}

/// Saves what was typed. `version` is the one the form was filled on; `None` for a new record.
/// Returns the record's identifier (for a project, its slug).
///
/// # Errors
/// `Invalid` with messages beside fields, `Stale` when somebody saved in between, `Frozen`, 403.
pub fn save(
    tx: &mut Tx<'_>,
    by: &By<'_>,
    target: &Target,
    typed: &Values,
    version: Option<i64>,
) -> Result<String, PlanError> {
    by.actor.require(EDIT)?;
    let tenant = &by.actor.tenant;
    editions::require_draft(tx, tenant, target.year)?;
    let values = check(target.kind, typed, by.lang).map_err(PlanError::Invalid)?;
    check_against_store(tx, by, target, &values)?;
    let is_new = target.kind == ItemKind::Project && target.project.is_empty()
        || target.kind != ItemKind::Project && target.id.is_empty();
    let (project, id) = if is_new {
        new_identifier(tx, tenant, target, &values)?
    } else {
        (target.project.clone(), target.id.clone())
    };
    let key = items::Key {
        tenant,
        year: target.year,
        project: &project,
        id: &id,
    };
    let before = items::fetch(tx, key, target.kind)?;
    match (&before, version) {
        (None, _) if is_new || target.kind == ItemKind::Observation => {
            items::insert(tx, key, target.kind, &values)?
        }
        (None, _) => return Err(PlanError::NotFound("record")),
        (Some(current), version) => {
            if current.deleted {
                let words = by.lang.t(
                    "La voce è stata eliminata nel frattempo. Si può ripristinare dall'elenco delle voci eliminate.",
                    "The record was deleted in the meantime. It can be restored from the list of deleted records.",
                );
                return Err(Problem::conflict(words).into());
            }
            // A form without a version would overwrite unseen changes.
            if !items::update(tx, key, target.kind, &values, version.unwrap_or(0))? {
                return Err(PlanError::Stale {
                    current: current.values.clone(),
                    version: current.version,
                });
            }
        }
    }
    let verb = if before.is_some() { "edit" } else { "add" };
    let detail = changes(before.as_ref().map(|item| &item.values), &values);
    record(
        tx,
        by,
        target.kind,
        verb,
        &subject(target.year, &project, &id),
        &detail,
    )?;
    refresh(tx, by.env, tenant, target.year, &project)?;
    Ok(if target.kind == ItemKind::Project {
        project
    } else {
        id
    })
}

/// Marks a record deleted, or restores it.
///
/// # Errors
/// `NotFound`, `Frozen`, 403.
pub fn set_deleted(tx: &mut Tx<'_>, by: &By<'_>, target: &Target, deleted: bool) -> Result<(), PlanError> {
    by.actor.require(EDIT)?;
    let tenant = &by.actor.tenant;
    editions::require_draft(tx, tenant, target.year)?;
    let key = items::Key {
        tenant,
        year: target.year,
        project: &target.project,
        id: &target.id,
    };
    if target.kind == ItemKind::Project || items::fetch(tx, key, target.kind)?.is_none() {
        return Err(PlanError::NotFound("record"));
    }
    items::set_deleted(tx, key, target.kind, deleted)?;
    if deleted && matches!(target.kind, ItemKind::Indicator | ItemKind::Observation) {
        graph::remove_indicator(tx, by.env, tenant, target.year, &target.project, &target.id)?;
    }
    let verb = if deleted { "delete" } else { "restore" };
    record(
        tx,
        by,
        target.kind,
        verb,
        &subject(target.year, &target.project, &target.id),
        "",
    )?;
    refresh(tx, by.env, tenant, target.year, &target.project)
}

/// Sets the declared value of an indicator for a program: no form, the version is optional.
///
/// # Errors
/// `NotFound` when there is no such indicator, `Stale`, `Frozen`, `Invalid`, 403.
pub fn observe(
    tx: &mut Tx<'_>,
    by: &By<'_>,
    target: &Target,
    values: &Values,
    version: Option<i64>,
) -> Result<(), PlanError> {
    by.actor.require(EDIT)?;
    let key = items::Key {
        tenant: &by.actor.tenant,
        year: target.year,
        project: &target.project,
        id: &target.id,
    };
    let current = items::fetch(tx, key, ItemKind::Observation)?.filter(|item| !item.deleted);
    let version = version.or(current.map(|item| item.version));
    save(tx, by, target, values, version).map(|_| ())
}

/// What only the store or the registry knows.
fn check_against_store(
    tx: &mut Tx<'_>,
    by: &By<'_>,
    target: &Target,
    values: &Values,
) -> Result<(), PlanError> {
    let tenant = &by.actor.tenant;
    let get = |name: &str| values.get(name).map_or("", String::as_str);
    let mut errors = Errors::default();
    if target.kind == ItemKind::Project {
        let sections = store::editions::sections(tx, tenant)?;
        if !sections.iter().any(|section| section.number == get("section")) {
            errors.add(
                "section",
                by.lang.t("La sezione non esiste", "There is no such section"),
            );
        }
    } else {
        let key = items::Key {
            tenant,
            year: target.year,
            project: &target.project,
            id: "",
        };
        let project = items::fetch(tx, key, ItemKind::Project)?.filter(|item| !item.deleted);
        project.ok_or(PlanError::NotFound("project"))?;
    }
    let indicator = match target.kind {
        ItemKind::Evidence => Some(get("indicator")),
        ItemKind::Observation => Some(target.id.as_str()),
        _ => None,
    };
    if let Some(id) = indicator {
        let key = items::Key {
            tenant,
            year: target.year,
            project: &target.project,
            id,
        };
        if items::fetch(tx, key, ItemKind::Indicator)?.is_none_or(|item| item.deleted) {
            if target.kind == ItemKind::Observation {
                return Err(PlanError::NotFound("indicator"));
            }
            errors.add(
                "indicator",
                by.lang.t("L'indicatore non esiste", "There is no such indicator"),
            );
        }
    }
    let computed = get("computed_by");
    if !computed.is_empty() && computed != "graph" && !by.computations.iter().any(|known| known == computed) {
        errors.add(
            "computed_by",
            by.lang.t(
                "Il calcolo non è disponibile",
                "This computation is not available",
            ),
        );
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(PlanError::Invalid(errors))
    }
}

/// A readable identifier that no record has yet, deleted ones included.
fn new_identifier(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    target: &Target,
    values: &Values,
) -> Result<(String, String), PlanError> {
    let code = values.get("code").filter(|code| !code.is_empty());
    let title = code
        .or_else(|| values.get(target.kind.title_field()))
        .map_or("", String::as_str);
    let mut base: String = slug(title).chars().take(60).collect();
    base = base.trim_matches('-').to_owned();
    // "nota" and the like are pages of the edition.
    if base.is_empty() || (target.kind == ItemKind::Project && RESERVED.contains(&base.as_str())) {
        base = format!("{}-{base}", target.kind.path())
            .trim_matches('-')
            .to_owned();
    }
    for number in 1.. {
        let candidate = if number == 1 {
            base.clone()
        } else {
            format!("{base}-{number}")
        };
        let (project, id) = match target.kind {
            ItemKind::Project => (candidate.clone(), String::new()),
            _ => (target.project.clone(), candidate.clone()),
        };
        let key = items::Key {
            tenant,
            year: target.year,
            project: &project,
            id: &id,
        };
        if items::fetch(tx, key, target.kind)?.is_none() {
            return Ok((project, id));
        }
    }
    Err(PlanError::NotFound("identifier"))
}

const RESERVED: &[&str] = &["nota", "nuovo-progetto", "chiudi", "indicatori"];

fn subject(year: i64, project: &str, id: &str) -> String {
    format!("{year}/{project}/{id}").trim_end_matches('/').to_owned()
}

/// Old and new text of the fields that changed, each cut to a readable length.
fn changes(before: Option<&Values>, after: &Values) -> String {
    let cut = |text: &str| text.chars().take(80).collect::<String>();
    let mut out = Vec::new();
    for (name, new) in after {
        let old = before
            .and_then(|values| values.get(name))
            .map_or("", String::as_str);
        if old != new {
            out.push(format!("{name}: «{}» → «{}»", cut(old), cut(new)));
        }
    }
    out.join("; ")
}

fn record(
    tx: &mut Tx<'_>,
    by: &By<'_>,
    kind: ItemKind,
    verb: &str,
    subject: &str,
    detail: &str,
) -> Result<(), PlanError> {
    let what = kind.table().trim_start_matches("plan_");
    audit::record(
        tx,
        by.env,
        by.actor,
        &format!("plan.{what}.{verb}"),
        subject,
        detail,
    )?;
    Ok(())
}

/// Brings graph and search in line with a project's records, and tells that the plan changed.
fn refresh(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, year: i64, project: &str) -> Result<(), PlanError> {
    let edition = store::editions::edition(tx, tenant, year)?.ok_or(PlanError::NotFound("edition"))?;
    let projects = store::read::projects(tx, tenant, year)?;
    if let Some(project) = projects.iter().find(|p| p.slug == project) {
        publish(tx, env, tenant, &edition, project)?;
    }
    editions::announce(tx, env, tenant, year)
}

/// A project as an entity and as a search document. Of several years the latest is shown.
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
    if store::read::latest_year(tx, tenant, &project.slug)?.is_some_and(|latest| latest > edition.year) {
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
        id: &format!("plan/project/{}", project.slug),
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

//! Officers' changes to a draft edition. Each is one transaction: the record, its entity in the graph, its
//! search document, the event in the outbox and the line in the audit log.

use bisenzio_access::audit;
use bisenzio_kernel::{Actor, Env, Lang, Problem, TenantId, slug};
use bisenzio_store::Tx;
use bisenzio_web::Errors;

use super::{EDIT, editions, publish};
use crate::error::PlanError;
use crate::graph;
use crate::model::{FieldKind, ItemKind, ValueRule, Values, check, is_jump};
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
    /// Whether a value far from the one before was confirmed.
    pub confirmed: bool,
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
    let is_new = match target.kind {
        ItemKind::Edition => false,
        ItemKind::Project => target.project.is_empty(),
        _ => target.id.is_empty(),
    };
    let was_public = store::editions::is_public(tx, tenant, target.year)?;
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
    publish::refresh(tx, by.env, tenant, target.year, &project, was_public)?;
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
    let fixed = matches!(target.kind, ItemKind::Project | ItemKind::Edition);
    let was_public = store::editions::is_public(tx, tenant, target.year)?;
    if fixed || items::fetch(tx, key, target.kind)?.is_none() {
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
    publish::refresh(tx, by.env, tenant, target.year, &target.project, was_public)
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
    } else if target.kind != ItemKind::Edition {
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
        let found = items::fetch(tx, key, ItemKind::Indicator)?.filter(|item| !item.deleted);
        match found {
            Some(indicator) if target.kind == ItemKind::Observation => {
                check_amount(tx, by, target, &indicator.values, values)?;
            }
            None if target.kind == ItemKind::Observation => return Err(PlanError::NotFound("indicator")),
            None => errors.add(
                "indicator",
                by.lang.t("L'indicatore non esiste", "There is no such indicator"),
            ),
            Some(_) => {}
        }
    }
    check_entities(tx, by, target.kind, values, &mut errors)?;
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

/// A declared value must suit its indicator, and one far from the value before must be confirmed.
fn check_amount(
    tx: &mut Tx<'_>,
    by: &By<'_>,
    target: &Target,
    indicator: &Values,
    values: &Values,
) -> Result<(), PlanError> {
    let Some(now) = values.get("amount").and_then(|text| text.parse::<f64>().ok()) else {
        return Ok(());
    };
    let get = |name: &str| indicator.get(name).map_or("", String::as_str);
    let rule = ValueRule::of(get("value_rule"), get("unit"));
    if !rule.allows(now) {
        let mut errors = Errors::default();
        errors.add("amount", rule.refusal(now, by.lang));
        return Err(PlanError::Invalid(errors));
    }
    let before =
        store::read::declared_before(tx, &by.actor.tenant, target.year, &target.project, &target.id)?;
    match before {
        Some(before) if is_jump(before, now) && !by.confirmed => Err(PlanError::Unlikely { before, now }),
        _ => Ok(()),
    }
}

/// What is referred to must be in the city's graph, and attributes must be some of its entities'.
fn check_entities(
    tx: &mut Tx<'_>,
    by: &By<'_>,
    kind: ItemKind,
    values: &Values,
    errors: &mut Errors,
) -> Result<(), PlanError> {
    let tenant = &by.actor.tenant;
    let entity_type = values.get(kind.type_field()).map_or("", String::as_str);
    for spec in kind.fields() {
        let text = values.get(spec.name).map_or("", String::as_str);
        match spec.kind {
            FieldKind::Entity | FieldKind::EntityOf(_) | FieldKind::Place | FieldKind::Entities => {
                for urn in text.split_whitespace() {
                    let ours = graph::parts(tenant, urn).is_some();
                    if !ours || bisenzio_graph::simplified(tx, tenant, urn)?.is_none() {
                        errors.add(
                            spec.name,
                            by.lang.t(
                                "La voce scelta non esiste più",
                                "The thing chosen does not exist any more",
                            ),
                        );
                    }
                }
            }
            FieldKind::Attribute if !text.is_empty() => {
                let list = bisenzio_graph::list_simplified(tx, tenant, entity_type)?;
                if !list.is_empty() && list.iter().all(|entity| entity.get(text).is_none()) {
                    errors.add(
                        spec.name,
                        by.lang.t(
                            "Nessuna di queste voci ha il dato scelto",
                            "None of these things has this attribute",
                        ),
                    );
                }
            }
            _ => {}
        }
    }
    Ok(())
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

const RESERVED: &[&str] = &["nota", "nuovo-progetto", "chiudi", "indicatori", "edizione"];

/// How the audit log names a record.
pub fn subject(year: i64, project: &str, id: &str) -> String {
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

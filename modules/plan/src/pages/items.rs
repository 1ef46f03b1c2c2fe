//! Adding and editing projects and what they record.

use axum::extract::Path;
use axum::response::Response;
use bisenzio_access::audit;
use bisenzio_kernel::{Lang, Problem};
use bisenzio_web::{Ctx, Errors, Form, redirect, with_flash};
use http::StatusCode;

use super::form::{self, Draft};
use super::offer::{self, Offer};
use super::{refused, trial, year};
use crate::error::{PlanError, unlikely};
use crate::model::{ItemKind, Values, check};
use crate::service::edit::{self, By, Target};
use crate::service::editions;
use crate::store::{self, items};

/// What a form needs to be shown.
struct Setting {
    offer: Offer,
    /// "PR-V9 · ...", or the plan for a new project.
    context: String,
    stored: Option<items::Item>,
    /// The record's own name, for headings.
    name: String,
}

pub async fn new_project(ctx: Ctx, Path(asked): Path<String>) -> Result<Response, Problem> {
    start(ctx, project(&asked, "")?).await
}

pub async fn create_project(ctx: Ctx, Path(asked): Path<String>, form: Form) -> Result<Response, Problem> {
    save(ctx, project(&asked, "")?, form).await
}

pub async fn edit_project(
    ctx: Ctx,
    Path((asked, slug)): Path<(String, String)>,
) -> Result<Response, Problem> {
    start(ctx, project(&asked, &slug)?).await
}

pub async fn save_project(
    ctx: Ctx,
    Path((asked, slug)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    save(ctx, project(&asked, &slug)?, form).await
}

pub async fn new_item(
    ctx: Ctx,
    Path((asked, slug, kind)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    start(ctx, item(&asked, &slug, &kind, "")?).await
}

pub async fn create_item(
    ctx: Ctx,
    Path((asked, slug, kind)): Path<(String, String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    save(ctx, item(&asked, &slug, &kind, "")?, form).await
}

pub async fn edit_item(
    ctx: Ctx,
    Path((asked, slug, kind, id)): Path<(String, String, String, String)>,
) -> Result<Response, Problem> {
    start(ctx, item(&asked, &slug, &kind, &id)?).await
}

pub async fn save_item(
    ctx: Ctx,
    Path((asked, slug, kind, id)): Path<(String, String, String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    save(ctx, item(&asked, &slug, &kind, &id)?, form).await
}

pub async fn edit_edition(ctx: Ctx, Path(asked): Path<String>) -> Result<Response, Problem> {
    start(ctx, edition(&asked)?).await
}

pub async fn save_edition(ctx: Ctx, Path(asked): Path<String>, form: Form) -> Result<Response, Problem> {
    save(ctx, edition(&asked)?, form).await
}

fn edition(asked: &str) -> Result<Target, Problem> {
    Ok(Target {
        kind: ItemKind::Edition,
        ..project(asked, "")?
    })
}

fn project(asked: &str, slug: &str) -> Result<Target, Problem> {
    Ok(Target {
        year: year(asked)?,
        project: slug.to_owned(),
        kind: ItemKind::Project,
        id: String::new(),
    })
}

/// The record that an address names.
///
/// # Errors
/// 404 for a kind that is none.
pub fn item(asked: &str, slug: &str, kind: &str, id: &str) -> Result<Target, Problem> {
    let kind = ItemKind::from_path(kind)
        // A declared value belongs to an indicator: there is no new one without it.
        .filter(|kind| !(id.is_empty() && *kind == ItemKind::Observation))
        .ok_or_else(|| Problem::not_found("There is no such page"))?;
    Ok(Target {
        year: year(asked)?,
        project: slug.to_owned(),
        kind,
        id: id.to_owned(),
    })
}

async fn start(ctx: Ctx, target: Target) -> Result<Response, Problem> {
    let setting = match setting(&ctx, &target, None).await {
        Ok(setting) => setting,
        Err(error) => return refused(&ctx, error, &home_of(&target)),
    };
    let (values, version) = match &setting.stored {
        Some(item) => (form::shown(target.kind, &item.values, ctx.lang), item.version),
        None => (beginning(target.kind), 0),
    };
    let none = Errors::default();
    let draft = draft(&ctx, &target, &setting, &values, &none, version);
    form::show(&ctx, &draft, &setting.offer, StatusCode::OK)
}

async fn save(ctx: Ctx, target: Target, form: Form) -> Result<Response, Problem> {
    let values = form::typed(target.kind, &form);
    let version = form
        .get("version")
        .parse::<i64>()
        .ok()
        .filter(|version| *version > 0);
    if form::has_more(target.kind, &values, &form) || form.checked("try") {
        return again(&ctx, &target, &form, &values, version.unwrap_or(0)).await;
    }
    let computations: Vec<String> = offer::computations(&ctx)?.into_iter().map(|(id, _)| id).collect();
    let work = (ctx.clone(), target.clone(), values.clone());
    let confirmed = form.checked("confirmed");
    let saved = ctx
        .store()
        .write(move |tx| {
            let (ctx, target, values) = &work;
            let by = By {
                env: &ctx.app.env,
                actor: &ctx.actor,
                lang: ctx.lang,
                computations: &computations,
                confirmed,
            };
            edit::save(tx, &by, target, values, version)
        })
        .await;
    let error = match saved {
        Ok(id) => {
            let to = match target.kind {
                ItemKind::Project => format!("/piano/{}/{}", target.year, bisenzio_kernel::slug(&id)),
                _ => home_of(&target),
            };
            return Ok(with_flash(redirect(&to), "success", ctx.t("Salvato", "Saved")));
        }
        Err(error) => error,
    };
    let setting = match setting(&ctx, &target, Some(&values)).await {
        Ok(setting) => setting,
        Err(error) => return refused(&ctx, error, &home_of(&target)),
    };
    let mut errors = Errors::default();
    let typed_on = version.unwrap_or(0);
    match error {
        PlanError::Invalid(errors) => {
            let draft = draft(&ctx, &target, &setting, &values, &errors, typed_on);
            form::show(&ctx, &draft, &setting.offer, StatusCode::UNPROCESSABLE_ENTITY)
        }
        PlanError::Unlikely { before, now } => {
            errors.add("amount", unlikely(before, now, ctx.lang));
            let mut draft = draft(&ctx, &target, &setting, &values, &errors, typed_on);
            ctx.t("Il valore è giusto", "The value is right")
                .clone_into(&mut draft.confirm);
            form::show(&ctx, &draft, &setting.offer, StatusCode::UNPROCESSABLE_ENTITY)
        }
        PlanError::Stale { current, version } => {
            let mut draft = draft(&ctx, &target, &setting, &values, &errors, version);
            draft.theirs = Some(&current);
            draft.by_whom = last_change(&ctx, &target).await?;
            form::show(&ctx, &draft, &setting.offer, StatusCode::CONFLICT)
        }
        other => refused(&ctx, other, &home_of(&target)),
    }
}

/// The form once more before anything is saved: with the fields that a choice asks for, or with what the
/// computation gives.
async fn again(
    ctx: &Ctx,
    target: &Target,
    form: &Form,
    values: &Values,
    version: i64,
) -> Result<Response, Problem> {
    let setting = match setting(ctx, target, Some(values)).await {
        Ok(setting) => setting,
        Err(error) => return refused(ctx, error, &home_of(target)),
    };
    let mut errors = Errors::default();
    let mut trial = String::new();
    if !form::has_more(target.kind, values, form) {
        match check(target.kind, values, ctx.lang) {
            Ok(checked) => match trial::run(ctx, target.year, &checked).await {
                Ok(words) => trial = words,
                Err(error) => return refused(ctx, error, &home_of(target)),
            },
            Err(found) => errors = found,
        }
    }
    let mut draft = draft(ctx, target, &setting, values, &errors, version);
    draft.trial = trial;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    form::show(ctx, &draft, &setting.offer, status)
}

/// "Anna Rossi, 12 maggio 2021, 9:00": who saved a record last, by the audit log.
async fn last_change(ctx: &Ctx, target: &Target) -> Result<String, Problem> {
    let subject = edit::subject(target.year, &target.project, &target.id);
    let tenant = ctx.tenant_id().clone();
    let found = ctx.store().read(move |tx| {
        let query = audit::Query {
            action: "plan.".to_owned(),
            ..audit::Query::default()
        };
        // It was saved while a form stood open: the latest entries hold it.
        let entries = audit::search(tx, &tenant, &query, 200, 0)?;
        Ok(entries.into_iter().find(|entry| entry.subject == subject))
    });
    let found: Result<_, bisenzio_store::StoreError> = found.await;
    Ok(found?
        .map(|entry| {
            let at = bisenzio_kernel::format::instant(entry.at, &ctx.tenant.timezone, ctx.lang);
            format!("{}, {at}", entry.actor)
        })
        .unwrap_or_default())
}

/// The page a record belongs to.
fn home_of(target: &Target) -> String {
    if target.project.is_empty() {
        return format!("/piano/{}", target.year);
    }
    format!(
        "/piano/{}/{}",
        target.year,
        bisenzio_kernel::slug(&target.project)
    )
}

/// Choices that suit a new record most often.
fn beginning(kind: ItemKind) -> Values {
    let set: &[(&str, &str)] = match kind {
        ItemKind::Project | ItemKind::Action => &[("state", "planned")],
        ItemKind::Indicator => &[("computed_aggregate", "count"), ("value_rule", "whole")],
        _ => &[],
    };
    set.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

async fn setting(ctx: &Ctx, target: &Target, typed: Option<&Values>) -> Result<Setting, PlanError> {
    let computations = offer::computations(ctx)?;
    let work = (ctx.clone(), target.clone(), typed.cloned());
    let found = ctx.store().read(move |tx| {
        let (ctx, target, typed) = &work;
        let tenant = ctx.tenant_id();
        editions::require_draft(tx, tenant, target.year)?;
        let projects = store::read::projects(tx, tenant, target.year)?;
        let project = projects.iter().find(|p| p.slug == target.project);
        if project.is_none() && !target.project.is_empty() {
            return Err(PlanError::NotFound("project"));
        }
        let indicators: Vec<(String, String)> = project
            .map(|p| {
                p.indicators
                    .iter()
                    .map(|i| (i.id.clone(), i.label.clone()))
                    .collect()
            })
            .unwrap_or_default();
        let key = items::Key {
            tenant,
            year: target.year,
            project: &target.project,
            id: &target.id,
        };
        let stored = items::fetch(tx, key, target.kind)?.filter(|item| !item.deleted);
        let of_indicator = indicators
            .iter()
            .find(|(id, _)| *id == target.id)
            .map(|(_, name)| name.clone());
        let expected = !target.id.is_empty() && target.kind != ItemKind::Observation;
        if (expected && stored.is_none()) || (target.kind == ItemKind::Observation && of_indicator.is_none())
        {
            return Err(PlanError::NotFound("record"));
        }
        let name = match target.kind {
            ItemKind::Observation => of_indicator.unwrap_or_default(),
            ItemKind::Edition => target.year.to_string(),
            kind => stored
                .as_ref()
                .and_then(|item| item.values.get(kind.title_field()).cloned())
                .unwrap_or_default(),
        };
        let mut offer = Offer {
            indicators,
            computations: computations.clone(),
            ..Offer::default()
        };
        let none = Values::new();
        let values = typed
            .as_ref()
            .or(stored.as_ref().map(|item| &item.values))
            .unwrap_or(&none);
        offer.fill(tx, tenant, target.kind, values, ctx.lang)?;
        Ok(Setting {
            context: project.map(crate::model::Project::full_title).unwrap_or_default(),
            offer,
            stored,
            name,
        })
    });
    found.await
}

fn draft<'a>(
    ctx: &Ctx,
    target: &Target,
    setting: &Setting,
    values: &'a Values,
    errors: &'a Errors,
    version: i64,
) -> Draft<'a> {
    let label = target.kind.label(ctx.lang);
    let is_new = setting.stored.is_none() && target.kind != ItemKind::Observation;
    let heading = if is_new {
        match (target.kind, ctx.lang) {
            (ItemKind::Action | ItemKind::Evidence | ItemKind::Discrepancy, Lang::It) => {
                format!("Nuova {}", label.to_lowercase())
            }
            (_, Lang::It) => format!("Nuovo {}", label.to_lowercase()),
            (_, Lang::En) => format!("New {}", label.to_lowercase()),
        }
    } else {
        format!("{label}: {}", setting.name)
    };
    let here = home_of(target);
    let mut crumbs = vec![(target.year.to_string(), format!("/piano/{}", target.year))];
    if !target.project.is_empty() {
        crumbs.push((setting.context.clone(), here.clone()));
    }
    let fixed = matches!(target.kind, ItemKind::Project | ItemKind::Edition);
    let deletable = !is_new && !fixed && setting.stored.is_some();
    let delete = if deletable {
        format!("{here}/{}/{}/elimina", target.kind.path(), target.id)
    } else {
        String::new()
    };
    Draft {
        kind: target.kind,
        heading,
        context: if setting.context.is_empty() {
            format!("{} {}", ctx.t("Edizione", "Edition"), target.year)
        } else {
            format!("{} ({})", setting.context, target.year)
        },
        values,
        errors,
        theirs: None,
        version,
        cancel: here,
        delete,
        by_whom: String::new(),
        confirm: String::new(),
        trial: String::new(),
        crumbs,
    }
}

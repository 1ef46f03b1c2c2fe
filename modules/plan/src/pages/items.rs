//! Adding and editing projects and what they record.

use axum::extract::Path;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Ctx, Errors, Form, redirect, with_flash};
use http::StatusCode;

use super::form::{self, Draft, Offer};
use super::year;
use crate::error::PlanError;
use crate::model::{ItemKind, Values};
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
    let setting = setting(&ctx, &target).await?;
    let (values, version) = match &setting.stored {
        Some(item) => (form::shown(target.kind, &item.values, ctx.lang), item.version),
        None => (beginning(target.kind), 0),
    };
    let none = Errors::default();
    let draft = draft(&ctx, &target, &setting, &values, &none, None, version);
    form::show(&ctx, &draft, &setting.offer, StatusCode::OK)
}

async fn save(ctx: Ctx, target: Target, form: Form) -> Result<Response, Problem> {
    let values = form::typed(target.kind, &form);
    let version = form
        .get("version")
        .parse::<i64>()
        .ok()
        .filter(|version| *version > 0);
    let computations: Vec<String> = form::computations(&ctx)?.into_iter().map(|(id, _)| id).collect();
    let work = (ctx.clone(), target.clone(), values.clone());
    let saved = ctx
        .store()
        .write(move |tx| {
            let (ctx, target, values) = &work;
            let by = By {
                env: &ctx.app.env,
                actor: &ctx.actor,
                lang: ctx.lang,
                computations: &computations,
            };
            edit::save(tx, &by, target, values, version)
        })
        .await;
    match saved {
        Ok(id) => {
            let project = if target.kind == ItemKind::Project {
                &id
            } else {
                &target.project
            };
            let to = format!("/piano/{}/{}", target.year, bisenzio_kernel::slug(project));
            Ok(with_flash(redirect(&to), "success", ctx.t("Salvato", "Saved")))
        }
        Err(PlanError::Invalid(errors)) => {
            let setting = setting(&ctx, &target).await?;
            let draft = draft(
                &ctx,
                &target,
                &setting,
                &values,
                &errors,
                None,
                version.unwrap_or(0),
            );
            form::show(&ctx, &draft, &setting.offer, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(PlanError::Stale { current, version }) => {
            let setting = setting(&ctx, &target).await?;
            let none = Errors::default();
            let draft = draft(&ctx, &target, &setting, &values, &none, Some(&current), version);
            form::show(&ctx, &draft, &setting.offer, StatusCode::CONFLICT)
        }
        Err(other) => Err(other.into()),
    }
}

/// Choices that suit a new record most often.
fn beginning(kind: ItemKind) -> Values {
    let set: &[(&str, &str)] = match kind {
        ItemKind::Project | ItemKind::Action => &[("state", "planned")],
        ItemKind::Indicator => &[("computed_aggregate", "count")],
        _ => &[],
    };
    set.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

async fn setting(ctx: &Ctx, target: &Target) -> Result<Setting, Problem> {
    let computations = form::computations(ctx)?;
    let work = (ctx.clone(), target.clone());
    let found = ctx.store().read(move |tx| {
        let (ctx, target) = &work;
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
            kind => stored
                .as_ref()
                .and_then(|item| item.values.get(kind.title_field()).cloned())
                .unwrap_or_default(),
        };
        Ok(Setting {
            context: project.map(crate::model::Project::full_title).unwrap_or_default(),
            offer: Offer {
                sections: store::editions::sections(tx, tenant)?,
                indicators,
                computations,
            },
            stored,
            name,
        })
    });
    found.await.map_err(|error: PlanError| error.into())
}

fn draft<'a>(
    ctx: &Ctx,
    target: &Target,
    setting: &Setting,
    values: &'a Values,
    errors: &'a Errors,
    theirs: Option<&'a Values>,
    version: i64,
) -> Draft<'a> {
    let label = target.kind.label(ctx.lang);
    let is_new = setting.stored.is_none() && target.kind != ItemKind::Observation;
    let heading = if is_new {
        match (target.kind, ctx.lang) {
            (ItemKind::Project | ItemKind::Event | ItemKind::Indicator, bisenzio_kernel::Lang::It) => {
                format!("Nuovo {}", label.to_lowercase())
            }
            (_, bisenzio_kernel::Lang::It) => format!("Nuova {}", label.to_lowercase()),
            (_, bisenzio_kernel::Lang::En) => format!("New {}", label.to_lowercase()),
        }
    } else {
        format!("{label}: {}", setting.name)
    };
    let here = if target.project.is_empty() {
        format!("/piano/{}", target.year)
    } else {
        format!(
            "/piano/{}/{}",
            target.year,
            bisenzio_kernel::slug(&target.project)
        )
    };
    let mut crumbs = vec![(target.year.to_string(), format!("/piano/{}", target.year))];
    if !target.project.is_empty() {
        crumbs.push((setting.context.clone(), here.clone()));
    }
    let deletable = !is_new && target.kind != ItemKind::Project && setting.stored.is_some();
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
        theirs,
        version,
        cancel: here,
        delete,
        crumbs,
    }
}

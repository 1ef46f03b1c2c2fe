//! Deleting with a second thought: a page that asks, and a list from which everything can be restored.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Ctx, Form, Page, redirect, render, with_flash};

use super::items::item;
use super::{refused, year};
use crate::error::PlanError;
use crate::model::ItemKind;
use crate::service::edit::{self, By, Target};
use crate::service::editions;
use crate::store::{self, items};

#[derive(Template)]
#[template(path = "plan_delete.html")]
struct ConfirmPage {
    page: Page,
    kind: &'static str,
    name: String,
    context: String,
    cancel: String,
}

#[derive(Template)]
#[template(path = "plan_deleted.html")]
struct DeletedPage {
    page: Page,
    context: String,
    back: String,
    rows: Vec<Row>,
}

struct Row {
    kind: &'static str,
    name: String,
    restore: String,
}

type Named = (String, String, String, String);

pub async fn confirm(ctx: Ctx, Path((asked, slug, kind, id)): Path<Named>) -> Result<Response, Problem> {
    let target = item(&asked, &slug, &kind, &id)?;
    let work = (ctx.clone(), target.clone());
    let found = ctx.store().read(move |tx| {
        let (ctx, target) = &work;
        editions::require_draft(tx, ctx.tenant_id(), target.year)?;
        let key = items::Key {
            tenant: ctx.tenant_id(),
            year: target.year,
            project: &target.project,
            id: &target.id,
        };
        let record = items::fetch(tx, key, target.kind)?.filter(|item| !item.deleted);
        let project = items::fetch(tx, key, ItemKind::Project)?;
        Ok((
            record.ok_or(PlanError::NotFound("record"))?,
            project.ok_or(PlanError::NotFound("project"))?,
        ))
    });
    let (record, project) = match found.await {
        Ok(found) => found,
        Err(error) => return refused(&ctx, error, &back(&target)),
    };
    let name = record
        .values
        .get(target.kind.title_field())
        .cloned()
        .unwrap_or_default();
    let context = project.values.get("title").cloned().unwrap_or_default();
    let cancel = back(&target);
    let page = ctx
        .page(ctx.t("Eliminare la voce?", "Delete the record?"))
        .crumb(ctx.t("Piano", "Plan"), "/piano")
        .crumb(context.clone(), cancel.clone())
        .crumb(ctx.t("Eliminazione", "Deletion"), "");
    render(&ConfirmPage {
        page,
        kind: target.kind.label(ctx.lang),
        name,
        context,
        cancel,
    })
}

pub async fn delete(
    ctx: Ctx,
    Path((asked, slug, kind, id)): Path<Named>,
    _form: Form,
) -> Result<Response, Problem> {
    let target = item(&asked, &slug, &kind, &id)?;
    let to = format!("{}/eliminati", back(&target));
    let from = back(&target);
    if let Err(error) = change(&ctx, target, true).await {
        return refused(&ctx, error, &from);
    }
    let words = ctx.t(
        "Voce eliminata. Da qui si può ripristinare.",
        "Deleted. It can be restored from here.",
    );
    Ok(with_flash(redirect(&to), "success", words))
}

pub async fn restore(
    ctx: Ctx,
    Path((asked, slug, kind, id)): Path<Named>,
    _form: Form,
) -> Result<Response, Problem> {
    let target = item(&asked, &slug, &kind, &id)?;
    let to = back(&target);
    if let Err(error) = change(&ctx, target, false).await {
        return refused(&ctx, error, &to);
    }
    Ok(with_flash(
        redirect(&to),
        "success",
        ctx.t("Voce ripristinata", "Restored"),
    ))
}

pub async fn page(ctx: Ctx, Path((asked, slug)): Path<(String, String)>) -> Result<Response, Problem> {
    let year = year(&asked)?;
    let work = (ctx.clone(), slug.clone());
    let found = ctx.store().read(move |tx| {
        let (ctx, slug) = &work;
        let tenant = ctx.tenant_id();
        editions::require_draft(tx, tenant, year)?;
        let key = items::Key {
            tenant,
            year,
            project: slug,
            id: "",
        };
        let project = items::fetch(tx, key, ItemKind::Project)?.ok_or(PlanError::NotFound("project"))?;
        let mut all = Vec::new();
        for kind in ItemKind::IN_PROJECT.into_iter().chain([ItemKind::Observation]) {
            for item in store::items::deleted(tx, tenant, year, slug, kind)? {
                all.push((kind, item));
            }
        }
        Ok((project, all))
    });
    let (project, all) = match found.await {
        Ok(found) => found,
        Err(error) => {
            let to = format!("/piano/{year}/{}", bisenzio_kernel::slug(&slug));
            return refused(&ctx, error, &to);
        }
    };
    let context = project.values.get("title").cloned().unwrap_or_default();
    let here = format!("/piano/{year}/{}", bisenzio_kernel::slug(&slug));
    let rows = all
        .into_iter()
        .map(|(kind, item)| Row {
            kind: kind.label(ctx.lang),
            name: item.values.get(kind.title_field()).cloned().unwrap_or_default(),
            restore: format!("{here}/{}/{}/ripristina", kind.path(), item.id),
        })
        .collect();
    let page = ctx
        .page(ctx.t("Voci eliminate", "Deleted records"))
        .crumb(ctx.t("Piano", "Plan"), "/piano")
        .crumb(context.clone(), here.clone())
        .crumb(ctx.t("Voci eliminate", "Deleted records"), "");
    render(&DeletedPage {
        page,
        context,
        back: here,
        rows,
    })
}

async fn change(ctx: &Ctx, target: Target, deleted: bool) -> Result<(), PlanError> {
    let work = (ctx.clone(), target);
    let done = ctx.store().write(move |tx| {
        let (ctx, target) = &work;
        let by = By {
            env: &ctx.app.env,
            actor: &ctx.actor,
            lang: ctx.lang,
            computations: &[],
            confirmed: false,
        };
        edit::set_deleted(tx, &by, target, deleted)
    });
    done.await
}

fn back(target: &Target) -> String {
    format!(
        "/piano/{}/{}",
        target.year,
        bisenzio_kernel::slug(&target.project)
    )
}

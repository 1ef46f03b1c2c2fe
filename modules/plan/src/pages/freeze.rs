//! Closing an edition: what is still missing, each with the page that corrects it, and the year typed to confirm.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_module::Registry;
use bisenzio_web::{Ctx, Errors, Form, Page, redirect, render, with_flash};
use http::StatusCode;

use super::{form::Message, refused, year};
use crate::error::PlanError;
use crate::model::{Indicator, Project, Snapshot};
use crate::service::editions;
use crate::{cache, display};

#[derive(Template)]
#[template(path = "plan_freeze.html")]
struct FreezePage {
    page: Page,
    year: i64,
    title: String,
    projects: usize,
    indicators: usize,
    checks: Vec<Check>,
    typed: String,
    error: String,
    errors: Vec<Message>,
}

/// One point of the checklist.
struct Check {
    title: &'static str,
    fine: &'static str,
    /// What to look at, and where it is corrected.
    items: Vec<(String, String)>,
}

pub async fn confirm(ctx: Ctx, Path(asked): Path<String>) -> Result<Response, Problem> {
    let year = year(&asked)?;
    let tenant = ctx.tenant_id().clone();
    let draft = ctx
        .store()
        .read(move |tx| editions::require_draft(tx, &tenant, year));
    if let Err(error) = draft.await {
        return refused(&ctx, error, &format!("/piano/{year}"));
    }
    show(&ctx, year, String::new(), &Errors::default()).await
}

pub async fn freeze(ctx: Ctx, Path(asked): Path<String>, form: Form) -> Result<Response, Problem> {
    let year = year(&asked)?;
    let registry: Registry = ctx.app.service()?;
    let typed = form.get("confirm").to_owned();
    let work = (ctx.clone(), typed.clone());
    let done = ctx.store().write(move |tx| {
        let (ctx, typed) = &work;
        let env = &ctx.app.env;
        editions::freeze(tx, env, &ctx.actor, &registry, &ctx.tenant, year, typed, ctx.lang)
    });
    let to = format!("/piano/{year}");
    match done.await {
        Ok(()) => {
            let words = ctx.t(
                "Edizione chiusa: non cambierà più",
                "Edition frozen: it will not change any more",
            );
            Ok(with_flash(redirect(&to), "success", words))
        }
        Err(PlanError::Invalid(errors)) => show(&ctx, year, typed, &errors).await,
        Err(other) => refused(&ctx, other, &to),
    }
}

async fn show(ctx: &Ctx, year: i64, typed: String, errors: &Errors) -> Result<Response, Problem> {
    let snapshot = cache::edition(ctx, Some(year)).await?;
    let title = format!("{} {year}", ctx.t("Chiudere l'edizione", "Freeze the edition"));
    let page = ctx
        .page(title.clone())
        .crumb(ctx.t("Piano", "Plan"), "/piano")
        .crumb(year.to_string(), format!("/piano/{year}"))
        .crumb(ctx.t("Chiusura", "Freezing"), "");
    let messages = errors.list().into_iter().map(|(field, message)| Message {
        field: field.to_owned(),
        message: message.to_owned(),
    });
    let mut response = render(&FreezePage {
        page,
        year,
        title,
        projects: snapshot.projects.len(),
        indicators: snapshot.projects.iter().map(|p| p.indicators.len()).sum(),
        checks: checks(ctx, &snapshot),
        typed,
        error: errors.of("confirm").to_owned(),
        errors: messages.collect(),
    })?;
    if !errors.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn checks(ctx: &Ctx, snapshot: &Snapshot) -> Vec<Check> {
    let year = snapshot.edition.year;
    let lang = ctx.lang;
    let collect = |words: &dyn Fn(&Indicator) -> Option<String>| -> Vec<(String, String)> {
        let all = snapshot
            .projects
            .iter()
            .flat_map(|p| p.indicators.iter().map(move |i| (p, i)));
        all.filter_map(|(project, indicator)| {
            let more = words(indicator)?;
            let name = format!("{}: {}{more}", project.full_title(), indicator.label);
            Some((name, format!("{}/valori/{}", project.path(year), indicator.id)))
        })
        .collect()
    };
    let differences = collect(&|indicator| {
        indicator.difference().filter(|d| *d != 0.0)?;
        let declared = display::number(indicator.declared?, lang);
        let computed = display::number(indicator.computed_value()?, lang);
        Some(format!(
            " ({} {declared}, {} {computed})",
            ctx.t("dichiarato", "declared"),
            ctx.t("calcolato", "computed")
        ))
    });
    let silent = |project: &&Project| project.summary.is_empty();
    let silent = snapshot.projects.iter().filter(silent);
    vec![
        Check {
            title: lang.t("Indicatori senza valore", "Indicators without value"),
            fine: lang.t(
                "Tutti gli indicatori hanno un valore.",
                "All indicators have a value.",
            ),
            items: collect(&|i| i.value().is_none().then(String::new)),
        },
        Check {
            title: lang.t("Valori senza fonte", "Values without source"),
            fine: lang.t(
                "Tutti i valori dichiarati hanno la fonte.",
                "All declared values have a source.",
            ),
            items: collect(&|i| (i.declared.is_some() && i.source.is_empty()).then(String::new)),
        },
        Check {
            title: lang.t(
                "Valori dichiarati diversi da quelli calcolati",
                "Declared values that differ from computed ones",
            ),
            fine: lang.t(
                "I valori dichiarati e calcolati coincidono.",
                "Declared and computed values agree.",
            ),
            items: differences,
        },
        Check {
            title: lang.t("Progetti senza testo", "Projects without text"),
            fine: lang.t("Tutti i progetti hanno un testo.", "All projects have a text."),
            items: silent
                .map(|p| (p.full_title(), format!("{}/modifica", p.path(year))))
                .collect(),
        },
    ]
}

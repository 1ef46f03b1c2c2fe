//! `/piano/gestione`: the editions, a new one, and freezing.

use askama::Template;
use axum::response::Response;
use bisenzio_kernel::{Problem, format};
use bisenzio_web::{Ctx, Errors, Form, Page, redirect, render, with_flash};
use http::StatusCode;

use super::index;
use crate::cache;
use crate::error::PlanError;
use crate::service::{FREEZE, editions};

#[derive(Template)]
#[template(path = "plan_editions.html")]
struct EditionsPage {
    page: Page,
    rows: Vec<Row>,
    may_freeze: bool,
    year: String,
    year_error: String,
    title: String,
    title_error: String,
    errors: Vec<super::form::Message>,
}

struct Row {
    year: i64,
    title: String,
    frozen: bool,
    when: String,
    projects: usize,
    missing: usize,
}

pub async fn page(ctx: Ctx) -> Result<Response, Problem> {
    let next = index::years(&ctx)
        .await?
        .first()
        .map_or_else(|| i64::from(ctx.today().year()), |(year, _)| year + 1);
    let title = format!("{} {next}", ctx.t("Nota di aggiornamento", "Update note"));
    show(&ctx, next.to_string(), title, &Errors::default()).await
}

async fn show(ctx: &Ctx, next: String, title: String, errors: &Errors) -> Result<Response, Problem> {
    let mut rows = Vec::new();
    for (year, frozen) in index::years(ctx).await? {
        let snapshot = cache::edition(ctx, Some(year)).await?;
        let indicators = snapshot.projects.iter().flat_map(|p| &p.indicators);
        let when = snapshot
            .edition
            .frozen_at
            .map(|at| format::instant(at, &ctx.tenant.timezone, ctx.lang));
        rows.push(Row {
            year,
            title: snapshot.edition.title.clone(),
            frozen,
            when: when.unwrap_or_default(),
            projects: snapshot.projects.len(),
            missing: indicators.filter(|i| i.value().is_none()).count(),
        });
    }
    let page = ctx
        .page(ctx.t("Gestione del piano", "Plan management"))
        .crumb(ctx.t("Piano", "Plan"), "/piano")
        .crumb(ctx.t("Gestione", "Management"), "");
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let messages = ["year", "title"]
        .into_iter()
        .filter(|field| !errors.of(field).is_empty())
        .map(|field| super::form::Message {
            field: field.to_owned(),
            message: errors.of(field).to_owned(),
        });
    let mut response = render(&EditionsPage {
        page,
        rows,
        may_freeze: ctx.may(FREEZE),
        year: next,
        year_error: errors.of("year").to_owned(),
        title,
        title_error: errors.of("title").to_owned(),
        errors: messages.collect(),
    })?;
    *response.status_mut() = status;
    Ok(response)
}

pub async fn create(ctx: Ctx, form: Form) -> Result<Response, Problem> {
    let (next, title) = (form.get("year").to_owned(), form.get("title").to_owned());
    let work = (ctx.clone(), next.clone(), title.clone());
    let made = ctx
        .store()
        .write(move |tx| {
            let (ctx, next, title) = &work;
            editions::create(tx, &ctx.app.env, &ctx.actor, next, title, ctx.lang)
        })
        .await;
    match made {
        Ok(year) => {
            let words = ctx.t(
                "Edizione creata con la struttura della precedente",
                "Edition made with the structure of the last one",
            );
            Ok(with_flash(redirect(&format!("/piano/{year}")), "success", words))
        }
        Err(PlanError::Invalid(errors)) => show(&ctx, next, title, &errors).await,
        Err(other) => Err(other.problem(ctx.lang)),
    }
}

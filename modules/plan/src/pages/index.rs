//! `/piano` and `/piano/{year}`: the plan as a table of projects by section.

use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use bisenzio_kernel::{Problem, format};
use bisenzio_store::StoreError;
use bisenzio_web::{Ctx, Page, render};
use http::StatusCode;

use super::course::{Course, course};
use super::views::{IndicatorView, Tile, tiles};
use super::{export, year};
use crate::cache;
use crate::model::{Snapshot, choice_label, project_kinds, states, tone};
use crate::service::{EDIT, FREEZE};
use crate::store::{self, editions::Listed};

#[derive(Template)]
#[template(path = "plan_index.html")]
struct IndexPage {
    page: Page,
    year: i64,
    title: String,
    lead: String,
    status: String,
    frozen: bool,
    tiles: Vec<Tile>,
    course: Course,
    sections: Vec<SectionView>,
    years: Vec<(i64, bool)>,
    previous: Option<i64>,
    may_edit: bool,
    may_freeze: bool,
}

pub(super) struct SectionView {
    number: String,
    title: String,
    intro: String,
    pub(super) projects: Vec<ProjectView>,
}

pub(super) struct ProjectView {
    number: String,
    title: String,
    pub(super) href: String,
    kind: String,
    pub(super) state: String,
    tone: &'static str,
    pub(super) indicators: Vec<IndicatorView>,
}

#[derive(Template)]
#[template(path = "plan_empty.html")]
struct EmptyPage {
    page: Page,
    may_edit: bool,
}

#[derive(Template)]
#[template(path = "plan_preparing.html")]
struct PreparingPage {
    page: Page,
    year: i64,
}

pub async fn current(ctx: Ctx) -> Result<Response, Problem> {
    match cache::edition(&ctx, None).await {
        Ok(snapshot) => show(&ctx, &snapshot, true).await,
        // A city may begin without a plan.
        Err(problem) if problem.status == 404 => {
            let page = ctx.page(ctx.t("Piano", "Plan"));
            render(&EmptyPage {
                page,
                may_edit: ctx.may(EDIT),
            })
        }
        Err(problem) => Err(problem),
    }
}

pub async fn of_year(ctx: Ctx, Path(asked): Path<String>) -> Result<Response, Problem> {
    if let Some(name) = asked.strip_suffix(".json") {
        return export::snapshot(&ctx, year(name)?).await;
    }
    let year = year(&asked)?;
    match cache::edition(&ctx, Some(year)).await {
        Ok(snapshot) => show(&ctx, &snapshot, false).await,
        Err(problem) if problem.status == 404 && exists(&ctx, year).await? => preparing(&ctx, year),
        Err(problem) => Err(problem),
    }
}

async fn exists(ctx: &Ctx, year: i64) -> Result<bool, Problem> {
    let tenant = ctx.tenant_id().clone();
    let found: Result<_, StoreError> = ctx
        .store()
        .read(move |tx| store::editions::edition(tx, &tenant, year))
        .await;
    Ok(found?.is_some())
}

/// For everybody but staff an edition without values is not there yet, and the page says why.
fn preparing(ctx: &Ctx, year: i64) -> Result<Response, Problem> {
    let page = ctx
        .page(format!("{} {year}", ctx.t("Edizione", "Edition")))
        .crumb(ctx.t("Piano", "Plan"), "/piano")
        .crumb(year.to_string(), "");
    let mut response = render(&PreparingPage { page, year })?;
    *response.status_mut() = StatusCode::NOT_FOUND;
    Ok(response)
}

async fn show(ctx: &Ctx, snapshot: &Arc<Snapshot>, current: bool) -> Result<Response, Problem> {
    let lang = ctx.lang;
    let edition = &snapshot.edition;
    let years = years(ctx).await?;
    let previous = years
        .iter()
        .map(|(year, _)| *year)
        .filter(|year| *year < edition.year)
        .max();
    let before = match previous {
        Some(year) => Some(cache::edition(ctx, Some(year)).await?),
        None => None,
    };
    let before = before.as_deref();
    let sections: Vec<SectionView> = snapshot
        .sections
        .iter()
        .map(|section| SectionView {
            number: section.number.clone(),
            title: section.title.clone(),
            intro: section.intro.clone(),
            projects: snapshot
                .projects
                .iter()
                .filter(|project| project.section == section.number)
                .map(|project| ProjectView {
                    number: project.number.clone(),
                    title: project.full_title(),
                    href: project.path(edition.year),
                    kind: choice_label(project_kinds(), &project.kind, lang),
                    state: choice_label(states(), &project.state, lang),
                    tone: tone(&project.state),
                    indicators: project
                        .indicators
                        .iter()
                        .map(|i| {
                            let earlier = before.and_then(|b| b.indicator(&project.slug, &i.id));
                            IndicatorView::new(i, earlier, previous.unwrap_or_default(), lang)
                        })
                        .collect(),
                })
                .collect(),
        })
        .filter(|section: &SectionView| !section.projects.is_empty())
        .collect();
    let status = match edition.frozen_at {
        Some(at) => {
            let day = format::instant(at, &ctx.tenant.timezone, lang);
            format!("{} {day}", ctx.t("Edizione chiusa il", "Edition frozen on"))
        }
        None => ctx
            .t("Edizione in aggiornamento", "Edition being updated")
            .to_owned(),
    };
    let title = format!("{} {}", snapshot.plan.title, edition.year);
    let page = ctx
        .page(title.clone())
        .describe(snapshot.plan.description.clone());
    let page = if current {
        page
    } else {
        page.crumb(ctx.t("Piano", "Plan"), "/piano")
            .crumb(edition.year.to_string(), "")
    };
    let page = page.feed(
        "JSON",
        "application/json",
        format!("/piano/{}.json", edition.year),
    );
    render(&IndexPage {
        page,
        year: edition.year,
        title,
        lead: snapshot.plan.description.clone(),
        status,
        frozen: edition.is_frozen(),
        tiles: tiles(snapshot, before, lang),
        course: course(&sections, lang),
        sections,
        previous,
        may_edit: ctx.may(EDIT) && !edition.is_frozen(),
        may_freeze: ctx.may(FREEZE) && !edition.is_frozen(),
        years,
    })
}

/// Years that have an edition this reader may see, latest first, and whether each is frozen.
pub async fn years(ctx: &Ctx) -> Result<Vec<(i64, bool)>, Problem> {
    let tenant = ctx.tenant_id().clone();
    let listed: Result<Vec<Listed>, StoreError> = ctx
        .store()
        .read(move |tx| store::editions::years(tx, &tenant))
        .await;
    let staff = ctx.may(EDIT);
    Ok(listed?
        .into_iter()
        .filter(|edition| edition.public || staff)
        .map(|edition| (edition.year, edition.frozen))
        .collect())
}

//! `/api/v1/plan`: the plan for programs.

use std::sync::Arc;

use axum::Json;
use axum::extract::Path;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Access, ApiJson, Ctx, Routes, no_content};
use http::Method;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use crate::cache;
use crate::error::PlanError;
use crate::model::{Indicator, ItemKind, Plan, Project, Section, Snapshot, Values};
use crate::pages::year;
use crate::service::EDIT;
use crate::service::edit::{self, By, Target};
use crate::store;

pub fn routes() -> Routes {
    Routes::new()
        .api(Method::GET, "/api/v1/plan", Access::Public, plan)
        .api(Method::GET, "/api/v1/plan/{year}", Access::Public, edition)
        .api(
            Method::GET,
            "/api/v1/plan/{year}/indicators",
            Access::Public,
            indicators,
        )
        .api(
            Method::GET,
            "/api/v1/plan/{year}/projects/{slug}",
            Access::Public,
            project,
        )
        .api(
            Method::PUT,
            "/api/v1/plan/{year}/projects/{slug}/indicators/{indicator}/observation",
            Access::Permission(EDIT),
            observe,
        )
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Plan",
        description = "The smart-city plan: editions, projects, indicators."
    ),
    paths(plan, edition, indicators, project, observe),
    components(schemas(Overview, EditionRef, IndicatorOf, Observation, Snapshot, Project, Indicator))
)]
struct Api;

pub fn document() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// The plan and its editions.
#[derive(Serialize, ToSchema)]
pub struct Overview {
    plan: Plan,
    sections: Vec<Section>,
    /// Latest first.
    editions: Vec<EditionRef>,
}

#[derive(Serialize, ToSchema)]
pub struct EditionRef {
    year: i64,
    frozen: bool,
    /// Path of the edition in this API.
    href: String,
}

/// An indicator and the project it belongs to.
#[derive(Serialize, ToSchema)]
pub struct IndicatorOf {
    project: String,
    code: Option<String>,
    year: i64,
    #[serde(flatten)]
    indicator: Indicator,
}

/// A declared value.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Null takes the declared value away and keeps source and note.
    value: Option<f64>,
    /// Document or office the value comes from.
    source: String,
    note: Option<String>,
    /// Confirms a value more than ten times the one before, or less than a tenth.
    #[serde(default)]
    confirm: bool,
    /// Version the caller last read; without it the present one is replaced.
    version: Option<i64>,
}

/// The plan, its sections and its editions.
#[utoipa::path(get, path = "/api/v1/plan", tag = "plan",
    responses((status = 200, body = Overview), (status = 404, description = "The city has no plan")))]
async fn plan(ctx: Ctx) -> Result<Json<Overview>, Problem> {
    let tenant = ctx.tenant_id().clone();
    let found = ctx.store().read(move |tx| {
        let plan = store::editions::plan(tx, &tenant)?.ok_or(PlanError::NotFound("plan"))?;
        Ok((
            plan,
            store::editions::sections(tx, &tenant)?,
            store::editions::years(tx, &tenant)?,
        ))
    });
    let staff = ctx.may(EDIT);
    let (plan, sections, years) = found.await.map_err(|error: PlanError| Problem::from(error))?;
    let editions = years
        .into_iter()
        .filter(|listed| listed.public || staff)
        .map(|listed| EditionRef {
            year: listed.year,
            frozen: listed.frozen,
            href: format!("/api/v1/plan/{}", listed.year),
        });
    Ok(Json(Overview {
        plan,
        sections,
        editions: editions.collect(),
    }))
}

/// A whole edition as readers see it.
#[utoipa::path(get, path = "/api/v1/plan/{year}", tag = "plan", params(("year" = i64, Path)),
    responses((status = 200, body = Snapshot), (status = 404, description = "No such edition")))]
async fn edition(ctx: Ctx, Path(asked): Path<String>) -> Result<Json<Arc<Snapshot>>, Problem> {
    Ok(Json(cache::edition(&ctx, Some(year(&asked)?)).await?))
}

/// All indicators of an edition, declared and computed.
#[utoipa::path(get, path = "/api/v1/plan/{year}/indicators", tag = "plan", params(("year" = i64, Path)),
    responses((status = 200, body = Vec<IndicatorOf>), (status = 404, description = "No such edition")))]
async fn indicators(ctx: Ctx, Path(asked): Path<String>) -> Result<Json<Vec<IndicatorOf>>, Problem> {
    let snapshot = cache::edition(&ctx, Some(year(&asked)?)).await?;
    let list = snapshot.projects.iter().flat_map(|project| {
        project.indicators.iter().map(|indicator| IndicatorOf {
            project: project.slug.clone(),
            code: project.code.clone(),
            year: snapshot.edition.year,
            indicator: indicator.clone(),
        })
    });
    Ok(Json(list.collect()))
}

/// One project in one year.
#[utoipa::path(get, path = "/api/v1/plan/{year}/projects/{slug}", tag = "plan",
    params(("year" = i64, Path), ("slug" = String, Path)),
    responses((status = 200, body = Project), (status = 404, description = "No such project in that edition")))]
async fn project(ctx: Ctx, Path((asked, slug)): Path<(String, String)>) -> Result<Json<Project>, Problem> {
    let snapshot = cache::edition(&ctx, Some(year(&asked)?)).await?;
    let project = snapshot
        .project(&slug)
        .ok_or_else(|| Problem::not_found("There is no such project"))?;
    Ok(Json(project.clone()))
}

/// Declares the value of an indicator in a draft edition. Needs `plan.edit`.
#[utoipa::path(put, path = "/api/v1/plan/{year}/projects/{slug}/indicators/{indicator}/observation", tag = "plan",
    params(("year" = i64, Path), ("slug" = String, Path), ("indicator" = String, Path)),
    request_body = Observation,
    responses(
        (status = 204, description = "Declared"),
        (status = 404, description = "No such indicator"),
        (status = 409, description = "The edition is frozen, or the value changed since `version`"),
        (status = 422, description = "A member is not valid; `errors` names it")))]
async fn observe(
    ctx: Ctx,
    Path((asked, slug, indicator)): Path<(String, String, String)>,
    ApiJson(body): ApiJson<Observation>,
) -> Result<Response, Problem> {
    let target = Target {
        year: year(&asked)?,
        project: slug,
        kind: ItemKind::Observation,
        id: indicator,
    };
    let lang = ctx.lang;
    let written = |n: f64| bisenzio_kernel::format::number(n, 9, lang).replace('−', "-");
    let values: Values = [
        ("amount", body.value.map(written).unwrap_or_default()),
        ("source", body.source.clone()),
        ("note", body.note.clone().unwrap_or_default()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let work = ctx.clone();
    let done = ctx.store().write(move |tx| {
        let by = By {
            env: &work.app.env,
            actor: &work.actor,
            lang: work.lang,
            computations: &[],
            confirmed: body.confirm,
        };
        edit::observe(tx, &by, &target, &values, body.version)
    });
    done.await
        .map_err(|error: PlanError| pointers(error.problem(lang)))?;
    Ok(no_content())
}

/// Field names of the form as JSON Pointers into the body (RFC 6901).
fn pointers(mut problem: Problem) -> Problem {
    for error in &mut problem.errors {
        let member = if error.field == "amount" {
            "value"
        } else {
            &error.field
        };
        error.field = format!("/{member}");
    }
    problem
}

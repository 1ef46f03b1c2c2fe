//! Scenarios: computed on request, told while they are, kept when done.

use axum::Json;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use bisenzio_kernel::Problem;
use bisenzio_web::{ApiJson, Ctx, no_content};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{PATIENCE, city, who};
use crate::change::Change;
use crate::export;
use crate::result::Scenario;
use crate::scenario::{self, State};

/// A scenario to compute.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// At most 500, made in their order.
    pub changes: Vec<Change>,
}

/// A scenario that is being computed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Running {
    pub id: String,
    /// `running`, or `unknown` where nothing is computed and nothing is kept for the present network.
    pub state: &'static str,
    /// Ask here again.
    pub url: String,
    pub periods_done: usize,
    pub periods: usize,
    pub iteration: usize,
    pub relative_gap: f64,
}

/// Computes a scenario. What was computed before is answered at once; what takes more than some seconds goes on by
/// itself, and the answer (202) tells where to ask for it.
#[utoipa::path(post, path = "/api/v1/traffic/scenarios", tag = "traffic", request_body = Asked,
    responses((status = 200, body = Scenario), (status = 202, body = Running, description = "`Location` tells where"),
        (status = 403, description = "Not allowed"), (status = 422, description = "Changes that cannot be made, by path")))]
pub async fn begin(ctx: Ctx, ApiJson(asked): ApiJson<Asked>) -> Result<Response, Problem> {
    let city = city(&ctx).await?;
    let (store, env) = (ctx.store(), &ctx.app.env);
    let (id, state) = scenario::begin(store, env, ctx.tenant_id(), &who(&ctx), &city, asked.changes).await?;
    answer(&id, state).await
}

async fn answer(id: &str, state: State) -> Result<Response, Problem> {
    let run = match state {
        State::Done(scenario) => return Ok(Json(&*scenario).into_response()),
        State::Running(run) => run,
    };
    if let Ok(done) = tokio::time::timeout(PATIENCE, run.wait()).await {
        return Ok(Json(&*done?).into_response());
    }
    let progress = run.progress();
    let url = format!("/api/v1/traffic/scenarios/{id}");
    let running = Running {
        id: id.to_owned(),
        state: "running",
        url: url.clone(),
        periods_done: progress.done,
        periods: progress.of,
        iteration: progress.iteration,
        relative_gap: progress.gap,
    };
    let mut response = (StatusCode::ACCEPTED, Json(running)).into_response();
    if let Ok(place) = HeaderValue::from_str(&url) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// The result of a scenario, or (202) how far its computation is. One whose network or demand has changed since is
/// computed anew.
#[utoipa::path(get, path = "/api/v1/traffic/scenarios/{id}", tag = "traffic",
    params(("id" = String, Path, description = "As the answer to its request told it")),
    responses((status = 200, body = Scenario), (status = 202, body = Running), (status = 404, description = "Unknown")))]
pub async fn one(ctx: Ctx, Path(id): Path<String>) -> Result<Response, Problem> {
    let city = city(&ctx).await?;
    let changes = scenario::changes(ctx.store(), ctx.tenant_id(), &id).await?;
    let (store, env) = (ctx.store(), &ctx.app.env);
    let (id, state) = scenario::begin(store, env, ctx.tenant_id(), &who(&ctx), &city, changes).await?;
    answer(&id, state).await
}

/// Stops the computation of a scenario; one that is done stays.
#[utoipa::path(delete, path = "/api/v1/traffic/scenarios/{id}", tag = "traffic",
    params(("id" = String, Path, description = "As the answer to its request told it")),
    responses((status = 204, description = "It stops, or was not running"), (status = 404, description = "Unknown")))]
pub async fn cancel(ctx: Ctx, Path(id): Path<String>) -> Result<Response, Problem> {
    let city = city(&ctx).await?;
    scenario::changes(ctx.store(), ctx.tenant_id(), &id).await?;
    if let Some(run) = scenario::under_way(ctx.store(), ctx.tenant_id(), &city, &id) {
        run.cancel();
    }
    Ok(no_content())
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FileQuery {
    /// Which detour the map shows, from 1; 0 for none, all when absent.
    pub detour: Option<usize>,
}

/// A file of a period: `links.geojson` (streets before and after, and detours) or `links.csv`.
#[utoipa::path(get, path = "/api/v1/traffic/scenarios/{id}/{period}/{file}", tag = "traffic",
    params(("id" = String, Path, description = "The scenario"), ("period" = String, Path, description = "The period"),
        ("file" = String, Path, description = "`links.geojson` or `links.csv`"), FileQuery),
    responses((status = 200, description = "GeoJSON or CSV"),
        (status = 404, description = "No such scenario, period or file, or not computed yet")))]
pub async fn file(
    ctx: Ctx,
    Path((id, period, file)): Path<(String, String, String)>,
    Query(asked): Query<FileQuery>,
) -> Result<Response, Problem> {
    let city = city(&ctx).await?;
    let changes = scenario::changes(ctx.store(), ctx.tenant_id(), &id).await?;
    let done = scenario::known(ctx.store(), ctx.tenant_id(), &city, &id).await?;
    let done = done.ok_or_else(|| Problem::not_found("The scenario is not computed yet"))?;
    let period = done
        .period(&period)
        .ok_or_else(|| Problem::not_found("There is no such period"))?;
    let (kind, text) = match file.as_str() {
        "links.geojson" => {
            let changed: Vec<&str> = changes.iter().map(Change::street).collect();
            (
                "application/geo+json",
                export::scenario_geojson(&city, period, &changed, asked.detour),
            )
        }
        "links.csv" => ("text/csv; charset=utf-8", export::scenario_csv(&city, period)),
        _ => return Err(Problem::not_found("There is no such file")),
    };
    // Not for shared caches: the answer is only for who may compute.
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "private, max-age=60"),
    ];
    Ok((headers, text).into_response())
}

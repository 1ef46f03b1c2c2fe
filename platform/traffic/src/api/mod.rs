//! `/api/v1/traffic/...`: results for programs, described by OpenAPI.

mod analysis;
mod base;
mod scenarios;

use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use bisenzio_kernel::Problem;
use bisenzio_territory::Streets;
use bisenzio_web::{Access, Ctx, Routes};
use utoipa::OpenApi;

use crate::city::City;
use crate::module::COMPUTE;

/// A request waits this long for what is being computed before it is told to come again.
pub const PATIENCE: Duration = Duration::from_secs(3);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Traffic",
        description = "What streets carry and what changes cost. Demand is synthetic unless `synthetic` is false."
    ),
    paths(
        base::summary,
        base::file,
        scenarios::begin,
        scenarios::one,
        scenarios::cancel,
        scenarios::file,
        analysis::select_link,
        analysis::isochrones
    )
)]
struct Description;

pub fn openapi() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// The base is public, like the streets it is about. Scenarios tell what the office thinks of doing, and take processor
/// time: they ask for a permission, and so do questions that are computed anew for each caller.
pub fn routes() -> Routes {
    let get = || Method::GET;
    let compute = Access::Permission(COMPUTE);
    Routes::new()
        .api(get(), "/api/v1/traffic/base", Access::Public, base::summary)
        .api(
            get(),
            "/api/v1/traffic/base/{period}/{file}",
            Access::Public,
            base::file,
        )
        .api(
            Method::POST,
            "/api/v1/traffic/scenarios",
            compute,
            scenarios::begin,
        )
        .api(get(), "/api/v1/traffic/scenarios/{id}", compute, scenarios::one)
        .api(
            Method::DELETE,
            "/api/v1/traffic/scenarios/{id}",
            compute,
            scenarios::cancel,
        )
        .api(
            get(),
            "/api/v1/traffic/scenarios/{id}/{period}/{file}",
            compute,
            scenarios::file,
        )
        .api(
            get(),
            "/api/v1/traffic/select-link",
            compute,
            analysis::select_link,
        )
        .api(get(), "/api/v1/traffic/isochrones", compute, analysis::isochrones)
}

/// The city of a request; `None` where there is nothing to compute.
pub async fn city_of(ctx: &Ctx) -> Result<Option<Arc<City>>, Problem> {
    let streets: Streets = ctx.app.service()?;
    let tenant = ctx.tenant.clone();
    ctx.store()
        .read(move |tx| City::load(tx, &streets, &tenant))
        .await
}

async fn city(ctx: &Ctx) -> Result<Arc<City>, Problem> {
    city_of(ctx).await?.ok_or_else(|| {
        Problem::not_found("This city has no streets, localities or demand to compute traffic from")
    })
}

/// Who asks, as kept with a scenario.
pub fn who(ctx: &Ctx) -> String {
    match &ctx.actor.kind {
        bisenzio_kernel::ActorKind::Person { name, .. } => name.clone(),
        _ => "API".to_owned(),
    }
}

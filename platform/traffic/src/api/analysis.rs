//! Questions to a period: who uses streets, how soon a car is where.

use axum::Json;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use bisenzio_kernel::{FieldError, Problem};
use bisenzio_web::Ctx;
use http::header;
use serde::Deserialize;
use utoipa::IntoParams;

use super::city;
use crate::analysis::{self, Users};
use crate::base::{Base, blocking};
use crate::change::MOST;
use crate::export;
use crate::scenario;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SelectQuery {
    /// Identifiers of streets, separated by commas.
    #[serde(default)]
    pub streets: String,
    /// The first when absent.
    #[serde(default)]
    pub period: String,
}

/// Trips that use at least one of some streets, and where else they drive.
#[utoipa::path(get, path = "/api/v1/traffic/select-link", tag = "traffic", params(SelectQuery),
    responses((status = 200, body = Users), (status = 404, description = "No such period"),
        (status = 422, description = "A street that is not in the network")))]
pub async fn select_link(ctx: Ctx, Query(asked): Query<SelectQuery>) -> Result<Json<Users>, Problem> {
    let city = city(&ctx).await?;
    let period = city.period(&asked.period)?;
    let names: Vec<&str> = asked
        .streets
        .split(',')
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .collect();
    let wrong = |detail: String| {
        Problem::invalid(vec![FieldError {
            field: "streets".into(),
            detail,
        }])
    };
    if names.is_empty() || names.len() > MOST {
        return Err(wrong(format!("between 1 and {MOST} streets are needed")));
    }
    let streets = names
        .iter()
        .map(|name| {
            city.street(name)
                .ok_or_else(|| wrong(format!("\"{name}\" is not in the network")))
        })
        .collect::<Result<Vec<usize>, _>>()?;
    let base = Base::of(ctx.store(), &city, period).await?;
    let found = blocking(move || analysis::users(&city, &base, &streets)).await??;
    Ok(Json(found))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReachQuery {
    /// Where cars leave, degrees (WGS 84).
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    /// The first when absent.
    #[serde(default)]
    pub period: String,
    /// A computed scenario to compare with.
    #[serde(default)]
    pub scenario: String,
}

/// Minutes from a place to the far end of every street (GeoJSON), before and, with a scenario, after.
#[utoipa::path(get, path = "/api/v1/traffic/isochrones", tag = "traffic", params(ReachQuery),
    responses((status = 200, description = "GeoJSON"), (status = 404, description = "No such period or scenario"),
        (status = 422, description = "No place")))]
pub async fn isochrones(ctx: Ctx, Query(asked): Query<ReachQuery>) -> Result<Response, Problem> {
    let city = city(&ctx).await?;
    let period = city.period(&asked.period)?;
    let place = asked.lon.zip(asked.lat).filter(|(lon, lat)| {
        let [w, s, e, n] = ctx.tenant.bbox;
        (w..=e).contains(lon) && (s..=n).contains(lat)
    });
    let node = place
        .and_then(|(lon, lat)| analysis::nearest_node(&city, [lon, lat]))
        .ok_or_else(|| {
            Problem::invalid(vec![FieldError {
                field: "lon".into(),
                detail: "lon and lat must name a place in the city".into(),
            }])
        })?;
    let base = Base::of(ctx.store(), &city, period).await?;
    let compared = if asked.scenario.is_empty() {
        None
    } else {
        let changes = scenario::changes(ctx.store(), ctx.tenant_id(), &asked.scenario).await?;
        let done = scenario::known(ctx.store(), ctx.tenant_id(), &city, &asked.scenario).await?;
        let done = done.ok_or_else(|| Problem::not_found("The scenario is not computed yet"))?;
        Some((changes, done))
    };
    let text = blocking(move || {
        let before = analysis::reach_before(&city, &base, node);
        let after = match &compared {
            None => None,
            Some((changes, done)) => Some(analysis::reach_after(
                &city,
                changes,
                &done.periods[period],
                node,
            )?),
        };
        Ok::<_, Problem>(export::reach_geojson(&city, &before, after.as_deref()))
    })
    .await??;
    Ok((
        [
            (header::CONTENT_TYPE, "application/geo+json"),
            (header::CACHE_CONTROL, "private, max-age=60"),
        ],
        text,
    )
        .into_response())
}

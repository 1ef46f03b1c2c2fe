//! The base: what streets carry when nothing is changed.

use axum::Json;
use axum::extract::Path;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Ctx, text_as};
use serde::Serialize;
use utoipa::ToSchema;

use super::city;
use crate::base::Base;
use crate::export;

/// A working day without changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct BaseSummary {
    /// The demand was made by a model and not counted.
    pub synthetic: bool,
    pub source: String,
    /// Changes whenever network or demand do.
    pub input: String,
    pub streets: usize,
    pub zones: Vec<ZoneItem>,
    pub periods: Vec<PeriodItem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ZoneItem {
    pub name: String,
    /// `locality` or `gate`.
    pub kind: &'static str,
    pub lon: f64,
    pub lat: f64,
    /// Residents laid to it; 0 for a gate.
    pub residents: f64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PeriodItem {
    pub id: String,
    pub name_it: String,
    pub name_en: String,
    /// Hours of the clock.
    pub from: u8,
    pub to: u8,
    pub hours: f64,
    /// Trips in an hour, those inside zones included.
    pub cars_per_hour: f64,
    /// Spent under way in an hour.
    pub vehicle_hours: f64,
    pub relative_gap: f64,
    pub iterations: usize,
    pub seconds: f64,
    /// Relative gap after each iteration.
    pub convergence: Vec<f64>,
}

/// The base of every period.
#[utoipa::path(get, path = "/api/v1/traffic/base", tag = "traffic",
    responses((status = 200, body = BaseSummary), (status = 404, description = "No streets or demand")))]
pub async fn summary(ctx: Ctx) -> Result<Json<BaseSummary>, Problem> {
    let city = city(&ctx).await?;
    let mut periods = Vec::new();
    for (at, period) in city.periods().iter().enumerate() {
        let base = Base::of(ctx.store(), &city, at).await?;
        periods.push(PeriodItem {
            id: period.id.clone(),
            name_it: period.it.clone(),
            name_en: period.en.clone(),
            from: period.from,
            to: period.to,
            hours: period.hours(),
            cars_per_hour: base.demand.total(),
            vehicle_hours: base.vehicle_hours,
            relative_gap: base.assignment.last.relative_gap,
            iterations: base.history.len(),
            seconds: base.seconds,
            convergence: base.history.iter().map(|i| i.relative_gap).collect(),
        });
    }
    let zones = city.network.zones.iter().enumerate();
    let zones = zones.map(|(at, zone)| ZoneItem {
        name: city.zone_name(at as u32),
        kind: match zone.kind {
            crate::network::ZoneKind::Locality => "locality",
            crate::network::ZoneKind::Gate => "gate",
        },
        lon: zone.point[0],
        lat: zone.point[1],
        residents: city.demand.residents[at].round(),
    });
    Ok(Json(BaseSummary {
        synthetic: city.parameters.synthetic,
        source: city.parameters.source.clone(),
        input: city.input.clone(),
        streets: city.network.driven.len(),
        zones: zones.collect(),
        periods,
    }))
}

/// A file of a period: `links.geojson`, `links.csv`, `skims.csv` (minutes and metres between zones) or `demand.csv`.
#[utoipa::path(get, path = "/api/v1/traffic/base/{period}/{file}", tag = "traffic",
    params(("period" = String, Path, description = "As in the summary, such as `morning`"),
        ("file" = String, Path, description = "`links.geojson`, `links.csv`, `skims.csv` or `demand.csv`")),
    responses((status = 200, description = "GeoJSON or CSV"), (status = 404, description = "No such period or file")))]
pub async fn file(ctx: Ctx, Path((period, file)): Path<(String, String)>) -> Result<Response, Problem> {
    let city = city(&ctx).await?;
    let period = city.period(&period)?;
    let (kind, write): (_, fn(&crate::city::City, &Base) -> String) = match file.as_str() {
        "links.geojson" => ("application/geo+json", export::base_geojson),
        "links.csv" => ("text/csv; charset=utf-8", export::base_csv),
        "skims.csv" => ("text/csv; charset=utf-8", export::skims_csv),
        "demand.csv" => ("text/csv; charset=utf-8", export::demand_csv),
        _ => return Err(Problem::not_found("There is no such file")),
    };
    let base = Base::of(ctx.store(), &city, period).await?;
    Ok(text_as(kind, write(&city, &base)))
}

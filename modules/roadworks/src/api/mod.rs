//! `/api/v1/roadworks/...`: JSON for programs, described by OpenAPI.

mod acts;
mod bulk;
mod worksites;

use axum::http::Method;
use bisenzio_web::{Access, Routes};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::service::IMPORT;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Paged<T> {
    /// How many match in all.
    pub total: i64,
    /// From 1.
    pub page: i64,
    pub size: i64,
    pub items: Vec<T>,
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Roadworks", description = "Worksites, ordinances and their import."),
    paths(worksites::list, worksites::one, acts::list, acts::one, bulk::import)
)]
struct Description;

pub fn openapi() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

pub fn routes() -> Routes {
    let get = Method::GET;
    Routes::new()
        .api(
            get.clone(),
            "/api/v1/roadworks/worksites",
            Access::Public,
            worksites::list,
        )
        .api(
            get.clone(),
            "/api/v1/roadworks/worksites/{code}",
            Access::Public,
            worksites::one,
        )
        .api(
            get.clone(),
            "/api/v1/roadworks/ordinances",
            Access::Public,
            acts::list,
        )
        .api(
            get,
            "/api/v1/roadworks/ordinances/{year}/{number}",
            Access::Public,
            acts::one,
        )
        .api(
            Method::POST,
            "/api/v1/roadworks/import",
            Access::Permission(IMPORT),
            bulk::import,
        )
}

/// Page number and size, within what one answer may hold.
fn paging(page: Option<i64>, size: Option<i64>) -> (i64, i64) {
    (
        page.unwrap_or(1).clamp(1, 1_000_000),
        size.unwrap_or(50).clamp(1, 500),
    )
}

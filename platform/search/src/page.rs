//! `/cerca?q=`: the page, and `/api/v1/search?q=` for programs.

use askama::Template;
use axum::Json;
use axum::extract::Query;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Access, Ctx, Page, Routes, render};
use serde::{Deserialize, Serialize};

use crate::{Found, find, suggest};

const LIMIT: i64 = 100;

pub fn routes() -> Routes {
    Routes::new()
        .page("/cerca", Access::Public, page)
        .api(http_get(), "/api/v1/search", Access::Public, api)
}

fn http_get() -> axum::http::Method {
    axum::http::Method::GET
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
}

struct Group {
    heading: String,
    results: Vec<Found>,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    page: Page,
    query: String,
    total: usize,
    groups: Vec<Group>,
    /// Titles near to what was typed, when that found nothing.
    near: Vec<String>,
}

async fn page(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let results = search(&ctx, asked.q.clone()).await?;
    let total = results.len();
    let near = if total == 0 && !asked.q.trim().is_empty() {
        let (tenant, query) = (ctx.tenant_id().clone(), asked.q.clone());
        ctx.store()
            .read(move |tx| suggest(tx, &tenant, &query).map_err(Problem::from))
            .await?
    } else {
        Vec::new()
    };
    let mut groups: Vec<Group> = Vec::new();
    for found in results {
        let heading = heading(&ctx, &found.kind);
        match groups.iter_mut().find(|group| group.heading == heading) {
            Some(group) => group.results.push(found),
            None => groups.push(Group {
                heading,
                results: vec![found],
            }),
        }
    }
    let title = ctx.t("Cerca", "Search").to_owned();
    render(&SearchPage {
        page: ctx.page(&title).crumb(title, ""),
        query: asked.q,
        total,
        groups,
        near,
    })
}

#[derive(Serialize)]
struct ApiFound {
    kind: String,
    title: String,
    summary: String,
    url: String,
}

async fn api(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Json<Vec<ApiFound>>, Problem> {
    let results = search(&ctx, asked.q).await?;
    let base = &ctx.base_url;
    Ok(Json(
        results
            .into_iter()
            .map(|f| ApiFound {
                kind: f.kind,
                title: f.title,
                summary: f.summary,
                url: format!("{base}{}", f.url),
            })
            .collect(),
    ))
}

async fn search(ctx: &Ctx, query: String) -> Result<Vec<Found>, Problem> {
    let tenant = ctx.tenant_id().clone();
    ctx.store()
        .read(move |tx| find(tx, &tenant, &query, None, LIMIT).map_err(Problem::from))
        .await
}

fn heading(ctx: &Ctx, kind: &str) -> String {
    match kind {
        "street" => ctx.t("Strade", "Streets"),
        "worksite" => ctx.t("Cantieri", "Roadworks"),
        "ordinance" => ctx.t("Ordinanze", "Ordinances"),
        "project" => ctx.t("Progetti del piano", "Projects of the plan"),
        "place" => ctx.t("Luoghi", "Places"),
        _ => ctx.t("Altro", "Other"),
    }
    .to_owned()
}

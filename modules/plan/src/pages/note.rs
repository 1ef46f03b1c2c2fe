//! The yearly note: on a page, and as files.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Ctx, Page, download, render};

use super::year;
use crate::service::documents::Format;
use crate::{cache, note};

#[derive(Template)]
#[template(path = "plan_note.html")]
struct NotePage {
    page: Page,
    year: i64,
    title: String,
    subtitle: String,
    body: String,
}

pub async fn page(ctx: Ctx, Path(asked): Path<String>) -> Result<Response, Problem> {
    let snapshot = cache::edition(&ctx, Some(year(&asked)?)).await?;
    let edition = &snapshot.edition;
    // The writer escapes every text; what it gives is markup.
    let body = bisenzio_documents::html::render(&note::document(&snapshot, ctx.lang));
    let page = ctx
        .page(edition.title.clone())
        .crumb(ctx.t("Piano", "Plan"), "/piano")
        .crumb(edition.year.to_string(), format!("/piano/{}", edition.year))
        .crumb(ctx.t("Nota", "Note"), "");
    render(&NotePage {
        page,
        year: edition.year,
        title: edition.title.clone(),
        subtitle: snapshot.plan.title.clone(),
        body,
    })
}

pub async fn html(ctx: Ctx, asked: Path<String>) -> Result<Response, Problem> {
    file(ctx, asked, Format::Html).await
}

pub async fn pdf(ctx: Ctx, asked: Path<String>) -> Result<Response, Problem> {
    file(ctx, asked, Format::Pdf).await
}

pub async fn odt(ctx: Ctx, asked: Path<String>) -> Result<Response, Problem> {
    file(ctx, asked, Format::Odt).await
}

async fn file(ctx: Ctx, Path(asked): Path<String>, format: Format) -> Result<Response, Problem> {
    let snapshot = cache::edition(&ctx, Some(year(&asked)?)).await?;
    let content = cache::file(&ctx, &snapshot, format).await?;
    let name = format!(
        "{}-{}.{}",
        snapshot.plan.id,
        snapshot.edition.year,
        format.as_str()
    );
    Ok(download(format.media_type(), &name, content))
}

//! Errors as pages that help: what happened, and where to go from here.

use askama::Template;
use axum::response::{IntoResponse, Response};
use bisenzio_kernel::Problem;

use crate::{Ctx, Page, render};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    page: Page,
    status: u16,
    detail: String,
    /// Under which the log tells more.
    reference: String,
}

/// Turns the response of a page route into a readable page when it is a problem.
pub(crate) fn as_page(ctx: &Ctx, response: Response) -> Response {
    match response.extensions().get::<Problem>() {
        Some(problem) => page(ctx, problem),
        None if response.status().is_client_error() && !is_html(&response) => {
            // A rejection of the framework's own extractors (a number in the path that is none, ...).
            let problem = Problem::new(response.status().as_u16(), "Bad request", "");
            page(ctx, &problem)
        }
        None => response,
    }
}

pub(crate) fn page(ctx: &Ctx, problem: &Problem) -> Response {
    let failed = problem.status >= 500;
    let reference = if failed { ctx.app.env.ulid() } else { String::new() };
    if failed {
        tracing::error!(
            reference,
            path = ctx.path,
            detail = problem.detail,
            "answered with an error page"
        );
    }
    let template = ErrorPage {
        page: ctx.page(title(ctx, problem.status)),
        status: problem.status,
        detail: if failed || problem.status == 404 {
            String::new()
        } else {
            problem.detail.clone()
        },
        reference,
    };
    match render(&template) {
        Ok(mut response) => {
            *response.status_mut() = http::StatusCode::from_u16(problem.status).unwrap_or_default();
            if let Some(seconds) = problem.retry_after {
                response
                    .headers_mut()
                    .insert(http::header::RETRY_AFTER, seconds.into());
            }
            response
        }
        Err(problem) => problem.into_response(),
    }
}

pub(crate) fn is_html(response: &Response) -> bool {
    response
        .headers()
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("text/html"))
}

fn title(ctx: &Ctx, status: u16) -> &str {
    match status {
        403 => ctx.t("Accesso non consentito", "Not allowed"),
        404 => ctx.t("Pagina non trovata", "Page not found"),
        413 => ctx.t("File troppo grande", "File too large"),
        429 => ctx.t("Troppe richieste", "Too many requests"),
        500.. => ctx.t("Servizio non disponibile", "Service unavailable"),
        _ => ctx.t("Richiesta non valida", "Invalid request"),
    }
}

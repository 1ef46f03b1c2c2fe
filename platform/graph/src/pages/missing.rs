//! What is not, or no longer, in the graph: a page that helps on. It does not tell what was there.

use askama::Template;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Ctx, Page, render};
use http::StatusCode;

use super::links;
use super::words::{cut, tail};

#[derive(Template)]
#[template(path = "grafo_manca.html")]
struct MissingPage {
    page: Page,
    text: &'static str,
    /// The most telling part of what was asked for, for the search.
    q: String,
}

/// No entity of this identifier.
pub(crate) fn thing(ctx: &Ctx, id: &str) -> Result<Response, Problem> {
    show(
        ctx,
        ctx.t("Questa cosa non è nel grafo", "This thing is not in the graph"),
        ctx.lang.t(
            "Può essere stata tolta, oppure l'indirizzo non è completo. Si può cercare per nome.",
            "It may have been removed, or the address is not complete. It can be searched for by name.",
        ),
        id,
    )
}

/// No entity of this type.
pub(crate) fn of_type(ctx: &Ctx, name: &str) -> Result<Response, Problem> {
    show(
        ctx,
        ctx.t("Non c'è nulla di questo tipo", "There is nothing of this type"),
        ctx.lang.t(
            "Nessuna cosa della città è registrata con questo tipo, oppure il nome non è scritto per intero.",
            "No thing of the city is recorded under this type, or the name is not complete.",
        ),
        name,
    )
}

fn show(ctx: &Ctx, title: &str, text: &'static str, asked: &str) -> Result<Response, Problem> {
    let page = ctx
        .page(title)
        .crumb(ctx.t("Grafo della città", "City graph"), links::HOME)
        .crumb(title, "");
    let mut response = render(&MissingPage {
        page,
        text,
        q: cut(tail(asked), 100),
    })?;
    *response.status_mut() = StatusCode::NOT_FOUND;
    Ok(response)
}

//! `/amministrazione/token`: every token of the city, for administrators.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Ctx, Form, Page, redirect, render, with_flash};

use super::labels::{self, TokenRow};
use crate::tokens;

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage {
    page: Page,
    tokens: Vec<TokenRow>,
}

pub async fn list(ctx: Ctx) -> Result<Response, Problem> {
    let tenant = ctx.tenant_id().clone();
    let found = ctx
        .store()
        .read(move |tx| tokens::list(tx, &tenant, None).map_err(Problem::from))
        .await?;
    let title = ctx.t("Token per programmi", "API tokens").to_owned();
    let page = ctx
        .page(title.clone())
        .crumb(ctx.t("Pagina iniziale", "Home"), "/")
        .crumb(ctx.t("Utenti", "Users"), "/amministrazione/utenti")
        .crumb(title, "");
    let tokens = found
        .into_iter()
        .map(|token| labels::token_row(&ctx, token))
        .collect();
    render(&TokensPage { page, tokens })
}

pub async fn revoke(ctx: Ctx, Path(id): Path<String>, _: Form) -> Result<Response, Problem> {
    let (env, actor) = (ctx.app.env.clone(), ctx.actor.clone());
    ctx.store()
        .write(move |tx| tokens::revoke(tx, &env, &actor, &id))
        .await?;
    let done = ctx.t(
        "Token revocato: non funziona più.",
        "Token revoked: it no longer works.",
    );
    Ok(with_flash(redirect("/amministrazione/token"), "success", done))
}

//! `/accesso/primo?codice=`: the page behind a link that works once.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Ctx, Errors, Form, Page, redirect, session_cookie_value, with_flash};
use http::{HeaderMap, StatusCode};
use http::{HeaderValue, header};
use serde::Deserialize;

use super::{Fault, faults, field_errors, render_as, secret_field, with_session};
use crate::invitations::{self, Acceptance, Guest};

#[derive(Template)]
#[template(path = "first.html")]
struct FirstPage {
    page: Page,
    /// The link is no longer good.
    gone: bool,
    /// The owner of the account; empty for the first administrator, who still chooses.
    owner: String,
    code: String,
    full_name: String,
    username: String,
    errors: Errors,
    faults: Vec<Fault>,
}

#[derive(Deserialize)]
pub struct Code {
    #[serde(default)]
    codice: String,
}

pub async fn show(ctx: Ctx, Query(code): Query<Code>) -> Result<Response, Problem> {
    let empty = Acceptance {
        code: code.codice,
        name: String::new(),
        username: String::new(),
        password: String::new(),
        again: String::new(),
    };
    let mut response = page(&ctx, empty, Errors::default()).await?;
    // The address holds a secret: the page is nobody else's.
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn page(ctx: &Ctx, given: Acceptance, errors: Errors) -> Result<Response, Problem> {
    let (env, tenant, code) = (ctx.app.env.clone(), ctx.tenant_id().clone(), given.code.clone());
    let guest = ctx
        .store()
        .read(move |tx| invitations::guest(tx, &env, &tenant, &code))
        .await;
    let (gone, owner, username) = match guest {
        Ok(Guest::FirstAdministrator) => (false, String::new(), given.username),
        Ok(Guest::Owner(account)) => (false, account.name, account.username),
        Err(problem) if problem.status == 404 => (true, String::new(), String::new()),
        Err(problem) => return Err(problem),
    };
    let title = if gone {
        ctx.t("Collegamento non più valido", "This link no longer works")
    } else if owner.is_empty() {
        ctx.t("Primo amministratore", "First administrator")
    } else {
        ctx.t("Scelta della password", "Choose a password")
    };
    let status = match (gone, errors.is_empty()) {
        (true, _) => StatusCode::NOT_FOUND,
        (false, true) => StatusCode::OK,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let template = FirstPage {
        page: ctx.page(title),
        gone,
        owner,
        code: given.code,
        full_name: given.name,
        username,
        faults: faults(&errors),
        errors,
    };
    render_as(status, &template)
}

pub async fn accept(ctx: Ctx, headers: HeaderMap, form: Form) -> Result<Response, Problem> {
    let given = Acceptance {
        code: form.get("codice").to_owned(),
        name: form.get("name").to_owned(),
        username: form.get("username").to_owned(),
        password: secret_field(&form, "password"),
        again: secret_field(&form, "again"),
    };
    let previous = session_cookie_value(&headers, ctx.app.settings.https).map(str::to_owned);
    let accepted = invitations::accept(
        ctx.store(),
        &ctx.app.env,
        &ctx.tenant,
        ctx.lang,
        given.clone(),
        previous,
    )
    .await;
    match accepted {
        Ok(secret) => {
            let welcome = ctx.t("La password è stata registrata.", "The password has been set.");
            let response = with_flash(redirect("/profilo"), "success", welcome);
            Ok(with_session(response, &secret, ctx.app.settings.https))
        }
        Err(problem) if problem.status == 404 => page(&ctx, given, Errors::default()).await,
        Err(problem) => {
            let errors = field_errors(problem)?;
            page(&ctx, given, errors).await
        }
    }
}

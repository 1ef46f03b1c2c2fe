//! `/accesso`: in and out.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use bisenzio_kernel::{ActorKind, Problem};
use bisenzio_web::{Ctx, Errors, Form, Page, redirect, render, session_cookie_value, with_flash};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;

use super::landing::after_sign_in;
use super::{Fault, faults, local_path, render_as, secret_field, with_session, without_session};
use crate::sessions;
use crate::signin::{Attempt, Outcome, with_password};

#[derive(Template)]
#[template(path = "signin.html")]
struct SignInPage {
    page: Page,
    username: String,
    back: String,
    /// Who is signed in already; empty for nobody.
    current: String,
    errors: Errors,
    faults: Vec<Fault>,
}

impl SignInPage {
    fn new(ctx: &Ctx, username: &str, back: &str, errors: Errors) -> Self {
        let title = ctx.t("Accesso degli uffici", "Staff sign-in").to_owned();
        let current = match &ctx.actor.kind {
            ActorKind::Person { name, .. } => name.clone(),
            _ => String::new(),
        };
        Self {
            page: ctx
                .page(title.clone())
                .crumb(ctx.t("Pagina iniziale", "Home"), "/")
                .crumb(title, ""),
            username: username.to_owned(),
            back: local_path(back).to_owned(),
            current,
            faults: faults(&errors),
            errors,
        }
    }
}

#[derive(Deserialize)]
pub struct Back {
    #[serde(default)]
    torna: String,
}

pub async fn show(ctx: Ctx, Query(back): Query<Back>) -> Result<Response, Problem> {
    render(&SignInPage::new(&ctx, "", &back.torna, Errors::default()))
}

pub async fn enter(ctx: Ctx, headers: HeaderMap, form: Form) -> Result<Response, Problem> {
    let (username, back) = (form.get("username"), form.get("torna"));
    let password = secret_field(&form, "password");
    let mut errors = Errors::default();
    if username.is_empty() {
        errors.add(
            "username",
            ctx.t("Occorre il nome utente.", "The user name is needed."),
        );
    }
    if password.is_empty() {
        errors.add(
            "password",
            ctx.t("Occorre la password.", "The password is needed."),
        );
    }
    if !errors.is_empty() {
        let page = SignInPage::new(&ctx, username, back, errors);
        return render_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let attempt = Attempt {
        username: username.to_owned(),
        password,
        client: ctx.client.clone(),
        previous: session_cookie_value(&headers, ctx.app.settings.https).map(str::to_owned),
    };
    match with_password(ctx.store(), &ctx.app.env, ctx.tenant_id(), attempt).await? {
        Outcome::Welcome(secret) => {
            let page = after_sign_in(&ctx, back, &secret).await?;
            Ok(with_session(redirect(&page), &secret, ctx.app.settings.https))
        }
        Outcome::Refused => {
            let message = ctx.t(
                "Nome utente o password non corretti.",
                "The user name or the password is wrong.",
            );
            errors.add("password", message);
            render_as(
                StatusCode::UNPROCESSABLE_ENTITY,
                &SignInPage::new(&ctx, username, back, errors),
            )
        }
        Outcome::Wait(seconds) => {
            let minutes = seconds.div_ceil(60);
            let message = match (ctx.lang, minutes) {
                (bisenzio_kernel::Lang::It, 1) => {
                    "Troppi tentativi. Si può riprovare tra un minuto.".to_owned()
                }
                (bisenzio_kernel::Lang::It, n) => {
                    format!("Troppi tentativi. Si può riprovare tra {n} minuti.")
                }
                (bisenzio_kernel::Lang::En, 1) => "Too many attempts. Try again in one minute.".to_owned(),
                (bisenzio_kernel::Lang::En, n) => format!("Too many attempts. Try again in {n} minutes."),
            };
            errors.add("password", message);
            let page = SignInPage::new(&ctx, username, back, errors);
            let mut response = render_as(StatusCode::TOO_MANY_REQUESTS, &page)?;
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            Ok(response)
        }
    }
}

pub async fn leave(ctx: Ctx, headers: HeaderMap, _: Form) -> Result<Response, Problem> {
    if let Some(secret) = session_cookie_value(&headers, ctx.app.settings.https).map(str::to_owned) {
        let (env, actor) = (ctx.app.env.clone(), ctx.actor.clone());
        ctx.store()
            .write(move |tx| sessions::sign_out(tx, &env, &actor, &secret))
            .await?;
    }
    let response = with_flash(
        redirect("/"),
        "success",
        ctx.t("Uscita effettuata.", "Signed out."),
    );
    Ok(without_session(response, ctx.app.settings.https))
}

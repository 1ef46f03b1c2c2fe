//! `/demo`: "Entra come ...", in demonstrations only.

use askama::Template;
use axum::response::Response;
use bisenzio_kernel::{ActorKind, Problem};
use bisenzio_web::{Ctx, Form, Page, redirect, render, session_cookie_value, with_flash};
use http::HeaderMap;

use super::landing::after_sign_in;
use super::{labels, with_session};
use crate::{accounts, signin};

struct Person {
    username: String,
    name: String,
    role: String,
    organisation: String,
    label: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "demo.html")]
struct DemoPage {
    page: Page,
    people: Vec<Person>,
}

pub async fn show(ctx: Ctx) -> Result<Response, Problem> {
    let tenant = ctx.tenant_id().clone();
    let people = ctx
        .store()
        .read(move |tx| accounts::demo_people(tx, &tenant).map_err(Problem::from))
        .await?;
    let now = match &ctx.actor.kind {
        ActorKind::Person { username, .. } => username.as_str(),
        _ => "",
    };
    let people = people
        .into_iter()
        .map(|account| Person {
            role: labels::roles(&account.roles, ctx.lang),
            organisation: labels::organisation(&ctx, account.organisation.as_deref()),
            current: account.username == now,
            username: account.username,
            name: account.name,
            label: account.label,
        })
        .collect();
    let title = ctx.t("Entra come…", "Enter as…").to_owned();
    let page = ctx
        .page(title.clone())
        .crumb(ctx.t("Pagina iniziale", "Home"), "/")
        .crumb(title, "");
    render(&DemoPage { page, people })
}

pub async fn enter(ctx: Ctx, headers: HeaderMap, form: Form) -> Result<Response, Problem> {
    let username = form.get("username").to_owned();
    let previous = session_cookie_value(&headers, ctx.app.settings.https).map(str::to_owned);
    let (env, tenant) = (ctx.app.env.clone(), ctx.tenant.clone());
    let chosen = username.clone();
    let secret = ctx
        .store()
        .write(move |tx| signin::as_demo_person(tx, &env, &tenant, &chosen, previous.as_deref()))
        .await?;
    let back = after_sign_in(&ctx, form.get("torna"), &secret).await?;
    let welcome = ctx.t(
        "Accesso effettuato. In alto compare l'area di lavoro.",
        "Signed in. The work area is above.",
    );
    Ok(with_session(
        with_flash(redirect(&back), "success", welcome),
        &secret,
        ctx.app.settings.https,
    ))
}

//! `/amministrazione/utenti`: accounts, for administrators.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query as UrlQuery};
use axum::response::Response;
use bisenzio_kernel::{Micros, Problem, Role, slug};
use bisenzio_web::{Ctx, Errors, Form, Page, redirect, render, with_flash};
use http::StatusCode;
use serde::Deserialize;

use super::{Choice, Fault, Tick, faults, field_errors, labels, render_as};
use crate::accounts::{self, Account, Details};
use crate::{audit, organisations};

const LIST: &str = "/amministrazione/utenti";

struct UserRow {
    username: String,
    name: String,
    organisation: String,
    roles: String,
    /// Empty for who never signed in.
    last_sign_in: String,
    state: &'static str,
    kind: &'static str,
}

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    page: Page,
    users: Vec<UserRow>,
    query: String,
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "user.html")]
struct UserPage {
    page: Page,
    /// No account yet.
    is_new: bool,
    username: String,
    /// Not `name`: inside the field macro that would be the macro's own argument.
    full_name: String,
    organisation: String,
    organisations: Vec<Choice>,
    roles: Vec<Tick>,
    disabled: bool,
    demo: bool,
    ready: bool,
    errors: Errors,
    faults: Vec<Fault>,
}

#[derive(Template)]
#[template(path = "user_link.html")]
struct LinkPage {
    page: Page,
    name: String,
    username: String,
    link: String,
}

fn crumbs(ctx: &Ctx, title: &str) -> Page {
    ctx.page(title)
        .crumb(ctx.t("Pagina iniziale", "Home"), "/")
        .crumb(ctx.t("Utenti", "Users"), LIST)
        .crumb(title, "")
}

pub async fn list(ctx: Ctx, UrlQuery(asked): UrlQuery<Asked>) -> Result<Response, Problem> {
    let tenant = ctx.tenant_id().clone();
    let (accounts, seen) = ctx
        .store()
        .read(move |tx| {
            let seen = audit::last_by_actor(tx, &tenant, "access.sign-in")?;
            Ok::<_, Problem>((accounts::list(tx, &tenant)?, seen))
        })
        .await?;
    let query = asked.q.trim().to_owned();
    let users = accounts
        .into_iter()
        .map(|account| user_row(&ctx, account, &seen))
        .filter(|row| row.holds(&query))
        .collect();
    let title = ctx.t("Utenti", "Users").to_owned();
    let page = ctx
        .page(title.clone())
        .crumb(ctx.t("Pagina iniziale", "Home"), "/")
        .crumb(title, "");
    render(&UsersPage { page, users, query })
}

fn user_row(ctx: &Ctx, account: Account, seen: &BTreeMap<String, Micros>) -> UserRow {
    let (state, kind) = state(ctx, &account);
    UserRow {
        organisation: labels::organisation(ctx, account.organisation.as_deref()),
        roles: labels::roles(&account.roles, ctx.lang),
        last_sign_in: seen
            .get(&account.username)
            .map(|at| labels::instant(ctx, *at))
            .unwrap_or_default(),
        username: account.username,
        name: account.name,
        state,
        kind,
    }
}

impl UserRow {
    /// Whether every word of the search stands in what the row shows, in any case and with or without accents.
    fn holds(&self, query: &str) -> bool {
        let shown = [&self.name, &self.username, &self.organisation, &self.roles];
        let shown: String = shown.map(|text| slug(text)).join("-");
        slug(query).split('-').all(|word| shown.contains(word))
    }
}

fn state(ctx: &Ctx, account: &Account) -> (&'static str, &'static str) {
    let lang = ctx.lang;
    if account.disabled {
        (lang.t("Chiuso", "Closed"), "neutral")
    } else if account.demo {
        (lang.t("Dimostrazione", "Demonstration"), "info")
    } else if account.ready {
        (lang.t("Attivo", "Active"), "success")
    } else {
        (lang.t("In attesa della password", "No password yet"), "warning")
    }
}

/// The form's fields, as stored or as typed.
struct Fields {
    username: String,
    details: Details,
    account: Option<Account>,
}

async fn form_page(ctx: &Ctx, fields: Fields, errors: Errors) -> Result<Response, Problem> {
    let tenant = ctx.tenant_id().clone();
    let known = ctx
        .store()
        .read(move |tx| organisations::list(tx, &tenant).map_err(Problem::from))
        .await?;
    let title = match &fields.account {
        Some(account) => account.name.clone(),
        None => ctx.t("Nuovo utente", "New user").to_owned(),
    };
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let template = UserPage {
        page: crumbs(ctx, &title),
        is_new: fields.account.is_none(),
        username: fields.username,
        full_name: fields.details.name,
        organisation: fields.details.organisation.unwrap_or_default(),
        organisations: known
            .into_iter()
            .map(|o| Choice {
                value: o.id,
                label: o.name,
            })
            .collect(),
        roles: Role::ALL
            .into_iter()
            .map(|role| Tick {
                value: role.as_str().to_owned(),
                label: role.label(ctx.lang).to_owned(),
                checked: fields.details.roles.contains(&role),
            })
            .collect(),
        disabled: fields.account.as_ref().is_some_and(|a| a.disabled),
        demo: fields.account.as_ref().is_some_and(|a| a.demo),
        ready: fields.account.as_ref().is_some_and(|a| a.ready),
        faults: faults(&errors),
        errors,
    };
    render_as(status, &template)
}

fn details_of(form: &Form) -> Details {
    let organisation = form.get("organisation");
    Details {
        name: form.get("name").to_owned(),
        organisation: (!organisation.is_empty()).then(|| organisation.to_owned()),
        roles: form.all("roles").into_iter().filter_map(Role::parse).collect(),
    }
}

async fn stored(ctx: &Ctx, username: &str) -> Result<Account, Problem> {
    let (tenant, username) = (ctx.tenant_id().clone(), username.to_owned());
    ctx.store()
        .read(move |tx| accounts::by_username(tx, &tenant, &username).map_err(Problem::from))
        .await?
        .ok_or_else(|| Problem::not_found("There is no such user"))
}

pub async fn new(ctx: Ctx) -> Result<Response, Problem> {
    let fields = Fields {
        username: String::new(),
        details: Details::default(),
        account: None,
    };
    form_page(&ctx, fields, Errors::default()).await
}

pub async fn create(ctx: Ctx, form: Form) -> Result<Response, Problem> {
    let (username, details) = (form.get("username").to_owned(), details_of(&form));
    let (env, actor, lang) = (ctx.app.env.clone(), ctx.actor.clone(), ctx.lang);
    let (new_name, new_details) = (username.clone(), details.clone());
    let made = ctx
        .store()
        .write(move |tx| accounts::create(tx, &env, &actor, lang, &new_name, &new_details))
        .await;
    match made {
        Ok(path) => link_page(&ctx, &details.name, &accounts::normal_username(&username), &path),
        Err(problem) => {
            let errors = field_errors(problem)?;
            form_page(
                &ctx,
                Fields {
                    username,
                    details,
                    account: None,
                },
                errors,
            )
            .await
        }
    }
}

/// Rendered, not redirected to: the link must stand in no cookie and no address.
fn link_page(ctx: &Ctx, name: &str, username: &str, path: &str) -> Result<Response, Problem> {
    let title = ctx.t("Collegamento da consegnare", "Link to hand over");
    render(&LinkPage {
        page: crumbs(ctx, title),
        name: name.to_owned(),
        username: username.to_owned(),
        link: format!("{}{path}", ctx.base_url),
    })
}

pub async fn edit(ctx: Ctx, Path(username): Path<String>) -> Result<Response, Problem> {
    let account = stored(&ctx, &username).await?;
    let details = Details {
        name: account.name.clone(),
        organisation: account.organisation.clone(),
        roles: account.roles.clone(),
    };
    form_page(
        &ctx,
        Fields {
            username,
            details,
            account: Some(account),
        },
        Errors::default(),
    )
    .await
}

pub async fn update(ctx: Ctx, Path(username): Path<String>, form: Form) -> Result<Response, Problem> {
    let account = stored(&ctx, &username).await?;
    let details = details_of(&form);
    let (env, actor, lang) = (ctx.app.env.clone(), ctx.actor.clone(), ctx.lang);
    let (name, new) = (username.clone(), details.clone());
    let done = ctx
        .store()
        .write(move |tx| accounts::update(tx, &env, &actor, lang, &name, &new))
        .await;
    match done {
        Ok(()) => Ok(with_flash(
            redirect(LIST),
            "success",
            ctx.t("Modifiche salvate.", "Changes saved."),
        )),
        Err(problem) => {
            let errors = explained("roles", problem)?;
            form_page(
                &ctx,
                Fields {
                    username,
                    details,
                    account: Some(account),
                },
                errors,
            )
            .await
        }
    }
}

/// A refusal for the last administrator belongs beside a field too.
fn explained(field: &str, problem: Problem) -> Result<Errors, Problem> {
    if problem.status == 409 {
        let mut errors = Errors::default();
        errors.add(field, problem.detail);
        return Ok(errors);
    }
    field_errors(problem)
}

pub async fn disable(ctx: Ctx, Path(username): Path<String>, _: Form) -> Result<Response, Problem> {
    let (env, actor, lang) = (ctx.app.env.clone(), ctx.actor.clone(), ctx.lang);
    let name = username.clone();
    let done = ctx
        .store()
        .write(move |tx| accounts::disable(tx, &env, &actor, lang, &name))
        .await;
    match done {
        Ok(()) => {
            let text = ctx.t(
                "Utente chiuso: le sessioni aperte sono terminate.",
                "User closed; sessions ended.",
            );
            Ok(with_flash(redirect(LIST), "success", text))
        }
        Err(problem) if problem.status == 409 => {
            let back = format!("{LIST}/{}", ctx.page("").encode(&username));
            Ok(with_flash(redirect(&back), "danger", &problem.detail))
        }
        Err(problem) => Err(problem),
    }
}

pub async fn enable(ctx: Ctx, Path(username): Path<String>, _: Form) -> Result<Response, Problem> {
    let (env, actor) = (ctx.app.env.clone(), ctx.actor.clone());
    ctx.store()
        .write(move |tx| accounts::enable(tx, &env, &actor, &username))
        .await?;
    Ok(with_flash(
        redirect(LIST),
        "success",
        ctx.t("Utente riaperto.", "User reopened."),
    ))
}

pub async fn invite(ctx: Ctx, Path(username): Path<String>, _: Form) -> Result<Response, Problem> {
    let account = stored(&ctx, &username).await?;
    let (env, actor, lang) = (ctx.app.env.clone(), ctx.actor.clone(), ctx.lang);
    let path = ctx
        .store()
        .write(move |tx| accounts::invite_again(tx, &env, &actor, lang, &username))
        .await?;
    link_page(&ctx, &account.name, &account.username, &path)
}

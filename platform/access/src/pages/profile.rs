//! `/profilo`: one's own password, sessions and tokens.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Ctx, Errors, Form, Page, redirect, session_cookie_value, with_flash};
use http::{HeaderMap, StatusCode};

use super::labels::{self, TokenRow};
use super::{
    Choice, Fault, Tick, faults, field_errors, render_as, secret_field, with_session, without_session,
};
use crate::accounts::{self, Account};
use crate::sessions::{self, Session};
use crate::signin::{self, Change};
use crate::tokens::{self, NewToken, Token};
use crate::{permissions, person_id};

struct SessionRow {
    began: String,
    seen: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "profile.html")]
struct ProfilePage {
    page: Page,
    name: String,
    username: String,
    roles: String,
    organisation: String,
    /// May change a password: has one.
    has_password: bool,
    sessions: Vec<SessionRow>,
    may_make_tokens: bool,
    tokens: Vec<TokenRow>,
    scopes: Vec<Tick>,
    token_name: String,
    days: String,
    durations: Vec<Choice>,
    /// A token just made: shown this once.
    made: String,
    errors: Errors,
    faults: Vec<Fault>,
}

/// What the page shows besides the stored: what was typed, what is wrong with it, what was made.
#[derive(Default)]
struct Typed {
    errors: Errors,
    token: NewToken,
    made: String,
}

pub async fn show(ctx: Ctx, headers: HeaderMap) -> Result<Response, Problem> {
    page(&ctx, &headers, Typed::default()).await
}

async fn page(ctx: &Ctx, headers: &HeaderMap, typed: Typed) -> Result<Response, Problem> {
    let id = person_id(&ctx.actor)?.to_owned();
    let (env, tenant) = (ctx.app.env.clone(), ctx.tenant_id().clone());
    let current = session_cookie_value(headers, ctx.app.settings.https).map(str::to_owned);
    let (account, sessions, tokens): (Account, Vec<Session>, Vec<Token>) = ctx
        .store()
        .read(move |tx| {
            let account = accounts::by_id(tx, &tenant, &id)?
                .ok_or_else(|| Problem::not_found("This account is not kept here"))?;
            let sessions = sessions::list(tx, &env, &tenant, &id, current.as_deref())?;
            Ok::<_, Problem>((account, sessions, tokens::list(tx, &tenant, Some(&id))?))
        })
        .await?;
    let may_have = ctx.app.permissions.iter().filter(|spec| ctx.may(spec.permission));
    let scopes = may_have.map(|spec| Tick {
        value: spec.permission.0.to_owned(),
        label: ctx.t(spec.it, spec.en).to_owned(),
        checked: typed.token.scopes.iter().any(|scope| scope == spec.permission.0),
    });
    let durations = [
        ("30", "30 giorni", "30 days"),
        ("90", "90 giorni", "90 days"),
        ("365", "Un anno", "One year"),
    ];
    let title = ctx.t("Profilo", "Profile").to_owned();
    let status = if typed.errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let template = ProfilePage {
        page: ctx
            .page(title.clone())
            .crumb(ctx.t("Pagina iniziale", "Home"), "/")
            .crumb(title, ""),
        roles: labels::roles(&account.roles, ctx.lang),
        organisation: labels::organisation(ctx, account.organisation.as_deref()),
        has_password: account.ready,
        name: account.name,
        username: account.username,
        sessions: sessions
            .into_iter()
            .map(|session| SessionRow {
                began: labels::instant(ctx, session.created_at),
                seen: labels::instant(ctx, session.seen_at),
                current: session.current,
            })
            .collect(),
        may_make_tokens: ctx.may(permissions::TOKENS),
        tokens: tokens
            .into_iter()
            .map(|token| labels::token_row(ctx, token))
            .collect(),
        scopes: scopes.collect(),
        token_name: typed.token.name,
        days: if typed.token.days > 0 {
            typed.token.days.to_string()
        } else {
            "90".to_owned()
        },
        durations: durations
            .into_iter()
            .map(|(value, it, en)| Choice {
                value: value.to_owned(),
                label: ctx.t(it, en).to_owned(),
            })
            .collect(),
        made: typed.made,
        faults: faults(&typed.errors),
        errors: typed.errors,
    };
    render_as(status, &template)
}

pub async fn change_password(ctx: Ctx, headers: HeaderMap, form: Form) -> Result<Response, Problem> {
    let change = Change {
        current: secret_field(&form, "current"),
        password: secret_field(&form, "password"),
        again: secret_field(&form, "again"),
        client: ctx.client.clone(),
    };
    match signin::change_password(ctx.store(), &ctx.app.env, &ctx.actor, ctx.lang, change).await {
        Ok(secret) => {
            let done = ctx.t(
                "Password cambiata. Gli altri dispositivi dovranno entrare di nuovo.",
                "Password changed. Other devices will have to sign in again.",
            );
            let response = with_flash(redirect("/profilo"), "success", done);
            Ok(with_session(response, &secret, ctx.app.settings.https))
        }
        Err(problem) => {
            let errors = field_errors(problem)?;
            page(
                &ctx,
                &headers,
                Typed {
                    errors,
                    ..Typed::default()
                },
            )
            .await
        }
    }
}

pub async fn leave_everywhere(ctx: Ctx, _: Form) -> Result<Response, Problem> {
    let (env, actor) = (ctx.app.env.clone(), ctx.actor.clone());
    ctx.store()
        .write(move |tx| sessions::sign_out_everywhere(tx, &env, &actor))
        .await?;
    let done = ctx.t(
        "Uscita effettuata da tutti i dispositivi.",
        "Signed out on every device.",
    );
    Ok(without_session(
        with_flash(redirect("/accesso"), "success", done),
        ctx.app.settings.https,
    ))
}

pub async fn create_token(ctx: Ctx, headers: HeaderMap, form: Form) -> Result<Response, Problem> {
    let token = NewToken {
        name: form.get("token-name").to_owned(),
        scopes: form.all("scopes").into_iter().map(str::to_owned).collect(),
        days: form.get("days").parse().unwrap_or(0),
    };
    let (env, actor, lang, app) = (ctx.app.env.clone(), ctx.actor.clone(), ctx.lang, ctx.app.clone());
    let new = token.clone();
    let made = ctx
        .store()
        .write(move |tx| tokens::create(tx, &env, &actor, lang, &app.permissions, &new))
        .await;
    let typed = match made {
        Ok(made) => Typed {
            made,
            ..Typed::default()
        },
        Err(problem) => Typed {
            errors: field_errors(problem)?,
            token,
            ..Typed::default()
        },
    };
    page(&ctx, &headers, typed).await
}

pub async fn revoke_token(ctx: Ctx, Path(id): Path<String>, _: Form) -> Result<Response, Problem> {
    let (env, actor) = (ctx.app.env.clone(), ctx.actor.clone());
    ctx.store()
        .write(move |tx| tokens::revoke(tx, &env, &actor, &id))
        .await?;
    let done = ctx.t(
        "Token revocato: non funziona più.",
        "Token revoked: it no longer works.",
    );
    Ok(with_flash(redirect("/profilo"), "success", done))
}

//! `/grafo/regole`: who may see and write what, for who administers the graph.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use bisenzio_access::organisations;
use bisenzio_kernel::Problem;
use bisenzio_web::{Ctx, Form, Page, redirect, render, with_flash};
use serde::Deserialize;

use super::rule_people::{Choice, body_choices};
use super::rule_trial::{self, Trial};
use super::rule_words::{Bodies, Line, bodies};
use super::words::cut;
use super::{Words, links};
use crate::GraphError;
use crate::policy::{self, Rule};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    /// Role to try the rules as.
    come: String,
    /// Body to try them as.
    ente: String,
}

#[derive(Template)]
#[template(path = "grafo_regole.html")]
struct ListPage {
    page: Page,
    lines: Vec<Line>,
    total: String,
    roles: Vec<Choice>,
    bodies: Vec<Choice>,
    come: String,
    ente: String,
    trial: Option<Trial>,
}

pub(crate) async fn list(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let words = Words::of(&ctx);
    let tenant = ctx.tenant_id().clone();
    let (all, known) = ctx
        .store()
        .read(move |tx| {
            let all = policy::rules(tx, &tenant)?;
            Ok::<_, GraphError>((all, organisations::list(tx, &tenant)?))
        })
        .await?;
    let known = bodies(known);
    let trial = rule_trial::run(&ctx, &words, &known, asked.come.trim(), asked.ente.trim()).await?;
    let title = ctx.t("Regole di accesso", "Access rules");
    render(&ListPage {
        page: head(&ctx).crumb(title, ""),
        lines: all.iter().map(|rule| Line::new(&words, &known, rule)).collect(),
        total: match all.len() {
            1 => ctx.t("1 regola", "1 rule").to_owned(),
            n => format!("{} {}", words.count(n), ctx.t("regole", "rules")),
        },
        roles: rule_trial::choices(&words),
        bodies: body_choices(&known),
        come: asked.come,
        ente: asked.ente,
        trial,
    })
}

fn head(ctx: &Ctx) -> Page {
    ctx.page(ctx.t("Regole di accesso", "Access rules"))
        .crumb(ctx.t("Grafo della città", "City graph"), links::HOME)
}

/// A rule with the bodies of the city; 404 when there is none of this name.
pub(super) async fn stored(ctx: &Ctx, id: &str) -> Result<(Rule, Bodies), Problem> {
    let (tenant, id) = (ctx.tenant_id().clone(), id.to_owned());
    let (rule, known) = ctx
        .store()
        .read(move |tx| {
            let rule = policy::one(tx, &tenant, &id)?;
            Ok::<_, GraphError>((rule, organisations::list(tx, &tenant)?))
        })
        .await?;
    match rule {
        Some(rule) => Ok((rule, bodies(known))),
        None => Err(gone(ctx)),
    }
}

pub(super) fn gone(ctx: &Ctx) -> Problem {
    Problem::not_found(ctx.t(
        "Questa regola non c'è, o non c'è più.",
        "There is no such rule, or no longer.",
    ))
}

#[derive(Template)]
#[template(path = "grafo_regola_elimina.html")]
struct DeletePage {
    page: Page,
    line: Line,
    cancel: &'static str,
}

pub(crate) async fn ask(ctx: Ctx, Path(id): Path<String>) -> Result<Response, Problem> {
    let words = Words::of(&ctx);
    let (rule, known) = stored(&ctx, &id).await?;
    let line = Line::new(&words, &known, &rule);
    let title = ctx.t("Eliminare la regola", "Delete the rule");
    let mut page = head(&ctx)
        .crumb(ctx.t("Regole di accesso", "Access rules"), links::RULES)
        .crumb(
            cut(&line.title, 30),
            format!("{}/{}/modifica", links::RULES, links::encode(&id)),
        )
        .crumb(title, "");
    title.clone_into(&mut page.title);
    render(&DeletePage {
        page,
        line,
        cancel: links::RULES,
    })
}

pub(crate) async fn delete(ctx: Ctx, Path(id): Path<String>, _: Form) -> Result<Response, Problem> {
    let (env, tenant, actor) = (ctx.app.env.clone(), ctx.tenant_id().clone(), ctx.actor.clone());
    let deleted = ctx
        .store()
        .write(move |tx| policy::remove(tx, &env, &tenant, &actor, &id))
        .await?;
    if !deleted {
        return Err(gone(&ctx));
    }
    let text = ctx.t("Regola eliminata.", "Rule deleted.");
    Ok(with_flash(redirect(links::RULES), "success", text))
}

//! What staff does with a subscription: pause, resume, delete, and look after what was not delivered.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use bisenzio_access::audit;
use bisenzio_kernel::{Actor, Env, Problem, TenantId};
use bisenzio_store::Tx;
use bisenzio_web::{Ctx, Form, Page, redirect, render, with_flash};

use super::Words;
use super::links;
use super::subscriptions::{Line, address};
use super::words::cut;
use crate::GraphError;
use crate::subscriptions;
use crate::subscriptions::service::{self, health_of};

/// A use case and what it leaves in the audit log.
async fn act<T: Send + 'static>(
    ctx: &Ctx,
    action: &'static str,
    subscription: &str,
    work: impl Fn(&mut Tx<'_>, &Env, &TenantId, &Actor) -> Result<T, GraphError> + Send + Sync + 'static,
) -> Result<T, Problem> {
    let (env, tenant, actor) = (ctx.app.env.clone(), ctx.tenant_id().clone(), ctx.actor.clone());
    let subject = format!("graph/subscription/{}", links::encode(subscription));
    ctx.store()
        .write(move |tx| {
            let done = work(tx, &env, &tenant, &actor)?;
            audit::record(tx, &env, &actor, action, &subject, "")?;
            Ok::<_, GraphError>(done)
        })
        .await
        .map_err(Problem::from)
}

pub(crate) async fn pause(ctx: Ctx, Path(id): Path<String>, _: Form) -> Result<Response, Problem> {
    let own = id.clone();
    act(
        &ctx,
        "graph.subscription.pause",
        &id,
        move |tx, env, tenant, actor| subscriptions::pause(tx, env, tenant, actor, &own),
    )
    .await?;
    Ok(back(&id, ctx.t("Iscrizione in pausa.", "Subscription paused.")))
}

pub(crate) async fn resume(ctx: Ctx, Path(id): Path<String>, _: Form) -> Result<Response, Problem> {
    let own = id.clone();
    act(
        &ctx,
        "graph.subscription.resume",
        &id,
        move |tx, env, tenant, actor| subscriptions::resume(tx, env, tenant, actor, &own),
    )
    .await?;
    Ok(back(&id, ctx.t("Iscrizione ripresa.", "Subscription resumed.")))
}

#[derive(Template)]
#[template(path = "grafo_iscrizione_elimina.html")]
struct DeletePage {
    page: Page,
    line: Line,
    cancel: String,
}

pub(crate) async fn ask(ctx: Ctx, Path(id): Path<String>) -> Result<Response, Problem> {
    let words = Words::of(&ctx);
    let (env, tenant, actor) = (ctx.app.env.clone(), ctx.tenant_id().clone(), ctx.actor.clone());
    let wanted = id.clone();
    let one = ctx
        .store()
        .read(move |tx| health_of(tx, &env, &tenant, &actor, &wanted))
        .await?;
    let line = Line::new(&words, &one);
    let title = ctx.t("Eliminare l'iscrizione", "Delete the subscription");
    let page = ctx
        .page(title)
        .crumb(ctx.t("Grafo della città", "City graph"), links::HOME)
        .crumb(ctx.t("Iscrizioni", "Subscriptions"), links::SUBSCRIPTIONS)
        .crumb(cut(&line.title, 60), line.href.clone())
        .crumb(title, "");
    render(&DeletePage {
        page,
        cancel: line.href.clone(),
        line,
    })
}

pub(crate) async fn delete(ctx: Ctx, Path(id): Path<String>, _: Form) -> Result<Response, Problem> {
    let own = id.clone();
    act(
        &ctx,
        "graph.subscription.delete",
        &id,
        move |tx, env, tenant, actor| service::delete(tx, env, tenant, actor, &own),
    )
    .await?;
    let text = ctx.t("Iscrizione eliminata.", "Subscription deleted.");
    Ok(with_flash(redirect(links::SUBSCRIPTIONS), "success", text))
}

pub(crate) async fn replay_all(ctx: Ctx, Path(id): Path<String>, _: Form) -> Result<Response, Problem> {
    let own = id.clone();
    act(
        &ctx,
        "graph.notification.replay",
        &id,
        move |tx, env, tenant, _| subscriptions::replay_all(tx, env, tenant, &own),
    )
    .await?;
    let text = ctx.t(
        "Le notifiche sono di nuovo in consegna.",
        "The notifications are queued again.",
    );
    Ok(back(&id, text))
}

pub(crate) async fn replay(
    ctx: Ctx,
    Path((id, letter)): Path<(String, String)>,
    _: Form,
) -> Result<Response, Problem> {
    act(
        &ctx,
        "graph.notification.replay",
        &id,
        move |tx, env, tenant, _| subscriptions::replay(tx, env, tenant, &letter),
    )
    .await?;
    let text = ctx.t(
        "La notifica è di nuovo in consegna.",
        "The notification is queued again.",
    );
    Ok(back(&id, text))
}

pub(crate) async fn discard(
    ctx: Ctx,
    Path((id, letter)): Path<(String, String)>,
    _: Form,
) -> Result<Response, Problem> {
    act(
        &ctx,
        "graph.notification.discard",
        &id,
        move |tx, _, tenant, _| subscriptions::discard_dead_letter(tx, tenant, &letter),
    )
    .await?;
    Ok(back(&id, ctx.t("Notifica eliminata.", "Notification removed.")))
}

fn back(id: &str, text: &str) -> Response {
    with_flash(redirect(&address(id)), "success", text)
}

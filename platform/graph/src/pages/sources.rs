//! `/grafo/fonti`: other brokers that hold part of the graph.

use askama::Template;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::DateTime;
use bisenzio_ngsi_ld::registration::{Information, Mode, Registration};
use bisenzio_web::{Ctx, Page, render};
use serde_json::Value;

use super::health::{self, State};
use super::words::{cut, says_nothing, tail};
use super::{Words, links};
use crate::registrations::{self, health::Health};

struct Source {
    title: String,
    endpoint: String,
    mode: String,
    /// What the mode means.
    mode_words: &'static str,
    provides: Vec<String>,
    state: State,
}

#[derive(Template)]
#[template(path = "grafo_fonti.html")]
struct SourcesPage {
    page: Page,
    sources: Vec<Source>,
    total: String,
}

pub(crate) async fn page(ctx: Ctx) -> Result<Response, Problem> {
    let words = Words::of(&ctx);
    let tenant = ctx.tenant_id().clone();
    let known = ctx
        .store()
        .read(move |tx| registrations::known(tx, &tenant))
        .await?;
    let health = ctx.store().memory::<Health>();
    let now = ctx.app.env.now();
    let sources: Vec<Source> = known
        .iter()
        .flat_map(|known| &known.registrations)
        .map(|registration| {
            let seen = health.describe(ctx.tenant_id(), registration);
            let expires = registration.expires_at.map(DateTime::micros);
            let state = health::of_source(&words, &seen, expires, now);
            source(&words, registration, state)
        })
        .collect();
    let title = ctx.t("Fonti collegate", "Connected sources");
    render(&SourcesPage {
        page: ctx
            .page(title)
            .crumb(ctx.t("Grafo della città", "City graph"), links::HOME)
            .crumb(title, ""),
        total: match sources.len() {
            1 => ctx.t("1 fonte", "1 source").to_owned(),
            n => format!("{} {}", words.count(n), ctx.t("fonti", "sources")),
        },
        sources,
    })
}

fn source(words: &Words, registration: &Registration, state: State) -> Source {
    let text = |name: &str| registration.document.get(name).and_then(Value::as_str);
    let named = text("registrationName")
        .or_else(|| text("contextSourceName"))
        .or_else(|| text("description"));
    let (mode, mode_words) = mode(words, registration.mode);
    let provides: Vec<String> = registration
        .information
        .iter()
        .map(|one| provides(words, one))
        .collect();
    Source {
        title: match named {
            Some(named) => cut(named, 120),
            None if says_nothing(&registration.id) => {
                words.t("Fonte senza nome", "Source without a name").to_owned()
            }
            None => cut(tail(&registration.id), 120),
        },
        endpoint: cut(&registration.endpoint, 300),
        mode: mode.to_owned(),
        mode_words,
        provides,
        state,
    }
}

/// How the source relates to the graph (clause 4.3.6): a word, and a sentence.
fn mode(words: &Words, mode: Mode) -> (&'static str, &'static str) {
    let t = |it, en| words.lang.t(it, en);
    match mode {
        Mode::Inclusive => (
            t("Condivisa", "Shared"),
            t(
                "I suoi dati si uniscono a quelli della città.",
                "Its data are joined with those of the city.",
            ),
        ),
        Mode::Exclusive => (
            t("Esclusiva", "Exclusive"),
            t(
                "Solo questa fonte ha questi dati.",
                "Only this source holds these data.",
            ),
        ),
        Mode::Redirect => (
            t("Al posto della città", "Instead of the city"),
            t(
                "Questi dati stanno presso la fonte, non qui.",
                "These data are held by the source, not here.",
            ),
        ),
        Mode::Auxiliary => (
            t("Di riserva", "Auxiliary"),
            t(
                "Si usa solo per ciò che manca altrove.",
                "Used only for what is missing elsewhere.",
            ),
        ),
    }
}

/// "Sensore: temperatura, umidità".
fn provides(words: &Words, one: &Information) -> String {
    let things: Vec<String> = one
        .entities
        .iter()
        .map(|entity| {
            let kinds = words.types(&entity.types);
            match (entity.id.as_deref(), &entity.id_pattern) {
                (Some(id), _) => format!("{kinds} «{}»", tail(id)),
                (None, Some(_)) => {
                    format!(
                        "{kinds} ({})",
                        words.t("alcune, per identificativo", "some, by identifier")
                    )
                }
                (None, None) => kinds,
            }
        })
        .collect();
    let things = if things.is_empty() {
        words.t("Tutte le cose", "All things").to_owned()
    } else {
        things.join(", ")
    };
    let attributes: Vec<String> = one
        .attributes
        .names()
        .into_iter()
        .flatten()
        .map(|name| words.attribute(name))
        .collect();
    if attributes.is_empty() {
        things
    } else {
        cut(&format!("{things}: {}", attributes.join(", ")), 400)
    }
}

//! `/grafo/iscrizioni`: who is told of changes, and how that fares.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use bisenzio_kernel::{Problem, format};
use bisenzio_ngsi_ld::Context;
use bisenzio_web::{Ctx, Page, render};
use serde::Deserialize;
use serde_json::Value;

use super::health::{self, State};
use super::reading::Reader;
use super::words::{cut, says_nothing, tail};
use super::{Words, links};
use crate::GraphError;
use crate::module::OVERSEE;
use crate::policy;
use crate::subscriptions::service::health_of;
use crate::subscriptions::{self, DeadLetter, SubscriptionHealth};

const PER_PAGE: i64 = 50;
/// Letters of a notification that a page shows.
const MOST_BODY: usize = 4_000;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    pagina: String,
}

impl Asked {
    /// Number of the page, and what comes before it, of a total.
    fn page(&self, total: i64) -> (i64, i64) {
        let last = (total + PER_PAGE - 1) / PER_PAGE;
        let wanted = self.pagina.trim().parse::<i64>().unwrap_or(1);
        (wanted.clamp(1, last.max(1)), last)
    }
}

pub(super) struct Line {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) follows: String,
    pub(super) endpoint: String,
    pub(super) owner: String,
    pub(super) state: State,
    pub(super) waiting: String,
    pub(super) dead: String,
}

impl Line {
    pub(super) fn new(words: &Words, one: &SubscriptionHealth) -> Self {
        let text = |pointer: &str| one.subscription.pointer(pointer).and_then(Value::as_str);
        let title = text("/subscriptionName").or_else(|| text("/description"));
        let who = match one.owner.strip_prefix("token:") {
            Some(name) => format!("{} «{name}»", words.t("programma", "program")),
            None => one.owner.clone(),
        };
        let owner = match &one.organisation {
            Some(organisation) => format!("{who} ({organisation})"),
            None => who,
        };
        let follows = follows(words, &one.subscription);
        Self {
            href: address(&one.id),
            title: match title {
                Some(title) => cut(title, 120),
                None if says_nothing(&one.id) => {
                    format!(
                        "{} {}",
                        words.t("Senza nome:", "Without a name:"),
                        cut(&follows, 80)
                    )
                }
                None => cut(tail(&one.id), 120),
            },
            follows,
            endpoint: cut(text("/notification/endpoint/uri").unwrap_or_default(), 300),
            owner,
            state: health::of_subscription(words, one),
            waiting: health::waiting(words, &one.health),
            dead: match one.health.dead {
                0 => String::new(),
                count => format::integer(count, words.lang),
            },
        }
    }
}

/// The page of a subscription.
pub(super) fn address(id: &str) -> String {
    format!("{}/{}", links::SUBSCRIPTIONS, links::encode(id))
}

/// Which changes it tells of.
fn follows(words: &Words, subscription: &Value) -> String {
    let context = Context::core();
    let list = |value: Option<&Value>| -> Vec<String> {
        match value {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    };
    let mut things: Vec<String> = Vec::new();
    for entity in subscription
        .get("entities")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let id = entity.get("id").and_then(Value::as_str);
        let kinds: Vec<String> = list(entity.get("type"))
            .iter()
            .map(|name| words.entity_type(&context.expand(name)))
            .collect();
        let kinds = kinds.join(", ");
        things.push(match id {
            Some(id) => format!("{kinds} «{}»", tail(id)),
            None if entity.get("idPattern").is_some() => {
                format!(
                    "{kinds} ({})",
                    words.t("alcune, per identificativo", "some, by identifier")
                )
            }
            None => kinds,
        });
    }
    let attributes: Vec<String> = list(subscription.get("watchedAttributes"))
        .iter()
        .map(|name| words.attribute(&context.expand(name)))
        .collect();
    let mut out = if things.is_empty() {
        words.t("Tutte le cose", "All things").to_owned()
    } else {
        things.join(", ")
    };
    if !attributes.is_empty() {
        out = format!("{out}: {}", attributes.join(", "));
    }
    if let Some(seconds) = subscription.get("timeInterval").and_then(Value::as_f64) {
        out = format!("{out}, {}", words.every(seconds));
    }
    cut(&out, 300)
}

#[derive(Template)]
#[template(path = "grafo_iscrizioni.html")]
struct ListPage {
    page: Page,
    lines: Vec<Line>,
    total: String,
    everybody: bool,
    current: i64,
    last: i64,
    pages_href: String,
}

pub(crate) async fn list(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let words = Words::of(&ctx);
    let (env, tenant, actor) = (ctx.app.env.clone(), ctx.tenant_id().clone(), ctx.actor.clone());
    let (all, total, current, last) = ctx
        .store()
        .read(move |tx| {
            let (_, total) = subscriptions::health(tx, &env, &tenant, &actor, 0, 0)?;
            let (current, last) = asked.page(total);
            let offset = (current - 1) * PER_PAGE;
            let (all, _) = subscriptions::health(tx, &env, &tenant, &actor, PER_PAGE, offset)?;
            Ok::<_, GraphError>((all, total, current, last))
        })
        .await?;
    render(&ListPage {
        page: head(&ctx),
        lines: all.iter().map(|one| Line::new(&words, one)).collect(),
        total: match total {
            1 => ctx.t("1 iscrizione", "1 subscription").to_owned(),
            n => format!(
                "{} {}",
                format::integer(n, ctx.lang),
                ctx.t("iscrizioni", "subscriptions")
            ),
        },
        everybody: ctx.may(OVERSEE),
        current,
        last,
        pages_href: format!("{}?pagina=", links::SUBSCRIPTIONS),
    })
}

fn head(ctx: &Ctx) -> Page {
    let title = ctx.t("Iscrizioni alle modifiche", "Subscriptions to changes");
    ctx.page(title)
        .crumb(ctx.t("Grafo della città", "City graph"), links::HOME)
        .crumb(ctx.t("Iscrizioni", "Subscriptions"), "")
}

struct Letter {
    id: String,
    title: String,
    href: String,
    died: String,
    attempts: String,
    reason: String,
    /// As it was recorded.
    original: String,
    body: String,
}

#[derive(Template)]
#[template(path = "grafo_iscrizione.html")]
struct OnePage {
    page: Page,
    line: Line,
    id: String,
    path: String,
    facts: Vec<(String, String)>,
    paused: bool,
    expired: bool,
    /// May look after what was not delivered.
    oversees: bool,
    letters: Vec<Letter>,
    dead: i64,
    current: i64,
    last: i64,
    pages_href: String,
    json: String,
}

pub(crate) async fn one(
    ctx: Ctx,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let words = Words::of(&ctx);
    let oversees = ctx.may(OVERSEE);
    let (env, tenant, actor) = (ctx.app.env.clone(), ctx.tenant_id().clone(), ctx.actor.clone());
    let naming = words.clone();
    let (one, letters, current, last) = ctx
        .store()
        .read(move |tx| {
            let one = health_of(tx, &env, &tenant, &actor, &id)?;
            let (current, last) = asked.page(one.health.dead);
            let letters = if oversees {
                let offset = (current - 1) * PER_PAGE;
                let letters =
                    subscriptions::dead_letters(tx, &tenant, &actor, Some(&id), PER_PAGE, offset)?.0;
                policy::act(tx, &tenant, &actor)?;
                let reader = Reader::new(&tenant);
                let named = letters.into_iter().map(|letter| {
                    let thing = reader.one(tx, &letter.entity)?;
                    Ok((thing.map(|thing| naming.title(&thing)), letter))
                });
                named.collect::<Result<Vec<_>, GraphError>>()?
            } else {
                Vec::new()
            };
            Ok::<_, GraphError>((one, letters, current, last))
        })
        .await?;
    let line = Line::new(&words, &one);
    let path = line.href.clone();
    let page = ctx
        .page(line.title.clone())
        .crumb(ctx.t("Grafo della città", "City graph"), links::HOME)
        .crumb(ctx.t("Iscrizioni", "Subscriptions"), links::SUBSCRIPTIONS)
        .crumb(cut(&line.title, 60), "");
    render(&OnePage {
        page,
        facts: facts(&words, &one),
        paused: one.status == "paused",
        expired: one.status == "expired",
        oversees,
        letters: letters
            .into_iter()
            .map(|(name, letter)| shown(&words, name, letter))
            .collect(),
        dead: one.health.dead,
        current,
        last,
        pages_href: format!("{path}?pagina="),
        json: serde_json::to_string_pretty(&one.subscription).unwrap_or_default(),
        id: one.id,
        path,
        line,
    })
}

fn facts(words: &Words, one: &SubscriptionHealth) -> Vec<(String, String)> {
    let health = &one.health;
    let time = |at: Option<i64>| at.map(|at| words.instant(at)).unwrap_or_default();
    let number = |value: i64| format::integer(value, words.lang);
    let all = [
        (words.t("Creata", "Created"), words.instant(one.created_at)),
        (
            words.t("Tentativi di consegna", "Attempts of delivery"),
            number(health.times_sent),
        ),
        (
            words.t("Di cui non riusciti", "Of which failed"),
            number(health.times_failed),
        ),
        (
            words.t("Ultima consegna", "Last delivery"),
            time(health.last_success),
        ),
        (
            words.t("Ultimo errore", "Last failure"),
            time(health.last_failure),
        ),
        (words.t("In attesa", "Waiting"), health::waiting(words, health)),
        (
            words.t("Perdute perché troppe", "Lost because there were too many"),
            if health.dropped > 0 {
                number(health.dropped)
            } else {
                String::new()
            },
        ),
    ];
    all.into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(label, text)| (label.to_owned(), text))
        .collect()
}

/// `name`: that of the thing, where the reader may see it.
fn shown(words: &Words, name: Option<String>, letter: DeadLetter) -> Letter {
    let body = serde_json::from_str::<Value>(&letter.body)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&value).ok())
        .unwrap_or(letter.body);
    let (title, href) = if letter.entity.is_empty() {
        (
            words.t("Notifica periodica", "Periodic notification").to_owned(),
            String::new(),
        )
    } else {
        (
            name.unwrap_or_else(|| tail(&letter.entity).to_owned()),
            links::thing(&letter.entity),
        )
    };
    Letter {
        title,
        href,
        died: words.instant(letter.died_at),
        attempts: format::integer(letter.attempts, words.lang),
        reason: health::reason(words, &letter.reason),
        original: letter.reason,
        body: cut(&body, MOST_BODY),
        id: links::encode(&letter.id),
    }
}

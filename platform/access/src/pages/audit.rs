//! `/amministrazione/registro`: what was done, by whom; search and export.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Query as UrlQuery;
use axum::response::Response;
use bisenzio_kernel::{Lang, Micros, Problem, TenantId, format};
use bisenzio_module::AuditDictionary;
use bisenzio_store::{StoreError, Tx};
use bisenzio_web::{Ctx, Errors, Page, download};
use http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{Choice, Fault, faults, labels, render_as};
use crate::audit::{self, Entry, Query};
use crate::{accounts, audit_words, permissions};

const PER_PAGE: i64 = 50;
const MAX_EXPORT: i64 = 100_000;

/// As it stands in the address.
#[derive(Clone, Deserialize)]
pub struct Asked {
    #[serde(default)]
    attore: String,
    #[serde(default)]
    azione: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    dal: String,
    #[serde(default)]
    al: String,
    #[serde(default)]
    pagina: String,
}

struct EntryRow {
    at: String,
    actor: String,
    organisation: String,
    action: String,
    subject: String,
    /// Path of the subject's page; empty where there is none.
    href: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    page: Page,
    asked: Asked,
    actors: Vec<Choice>,
    actions: Vec<Choice>,
    entries: Vec<EntryRow>,
    total: String,
    found: bool,
    current: i64,
    last: i64,
    /// The search as a query string, without the page number.
    query: String,
    errors: Errors,
    faults: Vec<Fault>,
}

fn query_of(asked: &Asked, timezone: &str, lang: Lang, errors: &mut Errors) -> Query {
    let mut day = |field: &str, text: &str| -> Option<Date> {
        let text = text.trim();
        let parsed = text.parse().ok();
        if parsed.is_none() && !text.is_empty() {
            errors.add(
                field,
                lang.t(
                    "La data non esiste o non è completa.",
                    "This is not a complete date.",
                ),
            );
        }
        parsed
    };
    let (from, until) = (day("dal", &asked.dal), day("al", &asked.al));
    if matches!((from, until), (Some(from), Some(until)) if until < from) {
        errors.add(
            "al",
            lang.t(
                "La fine viene prima dell'inizio.",
                "The end comes before the beginning.",
            ),
        );
    }
    Query {
        actor: asked.attore.trim().to_owned(),
        action: asked.azione.trim().to_owned(),
        text: asked.q.trim().to_owned(),
        text_actors: Vec::new(),
        from: from.and_then(|day| start_of(day, timezone)),
        until: until.and_then(|day| start_of(day.tomorrow().ok()?, timezone)),
    }
}

/// The first instant of a day in a time zone.
fn start_of(day: Date, timezone: &str) -> Option<Micros> {
    let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
    Some(day.to_zoned(zone).ok()?.timestamp().as_microsecond())
}

pub async fn show(ctx: Ctx, UrlQuery(asked): UrlQuery<Asked>) -> Result<Response, Problem> {
    let mut errors = Errors::default();
    let query = query_of(&asked, &ctx.tenant.timezone, ctx.lang, &mut errors);
    let wanted: i64 = asked.pagina.parse().unwrap_or(1);
    let tenant = ctx.tenant_id().clone();
    let valid = errors.is_empty();
    let words = dictionary(&ctx);
    let found = ctx
        .store()
        .read(move |tx| {
            let names = names(tx, &tenant)?;
            let query = with_names(&query, &names);
            let total = if valid {
                audit::count(tx, &tenant, &query)?
            } else {
                0
            };
            let last = (total + PER_PAGE - 1) / PER_PAGE;
            let current = wanted.clamp(1, last.max(1));
            let entries = if valid {
                audit::search(tx, &tenant, &query, PER_PAGE, (current - 1) * PER_PAGE)?
            } else {
                Vec::new()
            };
            Ok::<_, Problem>(Looked {
                total,
                current,
                last,
                entries,
                actors: audit::actors(tx, &tenant)?,
                actions: audit::actions(tx, &tenant)?,
                names,
            })
        })
        .await?;
    let Looked {
        total,
        current,
        last,
        names,
        ..
    } = found;
    let title = ctx.t("Registro delle operazioni", "Audit log").to_owned();
    let status = if valid {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = ctx
        .page(title.clone())
        .crumb(ctx.t("Pagina iniziale", "Home"), "/")
        .crumb(title, "");
    let template = AuditPage {
        query: query_string(&page, &asked),
        page,
        actors: choices(found.actors, |name| labels::actor(name, &names, ctx.lang)),
        actions: choices(found.actions, |name| words.action(name, ctx.lang)),
        entries: found
            .entries
            .into_iter()
            .map(|entry| entry_row(&ctx, &words, entry, &names))
            .collect(),
        total: format::integer(total, ctx.lang),
        found: total > 0,
        current,
        last,
        asked,
        faults: faults(&errors),
        errors,
    };
    render_as(status, &template)
}

/// What the store answered.
struct Looked {
    total: i64,
    current: i64,
    last: i64,
    entries: Vec<Entry>,
    actors: Vec<String>,
    actions: Vec<String>,
    /// Full names by user name.
    names: BTreeMap<String, String>,
}

fn names(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<BTreeMap<String, String>, StoreError> {
    let people = accounts::list(tx, tenant)?.into_iter();
    Ok(people.map(|a| (a.username, a.name)).collect())
}

/// The log holds user names; who searches may type a full name.
fn with_names(query: &Query, names: &BTreeMap<String, String>) -> Query {
    let wanted = query.text.to_lowercase();
    let mut query = query.clone();
    if !wanted.is_empty() {
        let called = names
            .iter()
            .filter(|(_, name)| name.to_lowercase().contains(&wanted));
        query.text_actors = called.map(|(username, _)| username.clone()).take(50).collect();
    }
    query
}

/// Words of all modules; in a house without that service those of this crate.
fn dictionary(ctx: &Ctx) -> AuditDictionary {
    let wired = ctx.app.services.get::<AuditDictionary>().cloned();
    wired.unwrap_or_else(|| AuditDictionary::of([("access", audit_words::WORDS)]))
}

/// Options by their words.
fn choices(values: Vec<String>, label: impl Fn(&str) -> String) -> Vec<Choice> {
    let mut all: Vec<Choice> = values
        .into_iter()
        .map(|value| Choice {
            label: label(&value),
            value,
        })
        .collect();
    all.sort_by_key(|choice| choice.label.to_lowercase());
    all
}

fn entry_row(ctx: &Ctx, words: &AuditDictionary, entry: Entry, names: &BTreeMap<String, String>) -> EntryRow {
    let (subject, mut href) = words
        .subject(&entry.action, &entry.subject, ctx.lang)
        .unwrap_or_else(|| (entry.subject.clone(), String::new()));
    // The pages of accounts are the administrators' own, and an account may be gone.
    if let Some(username) = entry.subject.strip_prefix("account/")
        && !(ctx.may(permissions::USERS) && names.contains_key(username))
    {
        href.clear();
    }
    EntryRow {
        at: labels::instant(ctx, entry.at),
        actor: labels::actor(&entry.actor, names, ctx.lang),
        organisation: labels::organisation(ctx, entry.organisation.as_deref()),
        action: words.action(&entry.action, ctx.lang),
        detail: labels::detail(
            words,
            &entry.action,
            &entry.detail,
            &ctx.app.permissions,
            ctx.lang,
        ),
        subject,
        href,
    }
}

fn query_string(page: &Page, asked: &Asked) -> String {
    let fields = [
        ("attore", &asked.attore),
        ("azione", &asked.azione),
        ("q", &asked.q),
        ("dal", &asked.dal),
        ("al", &asked.al),
    ];
    fields
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}&", page.encode(value)))
        .collect()
}

/// The same search as CSV (RFC 4180, UTF-8), at most the latest 100,000 entries. Reading so much at once is
/// itself an entry.
pub async fn export(ctx: Ctx, UrlQuery(asked): UrlQuery<Asked>) -> Result<Response, Problem> {
    let mut errors = Errors::default();
    let query = query_of(&asked, &ctx.tenant.timezone, ctx.lang, &mut errors);
    errors.into_result()?;
    let (env, actor) = (ctx.app.env.clone(), ctx.actor.clone());
    let entries = ctx
        .store()
        .write(move |tx| {
            let query = with_names(&query, &names(tx, &actor.tenant)?);
            let entries = audit::search(tx, &actor.tenant, &query, MAX_EXPORT, 0)?;
            let detail = entries.len().to_string();
            audit::record(tx, &env, &actor, "access.audit-export", "audit", &detail)?;
            Ok::<_, Problem>(entries)
        })
        .await?;
    let body = to_csv(&entries).map_err(|error| {
        tracing::error!(%error, "CSV");
        Problem::internal()
    })?;
    Ok(download(
        "text/csv; charset=utf-8",
        &format!("registro-{}.csv", ctx.tenant_id()),
        body,
    ))
}

fn to_csv(entries: &[Entry]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(["istante", "attore", "organizzazione", "azione", "oggetto", "nota"])?;
    for entry in entries {
        let at = Timestamp::from_microsecond(entry.at)
            .unwrap_or_default()
            .to_string();
        let organisation = entry.organisation.as_deref().unwrap_or_default();
        let cells = [
            &entry.actor,
            organisation,
            &entry.action,
            &entry.subject,
            &entry.detail,
        ];
        writer.write_record(std::iter::once(at).chain(cells.into_iter().map(inert)))?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

/// A spreadsheet must not take a cell for a formula (OWASP: CSV injection).
fn inert(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let entry = Entry {
            at: 0,
            actor: "=1+1".into(),
            organisation: None,
            action: "plan.edit".into(),
            subject: "a;b,\"c\"".into(),
            detail: String::new(),
        };
        let text = String::from_utf8(to_csv(&[entry]).unwrap()).unwrap();
        let mut lines = text.split("\r\n");
        assert_eq!(
            lines.next(),
            Some("istante,attore,organizzazione,azione,oggetto,nota")
        );
        assert_eq!(
            lines.next(),
            Some("1970-01-01T00:00:00Z,'=1+1,,plan.edit,\"a;b,\"\"c\"\"\",")
        );
    }

    #[test]
    fn days_are_the_citys_own() {
        let ask = |dal: &str, al: &str| Asked {
            attore: String::new(),
            azione: String::new(),
            q: String::new(),
            dal: dal.into(),
            al: al.into(),
            pagina: String::new(),
        };
        let mut errors = Errors::default();
        let query = query_of(
            &ask("2026-03-29", "2026-03-29"),
            "Europe/Rome",
            Lang::It,
            &mut errors,
        );
        assert!(errors.is_empty());
        let hours = (query.until.unwrap() - query.from.unwrap()) / 3_600_000_000;
        assert_eq!(hours, 23, "the day summer time begins");
        query_of(&ask("2026-02-30", ""), "Europe/Rome", Lang::It, &mut errors);
        assert!(!errors.of("dal").is_empty());
        let mut errors = Errors::default();
        query_of(
            &ask("2026-03-02", "2026-03-01"),
            "Europe/Rome",
            Lang::It,
            &mut errors,
        );
        assert!(!errors.of("al").is_empty());
    }
}

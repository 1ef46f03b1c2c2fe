//! `/ordinanze`: the acts themselves.

#![allow(
    clippy::cmp_owned,
    reason = "the shared select macro compares any two displayable values"
)]

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use bisenzio_kernel::{Lang, Problem};
use bisenzio_web::{Ctx, Page, render};
use serde::Deserialize;

use super::story::relation_words;
use super::view::{Choice, upper_first};
use crate::asked::encode;
use crate::model::{ActNumber, ActType, Before, Ordinance, headline, measure, slips_of_act, wording};
use crate::store::acts::{self, ActFilter, ListedAct};
use crate::store::worksites;

const PER_PAGE: i64 = 30;

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct Asked {
    anno: String,
    tipo: String,
    q: String,
    pagina: String,
}

impl Asked {
    pub fn filter(&self) -> ActFilter {
        ActFilter {
            year: self.anno.trim().parse().ok(),
            act_type: ActType::parse(self.tipo.trim()),
            street: None,
            text: self.q.clone(),
        }
    }
}

/// A line of the list.
pub struct ActLine {
    pub href: String,
    /// What the link says: number and subject, or the subject alone where no number is known.
    pub link: String,
    pub title: String,
    pub period: String,
    pub kind: &'static str,
    pub act_type: &'static str,
}

pub fn act_line(act: &ListedAct, lang: Lang) -> ActLine {
    let title = if act.title.is_empty() {
        lang.t("Oggetto non riportato", "Subject not told").to_owned()
    } else {
        wording::title(&act.title)
    };
    let link = if act.seq > 0 {
        format!(
            "{} {}/{}: {title}",
            lang.t("Ordinanza", "Ordinance"),
            act.seq,
            act.year
        )
    } else {
        title.clone()
    };
    let period = match (act.first, act.last) {
        _ if act.permanent => lang.t("Permanente", "Permanent").to_owned(),
        (Some(first), Some(last)) if first == last => Before::On.date(first, lang),
        (Some(first), Some(last)) if first < last => headline::range(first, last, lang),
        (Some(first), _) => Before::From.date(first, lang),
        (None, Some(last)) => Before::Until.date(last, lang),
        (None, None) => String::new(),
    };
    ActLine {
        href: format!("/ordinanze/{}/{}", act.year, act.slug),
        link,
        title,
        period: upper_first(&period),
        kind: act.kind.label(lang),
        act_type: act.act_type.label(lang),
    }
}

#[derive(Template)]
#[template(path = "ordinanze.html")]
struct ActsPage {
    page: Page,
    acts: Vec<ActLine>,
    years: Vec<Choice>,
    types: Vec<Choice>,
    year: String,
    act_type: String,
    q: String,
    total: i64,
    current: i64,
    last: i64,
    pages_href: String,
    csv: String,
    rss: String,
}

pub async fn list(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let filter = asked.filter();
    let number: i64 = asked.pagina.trim().parse().unwrap_or(1).clamp(1, 100_000);
    let tenant = ctx.tenant_id().clone();
    let asked_for = filter.clone();
    let (list, total, years) = ctx
        .store()
        .read(move |tx| {
            let list = acts::list(tx, &tenant, &asked_for, PER_PAGE, (number - 1) * PER_PAGE)?;
            Ok::<_, Problem>((
                list,
                acts::count(tx, &tenant, &asked_for)?,
                acts::years(tx, &tenant)?,
            ))
        })
        .await?;
    let title = ctx.t("Ordinanze di viabilità", "Traffic ordinances").to_owned();
    let year = filter.year.map(|y| y.to_string()).unwrap_or_default();
    let act_type = filter
        .act_type
        .map(ActType::as_str)
        .unwrap_or_default()
        .to_owned();
    let query = format!("anno={year}&tipo={act_type}&q={}", encode(&asked.q));
    let pages_href = format!("/ordinanze?{query}&pagina=");
    render(&ActsPage {
        page: ctx.page(&title).crumb(ctx.t("Ordinanze", "Ordinances"), "").feed(
            "RSS",
            "application/rss+xml",
            format!("/ordinanze.rss?{query}"),
        ),
        csv: format!("/ordinanze.csv?{query}"),
        rss: format!("/ordinanze.rss?{query}"),
        acts: list.iter().map(|act| act_line(act, ctx.lang)).collect(),
        years: years
            .into_iter()
            .map(|(y, n)| Choice::new(y.to_string(), format!("{y} ({n})")))
            .collect(),
        types: ActType::ALL
            .iter()
            .map(|t| Choice::new(t.as_str(), t.label(ctx.lang)))
            .collect(),
        year,
        act_type,
        q: asked.q,
        total,
        current: number,
        last: ((total + PER_PAGE - 1) / PER_PAGE).max(1),
        pages_href,
    })
}

struct Row {
    place: String,
    measure: String,
    when: String,
    more: String,
}

#[derive(Template)]
#[template(path = "ordinanza.html")]
struct ActPage {
    page: Page,
    act_type: &'static str,
    facts: Vec<(&'static str, String)>,
    inferred: bool,
    rows: Vec<Row>,
    references: Vec<(String, String, String)>,
    protocols: Vec<String>,
    notes: Vec<(bool, String, bool)>,
    worksite: Option<(String, String)>,
    url: String,
    complete: bool,
}

pub async fn one(ctx: Ctx, Path((year, number)): Path<(i64, String)>) -> Result<Response, Problem> {
    let tenant = ctx.tenant_id().clone();
    let lang = ctx.lang;
    let found = ctx
        .store()
        .read(move |tx| {
            let Some((act, code)) = acts::one(tx, &tenant, year, &number)? else {
                return Ok(None);
            };
            let mut stored = Vec::new();
            for reference in &act.refers_to {
                let there = match ActNumber::parse(&reference.number) {
                    Some(n) => {
                        acts::one(tx, &tenant, n.year.into(), &n.seq.to_string())?.map(|(a, _)| a.path())
                    }
                    None => None,
                };
                stored.push(there.unwrap_or_default());
            }
            let worksite = worksites::one(tx, &tenant, &code)?
                .map(|(listed, _)| (listed.path(), listed.heading(lang).to_owned()));
            Ok::<_, Problem>(Some((act, stored, worksite)))
        })
        .await?;
    let (act, stored, worksite) =
        found.ok_or_else(|| Problem::not_found("There is no such ordinance in store"))?;
    let title = format!("{} {}", lang.t("Ordinanza", "Ordinance"), act.label(lang));
    let page = ctx
        .page(&title)
        .crumb(lang.t("Ordinanze", "Ordinances"), "/ordinanze")
        .crumb(act.year().to_string(), format!("/ordinanze?anno={}", act.year()))
        .crumb(act.label(lang), "")
        .describe(wording::title(act.title()));
    render(&ActPage {
        page,
        act_type: act.act_type.label(lang),
        facts: facts(&act, lang),
        inferred: act.number().is_some_and(|(_, inferred)| inferred),
        rows: rows(&act, lang),
        references: act
            .refers_to
            .iter()
            .zip(stored)
            .map(|(r, href)| {
                (
                    format!("{} {}", relation_words(r.relation(), lang), r.number),
                    href,
                    r.date.map(|d| d.display(lang)).unwrap_or_default(),
                )
            })
            .collect(),
        protocols: act
            .protocols
            .iter()
            .map(|p| {
                let parts = [
                    Some(p.kind.clone()),
                    p.number.clone(),
                    p.date.map(|d| d.display(lang)),
                    p.sender.clone(),
                ];
                parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
            })
            .collect(),
        notes: slips_of_act(&act)
            .into_iter()
            .map(|r| {
                (
                    r.is_contradiction(),
                    r.text(lang).to_owned(),
                    r.it == r.en && lang != Lang::It,
                )
            })
            .collect(),
        worksite,
        complete: act.complete,
        url: act.url,
    })
}

fn facts(act: &Ordinance, lang: Lang) -> Vec<(&'static str, String)> {
    let mut out = vec![(lang.t("Oggetto", "Subject"), wording::title(act.title()))];
    out.push((lang.t("Motivo", "Reason"), act.kind.label(lang).to_owned()));
    let told = [
        (lang.t("Firmata da", "Signed by"), &act.authority),
        (lang.t("Richiesta da", "Asked for by"), &act.requester),
        (lang.t("Azienda", "Company"), &act.applicant_company),
        (lang.t("Impresa", "Contractor"), &act.contractor),
    ];
    for (label, value) in told {
        if let Some(value) = value {
            out.push((label, wording::title(value)));
        }
    }
    if act.permanent {
        out.push((
            lang.t("Durata", "Duration"),
            lang.t("Permanente", "Permanent").to_owned(),
        ));
    }
    if let Some(end) = act.previous_end {
        out.push((lang.t("Termine precedente", "Previous end"), end.display(lang)));
    }
    if let Some(day) = act.event_date {
        out.push((
            lang.t("Giorno dell'evento", "Day of the event"),
            day.display(lang),
        ));
    }
    if let Some((from, to)) = act.event_window {
        out.push((
            lang.t("Evento", "Event"),
            format!("{} – {}", from.display(lang), to.display(lang)),
        ));
    }
    out
}

fn rows(act: &Ordinance, lang: Lang) -> Vec<Row> {
    act.measures
        .iter()
        .map(|m| {
            let stretch = m.stretch.as_deref().map(wording::stretch);
            let place = [m.street.as_deref(), stretch.as_deref()];
            let place = place.into_iter().flatten().collect::<Vec<_>>().join(", ");
            let from = m.from.map(|f| Before::From.moment(f, lang));
            let to = m.to.map(|t| headline::end_words(Some(t), words_of(m), lang));
            let more = [
                m.exceptions
                    .as_ref()
                    .map(|e| format!("{} {e}", lang.t("eccetto", "except"))),
                m.daily_hours
                    .as_ref()
                    .map(|h| format!("{} {h}", lang.t("orario", "hours"))),
                m.sides.clone(),
                m.direction
                    .as_ref()
                    .map(|d| format!("{} {d}", lang.t("direzione", "direction"))),
                m.street_source.as_ref().map(|_| {
                    lang.t("strada ricavata dalla premessa", "street taken from the premise")
                        .to_owned()
                }),
                m.confirmed_from
                    .as_ref()
                    .map(|n| format!("{} {n}", lang.t("come nella", "as in"))),
            ];
            Row {
                place: if place.is_empty() {
                    lang.t("Non riportata nel testo conservato", "Not in the stored text")
                        .to_owned()
                } else {
                    place
                },
                measure: measure::words(m.measure.as_deref().unwrap_or_default(), lang),
                when: upper_first(&[from, to].into_iter().flatten().collect::<Vec<_>>().join(", ")),
                more: upper_first(&more.into_iter().flatten().collect::<Vec<_>>().join("; ")),
            }
        })
        .collect()
}

fn words_of(m: &crate::model::MeasureRecord) -> crate::model::EndWords {
    use crate::model::EndWords;
    if m.until_needs_cease {
        EndWords::WhileNeeded
    } else if m.until_end_of_works_not_beyond {
        EndWords::EndOfWorksNotBeyond
    } else if m.not_beyond {
        EndWords::NotBeyond
    } else {
        EndWords::Plain
    }
}

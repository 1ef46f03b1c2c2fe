//! `/cantieri`: what happens on the streets, grouped by when, with map and day slider.

#![allow(
    clippy::cmp_owned,
    reason = "the shared select macro compares any two displayable values"
)]

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use bisenzio_kernel::{Lang, Problem, TenantId, format};
use bisenzio_store::Tx;
use bisenzio_web::{Ctx, Page, render};
use jiff::civil::Date;

use super::view::{Choice, Line, city_bounds, lines, works};
use crate::asked::Asked;
use crate::model::{Kind, Status};
use crate::store::filter::{Condition, Filter};
use crate::store::worksites::{self, Listed, Order};

const PER_GROUP: i64 = 100;
const PER_PAGE: i64 = 20;

/// A group of the list.
pub struct Section {
    pub heading: String,
    pub id: &'static str,
    pub total: i64,
    /// Where the rest is, when not all are shown.
    pub more_href: String,
    pub lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "cantieri.html")]
struct ListPage {
    page: Page,
    day: String,
    /// YYYY-MM
    month: String,
    day_words: String,
    asked: Asked,
    /// What of the address could not be read.
    notices: Vec<String>,
    /// What the map shows, in words.
    map_note: String,
    /// Where ended works are shown on the map too, or no longer.
    past_toggle: Option<String>,
    sections: Vec<Section>,
    empty_day: bool,
    nearest: Vec<(String, String)>,
    permanent: i64,
    undated: i64,
    filtered: bool,
    kinds: Vec<Choice>,
    statuses: Vec<Choice>,
    companies: Vec<Choice>,
    streets: Vec<Choice>,
    years: Vec<(String, String, bool)>,
    counts_url: String,
    geojson: String,
    bounds: String,
    feeds: Vec<(&'static str, &'static str, String)>,
    current: i64,
    last: i64,
    pages_href: String,
}

/// The worksites of a day, grouped.
pub struct Grouped {
    pub today: Vec<Listed>,
    pub week: Vec<Listed>,
    pub later: Vec<Listed>,
    pub past: Vec<Listed>,
    pub today_total: i64,
    pub week_total: i64,
    pub later_total: i64,
    pub past_total: i64,
}

/// Groups by when; `page` counts the pages of what is past.
///
/// # Errors
/// When the store fails.
pub fn grouped(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    filter: &Filter,
    day: Date,
    page: i64,
) -> Result<Grouped, Problem> {
    let base = || Condition::new(tenant, filter);
    let week_end = day
        .checked_add(jiff::Span::new().days(7))
        .unwrap_or(day)
        .to_string();
    let running = base().with_status(Status::Running, day);
    let mut week = base().with_status(Status::Planned, day);
    let n = week.bind(week_end.as_str());
    week.and(&format!("w.first_day <= {n}"));
    let mut later = base().with_status(Status::Planned, day);
    let n = later.bind(week_end.as_str());
    later.and(&format!("w.first_day > {n}"));
    let past = base().past(day);
    Ok(Grouped {
        today: worksites::list(tx, &running, Order::Gravest, PER_GROUP, 0)?,
        today_total: worksites::count(tx, &running)?,
        week: worksites::list(tx, &week, Order::Soonest, PER_GROUP, 0)?,
        week_total: worksites::count(tx, &week)?,
        later: worksites::list(tx, &later, Order::Soonest, PER_PAGE, 0)?,
        later_total: worksites::count(tx, &later)?,
        past: worksites::list(tx, &past, Order::Latest, PER_PAGE, (page - 1) * PER_PAGE)?,
        past_total: worksites::count(tx, &past)?,
    })
}

struct Found {
    sections: Vec<Section>,
    empty_day: bool,
    /// Works on the map without those that are over.
    on_map: i64,
    nearest: (Option<Date>, Option<Date>),
    permanent: i64,
    undated: i64,
    companies: Vec<(String, String, i64)>,
    streets: Vec<(String, String, i64)>,
    years: Vec<(i16, i64)>,
    paged: i64,
}

pub async fn page(ctx: Ctx, Query(mut asked): Query<Asked>) -> Result<Response, Problem> {
    let notices = asked.forgive(ctx.lang);
    let day = asked.day()?.unwrap_or_else(|| ctx.today());
    let (filter, status, number) = (asked.filter()?, asked.status()?, asked.page());
    let (tenant, lang, today) = (ctx.tenant_id().clone(), ctx.lang, ctx.today());
    let found = ctx
        .store()
        .read(move |tx| find(tx, &tenant, &filter, status, day, today, number, lang))
        .await?;
    let title = ctx
        .t(
            "Cantieri e modifiche alla viabilità",
            "Roadworks and traffic changes",
        )
        .to_owned();
    let t = |it: &'static str, en: &'static str| ctx.t(it, en);
    let feeds = vec![
        (
            t("Calendario (iCalendar)", "Calendar (iCalendar)"),
            "it-calendar",
            asked.address("/cantieri.ics", None),
        ),
        ("RSS", "it-rss", asked.address("/cantieri.rss", None)),
        (
            "GeoJSON",
            "it-map-marker",
            asked.address("/cantieri.geojson", None),
        ),
        ("CSV", "it-download", asked.address("/cantieri.csv", None)),
    ];
    let near = |day: Option<Date>| {
        day.map(|d| {
            (
                asked.address("/cantieri", Some(d)),
                format::date_with_weekday(d, ctx.lang),
            )
        })
    };
    let page = ctx
        .page(&title)
        .crumb(t("Cantieri", "Roadworks"), "")
        .describe(t(
            "I lavori sulle strade, oggi e nei prossimi giorni.",
            "Works on the streets, today and in the next days.",
        ))
        .feed("RSS", "application/rss+xml", asked.address("/cantieri.rss", None))
        .feed("iCalendar", "text/calendar", asked.address("/cantieri.ics", None))
        .feed(
            "GeoJSON",
            "application/geo+json",
            asked.address("/cantieri.geojson", None),
        )
        .with_map();
    let choose = |list: Vec<(String, String, i64)>| -> Vec<Choice> {
        list.into_iter()
            .map(|(slug, name, n)| Choice::new(slug, format!("{name} ({n})")))
            .collect()
    };
    let mut pages_href = asked.address("/cantieri", Some(day));
    pages_href.push_str("&pagina=");
    let template = ListPage {
        page,
        day: day.to_string(),
        month: day.strftime("%Y-%m").to_string(),
        day_words: format::date_with_weekday(day, ctx.lang),
        sections: found.sections,
        empty_day: found.empty_day,
        nearest: [near(found.nearest.0), near(found.nearest.1)]
            .into_iter()
            .flatten()
            .collect(),
        permanent: found.permanent,
        undated: found.undated,
        filtered: asked.has_filter(),
        kinds: Kind::ALL
            .iter()
            .map(|k| Choice::new(k.as_str(), k.label(ctx.lang)))
            .collect(),
        statuses: Status::ALL
            .iter()
            .map(|s| Choice::new(s.as_str(), s.label(ctx.lang)))
            .collect(),
        companies: choose(found.companies),
        streets: choose(found.streets),
        years: found
            .years
            .into_iter()
            .map(|(year, n)| {
                let first = Date::new(year, 1, 1).ok();
                (
                    asked.address("/cantieri", first),
                    format!("{year} ({n})"),
                    year == day.year(),
                )
            })
            .collect(),
        counts_url: asked.address("/cantieri/giorni.json", Some(day)),
        geojson: asked.address("/cantieri.geojson", Some(day)) + "&ambito=elenco",
        map_note: map_note(&ctx, &asked, status, found.on_map, day),
        past_toggle: status.is_none().then(|| past_toggle(&asked, day)),
        notices,
        bounds: city_bounds(&ctx.tenant),
        feeds,
        current: number,
        last: ((found.paged + PER_PAGE - 1) / PER_PAGE).max(1),
        pages_href,
        asked,
    };
    render(&template)
}

/// What stands under the map: it never leaves a reader guessing whether a street is closed.
fn map_note(ctx: &Ctx, asked: &Asked, status: Option<Status>, on_map: i64, day: Date) -> String {
    let when = format::date_with_weekday(day, ctx.lang);
    match (status, on_map) {
        (Some(status), _) => format!(
            "{} {} ({when}).",
            ctx.t("Sulla mappa, con questo stato:", "On the map, with this state:"),
            status.label(ctx.lang).to_lowercase()
        ),
        (None, 0) if !asked.with_past() => format!(
            "{} {when}.",
            ctx.t(
                "Sulla mappa non c'è nulla: nessun lavoro in corso, né previsto nei sette giorni seguenti,",
                "Nothing is on the map: no works running, nor planned within seven days,"
            )
        ),
        (None, _) => format!(
            "{} {when}{}.",
            ctx.t(
                "Sulla mappa: i lavori in corso e quelli dei sette giorni seguenti,",
                "On the map: works running and those of the seven days that follow,"
            ),
            if asked.with_past() {
                ctx.t(
                    " e, in grigio, quelli conclusi",
                    " and, in grey, those that are over",
                )
            } else {
                ""
            }
        ),
    }
}

fn past_toggle(asked: &Asked, day: Date) -> String {
    let other = Asked {
        conclusi: if asked.with_past() {
            String::new()
        } else {
            "1".into()
        },
        ..asked.clone()
    };
    other.address("/cantieri", Some(day))
}

#[allow(clippy::too_many_arguments, reason = "one question with all its parts")]
fn find(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    filter: &Filter,
    status: Option<Status>,
    day: Date,
    today: Date,
    number: i64,
    lang: Lang,
) -> Result<Found, Problem> {
    let mut sections = Vec::new();
    let mut empty_day = false;
    let paged;
    if let Some(status) = status {
        let condition = Condition::new(tenant, filter).with_status(status, day);
        let order = if status == Status::Planned {
            Order::Soonest
        } else {
            Order::Latest
        };
        let list = worksites::list(tx, &condition, order, PER_PAGE, (number - 1) * PER_PAGE)?;
        paged = worksites::count(tx, &condition)?;
        sections.push(Section {
            heading: status.label(lang).to_owned(),
            id: "stato",
            total: paged,
            more_href: String::new(),
            lines: lines(&list, day, lang),
        });
    } else {
        let all = grouped(tx, tenant, filter, day, number)?;
        empty_day = all.today_total == 0;
        paged = all.past_total;
        let on_day = if day == today {
            lang.t("Oggi", "Today").to_owned()
        } else {
            format::date(day, lang)
        };
        let groups = [
            (on_day, "oggi", all.today_total, &all.today),
            (
                lang.t("Nei sette giorni seguenti", "In the next seven days")
                    .to_owned(),
                "settimana",
                all.week_total,
                &all.week,
            ),
            (
                lang.t("Più avanti", "Later").to_owned(),
                "poi",
                all.later_total,
                &all.later,
            ),
            (
                lang.t("Conclusi", "Past").to_owned(),
                "conclusi",
                all.past_total,
                &all.past,
            ),
        ];
        for (heading, id, total, list) in groups {
            if total > 0 {
                sections.push(Section {
                    heading,
                    id,
                    total,
                    more_href: if id == "poi" && total > PER_PAGE {
                        format!("/cantieri?stato={}&giorno={day}", Status::Planned.as_str())
                    } else {
                        String::new()
                    },
                    lines: lines(list, day, lang),
                });
            }
        }
    }
    let on_map = worksites::count(tx, &Condition::new(tenant, filter).current(day))?;
    let base = Condition::new(tenant, filter);
    let nearest = if empty_day {
        worksites::nearest(tx, &base, day)?
    } else {
        (None, None)
    };
    let permanent = Condition::new(tenant, filter).with_status(Status::Permanent, day);
    let undated = Condition::new(tenant, filter).with_status(Status::Undated, day);
    Ok(Found {
        sections,
        empty_day,
        on_map,
        nearest,
        permanent: worksites::count(tx, &permanent)?,
        undated: worksites::count(tx, &undated)?,
        companies: worksites::companies(tx, tenant)?,
        streets: crate::store::streets::counts(tx, tenant)?,
        years: worksites::years(tx, tenant)?,
        paged,
    })
}

/// "3 lavori" for headings read aloud.
impl Section {
    pub fn count_words(&self, lang: &str) -> String {
        works(self.total, if lang == "en" { Lang::En } else { Lang::It })
    }
}

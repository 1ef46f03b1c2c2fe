//! `/cantieri/calendario?mese=YYYY-MM`: a month as a table.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use bisenzio_kernel::{Lang, Problem, format};
use bisenzio_web::{Ctx, Page, render};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use super::view::{Line, lines, works};
use crate::store::filter::{Condition, Filter};
use crate::store::worksites::{self, Listed, Order};

#[derive(Deserialize)]
pub struct Month {
    #[serde(default)]
    mese: String,
}

/// A day of the table; `number` 0 stands outside the month.
struct Cell {
    number: i8,
    href: String,
    count: usize,
    /// 1 to 4: how dark the cell is.
    heat: usize,
    today: bool,
}

#[derive(Template)]
#[template(path = "calendario.html")]
struct CalendarPage {
    page: Page,
    /// What of the address could not be read.
    notice: String,
    month: String,
    weekdays: Vec<&'static str>,
    weeks: Vec<Vec<Cell>>,
    previous: (String, String),
    next: (String, String),
    total: String,
    starting: Vec<Line>,
    years: Vec<(String, String)>,
    /// Days with works, for narrow screens.
    busy: Vec<Busy>,
}

/// A day of the list.
struct Busy {
    href: String,
    day: String,
    works: String,
    heat: usize,
}

pub async fn page(ctx: Ctx, Query(asked): Query<Month>) -> Result<Response, Problem> {
    let this_month = ctx.today().first_of_month();
    let (first, notice) = match first_day(&asked.mese) {
        Ok(first) => (first.unwrap_or(this_month), String::new()),
        Err(text) => (this_month, unread(&text, ctx.lang)),
    };
    let last = first.last_of_month();
    let tenant = ctx.tenant_id().clone();
    let (list, years) = ctx
        .store()
        .read(move |tx| {
            let mut condition = Condition::new(&tenant, &Filter::default());
            let (f, l) = (
                condition.bind(first.to_string()),
                condition.bind(last.to_string()),
            );
            condition.and(&format!(
                "w.permanent = 0 AND w.first_day <= {l} AND w.last_day >= {f}"
            ));
            let list = worksites::list(tx, &condition, Order::Gravest, 2000, 0)?;
            Ok::<_, Problem>((list, worksites::years(tx, &tenant)?))
        })
        .await?;
    let name = format::month(first, ctx.lang);
    let link = |day: Date| {
        (
            format!("/cantieri/calendario?mese={}", day.strftime("%Y-%m")),
            format::month(day, ctx.lang),
        )
    };
    let title = format!("{} {name}", ctx.t("Calendario dei lavori,", "Calendar of works,"));
    let page = ctx
        .page(&title)
        .crumb(ctx.t("Cantieri", "Roadworks"), "/cantieri")
        .crumb(ctx.t("Calendario", "Calendar"), "");
    let monday = Date::new(2024, 1, 1).unwrap_or(first);
    let template = CalendarPage {
        page,
        notice,
        month: name,
        weekdays: (0..7)
            .map(|n| format::weekday(monday.checked_add(n.days()).unwrap_or(monday), ctx.lang))
            .collect(),
        weeks: weeks(first, &list, &ctx),
        busy: busy(first, &list, &ctx),
        previous: link(first.checked_sub(1.month()).unwrap_or(first)),
        next: link(first.checked_add(1.month()).unwrap_or(first)),
        starting: {
            let mut begin: Vec<Listed> = list
                .iter()
                .filter(|l| l.days.first.is_some_and(|d| d >= first))
                .cloned()
                .collect();
            begin.sort_by_key(|l| l.days.first);
            lines(&begin, ctx.today(), ctx.lang)
        },
        total: works(i64::try_from(list.len()).unwrap_or(0), ctx.lang),
        years: years
            .into_iter()
            .map(|(year, n)| {
                (
                    format!("/cantieri/calendario?mese={year}-{:02}", first.month()),
                    format!("{year} ({n})"),
                )
            })
            .collect(),
    };
    render(&template)
}

/// For a month that cannot be read.
fn unread(text: &str, lang: Lang) -> String {
    let text: String = text.chars().take(40).collect();
    lang.t(
        "Il mese «{}» non si può leggere: si mostra questo mese. Un mese si scrive così: 2026-03.",
        "The month \"{}\" cannot be read: this month is shown. A month is written like 2026-03.",
    )
    .replace("{}", &text)
}

/// First day of the month asked for, `None` for none; the text that is no month.
fn first_day(text: &str) -> Result<Option<Date>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let read = (text.len() == 7)
        .then(|| format!("{text}-01").parse::<Date>().ok())
        .flatten();
    // The edges of the calendar have no neighbours to link to.
    read.filter(|day| (1000..=9998).contains(&day.year()))
        .map(Some)
        .ok_or_else(|| text.to_owned())
}

fn busy(first: Date, list: &[Listed], ctx: &Ctx) -> Vec<Busy> {
    first
        .series(1.day())
        .take_while(|day| *day <= first.last_of_month())
        .filter_map(|day| {
            let count = list.iter().filter(|l| l.days.covers(day)).count();
            (count > 0).then(|| Busy {
                href: format!("/cantieri?giorno={day}"),
                day: super::view::upper_first(&format::date_with_weekday(day, ctx.lang)),
                works: works(i64::try_from(count).unwrap_or(0), ctx.lang),
                heat: count.min(4),
            })
        })
        .collect()
}

fn weeks(first: Date, list: &[Listed], ctx: &Ctx) -> Vec<Vec<Cell>> {
    let blank = || Cell {
        number: 0,
        href: String::new(),
        count: 0,
        heat: 0,
        today: false,
    };
    let offset = first.weekday().to_monday_zero_offset();
    let mut cells: Vec<Cell> = (0..offset).map(|_| blank()).collect();
    for number in 1..=first.days_in_month() {
        let Ok(day) = Date::new(first.year(), first.month(), number) else {
            continue;
        };
        let running: Vec<&Listed> = list.iter().filter(|l| l.days.covers(day)).collect();
        cells.push(Cell {
            number,
            href: format!("/cantieri?giorno={day}"),
            count: running.len(),
            heat: running.len().min(4),
            today: day == ctx.today(),
        });
    }
    while !cells.len().is_multiple_of(7) {
        cells.push(blank());
    }
    let mut weeks = Vec::new();
    let mut rest = cells.into_iter().peekable();
    while rest.peek().is_some() {
        weeks.push(rest.by_ref().take(7).collect());
    }
    weeks
}

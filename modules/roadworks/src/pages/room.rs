//! `/situation-room`: the day in numbers, the map, and what needs a decision.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use bisenzio_kernel::{Lang, Problem, format};
use bisenzio_store::Tx;
use bisenzio_web::{Ctx, Page, render};
use jiff::civil::Date;
use serde::Deserialize;

use super::list::grouped;
use super::view::{Line, city_bounds, lines};
use crate::store::filter::{Condition, Filter};
use crate::store::rooms::{Counters, counters};
use crate::store::worksites::{self, Listed, Order};
use crate::store::{StoreErrorOr, places};

/// The most urgent; the whole queue is one link away.
const QUEUE: usize = 5;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    giorno: String,
    coda: String,
    /// Not empty: the whole queue.
    tutte: String,
}

/// A thing to decide, with its one next action.
struct Task {
    title: String,
    text: String,
    href: String,
    action: &'static str,
    /// Works that are over can wait.
    archive: bool,
}

#[derive(Template)]
#[template(path = "situation_room.html")]
struct RoomPage {
    page: Page,
    day: String,
    /// YYYY-MM
    month: String,
    day_words: String,
    /// What of the address could not be read.
    notices: Vec<String>,
    counters: Counters,
    queue: &'static str,
    tasks: Vec<Task>,
    more: i64,
    all_href: String,
    today: Vec<Line>,
    week: Vec<Line>,
    nearest: Vec<(String, String)>,
    geojson: String,
    counts_url: String,
    bounds: String,
}

/// Which list of decisions is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Queue {
    Unplaced,
    WithoutEnd,
    Contradictions,
}

impl Queue {
    fn parse(text: &str) -> Self {
        match text {
            "senza-fine" => Queue::WithoutEnd,
            "contraddizioni" => Queue::Contradictions,
            _ => Queue::Unplaced,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Queue::Unplaced => "da-collocare",
            Queue::WithoutEnd => "senza-fine",
            Queue::Contradictions => "contraddizioni",
        }
    }
}

pub async fn page(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let mut shared = crate::asked::Asked {
        giorno: asked.giorno,
        ..Default::default()
    };
    let notices = shared.forgive(ctx.lang);
    let day = shared.day()?.unwrap_or_else(|| ctx.today());
    let queue = Queue::parse(asked.coda.trim());
    let most = if asked.tutte.trim().is_empty() { QUEUE } else { 200 };
    let (tenant, lang) = (ctx.tenant_id().clone(), ctx.lang);
    let (numbers, groups, tasks, near) = ctx
        .store()
        .read(move |tx| {
            let everything = Filter::default();
            let numbers = counters(tx, &tenant, day)?;
            let groups = grouped(tx, &tenant, &everything, day, 1)?;
            let near = worksites::nearest(tx, &Condition::new(&tenant, &everything), day)?;
            let tasks = tasks(tx, &tenant, queue, most, day, lang)?;
            Ok::<_, Problem>((numbers, groups, tasks, near))
        })
        .await?;
    let total = match queue {
        Queue::Unplaced => numbers.unplaced,
        Queue::WithoutEnd => numbers.without_end,
        Queue::Contradictions => numbers.contradictory,
    };
    let nearest = if groups.today.is_empty() {
        let link = |d: Date| {
            (
                format!("/situation-room?giorno={d}"),
                format::date_with_weekday(d, lang),
            )
        };
        [near.0, near.1].into_iter().flatten().map(link).collect()
    } else {
        Vec::new()
    };
    let shown = i64::try_from(tasks.len()).unwrap_or(0);
    let page = ctx.page("Situation Room").crumb("Situation Room", "").with_map();
    render(&RoomPage {
        page,
        day: day.to_string(),
        month: day.strftime("%Y-%m").to_string(),
        day_words: format::date_with_weekday(day, lang),
        notices,
        counters: numbers,
        queue: queue.as_str(),
        tasks,
        more: (total - shown).max(0),
        all_href: match queue {
            Queue::Unplaced => "/situation-room/da-collocare".to_owned(),
            other => format!(
                "/situation-room?coda={}&tutte=1&giorno={day}#decidere",
                other.as_str()
            ),
        },
        today: lines(&groups.today, day, lang),
        week: lines(&groups.week, day, lang),
        nearest,
        geojson: format!("/cantieri.geojson?giorno={day}&ambito=elenco"),
        counts_url: format!("/cantieri/giorni.json?giorno={day}"),
        bounds: city_bounds(&ctx.tenant),
    })
}

fn tasks(
    tx: &mut Tx<'_>,
    tenant: &bisenzio_kernel::TenantId,
    queue: Queue,
    most: usize,
    day: Date,
    lang: Lang,
) -> StoreErrorOr<Vec<Task>> {
    if queue == Queue::Unplaced {
        let list = places::unplaced(tx, tenant, day, i64::try_from(most).unwrap_or(0), 0)?;
        return Ok(list
            .into_iter()
            .map(|p| Task {
                title: p.label.clone(),
                text: format!("{} · {}", p.code, lang.t(&p.heading_it, &p.heading_en)),
                href: format!("/situation-room/da-collocare/{}/{}", p.code, p.seq),
                action: lang.t("Colloca sulla mappa", "Place on the map"),
                archive: !p.live,
            })
            .collect());
    }
    let mut condition = Condition::new(tenant, &Filter::default());
    match queue {
        Queue::WithoutEnd => {
            let n = condition.bind(day.to_string());
            condition.and(&format!(
                "w.open_end = 1 AND w.first_day <= {n} AND (w.revoked_day IS NULL OR w.revoked_day > {n})"
            ));
        }
        _ => condition.and("w.contradictions > 0"),
    }
    let mut list = worksites::list(tx, &condition, Order::Latest, 200, 0)?;
    list.sort_by_key(|w| (w.status(day).is_over(), std::cmp::Reverse(w.severity)));
    list.truncate(most);
    let task = |w: &Listed| {
        let (text, action) = match queue {
            Queue::WithoutEnd => (
                w.days
                    .first
                    .map(|d| format!("{} {}", lang.t("Iniziato il", "Began on"), format::date(d, lang)))
                    .unwrap_or_default(),
                lang.t("Verifica la fine", "Check the end"),
            ),
            _ => (
                upper(&w.works),
                lang.t("Leggi le annotazioni", "Read the remarks"),
            ),
        };
        let anchor = if queue == Queue::Contradictions {
            "#annotazioni"
        } else {
            ""
        };
        Task {
            title: w.heading(lang).to_owned(),
            text: format!("{} · {text}", w.code),
            href: format!("{}{anchor}", w.path()),
            action,
            archive: w.status(day).is_over(),
        }
    };
    Ok(list.iter().map(task).collect())
}

fn upper(text: &str) -> String {
    super::view::upper_first(text)
}

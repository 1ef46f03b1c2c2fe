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

/// As many as fit beside the map; the whole queue has a page of its own.
const QUEUE: i64 = 6;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    giorno: String,
    coda: String,
}

/// A thing to decide, with its one next action.
struct Task {
    title: String,
    text: String,
    href: String,
    action: &'static str,
}

#[derive(Template)]
#[template(path = "situation_room.html")]
struct RoomPage {
    page: Page,
    day: String,
    day_words: String,
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
    let shared = crate::asked::Asked {
        giorno: asked.giorno,
        ..Default::default()
    };
    let day = shared.day()?.unwrap_or_else(|| ctx.today());
    let queue = Queue::parse(asked.coda.trim());
    let (tenant, lang) = (ctx.tenant_id().clone(), ctx.lang);
    let (numbers, groups, tasks, near) = ctx
        .store()
        .read(move |tx| {
            let everything = Filter::default();
            let numbers = counters(tx, &tenant, day)?;
            let groups = grouped(tx, &tenant, &everything, day, 1)?;
            let near = worksites::nearest(tx, &Condition::new(&tenant, &everything), day)?;
            let tasks = tasks(tx, &tenant, queue, day, lang)?;
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
        day_words: format::date_with_weekday(day, lang),
        counters: numbers,
        queue: queue.as_str(),
        tasks,
        more: (total - shown).max(0),
        all_href: match queue {
            Queue::Unplaced => "/situation-room/da-collocare".to_owned(),
            Queue::WithoutEnd => format!("/cantieri?stato=da-verificare&giorno={day}"),
            Queue::Contradictions => String::new(),
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
    day: Date,
    lang: Lang,
) -> StoreErrorOr<Vec<Task>> {
    if queue == Queue::Unplaced {
        let list = places::unplaced(tx, tenant, QUEUE, 0)?;
        return Ok(list
            .into_iter()
            .map(|p| Task {
                title: p.label.clone(),
                text: format!("{} · {}", p.code, lang.t(&p.heading_it, &p.heading_en)),
                href: format!("/situation-room/da-collocare/{}/{}", p.code, p.seq),
                action: lang.t("Colloca sulla mappa", "Place on the map"),
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
    // Contradictions have no list elsewhere: all of them stand here.
    let most = if queue == Queue::Contradictions {
        200
    } else {
        QUEUE
    };
    let list = worksites::list(tx, &condition, Order::Latest, most, 0)?;
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
        }
    };
    Ok(list.iter().map(task).collect())
}

fn upper(text: &str) -> String {
    super::view::upper_first(text)
}

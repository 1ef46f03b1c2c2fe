//! Two blocks of the home page: today in the city, and the latest ordinances.

use askama::Template;
use bisenzio_kernel::{Problem, format};
use bisenzio_module::HomeBlock;
use bisenzio_web::{Ctx, Page};

use super::acts::{ActLine, act_line};
use super::list::grouped;
use super::view::{Line, city_bounds, lines};
use crate::store::acts::{self, ActFilter};
use crate::store::filter::{Condition, Filter};
use crate::store::worksites;

const LINES: usize = 5;

#[derive(Template)]
#[template(path = "home_oggi.html")]
struct TodayBlock {
    page: Page,
    heading: String,
    note: &'static str,
    /// Under the map, where it shows another day than today.
    caption: String,
    lines: Vec<Line>,
    more: i64,
    day: String,
    geojson: String,
    bounds: String,
}

#[derive(Template)]
#[template(path = "home_ordinanze.html")]
struct ActsBlock {
    page: Page,
    acts: Vec<ActLine>,
}

/// # Errors
/// When the store fails.
pub async fn home(ctx: &Ctx) -> Result<Vec<HomeBlock>, Problem> {
    let (tenant, today, lang) = (ctx.tenant_id().clone(), ctx.today(), ctx.lang);
    let (day, ahead, found, acts_list) = ctx
        .store()
        .read(move |tx| {
            let everything = Filter::default();
            let mut day = today;
            let mut ahead = true;
            let mut found = grouped(tx, &tenant, &everything, day, 1)?;
            if found.today.is_empty() {
                // An empty day helps nobody: the nearest one with works is shown, and says so.
                let near = worksites::nearest(tx, &Condition::new(&tenant, &everything), day)?;
                if let Some(other) = near.1.or(near.0) {
                    day = other;
                    ahead = near.1.is_some();
                    found = grouped(tx, &tenant, &everything, day, 1)?;
                }
            }
            let acts_list = acts::list(tx, &tenant, &ActFilter::default(), 5, 0)?;
            Ok::<_, Problem>((day, ahead, found, acts_list))
        })
        .await?;
    let elsewhen = day != today && !found.today.is_empty();
    let date = format::date(day, lang);
    let (heading, note, caption) = match (elsewhen, ahead) {
        (false, _) => (
            ctx.t("Oggi in città", "Today in the city").to_owned(),
            "",
            String::new(),
        ),
        (true, true) => (
            format!(
                "{} {date}",
                ctx.t("Il prossimo giorno con lavori:", "The next day with works:")
            ),
            ctx.t(
                "Oggi non ci sono lavori registrati.",
                "No works are recorded today.",
            ),
            format!(
                "{} {date}.",
                ctx.t(
                    "Sulla mappa: i lavori previsti per il giorno",
                    "On the map: works planned for"
                )
            ),
        ),
        (true, false) => (
            format!(
                "{} {date}",
                ctx.t("L'ultimo giorno con lavori:", "The last day with works:")
            ),
            ctx.t(
                "Oggi non ci sono lavori registrati.",
                "No works are recorded today.",
            ),
            format!(
                "{} {}.",
                ctx.t(
                    "Sulla mappa: i lavori in corso il giorno",
                    "On the map: works running on"
                ),
                ctx.t("{}, oggi conclusi", "{}, over by now").replace("{}", &date)
            ),
        ),
    };
    let shown: Vec<_> = found.today.iter().take(LINES).cloned().collect();
    let block = TodayBlock {
        page: ctx.page(""),
        heading,
        note,
        caption,
        more: found.today_total - i64::try_from(shown.len()).unwrap_or(0),
        // Badges tell how things stand today, whatever day is shown.
        lines: lines(&shown, today, lang),
        day: day.to_string(),
        geojson: format!("/cantieri.geojson?giorno={day}&stato=in-corso"),
        bounds: city_bounds(&ctx.tenant),
    };
    let mut out = vec![HomeBlock {
        position: 10,
        html: html(&block)?,
        map: true,
    }];
    if !acts_list.is_empty() {
        let block = ActsBlock {
            page: ctx.page(""),
            acts: acts_list.iter().map(|act| act_line(act, lang)).collect(),
        };
        out.push(HomeBlock {
            position: 40,
            html: html(&block)?,
            map: false,
        });
    }
    Ok(out)
}

fn html(template: &impl Template) -> Result<String, Problem> {
    template.render().map_err(|error| {
        tracing::error!(%error, "template");
        Problem::internal()
    })
}

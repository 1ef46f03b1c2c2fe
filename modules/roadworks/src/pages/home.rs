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
    note: String,
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
    let (day, found, acts_list) = ctx
        .store()
        .read(move |tx| {
            let everything = Filter::default();
            let mut day = today;
            let mut found = grouped(tx, &tenant, &everything, day, 1)?;
            if found.today.is_empty() {
                // An empty day helps nobody: the nearest one with works is shown, and says so.
                let near = worksites::nearest(tx, &Condition::new(&tenant, &everything), day)?;
                if let Some(other) = near.1.or(near.0) {
                    day = other;
                    found = grouped(tx, &tenant, &everything, day, 1)?;
                }
            }
            let acts_list = acts::list(tx, &tenant, &ActFilter::default(), 5, 0)?;
            Ok::<_, Problem>((day, found, acts_list))
        })
        .await?;
    let note = if day == today || found.today.is_empty() {
        String::new()
    } else {
        format!(
            "{} {}.",
            ctx.t(
                "Oggi nessun lavoro registrato. Il giorno più vicino con lavori è",
                "No works recorded today. The nearest day with works is"
            ),
            format::date_with_weekday(day, lang)
        )
    };
    let shown: Vec<_> = found.today.iter().take(LINES).cloned().collect();
    let block = TodayBlock {
        page: ctx.page(""),
        heading: ctx.t("Oggi in città", "Today in the city").to_owned(),
        note,
        more: found.today_total - i64::try_from(shown.len()).unwrap_or(0),
        lines: lines(&shown, day, lang),
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

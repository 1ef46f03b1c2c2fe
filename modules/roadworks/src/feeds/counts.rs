//! `/cantieri/giorni.json`: how many works run on each day of a year, for the slider.

use axum::Json;
use axum::extract::Query;
use bisenzio_kernel::Problem;
use bisenzio_web::Ctx;
use jiff::civil::Date;
use serde::Serialize;

use crate::asked::Asked;
use crate::store::filter::Condition;
use crate::store::worksites;

/// Works per day from a day on, without gaps.
#[derive(Debug, Serialize)]
pub struct Counts {
    from: String,
    counts: Vec<u32>,
    today: String,
}

pub async fn feed(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Json<Counts>, Problem> {
    let filter = asked.filter()?;
    let year = asked.day()?.unwrap_or_else(|| ctx.today()).year();
    let edge =
        |month, day| Date::new(year, month, day).map_err(|_| Problem::bad_request("The day cannot be shown"));
    let (from, to) = (edge(1, 1)?, edge(12, 31)?);
    let tenant = ctx.tenant_id().clone();
    let list = ctx
        .store()
        .read(move |tx| {
            worksites::occupations(tx, &Condition::new(&tenant, &filter), from, to).map_err(Problem::from)
        })
        .await?;
    let counts = from
        .series(jiff::Span::new().days(1))
        .take_while(|day| *day <= to)
        .map(|day| {
            list.iter()
                .filter(|(days, _)| days.covers(day))
                .fold(0, |n, _| n + 1)
        })
        .collect();
    Ok(Json(Counts {
        from: from.to_string(),
        counts,
        today: ctx.today().to_string(),
    }))
}

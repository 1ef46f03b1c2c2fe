//! The same list for programs: GeoJSON, iCalendar, RSS, CSV, and counts by day.

mod acts;
mod calendar;
mod counts;
mod csv;
mod geojson;
mod rss;

use axum::http::Method;
use bisenzio_kernel::Problem;
use bisenzio_web::{Access, Ctx, Routes};
use jiff::civil::Date;

use crate::asked::Asked;
use crate::store::filter::Condition;
use crate::store::worksites::{self, Listed, Order};

/// Most worksites in one answer.
const MOST: i64 = 5000;

pub fn routes() -> Routes {
    let get = Method::GET;
    Routes::new()
        .api(get.clone(), "/cantieri.geojson", Access::Public, geojson::feed)
        .api(get.clone(), "/cantieri.ics", Access::Public, calendar::feed)
        .api(get.clone(), "/cantieri.rss", Access::Public, rss::feed)
        .api(get.clone(), "/cantieri.csv", Access::Public, csv::feed)
        .api(get.clone(), "/ordinanze.csv", Access::Public, acts::table)
        .api(get.clone(), "/ordinanze.rss", Access::Public, acts::feed)
        .api(get, "/cantieri/giorni.json", Access::Public, counts::feed)
}

/// Everything that matches the filters, newest first, with the day on which statuses are told. With a day,
/// only what touches it; with a status, only what has it on that day.
async fn matching(ctx: &Ctx, asked: &Asked, most: i64) -> Result<(Vec<Listed>, Date), Problem> {
    let (filter, status, asked_day) = (asked.filter()?, asked.status()?, asked.day()?);
    let day = asked_day.unwrap_or_else(|| ctx.today());
    let tenant = ctx.tenant_id().clone();
    let list = ctx
        .store()
        .read(move |tx| {
            let mut condition = Condition::new(&tenant, &filter);
            if let Some(status) = status {
                condition = condition.with_status(status, day);
            } else if asked_day.is_some() {
                let n = condition.bind(day.to_string());
                condition.and(&format!(
                    "w.first_day <= {n} AND (w.last_day IS NULL OR w.last_day >= {n})"
                ));
            }
            worksites::list(tx, &condition, Order::Latest, most, 0).map_err(Problem::from)
        })
        .await?;
    Ok((list, day))
}

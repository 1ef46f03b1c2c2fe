//! `/cantieri.rss`: the newest fifty worksites (RSS 2.0).

use axum::extract::Query;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Ctx, text_as};
use jiff::tz::TimeZone;
use rss::{Channel, Guid, Item};

use crate::asked::Asked;
use crate::model::{Before, measure};
use crate::store::worksites::Listed;

const ITEMS: i64 = 50;

pub async fn feed(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let (list, day) = super::matching(&ctx, &asked, ITEMS).await?;
    let items: Vec<Item> = list
        .iter()
        .map(|work| {
            let url = format!("{}{}", ctx.base_url, work.path());
            let mut item = Item::default();
            item.set_title(format!("{}: {}", work.heading(ctx.lang), work.works));
            item.set_description(description(work, &ctx, day));
            item.set_guid(Guid {
                value: url.clone(),
                permalink: true,
            });
            item.set_link(url);
            item.set_pub_date(date(work, &ctx));
            item
        })
        .collect();
    let mut channel = Channel::default();
    channel.set_title(format!(
        "{} – {}",
        ctx.t("Cantieri", "Roadworks"),
        ctx.tenant.name
    ));
    channel.set_link(format!("{}/cantieri", ctx.base_url));
    channel.set_description(ctx.t("Lavori ed eventi sulle strade", "Works and events on the streets"));
    channel.set_language(ctx.lang.as_str().to_owned());
    channel.set_items(items);
    Ok(text_as("application/rss+xml; charset=utf-8", channel.to_string()))
}

fn description(work: &Listed, ctx: &Ctx, day: jiff::civil::Date) -> String {
    let mut parts = vec![
        measure::severity_words(work.severity, ctx.lang).to_owned(),
        work.status(day).label(ctx.lang).to_owned(),
    ];
    if let Some(first) = work.days.first {
        parts.push(Before::From.date(first, ctx.lang));
    }
    if let Some(last) = work.told_end {
        parts.push(Before::To.date(last, ctx.lang));
    }
    if !work.company.is_empty() {
        parts.push(work.company.clone());
    }
    parts.join(", ")
}

/// RFC 2822, at the first minute of the first day.
fn date(work: &Listed, ctx: &Ctx) -> Option<String> {
    let zone = TimeZone::get(&ctx.tenant.timezone).unwrap_or(TimeZone::UTC);
    let start = work.days.first?.to_zoned(zone).ok()?;
    jiff::fmt::rfc2822::to_string(&start).ok()
}

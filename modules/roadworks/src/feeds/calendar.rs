//! `/cantieri.ics`: worksites as events (RFC 5545).

use axum::extract::Query;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Ctx, text_as};
use icalendar::{Calendar, Component, Event, EventLike};
use jiff::civil::Date;

use crate::asked::Asked;
use crate::model::measure;
use crate::store::worksites::Listed;

pub async fn feed(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let (list, day) = super::matching(&ctx, &asked, super::MOST).await?;
    let mut calendar = Calendar::new();
    calendar.name(&format!(
        "{} – {}",
        ctx.t("Cantieri", "Roadworks"),
        ctx.tenant.name
    ));
    for work in list.iter().filter(|w| !w.days.permanent) {
        if let Some(event) = event(work, &ctx, day) {
            calendar.push(event);
        }
    }
    Ok(text_as(
        "text/calendar; charset=utf-8",
        calendar.done().to_string(),
    ))
}

/// All-day events: civil days need no time zone. `DTEND` is the day after the last (RFC 5545, 3.6.1).
fn event(work: &Listed, ctx: &Ctx, day: Date) -> Option<Event> {
    let first = work.days.first?;
    let after = work.told_end.unwrap_or(first).max(first).tomorrow().ok()?;
    let url = format!("{}{}", ctx.base_url, work.path());
    let mut event = Event::new();
    let stamp = |d: Date| d.strftime("%Y%m%d").to_string();
    event
        .uid(&format!("{}@{}.roadworks", work.code, ctx.tenant.id))
        .summary(&format!("{}: {}", work.heading(ctx.lang), work.works))
        .description(&format!(
            "{}. {}. {}\n{url}",
            measure::severity_words(work.severity, ctx.lang),
            work.status(day).label(ctx.lang),
            work.company
        ))
        .url(&url)
        .location(work.heading(ctx.lang));
    event.append_property(
        icalendar::Property::new("DTSTART", stamp(first))
            .add_parameter("VALUE", "DATE")
            .done(),
    );
    event.append_property(
        icalendar::Property::new("DTEND", stamp(after))
            .add_parameter("VALUE", "DATE")
            .done(),
    );
    // The instant of the feed would make every copy differ: the day of the first act is stable.
    event.append_property(icalendar::Property::new("DTSTAMP", format!("{}T000000Z", stamp(first))).done());
    Some(event.done())
}

//! `/ordinanze.csv` (RFC 4180) and `/ordinanze.rss` (RSS 2.0): the list of ordinances for programs.

use axum::extract::Query;
use axum::response::Response;
use bisenzio_kernel::{Lang, Problem};
use bisenzio_web::{Ctx, download, text_as};
use rss::{Channel, Guid, Item};

use super::csv::guarded;
use crate::pages::{ActLine, ActsAsked, act_line};
use crate::store::acts::{self, ListedAct};

/// Most ordinances in a table, and newest in a feed.
const MOST: i64 = 20_000;
const ITEMS: i64 = 50;

const HEADER: [&str; 9] = [
    "anno",
    "numero",
    "oggetto",
    "tipo",
    "motivo",
    "inizio",
    "fine",
    "permanente",
    "indirizzo_web",
];

async fn matching(ctx: &Ctx, asked: &ActsAsked, most: i64) -> Result<Vec<ListedAct>, Problem> {
    let (tenant, filter) = (ctx.tenant_id().clone(), asked.filter());
    ctx.store()
        .read(move |tx| acts::list(tx, &tenant, &filter, most, 0).map_err(Problem::from))
        .await
}

pub async fn table(ctx: Ctx, Query(asked): Query<ActsAsked>) -> Result<Response, Problem> {
    let failed = |error: csv::Error| {
        tracing::error!(%error, "CSV");
        Problem::internal()
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER).map_err(failed)?;
    for act in matching(&ctx, &asked, MOST).await? {
        let line = act_line(&act, Lang::It);
        let text = |day: Option<jiff::civil::Date>| day.map(|d| d.to_string()).unwrap_or_default();
        let cells = [
            act.year.to_string(),
            if act.seq > 0 {
                act.seq.to_string()
            } else {
                String::new()
            },
            line.title,
            line.act_type.to_owned(),
            line.kind.to_owned(),
            text(act.first),
            text(act.last),
            if act.permanent { "si".into() } else { "no".into() },
            format!("{}{}", ctx.base_url, line.href),
        ];
        writer
            .write_record(cells.map(|cell| guarded(&cell)))
            .map_err(failed)?;
    }
    let body = writer.into_inner().map_err(|_| Problem::internal())?;
    Ok(download("text/csv; charset=utf-8", "ordinanze.csv", body))
}

pub async fn feed(ctx: Ctx, Query(asked): Query<ActsAsked>) -> Result<Response, Problem> {
    let item = |act: &ListedAct| {
        let line: ActLine = act_line(act, ctx.lang);
        let url = format!("{}{}", ctx.base_url, line.href);
        let told = [
            line.act_type.to_owned(),
            line.kind.to_owned(),
            line.period.clone(),
        ];
        let mut item = Item::default();
        item.set_title(line.link.clone());
        item.set_description(
            told.into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
        );
        item.set_guid(Guid {
            value: url.clone(),
            permalink: true,
        });
        item.set_link(url);
        item
    };
    let list = matching(&ctx, &asked, ITEMS).await?;
    let mut channel = Channel::default();
    channel.set_title(format!(
        "{} – {}",
        ctx.t("Ordinanze di viabilità", "Traffic ordinances"),
        ctx.tenant.name
    ));
    channel.set_link(format!("{}/ordinanze", ctx.base_url));
    channel.set_description(ctx.t(
        "Gli atti che cambiano la circolazione e la sosta",
        "The acts that change traffic and parking",
    ));
    channel.set_language(ctx.lang.as_str().to_owned());
    channel.set_items(list.iter().map(item).collect::<Vec<_>>());
    Ok(text_as("application/rss+xml; charset=utf-8", channel.to_string()))
}

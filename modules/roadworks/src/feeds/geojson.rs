//! `/cantieri.geojson`: one feature per line (RFC 7946), with what the map component shows.

use std::collections::BTreeMap;

use axum::extract::Query;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Ctx, text_as};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::asked::Asked;
use crate::model::headline;
use crate::store::filter::Condition;
use crate::store::places;
use crate::store::worksites::{self, Listed, Order};

/// `ambito=elenco`: what a map beside a list shows for the day: running or planned, with `conclusi=1` also over.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Scope {
    ambito: String,
}

pub async fn feed(
    ctx: Ctx,
    Query(asked): Query<Asked>,
    Query(scope): Query<Scope>,
) -> Result<Response, Problem> {
    let (list, day) = if scope.ambito == "elenco" && asked.stato.is_empty() {
        let (filter, past) = (asked.filter()?, asked.with_past());
        let day = asked.day()?.unwrap_or_else(|| ctx.today());
        let tenant = ctx.tenant_id().clone();
        let list = ctx
            .store()
            .read(move |tx| {
                let base = || Condition::new(&tenant, &filter);
                let mut list = worksites::list(tx, &base().current(day), Order::Soonest, super::MOST, 0)?;
                if past {
                    list.extend(worksites::list(
                        tx,
                        &base().past(day),
                        Order::Latest,
                        super::MOST,
                        0,
                    )?);
                }
                Ok::<_, Problem>(list)
            })
            .await?;
        (list, day)
    } else {
        super::matching(&ctx, &asked, super::MOST).await?
    };
    let tenant = ctx.tenant_id().clone();
    let codes: BTreeMap<String, Listed> = list.into_iter().map(|l| (l.code.clone(), l)).collect();
    let filter = asked.filter()?;
    let drawn = ctx
        .store()
        .read(move |tx| places::drawn(tx, &Condition::new(&tenant, &filter)).map_err(Problem::from))
        .await?;
    let mut features: Vec<Value> = Vec::new();
    for place in drawn {
        let Some(work) = codes.get(&place.code) else {
            continue;
        };
        let properties = json!({
            "id": work.code,
            "title": work.heading(ctx.lang),
            "street": place.label,
            "severity": place.severity,
            "status": work.status(day).label(ctx.lang),
            "status_code": work.status(day).as_str(),
            "over": work.status(day).is_over(),
            "kind": work.kind.as_str(),
            "works": headline::lower_first(&work.works),
            "company": work.company,
            "precision": place.precision.as_str(),
            "starts": work.days.first.map(|d| d.to_string()),
            "ends": work.told_end.map(|d| d.to_string()),
            "url": format!("{}{}", ctx.base_url, work.path()),
            "path": work.path(),
        });
        // One line each: renderers tell a LineString from its multiple form differently.
        for line in &place.lines {
            let geometry = json!({ "type": "LineString", "coordinates": line });
            features.push(json!({ "type": "Feature", "geometry": geometry, "properties": properties }));
        }
    }
    let collection = json!({ "type": "FeatureCollection", "features": features });
    Ok(text_as("application/geo+json", collection.to_string()))
}

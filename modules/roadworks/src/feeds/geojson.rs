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
use crate::pages::grouped;
use crate::store::filter::Condition;
use crate::store::places;
use crate::store::worksites::Listed;

/// `ambito=elenco`: what the list of `/cantieri` shows for the day, nothing more.
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
        let (filter, page) = (asked.filter()?, asked.page());
        let day = asked.day()?.unwrap_or_else(|| ctx.today());
        let tenant = ctx.tenant_id().clone();
        let all = ctx
            .store()
            .read(move |tx| grouped(tx, &tenant, &filter, day, page))
            .await?;
        let near: Vec<Listed> = [all.today, all.week, all.later].into_iter().flatten().collect();
        (if near.is_empty() { all.past } else { near }, day)
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
            "kind": work.kind.as_str(),
            "works": headline::lower_first(&work.works),
            "company": work.company,
            "precision": place.precision.as_str(),
            "starts": work.days.first.map(|d| d.to_string()),
            "ends": work.told_end.map(|d| d.to_string()),
            "url": work.path(),
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

//! Worksites.

use axum::Json;
use axum::extract::{Path, Query};
use bisenzio_kernel::{Lang, Problem};
use bisenzio_web::Ctx;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{Paged, paging};
use crate::asked::Asked;
use crate::model::{Worksite, headline, measure};
use crate::placing::geojson;
use crate::store::filter::Condition;
use crate::store::worksites::{self, Listed, Order};

/// What worksites are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WorksiteQuery {
    /// Day on which statuses are told (YYYY-MM-DD; today when absent). Without `status`, only worksites that
    /// touch the day are listed when it is given.
    pub day: Option<String>,
    /// Street, by name or as in the page's address.
    pub street: Option<String>,
    /// Company, by name.
    pub company: Option<String>,
    /// `roadworks`, `urgent_works`, `event`, ...
    pub kind: Option<String>,
    /// `in-corso`, `previsto`, `sospeso`, `da-verificare`, `concluso`, `revocato`, `permanente`, `senza-date`.
    pub status: Option<String>,
    /// Words that must all be there.
    pub q: Option<String>,
    /// From 1.
    pub page: Option<i64>,
    /// At most 500; 50 when absent.
    pub size: Option<i64>,
}

/// A worksite in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorksiteItem {
    /// "2026-0143"
    pub code: String,
    pub title: String,
    pub works: String,
    pub kind: String,
    pub status: String,
    /// 1 light, 2 serious, 3 street closed.
    pub severity: u8,
    pub company: String,
    /// First day, YYYY-MM-DD.
    pub starts: Option<String>,
    /// Last day as acts tell it.
    pub ends: Option<String>,
    /// Began, and no act tells when it ends.
    pub open_end: bool,
    /// Address of the page.
    pub url: String,
}

/// A worksite with everything that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorksiteDetail {
    #[serde(flatten)]
    pub item: WorksiteItem,
    /// One sentence.
    pub headline: String,
    pub short_url: String,
    pub measures: Vec<MeasureItem>,
    pub detours: Vec<String>,
    /// Numbers of the acts in order; those not in store have no address.
    pub acts: Vec<ActRef>,
    pub remarks: Vec<RemarkItem>,
    /// GeoJSON LineString or MultiLineString (WGS 84).
    #[schema(value_type = Option<Object>)]
    pub geometry: Option<Value>,
}

/// A measure in force for some time at one place.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeasureItem {
    /// Code of the municipal vocabulary, such as `divieto_di_transito`.
    pub code: String,
    pub name: String,
    pub street: Option<String>,
    pub stretch: Option<String>,
    /// `stretch`, `whole-street`, `placed-by-hand` or `unmatched`.
    pub precision: String,
    /// Identifiers of network links.
    pub links: Vec<String>,
    pub exceptions: Option<String>,
    pub direction: Option<String>,
    /// Civil date or date-time in the city's zone.
    pub from: Option<String>,
    pub to: Option<String>,
    /// Act or notice that orders it.
    pub source: String,
    /// Act that took it away.
    pub ended_by: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ActRef {
    pub number: String,
    pub in_store: bool,
    pub url: Option<String>,
    /// Where the act is published.
    pub source: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RemarkItem {
    /// `contradiction`, `inferred`, `missing` or `note`.
    #[schema(value_type = String)]
    pub kind: crate::model::RemarkKind,
    pub about: String,
    pub it: String,
    pub en: String,
}

fn item(work: &Listed, ctx: &Ctx, day: Date) -> WorksiteItem {
    WorksiteItem {
        code: work.code.clone(),
        title: work.heading(ctx.lang).to_owned(),
        works: work.works.clone(),
        kind: work.kind.as_str().to_owned(),
        status: work.status(day).as_str().to_owned(),
        severity: work.severity,
        company: work.company.clone(),
        starts: work.days.first.map(|d| d.to_string()),
        ends: work.told_end.map(|d| d.to_string()),
        open_end: work.days.open_end,
        url: format!("{}{}", ctx.base_url, work.path()),
    }
}

/// Lists worksites, newest first.
#[utoipa::path(get, path = "/api/v1/roadworks/worksites", tag = "roadworks", params(WorksiteQuery),
    responses((status = 200, body = Paged<WorksiteItem>), (status = 422, description = "A parameter cannot be read")))]
pub async fn list(
    ctx: Ctx,
    Query(query): Query<WorksiteQuery>,
) -> Result<Json<Paged<WorksiteItem>>, Problem> {
    let asked = Asked {
        giorno: query.day.unwrap_or_default(),
        via: query.street.unwrap_or_default(),
        ditta: query.company.unwrap_or_default(),
        tipo: query.kind.unwrap_or_default(),
        stato: query.status.unwrap_or_default(),
        q: query.q.unwrap_or_default(),
        ..Asked::default()
    };
    let (filter, status, asked_day) = (asked.filter()?, asked.status()?, asked.day()?);
    let day = asked_day.unwrap_or_else(|| ctx.today());
    let (page, size) = paging(query.page, query.size);
    let tenant = ctx.tenant_id().clone();
    let (list, total) = ctx
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
            let list = worksites::list(tx, &condition, Order::Latest, size, (page - 1) * size)?;
            Ok::<_, Problem>((list, worksites::count(tx, &condition)?))
        })
        .await?;
    let items = list.iter().map(|work| item(work, &ctx, day)).collect();
    Ok(Json(Paged {
        total,
        page,
        size,
        items,
    }))
}

/// One worksite with measures, places, acts and remarks.
#[utoipa::path(get, path = "/api/v1/roadworks/worksites/{code}", tag = "roadworks",
    params(("code" = String, Path, description = "Code such as 2026-0143")),
    responses((status = 200, body = WorksiteDetail), (status = 404, description = "No such worksite")))]
pub async fn one(ctx: Ctx, Path(code): Path<String>) -> Result<Json<WorksiteDetail>, Problem> {
    let tenant = ctx.tenant_id().clone();
    let (listed, work) = ctx
        .store()
        .read(move |tx| {
            let code = worksites::alias(tx, &tenant, &code)?.unwrap_or(code);
            worksites::one(tx, &tenant, &code).map_err(Problem::from)
        })
        .await?
        .ok_or_else(|| Problem::not_found("There is no such worksite"))?;
    let day = ctx.today();
    let lines: Vec<_> = work.places.iter().flat_map(|p| p.spot.lines.clone()).collect();
    Ok(Json(WorksiteDetail {
        item: item(&listed, &ctx, day),
        headline: headline::headline(&work, listed.status(day), ctx.lang),
        short_url: format!("{}/c/{}", ctx.base_url, listed.short),
        measures: measures(&work, ctx.lang),
        detours: work.detours.clone(),
        acts: work
            .chain
            .iter()
            .map(|s| ActRef {
                number: s.label.clone(),
                in_store: s.id.is_some(),
                url: s.path.as_ref().map(|path| format!("{}{path}", ctx.base_url)),
                source: s.url.clone(),
            })
            .collect(),
        remarks: work
            .remarks
            .iter()
            .map(|r| RemarkItem {
                kind: r.kind,
                about: r.about.clone(),
                it: r.it.clone(),
                en: r.en.clone(),
            })
            .collect(),
        geometry: geojson(&lines),
    }))
}

fn measures(work: &Worksite, lang: Lang) -> Vec<MeasureItem> {
    work.measures
        .iter()
        .filter_map(|m| {
            let place = work.places.get(m.place)?;
            Some(MeasureItem {
                code: m.code.clone(),
                name: measure::words(&m.code, lang),
                street: place.street.clone(),
                stretch: place.stretch.clone(),
                precision: place.spot.precision.as_str().to_owned(),
                links: place.spot.links.clone(),
                exceptions: m.exceptions.clone(),
                direction: m.direction.clone(),
                from: m.from.map(|d| d.to_string()),
                to: m.to.map(|d| d.to_string()),
                source: m.source.clone(),
                ended_by: m.ended_by.clone(),
            })
        })
        .collect()
}

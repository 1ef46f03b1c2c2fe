//! Ordinances.

use axum::Json;
use axum::extract::{Path, Query};
use bisenzio_kernel::{FieldError, Problem};
use bisenzio_web::Ctx;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{Paged, paging};
use crate::model::ActType;
use crate::store::acts::{self, ActFilter};

/// Which ordinances are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ActQuery {
    pub year: Option<i64>,
    /// `new`, `extension`, `integration`, `revocation`, ...
    pub act_type: Option<String>,
    /// Words that must all be there.
    pub q: Option<String>,
    /// From 1.
    pub page: Option<i64>,
    /// At most 500; 50 when absent.
    pub size: Option<i64>,
}

/// An ordinance in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActItem {
    /// "345/2008"; absent where no number is known.
    pub number: Option<String>,
    pub year: i64,
    pub act_type: String,
    pub kind: String,
    pub title: String,
    /// Code of its worksite.
    pub worksite: String,
    pub url: String,
}

/// An ordinance with the facts that were read off it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActDetail {
    pub worksite: String,
    pub url: String,
    /// The record as imported.
    #[schema(value_type = Object)]
    pub record: Value,
}

/// Lists ordinances, newest first.
#[utoipa::path(get, path = "/api/v1/roadworks/ordinances", tag = "roadworks", params(ActQuery),
    responses((status = 200, body = Paged<ActItem>), (status = 422, description = "A parameter cannot be read")))]
pub async fn list(ctx: Ctx, Query(query): Query<ActQuery>) -> Result<Json<Paged<ActItem>>, Problem> {
    let act_type = match query.act_type.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
        None => None,
        Some(text) => Some(ActType::parse(text).ok_or_else(|| {
            let detail = format!("\"{text}\" is not a kind of act");
            Problem::invalid(vec![FieldError {
                field: "act_type".into(),
                detail,
            }])
        })?),
    };
    let filter = ActFilter {
        year: query.year,
        act_type,
        street: None,
        text: query.q.unwrap_or_default(),
    };
    let (page, size) = paging(query.page, query.size);
    let tenant = ctx.tenant_id().clone();
    let (list, total) = ctx
        .store()
        .read(move |tx| {
            let list = acts::list(tx, &tenant, &filter, size, (page - 1) * size)?;
            Ok::<_, Problem>((list, acts::count(tx, &tenant, &filter)?))
        })
        .await?;
    let items = list
        .into_iter()
        .map(|act| ActItem {
            number: (act.seq > 0).then(|| format!("{}/{}", act.seq, act.year)),
            year: act.year,
            act_type: act.act_type.as_str().to_owned(),
            kind: act.kind.as_str().to_owned(),
            url: format!("{}/ordinanze/{}/{}", ctx.base_url, act.year, act.slug),
            title: act.title,
            worksite: act.code,
        })
        .collect();
    Ok(Json(Paged {
        total,
        page,
        size,
        items,
    }))
}

/// One ordinance as it was read.
#[utoipa::path(get, path = "/api/v1/roadworks/ordinances/{year}/{number}", tag = "roadworks",
    params(("year" = i64, Path), ("number" = String, Path, description = "Number in its year, or archivio-<n>")),
    responses((status = 200, body = ActDetail), (status = 404, description = "No such ordinance")))]
pub async fn one(ctx: Ctx, Path((year, number)): Path<(i64, String)>) -> Result<Json<ActDetail>, Problem> {
    let tenant = ctx.tenant_id().clone();
    let (act, code) = ctx
        .store()
        .read(move |tx| acts::one(tx, &tenant, year, &number).map_err(Problem::from))
        .await?
        .ok_or_else(|| Problem::not_found("There is no such ordinance"))?;
    let record = serde_json::to_value(&act).map_err(|error| {
        tracing::error!(%error, "record");
        Problem::internal()
    })?;
    Ok(Json(ActDetail {
        worksite: code,
        url: format!("{}{}", ctx.base_url, act.path()),
        record,
    }))
}

//! Import of records.

use axum::Json;
use axum::extract::Query;
use bisenzio_kernel::{FieldError, Problem};
use bisenzio_territory::Streets;
use bisenzio_web::{Ctx, LimitedBody};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::import::Report;
use crate::placing::Ground;
use crate::service::{self, Source};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// `ordinances` or `notices`.
    #[serde(default)]
    pub kind: String,
}

/// Imports ordinances or notices: JSON Lines, all or nothing. The answer tells what became of each line;
/// a refusal names line and field of everything that is wrong.
#[utoipa::path(post, path = "/api/v1/roadworks/import", tag = "roadworks", params(ImportQuery),
    request_body(content = String, content_type = "application/x-ndjson"),
    responses((status = 200, body = Report), (status = 403, description = "Not allowed"),
        (status = 413, description = "Larger than the configured upload"),
        (status = 422, description = "Lines that are wrong; nothing was written")))]
pub async fn import(
    ctx: Ctx,
    Query(query): Query<ImportQuery>,
    LimitedBody(body): LimitedBody,
) -> Result<Json<Report>, Problem> {
    let source = match query.kind.as_str() {
        "ordinances" => Source::Ordinances,
        "notices" => Source::Notices,
        other => {
            let detail = format!("\"{other}\" is not a kind of record: write ordinances or notices");
            return Err(Problem::invalid(vec![FieldError {
                field: "kind".into(),
                detail,
            }]));
        }
    };
    let text =
        String::from_utf8(body.to_vec()).map_err(|_| Problem::bad_request("The body is not UTF-8 text"))?;
    let streets: Streets = ctx.app.service()?;
    let (tenant, actor, env) = (ctx.tenant.clone(), ctx.actor.clone(), ctx.app.env.clone());
    let report = ctx
        .store()
        .write(move |tx| {
            let ground = Ground::of(&streets, tx, &tenant.id)?;
            service::import(tx, &env, &tenant, &actor, &ground, source, &text)
        })
        .await?;
    Ok(Json(report))
}

//! Types in use (5.7.5).

use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_ngsi_ld::Context;
use bisenzio_ngsi_ld::registration::{Asked, Operation};
use bisenzio_web::Ctx;
use http::HeaderMap;
use serde_json::json;

use super::input::{Accept, header_context};
use super::output::answer;
use crate::distribution::{self, Hop};
use crate::store::entities::type_counts;

pub(crate) async fn types(ctx: Ctx, hop: Hop) -> Result<Response, Problem> {
    let context = header_context(&ctx, &hop.headers).await?;
    let offered = &[Operation::RetrieveEntityTypes];
    let path = "/ngsi-ld/v1/types".to_owned();
    let here = || types_here(&ctx, &hop.headers, &context);
    distribution::types(&ctx, &hop, offered, Asked::default(), path, &context, here).await
}

async fn types_here(ctx: &Ctx, headers: &HeaderMap, context: &Context) -> Result<Response, Problem> {
    let accept = Accept::without_geojson(headers)?;
    let tenant = ctx.tenant_id().clone();
    let counts = ctx.store().read(move |tx| type_counts(tx, &tenant)).await?;
    let names: Vec<_> = counts
        .iter()
        .map(|(name, _)| context.compact(name).into_owned())
        .collect();
    let body = json!({
        "id": "urn:ngsi-ld:EntityTypeList:all",
        "type": "EntityTypeList",
        "typeList": names,
    });
    Ok(answer(&body, accept, context))
}

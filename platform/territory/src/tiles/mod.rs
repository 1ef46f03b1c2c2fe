//! Vector tiles (Mapbox Vector Tile specification 2.1) of the city's ground, made on demand and cached.

mod clip;
mod draw;
mod encode;
mod projection;

use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::{IntoResponse, Response};
use bisenzio_kernel::Problem;
use bisenzio_web::Ctx;
use http::header;

pub(crate) use draw::DrawIndex;
pub(crate) use projection::TileId;

use crate::Streets;

/// Deepest level that is made; maps enlarge it beyond.
const MAX_ZOOM: u8 = 16;

/// `/tiles/{z}/{x}/{y}.mvt`
pub(crate) async fn serve(
    ctx: Ctx,
    address: Result<Path<(u8, u32, String)>, PathRejection>,
) -> Result<Response, Problem> {
    let nothing = || Problem::not_found("There is no such tile");
    let Path((z, x, y)) = address.map_err(|_| nothing())?;
    let y: u32 = y
        .strip_suffix(".mvt")
        .and_then(|y| y.parse().ok())
        .ok_or_else(nothing)?;
    let id = TileId::new(z, x, y)
        .filter(|_| z <= MAX_ZOOM)
        .ok_or_else(nothing)?;
    let streets: Streets = ctx.app.service()?;
    let tenant = ctx.tenant_id().clone();
    let tile: Bytes = ctx
        .store()
        .read(move |tx| {
            let territory = streets.territory(tx, &tenant)?;
            let key = (tenant.clone(), territory.version.clone(), id);
            Ok::<_, Problem>(
                streets
                    .tiles
                    .get_with(key, || Bytes::from(territory.drawing.tile(id))),
            )
        })
        .await?;
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.mapbox-vector-tile"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    Ok((headers, tile).into_response())
}

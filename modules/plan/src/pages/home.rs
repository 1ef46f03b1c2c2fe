//! The plan's part of the home page: "Il piano in cinque numeri".

use askama::Template;
use bisenzio_kernel::Problem;
use bisenzio_module::HomeBlock;
use bisenzio_web::{Ctx, Page};

use super::views::{Tile, tiles};
use crate::cache;

const POSITION: u16 = 30;

#[derive(Template)]
#[template(path = "plan_home.html")]
struct Block {
    page: Page,
    tiles: Vec<Tile>,
}

/// Nothing when the city has no plan yet, or one without numbers.
///
/// # Errors
/// When the store fails.
pub async fn block(ctx: &Ctx) -> Result<Vec<HomeBlock>, Problem> {
    let snapshot = match cache::edition(ctx, None).await {
        Ok(snapshot) => snapshot,
        Err(problem) if problem.status == 404 => return Ok(Vec::new()),
        Err(problem) => return Err(problem),
    };
    let tiles = tiles(&snapshot, None, ctx.lang);
    if tiles.is_empty() {
        return Ok(Vec::new());
    }
    let block = Block {
        page: ctx.page(""),
        tiles,
    };
    let html = block.render().map_err(|error| {
        tracing::error!(%error, "template");
        Problem::internal()
    })?;
    Ok(vec![HomeBlock {
        position: POSITION,
        html,
        map: false,
    }])
}

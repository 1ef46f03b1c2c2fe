//! `/`: the city today. The page is a frame; each module fills its own part.

use askama::Template;
use axum::response::Response;
use bisenzio_kernel::{Problem, format};
use bisenzio_web::{Access, Ctx, Page, Routes, render};

use crate::Registry;

/// A module's part of the home page.
#[derive(Clone, Debug)]
pub struct HomeBlock {
    /// Order on the page; the map of today's works is 10, the plan 30, the latest acts 40.
    pub position: u16,
    /// The HTML of one `<section>`, rendered by the module's own template (so it is escaped there).
    pub html: String,
    /// The block needs the map's script.
    pub map: bool,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    page: Page,
    today: String,
    blocks: Vec<HomeBlock>,
}

pub fn home_routes() -> Routes {
    Routes::new().page("/", Access::Public, home)
}

async fn home(ctx: Ctx) -> Result<Response, Problem> {
    let registry: Registry = ctx.app.service()?;
    let mut blocks = Vec::new();
    for module in registry.modules() {
        blocks.extend(module.home(&ctx).await?);
    }
    blocks.sort_by_key(|block| block.position);
    let mut page = ctx
        .page(ctx.tenant.name.clone())
        .describe(ctx.tenant.tagline.clone());
    page.map = blocks.iter().any(|block| block.map);
    let today = format::date_with_weekday(ctx.today(), ctx.lang);
    render(&HomePage { page, today, blocks })
}

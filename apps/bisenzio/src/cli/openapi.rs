//! The OpenAPI 3.1 description of the whole house, put together from the modules' own.

use anyhow::Result;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_module::Registry;
use bisenzio_web::{Access, Ctx, Routes, text_as};
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};

use crate::wiring;

pub fn routes() -> Routes {
    Routes::new().api(http::Method::GET, "/api/v1/openapi.json", Access::Public, serve)
}

async fn serve(ctx: Ctx) -> Result<Response, Problem> {
    let registry: Registry = ctx.app.service()?;
    let text = describe(&registry).to_json().map_err(|_| Problem::internal())?;
    Ok(text_as("application/json", text))
}

pub fn print() -> Result<()> {
    println!("{}", describe(&wiring::registry()).to_pretty_json()?);
    Ok(())
}

fn describe(registry: &Registry) -> OpenApi {
    let licence = LicenseBuilder::new()
        .name("EUPL-1.2")
        .identifier(Some("EUPL-1.2"))
        .build();
    let info = InfoBuilder::new()
        .title("Bisenzio")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Open API of the city. Reading is public; writing needs a token (`Authorization: Bearer ...`). \
             Errors are RFC 9457 `application/problem+json`; those of NGSI-LD come as `application/json`.",
        ))
        .license(Some(licence))
        .build();
    let mut whole = OpenApiBuilder::new().info(info).build();
    for part in registry.modules().iter().filter_map(|module| module.openapi()) {
        whole.merge(part);
    }
    whole
}

//! Pages that every public site owes its readers: accessibility, privacy, licence, source code. The page for developers is in `api_page.rs`.

use askama::Template;
use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Access, Ctx, Page, Routes, render};

use crate::api_page;

/// Where the source code of Bisenzio itself is found, from inside the running product.
const LICENCE: &str = include_str!("../../../LICENSE");

pub fn about_routes() -> Routes {
    Routes::new()
        .page("/accessibilita", Access::Public, accessibility)
        .page("/privacy", Access::Public, privacy)
        .page("/licenza", Access::Public, licence)
        .page("/codice", Access::Public, source)
        .page("/api", Access::Public, api_page::show)
}

#[derive(Template)]
#[template(path = "accessibility.html")]
struct AccessibilityPage {
    page: Page,
    email: String,
    office: String,
}

async fn accessibility(ctx: Ctx) -> Result<Response, Problem> {
    let title = ctx.t("Accessibilità", "Accessibility").to_owned();
    let contact = ctx.tenant.contact.clone();
    render(&AccessibilityPage {
        page: ctx.page(&title).crumb(title, ""),
        email: contact.email.unwrap_or_default(),
        office: contact.office.unwrap_or_default(),
    })
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct PrivacyPage {
    page: Page,
    office: String,
}

async fn privacy(ctx: Ctx) -> Result<Response, Problem> {
    let title = ctx.t("Dati personali", "Privacy").to_owned();
    let office = ctx.tenant.contact.office.clone().unwrap_or_default();
    render(&PrivacyPage {
        page: ctx.page(&title).crumb(title, ""),
        office,
    })
}

#[derive(Template)]
#[template(path = "licence.html")]
struct LicencePage {
    page: Page,
    licence: &'static str,
}

async fn licence(ctx: Ctx) -> Result<Response, Problem> {
    let title = ctx.t("Licenza", "Licence").to_owned();
    render(&LicencePage {
        page: ctx.page(&title).crumb(title, ""),
        licence: LICENCE,
    })
}

#[derive(Template)]
#[template(path = "source.html")]
struct SourcePage {
    page: Page,
    version: &'static str,
}

async fn source(ctx: Ctx) -> Result<Response, Problem> {
    let title = ctx.t("Codice sorgente", "Source code").to_owned();
    render(&SourcePage {
        page: ctx.page(&title).crumb(title, ""),
        version: env!("CARGO_PKG_VERSION"),
    })
}

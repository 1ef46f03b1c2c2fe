//! What every page and API stands on: the request's context, routes that cannot be added without an
//! authorisation decision, page layout, forms, errors, security headers, embedded front end.

mod app;
mod assets;
mod authentication;
mod body;
mod context;
mod errors;
mod flash;
mod form;
mod health;
mod language;
mod page;
mod page_cache;
mod response;
mod routes;
mod security;
mod server;
mod sharing;
mod tenants;

pub use app::{App, AppParts, NavEntry, NavPlace, Settings};
pub use assets::{asset_bytes, asset_names};
pub use authentication::{Authenticator, Identity, csrf_token, session_cookie_name, session_cookie_value};
pub use body::{ApiJson, LimitedBody, Upload};
pub use context::Ctx;
pub use flash::{Flash, with_flash};
pub use form::{Errors, Form};
pub use health::OPERATE;
pub use page::{Crumb, Feed, NavItem, Page, UserBadge, render};
pub use response::{download, no_content, redirect, text_as};
pub use routes::{Access, RouteInfo, RouteKind, Routes};
pub use server::router;
pub use tenants::{MIGRATIONS as TENANT_MIGRATIONS, TENANT_HEADER, Tenants, save_tenant};

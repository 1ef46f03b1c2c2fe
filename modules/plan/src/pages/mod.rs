//! Pages under `/piano`.

mod compare;
mod course;
mod deleted;
mod editions;
mod export;
mod form;
mod freeze;
pub(crate) mod home;
mod index;
mod items;
mod note;
mod offer;
mod place;
mod project;
mod trial;
mod views;

use axum::response::Response;
use bisenzio_kernel::Problem;
use bisenzio_web::{Access, Ctx, Routes, redirect, with_flash};

use crate::error::{PlanError, closed};
use crate::service::{EDIT, FREEZE};

pub fn routes() -> Routes {
    let edit = Access::Permission(EDIT);
    let freeze = Access::Permission(FREEZE);
    Routes::new()
        .page("/piano", Access::Public, index::current)
        .page("/piano/confronta", Access::Public, compare::page)
        .page("/piano/luoghi/{type}/{id}", Access::Public, place::page)
        .page("/piano/{year}", Access::Public, index::of_year)
        .page(
            "/piano/{year}/indicatori.csv",
            Access::Public,
            export::indicators_csv,
        )
        .page("/piano/{year}/nota", Access::Public, note::page)
        .page("/piano/{year}/nota.html", Access::Public, note::html)
        .page("/piano/{year}/nota.pdf", Access::Public, note::pdf)
        .page("/piano/{year}/nota.odt", Access::Public, note::odt)
        .page("/piano/{year}/{slug}", Access::Public, project::page)
        .api(
            http::Method::GET,
            "/piano/{year}/{slug}/luoghi.geojson",
            Access::Public,
            project::geojson,
        )
        .page("/piano/gestione", edit, editions::page)
        .form("/piano/gestione", freeze, editions::create)
        .page("/piano/{year}/chiudi", freeze, freeze::confirm)
        .form("/piano/{year}/chiudi", freeze, freeze::freeze)
        .page("/piano/{year}/edizione", edit, items::edit_edition)
        .form("/piano/{year}/edizione", edit, items::save_edition)
        .page("/piano/{year}/nuovo-progetto", edit, items::new_project)
        .form("/piano/{year}/nuovo-progetto", edit, items::create_project)
        .page("/piano/{year}/{slug}/modifica", edit, items::edit_project)
        .form("/piano/{year}/{slug}/modifica", edit, items::save_project)
        .page("/piano/{year}/{slug}/eliminati", edit, deleted::page)
        .page("/piano/{year}/{slug}/{kind}/nuovo", edit, items::new_item)
        .form("/piano/{year}/{slug}/{kind}/nuovo", edit, items::create_item)
        .page("/piano/{year}/{slug}/{kind}/{id}", edit, items::edit_item)
        .form("/piano/{year}/{slug}/{kind}/{id}", edit, items::save_item)
        .page("/piano/{year}/{slug}/{kind}/{id}/elimina", edit, deleted::confirm)
        .form("/piano/{year}/{slug}/{kind}/{id}/elimina", edit, deleted::delete)
        .form(
            "/piano/{year}/{slug}/{kind}/{id}/ripristina",
            edit,
            deleted::restore,
        )
}

/// What a change that is not possible answers. A closed edition is no fault of the person's: they are told, on
/// the page they came from.
pub(crate) fn refused(ctx: &Ctx, error: PlanError, to: &str) -> Result<Response, Problem> {
    match error {
        PlanError::Frozen(year) => Ok(with_flash(redirect(to), "warning", &closed(year, ctx.lang))),
        other => Err(other.problem(ctx.lang)),
    }
}

/// A year in an address.
pub(crate) fn year(text: &str) -> Result<i64, Problem> {
    let digits = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|_| digits)
        .ok_or_else(|| Problem::not_found("There is no such edition"))
}

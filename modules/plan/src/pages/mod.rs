//! Pages under `/piano`.

mod compare;
mod deleted;
mod editions;
mod export;
mod form;
pub(crate) mod home;
mod index;
mod items;
mod note;
mod place;
mod project;
mod views;

use bisenzio_kernel::Problem;
use bisenzio_web::{Access, Routes};

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
        .page("/piano/{year}/chiudi", freeze, editions::confirm)
        .form("/piano/{year}/chiudi", freeze, editions::freeze)
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

/// A year in an address.
pub(crate) fn year(text: &str) -> Result<i64, Problem> {
    let digits = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|_| digits)
        .ok_or_else(|| Problem::not_found("There is no such edition"))
}

//! HTML routes, one page per file.

mod acts;
mod calendar;
mod home;
mod list;
mod place;
mod room;
mod story;
mod streets;
mod view;
mod worksite;

use bisenzio_web::{Access, Routes};

pub use acts::{ActLine, Asked as ActsAsked, act_line};
pub use home::home;

use crate::service::{PLACE, VIEW_ROOM};

pub fn routes() -> Routes {
    let room = Access::Permission(VIEW_ROOM);
    let place = Access::Permission(PLACE);
    Routes::new()
        .page("/cantieri", Access::Public, list::page)
        .page("/cantieri/calendario", Access::Public, calendar::page)
        .page("/cantieri/{code}", Access::Public, worksite::page)
        .page("/c/{short}", Access::Public, worksite::short)
        .page("/ordinanze", Access::Public, acts::list)
        .page("/ordinanze/{year}/{number}", Access::Public, acts::one)
        .page("/strade", Access::Public, streets::list)
        .page("/strade/{slug}", Access::Public, streets::one)
        .page("/situation-room", room, room::page)
        .page("/situation-room/da-collocare", room, place::list)
        .page("/situation-room/da-collocare/{code}/{seq}", place, place::form)
        .form("/situation-room/da-collocare/{code}/{seq}", place, place::save)
        .form(
            "/situation-room/da-collocare/{code}/{seq}/annulla",
            place,
            place::undo,
        )
}

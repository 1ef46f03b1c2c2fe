//! `/traffico`: for the modeller and whoever must decide on a closure.

mod base;
mod chart;
mod form;
mod plan;
mod result;

use bisenzio_web::{Access, Routes};

use crate::module::COMPUTE;

/// The base is public; scenarios are for who may compute (see [`crate::api::routes`]).
pub fn routes() -> Routes {
    let compute = Access::Permission(COMPUTE);
    Routes::new()
        .page("/traffico", Access::Public, base::show)
        .page("/traffico/scenario", compute, form::show)
        .form("/traffico/scenario", compute, form::compute)
        .page("/traffico/scenari/{id}", compute, result::show)
        .form("/traffico/scenari/{id}/annulla", compute, result::cancel)
}

/// An option of a `<select>`.
struct Choice {
    value: String,
    label: String,
}

/// A link of a row of tabs.
struct Tab {
    href: String,
    label: String,
    active: bool,
}

/// Name of a street for readers.
fn named(name: &str, lang: bisenzio_kernel::Lang) -> String {
    if name.is_empty() {
        lang.t("Strada senza nome", "Street without a name").to_owned()
    } else {
        name.to_owned()
    }
}

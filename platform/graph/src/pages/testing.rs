//! For tests of pages.

use bisenzio_kernel::Lang;
use bisenzio_module::Registry;
use bisenzio_ngsi_ld::{Context, Entity, parse};
use jiff::civil::date;
use serde_json::Value;

use super::words::Words;

pub(crate) fn words() -> Words {
    Words::new(Lang::It, "Europe/Rome", date(2026, 3, 11), Registry::default())
}

pub(crate) fn entity(body: &Value) -> Entity {
    parse::entity(body, &Context::core(), parse::InputFormat::Normalized).unwrap()
}

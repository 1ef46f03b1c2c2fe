//! `pick`, `omit`, `lang` and `orderBy`.
#![no_main]

use bisenzio_ngsi_ld::Context;
use bisenzio_ngsi_ld::query::OrderBy;
use bisenzio_ngsi_ld::represent::{LanguagePreference, Projection};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let context = Context::core();
    if let Ok(projection) = Projection::parse(text, &context) {
        assert!(projection.attributes().count() <= text.len());
    }
    let _ = LanguagePreference::parse(text);
    let _ = OrderBy::parse(text, &context);
});

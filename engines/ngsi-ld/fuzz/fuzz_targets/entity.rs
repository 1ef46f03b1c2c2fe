//! Entities and fragments: read, stored, read back, shown, merged.
#![no_main]

use bisenzio_ngsi_ld::parse::{self, InputFormat, Purpose};
use bisenzio_ngsi_ld::represent::{self, Format, Representation};
use bisenzio_ngsi_ld::update::{self, AppendMode, MergeOptions};
use bisenzio_ngsi_ld::{Context, DateTime, storage};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = bisenzio_ngsi_ld::json::parse_strict(bytes) else {
        return;
    };
    let context = Context::core();
    let now = DateTime::from_micros(1_000_000);
    for format in [InputFormat::Normalized, InputFormat::Simplified] {
        let Ok(entity) = parse::entity(&value, &context, format) else {
            continue;
        };
        let stored = storage::to_storage_string(&entity);
        assert_eq!(storage::from_storage_str(&stored).ok().as_ref(), Some(&entity));
        for shown in [Format::Normalized, Format::Concise, Format::Simplified] {
            let _ = represent::entity(&entity, &context, &Representation::new(shown));
        }
        let mut changed = entity;
        if let Ok(fragment) = parse::entity_fragment(&value, &context, format, Purpose::Complete) {
            let _ = update::append(&mut changed, fragment, AppendMode::Overwrite, now);
        }
        if let Ok(fragment) = parse::entity_fragment(&value, &context, format, Purpose::Merge) {
            let _ = update::merge(&mut changed, fragment, &MergeOptions::default(), now);
        }
    }
});

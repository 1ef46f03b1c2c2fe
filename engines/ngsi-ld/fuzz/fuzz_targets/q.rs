//! `q`, type selections and identifier patterns: parsed and, where they can be, evaluated.
#![no_main]

use bisenzio_ngsi_ld::query::{Q, TypeSelection, parse_attrs, parse_id_pattern, parse_ids};
use bisenzio_ngsi_ld::{Context, Entity, parse};
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use std::sync::LazyLock;

static SAMPLE: LazyLock<Option<Entity>> = LazyLock::new(|| {
    let body = json!({
        "id": "urn:a:1", "type": ["A", "B"], "scope": "/a/b", "a": 1, "b": "text", "c": [1, "x", true],
        "d": { "value": { "x": { "y": 2 } }, "observedAt": "2026-01-01T00:00:00Z", "e": { "value": 3 } },
        "l": { "languageMap": { "it": "uno", "en": "one" } }, "r": { "object": "urn:a:2" },
        "v": { "vocab": "term" }, "p": { "type": "Point", "coordinates": [11, 43] },
    });
    parse::entity(&body, &Context::core(), parse::InputFormat::Normalized).ok()
});

fuzz_target!(|text: &str| {
    let context = Context::core();
    if let (Ok(q), Some(entity)) = (Q::parse(text, &context), SAMPLE.as_ref()) {
        let _ = q.matches(entity);
        let _ = q.attributes();
    }
    if let Ok(types) = TypeSelection::parse(text, &context) {
        let _ = types.matches(&["https://uri.etsi.org/ngsi-ld/default-context/A".to_owned()]);
    }
    if let Ok(pattern) = parse_id_pattern(text) {
        let _ = pattern.is_match("urn:a:1");
    }
    let _ = parse_attrs(text, &context);
    let _ = parse_ids(text);
});

//! JSON-LD contexts, hostile ones: a value is resolved with a document that refers to itself, and what it expands
//! is compacted to what expands to the same.
#![no_main]

use bisenzio_ngsi_ld::Context;
use bisenzio_ngsi_ld::context::missing_documents;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = bisenzio_ngsi_ld::json::parse_strict(bytes) else {
        return;
    };
    let documents: HashMap<String, Arc<Value>> = [
        ("urn:c:plain", json!({ "@context": { "a": "urn:v:a", "p": "https://x.org/" } })),
        ("urn:c:given", json!({ "@context": value.clone() })),
        ("urn:c:circle", json!({ "@context": ["urn:c:circle", "urn:c:plain"] })),
    ]
    .map(|(url, document)| (url.to_owned(), Arc::new(document)))
    .into();
    let _ = missing_documents(&value, &documents);
    let Ok(context) = Context::resolve(&value, &documents) else {
        return;
    };
    let _ = context.to_json();
    for name in ["a", "p:b", "name", "location", "urn:x:y", "https://x.org/z", "type", ":", "p:", "//"] {
        let iri = context.expand(name).into_owned();
        let short = context.compact(&iri).into_owned();
        assert_eq!(context.expand(&short), iri, "{name} -> {iri} -> {short}");
    }
});

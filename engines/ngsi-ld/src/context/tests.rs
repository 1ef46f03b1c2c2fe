use super::*;
use crate::error::ErrorKind;
use proptest::prelude::*;
use serde_json::json;

fn ctx(value: Value) -> Context {
    Context::resolve(&value, &NoContexts).unwrap()
}

#[test]
fn core_terms_and_default_vocabulary() {
    let c = Context::core();
    assert_eq!(c.expand("location"), "https://uri.etsi.org/ngsi-ld/location");
    assert_eq!(c.expand("description"), "http://purl.org/dc/terms/description");
    assert_eq!(c.expand("speed"), format!("{DEFAULT_VOCAB}speed"));
    assert_eq!(c.compact("https://uri.etsi.org/ngsi-ld/location"), "location");
    assert_eq!(c.compact(&format!("{DEFAULT_VOCAB}speed")), "speed");
    assert_eq!(c.compact("https://x.org/y"), "https://x.org/y");
}

#[test]
fn the_core_is_named_once() {
    let documents: HashMap<String, Arc<Value>> = [
        (
            "https://x.org/whole",
            json!({"@context": [{"a": "https://x.org/a"}, CORE_CONTEXT_URL]}),
        ),
        (
            "https://x.org/bare",
            json!({"@context": {"a": "https://x.org/a"}}),
        ),
    ]
    .map(|(url, document)| (url.to_owned(), Arc::new(document)))
    .into();
    let echo = |given: Value| Context::resolve(&given, &documents).unwrap().to_json();
    assert_eq!(echo(json!("https://x.org/whole")), json!("https://x.org/whole"));
    assert_eq!(echo(json!(["https://x.org/whole"])), json!("https://x.org/whole"));
    assert_eq!(
        echo(json!("https://x.org/bare")),
        json!(["https://x.org/bare", CORE_CONTEXT_URL])
    );
    let old = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.6.jsonld";
    assert_eq!(
        echo(json!(["https://x.org/bare", old])),
        json!(["https://x.org/bare", CORE_CONTEXT_URL])
    );
    assert_eq!(echo(json!([old])), json!(CORE_CONTEXT_URL));
}

#[test]
fn every_core_version_is_the_core() {
    for url in [
        "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld",
        "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.3.jsonld",
        "http://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.1.jsonld",
    ] {
        assert!(ctx(json!([url])).is_core_only(), "{url}");
    }
    assert!(!is_core_context_url(
        "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-vX.jsonld"
    ));
    assert!(!is_core_context_url(
        "https://evil.org/ngsi-ld-core-context.jsonld"
    ));
}

#[test]
fn terms_prefixes_and_vocab() {
    let c = ctx(json!({
        "late": "ex:late", "ex": "https://example.org/ns#", "speed": {"@id": "ex:speed", "@type": "@id"},
        "bare": {"@type": "DateTime"}, "@vocab": "https://vocab.org/"
    }));
    assert_eq!(c.expand("late"), "https://example.org/ns#late");
    assert_eq!(c.expand("ex:other"), "https://example.org/ns#other");
    assert_eq!(c.expand("bare"), "https://vocab.org/bare");
    assert_eq!(c.expand("name"), "https://vocab.org/name");
    assert_eq!(c.compact("https://example.org/ns#speed"), "speed");
    assert_eq!(c.compact("https://example.org/ns#other"), "ex:other");
    assert_eq!(c.compact("https://vocab.org/name"), "name");
    // A local name that would mean something else stays expanded or prefixed.
    assert_eq!(
        c.expand(&c.compact("https://vocab.org/speed")),
        "https://vocab.org/speed"
    );
}

#[test]
fn core_terms_cannot_be_redefined() {
    let c = ctx(json!({"location": "https://evil.org/location"}));
    assert_eq!(c.expand("location"), "https://uri.etsi.org/ngsi-ld/location");
}

#[test]
fn remote_contexts_come_from_the_source() {
    let mut source = HashMap::new();
    let url = "https://x.org/ctx.jsonld".to_owned();
    let value = json!([url.clone(), {"a": "https://x.org/a"}]);
    assert_eq!(missing_documents(&value, &source), vec![url.clone()]);
    let error = Context::resolve(&value, &source).unwrap_err();
    assert_eq!(error.kind, ErrorKind::LdContextNotAvailable);
    source.insert(
        url.clone(),
        Arc::new(json!({"@context": {"b": "https://x.org/b"}})),
    );
    let c = Context::resolve(&value, &source).unwrap();
    assert_eq!(c.expand("b"), "https://x.org/b");
    assert_eq!(c.to_json()[2], CORE_CONTEXT_URL);
    assert_eq!(
        ctx_link(&source, json!(url)).as_deref(),
        Some("https://x.org/ctx.jsonld")
    );
    // A document that includes itself ends in an error, not in a loop.
    source.insert(url.clone(), Arc::new(json!({"@context": [url]})));
    assert_eq!(
        Context::resolve(&value, &source).unwrap_err().kind,
        ErrorKind::LdContextNotAvailable
    );
    assert!(missing_documents(&value, &source).is_empty());
}

fn ctx_link(source: &HashMap<String, Arc<Value>>, value: Value) -> Option<String> {
    Context::resolve(&value, source)
        .ok()?
        .link_url()
        .map(str::to_owned)
}

#[test]
fn wrong_forms_are_named() {
    for (bad, path) in [
        (json!(3), "$['@context']"),
        (json!({"a": 3}), "$['@context'].a"),
        (json!({"a": {"@id": 3}}), "$['@context'].a"),
        (json!({"a": "b:x", "b": "a:y"}), "$['@context'].a"),
        (json!({"c": "c:a"}), "$['@context'].c"),
        (json!({"@vocab": 1}), "$['@context']['@vocab']"),
        (json!(["relative.jsonld"]), "$['@context'][0]"),
    ] {
        let e = Context::resolve(&bad, &NoContexts).unwrap_err();
        assert_eq!(
            (e.kind, e.path.as_deref()),
            (ErrorKind::BadRequestData, Some(path)),
            "{bad}"
        );
    }
}

fn word() -> impl Strategy<Value = String> {
    "[a-c]{1,2}(:[a-c]{1,2})?"
}

proptest! {
    #[test]
    fn compacting_and_expanding_gives_the_same_iri(
        defs in proptest::collection::vec((word(), "[a-c]{1,2}(:[a-c]{1,2})?|https://[a-c]/[a-c]?[/#]?"), 0..8),
        vocab in proptest::option::of("https://[a-c]/"),
        names in proptest::collection::vec("[a-c]{1,3}(:[a-c]{1,2})?|https://[a-c]/[a-c/#]{0,3}", 1..8),
    ) {
        let mut map = serde_json::Map::new();
        for (k, v) in defs {
            map.insert(k, Value::String(v));
        }
        if let Some(v) = vocab {
            map.insert("@vocab".into(), Value::String(v));
        }
        if let Ok(c) = Context::resolve(&Value::Object(map), &NoContexts) {
            for name in names {
                let iri = c.expand(&name).into_owned();
                let compact = c.compact(&iri).into_owned();
                prop_assert_eq!(c.expand(&compact).into_owned(), iri);
            }
        }
    }
}

#[test]
fn a_flattened_context_says_the_same() {
    let given = json!([
        {"@vocab": "https://x.org/v/", "ex": "https://x.org/ns#", "long": {"@id": "https://x.org/l/"}},
        {"name": "ex:name", "title": "ex:name"},
    ]);
    let context = Context::resolve(&given, &NoContexts).unwrap();
    let again = Context::restore(&context.flattened(), Some(given)).unwrap();
    for name in [
        "name",
        "title",
        "ex:other",
        "long",
        "unknown",
        "location",
        "https://x.org/x",
    ] {
        assert_eq!(context.expand(name), again.expand(name), "{name}");
    }
    for iri in [
        "https://x.org/ns#name",
        "https://x.org/ns#b",
        "https://x.org/l/b",
        "https://x.org/v/q",
    ] {
        assert_eq!(context.compact(iri), again.compact(iri), "{iri}");
    }
    assert_eq!(context.to_json(), again.to_json());
}

/// Pieces of contexts, wrong ones among them, and addresses of documents that refer to one another in circles.
fn hostile() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-c:/@#]{0,6}".prop_map(Value::from),
        prop_oneof![Just("urn:c:self"), Just("urn:c:other"), Just("urn:c:none")].prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 40, 6, |inner| {
        let key = prop_oneof!["[a-c:@]{0,4}", Just("@vocab".to_owned()), Just("@id".to_owned())];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            proptest::collection::vec((key, inner), 0..6)
                .prop_map(|all| Value::Object(all.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn hostile_contexts_are_refused_or_harmless(given in hostile(), other in hostile()) {
        let documents: HashMap<String, Arc<Value>> = [
            ("urn:c:self", json!({ "@context": given.clone() })),
            ("urn:c:other", json!({ "@context": [other, "urn:c:self"] })),
        ]
        .map(|(url, document)| (url.to_owned(), Arc::new(document)))
        .into();
        let missing = missing_documents(&given, &documents);
        prop_assert!(missing.iter().all(|url| !documents.contains_key(url)));
        if let Ok(c) = Context::resolve(&given, &documents) {
            let again = Context::resolve(&c.to_json(), &documents).unwrap();
            for name in ["a", "b:c", "location", "urn:x:y"] {
                let iri = c.expand(name).into_owned();
                let compacted = c.compact(&iri).into_owned();
                prop_assert_eq!(c.expand(&compacted), iri.as_str());
                prop_assert_eq!(again.expand(name), iri.as_str(), "what is echoed means the same");
            }
        }
    }
}

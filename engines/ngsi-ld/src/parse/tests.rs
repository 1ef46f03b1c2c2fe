use super::*;
use crate::model::{AttributeKind, AttributeValue};
use crate::{DateTime, storage};
use proptest::prelude::*;
use serde_json::json;

fn read(body: Value) -> Result<Entity> {
    entity(&body, &Context::core(), InputFormat::Normalized)
}

fn name(short: &str) -> String {
    Context::core().expand(short).into_owned()
}

/// One entity with every kind of attribute, normalised.
pub(crate) fn everything() -> Value {
    json!({
        "id": "urn:ngsi-ld:Building:1", "type": ["Building", "Monument"], "scope": ["/Prato/Centro"],
        "height": {"type": "Property", "value": 12.5, "unitCode": "MTR", "observedAt": "2026-03-11T09:00:00.250Z",
            "accuracy": {"type": "Property", "value": 0.1, "by": {"type": "Relationship", "object": "urn:a:b"}}},
        "names": [
            {"type": "Property", "value": "Palazzo"},
            {"type": "Property", "value": "Palace", "datasetId": "urn:lang:en"}],
        "inDistrict": {"type": "Relationship", "object": "urn:ngsi-ld:District:1", "objectType": "District"},
        "neighbours": {"type": "Relationship", "object": ["urn:a:1", "urn:a:2"]},
        "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [11.0963, 43.8804]}},
        "title": {"type": "LanguageProperty", "languageMap": {"it": "Palazzo Pretorio", "en": ["A", "B"]}},
        "category": {"type": "VocabProperty", "vocab": ["civic", "museum"]},
        "raw": {"type": "JsonProperty", "json": {"id": null, "type": [1, {"x": true}]}},
        "floors": {"type": "ListProperty", "valueList": [1, "two", [3]]},
        "rooms": {"type": "ListRelationship", "objectList": ["urn:r:1", "urn:r:2"]},
        "address": {"type": "Property", "value": {"street": "Piazza del Comune", "no": [1, 2]}, "valueType": "Addr"}
    })
}

#[test]
fn reads_every_kind() {
    let e = read(everything()).unwrap();
    assert_eq!(e.types, [name("Building"), name("Monument")]);
    let height = e.instance(&name("height"), None).unwrap();
    assert_eq!(height.observed_at, DateTime::parse("2026-03-11T09:00:00.25Z"));
    assert_eq!(
        height.sub_attributes[&name("accuracy")][0].sub_attributes.len(),
        1
    );
    assert_eq!(e.instances(&name("names")).len(), 2);
    assert_eq!(
        e.instance(&name("category"), None).unwrap().value,
        AttributeValue::VocabProperty(vec![name("civic"), name("museum")])
    );
    let kinds: Vec<AttributeKind> = e.attributes.values().map(|l| l[0].kind()).collect();
    for kind in AttributeKind::ALL {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
    assert_eq!(
        storage::from_storage_json(storage::to_storage_json(&e)).unwrap(),
        e
    );
}

#[test]
fn concise_is_told_apart() {
    let e = read(json!({
        "id": "urn:a:1", "type": "T",
        "a": 3, "b": {"value": 4, "unitCode": "MTR"}, "c": {"object": "urn:x:y"},
        "d": {"type": "Point", "coordinates": [1, 2]}, "e": {"value": {"type": "Point", "coordinates": [1, 2]}},
        "f": {"languageMap": {"it": "x"}}, "g": {"street": "Via"}, "h": [1, 2], "i": {"json": null},
        "j": {"type": "PostalAddress", "street": "Via"}, "k": [{"value": 1}, {"value": 2, "datasetId": "urn:d:1"}]
    }))
    .unwrap();
    let kind = |n: &str| e.instance(&name(n), None).unwrap().kind();
    use AttributeKind::*;
    for (n, k) in [
        ("a", Property),
        ("b", Property),
        ("c", Relationship),
        ("d", GeoProperty),
        ("e", GeoProperty),
        ("f", LanguageProperty),
        ("g", Property),
        ("h", Property),
        ("i", JsonProperty),
        ("j", Property),
    ] {
        assert_eq!(kind(n), k, "{n}");
    }
    assert_eq!(e.instances(&name("k")).len(), 2);
}

#[test]
fn faults_name_kind_and_place() {
    let with = |attr: Value| json!({"id": "urn:a:1", "type": "T", "a": attr});
    for (body, path) in [
        (json!({"type": "T"}), "$.id"),
        (json!({"id": "urn:a:1"}), "$.type"),
        (json!({"id": "nonsense", "type": "T"}), "$.id"),
        (json!({"id": "urn:a:1", "type": []}), "$.type"),
        (json!({"id": "urn:a:1", "type": "T", "scope": 3}), "$.scope"),
        (json!({"id": "urn:a:1", "type": "T", "a b": 3}), "$['a b']"),
        (json!({"id": "urn:a:1", "type": "T", "@graph": 3}), "$['@graph']"),
        (with(json!(null)), "$.a"),
        (with(json!("urn:ngsi-ld:null")), "$.a"),
        (with(json!({"type": "Property"})), "$.a"),
        (with(json!({"type": "Property", "value": null})), "$.a.value"),
        (
            with(json!({"type": "Property", "object": "urn:x:y"})),
            "$.a.object",
        ),
        (
            with(json!({"type": "Property", "value": 1, "object": "urn:x:y"})),
            "$.a.object",
        ),
        (with(json!({"type": "Valore", "value": 1})), "$.a.type"),
        (with(json!({"type": "Relationship", "object": "x"})), "$.a.object"),
        (with(json!({"type": "Relationship", "object": 5})), "$.a.object"),
        (
            with(json!({"type": "GeoProperty", "value": {"type": "Point"}})),
            "$.a.value.coordinates",
        ),
        (
            with(json!({"type": "LanguageProperty", "languageMap": {"not a tag": "x"}})),
            "$.a.languageMap['not a tag']",
        ),
        (
            with(json!({"type": "Property", "value": 1, "observedAt": "yesterday"})),
            "$.a.observedAt",
        ),
        (
            with(json!({"type": "Property", "value": 1, "unitCode": 5})),
            "$.a.unitCode",
        ),
        (
            with(json!({"type": "Property", "value": 1, "datasetId": "x"})),
            "$.a.datasetId",
        ),
        (with(json!([{"value": 1}, {"value": 2}])), "$.a[1]"),
        (
            with(json!({"value": {"@type": "DateTime", "@value": "x"}})),
            "$.a.value['@value']",
        ),
        (
            with(json!({"type": "ListProperty", "valueList": 1})),
            "$.a.valueList",
        ),
    ] {
        let e = read(body.clone()).unwrap_err();
        assert_eq!(
            (e.kind, e.path.as_deref()),
            (ErrorKind::BadRequestData, Some(path)),
            "{body}"
        );
    }
    assert_eq!(read(json!([1])).unwrap_err().kind, ErrorKind::InvalidRequest);
    let twice =
        json!({"id": "urn:a:1", "type": "T", "location": 1, "https://uri.etsi.org/ngsi-ld/location": 2});
    assert!(read(twice).is_err());
}

#[test]
fn nesting_of_attributes_is_limited() {
    let mut attr = json!({"value": 1});
    for _ in 0..20 {
        attr = json!({"value": 1, "sub": attr});
    }
    assert!(
        read(json!({"id": "urn:a:1", "type": "T", "a": attr}))
            .unwrap_err()
            .detail
            .contains("nested")
    );
}

#[test]
fn merge_fragments_may_be_partial() {
    let c = Context::core();
    let body = json!({"a": {"observedAt": "2026-01-01T00:00:00Z"}, "b": "urn:ngsi-ld:null",
        "c": {"value": "urn:ngsi-ld:null"}, "d": {"sub": {"value": 1}}, "e": {"unitCode": "urn:ngsi-ld:null"}});
    let f = entity_fragment(&body, &c, InputFormat::Normalized, Purpose::Merge).unwrap();
    let value = |n: &str| f.attributes[&name(n)][0].value.clone();
    assert_eq!(value("a"), FragmentValue::Absent);
    assert_eq!(
        (value("b"), value("c"), value("d")),
        (FragmentValue::Null, FragmentValue::Null, FragmentValue::Absent)
    );
    assert_eq!(f.attributes[&name("e")][0].unit_code, Patch::Remove);
    assert!(entity_fragment(&body, &c, InputFormat::Normalized, Purpose::Complete).is_err());
    let language = json!({"a": {"languageMap": {"@none": "urn:ngsi-ld:null"}}});
    let f = entity_fragment(&language, &c, InputFormat::Normalized, Purpose::Merge).unwrap();
    assert_eq!(f.attributes[&name("a")][0].value, FragmentValue::Null);
}

#[test]
fn simplified_values() {
    let body = json!({"id": "urn:a:1", "type": "T", "a": 1, "b": {"type": "Point", "coordinates": [1, 2]},
        "c": {"languageMap": {"it": "x"}}, "d": {"dataset": {"@none": 1, "urn:d:1": 2}}, "e": {"vocab": "v"}});
    let e = entity(&body, &Context::core(), InputFormat::Simplified).unwrap();
    let kind = |n: &str| e.instances(&name(n))[0].kind();
    use AttributeKind::*;
    assert_eq!(
        [kind("a"), kind("b"), kind("c"), kind("e")],
        [Property, GeoProperty, LanguageProperty, VocabProperty]
    );
    assert_eq!(e.instances(&name("d")).len(), 2);
}

/// Arbitrary JSON, leaning towards the words that the parser knows.
pub(crate) fn json_value() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("id"),
        Just("type"),
        Just("value"),
        Just("object"),
        Just("languageMap"),
        Just("vocab"),
        Just("json"),
        Just("valueList"),
        Just("objectList"),
        Just("unitCode"),
        Just("observedAt"),
        Just("datasetId"),
        Just("coordinates"),
        Just("geometries"),
        Just("scope"),
        Just("@type"),
        Just("@value"),
        Just("a"),
        Just("it"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (-200.0..200.0f64).prop_map(Value::from),
        "[a-z:/ ]{0,6}".prop_map(Value::from),
        prop_oneof![
            Just("Property"),
            Just("Relationship"),
            Just("GeoProperty"),
            Just("Point"),
            Just("Polygon"),
            Just("urn:a:b"),
            Just("urn:ngsi-ld:null"),
            Just("2026-01-01T00:00:00Z"),
            Just("ListProperty"),
            Just("LanguageProperty"),
            Just("VocabProperty"),
            Just("JsonProperty"),
            Just("ListRelationship"),
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            proptest::collection::vec((word.clone(), inner), 0..6)
                .prop_map(|kv| Value::Object(kv.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

proptest! {
    #[test]
    fn never_panics_and_what_is_read_survives_storage(attrs in proptest::collection::vec(json_value(), 0..4)) {
        let mut body = json!({"id": "urn:a:1", "type": "T"});
        for (i, a) in attrs.into_iter().enumerate() {
            body[format!("attr{i}")] = a;
        }
        let c = Context::core();
        for format in [InputFormat::Normalized, InputFormat::Simplified] {
            if let Ok(e) = entity(&body, &c, format) {
                let text = storage::to_storage_string(&e);
                prop_assert_eq!(storage::from_storage_str(&text).unwrap(), e);
            }
            for purpose in [Purpose::Complete, Purpose::Update, Purpose::Merge] {
                let _ = entity_fragment(&body, &c, format, purpose);
            }
        }
    }

    #[test]
    fn arbitrary_json_never_panics(body in json_value()) {
        let c = Context::core();
        let _ = entity(&body, &c, InputFormat::Normalized);
        for purpose in [Purpose::Complete, Purpose::Update, Purpose::Merge] {
            let _ = entity_fragment(&body, &c, InputFormat::Normalized, purpose);
            let _ = attribute_fragment(&body, &c, InputFormat::Normalized, purpose);
            let _ = attribute_fragment(&body, &c, InputFormat::Simplified, purpose);
        }
        let _ = storage::from_storage_json(body.clone());
        let _ = Context::resolve(&body, &crate::context::NoContexts);
    }
}

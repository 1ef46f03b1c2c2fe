use super::*;
use crate::context::Context;
use crate::error::ErrorKind;
use crate::model::AttributeValue;
use crate::parse::tests::json_value;
use crate::parse::{InputFormat, Purpose, attribute_fragment, entity as read, entity_fragment};
use crate::represent::{Format, Representation, entity as write_out};
use proptest::prelude::*;
use serde_json::{Value, json};

const T0: DateTime = DateTime::from_micros(0);
const T1: DateTime = DateTime::from_micros(1_000_000);

fn name(short: &str) -> String {
    Context::core().expand(short).into_owned()
}

fn base() -> Entity {
    let body = json!({"id": "urn:a:1", "type": "T", "a": {"value": 1, "unitCode": "MTR", "s": 5},
        "b": {"object": "urn:x:1"}, "m": [{"value": 1}, {"value": 2, "datasetId": "urn:d:1"}],
        "o": {"value": {"x": 1, "y": {"z": 2}}}, "l": {"languageMap": {"it": "uno", "en": "one"}}});
    let mut e = read(&body, &Context::core(), InputFormat::Normalized).unwrap();
    create(&mut e, T0);
    e
}

fn fragment(body: Value, purpose: Purpose) -> crate::model::EntityFragment {
    entity_fragment(&body, &Context::core(), InputFormat::Normalized, purpose).unwrap()
}

fn simple(e: &Entity) -> Value {
    write_out(e, &Context::core(), &Representation::new(Format::Simplified))
}

fn merge_in(e: &mut Entity, body: Value) -> Result<UpdateResult, crate::NgsiError> {
    merge(e, fragment(body, Purpose::Merge), &MergeOptions::default(), T1)
}

#[test]
fn append_with_and_without_overwriting() {
    let body = json!({"type": "U", "a": 9, "n": 1});
    let mut e = base();
    let r = append(
        &mut e,
        fragment(body.clone(), Purpose::Complete),
        AppendMode::NoOverwrite,
        T1,
    );
    assert_eq!(
        (r.updated, r.not_updated[0].attribute.clone()),
        (vec![name("n")], name("a"))
    );
    assert_eq!(simple(&e)["a"], json!(1));
    assert_eq!(e.types.len(), 2);
    let mut e = base();
    let r = append(
        &mut e,
        fragment(body, Purpose::Complete),
        AppendMode::Overwrite,
        T1,
    );
    assert!(r.is_complete());
    assert_eq!(
        r.changes.iter().map(|c| c.kind).collect::<Vec<_>>(),
        [ChangeKind::Updated, ChangeKind::Created]
    );
    let a = e.instance(&name("a"), None).unwrap();
    assert_eq!(
        (a.created_at, a.modified_at, a.unit_code.clone()),
        (Some(T0), Some(T1), None)
    );
    assert_eq!(e.modified_at, Some(T1));
}

#[test]
fn update_replaces_appends_and_removes() {
    let mut e = base();
    let body = json!({"a": 2, "new": 3, "m": {"value": 7, "datasetId": "urn:d:1"}, "b": "urn:ngsi-ld:null",
        "none": "urn:ngsi-ld:null", "scope": "/Nord"});
    let r = update_attributes(&mut e, fragment(body, Purpose::Update), T1);
    assert_eq!(r.updated, [name("a"), name("new"), name("m"), name("b")]);
    let refused: Vec<_> = r.not_updated.iter().map(|n| n.attribute.as_str()).collect();
    assert_eq!(refused, [crate::model::SCOPE, &name("none")]);
    assert_eq!(simple(&e)["new"], json!(3));
    e.scope = vec!["/Sud".to_owned()];
    let r = update_attributes(&mut e, fragment(json!({"scope": "/Nord"}), Purpose::Update), T1);
    assert!(r.is_complete() && r.members_changed && e.scope == ["/Nord"]);
    let gone = delete_attribute(&mut e, crate::model::SCOPE, &DeleteTarget::Default, T1);
    assert!(gone.unwrap().members_changed && e.scope.is_empty());
    assert!(delete_attribute(&mut e, crate::model::SCOPE, &DeleteTarget::All, T1).is_err());
    assert_eq!(simple(&e)["m"], json!({"dataset": {"@none": 1, "urn:d:1": 7}}));
    assert!(simple(&e).get("b").is_none());
}

#[test]
fn merging() {
    let mut e = base();
    merge_in(
        &mut e,
        json!({"a": {"observedAt": "2026-01-01T00:00:00Z", "s": "urn:ngsi-ld:null", "t": {"value": 1}},
            "o": {"value": {"x": "urn:ngsi-ld:null", "y": {"w": 3}}}, "b": "urn:ngsi-ld:null",
            "l": {"languageMap": {"en": "urn:ngsi-ld:null", "fr": "un"}}}),
    )
    .unwrap();
    let a = e.instance(&name("a"), None).unwrap();
    assert_eq!(a.value, AttributeValue::Property(json!(1)));
    assert_eq!(a.unit_code.as_deref(), Some("MTR"));
    assert_eq!(a.sub_attributes.keys().collect::<Vec<_>>(), [&name("t")]);
    let out = simple(&e);
    assert_eq!(out["o"], json!({"y": {"z": 2, "w": 3}}));
    assert_eq!(out["l"], json!({"languageMap": {"it": "uno", "fr": "un"}}));
    assert!(out.get("b").is_none());
    let before = e.clone();
    assert_eq!(
        merge_in(&mut e, json!({"new": {"unitCode": "MTR"}}))
            .unwrap_err()
            .kind,
        ErrorKind::BadRequestData
    );
    assert_eq!(e, before);
}

#[test]
fn merging_simplified_values_keeps_kinds() {
    let mut e = base();
    let c = Context::core();
    let body = json!({"b": "urn:x:2", "l": "eins"});
    let f = entity_fragment(&body, &c, InputFormat::Simplified, Purpose::Merge).unwrap();
    let options = MergeOptions {
        lang: Some("de".into()),
        observed_at: None,
    };
    merge(&mut e, f, &options, T1).unwrap();
    assert_eq!(simple(&e)["b"], json!("urn:x:2"));
    assert_eq!(
        e.instance(&name("b"), None).unwrap().kind(),
        crate::AttributeKind::Relationship
    );
    assert_eq!(simple(&e)["l"]["languageMap"]["de"], json!("eins"));
    let f = entity_fragment(&json!({"b": 5}), &c, InputFormat::Simplified, Purpose::Merge).unwrap();
    assert!(merge(&mut e, f, &options, T1).is_err());
}

#[test]
fn one_attribute() {
    let c = Context::core();
    let read = |v: Value, p| attribute_fragment(&v, &c, InputFormat::Normalized, p).unwrap();
    let mut e = base();
    let r = partial_update(&mut e, &name("a"), read(json!({"value": 5}), Purpose::Merge), T1).unwrap();
    let a = e.instance(&name("a"), None).unwrap();
    assert_eq!((a.unit_code.as_deref(), a.sub_attributes.len()), (Some("MTR"), 1));
    assert_eq!(a.sub_attributes[&name("s")][0].modified_at, Some(T0));
    assert!(r.changes[0].content_changed());
    let kind = |r: Result<UpdateResult, crate::NgsiError>| r.unwrap_err().kind;
    let object = || {
        read(
            json!({"type": "Relationship", "object": "urn:x:1"}),
            Purpose::Merge,
        )
    };
    assert_eq!(
        kind(partial_update(&mut e, &name("a"), object(), T1)),
        ErrorKind::BadRequestData
    );
    assert_eq!(
        kind(partial_update(&mut e, &name("zz"), object(), T1)),
        ErrorKind::ResourceNotFound
    );
    let empty = read(json!({}), Purpose::Merge);
    assert_eq!(
        kind(partial_update(&mut e, &name("a"), empty, T1)),
        ErrorKind::BadRequestData
    );
    replace_attribute(
        &mut e,
        &name("a"),
        read(json!({"value": 6}), Purpose::Complete),
        T1,
    )
    .unwrap();
    assert_eq!(e.instance(&name("a"), None).unwrap().unit_code, None);
    partial_update(
        &mut e,
        &name("a"),
        read(json!({"value": "urn:ngsi-ld:null"}), Purpose::Merge),
        T1,
    )
    .unwrap();
    assert!(e.instances(&name("a")).is_empty());
}

#[test]
fn deleting_instances() {
    let mut e = base();
    let d1 = DeleteTarget::Dataset(Uri::parse("urn:d:1").unwrap());
    delete_attribute(&mut e, &name("m"), &d1, T1).unwrap();
    assert_eq!(e.instances(&name("m")).len(), 1);
    assert_eq!(
        delete_attribute(&mut e, &name("m"), &d1, T1).unwrap_err().kind,
        ErrorKind::ResourceNotFound
    );
    delete_attribute(&mut e, &name("m"), &DeleteTarget::Default, T1).unwrap();
    assert!(!e.attributes.contains_key(&name("m")));
    assert!(delete_attribute(&mut e, &name("m"), &DeleteTarget::All, T1).is_err());
    assert_eq!(
        delete_attribute(&mut base(), &name("m"), &DeleteTarget::All, T1)
            .unwrap()
            .changes
            .len(),
        2
    );
}

#[test]
fn replacing_tells_what_came_and_went() {
    let mut e = base();
    let new = read(
        &json!({"id": "urn:a:1", "type": "T", "a": 1, "n": 2}),
        &Context::core(),
        InputFormat::Normalized,
    )
    .unwrap();
    let r = replace(&mut e, new, T1);
    let count = |k: ChangeKind| r.changes.iter().filter(|c| c.kind == k).count();
    assert_eq!(
        (
            count(ChangeKind::Updated),
            count(ChangeKind::Created),
            count(ChangeKind::Deleted)
        ),
        (1, 1, 5)
    );
    assert_eq!((e.created_at, e.modified_at), (Some(T0), Some(T1)));
}

proptest! {
    #[test]
    fn merging_twice_changes_nothing_more(patch in proptest::collection::vec(json_value(), 5)) {
        let mut body = json!({});
        for (key, value) in ["a", "b", "m", "o", "l"].into_iter().zip(patch) {
            body[key] = value;
        }
        for format in [InputFormat::Normalized, InputFormat::Simplified] {
            let Ok(f) = entity_fragment(&body, &Context::core(), format, Purpose::Merge) else { continue };
            let mut once = base();
            if merge(&mut once, f.clone(), &MergeOptions::default(), T1).is_ok() {
                let mut twice = once.clone();
                // A patch without a value cannot apply to what its first application removed.
                if merge(&mut twice, f, &MergeOptions::default(), T1).is_ok() {
                    prop_assert_eq!(twice, once);
                }
            }
        }
    }
}

#[test]
fn differences_are_what_changed_in_content_and_nothing_else() {
    let read = |body: serde_json::Value| {
        let mut e = crate::parse::entity(&body, &Context::core(), InputFormat::Normalized).unwrap();
        create(&mut e, DateTime::from_micros(1));
        e
    };
    let before = read(json!({"id": "urn:a:1", "type": "T", "same": 1, "other": 2, "gone": 3}));
    let mut after = read(json!({"id": "urn:a:1", "type": "T", "same": 1, "other": 9, "new": 4}));
    after
        .attributes
        .values_mut()
        .flatten()
        .for_each(|i| i.modified_at = Some(DateTime::from_micros(2)));
    let kinds: Vec<_> = differences(Some(&before), Some(&after))
        .changes
        .iter()
        .map(|c| (c.attribute.rsplit('/').next().unwrap().to_owned(), c.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            ("other".to_owned(), ChangeKind::Updated),
            ("new".to_owned(), ChangeKind::Created),
            ("gone".to_owned(), ChangeKind::Deleted)
        ]
    );
    assert_eq!(differences(None, Some(&after)).changes.len(), 3);
    assert_eq!(differences(Some(&after), None).changes.len(), 3);
    assert!(!differences(Some(&after), Some(&after)).is_changed());
}

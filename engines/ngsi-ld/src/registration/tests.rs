use super::*;
use crate::parse::tests::json_value;
use crate::query::{GeoQuery, ScopeQuery};
use proptest::prelude::*;
use serde_json::json;

fn now() -> DateTime {
    DateTime::parse("2026-03-11T08:00:00Z").unwrap()
}

fn body() -> Value {
    json!({
        "id": "urn:ngsi-ld:ContextSourceRegistration:a", "type": "ContextSourceRegistration",
        "endpoint": "http://source.example:1026/",
        "information": [
            {"entities": [{"id": "urn:v:1", "type": "Vehicle"}], "propertyNames": ["speed"], "relationshipNames": ["isParked"]},
            {"entities": [{"idPattern": "^urn:b:.*", "type": "Building"}]},
        ],
    })
}

fn read(body: &Value) -> crate::Result<Registration> {
    Registration::parse(body, &Context::core(), Uri::parse("urn:given:1").unwrap(), now())
}

fn with(changes: Value) -> Registration {
    let mut all = body();
    for (name, value) in changes.as_object().unwrap() {
        all[name] = value.clone();
    }
    read(&all).unwrap()
}

fn name(short: &str) -> String {
    Context::core().expand(short).into_owned()
}

fn set(names: &[&str]) -> AttributeSet {
    AttributeSet::Only(names.iter().map(|n| name(n)).collect())
}

fn share_of(
    registration: &Registration,
    id: Option<&str>,
    kind: Option<&str>,
    attributes: AttributeSet,
) -> Option<Share> {
    let ids = id.map(|id| vec![Uri::parse(id).unwrap()]);
    let kind = kind.map(name);
    registration.share(&Asked {
        ids: ids.as_deref(),
        types: kind.as_deref().map(|k| vec![k]),
        attributes,
        ..Asked::default()
    })
}

#[test]
fn what_is_stored_is_read_again_and_shown_as_it_was_given() {
    let registration =
        with(json!({"scope": "/Nord", "sourceProperty": {"type": "Property", "value": 3}, "tenant": "b"}));
    assert_eq!(registration.endpoint, "http://source.example:1026");
    let again = Registration::from_document(registration.document.clone()).unwrap();
    let mut shown = Value::Object(represent(&again, &Context::core(), false));
    assert_eq!(shown["scope"], json!(["/Nord"]));
    shown["scope"] = json!("/Nord");
    let mut given = body();
    given["sourceProperty"] = json!({"type": "Property", "value": 3});
    given["tenant"] = json!("b");
    given["scope"] = json!("/Nord");
    assert_eq!(shown, given);
    assert!(represent(&again, &Context::core(), true).contains_key("createdAt"));
    assert!(again.as_entity().attributes.contains_key(&name("sourceProperty")));
}

#[test]
fn faults_are_named_with_their_place() {
    let faults = [
        ("type", json!("Registration"), "$.type"),
        ("information", json!(null), "$.information"),
        ("information", json!([]), "$.information"),
        ("information", json!([{}]), "$.information[0]"),
        (
            "information",
            json!([{"entities": [{"id": "urn:a:1"}]}]),
            "$.information[0].entities[0]",
        ),
        (
            "information",
            json!([{"entities": [{"id": "x", "type": "T"}]}]),
            "$.information[0].entities[0].id",
        ),
        ("endpoint", json!("ftp://x.example"), "$.endpoint"),
        ("mode", json!("both"), "$.mode"),
        ("operations", json!(["readMinds"]), "$.operations"),
        ("management", json!({"timeout": -1}), "$.management.timeout"),
        (
            "management",
            json!({"cacheDuration": "soon"}),
            "$.management.cacheDuration",
        ),
        (
            "observationInterval",
            json!({"startAt": "2026-01-01T00:00:00Z", "endAt": "2025-01-01T00:00:00Z"}),
            "$.observationInterval",
        ),
        (
            "contextSourceInfo",
            json!([{"key": "Authorization"}]),
            "$.contextSourceInfo[0]",
        ),
        ("location", json!({"type": "Point"}), "$.location"),
    ];
    for (member, value, place) in faults {
        let mut bad = body();
        bad[member] = value;
        let error = read(&bad).unwrap_err();
        assert_eq!(error.kind, crate::ErrorKind::BadRequestData, "{member}");
        assert!(
            error.path.as_deref().unwrap_or_default().starts_with(place),
            "{member}: {error:?}"
        );
    }
    assert!(read(&json!([])).is_err());
    let mut late = body();
    late["expiresAt"] = json!("2026-03-11T07:59:59Z");
    assert!(read(&late).is_err());
}

#[test]
fn patches_replace_remove_and_keep_what_cannot_change() {
    let before =
        with(json!({"expiresAt": "2027-01-01T00:00:00Z", "management": {"timeout": 10, "localOnly": true}}));
    let patch = |changes: Value| before.patched(&changes, &Context::core(), now());
    let after = patch(json!({"expiresAt": null, "management": {"timeout": 20}, "mode": "redirect"})).unwrap();
    assert_eq!((after.expires_at, after.mode), (None, Mode::Redirect));
    assert_eq!(
        (after.management.timeout, after.management.local_only),
        (Some(20), true)
    );
    for bad in [
        json!({"id": "urn:other:1"}),
        json!({"type": "X"}),
        json!({"information": null}),
        json!({"endpoint": null}),
    ] {
        assert!(patch(bad).is_err());
    }
}

#[test]
fn groups_of_operations() {
    let defaults = Operations::default();
    assert!(defaults.contains(Operation::QueryBatch) && !defaults.contains(Operation::CreateEntity));
    let some = Operations::parse(["retrieveOps", "createBatch"]).unwrap();
    assert!(some.contains(Operation::CreateBatch) && !some.contains(Operation::QueryBatch));
    let wanted = [Operation::QueryBatch, Operation::QueryEntity];
    assert_eq!(some.first_of(&wanted), Some(Operation::QueryEntity));
    for operation in Operation::ALL {
        assert!(
            Operations::parse([operation.name()])
                .unwrap()
                .contains(*operation)
        );
    }
}

#[test]
fn shares_follow_identifiers_types_and_attributes() {
    let registration = read(&body()).unwrap();
    let all = AttributeSet::all;
    let one = share_of(&registration, Some("urn:v:1"), None, all()).unwrap();
    assert_eq!(one.attributes, set(&["speed", "isParked"]));
    assert_eq!(one.ids.map(|ids| ids.len()), Some(1));
    assert_eq!(share_of(&registration, Some("urn:v:2"), None, all()), None);
    assert_eq!(
        share_of(&registration, Some("urn:v:1"), Some("Boat"), all()),
        None
    );
    assert_eq!(
        share_of(&registration, Some("urn:v:1"), None, set(&["colour"])),
        None
    );
    assert!(share_of(&registration, Some("urn:b:7"), None, set(&["colour"])).is_some());
    let both = share_of(&registration, None, None, all()).unwrap();
    assert!(both.attributes.is_all() && both.ids.is_none() && both.types.len() == 2);
    let pattern = Regex::new("nothing").unwrap();
    let asked = Asked {
        id_pattern: Some(&pattern),
        ..Asked::default()
    };
    assert_eq!(
        registration.share(&asked).unwrap().types.len(),
        1,
        "two patterns may meet, an identifier is compared"
    );
}

#[test]
fn shares_follow_scopes_and_places() {
    let here = with(json!({"scope": ["/Nord"], "location": {"type": "Point", "coordinates": [11.0, 43.0]}}));
    let scopes = |text: &str| ScopeQuery::parse(text).unwrap();
    let (north, south) = (scopes("/Nord"), scopes("/Sud"));
    assert!(
        here.share(&Asked {
            scope_q: Some(&north),
            ..Asked::default()
        })
        .is_some()
    );
    assert!(
        here.share(&Asked {
            scope_q: Some(&south),
            ..Asked::default()
        })
        .is_none()
    );
    let near = |lon: f64| {
        GeoQuery::parse(
            "near;maxDistance==1000",
            "Point",
            &json!([lon, 43.0]),
            None,
            &Context::core(),
        )
        .unwrap()
    };
    let (close, far) = (near(11.001), near(12.0));
    assert!(
        here.share(&Asked {
            geo_q: Some(&close),
            ..Asked::default()
        })
        .is_some()
            && here.lies(&close)
    );
    assert!(
        here.share(&Asked {
            geo_q: Some(&far),
            ..Asked::default()
        })
        .is_none()
            && !here.lies(&far)
    );
    let anywhere = read(&body()).unwrap();
    assert!(
        anywhere
            .share(&Asked {
                geo_q: Some(&far),
                ..Asked::default()
            })
            .is_some()
            && !anywhere.lies(&far)
    );
}

#[test]
fn temporal_queries_want_the_right_interval() {
    let past = with(
        json!({"observationInterval": {"startAt": "2020-08-01T22:07:00Z", "endAt": "2021-08-01T21:07:00Z"}}),
    );
    let query = |rel: &str, at: &str, end: Option<&str>, property: Option<&str>| {
        TemporalQuery::parse(rel, Some(at), end, property).unwrap()
    };
    assert!(query("before", "2021-08-01T22:00:00Z", None, None).matches(&past));
    assert!(!query("before", "2020-01-01T00:00:00Z", None, None).matches(&past));
    assert!(query("after", "2021-01-01T00:00:00Z", None, Some("observedAt")).matches(&past));
    assert!(!query("after", "2022-01-01T00:00:00Z", None, None).matches(&past));
    assert!(
        query(
            "between",
            "2019-01-01T00:00:00Z",
            Some("2020-09-01T00:00:00Z"),
            None
        )
        .matches(&past)
    );
    assert!(!query("before", "2021-08-01T22:00:00Z", None, Some("createdAt")).matches(&past));
    assert!(!past.is_current() && read(&body()).unwrap().is_current());
    assert!(TemporalQuery::parse("before", None, None, None).is_err());
    assert!(TemporalQuery::parse("during", Some("2021-08-01T22:00:00Z"), None, None).is_err());
}

fn claim(mode: Mode, attributes: AttributeSet, is_supported: bool) -> Claim {
    let is_whole = mode != Mode::Exclusive || !attributes.is_all();
    Claim {
        mode,
        attributes,
        is_supported,
        is_whole,
    }
}

#[test]
fn exclusive_and_redirected_attributes_are_not_held_here() {
    let claims = [
        claim(Mode::Inclusive, AttributeSet::all(), true),
        claim(Mode::Exclusive, set(&["speed"]), true),
        claim(Mode::Auxiliary, AttributeSet::all(), true),
        claim(Mode::Redirect, set(&["colour"]), true),
    ];
    let writing = split(&claims, true);
    assert_eq!(
        writing.parts.iter().map(|p| p.claim).collect::<Vec<_>>(),
        [0, 1, 3]
    );
    assert!(!writing.parts[0].attributes.contains(&name("speed")));
    assert!(!writing.local.contains(&name("speed")) && !writing.local.contains(&name("colour")));
    assert!(writing.local.contains(&name("name")));
    assert_eq!(split(&claims, false).parts.len(), 4);
}

#[test]
fn what_a_source_alone_holds_and_may_not_be_asked_is_a_conflict() {
    let claims = [
        claim(Mode::Redirect, AttributeSet::all(), false),
        claim(Mode::Inclusive, AttributeSet::all(), false),
    ];
    let writing = split(&claims, true);
    assert_eq!(writing.parts.len(), 1);
    assert!(writing.parts[0].is_refused && writing.local.is_none());
    assert!(split(&claims, false).parts.is_empty());
    let unnamed = [claim(Mode::Exclusive, AttributeSet::all(), true)];
    assert!(split(&unnamed, true).parts[0].is_refused);
    assert!(
        split(&unnamed, false).local.is_all(),
        "it hides nothing from readers"
    );
}

fn vehicle(attributes: Value) -> Entity {
    let mut body = attributes;
    body["id"] = json!("urn:v:1");
    body["type"] = json!("Vehicle");
    read_entity(&body, &Context::core()).unwrap()
}

#[test]
fn the_newest_value_counts_and_auxiliary_sources_fill_gaps() {
    let local = vehicle(json!({
        "a": {"type": "Property", "value": 1, "observedAt": "2026-01-01T00:00:00Z", "modifiedAt": "2026-03-01T00:00:00Z"},
        "b": {"type": "Property", "value": 1, "modifiedAt": "2026-01-01T00:00:00Z"},
        "c": {"type": "Property", "value": 1},
    }));
    let other = vehicle(json!({
        "a": {"type": "Property", "value": 2, "observedAt": "2026-01-02T00:00:00Z", "modifiedAt": "2026-02-01T00:00:00Z"},
        "b": {"type": "Property", "value": 2, "modifiedAt": "2026-01-02T00:00:00Z"},
        "c": {"type": "Property", "value": 2},
        "d": {"type": "Property", "value": 2},
    }));
    let whole = |fills_gaps| {
        let contributions = vec![
            Contribution {
                entity: other.clone(),
                fills_gaps,
            },
            Contribution {
                entity: local.clone(),
                fills_gaps: false,
            },
        ];
        let mut ordered = contributions;
        ordered.reverse();
        merge(ordered).unwrap()
    };
    let value = |entity: &Entity, n: &str| entity.instances(&name(n))[0].value.clone();
    use crate::AttributeValue::Property as P;
    let merged = whole(false);
    assert_eq!(
        (value(&merged, "a"), value(&merged, "b")),
        (P(json!(2)), P(json!(2)))
    );
    assert_eq!(
        (value(&merged, "c"), value(&merged, "d")),
        (P(json!(1)), P(json!(2)))
    );
    let filled = whole(true);
    assert_eq!(
        (value(&filled, "a"), value(&filled, "d")),
        (P(json!(1)), P(json!(2)))
    );
}

#[test]
fn bodies_change_names_and_lose_attributes() {
    let theirs = Context::resolve(&json!({"velocita": "https://uri.etsi.org/ngsi-ld/default-context/speed", "Veicolo": "https://uri.etsi.org/ngsi-ld/default-context/Vehicle"}), &crate::context::NoContexts).unwrap();
    let ours = json!({"id": "urn:v:1", "type": "Vehicle", "speed": {"type": "Property", "value": {"speed": 1}, "speed": {"value": 2}}});
    let there = translate(&ours, &Context::core(), &theirs);
    assert_eq!(
        there,
        json!({"id": "urn:v:1", "type": "Veicolo", "velocita": {"type": "Property", "value": {"speed": 1}, "velocita": {"value": 2}}})
    );
    assert_eq!(translate(&there, &theirs, &Context::core()), ours);
    let map = ours.as_object().unwrap();
    assert_eq!(names_of(map, &Context::core()).len(), 1);
    assert!(!keep_attributes(map, &Context::core(), &AttributeSet::none()).contains_key("speed"));
}

proptest! {
    #[test]
    fn reading_anything_never_panics(member in 0usize..12, value in json_value()) {
        let names = ["information", "endpoint", "mode", "operations", "management", "location", "scope", "expiresAt",
            "contextSourceInfo", "observationInterval", "tenant", "other"];
        let mut all = body();
        all[names[member]] = value;
        if let Ok(registration) = read(&all) {
            let again = Registration::from_document(registration.document.clone()).unwrap();
            prop_assert_eq!(again.document, registration.document);
        }
    }
}

use super::compile::read;
use super::*;
use crate::context::NoContexts;
use crate::error::ErrorKind;
use crate::model::Entity;
use crate::parse::{InputFormat, entity};
use crate::query::NoLinkedEntities;
use crate::update;
use crate::update::Change;
use proptest::prelude::*;
use serde_json::{Value, json};

pub(super) fn context() -> Context {
    let given = json!({ "Building": "https://x.org/Building", "name": "https://x.org/name" });
    Context::resolve(&given, &NoContexts).unwrap()
}

/// A subscription to buildings, with other members merged in.
pub(super) fn body(more: &Value) -> Value {
    let mut body = json!({
        "id": "urn:s:1", "type": "Subscription", "entities": [{ "type": "Building" }],
        "notification": { "endpoint": { "uri": "http://receiver.example/n" } },
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

pub(super) fn subscription(more: &Value) -> Subscription {
    read(&body(more), &context()).unwrap()
}

pub(super) fn building(more: &Value) -> Entity {
    let mut body = json!({ "id": "urn:b:1", "type": "Building" });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let mut made = entity(&body, &context(), InputFormat::Normalized).unwrap();
    update::create(&mut made, DateTime::from_micros(0));
    made
}

/// From one state to another, with the changes that lead there.
pub(super) fn change(before: &Entity, after: &Entity) -> (Entity, Vec<Change>) {
    let mut entity = before.clone();
    let result = update::replace(&mut entity, after.clone(), DateTime::from_micros(1_000_000));
    let changes = result
        .changes
        .into_iter()
        .filter(Change::content_changed)
        .collect();
    (entity, changes)
}

fn concerned(s: &Subscription, before: Option<&Entity>, after: Option<&Entity>) -> bool {
    let changes = match (before, after) {
        (Some(b), Some(a)) => change(b, a).1,
        (None, Some(a)) => update::create(&mut a.clone(), DateTime::from_micros(0)).changes,
        (Some(b), None) => update::delete(b).changes,
        (None, None) => Vec::new(),
    };
    let changes: Vec<&Change> = changes.iter().collect();
    let what = Occurrence {
        before,
        after,
        changes: &changes,
    };
    let concerned = s.concerns(&what, &NoLinkedEntities);
    let found = !Index::build([s]).candidates(&what).is_empty();
    assert!(found || !concerned, "the index must find whom a change concerns");
    concerned
}

fn fault(more: &Value) -> (ErrorKind, String) {
    let error = read(&body(more), &context()).unwrap_err();
    (error.kind, error.path.unwrap_or_default())
}

#[test]
fn members_are_checked_where_they_stand() {
    let endpoint = |e: Value| json!({ "notification": { "endpoint": e } });
    let params = |mut p: Value| {
        p["endpoint"] = json!({ "uri": "http://r.example" });
        json!({ "notification": p })
    };
    for (more, path) in [
        (json!({ "id": "x" }), "$.id"),
        (json!({ "type": "Other" }), "$.type"),
        (json!({ "entities": [] }), "$.entities"),
        (json!({ "entities": [{ "id": "urn:a:b" }] }), "$.entities[0].type"),
        (
            json!({ "entities": [{ "type": "A", "idPattern": "(" }] }),
            "$.entities[0].idPattern",
        ),
        (json!({ "watchedAttributes": [] }), "$.watchedAttributes"),
        (json!({ "watchedAttributes": ["a b"] }), "$.watchedAttributes[0]"),
        (
            json!({ "notificationTrigger": ["entityMoved"] }),
            "$.notificationTrigger[0]",
        ),
        (json!({ "throttling": -30 }), "$.throttling"),
        (json!({ "timeInterval": 0 }), "$.timeInterval"),
        (json!({ "timeInterval": 10, "throttling": 30 }), "$.timeInterval"),
        (
            json!({ "timeInterval": 10, "watchedAttributes": ["a"] }),
            "$.timeInterval",
        ),
        (json!({ "q": "a==" }), "$.q"),
        (json!({ "geoQ": { "georel": "near" } }), "$.geoQ.coordinates"),
        (json!({ "scopeQ": "//" }), "$.scopeQ"),
        (json!({ "lang": "" }), "$.lang"),
        (json!({ "isActive": "yes" }), "$.isActive"),
        (json!({ "expiresAt": "tomorrow" }), "$.expiresAt"),
        (json!({ "datasetId": ["x"] }), "$.datasetId[0]"),
        (json!({ "jsonldContext": "unknown" }), "$.jsonldContext"),
        (json!({ "notification": {} }), "$.notification.endpoint"),
        (json!({ "notification": null }), "$.notification"),
        (endpoint(json!({})), "$.notification.endpoint.uri"),
        (
            endpoint(json!({ "uri": "http://r.example", "accept": "text/xml" })),
            "$.notification.endpoint.accept",
        ),
        (
            endpoint(json!({ "uri": "http://r.example", "timeout": 0 })),
            "$.notification.endpoint.timeout",
        ),
        (
            endpoint(json!({ "uri": "http://r.example", "receiverInfo": [{ "key": "a b", "value": "c" }] })),
            "$.notification.endpoint.receiverInfo[0].key",
        ),
        (
            endpoint(
                json!({ "uri": "http://r.example", "receiverInfo": [{ "key": "a", "value": "c\r\nd: e" }] }),
            ),
            "$.notification.endpoint.receiverInfo[0].value",
        ),
        (params(json!({ "format": "xml" })), "$.notification.format"),
        (
            params(json!({ "pick": ["id"], "omit": ["id"] })),
            "$.notification.omit",
        ),
        (
            params(json!({ "pick": ["id"], "attributes": ["a"] })),
            "$.notification.pick",
        ),
        (
            params(json!({ "omit": ["id"], "attributes": ["a"] })),
            "$.notification.omit",
        ),
        (params(json!({ "joinLevel": 99 })), "$.notification.joinLevel"),
        (
            params(json!({ "format": "keyValues", "showChanges": true })),
            "$.notification.showChanges",
        ),
    ] {
        assert_eq!(
            fault(&more),
            (ErrorKind::BadRequestData, path.to_owned()),
            "{more}"
        );
    }
    let neither = json!({ "type": "Subscription", "id": "urn:s:1", "notification": { "endpoint": { "uri": "urn:x:y" } } });
    assert_eq!(
        read(&neither, &context()).unwrap_err().kind,
        ErrorKind::BadRequestData
    );
    assert_eq!(
        canonical(&json!([]), &context()).unwrap_err().kind,
        ErrorKind::InvalidRequest
    );
}

#[test]
fn names_are_expanded_and_shown_in_the_readers_words() {
    let more = json!({
        "entities": [{ "type": "(Building|Tower);Old" }], "watchedAttributes": ["name"],
        "geoQ": { "georel": "near;maxDistance==10", "geometry": "Point", "coordinates": [11, 43], "geoproperty": "name" },
        "notification": { "pick": ["id", "name{name,other}"], "endpoint": { "uri": "http://r.example" } },
        "status": "expired", "timesSent": 7, "unknown": 1,
    });
    let kept = canonical(&body(&more), &context()).unwrap();
    assert_eq!(kept["watchedAttributes"], json!(["https://x.org/name"]));
    assert!(!kept.contains_key("status") && !kept.contains_key("unknown"));
    let quiet = Delivery::default();
    let shown = represent(&kept, &context(), Status::Active, &quiet, None);
    for name in ["entities", "watchedAttributes", "geoQ", "notification"] {
        assert_eq!(shown[name], more[name], "{name}");
    }
    assert_eq!(shown["status"], "active");
    assert_eq!(
        shown["notificationTrigger"],
        json!(["attributeCreated", "attributeUpdated"])
    );
    let plain = represent(&kept, &Context::core(), Status::Paused, &quiet, None);
    assert_eq!(plain["entities"][0]["type"], "(https://x.org/Building|Tower);Old");
    let failing = Delivery {
        times_sent: 3,
        times_failed: 1,
        failing: true,
        ..Delivery::default()
    };
    let told = represent(&kept, &context(), Status::Active, &failing, None);
    assert_eq!(told["notification"]["status"], "failed");
    assert_eq!(told["notification"]["timesSent"], 3);
}

#[test]
fn a_patch_replaces_members_and_null_removes_them() {
    let stored = canonical(&body(&json!({ "expiresAt": "2030-01-01T00:00:00Z" })), &context()).unwrap();
    let changed = patch(
        &stored,
        &json!({ "expiresAt": null, "isActive": false, "q": "name" }),
        &context(),
    )
    .unwrap();
    assert!(!changed.contains_key("expiresAt") && changed["isActive"] == false && changed["q"] == "name");
    assert_eq!(changed["entities"], stored["entities"]);
    for bad in [
        json!({ "notification": { "format": "keyValues" } }),
        json!({ "notification": { "endpoint": null } }),
        json!({ "notification": null }),
        json!({ "type": null }),
        json!({ "id": "urn:other:1" }),
    ] {
        let error = patch(&stored, &bad, &context()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::BadRequestData, "{bad}");
    }
}

#[test]
fn triggers_decide_what_is_told() {
    let named = |n: &str| building(&json!({ "name": n, "height": 3 }));
    let (a, b, bare) = (named("a"), named("b"), building(&json!({})));
    let with = |triggers: Value, watched: Option<&str>| {
        let mut more = json!({ "notificationTrigger": triggers });
        if let Some(watched) = watched {
            more["watchedAttributes"] = json!([watched]);
        }
        subscription(&more)
    };
    let usual = subscription(&json!({}));
    assert!(concerned(&usual, None, Some(&a)) && concerned(&usual, Some(&a), Some(&b)));
    assert!(concerned(&usual, Some(&bare), Some(&a)));
    assert!(!concerned(&usual, Some(&a), Some(&bare)) && !concerned(&usual, Some(&a), None));
    assert!(!concerned(&usual, Some(&a), Some(&a)), "nothing changed");
    let height = with(json!(["attributeUpdated"]), Some("height"));
    assert!(!concerned(&height, Some(&a), Some(&b)));
    let name = with(json!(["attributeDeleted"]), Some("name"));
    assert!(concerned(&name, Some(&a), Some(&bare)) && concerned(&name, Some(&a), None));
    assert!(!concerned(&name, Some(&a), Some(&b)));
    let created = with(json!(["entityCreated"]), Some("name"));
    assert!(concerned(&created, None, Some(&bare)) && !concerned(&created, Some(&bare), Some(&a)));
    let updated = with(json!(["entityUpdated"]), None);
    assert!(concerned(&updated, Some(&a), Some(&bare)) && !concerned(&updated, None, Some(&a)));
    let deleted = with(json!(["entityDeleted"]), None);
    assert!(concerned(&deleted, Some(&a), None) && !concerned(&deleted, Some(&a), Some(&b)));
    let periodic = subscription(&json!({ "timeInterval": 5 }));
    assert!(!concerned(&periodic, Some(&a), Some(&b)));
}

#[test]
fn selectors_and_queries_decide_of_whom() {
    let tower = building(&json!({
        "name": "Eiffel Tower", "scope": "/Paris/7",
        "location": { "type": "Point", "coordinates": [2.29, 48.86] },
    }));
    let hears = |more: Value| concerned(&subscription(&more), None, Some(&tower));
    assert!(
        hears(json!({ "q": "name==\"Eiffel Tower\"" })) && hears(json!({ "q": "name==\"Eiffel%20Tower\"" }))
    );
    assert!(!hears(json!({ "q": "name==\"Other\"" })));
    assert!(hears(json!({ "scopeQ": "/Paris/#" })) && !hears(json!({ "scopeQ": "/Lyon/#" })));
    let near = |x: f64| json!({ "geoQ": { "georel": "near;maxDistance==5000", "geometry": "Point", "coordinates": [x, 48.86] } });
    assert!(hears(near(2.30)) && !hears(near(3.0)));
    for (selector, expected) in [
        (json!({ "type": "Building", "id": "urn:b:1" }), true),
        (json!({ "type": "Building", "id": ["urn:b:2", "urn:b:1"] }), true),
        (json!({ "type": "Building", "id": "urn:b:2" }), false),
        (json!({ "type": "Building", "idPattern": "^urn:b:" }), true),
        (json!({ "type": "Building;Tower" }), false),
        (json!({ "type": "Tower,Building" }), true),
        (json!({ "type": "*" }), true),
        (json!({ "type": "Tower" }), false),
    ] {
        assert_eq!(hears(json!({ "entities": [selector] })), expected, "{selector}");
    }
    let mut any = body(&json!({ "watchedAttributes": ["name"] }));
    any.as_object_mut().unwrap().shift_remove("entities");
    assert!(concerned(&read(&any, &context()).unwrap(), None, Some(&tower)));
}

#[test]
fn status_follows_switch_and_time() {
    let at = |text: &str| DateTime::parse(text).unwrap();
    let s = subscription(&json!({ "expiresAt": "2030-01-01T00:00:00Z" }));
    assert_eq!(s.status(at("2029-12-31T23:59:59Z")), Status::Active);
    assert_eq!(s.status(at("2030-01-01T00:00:00Z")), Status::Expired);
    let off = subscription(&json!({ "isActive": false }));
    assert_eq!(off.status(at("2030-01-01T00:00:00Z")), Status::Paused);
}

#[test]
fn one_change_meets_only_those_who_may_care() {
    let all: Vec<Subscription> = (0..1_000)
        .map(|n| subscription(&json!({ "watchedAttributes": [format!("a{n}")] })))
        .collect();
    let index = Index::build(&all);
    let (before, after) = (building(&json!({})), building(&json!({ "a7": 1 })));
    let (_, changes) = change(&before, &after);
    let changes: Vec<&Change> = changes.iter().collect();
    let what = Occurrence {
        before: Some(&before),
        after: Some(&after),
        changes: &changes,
    };
    assert_eq!(index.candidates(&what), [7]);
}

proptest! {
    #[test]
    fn whatever_is_sent_is_read_or_refused(text in "[\\[\\]{}:,\"a-z0-9 =;()#/.*]{0,60}", number in any::<f64>()) {
        for more in [
            json!({ "q": text, "scopeQ": text }), json!({ "entities": [{ "type": text, "idPattern": text }] }),
            json!({ "timeInterval": number }), json!({ "throttling": number, "expiresAt": text }),
            json!({ "notification": { "pick": [text], "endpoint": { "uri": text, "timeout": number } } }),
        ] {
            if let Ok(kept) = canonical(&body(&more), &context()) {
                // A canonical form is canonical: reading it again changes nothing.
                let again = canonical(&Value::Object(kept.clone()), &context());
                prop_assert_eq!(again.ok(), Some(kept.clone()));
                let _ = Subscription::compile(&kept, context(), &context());
                represent(&kept, &context(), Status::Active, &Delivery::default(), None);
            }
        }
    }
}

use super::tests::{building, change, subscription};
use super::*;
use crate::model::Entity;
use crate::update;
use crate::update::Change;
use serde_json::{Value, json};

/// What a notification says of a change.
fn told(more: &Value, before: Option<&Entity>, after: Option<&Entity>) -> Vec<Value> {
    told_with(more, before, after, &mut NoLinked)
}

fn told_with(
    more: &Value,
    before: Option<&Entity>,
    after: Option<&Entity>,
    linked: &mut dyn LinkedSource,
) -> Vec<Value> {
    let s = subscription(more);
    let (after, changes) = match (before, after) {
        (Some(b), Some(a)) => {
            let (entity, changes) = change(b, a);
            (Some(entity), changes)
        }
        (Some(b), None) => (None, update::delete(b).changes),
        (None, a) => {
            let mut entity = a.unwrap().clone();
            let changes = update::create(&mut entity, DateTime::from_micros(0)).changes;
            (Some(entity), changes)
        }
    };
    let changes: Vec<&Change> = changes.iter().collect();
    let what = Occurrence {
        before,
        after: after.as_ref(),
        changes: &changes,
    };
    changed_entity(&s, &what, DateTime::from_micros(2_000_000), linked)
}

fn params(triggers: &[&str], more: Value) -> Value {
    let mut notification = more;
    notification["endpoint"] = json!({ "uri": "http://r.example" });
    json!({ "notificationTrigger": triggers, "notification": notification })
}

fn full() -> Entity {
    building(&json!({
        "name": "Tower", "street": { "type": "LanguageProperty", "languageMap": { "fr": "Grand Place" } },
        "locatedAt": { "type": "Relationship", "object": "urn:c:Paris" },
        "tags": { "type": "VocabProperty", "vocab": "monument" },
    }))
}

fn without(name: &str) -> Entity {
    let mut entity = full();
    entity.attributes.retain(|iri, _| !iri.ends_with(name));
    entity
}

#[test]
fn what_was_removed_is_null_in_every_format() {
    let removed = |format: &str, name: &str| {
        let more = params(&["attributeDeleted"], json!({ "format": format }));
        told(&more, Some(&full()), Some(&without(name))).remove(0)[name].take()
    };
    assert_eq!(
        removed("normalized", "name"),
        json!({ "type": "Property", "value": "urn:ngsi-ld:null" })
    );
    assert_eq!(
        removed("normalized", "locatedAt"),
        json!({ "type": "Relationship", "object": "urn:ngsi-ld:null" })
    );
    let street = json!({ "type": "LanguageProperty", "languageMap": { "@none": "urn:ngsi-ld:null" } });
    assert_eq!(removed("normalized", "street"), street);
    assert_eq!(removed("concise", "name"), json!({ "value": "urn:ngsi-ld:null" }));
    assert_eq!(removed("simplified", "street"), "urn:ngsi-ld:null");
    let quiet = params(&["attributeUpdated"], json!({}));
    assert!(
        told(&quiet, Some(&full()), Some(&without("name")))[0]
            .get("name")
            .is_none()
    );
}

#[test]
fn one_of_several_instances_goes() {
    let french = json!({ "type": "Property", "value": "Tour", "datasetId": "urn:d:fr" });
    let both = building(&json!({ "name": [{ "type": "Property", "value": "Tower" }, french] }));
    let one = building(&json!({ "name": "Tower" }));
    let of = |format: &str, after: &Entity| {
        let more = params(&["attributeDeleted"], json!({ "format": format }));
        told(&more, Some(&both), Some(after)).remove(0)["name"].take()
    };
    let gone = json!({ "type": "Property", "value": "urn:ngsi-ld:null", "datasetId": "urn:d:fr" });
    assert_eq!(
        of("normalized", &one),
        json!([{ "type": "Property", "value": "Tower" }, gone])
    );
    assert_eq!(
        of("keyValues", &one),
        json!({ "dataset": { "@none": "Tower", "urn:d:fr": "urn:ngsi-ld:null" } })
    );
    let all = json!({ "type": "Property", "value": "urn:ngsi-ld:null" });
    assert_eq!(of("normalized", &building(&json!({}))), all);
}

#[test]
fn former_values_are_told_where_they_are_asked_for() {
    let mut after = full();
    let new = building(&json!({ "name": "Tour", "tags": { "type": "VocabProperty", "vocab": "museum" } }));
    for (name, list) in new.attributes {
        after.attributes.insert(name, list);
    }
    let more = params(&["attributeUpdated"], json!({ "showChanges": true }));
    let entity = &told(&more, Some(&full()), Some(&after))[0];
    assert_eq!(
        entity["name"],
        json!({ "type": "Property", "value": "Tour", "previousValue": "Tower" })
    );
    assert_eq!(entity["tags"]["previousVocab"], "monument");
    assert!(entity["street"].get("previousLanguageMap").is_none());
    let concise = params(
        &["attributeUpdated"],
        json!({ "showChanges": true, "format": "concise" }),
    );
    let entity = &told(&concise, Some(&full()), Some(&after))[0];
    assert_eq!(
        entity["name"],
        json!({ "value": "Tour", "previousValue": "Tower" })
    );
    let gone = params(&["attributeDeleted"], json!({ "showChanges": true }));
    let entity = &told(&gone, Some(&full()), Some(&without("locatedAt")))[0];
    assert_eq!(entity["locatedAt"]["previousObject"], "urn:c:Paris");
    let created = params(&["entityCreated"], json!({ "showChanges": true }));
    assert!(
        !told(&created, None, Some(&full()))[0]
            .to_string()
            .contains("previous")
    );
}

#[test]
fn of_a_deleted_entity_little_is_left() {
    let of = |more: Value| told(&more, Some(&full()), None).remove(0);
    let plain = of(params(&["entityDeleted"], json!({ "format": "keyValues" })));
    assert_eq!(
        plain,
        json!({ "id": "urn:b:1", "type": "Building", "deletedAt": "1970-01-01T00:00:02Z" })
    );
    let times = of(params(&["entityDeleted"], json!({ "sysAttrs": true })));
    assert_eq!(times.as_object().unwrap().len(), 5);
    let mut watched = params(&["attributeDeleted"], json!({ "sysAttrs": true }));
    watched["watchedAttributes"] = json!(["name"]);
    let named = of(watched);
    assert_eq!(named["name"]["value"], "urn:ngsi-ld:null");
    assert!(named["name"]["deletedAt"].is_string() && named.get("street").is_none());
    let former = of(params(&["entityDeleted"], json!({ "showChanges": true })));
    assert_eq!(former["name"]["previousValue"], "Tower");
    assert_eq!(former["street"]["languageMap"], "urn:ngsi-ld:null");
}

#[test]
fn projections_hold_for_removals_too() {
    let picked = params(&["attributeDeleted"], json!({ "pick": ["id", "street"] }));
    let entity = &told(&picked, Some(&full()), Some(&without("name")))[0];
    assert_eq!(
        entity.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["id", "street"]
    );
    let mut datasets = params(&["attributeUpdated"], json!({}));
    datasets["datasetId"] = json!(["urn:d:fr"]);
    let french = json!({ "type": "Property", "value": "Tour", "datasetId": "urn:d:fr" });
    let both = building(&json!({ "name": [{ "type": "Property", "value": "Tower" }, french.clone()] }));
    assert_eq!(told(&datasets, Some(&full()), Some(&both))[0]["name"], french);
}

struct City(u32);

impl LinkedSource for City {
    fn entity(&mut self, id: &str) -> Option<Entity> {
        self.0 += 1;
        let mut city =
            building(&json!({ "mayor": { "type": "Relationship", "object": "urn:p:1" }, "name": id }));
        city.id = crate::Uri::parse(id).unwrap();
        Some(city)
    }
}

#[test]
fn linked_entities_come_along() {
    let of = |more: Value| {
        let more = params(&["attributeUpdated"], more);
        told_with(&more, Some(&without("name")), Some(&full()), &mut City(0))
    };
    let ids = |all: &[Value]| {
        all.iter()
            .map(|e| e["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let flat = of(json!({ "join": "flat", "attributes": ["locatedAt"] }));
    assert_eq!(ids(&flat), ["urn:b:1", "urn:c:Paris"]);
    assert!(flat[0].get("name").is_none() && flat[1]["name"]["value"] == "urn:c:Paris");
    assert_eq!(
        ids(&of(json!({ "join": "flat", "joinLevel": 3 }))),
        ["urn:b:1", "urn:c:Paris", "urn:p:1"]
    );
    let inline = of(json!({ "join": "inline", "joinLevel": 2 }));
    assert_eq!(inline[0]["locatedAt"]["object"], "urn:c:Paris");
    assert_eq!(
        inline[0]["locatedAt"]["entity"]["mayor"]["entity"]["id"],
        "urn:p:1"
    );
    let simple = of(json!({ "join": "inline", "format": "simplified" }));
    assert_eq!(simple[0]["locatedAt"]["name"], "urn:c:Paris");
    assert_eq!(
        of(json!({}))[0]["locatedAt"],
        json!({ "type": "Relationship", "object": "urn:c:Paris" })
    );
}

#[test]
fn joins_are_bounded() {
    struct Endless(usize);
    impl LinkedSource for Endless {
        fn entity(&mut self, id: &str) -> Option<Entity> {
            self.0 += 1;
            let next: Vec<String> = (0..20).map(|n| format!("{id}:{n}")).collect();
            let mut entity = building(&json!({ "next": { "type": "Relationship", "object": next } }));
            entity.id = crate::Uri::parse(id).unwrap();
            Some(entity)
        }
    }
    for join in ["flat", "inline"] {
        let more = params(&["attributeUpdated"], json!({ "join": join, "joinLevel": 5 }));
        let mut endless = Endless(0);
        told_with(&more, Some(&without("name")), Some(&full()), &mut endless);
        assert!(endless.0 <= 200, "{join}: {}", endless.0);
    }
}

#[test]
fn bodies_by_media_type() {
    let of = |endpoint: Value| {
        let s = subscription(&json!({ "notification": { "endpoint": endpoint } }));
        let entity = building(&json!({ "location": { "type": "Point", "coordinates": [1.0, 2.0] } }));
        let data = current_entity(&s, &entity, &mut NoLinked);
        NotificationBody {
            id: "urn:n:1",
            subscription: &s,
            notified_at: DateTime::from_micros(0),
            data,
        }
        .to_json()
    };
    let plain = of(json!({ "uri": "http://r.example" }));
    assert_eq!(plain["type"], "Notification");
    assert_eq!(plain["subscriptionId"], "urn:s:1");
    assert_eq!(plain["notifiedAt"], "1970-01-01T00:00:00Z");
    assert!(plain["data"][0].get("@context").is_none());
    let ld = of(json!({ "uri": "http://r.example", "accept": "application/ld+json" }));
    assert!(ld["data"][0]["@context"].is_object());
    let geo = of(json!({ "uri": "http://r.example", "accept": "application/geo+json" }));
    assert_eq!(geo["data"]["type"], "FeatureCollection");
    assert_eq!(geo["data"]["features"][0]["geometry"]["type"], "Point");
    assert!(
        geo["data"]["features"][0]["properties"].get("id").is_none() && geo["data"]["@context"].is_object()
    );
}

use super::*;
use crate::context::NoContexts;
use crate::parse::tests::{everything, json_value};
use crate::parse::{InputFormat, entity as read};
use proptest::prelude::*;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;

fn core() -> Context {
    Context::core()
}

#[test]
fn normalized_gives_back_what_was_given() {
    let e = read(&everything(), &core(), InputFormat::Normalized).unwrap();
    let mut expected = everything();
    expected["scope"] = json!("/Prato/Centro");
    assert_eq!(entity(&e, &core(), &Representation::default()), expected);
}

#[test]
fn concise_and_simplified() {
    let e = read(&everything(), &core(), InputFormat::Normalized).unwrap();
    let concise = entity(&e, &core(), &Representation::new(Format::Concise));
    assert_eq!(
        concise["height"]["accuracy"],
        json!({"value": 0.1, "by": {"object": "urn:a:b"}})
    );
    assert_eq!(
        concise["location"],
        json!({"type": "Point", "coordinates": [11.0963, 43.8804]})
    );
    assert_eq!(
        concise["names"],
        json!([{"value": "Palazzo"}, {"value": "Palace", "datasetId": "urn:lang:en"}])
    );
    assert_eq!(read(&concise, &core(), InputFormat::Normalized).unwrap(), e);
    let simple = entity(&e, &core(), &Representation::new(Format::Simplified));
    assert_eq!(simple["height"], json!(12.5));
    assert_eq!(simple["neighbours"], json!(["urn:a:1", "urn:a:2"]));
    assert_eq!(
        simple["names"],
        json!({"dataset": {"@none": "Palazzo", "urn:lang:en": "Palace"}})
    );
    assert_eq!(simple["category"], json!({"vocab": ["civic", "museum"]}));
    assert_eq!(simple["rooms"], json!({"objectList": ["urn:r:1", "urn:r:2"]}));
}

#[test]
fn languages_projections_and_times() {
    let c = core();
    let mut e = read(&everything(), &c, InputFormat::Normalized).unwrap();
    crate::update::create(&mut e, crate::DateTime::from_micros(0));
    let mut r = Representation {
        lang: LanguagePreference::parse("it").ok(),
        ..Representation::default()
    };
    assert_eq!(
        entity(&e, &c, &r)["title"],
        json!({"type": "Property", "value": "Palazzo Pretorio", "lang": "it"})
    );
    r.format = Format::Simplified;
    assert_eq!(entity(&e, &c, &r)["title"], json!("Palazzo Pretorio"));
    let r = Representation {
        pick: Projection::parse("id,height", &c).ok(),
        ..Representation::new(Format::Simplified)
    };
    assert_eq!(
        entity(&e, &c, &r),
        json!({"id": "urn:ngsi-ld:Building:1", "height": 12.5})
    );
    let r = Representation {
        omit: Projection::parse("type,height", &c).ok(),
        ..Representation::default()
    };
    let out = entity(&e, &c, &r);
    assert!(out.get("type").is_none() && out.get("height").is_none() && out.get("location").is_some());
    let r = Representation {
        sys_attrs: true,
        ..Representation::default()
    };
    let out = entity(&e, &c, &r);
    assert_eq!(out["createdAt"], "1970-01-01T00:00:00Z");
    assert_eq!(out["height"]["accuracy"]["modifiedAt"], "1970-01-01T00:00:00Z");
    let r = Representation {
        dataset_ids: Some(vec![None]),
        ..Representation::new(Format::Simplified)
    };
    assert_eq!(entity(&e, &c, &r)["names"], json!("Palazzo"));
}

#[test]
fn user_context_and_geojson() {
    let c = Context::resolve(
        &json!({"ex": "https://ex.org/", "tall": "ex:height", "House": "ex:House"}),
        &NoContexts,
    )
    .unwrap();
    let body = json!({"id": "urn:a:1", "type": "House", "tall": 3, "ex:x": 1,
        "location": {"type": "Point", "coordinates": [11, 43]}});
    let e = read(&body, &c, InputFormat::Normalized).unwrap();
    assert_eq!(e.types, ["https://ex.org/House"]);
    let simple = Representation::new(Format::Simplified);
    assert_eq!(entity(&e, &c, &simple), body);
    assert_eq!(entity(&e, &core(), &simple)["https://ex.org/height"], json!(3));
    let ld = c.to_json();
    let view = EntityView::new(&e, &c, &simple).with_context(&ld);
    let feature = FeatureView {
        entity: view,
        geometry_property: None,
        dataset_id: None,
    };
    let all = serde_json::to_value(FeatureCollection(vec![feature])).unwrap();
    let f = &all["features"][0];
    assert_eq!(f["geometry"], json!({"type": "Point", "coordinates": [11, 43]}));
    assert_eq!(f["properties"]["tall"], json!(3));
    assert_eq!(f["properties"]["type"], json!("House"));
    assert_eq!(f["@context"][1], json!(crate::context::CORE_CONTEXT_URL));
    let elsewhere = FeatureView {
        geometry_property: Some("https://ex.org/height"),
        ..feature
    };
    assert_eq!(serde_json::to_value(elsewhere).unwrap()["geometry"], json!(null));
    assert_eq!(serde_json::to_value(view).unwrap()["@context"], ld);
}

#[test]
fn a_view_knows_when_nothing_is_left() {
    let (c, body) = (core(), json!({"id": "urn:a:1", "type": "House", "name": 1}));
    let e = read(&body, &c, InputFormat::Normalized).unwrap();
    let picked = |names: &str| Representation {
        pick: Some(Projection::parse(names, &c).unwrap()),
        ..Representation::default()
    };
    for names in ["id", "type", "name", "scope", "createdAt", "other", "scope,name"] {
        let options = picked(names);
        let written = entity(&e, &c, &options);
        let is_empty = written.as_object().is_some_and(serde_json::Map::is_empty);
        assert_eq!(EntityView::new(&e, &c, &options).is_empty(), is_empty, "{names}");
    }
}

proptest! {
    #[test]
    fn normalized_and_concise_are_read_back_the_same(attrs in proptest::collection::vec(json_value(), 0..4)) {
        let mut body = json!({"id": "urn:a:1", "type": "T"});
        for (i, a) in attrs.into_iter().enumerate() {
            body[format!("attr{i}")] = a;
        }
        let c = core();
        if let Ok(e) = read(&body, &c, InputFormat::Normalized) {
            for format in [Format::Normalized, Format::Concise] {
                let out = entity(&e, &c, &Representation::new(format));
                prop_assert_eq!(&read(&out, &c, InputFormat::Normalized).unwrap(), &e, "{:?} {}", format, out);
            }
            let _ = entity(&e, &c, &Representation::new(Format::Simplified));
        }
    }
}

#[test]
fn linked_entities_are_written_inside() {
    let c = core();
    let read = |body: Value| read(&body, &c, InputFormat::Normalized).unwrap();
    let a = read(
        json!({"id": "urn:a:1", "type": "A", "in": {"object": "urn:b:1"}, "n": 1,
        "to": {"object": ["urn:b:1", "urn:x:1"]}, "list": {"objectList": ["urn:b:1"]}}),
    );
    let b = read(json!({"id": "urn:b:1", "type": "B", "back": {"object": "urn:a:1"}, "m": 2}));
    let at_hand: HashMap<String, Entity> =
        [("urn:a:1".to_owned(), a.clone()), ("urn:b:1".to_owned(), b)].into();
    let with = |format, level, pick: Option<&str>| Representation {
        inline: Some(Inline::new(Arc::new(at_hand.clone()), level, Vec::new())),
        pick: pick.map(|p| Projection::parse(p, &c).unwrap()),
        ..Representation::new(format)
    };
    let inside = json!({"id": "urn:b:1", "type": "B", "back": "urn:a:1", "m": 2});
    let simple = entity(&a, &c, &with(Format::Simplified, 5, None));
    assert_eq!(simple["in"], inside, "an entity is never written within itself");
    assert_eq!(simple["to"], json!([inside, "urn:x:1"]));
    assert_eq!(simple["list"], json!({"objectList": [inside]}));
    let normal = entity(&a, &c, &with(Format::Normalized, 1, Some("id,in{m},to{id}")));
    assert_eq!(
        normal["in"],
        json!({"type": "Relationship", "object": "urn:b:1",
        "entity": {"m": {"type": "Property", "value": 2}}})
    );
    assert_eq!(normal["to"]["entityList"], json!([{"id": "urn:b:1"}]));
    assert_eq!(
        entity(&a, &c, &with(Format::Simplified, 0, None))["in"],
        "urn:b:1"
    );
    let shown: Vec<_> = targets(&a, &with(Format::Simplified, 1, Some("id,in")))
        .iter()
        .map(|t| t.1.as_str())
        .collect();
    assert_eq!(shown, ["urn:b:1"]);
}

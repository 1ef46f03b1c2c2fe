use super::Q;
use super::q::LinkedEntities;
use crate::context::Context;
use crate::error::ErrorKind;
use crate::model::Entity;
use crate::parse::{InputFormat, entity as read};
use crate::{DateTime, update};
use proptest::prelude::*;
use serde_json::json;
use std::borrow::Cow;

fn sample() -> Entity {
    let body = json!({
        "id": "urn:a:1", "type": "T", "speed": {"value": 45.5, "unitCode": "KMH", "observedAt": "2026-03-11T09:00:00Z",
            "accuracy": {"value": 2, "source": {"value": "radar"}}},
        "name": "Via Mazzini", "open": true, "tags": ["a", "b"], "address": {"city": "Prato", "no": {"n": 5}},
        "rel": {"object": "urn:x:1"}, "cat": {"vocab": "civic"}, "title": {"languageMap": {"it": "Ponte", "en": "Bridge"}},
        "when": {"value": {"@type": "DateTime", "@value": "2026-01-01T00:00:00Z"}}, "day": "2026-05-01",
        "list": {"valueList": [1, 2, 3]}, "raw": {"json": {"k": "v"}},
        "multi": [{"value": 1}, {"value": 9, "datasetId": "urn:d:1"}],
        "location": {"type": "Point", "coordinates": [11, 43]}
    });
    let mut e = read(&body, &Context::core(), InputFormat::Normalized).unwrap();
    update::create(&mut e, DateTime::parse("2026-02-01T00:00:00Z").unwrap());
    e
}

fn matches(q: &str) -> bool {
    Q::parse(q, &Context::core())
        .unwrap_or_else(|e| panic!("{q}: {e}"))
        .matches(&sample())
}

#[test]
fn what_matches() {
    for q in [
        "speed",
        "speed==45.5",
        "speed>45",
        "speed>=45.5",
        "speed<46",
        "speed<=45.5",
        "speed!=3",
        "speed==40..50",
        "speed==1,45.5",
        "name==\"Via Mazzini\"",
        "name~=\"^Via .*ni$\"",
        "name~=^Via",
        "name!~=\"x\"",
        "open==true",
        "open!=false",
        "tags==\"b\"",
        "tags==\"x\",\"a\"",
        "address[city]==\"Prato\"",
        "address[no.n]==5",
        "rel==urn:x:1",
        "rel==\"urn:x:1\"",
        "cat==\"civic\"",
        "title[en]==\"Bridge\"",
        "title==\"Ponte\"",
        "title[*]==\"Ponte\"",
        "when>2025-12-31T00:00:00Z",
        "when==2026-01-01T00:00:00.000Z",
        "day>=2026-05-01",
        "day==2026-04-01..2026-06-01",
        "list==3",
        "raw[k]==\"v\"",
        "multi==9",
        "multi==1",
        "location",
        "speed.observedAt==2026-03-11T09:00:00Z",
        "speed.accuracy==2",
        "speed.accuracy.source==\"radar\"",
        "speed.unitCode==\"KMH\"",
        "createdAt>2026-01-01T00:00:00Z",
        "modifiedAt<2027-01-01T00:00:00Z",
        "!missing",
        "!(missing|speed<1)",
        "missing|speed",
        "speed;name",
        "(speed<1|name);open==true",
        "speed<1;name|open==true",
        "speed<1|name;open==true",
        "https://uri.etsi.org/ngsi-ld/default-context/speed==45.5",
        "speed != 3 ; name",
    ] {
        assert!(matches(q), "{q}");
    }
}

#[test]
fn what_does_not() {
    for q in [
        "missing",
        "speed==45",
        "speed==46..50",
        "speed!=45.5",
        "missing!=3",
        "name==\"via mazzini\"",
        "open==false",
        "open==1",
        "tags==\"c\"",
        "tags!=\"a\"",
        "address[city]==\"Firenze\"",
        "address[none]",
        "rel==urn:x:2",
        "cat==\"museum\"",
        "title[de]",
        "title[en]==\"Ponte\"",
        "when<2025-12-31T00:00:00Z",
        "day<2026-05-01",
        "list==4",
        "speed.missing",
        "speed.accuracy>2",
        "!speed",
        "speed;missing",
        "speed<1;(name|open==true)",
        "name>5",
        "location!=3",
        "speed==\"45.5\"",
    ] {
        assert!(!matches(q), "{q}");
    }
}

#[test]
fn faults_and_limits() {
    let parse = |q: &str| Q::parse(q, &Context::core());
    for bad in [
        "",
        "==5",
        "a==",
        "a=5",
        "a==foo",
        "a==\"x",
        "(a",
        "a)",
        "a;;b",
        "a|",
        "a==1..",
        "a==1..\"b\"",
        "a~=",
        "a~=\"[\"",
        "a[",
        "a[]",
        "a..b",
        "a>1,2",
        "a==1e999",
        "a{b",
        "a b",
        "a==true..false",
    ] {
        assert_eq!(parse(bad).unwrap_err().kind, ErrorKind::BadRequestData, "{bad}");
    }
    let deep = "(".repeat(200) + "a" + &")".repeat(200);
    let bangs = "!".repeat(5000) + "a";
    let wide = vec!["a==1"; 1000].join("|");
    let long = format!("a==\"{}\"", "x".repeat(20_000));
    let list = format!("a=={}", vec!["1"; 2000].join(","));
    let braces = "a{".repeat(200);
    let regex = format!("a~=\"{}\"", "(x{1000}){1000}");
    for huge in [deep, bangs, wide, long, list, braces, regex] {
        assert_eq!(
            parse(&huge).unwrap_err().kind,
            ErrorKind::TooComplexQuery,
            "{}",
            &huge[..20]
        );
    }
}

struct One(Entity);

impl LinkedEntities for One {
    fn linked(&self, id: &str) -> Option<Cow<'_, Entity>> {
        (id == "urn:x:1").then_some(Cow::Borrowed(&self.0))
    }
}

#[test]
fn relationships_are_followed() {
    let body = json!({"id": "urn:x:1", "type": "D", "name": "Centro"});
    let c = Context::core();
    let other = One(read(&body, &c, InputFormat::Normalized).unwrap());
    let q = Q::parse("rel{name==\"Centro\"}", &c).unwrap();
    assert!(q.matches_linked(&sample(), &other) && !q.matches(&sample()));
    assert!(
        !Q::parse("rel{name==\"Nord\"}", &c)
            .unwrap()
            .matches_linked(&sample(), &other)
    );
}

proptest! {
    #[test]
    fn never_panics(text in "[a-c\\[\\]{}().,;|!=<>~\"\\\\0-9é: T-]{0,30}") {
        if let Ok(q) = Q::parse(&text, &Context::core()) {
            let _ = q.matches(&sample());
        }
        let _ = super::TypeSelection::parse(&text, &Context::core());
        let _ = super::ScopeQuery::parse(&text);
        let _ = super::GeoRelation::parse(&text);
        let _ = super::parse_attrs(&text, &Context::core());
        let _ = super::parse_ids(&text);
        let _ = crate::represent::Projection::parse(&text, &Context::core());
        let _ = crate::represent::LanguagePreference::parse(&text);
    }
}

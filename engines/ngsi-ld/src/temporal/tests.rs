use super::*;
use crate::represent::{Format, Representation};
use crate::{AttributeInstance, AttributeKind, AttributeValue, Context, DateTime};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn at(text: &str) -> DateTime {
    DateTime::parse(text).unwrap()
}

fn query(timerel: &str, time_at: &str, end: Option<&str>) -> crate::Result<TemporalQuery> {
    TemporalQuery::parse(Some(timerel), Some(time_at), end, None)
}

#[test]
fn relations_are_strict_and_windows_touch() {
    let inside = |q: TemporalQuery, text: &str| q.window().contains(at(text).micros());
    let noon = "2026-03-01T12:00:00Z";
    let before = query("before", noon, None).unwrap();
    assert!(inside(before, "2026-03-01T11:59:59.999999Z") && !inside(before, noon));
    let after = query("after", noon, None).unwrap();
    assert!(inside(after, "2026-03-01T12:00:00.000001Z") && !inside(after, noon));
    let between = query("between", noon, Some("2026-03-01T13:00:00Z")).unwrap();
    assert!(inside(between, noon) && !inside(between, "2026-03-01T13:00:00Z"));
}

#[test]
fn incomplete_and_unknown_queries_are_refused() {
    let noon = Some("2026-03-01T12:00:00Z");
    for (timerel, time_at, end, property) in [
        (Some("after"), None, None, None),
        (Some("between"), noon, None, None),
        (Some("between"), noon, Some("2026-03-01T11:00:00Z"), None),
        (Some("since"), noon, None, None),
        (None, noon, None, None),
        (Some("after"), Some("yesterday"), None, None),
        (Some("after"), noon, None, Some("heardAt")),
    ] {
        let parsed = TemporalQuery::parse(timerel, time_at, end, property);
        assert_eq!(parsed.unwrap_err().kind, crate::ErrorKind::BadRequestData);
    }
    assert!(parse_last_n("0").is_err() && parse_last_n("-1").is_err() && parse_last_n("x").is_err());
    assert!(TemporalQuery::from_json(&json!({ "timerel": 3 })).is_err());
}

#[test]
fn a_marker_of_deletion_has_only_that_time() {
    let marker = deletion(AttributeKind::LanguageProperty, at("2026-03-01T12:00:00Z"));
    let whole = TemporalQuery::default();
    assert!(whole.admits(&marker));
    for property in [
        TimeProperty::ObservedAt,
        TimeProperty::CreatedAt,
        TimeProperty::ModifiedAt,
    ] {
        assert_eq!(property.of(&marker), None);
    }
    assert!(TimeProperty::DeletedAt.of(&marker).is_some());
    for kind in AttributeKind::ALL {
        assert_eq!(null_value(kind).kind(), kind);
    }
}

#[test]
fn durations_follow_iso_8601_within_limits() {
    let parse = |text: &str| Duration::parse(text).map(|d| (d.months, d.micros));
    let second = 1_000_000;
    assert_eq!(parse("PT1H"), Ok((0, 3_600 * second)));
    assert_eq!(
        parse("P3Y6M4DT12H30M5S"),
        Ok((42, (4 * 86_400 + 12 * 3_600 + 30 * 60 + 5) * second))
    );
    assert_eq!(parse("P2W"), Ok((0, 14 * 86_400 * second)));
    assert_eq!(parse("PT0.5S"), Ok((0, 500_000)));
    assert!(Duration::parse("PT0S").unwrap().is_zero() && Duration::parse("P0D").unwrap().is_zero());
    for bad in [
        "",
        "P",
        "PT",
        "1H",
        "PT1",
        "P1H",
        "PT1D",
        "P1M1Y",
        "PT1S1M",
        "P-1D",
        "-P1D",
        "P1.5D",
        "P1W2D",
        "P1Y2W",
        "PT.5S",
        "PT1.S",
        "P9999Y",
        "PT99999999999999999999S",
        "P1DT",
        "P١D",
        "pt1h",
    ] {
        assert!(Duration::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn months_follow_the_calendar() {
    let month = Duration::parse("P1M").unwrap();
    let origin = at("2026-01-31T10:00:00Z");
    let after = |n| month.after(origin, n).unwrap().to_string();
    assert_eq!(after(1), "2026-02-28T10:00:00Z");
    assert_eq!(after(2), "2026-03-31T10:00:00Z", "counted from the origin");
    assert_eq!(month.after(origin, i64::MAX), None);
    let periods = Periods::new(origin, at("2026-12-31T00:00:00Z"), Some(month)).unwrap();
    assert_eq!(periods.index_of(at("2026-01-30T00:00:00Z")), None);
    assert_eq!(periods.index_of(at("2026-02-28T09:59:59Z")), Some(0));
    assert_eq!(periods.index_of(at("2026-02-28T10:00:00Z")), Some(1));
    assert_eq!(
        periods.bounds(1),
        (at("2026-02-28T10:00:00Z"), at("2026-03-31T10:00:00Z"))
    );
    let second = Duration::parse("PT1S").unwrap();
    assert!(
        Periods::new(origin, at("2027-01-31T10:00:00Z"), Some(second)).is_err(),
        "too many"
    );
}

fn accumulated(values: &[Value]) -> Accumulator {
    let mut all = Accumulator::new(true);
    for value in values {
        all.add(&AttributeInstance::new(AttributeValue::Property(value.clone())));
    }
    all
}

#[test]
fn each_kind_of_value_has_its_rules() {
    use AggregationMethod::{Avg, DistinctCount, Max, Min, Stddev, Sum, Sumsq, TotalCount};
    let results = |values: &[Value]| {
        let all = accumulated(values);
        AggregationMethod::ALL.map(|method| all.result(method))
    };
    let order = [TotalCount, DistinctCount, Sum, Avg, Min, Max, Stddev, Sumsq];
    assert_eq!(order, AggregationMethod::ALL);
    let some = |v: [Value; 8]| v.map(|v| if v.is_null() { None } else { Some(v) });
    assert_eq!(
        results(&[json!(2), json!(4), json!(4), json!(6)]),
        some([
            json!(4),
            json!(3),
            json!(16.0),
            json!(4.0),
            json!(2.0),
            json!(6.0),
            json!(2f64.sqrt()),
            json!(72.0)
        ])
    );
    assert_eq!(
        results(&[json!(true), json!(false), json!(true), json!(true)]),
        some([
            json!(4),
            json!(2),
            json!(3.0),
            json!(0.75),
            json!(0.0),
            json!(1.0),
            json!(0.1875_f64.sqrt()),
            json!(3.0)
        ])
    );
    let null = Value::Null;
    assert_eq!(
        results(&[json!("b"), json!("a"), json!("b")]),
        some([
            json!(3),
            json!(2),
            null.clone(),
            null.clone(),
            json!("a"),
            json!("b"),
            null.clone(),
            null.clone()
        ])
    );
    assert_eq!(
        results(&[json!([1, 2, 3]), json!([1])])[2..6],
        [
            Some(json!(4.0)),
            Some(json!(2.0)),
            Some(json!(1.0)),
            Some(json!(3.0))
        ],
        "arrays by their length"
    );
    let objects = results(&[json!({ "a": 1 }), json!({ "a": 1 })]);
    assert_eq!(
        (&objects[0], &objects[1], &objects[4]),
        (&Some(json!(2)), &Some(json!(1)), &None)
    );
    let typed = accumulated(&[json!({ "@type": "DateTime", "@value": "2026-03-01T12:00:00Z" })]);
    assert_eq!(typed.result(Min), Some(json!("2026-03-01T12:00:00Z")));
}

#[test]
fn summaries_of_a_database_join_single_values() {
    let mut all = Accumulator::new(true);
    all.add_summary(NumberSummary {
        count: 3,
        sum: 9.0,
        min: 1.0,
        max: 5.0,
        sum_of_squares: 35.0,
        squared_distances: 8.0,
        distinct: 3,
    });
    all.add(&AttributeInstance::new(AttributeValue::Property(json!(7))));
    let whole = accumulated(&[json!(1), json!(3), json!(5), json!(7)]);
    for method in AggregationMethod::ALL {
        assert_eq!(all.result(method), whole.result(method), "{}", method.name());
    }
    all.add_same_number(7.0);
    assert_eq!(all.result(AggregationMethod::DistinctCount), Some(json!(4)));
    assert_eq!(all.result(AggregationMethod::TotalCount), Some(json!(5)));
}

#[test]
fn wrong_aggregations_are_refused() {
    for (methods, period) in [
        (None, None),
        (Some(""), None),
        (Some("median"), None),
        (Some("avg,"), None),
        (Some("avg"), Some("1H")),
    ] {
        assert!(
            Aggregation::parse(methods, period).is_err(),
            "{methods:?} {period:?}"
        );
    }
    let whole = Aggregation::parse(Some("avg,max,avg"), Some("PT0S")).unwrap();
    assert_eq!((whole.methods.len(), whole.period), (2, None));
}

fn body() -> Value {
    json!({
        "id": "urn:ngsi-ld:Road:1", "type": "Road", "scope": ["/a"], "createdAt": "2026-01-01T00:00:00Z",
        "flow": [
            { "type": "Property", "value": 1, "observedAt": "2026-03-01T12:00:00Z" },
            { "value": 2, "observedAt": "2026-03-01T13:00:00Z" },
            { "value": 3, "observedAt": "2026-03-01T13:00:00Z", "datasetId": "urn:d:1" },
        ],
        "name": { "languageMap": { "it": "Via Roma", "en": "Rome Street" } },
        "list": [1, 2],
    })
}

#[test]
fn bodies_hold_several_instances_of_an_attribute() {
    let c = Context::core();
    let (entity, fragment) = temporal_entity(&body(), &c).unwrap();
    assert_eq!(entity.id.as_str(), "urn:ngsi-ld:Road:1");
    assert_eq!(fragment.attributes[c.expand("flow").as_ref()].len(), 3);
    assert_eq!(
        fragment.attributes[c.expand("list").as_ref()].len(),
        1,
        "an array value is one instance"
    );
    assert_eq!(fragment.scope.len(), 1);
    let mut states = body();
    states["scope"] = json!([{ "type": "Property", "value": ["/a"], "observedAt": "2026-03-01T12:00:00Z" },
        { "type": "Property", "value": ["/b"] }]);
    assert_eq!(temporal_entity(&states, &c).unwrap().1.scope.len(), 2);
}

#[test]
fn faulty_bodies_are_refused_with_their_place() {
    let c = Context::core();
    for (member, value, path) in [
        ("flow", json!([]), "$.flow"),
        ("flow", json!([{ "type": "Property" }]), "$.flow[0]"),
        (
            "flow",
            json!([{ "type": "Property", "value": 1, "observedAt": "now" }]),
            "$.flow[0].observedAt",
        ),
        ("flow", json!("urn:ngsi-ld:null"), "$.flow"),
        ("id", json!(""), "$.id"),
        ("type", json!(3), "$.type"),
        (
            "scope",
            json!([{ "type": "Property", "value": "a b" }]),
            "$.scope[0].value",
        ),
        (
            "scope",
            json!([{ "type": "Relationship", "object": "urn:a:b" }]),
            "$.scope[0]",
        ),
    ] {
        let mut faulty = body();
        faulty[member] = value;
        let error = temporal_entity(&faulty, &c).unwrap_err();
        assert_eq!(error.path.as_deref(), Some(path), "{}", error.detail);
    }
    assert!(temporal_entity(&json!({ "type": "Road" }), &c).is_err());
    assert!(temporal_entity(&json!([]), &c).is_err());
}

fn written(format: TemporalFormat, shown: Representation) -> Value {
    let c = Context::core();
    let (mut item, fragment) = temporal_entity(&body(), &c).unwrap();
    item.attributes = fragment.attributes;
    let options = TemporalRepresentation {
        shown,
        format,
        query: TemporalQuery::default(),
    };
    let cut = BTreeMap::from([(c.expand("speed").into_owned(), AttributeKind::Property)]);
    entity(&item, &cut, &c, &options)
}

#[test]
fn evolutions_are_written_as_instances_or_pairs() {
    let normal = written(TemporalFormat::Instances, Representation::new(Format::Normalized));
    assert_eq!(
        normal["flow"][1],
        json!({ "type": "Property", "value": 2, "observedAt": "2026-03-01T13:00:00Z" })
    );
    assert_eq!(normal["name"][0]["languageMap"]["it"], "Via Roma");
    assert_eq!(
        normal["speed"],
        json!([]),
        "its instances are outside the time covered"
    );
    let concise = written(TemporalFormat::Instances, Representation::new(Format::Concise));
    assert_eq!(
        concise["flow"][0],
        json!({ "value": 1, "observedAt": "2026-03-01T12:00:00Z" })
    );
    let values = written(TemporalFormat::Values, Representation::new(Format::Normalized));
    assert_eq!(
        values["flow"],
        json!([
            { "type": "Property", "values": [[1, "2026-03-01T12:00:00Z"], [2, "2026-03-01T13:00:00Z"]] },
            { "type": "Property", "datasetId": "urn:d:1", "values": [[3, "2026-03-01T13:00:00Z"]] },
        ])
    );
    assert_eq!(
        values["name"]["languageMaps"][0][0]["languageMap"]["en"],
        "Rome Street"
    );
    assert_eq!(values["speed"], json!({ "type": "Property", "values": [] }));
    let mut in_english = Representation::new(Format::Normalized);
    in_english.lang = Some(crate::represent::LanguagePreference::parse("en").unwrap());
    let values = written(TemporalFormat::Values, in_english);
    assert_eq!(
        values["name"],
        json!({ "type": "Property", "values": [["Rome Street", null]] })
    );
}

proptest! {
    #[test]
    fn foreign_parameters_do_no_harm(a in "\\PC{0,40}", b in "\\PC{0,40}") {
        let _ = Duration::parse(&a);
        let _ = Duration::parse(&format!("P{a}"));
        let _ = Aggregation::parse(Some(&a), Some(&b));
        let _ = TemporalQuery::parse(Some(&a), Some(&b), Some(&a), Some(&b));
        let _ = parse_last_n(&a);
    }

    #[test]
    fn any_duration_steps_without_overflow(
        months in 0i64..12_000, micros in 0i64..31_557_600_000_000_000, times in any::<i64>(),
        origin in -62_135_596_800_000_000i64..253_370_764_800_000_000i64,
    ) {
        let duration = Duration { months, micros };
        let _ = duration.after(DateTime::from_micros(origin), times);
    }

    #[test]
    fn every_instant_lies_in_its_period(
        months in 0i64..30, days in 0i64..40, offset in 0i64..3_000_000_000_000_000,
    ) {
        prop_assume!(months + days > 0);
        let length = Duration { months, micros: days * 86_400_000_000 };
        let origin = at("2020-01-31T05:00:00Z");
        let instant = DateTime::from_micros(origin.micros() + offset);
        if let Ok(periods) = Periods::new(origin, instant, Some(length)) {
            let index = periods.index_of(instant).unwrap();
            let (start, end) = periods.bounds(index);
            prop_assert!(start <= instant && instant < end, "{start} {instant} {end}");
        }
    }

    #[test]
    fn foreign_bodies_do_no_harm(text in "[\\[\\]{}:,\"a-c0-9. ]{0,60}") {
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let _ = temporal_entity(&value, &Context::core());
            let _ = temporal_fragment(&json!({ "a": value }), &Context::core());
        }
    }
}

//! Rules on the real records, and on what real acts have been seen to do.

use bisenzio_kernel::Lang;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn ordinances() -> Vec<Ordinance> {
    lines(include_str!(
        "../../../../cities/prato/roadworks/ordinances.jsonl"
    ))
}

fn notices() -> Vec<Notice> {
    lines(include_str!("../../../../cities/prato/roadworks/notices.jsonl"))
}

fn lines<T: serde::de::DeserializeOwned>(text: &str) -> Vec<T> {
    text.lines()
        .filter(|l| !l.trim().is_empty())
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

/// The worksite that holds an act or notice of the real records.
fn real(id: &str) -> Worksite {
    let (acts, notices) = (ordinances(), notices());
    let groups = group(&acts, &notices);
    let holder = groups
        .iter()
        .find(|g| g.acts.iter().any(|a| a.id == id) || g.notices.iter().any(|(n, _)| n.id == id))
        .unwrap_or_else(|| panic!("{id} is in no group"));
    resolve(holder)
}

fn act(json: serde_json::Value) -> Ordinance {
    let mut base = serde_json::json!({
        "id": "x", "url": "https://example.org/x", "archive_year": 2020, "archive_id": 1,
        "act_type": "new", "kind": "roadworks", "complete": true
    });
    for (key, value) in json.as_object().unwrap() {
        base[key] = value.clone();
    }
    serde_json::from_value(base).unwrap()
}

fn chain_of(acts: &[Ordinance]) -> Worksite {
    let groups = group(acts, &[]);
    assert_eq!(groups.len(), 1, "the acts are one chain");
    resolve(&groups[0])
}

fn end(work: &Worksite) -> String {
    work.period.end.map(|m| m.to_string()).unwrap_or_default()
}

#[test]
fn every_record_is_in_exactly_one_worksite() {
    let (acts, notices) = (ordinances(), notices());
    assert_eq!((acts.len(), notices.len()), (44, 26));
    let groups = group(&acts, &notices);
    assert_eq!(groups.iter().map(|g| g.acts.len()).sum::<usize>(), 44);
    assert_eq!(groups.iter().map(|g| g.notices.len()).sum::<usize>(), 26);
}

#[test]
fn contradictions_of_real_acts_are_kept_and_shown() {
    for (id, word) in [
        ("2008-530", "si contraddice"),
        ("2008-1554", "30LMH"),
        ("2008-1088", "giugno"),
        ("2011-785", "termine precedente era già"),
        ("2018-3111", "13.000.1995.180920"),
        ("2009-2422", "numero è del 2010"),
        ("2018-661", "siano revocati"),
        ("2008-1966", "provvedimenti permanenti"),
        ("14201300001529", "domenica"),
        (
            "www-notiziediprato-it-news-viabilita-da-domani-lavori-di-asf",
            "svista",
        ),
    ] {
        let work = real(id);
        let found = work
            .remarks
            .iter()
            .any(|r| r.is_contradiction() && r.it.contains(word));
        assert!(found, "{id}: {:?}", work.remarks);
    }
    assert_eq!(
        real("14201300000849").contradictions(),
        1,
        "via and viale in one notice"
    );
    assert_eq!(
        real("2024-982").contradictions(),
        0,
        "an error that was revoked is no contradiction"
    );
    assert_eq!(real("14201300001448").contradictions(), 0);
}

#[test]
fn an_extension_whose_first_act_is_missing_shows_what_is_sure() {
    let work = real("2008-114");
    assert_eq!(work.period.start.unwrap().to_string(), "2008-01-20");
    assert_eq!(work.period.start_basis, StartBasis::PreviousEnd);
    assert_eq!(end(&work), "2008-02-15T24:00");
    assert_eq!(work.period.end_words, EndWords::EndOfWorksNotBeyond);
    let labels: Vec<_> = work
        .chain
        .iter()
        .map(|s| (s.label.as_str(), s.id.is_some()))
        .collect();
    assert_eq!(labels, [("2917/2007", false), ("114/2008", true)]);
    assert!(work.chain[1].number_inferred);
}

#[test]
fn a_chain_of_four_acts_is_told_in_order() {
    let work = real("2014-2965");
    let labels: Vec<_> = work.chain.iter().map(|s| s.label.clone()).collect();
    assert_eq!(labels[..4], ["2338/2014", "2503/2014", "2893/2014", "3264/2014"]);
    assert_eq!(work.chain.len(), 5);
    assert!(labels[4].contains("2965"));
    assert_eq!(end(&work), "2014-11-30");
}

#[test]
fn extensions_of_extensions_move_the_end_each_time() {
    let work = real("2018-3514");
    assert_eq!(
        work.chain
            .iter()
            .map(|s| s.label.as_str())
            .take(2)
            .collect::<Vec<_>>(),
        ["3153/2018", "3654/2018"]
    );
    assert_eq!(work.period.start.unwrap().to_string(), "2018-10-26");
    assert!(work.period.open_end, "the new end is past the stored excerpt");

    let chain = [
        act(serde_json::json!({"id": "a", "number": "10/2020", "measures": [
            {"street": "Via Roma", "measure": "divieto_di_transito", "from": "2020-01-10", "to": "2020-01-20"},
            {"street": "Via Roma", "measure": "divieto_di_sosta", "from": "2020-01-10", "to": "2020-01-20"},
            {"street": "Via Po", "measure": "divieto_di_sosta", "from": "2020-01-10", "to": "2020-01-20"}]})),
        act(
            serde_json::json!({"id": "b", "number": "20/2020", "act_type": "extension", "previous_end": "2020-01-20",
            "refers_to": [{"number": "10/2020", "relation": "extends"}],
            "measures": [{"street": "via Roma", "measure": "proroga", "to": "2020-01-31"}]}),
        ),
        act(
            serde_json::json!({"id": "c", "number": "30/2020", "act_type": "extension", "previous_end": "2020-01-30",
            "refers_to": [{"number": "20/2020", "relation": "extends (second time)"}],
            "measures": [{"street": "Via Roma", "measure": "divieto_di_transito", "to": "2020-02-10"}]}),
        ),
    ];
    let work = chain_of(&chain);
    let ends: Vec<_> = work.measures.iter().map(|m| m.to.unwrap().to_string()).collect();
    assert_eq!(ends, ["2020-02-10", "2020-01-31", "2020-01-20"]);
    assert_eq!(work.period.start.unwrap().to_string(), "2020-01-10");
    assert_eq!(end(&work), "2020-02-10");
    assert!(
        work.remarks
            .iter()
            .any(|r| r.is_contradiction() && r.about == "30/2020"),
        "30 is not 31 January"
    );
}

#[test]
fn extending_an_act_and_its_integration_extends_both() {
    let chain = [
        act(serde_json::json!({"id": "a", "number": "10/2016", "measures": [
            {"street": "Via Roma", "measure": "divieto_di_sosta", "from": "2016-09-01", "to": "2016-09-10"}]})),
        act(
            serde_json::json!({"id": "b", "number": "11/2016", "act_type": "integration",
            "refers_to": [{"number": "10/2016", "relation": "integrates"}], "measures": [
            {"street": "Via Po", "measure": "divieto_di_transito", "from": "2016-09-02", "to": "2016-09-10"}]}),
        ),
        act(
            serde_json::json!({"id": "c", "number": "12/2016", "act_type": "extension",
            "refers_to": [{"number": "10/2016", "relation": "extends"}, {"number": "11/2016", "relation": "extends"}],
            "measures": [{"measure": "proroga", "to": "2016-09-30"}]}),
        ),
    ];
    let work = chain_of(&chain);
    assert!(
        work.measures
            .iter()
            .all(|m| m.to.unwrap().to_string() == "2016-09-30")
    );
}

#[test]
fn revocation_with_new_measures_leaves_the_new_regime() {
    let chain = [
        act(serde_json::json!({"id": "a", "number": "2000/2010", "measures": [
            {"street": "Via Roma", "measure": "divieto_di_transito", "from": "2010-10-01", "to": "2010-12-31"}]})),
        act(
            serde_json::json!({"id": "b", "number": "2112/2010", "act_type": "revocation_and_new",
            "refers_to": [{"number": "2000/2010", "relation": "revokes"}], "measures": [
            {"street": "Via Roma", "measure": "senso_unico", "from": "2010-11-02", "to": "2010-11-20"}]}),
        ),
    ];
    let work = chain_of(&chain);
    assert_eq!(work.measures[0].ended_by.as_deref(), Some("2112/2010"));
    assert_eq!(
        (work.period.start.unwrap().to_string(), end(&work)),
        ("2010-11-02".into(), "2010-11-20".into())
    );
    assert!(work.period.revoked.is_none());
    let real = real("2013-844");
    assert_eq!(real.chain[0].label, "1040/2013");
    assert_eq!(real.period.start.unwrap().to_string(), "2013-04-01");
}

#[test]
fn a_revocation_ends_what_it_names() {
    let work = real("2024-982");
    assert_eq!(work.chain[0].label, "1112/2024");
    assert_eq!(
        Occupation::of(&work.period).status(date(2024, 5, 19)),
        Status::Revoked
    );
    let chain = [
        act(serde_json::json!({"id": "a", "number": "10/2020", "measures": [
            {"street": "Via Roma", "measure": "divieto_di_transito", "from": "2020-01-10", "to": "2020-01-20"}]})),
        act(
            serde_json::json!({"id": "b", "number": "12/2020", "act_type": "revocation",
            "refers_to": [{"number": "10/2020", "relation": "revokes"}],
            "measures": [{"measure": "revoca", "from": "2020-01-15"}]}),
        ),
    ];
    let days = Occupation::of(&chain_of(&chain).period);
    assert_eq!(days.status(date(2020, 1, 14)), Status::Running);
    assert_eq!(days.status(date(2020, 1, 15)), Status::Revoked);
    assert_eq!(days.days_within(date(2020, 1, 1), date(2020, 12, 31)), 5);
}

#[test]
fn a_suspension_pauses_and_a_lone_one_stands_for_itself() {
    let chain = [
        act(serde_json::json!({"id": "a", "number": "10/2020", "measures": [
            {"street": "Via Roma", "measure": "divieto_di_transito", "from": "2020-01-10", "to": "2020-01-20"}]})),
        act(
            serde_json::json!({"id": "b", "number": "12/2020", "act_type": "suspension",
            "refers_to": [{"number": "10/2020", "relation": "amends"}],
            "measures": [{"street": "Via Roma", "measure": "x", "from": "2020-01-12", "to": "2020-01-13"}]}),
        ),
    ];
    let days = Occupation::of(&chain_of(&chain).period);
    assert_eq!(days.status(date(2020, 1, 12)), Status::Suspended);
    assert_eq!(days.status(date(2020, 1, 14)), Status::Running);
    let snow = Occupation::of(&real("2018-661").period);
    assert_eq!(snow.status(date(2018, 3, 1)), Status::Running);
    assert_eq!(snow.status(date(2018, 3, 2)), Status::Ended);
}

#[test]
fn phases_without_their_own_dates_share_the_period() {
    let work = real("14201300001592");
    assert_eq!(
        (work.period.start.unwrap().to_string(), end(&work)),
        ("2013-11-06".into(), "2013-11-30".into())
    );
    assert!(!work.period.open_end);
}

#[test]
fn what_has_no_end_must_be_checked_after_a_while() {
    let work = real("14201300000957");
    assert_eq!(work.period.end_words, EndWords::EndOfWorks);
    let days = Occupation::of(&work.period);
    assert_eq!(days.status(date(2013, 7, 20)), Status::Running);
    assert_eq!(days.status(date(2013, 9, 1)), Status::ToBeChecked);
    assert_eq!(days.status(date(2013, 6, 30)), Status::Planned);
}

#[test]
fn an_end_before_every_start_is_told_and_not_believed() {
    let work = chain_of(&[act(serde_json::json!({"number": "10/2020", "measures": [
        {"street": "Via Roma", "measure": "divieto_di_transito", "from": "2020-05-01"},
        {"street": "Via Po", "measure": "divieto_di_sosta", "to": "2020-01-31"}]}))]);
    assert_eq!(
        (work.period.start.unwrap().to_string(), work.period.end),
        ("2020-05-01".into(), None)
    );
    assert_eq!(work.contradictions(), 1);
}

#[test]
fn permanent_rules_are_no_works() {
    let days = Occupation::of(&real("2013-462").period);
    assert_eq!(days.status(date(2024, 1, 1)), Status::Permanent);
    assert_eq!(days.days_within(date(2013, 1, 1), date(2013, 12, 31)), 0);
    assert_eq!(
        Occupation::of(&real("2019-2950").period).status(date(2024, 1, 1)),
        Status::Undated
    );
}

#[test]
fn headlines_read_like_sentences() {
    let work = real("14201300001456");
    let told = headline::headline(&work, Status::Ended, Lang::It);
    assert_eq!(
        told,
        "Via Pistoiese chiusa tra l'incrocio con via Marini e quello con via Orti del Pero dal 9 al 25 ottobre 2013, \
         sostituzione tubazioni rete gas"
    );
    let fossi = headline::headline(&real("2014-2965"), Status::Ended, Lang::It);
    assert_eq!(fossi.matches("Fossi").count(), 1, "{fossi}");
    let work = real("www-publiacqua-it-1103-lavori-su-via-pistoiese-prato-senso-u");
    assert_eq!(work.chain[0].label, "586/2026");
    assert!(work.chain[0].id.is_none());
    assert!(headline::heading(&work, Lang::It).starts_with("Via Pistoiese, tra "));
}

#[test]
fn notices_join_acts_by_number_or_by_street_and_days() {
    let acts = [act(serde_json::json!({"number": "10/2020", "measures": [
        {"street": "Via Roma", "measure": "divieto_di_transito", "from": "2020-01-10", "to": "2020-01-20"}]}))];
    let notice = |ordinance: serde_json::Value, from: &str| -> Notice {
        serde_json::from_value(serde_json::json!({
            "id": "n", "url": "https://example.org", "title": "Lavori", "kind": "roadworks", "ordinance": ordinance,
            "detours": ["via Po"],
            "measures": [{"street": "Via Roma", "measure": "divieto_di_transito", "from": from, "to": "2020-01-20"}]
        }))
        .unwrap()
    };
    let named = [notice("10/2020".into(), "2020-05-05")];
    let work = resolve(&group(&acts, &named)[0]);
    assert_eq!(
        (work.notices.len(), work.notices[0].inferred, work.measures.len()),
        (1, false, 1)
    );
    assert_eq!(work.detours, ["via Po"]);
    let near = [notice(serde_json::Value::Null, "2020-01-11")];
    let groups = group(&acts, &near);
    assert_eq!(groups.len(), 1);
    assert!(resolve(&groups[0]).notices[0].inferred);
    assert_eq!(
        group(&acts, &[notice(serde_json::Value::Null, "2020-01-14")]).len(),
        2
    );
    assert_eq!(group(&acts, &[notice("11/2020".into(), "2020-01-10")]).len(), 2);
}

fn any_moment() -> impl Strategy<Value = Option<Moment>> {
    proptest::option::of(
        (0_i16..800, proptest::option::of(0_u16..=1440)).prop_map(|(days, minute)| Moment {
            date: date(2020, 1, 1)
                .checked_add(jiff::Span::new().days(i64::from(days)))
                .unwrap(),
            minute,
        }),
    )
}

prop_compose! {
    fn any_measure()(
        street in proptest::option::of("(Via Roma|Via Po|)"), code in "(proroga|divieto_di_transito|revoca|)",
        from in any_moment(), to in any_moment(), phase in proptest::option::of(0_u8..3), until in any::<bool>()
    ) -> MeasureRecord {
        MeasureRecord { street, measure: Some(code), from, to, phase, until_end_of_works_not_beyond: until,
            ..MeasureRecord::default() }
    }
}

prop_compose! {
    fn any_act()(
        number in 1_u32..6, refers in proptest::collection::vec((1_u32..6, 0_usize..6), 0..3), kind in 0_usize..9,
        measures in proptest::collection::vec(any_measure(), 0..4), previous_end in any_moment(),
        event_date in any_moment(), permanent in any::<bool>()
    ) -> Ordinance {
        const RELATIONS: [&str; 6] = ["extends", "integrates", "integrates (replaces point 1)", "revokes", "cites", "amends"];
        let mut out = act(serde_json::json!({}));
        out.id = format!("{number}-{kind}");
        out.number = Some(format!("{number}/2020"));
        out.act_type = ActType::ALL[kind];
        out.refers_to = refers.into_iter().map(|(n, r)| Reference {
            number: format!("{n}/2020"), relation: RELATIONS[r].into(), date: None }).collect();
        (out.measures, out.previous_end, out.event_date, out.permanent) = (measures, previous_end, event_date, permanent);
        out
    }
}

proptest! {
    #[test]
    fn no_chain_panics_and_no_period_is_inverted_in_silence(
        acts in proptest::collection::vec(any_act(), 1..7), day in any_moment()
    ) {
        let groups = group(&acts, &[]);
        prop_assert_eq!(groups.iter().map(|g| g.acts.len()).sum::<usize>(), acts.len());
        for one in &groups {
            let work = resolve(one);
            if let (Some(start), Some(end)) = (work.period.start, work.period.end) {
                prop_assert!(start.as_start() <= end.as_end(), "{start} > {end}");
            }
            let inverted = |m: &MeasureRecord| matches!((m.from, m.to), (Some(f), Some(t)) if f.as_start() > t.as_end());
            if one.acts.iter().any(|a| a.measures.iter().any(inverted)) {
                prop_assert!(work.contradictions() > 0);
            }
            let days = Occupation::of(&work.period);
            let within = days.days_within(date(2019, 1, 1), date(2025, 1, 1));
            prop_assert!(within >= 0);
            if let Some(day) = day {
                headline::headline(&work, days.status(day.date), Lang::It);
            }
        }
    }
}

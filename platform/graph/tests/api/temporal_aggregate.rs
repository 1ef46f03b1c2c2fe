//! Aggregated evolutions: methods, periods, and what is no number.

use bisenzio_ngsi_ld::DateTime;
use http::Method;
use serde_json::{Value, json};

use crate::house::{House, houses};
use crate::temporal::{ID, TEMPORAL};

/// One value an hour, from midnight on; the last one is the current state.
async fn furnish(house: &House, values: &[Value]) {
    let midnight = DateTime::parse("2026-03-01T00:00:00Z").unwrap().micros();
    let list: Vec<Value> = values
        .iter()
        .enumerate()
        .map(|(n, value)| {
            let hours = i64::try_from(n).unwrap() * 3_600_000_000;
            let at = DateTime::from_micros(midnight + hours).to_string();
            json!({ "type": "Property", "value": value, "observedAt": at })
        })
        .collect();
    let body = json!({ "id": ID, "type": "Meter", "level": list });
    house.call(Method::POST, TEMPORAL, Some(&body)).await.is(201);
}

async fn aggregated(house: &House, query: &str) -> Value {
    let path = format!("{TEMPORAL}/{ID}?options=aggregatedValues&attrs=level&{query}");
    let answer = house.get(&path).await;
    assert_eq!(
        answer.status.as_u16(),
        200,
        "{}: {query}: {}",
        house.name(),
        answer.text
    );
    answer.json()["level"].clone()
}

#[tokio::test]
async fn numbers_are_aggregated_period_by_period() {
    for house in houses().await {
        furnish(&house, &[json!(1), json!(2.5), json!(4), json!(8), json!(16)]).await;
        let all = aggregated(
            &house,
            "aggrMethods=totalCount,distinctCount,sum,avg,min,max,stddev,sumsq&aggrPeriodDuration=PT2H",
        )
        .await;
        let period = |method: &str| all[method].as_array().unwrap().clone();
        assert_eq!(period("sum").len(), 3, "{all}");
        assert_eq!(
            period("sum"),
            [
                json!([3.5, "2026-03-01T00:00:00Z", "2026-03-01T02:00:00Z"]),
                json!([12.0, "2026-03-01T02:00:00Z", "2026-03-01T04:00:00Z"]),
                json!([16.0, "2026-03-01T04:00:00Z", "2026-03-01T06:00:00Z"]),
            ],
            "{}",
            house.name()
        );
        let first = |method: &str| period(method)[1][0].clone();
        assert_eq!(
            (first("totalCount"), first("distinctCount")),
            (json!(2), json!(2))
        );
        assert_eq!(
            (first("avg"), first("min"), first("max")),
            (json!(6.0), json!(4.0), json!(8.0))
        );
        assert_eq!((first("stddev"), first("sumsq")), (json!(2.0), json!(80.0)));
        // The same in the database alone, where values need not be told apart.
        for method in ["sum", "avg", "min", "max", "stddev", "sumsq", "totalCount"] {
            let one = aggregated(&house, &format!("aggrMethods={method}&aggrPeriodDuration=PT2H")).await;
            assert_eq!(one[method], all[method], "{}: {method}", house.name());
        }
    }
}

#[tokio::test]
async fn periods_begin_where_the_question_says() {
    for house in houses().await {
        let days: Vec<Value> = (0..24 * 62).map(|n| json!(n)).collect();
        furnish(&house, &days).await;
        let whole = aggregated(&house, "aggrMethods=max,totalCount&aggrPeriodDuration=PT0S").await;
        assert_eq!(
            whole["max"],
            json!([[1487.0, "2026-03-01T00:00:00Z", "2026-05-01T23:00:00Z"]])
        );
        assert_eq!(whole, aggregated(&house, "aggrMethods=max,totalCount").await);
        let months = aggregated(&house, "aggrMethods=totalCount&aggrPeriodDuration=P1M").await;
        assert_eq!(
            months["totalCount"],
            json!([
                [744, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"],
                [720, "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z"],
                [24, "2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z"],
            ]),
            "{}",
            house.name()
        );
        let window = "timerel=between&timeAt=2026-03-02T12:00:00Z&endTimeAt=2026-03-04T12:00:00Z";
        let days = aggregated(
            &house,
            &format!("aggrMethods=min,max&aggrPeriodDuration=P1D&{window}"),
        )
        .await;
        assert_eq!(
            days["min"],
            json!([
                [36.0, "2026-03-02T12:00:00Z", "2026-03-03T12:00:00Z"],
                [60.0, "2026-03-03T12:00:00Z", "2026-03-04T12:00:00Z"],
            ])
        );
        assert_eq!(days["max"][1][0], 83.0, "the end is not included");
        let whole = aggregated(&house, &format!("aggrMethods=totalCount&{window}")).await;
        assert_eq!(
            whole["totalCount"],
            json!([[48, "2026-03-02T12:00:00Z", "2026-03-04T12:00:00Z"]])
        );
        let none = "timerel=before&timeAt=2020-01-01T00:00:00Z";
        assert_eq!(
            aggregated(&house, &format!("aggrMethods=avg&{none}")).await,
            Value::Null
        );
        let path =
            format!("{TEMPORAL}/{ID}?options=aggregatedValues&aggrMethods=avg&aggrPeriodDuration=PT1S");
        house.get(&path).await.is_error(403, "TooComplexQuery", "");
    }
}

#[tokio::test]
async fn what_is_no_number_is_aggregated_by_its_rules() {
    for house in houses().await {
        furnish(
            &house,
            &[
                json!("b"),
                json!(true),
                json!([1, 2, 3]),
                json!(7),
                json!("a"),
                json!({ "x": 1 }),
            ],
        )
        .await;
        let all = aggregated(&house, "aggrMethods=totalCount,distinctCount,sum,min").await;
        let first = |method: &str| all[method][0][0].clone();
        assert_eq!(
            (first("totalCount"), first("distinctCount")),
            (json!(6), json!(6)),
            "{}",
            house.name()
        );
        assert_eq!((first("sum"), first("min")), (json!(11.0), json!(1.0)));
        let texts = aggregated(&house, "aggrMethods=max,avg&aggrPeriodDuration=PT1H").await;
        assert_eq!(texts["max"][0][0], "b");
        assert_eq!(
            texts["avg"].as_array().unwrap().len(),
            3,
            "neither texts nor objects have a mean"
        );
    }
}

#[tokio::test]
async fn markers_of_deletion_and_other_times_are_no_values() {
    for house in houses().await {
        crate::temporal::meter(&house, 4).await;
        let path = format!("{}/{ID}/attrs/level", crate::house::ENTITIES);
        house.clock.advance(60);
        house.call(Method::DELETE, &path, None).await.is(204);
        let all = aggregated(&house, "aggrMethods=sum,totalCount").await;
        assert_eq!(
            (&all["sum"][0][0], &all["totalCount"][0][0]),
            (&json!(6.0), &json!(4))
        );
        let minutes = aggregated(
            &house,
            "aggrMethods=sum&aggrPeriodDuration=PT2M&timeproperty=modifiedAt&timerel=after&timeAt=2026-03-11T08:00:30Z",
        )
        .await;
        assert_eq!(
            minutes["sum"],
            json!([
                [3.0, "2026-03-11T08:00:30Z", "2026-03-11T08:02:30Z"],
                [3.0, "2026-03-11T08:02:30Z", "2026-03-11T08:04:30Z"],
            ]),
            "{}",
            house.name()
        );
    }
}

#[tokio::test]
async fn equal_values_are_one_even_where_one_of_them_is_current() {
    for house in houses().await {
        furnish(
            &house,
            &[json!(1), json!(2), json!("x"), json!(2), json!("x"), json!(1)],
        )
        .await;
        let all = aggregated(&house, "aggrMethods=distinctCount,totalCount").await;
        assert_eq!(
            (&all["distinctCount"][0][0], &all["totalCount"][0][0]),
            (&json!(3), &json!(6))
        );
        let pairs = aggregated(&house, "aggrMethods=distinctCount&aggrPeriodDuration=PT2H").await;
        let counts: Vec<&Value> = pairs["distinctCount"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| &p[0])
            .collect();
        assert_eq!(counts, [2, 2, 2], "{}", house.name());
    }
}

#[tokio::test]
async fn large_numbers_that_differ_little_keep_their_deviation() {
    for house in houses().await {
        let near = [1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0, 1e9 + 4.0].map(Value::from);
        furnish(&house, &near).await;
        let all = aggregated(&house, "aggrMethods=stddev").await;
        let deviation = all["stddev"][0][0].as_f64().unwrap();
        assert!(
            (deviation - 1.25_f64.sqrt()).abs() < 1e-9,
            "{}: {deviation}",
            house.name()
        );
    }
}

//! Counting over the city graph, and what this module itself can count for a plan.

use bisenzio_kernel::{PartialDate, Problem, TenantId};
use bisenzio_module::{IndicatorSpec, Period};
use bisenzio_store::{Tx, params};
use jiff::civil::Date;
use serde_json::Value;

use crate::graph::link_of;
use crate::model::{Aggregate, EntityLink, Filter};

/// What came out of a count, and which entities went into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    pub value: f64,
    pub counted: Vec<EntityLink>,
}

/// What is asked of the graph.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub filter: &'a Filter,
    pub aggregate: Aggregate,
    pub attribute: Option<&'a str>,
    pub date: Option<&'a str>,
}

/// Counts over simplified entities of one type. An entity is left out when it does not pass the filter,
/// when its date cannot lie in the period (a year counts for each of its days), or when it lacks the
/// attribute that is added up.
pub fn count(entities: &[Value], question: Question<'_>, from: Date, to: Date) -> Count {
    let mut out = Count {
        value: 0.0,
        counted: Vec::new(),
    };
    let mut seen = std::collections::BTreeSet::new();
    for entity in entities.iter().filter(|entity| question.filter.matches(entity)) {
        if let Some(date) = question.date
            && !entity.get(date).is_some_and(|value| is_within(value, from, to))
        {
            continue;
        }
        let attribute = question.attribute.and_then(|name| entity.get(name));
        let added = match (question.aggregate, attribute) {
            (Aggregate::Count, _) => 1.0,
            (Aggregate::Sum, Some(value)) => match number(value) {
                Some(number) => number,
                None => continue,
            },
            (Aggregate::CountDistinct, Some(value)) => f64::from(u8::from(seen.insert(value.to_string()))),
            (_, None) => continue,
        };
        out.value += added;
        out.counted.push(link_of(entity));
    }
    out
}

fn number(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.get("@value").and_then(Value::as_f64))
}

/// Whether a date, as precise as it is known, may lie in a period.
fn is_within(value: &Value, from: Date, to: Date) -> bool {
    let Some(text) = crate::model_text(value) else {
        return false;
    };
    // Of an instant the civil day in UTC is enough here: periods are whole years.
    let day = text.get(..10).filter(|_| text.len() > 10).unwrap_or(&text);
    day.parse::<PartialDate>()
        .is_ok_and(|date| date.first() <= to && date.last() >= from)
}

pub const OWN: &[IndicatorSpec] = &[
    IndicatorSpec {
        name: "projects",
        it: "Progetti del piano nell'anno",
        en: "Projects of the plan in the year",
        unit: "progetti",
    },
    IndicatorSpec {
        name: "events",
        it: "Eventi registrati nel periodo",
        en: "Events recorded in the period",
        unit: "eventi",
    },
];

/// # Errors
/// 404 for an unknown name, 500 when the store fails.
pub fn own(tx: &mut Tx<'_>, tenant: &TenantId, name: &str, period: Period) -> Result<f64, Problem> {
    let year = i64::from(period.last.year());
    let sql = match name {
        "projects" => {
            "SELECT CAST(COUNT(*) AS DOUBLE PRECISION) FROM plan_project WHERE tenant = $1 AND year = $2 AND deleted = 0"
        }
        "events" => {
            "SELECT CAST(COUNT(*) AS DOUBLE PRECISION) FROM plan_event WHERE tenant = $1 AND year = $2 AND deleted = 0"
        }
        _ => {
            return Err(Problem::not_found(format!(
                "The plan computes no indicator \"{name}\""
            )));
        }
    };
    Ok(tx.query_one(sql, params![tenant, year])?.get(0)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn year(n: i16) -> (Date, Date) {
        (jiff::civil::date(n, 1, 1), jiff::civil::date(n, 12, 31))
    }

    fn squares() -> Vec<Value> {
        vec![
            json!({"id": "urn:ngsi-ld:P:prato:a", "type": "P", "name": "A", "openingDate": "2019", "seats": 3}),
            json!({"id": "urn:ngsi-ld:P:prato:b", "type": "P", "name": "B", "openingDate": "2021-05", "seats": 4, "zone": "x"}),
            json!({"id": "urn:ngsi-ld:P:prato:c", "type": "P", "name": "C", "seats": 5, "zone": "x",
                   "openingDate": {"@type": "Date", "@value": "2021-12-31"}}),
            json!({"id": "urn:ngsi-ld:P:prato:d", "type": "P", "name": "D"}),
        ]
    }

    #[test]
    fn counts_what_falls_in_the_period() {
        let filter = Filter::default();
        let ask = |aggregate, attribute, date| Question {
            filter: &filter,
            aggregate,
            attribute,
            date,
        };
        let (from, to) = year(2021);
        let dated = count(
            &squares(),
            ask(Aggregate::Count, None, Some("openingDate")),
            from,
            to,
        );
        assert_eq!(dated.value, 2.0);
        assert_eq!(
            dated.counted.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(),
            ["B", "C"]
        );
        assert_eq!(
            count(&squares(), ask(Aggregate::Count, None, None), from, to).value,
            4.0
        );
        assert_eq!(
            count(&squares(), ask(Aggregate::Sum, Some("seats"), None), from, to).value,
            12.0
        );
        assert_eq!(
            count(
                &squares(),
                ask(Aggregate::CountDistinct, Some("zone"), None),
                from,
                to
            )
            .value,
            1.0
        );
        let (from, to) = year(2020);
        assert_eq!(
            count(
                &squares(),
                ask(Aggregate::Count, None, Some("openingDate")),
                from,
                to
            )
            .value,
            0.0
        );
    }
}

//! Evaluation of `q` on one entity.

use super::q::{AttrPath, LinkedEntities, QExpr, QOperand, QOperator, QValue};
use crate::datetime::DateTime;
use crate::model::{AttributeInstance, AttributeValue, Entity};
use serde_json::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

pub(super) fn matches(expr: &QExpr, entity: &Entity, linked: &dyn LinkedEntities) -> bool {
    match expr {
        QExpr::And(list) => list.iter().all(|e| matches(e, entity, linked)),
        QExpr::Or(list) => list.iter().any(|e| matches(e, entity, linked)),
        QExpr::Not(inner) => !matches(inner, entity, linked),
        QExpr::Exists(path) => any_target(path, entity, &mut |_| true),
        QExpr::Compare { path, op, operand } => any_target(path, entity, &mut |t| compare(&t, *op, operand)),
        QExpr::Linked { path, query } => any_target(path, entity, &mut |target| match target {
            Target::Uris(uris) => uris.iter().any(|uri| {
                linked
                    .linked(uri)
                    .is_some_and(|other| matches(query, &other, linked))
            }),
            _ => false,
        }),
    }
}

/// What a path leads to.
enum Target<'e> {
    Json(Cow<'e, Value>),
    Uris(&'e [crate::uri::Uri]),
    Terms(&'e [String]),
    Time(DateTime),
    Text(&'e str),
    Geometry,
}

/// Whether `test` holds for any target of the path: any instance, any language.
fn any_target(path: &AttrPath, entity: &Entity, test: &mut dyn FnMut(Target<'_>) -> bool) -> bool {
    let (Some(first), Some(raw)) = (path.expanded.first(), path.raw.first()) else {
        return false;
    };
    if let Some(instances) = entity.attributes.get(first) {
        return instances.iter().any(|i| instance_target(i, path, 1, test));
    }
    if path.raw.len() > 1 {
        return false;
    }
    match raw.as_str() {
        "createdAt" => entity.created_at.is_some_and(|t| test(Target::Time(t))),
        "modifiedAt" => entity.modified_at.is_some_and(|t| test(Target::Time(t))),
        "id" => test(Target::Text(&entity.id)),
        "type" => test(Target::Terms(&entity.types)),
        _ => false,
    }
}

fn instance_target(
    instance: &AttributeInstance,
    path: &AttrPath,
    at: usize,
    test: &mut dyn FnMut(Target<'_>) -> bool,
) -> bool {
    let Some(name) = path.expanded.get(at) else {
        return value_target(instance, &path.value_path, test);
    };
    if let Some(subs) = instance.sub_attributes.get(name) {
        return subs.iter().any(|i| instance_target(i, path, at + 1, test));
    }
    if at + 1 != path.expanded.len() {
        return false;
    }
    let time = |t: Option<DateTime>, test: &mut dyn FnMut(Target<'_>) -> bool| {
        t.is_some_and(|t| test(Target::Time(t)))
    };
    match path.raw[at].as_str() {
        "observedAt" => time(instance.observed_at, test),
        "createdAt" => time(instance.created_at, test),
        "modifiedAt" => time(instance.modified_at, test),
        "unitCode" => instance
            .unit_code
            .as_deref()
            .is_some_and(|t| test(Target::Text(t))),
        "datasetId" => instance
            .dataset_id
            .as_deref()
            .is_some_and(|t| test(Target::Text(t))),
        "objectType" => !instance.object_type.is_empty() && test(Target::Terms(&instance.object_type)),
        "valueType" => instance
            .value_type
            .as_ref()
            .is_some_and(|t| test(Target::Terms(std::slice::from_ref(t)))),
        _ => false,
    }
}

fn value_target(
    instance: &AttributeInstance,
    value_path: &[String],
    test: &mut dyn FnMut(Target<'_>) -> bool,
) -> bool {
    match &instance.value {
        AttributeValue::Property(v) | AttributeValue::JsonProperty(v) => json_target(v, value_path, test),
        AttributeValue::ListProperty(list) => list.iter().any(|v| json_target(v, value_path, test)),
        AttributeValue::LanguageProperty(map) => match value_path {
            [] => map.values().any(|v| test(Target::Json(Cow::Borrowed(v)))),
            [tag] if tag == "*" => map.values().any(|v| test(Target::Json(Cow::Borrowed(v)))),
            [tag] => map
                .iter()
                .find(|(k, _)| k.eq_ignore_ascii_case(tag))
                .is_some_and(|(_, v)| test(Target::Json(Cow::Borrowed(v)))),
            _ => false,
        },
        AttributeValue::Relationship(uris) | AttributeValue::ListRelationship(uris) => {
            value_path.is_empty() && test(Target::Uris(uris))
        }
        AttributeValue::VocabProperty(terms) => value_path.is_empty() && test(Target::Terms(terms)),
        AttributeValue::GeoProperty(g) if value_path.is_empty() => {
            let _ = g;
            test(Target::Geometry)
        }
        AttributeValue::GeoProperty(g) => json_target(g.json(), value_path, test),
    }
}

/// Follows a path inside a JSON value; arrays on the way are searched element by element.
fn json_target(value: &Value, path: &[String], test: &mut dyn FnMut(Target<'_>) -> bool) -> bool {
    match path {
        [] => test(Target::Json(Cow::Borrowed(unwrap_typed(value)))),
        [first, rest @ ..] => match value {
            Value::Object(map) => map.get(first).is_some_and(|v| json_target(v, rest, test)),
            Value::Array(items) => items.iter().any(|v| json_target(v, path, test)),
            _ => false,
        },
    }
}

/// `{"@type": "DateTime", "@value": x}` compares as `x`.
fn unwrap_typed(value: &Value) -> &Value {
    value.as_object().and_then(|m| m.get("@value")).unwrap_or(value)
}

fn compare(target: &Target<'_>, op: QOperator, operand: &QOperand) -> bool {
    match op {
        QOperator::Equal => equal(target, operand),
        QOperator::Unequal => !matches!(target, Target::Geometry) && !equal(target, operand),
        QOperator::Matches => like(target, operand),
        QOperator::NotMatches => !like(target, operand),
        _ => {
            let QOperand::One(value) = operand else {
                return false;
            };
            let accept = |o: Ordering| match op {
                QOperator::Greater => o == Ordering::Greater,
                QOperator::GreaterEqual => o != Ordering::Less,
                QOperator::Less => o == Ordering::Less,
                _ => o != Ordering::Greater,
            };
            ordered(target, value, &accept)
        }
    }
}

fn equal(target: &Target<'_>, operand: &QOperand) -> bool {
    let same = |value: &QValue| ordered(target, value, &|o| o == Ordering::Equal);
    match operand {
        QOperand::One(value) => same(value),
        QOperand::List(list) => list.iter().any(same),
        QOperand::Range(low, high) => any_scalar(target, &mut |scalar| {
            order(scalar, low).is_some_and(|o| o != Ordering::Less)
                && order(scalar, high).is_some_and(|o| o != Ordering::Greater)
        }),
        QOperand::Pattern(_) => false,
    }
}

fn ordered(target: &Target<'_>, value: &QValue, accept: &dyn Fn(Ordering) -> bool) -> bool {
    any_scalar(target, &mut |scalar| order(scalar, value).is_some_and(accept))
}

fn like(target: &Target<'_>, operand: &QOperand) -> bool {
    let QOperand::Pattern(pattern) = operand else {
        return false;
    };
    any_scalar(target, &mut |scalar| match scalar {
        Scalar::Text(text) | Scalar::Term(text) => pattern.is_match(text),
        _ => false,
    })
}

/// A single comparable thing.
enum Scalar<'s> {
    Number(f64),
    Bool(bool),
    Text(&'s str),
    /// An expanded vocabulary term.
    Term(&'s str),
    Time(DateTime),
}

/// Whether `test` holds for the target or, where it is an array, for any element.
fn any_scalar(target: &Target<'_>, test: &mut dyn FnMut(&Scalar<'_>) -> bool) -> bool {
    match target {
        Target::Json(value) => any_json_scalar(value, test),
        Target::Uris(uris) => uris.iter().any(|u| test(&Scalar::Text(u))),
        Target::Terms(terms) => terms.iter().any(|t| test(&Scalar::Term(t))),
        Target::Time(t) => test(&Scalar::Time(*t)),
        Target::Text(t) => test(&Scalar::Text(t)),
        Target::Geometry => false,
    }
}

fn any_json_scalar(value: &Value, test: &mut dyn FnMut(&Scalar<'_>) -> bool) -> bool {
    match unwrap_typed(value) {
        Value::Number(n) => n.as_f64().is_some_and(|n| test(&Scalar::Number(n))),
        Value::Bool(b) => test(&Scalar::Bool(*b)),
        Value::String(s) => test(&Scalar::Text(s)),
        Value::Array(items) => items.iter().any(|v| any_json_scalar(v, test)),
        Value::Null | Value::Object(_) => false,
    }
}

/// How a scalar stands to a query value; `None` when they cannot be compared.
fn order(scalar: &Scalar<'_>, value: &QValue) -> Option<Ordering> {
    match (scalar, value) {
        (Scalar::Number(a), QValue::Number(b)) => a.partial_cmp(b),
        (Scalar::Bool(a), QValue::Bool(b)) => (a == b).then_some(Ordering::Equal),
        (Scalar::Text(a), QValue::Text { raw, .. } | QValue::Uri { raw, .. }) => Some((*a).cmp(raw.as_str())),
        (Scalar::Term(a), QValue::Text { raw, expanded } | QValue::Uri { raw, expanded }) => {
            if a == raw {
                Some(Ordering::Equal)
            } else {
                Some((*a).cmp(expanded.as_str()))
            }
        }
        (Scalar::Text(a), QValue::DateTime(b)) => Some(DateTime::parse(a)?.cmp(b)),
        (Scalar::Time(a), QValue::DateTime(b)) => Some(a.cmp(b)),
        (Scalar::Time(a), QValue::Text { raw, .. }) => Some(a.cmp(&DateTime::parse(raw)?)),
        // ISO days and times of day sort as text.
        (Scalar::Text(a), QValue::Date(b) | QValue::Time(b)) => Some((*a).cmp(b.as_str())),
        (Scalar::Time(a), QValue::Date(b)) => Some(a.to_string().get(..10)?.cmp(b.as_str())),
        _ => None,
    }
}

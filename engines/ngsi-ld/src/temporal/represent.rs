//! Temporal representations: normalised and concise (clause 4.5.7), simplified (4.5.9), aggregated (4.5.19).

use super::accumulate::Accumulator;
use super::aggregate::{Aggregation, Periods};
use super::query::TemporalQuery;
use super::{SCOPE, TimeProperty};
use crate::context::Context;
use crate::model::{AttributeInstance, AttributeKind, Entity};
use crate::represent::{self, Representation};
use crate::uri::Uri;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How the evolution of attributes is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TemporalFormat {
    /// Arrays of instances, normalised or concise.
    #[default]
    Instances,
    /// `temporalValues`: pairs of value and time.
    Values,
    /// `aggregatedValues`.
    Aggregated,
}

/// Options of a temporal representation.
#[derive(Debug, Clone, Default)]
pub struct TemporalRepresentation {
    /// What is shown, and how one instance is written.
    pub shown: Representation,
    /// How their evolution is written.
    pub format: TemporalFormat,
    /// Which time stands beside a simplified value.
    pub query: TemporalQuery,
}

/// Aggregated values of one attribute instance series.
#[derive(Debug, Clone)]
pub struct AggregatedSeries {
    /// Kind of the attribute.
    pub kind: AttributeKind,
    /// Which of parallel values.
    pub dataset_id: Option<Uri>,
    /// Values by number of period.
    pub periods: BTreeMap<i64, Accumulator>,
}

/// A temporal entity as JSON. Attributes of `cut` are shown, empty when nothing of them is in the part of time
/// that the answer holds (clause 6.3.10).
pub fn entity(
    item: &Entity,
    cut: &BTreeMap<String, AttributeKind>,
    context: &Context,
    options: &TemporalRepresentation,
) -> Value {
    let mut map = members(item, context, &options.shown);
    for (name, list) in &item.attributes {
        if let Some(list) = kept(name, list, options) {
            map.insert(short(name, context), written(&list, context, options));
        }
    }
    for (name, kind) in cut {
        if options.shown.wants_attribute(name) {
            let empty = match options.format {
                TemporalFormat::Instances => Value::Array(Vec::new()),
                _ => pairs(*kind, None, Vec::new()),
            };
            map.entry(short(name, context)).or_insert(empty);
        }
    }
    Value::Object(map)
}

/// A temporal entity with aggregated attributes.
pub fn aggregated(
    item: &Entity,
    series: &BTreeMap<String, Vec<AggregatedSeries>>,
    aggregation: &Aggregation,
    periods: Option<&Periods>,
    context: &Context,
    options: &TemporalRepresentation,
) -> Value {
    let mut map = members(item, context, &options.shown);
    let Some(periods) = periods else {
        return Value::Object(map);
    };
    for (name, list) in series {
        let written = list
            .iter()
            .filter(|one| options.shown.wants_dataset(one.dataset_id.as_ref()))
            .map(|one| summary(one, aggregation, periods))
            .collect::<Vec<_>>();
        if options.shown.wants_attribute(name) && !written.is_empty() {
            map.insert(short(name, context), one_or_many(written));
        }
    }
    Value::Object(map)
}

/// Whether a representation shows nothing at all.
pub fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty)
}

fn members(item: &Entity, context: &Context, shown: &Representation) -> Map<String, Value> {
    let bare = Entity {
        attributes: crate::Attributes::new(),
        ..item.clone()
    };
    match represent::entity(&bare, context, shown) {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn short(name: &str, context: &Context) -> String {
    context.compact(name).into_owned()
}

fn kept<'i>(
    name: &str,
    list: &'i [AttributeInstance],
    options: &TemporalRepresentation,
) -> Option<Vec<&'i AttributeInstance>> {
    let shown = &options.shown;
    let wanted = if name == SCOPE {
        shown.wants_member("scope")
    } else {
        shown.wants_attribute(name)
    };
    let list: Vec<_> = list
        .iter()
        .filter(|i| shown.wants_dataset(i.dataset_id.as_ref()))
        .collect();
    (wanted && !list.is_empty()).then_some(list)
}

fn written(list: &[&AttributeInstance], context: &Context, options: &TemporalRepresentation) -> Value {
    if options.format == TemporalFormat::Instances {
        return list
            .iter()
            .map(|instance| {
                let mut value = represent::instance(instance, context, &options.shown);
                name_time(&mut value, instance, options.query.property);
                value
            })
            .collect();
    }
    // Parallel values and, should an attribute have changed its kind, each kind: an object of its own.
    let mut groups: Vec<(AttributeKind, Option<&Uri>, Vec<Value>)> = Vec::new();
    let simple = Representation {
        format: represent::Format::Simplified,
        lang: options.shown.lang.clone(),
        ..Representation::default()
    };
    for instance in list {
        let value = represent::instance(instance, context, &simple);
        let kind = match (&instance.kind(), &value) {
            // A preferred language makes a Property of it.
            (AttributeKind::LanguageProperty, Value::String(_) | Value::Array(_)) => AttributeKind::Property,
            (kind, _) => *kind,
        };
        let time = options.query.time_of(instance).map(|t| t.to_string());
        let pair = Value::Array(vec![value, time.into()]);
        let dataset = instance.dataset_id.as_ref();
        match groups.iter_mut().find(|(k, d, _)| *k == kind && *d == dataset) {
            Some((_, _, all)) => all.push(pair),
            None => groups.push((kind, dataset, vec![pair])),
        }
    }
    one_or_many(
        groups
            .into_iter()
            .map(|(kind, dataset, all)| pairs(kind, dataset, all))
            .collect(),
    )
}

/// The time that was asked about is shown even without `sysAttrs`: an answer about it would say nothing.
fn name_time(value: &mut Value, instance: &AttributeInstance, asked: Option<TimeProperty>) {
    if let (Some(property), Some(map)) = (asked, value.as_object_mut())
        && let Some(time) = property.of(instance)
    {
        map.entry(property.name())
            .or_insert_with(|| time.to_string().into());
    }
}

fn pairs(kind: AttributeKind, dataset: Option<&Uri>, all: Vec<Value>) -> Value {
    let mut map = head(kind, dataset);
    map.insert(format!("{}s", kind.value_member()), Value::Array(all));
    Value::Object(map)
}

fn head(kind: AttributeKind, dataset: Option<&Uri>) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("type".into(), kind.name().into());
    if let Some(dataset) = dataset {
        map.insert("datasetId".into(), dataset.as_str().into());
    }
    map
}

fn summary(one: &AggregatedSeries, aggregation: &Aggregation, periods: &Periods) -> Value {
    let mut map = head(one.kind, one.dataset_id.as_ref());
    for method in &aggregation.methods {
        let values = one
            .periods
            .iter()
            .filter_map(|(index, values)| {
                let (start, end) = periods.bounds(*index);
                let value = values.result(*method)?;
                Some(Value::Array(vec![
                    value,
                    start.to_string().into(),
                    end.to_string().into(),
                ]))
            })
            .collect();
        map.insert(method.name().into(), Value::Array(values));
    }
    Value::Object(map)
}

fn one_or_many(mut values: Vec<Value>) -> Value {
    if values.len() == 1 {
        values.swap_remove(0)
    } else {
        Value::Array(values)
    }
}

//! Aggregated evolution of one entity.

use std::collections::BTreeMap;

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::temporal::{
    Accumulator, AggregatedSeries, Aggregation, AggregationMethod, Periods, SCOPE, TemporalQuery,
    TimeRelation,
};
use bisenzio_ngsi_ld::{AttributeInstance, AttributeValue, DateTime};
use bisenzio_store::Tx;

use super::subject::{Ask, Group, Subject};
use crate::GraphError;
use crate::store::history::{self, Frame};

/// Aggregated values of an entity's attributes; the periods are the same for all of them.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    pub(crate) series: BTreeMap<String, Vec<AggregatedSeries>>,
    /// `None` when there is nothing to aggregate.
    pub(crate) periods: Option<Periods>,
}

/// Aggregates what an entity's attributes were in the time asked for.
pub(crate) fn summarise(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    subject: &Subject,
    ask: &Ask,
    aggregation: &Aggregation,
) -> Result<Summary, GraphError> {
    let mut groups = subject.groups(tx, tenant, ask)?;
    groups.retain(|group| ask.shows(group) && group.attribute != SCOPE);
    let Some((first, last)) = bounds(tx, tenant, ask, &groups)? else {
        return Ok(Summary::default());
    };
    let (origin, end) = ends(&ask.query, first, last);
    let periods = Periods::new(origin, end, aggregation.period)?;
    let frame = Frame {
        query: &ask.query,
        aggregation,
        periods: &periods,
        end: last,
    };
    let distinct = aggregation.wants(AggregationMethod::DistinctCount);
    let mut summary = Summary::default();
    for group in groups {
        let mut values = BTreeMap::new();
        for series in &group.series {
            history::summarise(tx, tenant, series, &frame, &mut values)?;
        }
        if let Some(current) = group.current_in(ask, ask.query.window())
            && let Some(index) = ask.query.time_of(current).and_then(|at| periods.index_of(at))
        {
            let mut known = None;
            if let Some(number) = number(current).filter(|_| distinct) {
                for series in &group.series {
                    if history::holds_number(tx, tenant, series, &frame, index, number)? {
                        known = Some(number);
                    }
                }
            }
            let values = values.entry(index).or_insert_with(|| Accumulator::new(distinct));
            match known {
                Some(number) => values.add_same_number(number),
                None => values.add(current),
            }
        }
        values.retain(|_, v| !v.is_empty());
        if values.is_empty() {
            continue;
        }
        let kind = kind_of(tx, tenant, subject, &group)?;
        summary
            .series
            .entry(group.attribute)
            .or_default()
            .push(AggregatedSeries {
                kind,
                dataset_id: group.dataset,
                periods: values,
            });
    }
    summary.periods = Some(periods);
    Ok(summary)
}

fn number(instance: &AttributeInstance) -> Option<f64> {
    match &instance.value {
        AttributeValue::Property(value) => value.as_f64(),
        _ => None,
    }
}

fn kind_of(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    subject: &Subject,
    group: &Group,
) -> Result<bisenzio_ngsi_ld::AttributeKind, GraphError> {
    if let Some(current) = &group.current {
        return Ok(current.kind());
    }
    let id = subject.shell.id.as_str();
    let newest = history::newest_of(tx, tenant, id, &group.attribute, group.dataset.as_ref())?;
    Ok(newest.map_or(bisenzio_ngsi_ld::AttributeKind::Property, |(_, i)| i.kind()))
}

/// The first and the last time of any of the attributes, so that their periods are the same.
fn bounds(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    ask: &Ask,
    groups: &[Group],
) -> Result<Option<(DateTime, DateTime)>, GraphError> {
    let mut all: Option<(i64, i64)> = None;
    let mut widen = |from: i64, to: i64| {
        all = Some(all.map_or((from, to), |(a, b)| (a.min(from), b.max(to))));
    };
    for group in groups {
        for series in &group.series {
            if let Some((from, to)) = history::bounds(tx, tenant, series, &ask.query)? {
                widen(from, to);
            }
        }
        let current = group.current_in(ask, ask.query.window());
        if let Some(at) = current.and_then(|c| ask.query.time_of(c)) {
            widen(at.micros(), at.micros());
        }
    }
    Ok(all.map(|(from, to)| (DateTime::from_micros(from), DateTime::from_micros(to))))
}

/// Periods begin where the time asked for begins, or with the first instance.
fn ends(query: &TemporalQuery, first: DateTime, last: DateTime) -> (DateTime, DateTime) {
    match query.relation {
        None => (first, last),
        Some(TimeRelation::Before(end)) => (first, end),
        Some(TimeRelation::After(start)) => (start, last),
        Some(TimeRelation::Between(start, end)) => (start, end),
    }
}

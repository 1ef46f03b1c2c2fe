//! Where candidates come from.

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::query::{EntityFilter, QExpr, QOperand, QOperator, QValue};
use bisenzio_store::{Tx, Value};

use crate::GraphError;
use crate::policy::Sight;
use crate::store::places;
use crate::store::shapes::{self, Shape};
use crate::store::values::{self, Key, Lookup};

/// Candidates taken from an index; with more, walking through all entities that fit is no worse.
const MOST_CANDIDATES: i64 = 100_000;
/// Shapes that are read side by side; with more, all entities are walked through.
const MOST_SHAPES: usize = 200;
/// Identifiers asked for in one statement.
const IDS: usize = 200;

/// Members of an entity that `q` may name like attributes.
const MEMBERS: [&str; 4] = ["createdAt", "modifiedAt", "id", "type"];

pub(super) struct Plan {
    pub(super) source: Source,
    /// Candidates are the result: the engine need not look at them.
    pub(super) exact: bool,
    /// Attributes whose values an index would have answered.
    pub(super) unindexed: Vec<String>,
}

pub(super) enum Source {
    /// These, ascending.
    Numbers(Vec<i64>),
    /// Those of these shapes.
    Shapes(Vec<i64>),
    /// Those that are filed under one of these values; an entity may be under several.
    Values(Vec<Key>),
    /// All.
    Everything,
}

impl Plan {
    pub(super) fn of(
        tx: &mut Tx<'_>,
        tenant: &TenantId,
        filter: &EntityFilter,
        sight: &Sight,
    ) -> Result<Self, GraphError> {
        let mut plan = Plan {
            source: Source::Everything,
            exact: false,
            unindexed: Vec::new(),
        };
        if let Some(ids) = &filter.ids {
            let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
            plan.source = Source::Numbers(by_id(tx, tenant, &ids)?);
            return Ok(plan);
        }
        let required = filter
            .q
            .as_ref()
            .map(|q| Conditions::of(&q.expr))
            .unwrap_or_default();
        let all = shapes::all(tx, tenant)?;
        // Where a shape is seen as it is, what is in an index is what is seen.
        let clear = |numbers: &[i64]| {
            sight.is_whole()
                || all.as_ref().is_some_and(|all| {
                    numbers
                        .iter()
                        .filter_map(|n| all.get(n))
                        .all(|shape| sight.is_clear_for(&shape.types, |name| shape.has_attribute(name)))
                })
        };
        let shapes = all.as_ref().map(|all| {
            all.iter()
                .filter(|(_, shape)| fits(shape, filter, &required))
                .map(|(number, _)| *number)
                .collect::<Vec<_>>()
        });
        if shapes.as_ref().is_some_and(Vec::is_empty) {
            plan.source = Source::Numbers(Vec::new());
            plan.exact = true;
            return Ok(plan);
        }
        if filter.geo_q.is_none()
            && let Some(keys) = equality(tx, tenant, &required)?
        {
            plan.source = Source::Values(keys);
            return Ok(plan);
        }
        if let Some(numbers) = plan.by_index(tx, tenant, filter, &required)? {
            plan.source = Source::Numbers(numbers);
            return Ok(plan);
        }
        if let Some(shapes) = shapes.filter(|shapes| shapes.len() <= MOST_SHAPES) {
            plan.exact = clear(&shapes)
                && filter.q.is_none()
                && filter.any_of.is_empty()
                && filter.scope_q.is_none()
                && filter.id_pattern.is_none()
                && filter.geo_q.is_none();
            plan.source = Source::Shapes(shapes);
        }
        Ok(plan)
    }

    /// Candidates that every usable index agrees on; `None` when there is none.
    fn by_index(
        &mut self,
        tx: &mut Tx<'_>,
        tenant: &TenantId,
        filter: &EntityFilter,
        required: &Conditions,
    ) -> Result<Option<Vec<i64>>, GraphError> {
        let mut agreed: Option<Vec<i64>> = None;
        let mut agree = |numbers: Vec<i64>| {
            // A list that was cut off says nothing.
            if as_int(numbers.len()) < MOST_CANDIDATES {
                agreed = Some(match agreed.take() {
                    None => numbers,
                    Some(others) => intersection(&others, &numbers),
                });
            }
        };
        if let Some(geo) = &filter.geo_q
            && let Some(window) = geo.bbox()
        {
            agree(places::candidates(
                tx,
                tenant,
                &geo.geoproperty,
                &window,
                MOST_CANDIDATES,
            )?);
        }
        let indexes = values::all(tx, tenant)?;
        for (name, lookup) in &required.lookups {
            match indexes.get(name) {
                Some(true) => {
                    agree(values::candidates(tx, tenant, name, lookup, MOST_CANDIDATES)?);
                }
                Some(false) => {}
                None => self.unindexed.push(name.clone()),
            }
        }
        Ok(agreed)
    }
}

/// One value, or a few, of an indexed attribute: index rows of one value are in the order of numbers, so that no
/// more are read than the page needs.
fn equality(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    required: &Conditions,
) -> Result<Option<Vec<Key>>, GraphError> {
    let indexes = values::all(tx, tenant)?;
    let ready = |name: &String| indexes.get(name) == Some(&true);
    Ok(required
        .lookups
        .iter()
        .filter(|(name, _)| ready(name))
        .find_map(|(name, lookup)| values::keys(name, lookup)))
}

fn by_id(tx: &mut Tx<'_>, tenant: &TenantId, ids: &[&str]) -> Result<Vec<i64>, GraphError> {
    let mut numbers = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(IDS) {
        let mut values: Vec<Value> = vec![tenant.into()];
        values.extend(chunk.iter().map(|id| Value::from(*id)));
        let marks: Vec<String> = (0..chunk.len()).map(|i| format!("${}", i + 2)).collect();
        let sql = format!(
            "SELECT number FROM entity WHERE tenant = $1 AND id IN ({})",
            marks.join(", ")
        );
        for row in tx.query(&sql, &values)? {
            numbers.push(row.get(0)?);
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

/// Whether entities of this shape may meet the filter.
fn fits(shape: &Shape, filter: &EntityFilter, required: &Conditions) -> bool {
    filter
        .types
        .as_ref()
        .is_none_or(|types| types.matches(&shape.types))
        && filter
            .attrs
            .as_ref()
            .is_none_or(|names| names.iter().any(|name| shape.has_attribute(name)))
        && (filter.any_of.is_empty()
            || filter
                .any_of
                .iter()
                .any(|s| s.types.as_ref().is_none_or(|types| types.matches(&shape.types))))
        && filter
            .geo_q
            .as_ref()
            .is_none_or(|geo| shape.has_attribute(&geo.geoproperty))
        && required.attributes.iter().all(|name| shape.has_attribute(name))
}

/// What every entity that a `q` matches must have.
#[derive(Default)]
struct Conditions {
    attributes: Vec<String>,
    lookups: Vec<(String, Lookup)>,
}

impl Conditions {
    fn of(expr: &QExpr) -> Self {
        let mut out = Self::default();
        out.collect(expr);
        out
    }

    fn collect(&mut self, expr: &QExpr) {
        let path = match expr {
            QExpr::And(list) => {
                list.iter().for_each(|e| self.collect(e));
                return;
            }
            QExpr::Or(_) | QExpr::Not(_) => return,
            QExpr::Exists(path) | QExpr::Compare { path, .. } | QExpr::Linked { path, .. } => path,
        };
        let (Some(name), Some(raw)) = (path.expanded.first(), path.raw.first()) else {
            return;
        };
        if MEMBERS.contains(&raw.as_str()) {
            return;
        }
        self.attributes.push(name.clone());
        if let QExpr::Compare { op, operand, .. } = expr
            && path.expanded.len() == 1
            && path.value_path.is_empty()
            && let Some(lookup) = lookup(*op, operand)
        {
            self.lookups.push((name.clone(), lookup));
        }
    }
}

/// The index lookup whose candidates hold everything that the comparison accepts.
fn lookup(op: QOperator, operand: &QOperand) -> Option<Lookup> {
    match (op, operand) {
        (QOperator::Equal, QOperand::One(QValue::Number(n))) => Some(Lookup::Numbers(*n, *n)),
        (QOperator::Greater | QOperator::GreaterEqual, QOperand::One(QValue::Number(n))) => {
            Some(Lookup::Numbers(*n, f64::MAX))
        }
        (QOperator::Less | QOperator::LessEqual, QOperand::One(QValue::Number(n))) => {
            Some(Lookup::Numbers(f64::MIN, *n))
        }
        (QOperator::Equal, QOperand::Range(QValue::Number(a), QValue::Number(b))) => {
            Some(Lookup::Numbers(*a, *b))
        }
        (QOperator::Equal, QOperand::One(value)) => texts(std::slice::from_ref(value)),
        (QOperator::Equal, QOperand::List(list)) => texts(list),
        _ => None,
    }
}

fn texts(values: &[QValue]) -> Option<Lookup> {
    let mut out = Vec::new();
    for value in values {
        match value {
            QValue::Text { raw, expanded } | QValue::Uri { raw, expanded } => {
                out.extend([raw.clone(), expanded.clone()]);
            }
            _ => return None,
        }
    }
    out.sort_unstable();
    out.dedup();
    Some(Lookup::Texts(out))
}

/// Of two ascending lists.
fn intersection(a: &[i64], b: &[i64]) -> Vec<i64> {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    few.iter()
        .copied()
        .filter(|number| many.binary_search(number).is_ok())
        .collect()
}

fn as_int(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bisenzio_ngsi_ld::Context;
    use bisenzio_ngsi_ld::query::Q;

    fn conditions(q: &str) -> Conditions {
        Conditions::of(&Q::parse(q, &Context::core()).unwrap().expr)
    }

    #[test]
    fn only_what_must_hold_is_required() {
        let both = conditions("speed>5;name==\"a\"");
        assert_eq!(both.attributes.len(), 2);
        assert_eq!(both.lookups.len(), 2);
        assert_eq!(both.lookups[0].1, Lookup::Numbers(5.0, f64::MAX));
        for free in [
            "speed>5|name==\"a\"",
            "!(speed>5)",
            "modifiedAt>2026-01-01T00:00:00Z",
        ] {
            let none = conditions(free);
            assert!(none.attributes.is_empty() && none.lookups.is_empty(), "{free}");
        }
        for no_index in [
            "speed!=5",
            "name~=a.*",
            "speed.accuracy==5",
            "address[city]==\"Prato\"",
            "a==true",
        ] {
            let some = conditions(no_index);
            assert!(
                some.attributes.len() == 1 && some.lookups.is_empty(),
                "{no_index}"
            );
        }
    }

    #[test]
    fn lists_are_intersected() {
        assert_eq!(intersection(&[1, 3, 5, 9], &[3, 4, 9]), [3, 9]);
        assert!(intersection(&[], &[1]).is_empty());
    }
}

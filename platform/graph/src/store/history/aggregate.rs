//! Aggregation inside the database: numbers are summed where they are, everything else is read in pieces.

use std::collections::BTreeMap;

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::temporal::{
    Accumulator, Aggregation, AggregationMethod, NumberSummary, Periods, TemporalQuery, TimeProperty, Window,
};
use bisenzio_ngsi_ld::{DateTime, NgsiError};
use bisenzio_store::{StoreError, Tx, Value, params};

use super::read::{column, within};
use super::row::{COLUMNS, decode};
use super::series::Series;
use crate::GraphError;

/// Rows read at once where the database cannot aggregate.
const CHUNK: i64 = 2_000;
/// Most different values that one answer may tell apart.
const MAX_DISTINCT: usize = 1_000_000;
/// Up to so many periods of the calendar are asked for one by one.
const MAX_STATEMENTS: i64 = 400;

/// What to aggregate, and into which periods.
pub(crate) struct Frame<'a> {
    pub(crate) query: &'a TemporalQuery,
    pub(crate) aggregation: &'a Aggregation,
    pub(crate) periods: &'a Periods,
    pub(crate) end: DateTime,
}

impl Frame<'_> {
    fn window(&self) -> Window {
        let asked = self.query.window();
        Window {
            from: asked.from.max(self.periods.origin().micros()),
            to: asked.to,
        }
    }
}

/// Markers of deletion have no value to aggregate.
fn values_only(property: Option<TimeProperty>) -> (&'static str, &'static str) {
    match property {
        None => ("time", " AND (kind & 4) = 0"),
        other => column(other),
    }
}

/// The first and the last time of a series that a query means.
pub(crate) fn bounds(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    series: &Series,
    query: &TemporalQuery,
) -> Result<Option<(i64, i64)>, StoreError> {
    let (column, having) = values_only(query.property());
    let mut ends = [None, None];
    for (end, order) in ends.iter_mut().zip(["", " DESC"]) {
        let mut values = params![tenant, series.number].to_vec();
        let bounds = within(column, query.window(), &mut values);
        let sql = format!(
            "SELECT {column} FROM attribute_history WHERE tenant = $1 AND series = $2{bounds}{having}
             ORDER BY {column}{order} LIMIT 1"
        );
        *end = tx.query_opt(&sql, &values)?.map(|row| row.get(0)).transpose()?;
    }
    Ok(ends[0].zip(ends[1]))
}

/// Adds the recorded instances of a series to the periods they belong to.
pub(crate) fn summarise(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    series: &Series,
    frame: &Frame<'_>,
    into: &mut BTreeMap<i64, Accumulator>,
) -> Result<(), GraphError> {
    let distinct = frame.aggregation.wants(AggregationMethod::DistinctCount);
    if !distinct {
        if frame.periods.is_whole() || frame.periods.fixed_length().is_some() {
            numbers(tx, tenant, series, frame, frame.window(), into)?;
        } else {
            let last = frame.periods.index_of(frame.end).unwrap_or(0);
            if last >= MAX_STATEMENTS {
                return one_by_one(tx, tenant, series, frame, "", into);
            }
            for index in 0..=last {
                let (start, end) = frame.periods.bounds(index);
                let whole = frame.window();
                let window = Window {
                    from: whole.from.max(start.micros()),
                    to: whole.to.min(end.micros()),
                };
                let mut part = BTreeMap::new();
                numbers(tx, tenant, series, frame, window, &mut part)?;
                for (_, found) in part {
                    into.insert(index, found);
                }
            }
        }
        return one_by_one(tx, tenant, series, frame, " AND number IS NULL", into);
    }
    one_by_one(tx, tenant, series, frame, "", into)
}

/// Numbers, in one statement; into one period where they have no fixed length.
fn numbers(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    series: &Series,
    frame: &Frame<'_>,
    window: Window,
    into: &mut BTreeMap<i64, Accumulator>,
) -> Result<(), GraphError> {
    let (column, having) = values_only(frame.query.property());
    let mut values = params![tenant, series.number].to_vec();
    let bounds = within(column, window, &mut values);
    let conditions = format!("tenant = $1 AND series = $2{bounds}{having} AND number IS NOT NULL");
    let wants = |method| frame.aggregation.wants(method);
    const NONE: &str = "CAST(0 AS DOUBLE PRECISION)";
    let (mut squares, mut distances) = (NONE, format!("{NONE}, {NONE}"));
    if wants(AggregationMethod::Sumsq) {
        squares = "SUM(number * number)";
    }
    if wants(AggregationMethod::Stddev) {
        // Distances from a value among them: squares of large numbers that differ little would lose the digits.
        let near = tx.query_opt(
            &format!("SELECT number FROM attribute_history WHERE {conditions} LIMIT 1"),
            &values,
        )?;
        let Some(near) = near else { return Ok(()) };
        values.push(Value::Real(near.get(0)?));
        let n = values.len();
        distances = format!("SUM(number - ${n}), SUM((number - ${n}) * (number - ${n}))");
    }
    let (period, group) = match frame.periods.fixed_length() {
        Some(length) => {
            values.extend([frame.periods.origin().micros().into(), length.into()]);
            let n = values.len();
            (format!("({column} - ${}) / ${n}", n - 1), " GROUP BY 1")
        }
        None => ("CAST(0 AS BIGINT)".to_owned(), ""),
    };
    let sql = format!(
        "SELECT {period}, COUNT(*), SUM(number), MIN(number), MAX(number), {squares}, {distances}
         FROM attribute_history WHERE {conditions}{group}"
    );
    for row in tx.query(&sql, &values)? {
        let count: i64 = row.get(1)?;
        if count == 0 {
            continue;
        }
        let (shift, distances): (f64, f64) = (row.get(6)?, row.get(7)?);
        #[allow(clippy::cast_precision_loss, reason = "a count of rows, far below 2^53")]
        let summary = NumberSummary {
            count: count.unsigned_abs(),
            sum: row.get(2)?,
            min: row.get(3)?,
            max: row.get(4)?,
            sum_of_squares: row.get(5)?,
            squared_distances: (distances - shift * shift / count as f64).max(0.0),
        };
        into.entry(row.get(0)?)
            .or_insert_with(|| Accumulator::new(false))
            .add_summary(summary);
    }
    Ok(())
}

/// Reads rows in pieces, in the order of their key.
fn one_by_one(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    series: &Series,
    frame: &Frame<'_>,
    condition: &str,
    into: &mut BTreeMap<i64, Accumulator>,
) -> Result<(), GraphError> {
    let (column, having) = values_only(frame.query.property());
    let distinct = frame.aggregation.wants(AggregationMethod::DistinctCount);
    let (mut after, mut told_apart) = ((i64::MIN, i64::MIN), 0_usize);
    loop {
        let mut values = params![tenant, series.number, after.0, after.1].to_vec();
        let bounds = within(column, frame.window(), &mut values);
        values.push(CHUNK.into());
        let sql = format!(
            "SELECT {COLUMNS} FROM attribute_history
             WHERE tenant = $1 AND series = $2 AND (time, seq) > ($3, $4){bounds}{having}{condition}
             ORDER BY time, seq LIMIT ${}",
            values.len()
        );
        let rows = tx.query(&sql, &values)?;
        for row in &rows {
            after = (row.get(0)?, row.get(1)?);
            let instance = decode(row, series)?;
            let at = frame.query.time_of(&instance);
            if let Some(index) = at.and_then(|at| frame.periods.index_of(at)) {
                let values = into.entry(index).or_insert_with(|| Accumulator::new(distinct));
                let before = values.distinct_len();
                values.add(&instance);
                told_apart += values.distinct_len() - before;
            }
        }
        if told_apart > MAX_DISTINCT {
            let why = format!("more than {MAX_DISTINCT} different values to count");
            return Err(NgsiError::too_complex(why).into());
        }
        if rows.len() < usize::try_from(CHUNK).unwrap_or(usize::MAX) {
            return Ok(());
        }
    }
}

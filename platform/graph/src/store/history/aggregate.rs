//! Aggregation inside the database: numbers are summed where they are, everything else is read in pieces.

use std::collections::BTreeMap;

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::temporal::{
    Accumulator, Aggregation, AggregationMethod, NumberSummary, Periods, TemporalQuery, TimeProperty, Window,
};
use bisenzio_ngsi_ld::{DateTime, NgsiError};
use bisenzio_store::{Engine, StoreError, Tx, Value, params};

use super::read::{column, within};
use super::row::{COLUMNS, decode};
use super::series::Series;
use crate::GraphError;

/// Rows read at once where the database cannot aggregate.
const CHUNK: i64 = 2_000;
/// Most different values that one answer may tell apart.
const MAX_DISTINCT: usize = 1_000_000;
/// Up to so many periods are asked for one by one.
const MAX_STATEMENTS: i64 = 10_000;

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
    let last = frame.periods.index_of(frame.end).unwrap_or(0);
    let length = frame.periods.fixed_length();
    // SQLite sorts what it groups: asking for one period after the other reads the same rows without that. Over a
    // network one statement is better than many.
    let one_after_the_other = match tx.engine() {
        _ if frame.periods.is_whole() => false,
        Engine::Sqlite => last < MAX_STATEMENTS,
        Engine::Postgres => length.is_none() && last < MAX_STATEMENTS,
    };
    if one_after_the_other {
        for index in 0..=last {
            let (start, end) = frame.periods.bounds(index);
            let asked = frame.window();
            let window = Window {
                from: asked.from.max(start.micros()),
                to: asked.to.min(end.micros()),
            };
            numbers(tx, tenant, series, frame, window, Grouping::Into(index), into)?;
        }
    } else if let Some(length) = length {
        numbers(
            tx,
            tenant,
            series,
            frame,
            frame.window(),
            Grouping::Every(length),
            into,
        )?;
    } else if frame.periods.is_whole() {
        numbers(tx, tenant, series, frame, frame.window(), Grouping::Into(0), into)?;
    } else {
        return one_by_one(tx, tenant, series, frame, "", into);
    }
    one_by_one(tx, tenant, series, frame, " AND number IS NULL", into)
}

/// Whether a number is among those of a series in a period: then it is not another one.
pub(crate) fn holds_number(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    series: &Series,
    frame: &Frame<'_>,
    index: i64,
    number: f64,
) -> Result<bool, StoreError> {
    let (column, having) = values_only(frame.query.property());
    let (start, end) = frame.periods.bounds(index);
    let mut window = frame.window();
    if !frame.periods.is_whole() {
        window.from = window.from.max(start.micros());
        window.to = window.to.min(end.micros());
    }
    let mut values = params![tenant, series.number, number].to_vec();
    let bounds = within(column, window, &mut values);
    let sql = format!(
        "SELECT 1 FROM attribute_history WHERE tenant = $1 AND series = $2 AND number = $3{bounds}{having} LIMIT 1"
    );
    Ok(tx.query_opt(&sql, &values)?.is_some())
}

/// Into which periods numbers go.
#[derive(Clone, Copy)]
enum Grouping {
    Into(i64),
    /// By their length in microseconds.
    Every(i64),
}

/// Numbers, in one statement that computes no more than is asked for.
fn numbers(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    series: &Series,
    frame: &Frame<'_>,
    window: Window,
    grouping: Grouping,
    into: &mut BTreeMap<i64, Accumulator>,
) -> Result<(), GraphError> {
    const NONE: &str = "CAST(0 AS DOUBLE PRECISION)";
    // Markers of deletion are no numbers.
    let (column, having) = match frame.query.property() {
        None => ("time", ""),
        other => column(other),
    };
    let wants = |method| frame.aggregation.wants(method);
    let mut values = params![tenant, series.number].to_vec();
    let bounds = within(column, window, &mut values);
    let conditions = format!("tenant = $1 AND series = $2{bounds}{having}");
    let when = |wanted: bool, what: &'static str| if wanted { what } else { NONE };
    let (min, max) = (
        when(wants(AggregationMethod::Min), "MIN(number)"),
        when(wants(AggregationMethod::Max), "MAX(number)"),
    );
    let squares = when(wants(AggregationMethod::Sumsq), "SUM(number * number)");
    let distinct = if wants(AggregationMethod::DistinctCount) {
        "COUNT(DISTINCT number)"
    } else {
        "CAST(0 AS BIGINT)"
    };
    let mut distances = format!("{NONE}, {NONE}");
    if wants(AggregationMethod::Stddev) {
        // Distances from a value among them: squares of large numbers that differ little would lose the digits.
        let sql =
            format!("SELECT number FROM attribute_history WHERE {conditions} AND number IS NOT NULL LIMIT 1");
        let Some(near) = tx.query_opt(&sql, &values)? else {
            return Ok(());
        };
        values.push(Value::Real(near.get(0)?));
        let n = values.len();
        distances = format!("SUM(number - ${n}), SUM((number - ${n}) * (number - ${n}))");
    }
    let (period, group) = match grouping {
        Grouping::Every(length) => {
            values.extend([frame.periods.origin().micros().into(), length.into()]);
            let n = values.len();
            (format!("({column} - ${}) / ${n}", n - 1), " GROUP BY 1")
        }
        Grouping::Into(_) => ("CAST(0 AS BIGINT)".to_owned(), ""),
    };
    let sql = format!(
        "SELECT {period}, COUNT(number), SUM(number), {min}, {max}, {squares}, {distances}, {distinct}
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
            distinct: row.get::<i64>(8)?.unsigned_abs(),
        };
        let index = match grouping {
            Grouping::Into(index) => index,
            Grouping::Every(_) => row.get(0)?,
        };
        into.entry(index)
            .or_insert_with(|| Accumulator::new(wants(AggregationMethod::DistinctCount)))
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

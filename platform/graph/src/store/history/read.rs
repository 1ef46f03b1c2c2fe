//! Reading instances of a series: by any of their times, from either end.

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::AttributeInstance;
use bisenzio_ngsi_ld::temporal::{TimeProperty, Window};
use bisenzio_store::{StoreError, Tx, Value, params};

use super::row::{COLUMNS, decode};
use super::series::Series;
use crate::GraphError;

/// Which instances of a series.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slice {
    pub(crate) window: Window,
    /// `None`: by `time`, whatever it stands for.
    pub(crate) property: Option<TimeProperty>,
    pub(crate) newest_first: bool,
    pub(crate) limit: usize,
}

/// The time that a property stands for, and which rows have it.
pub(super) const fn column(property: Option<TimeProperty>) -> (&'static str, &'static str) {
    match property {
        None => ("time", ""),
        Some(TimeProperty::ObservedAt) => ("time", " AND (kind & 5) = 1"),
        Some(TimeProperty::CreatedAt) => ("seq", " AND (kind & 4) = 0"),
        Some(TimeProperty::ModifiedAt) => ("COALESCE(modified_at, seq)", " AND (kind & 4) = 0"),
        Some(TimeProperty::DeletedAt) => ("time", " AND (kind & 4) = 4"),
    }
}

/// ` AND ...` for a window, its values pushed.
pub(super) fn within(column: &str, window: Window, values: &mut Vec<Value>) -> String {
    let mut sql = String::new();
    if window.from != i64::MIN {
        values.push(window.from.into());
        sql.push_str(&format!(" AND {column} >= ${}", values.len()));
    }
    if window.to != i64::MAX {
        values.push(window.to.into());
        sql.push_str(&format!(" AND {column} < ${}", values.len()));
    }
    sql
}

/// Instances in the order of their times.
pub(crate) fn instances(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    series: &Series,
    slice: Slice,
) -> Result<Vec<AttributeInstance>, GraphError> {
    let (column, having) = column(slice.property);
    let mut values = params![tenant, series.number].to_vec();
    let bounds = within(column, slice.window, &mut values);
    values.push(i64::try_from(slice.limit).unwrap_or(i64::MAX).into());
    let order = if slice.newest_first { " DESC" } else { "" };
    let sql = format!(
        "SELECT {COLUMNS} FROM attribute_history WHERE tenant = $1 AND series = $2{bounds}{having}
         ORDER BY {column}{order}, seq{order} LIMIT ${}",
        values.len()
    );
    let rows = tx.query(&sql, &values)?;
    rows.iter().map(|row| decode(row, series)).collect()
}

/// Whether there is any such instance.
pub(crate) fn has_any(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    series: &Series,
    property: Option<TimeProperty>,
    window: Window,
) -> Result<bool, StoreError> {
    let (column, having) = column(property);
    let mut values = params![tenant, series.number].to_vec();
    let bounds = within(column, window, &mut values);
    let sql =
        format!("SELECT 1 FROM attribute_history WHERE tenant = $1 AND series = $2{bounds}{having} LIMIT 1");
    Ok(tx.query_opt(&sql, &values)?.is_some())
}

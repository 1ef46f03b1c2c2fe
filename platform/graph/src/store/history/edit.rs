//! Changing the past itself: what the temporal operations do (5.6.11 to 5.6.16).

use bisenzio_kernel::{Env, Micros, TenantId};
use bisenzio_ngsi_ld::temporal::Window;
use bisenzio_ngsi_ld::update::DeleteTarget;
use bisenzio_ngsi_ld::{AttributeInstance, DateTime, Entity, Uri};
use bisenzio_store::{StoreError, Tx, Value, params};

use super::read::{Slice, instances};
use super::record::{encode_at, home, insert};
use super::row::{COLUMNS, as_current, decode, encode, encode_in};
use super::series::{Series, parse_instance_id, series_of};
use super::{past, series};
use crate::GraphError;
use crate::store::ROWS;

/// One instance of an attribute's evolution.
pub(crate) enum Target {
    /// The one that stands in the entity's document.
    Current(AttributeInstance),
    Past {
        series: Series,
        instance: AttributeInstance,
        time: i64,
        seq: i64,
    },
}

impl Target {
    /// Finds the instance with this identifier.
    pub(crate) fn find(
        tx: &mut Tx<'_>,
        tenant: &TenantId,
        entity: &str,
        current: Option<&Entity>,
        attribute: &str,
        instance_id: &Uri,
    ) -> Result<Option<Self>, GraphError> {
        let now = current.map(|e| e.instances(attribute)).unwrap_or_default();
        for instance in now {
            let shown = as_current(tenant, entity, attribute, instance);
            if shown.instance_id.as_ref() == Some(instance_id) {
                return Ok(Some(Self::Current(shown)));
            }
        }
        let Some((number, seq)) = parse_instance_id(instance_id) else {
            return Ok(None);
        };
        let own = series_of(tx, tenant, entity)?;
        let Some(series) = own
            .into_iter()
            .find(|s| s.number == number && s.attribute == attribute)
        else {
            return Ok(None);
        };
        let row = tx.query_opt(
            &format!(
                "SELECT {COLUMNS} FROM attribute_history WHERE tenant = $1 AND series = $2 AND seq = $3 LIMIT 1"
            ),
            params![tenant, series.number, seq],
        )?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Self::Past {
            instance: decode(&row, &series)?,
            time: row.get(0)?,
            seq,
            series,
        }))
    }
}

/// Puts another content in the place of a past instance, which keeps its identifier.
pub(crate) fn overwrite(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    series: &Series,
    time: i64,
    next: &AttributeInstance,
) -> Result<(), StoreError> {
    let row = encode_in(next, series);
    forget_instance(tx, tenant, series, time, row.seq)?;
    insert(tx, tenant, &[(series.number, row)])
}

pub(crate) fn forget_instance(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    series: &Series,
    time: i64,
    seq: i64,
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM attribute_history WHERE tenant = $1 AND series = $2 AND time = $3 AND seq = $4",
        params![tenant, series.number, time, seq],
    )?;
    Ok(())
}

/// The newest instance of an attribute in the history; it may be a marker of deletion.
pub(crate) fn newest_of(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    entity: &str,
    attribute: &str,
    dataset: Option<&Uri>,
) -> Result<Option<(Series, AttributeInstance)>, GraphError> {
    let mut newest: Option<(Series, AttributeInstance)> = None;
    for series in series_of(tx, tenant, entity)? {
        if series.attribute != attribute || series.dataset.as_ref() != dataset {
            continue;
        }
        let slice = Slice {
            window: Window::ALL,
            property: None,
            newest_first: true,
            limit: 1,
        };
        for instance in instances(tx, tenant, &series, slice)? {
            if newest
                .as_ref()
                .is_none_or(|(_, other)| place(other) < place(&instance))
            {
                newest = Some((series.clone(), instance));
            }
        }
    }
    Ok(newest)
}

/// Where an instance stands in its evolution.
fn place(instance: &AttributeInstance) -> Option<DateTime> {
    instance
        .deleted_at
        .or(instance.observed_at)
        .or(instance.modified_at)
}

/// Where instances are added.
pub(crate) struct Place<'a> {
    pub(crate) entity: &'a str,
    pub(crate) attribute: &'a str,
    /// Whether the entity is there now, so that the newest instance is its state.
    pub(crate) alive: bool,
    /// Whether its past is kept.
    pub(crate) keep: bool,
}

/// Adds instances of one attribute and datasetId, recorded at `recorded` and the microseconds that follow. One that
/// was observed at the same instant as an earlier one takes its place. The result is the instance that is current
/// now, when it is another than before.
pub(crate) fn append(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    at: &Place<'_>,
    mut given: Vec<AttributeInstance>,
    current: Option<&AttributeInstance>,
    recorded: &mut Micros,
) -> Result<Option<AttributeInstance>, GraphError> {
    let dataset = given.first().and_then(|i| i.dataset_id.clone());
    for instance in &mut given {
        instance.created_at = Some(DateTime::from_micros(*recorded));
        instance.modified_at = instance.created_at;
        *recorded += 1;
    }
    // Stable: of those observed at the same instant the one given last is the newest and stays.
    given.sort_by_key(place);
    given.reverse();
    given.dedup_by(|a, b| a.observed_at.is_some() && a.observed_at == b.observed_at);
    given.reverse();
    replace_observed(tx, tenant, at, dataset.as_ref(), &given)?;
    let newest = given.last().cloned();
    let takes_over = match (&newest, current) {
        (None, _) => false,
        (Some(newest), Some(current)) => place(newest) >= place(current),
        (Some(newest), None) => {
            let before = newest_of(tx, tenant, at.entity, at.attribute, dataset.as_ref())?;
            at.alive && before.is_none_or(|(_, other)| place(&other) < place(newest))
        }
    };
    let mut rows = Vec::new();
    if takes_over {
        given.pop();
        let same_instant = |c: &AttributeInstance| newest.as_ref().is_some_and(|n| observed_together(c, n));
        if let Some(displaced) = current.filter(|c| !same_instant(c)) {
            rows.push(home(tx, env, tenant, at.entity, at.attribute, displaced)?);
        }
    }
    if at.keep {
        for instance in &given {
            let seq = instance.modified_at.map_or(*recorded, DateTime::micros);
            let series = series::of(tx, env, tenant, at.entity, at.attribute, instance)?;
            rows.push((series, encode_at(instance, seq)));
        }
        insert(tx, tenant, &rows)?;
    }
    Ok(newest.filter(|_| takes_over))
}

fn observed_together(a: &AttributeInstance, b: &AttributeInstance) -> bool {
    a.observed_at.is_some() && a.observed_at == b.observed_at
}

/// Removes what was observed at the same instants as the new instances.
fn replace_observed(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    at: &Place<'_>,
    dataset: Option<&Uri>,
    given: &[AttributeInstance],
) -> Result<(), StoreError> {
    let mut times: Vec<i64> = given
        .iter()
        .filter_map(|i| i.observed_at)
        .map(DateTime::micros)
        .collect();
    times.sort_unstable();
    let marks: Vec<String> = (5..5 + ROWS).map(|n| format!("${n}")).collect();
    // The range is said beside the list: not every planner looks a list up in the index.
    let sql = format!(
        "DELETE FROM attribute_history WHERE tenant = $1 AND series = $2 AND (kind & 5) = 1
         AND time BETWEEN $3 AND $4 AND time IN ({})",
        marks.join(", ")
    );
    for series in series_of(tx, tenant, at.entity)? {
        if series.attribute != at.attribute || series.dataset.as_ref() != dataset {
            continue;
        }
        for chunk in times.chunks(ROWS) {
            let last = chunk[chunk.len() - 1];
            let mut values = params![tenant, series.number, chunk[0], last].to_vec();
            // The last one fills up: one statement to prepare for any number of them.
            let filled = chunk.iter().chain(std::iter::repeat(&last));
            values.extend(filled.take(ROWS).map(|time| Value::Int(*time)));
            tx.execute(&sql, &values)?;
        }
    }
    Ok(())
}

/// Writes down the series that an instance belongs to, so that its identifier goes on naming it.
pub(crate) fn intern(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    entity: &str,
    attribute: &str,
    instance: &AttributeInstance,
) -> Result<(), StoreError> {
    series::of(tx, env, tenant, entity, attribute, instance)?;
    Ok(())
}

/// Adds instances as they are to the past of one attribute (the states of scopes).
pub(crate) fn insert_past(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    entity: &str,
    attribute: &str,
    list: &[AttributeInstance],
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(list.len());
    for instance in list {
        rows.push((
            series::of(tx, env, tenant, entity, attribute, instance)?,
            encode(instance),
        ));
    }
    insert(tx, tenant, &rows)
}

/// Removes the past of an attribute; `false` when there was none.
pub(crate) fn forget_attribute(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    entity: &str,
    attribute: &str,
    which: &DeleteTarget,
) -> Result<bool, StoreError> {
    let mut any = false;
    for series in series_of(tx, tenant, entity)? {
        let meant = match which {
            DeleteTarget::All => true,
            DeleteTarget::Default => series.dataset.is_none(),
            DeleteTarget::Dataset(id) => series.dataset.as_ref() == Some(id),
        };
        if meant && series.attribute == attribute {
            any |= forget_series(tx, env, tenant, series.number)?;
        }
    }
    Ok(any)
}

/// Removes the past of an entity; `false` when there was none.
pub(crate) fn forget_entity(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    entity: &str,
) -> Result<bool, StoreError> {
    let mut any = past::forget(tx, tenant, entity)?;
    for series in series_of(tx, tenant, entity)? {
        any |= forget_series(tx, env, tenant, series.number)?;
    }
    Ok(any)
}

/// The series itself stays for now: writers may remember it. Housekeeping removes it.
fn forget_series(tx: &mut Tx<'_>, env: &Env, tenant: &TenantId, series: i64) -> Result<bool, StoreError> {
    let gone = tx.execute(
        "DELETE FROM attribute_history WHERE tenant = $1 AND series = $2",
        params![tenant, series],
    )?;
    tx.execute(
        "UPDATE history_series SET empty_since = $3 WHERE tenant = $1 AND series = $2",
        params![tenant, series, env.now()],
    )?;
    Ok(gone > 0)
}

//! Changing the past itself: what the temporal operations do (5.6.11 to 5.6.16).

use bisenzio_kernel::{Env, Micros, TenantId};
use bisenzio_ngsi_ld::temporal::Window;
use bisenzio_ngsi_ld::update::DeleteTarget;
use bisenzio_ngsi_ld::{AttributeInstance, DateTime, Entity, Uri};
use bisenzio_store::{StoreError, Tx, params};

use super::read::{Slice, instances};
use super::record::{encode_at, insert};
use super::row::{COLUMNS, as_current, decode, encode, encode_in};
use super::series::{Series, parse_instance_id, series_of};
use super::{past, series};
use crate::GraphError;

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
            if newest.as_ref().is_none_or(|(_, other)| place(other) < place(&instance)) {
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

/// Adds instances of one attribute and datasetId. One that was observed at the same instant as an earlier one
/// takes its place. The result is the instance that is current now, when it is another than before.
pub(crate) fn append(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    entity: &str,
    attribute: &str,
    given: Vec<AttributeInstance>,
    current: Option<&AttributeInstance>,
    alive: bool,
    recorded: &mut Micros,
) -> Result<Option<AttributeInstance>, GraphError> {
    let dataset = given.first().and_then(|i| i.dataset_id.clone());
    let own: Vec<Series> = series_of(tx, tenant, entity)?
        .into_iter()
        .filter(|s| s.attribute == attribute && s.dataset == dataset)
        .collect();
    let mut list: Vec<AttributeInstance> = Vec::with_capacity(given.len());
    for mut instance in given {
        instance.created_at = Some(DateTime::from_micros(*recorded));
        instance.modified_at = Some(DateTime::from_micros(*recorded));
        *recorded += 1;
        if let Some(at) = instance.observed_at {
            list.retain(|other| other.observed_at != Some(at));
            for series in &own {
                tx.execute(
                    "DELETE FROM attribute_history
                     WHERE tenant = $1 AND series = $2 AND time = $3 AND (kind & 5) = 1",
                    params![tenant, series.number, at.micros()],
                )?;
            }
        }
        list.push(instance);
    }
    // Stable: of two that stand at the same instant the later given is the newer.
    list.sort_by_key(place);
    let newest = list.last().cloned();
    let takes_over = match (&newest, current) {
        (None, _) => false,
        (Some(newest), Some(current)) => place(newest) >= place(current),
        (Some(newest), None) => {
            let before = newest_of(tx, tenant, entity, attribute, dataset.as_ref())?;
            alive && before.is_none_or(|(_, other)| place(&other) < place(newest))
        }
    };
    let mut rows = Vec::new();
    if takes_over {
        list.pop();
        let displaced = current.filter(|c| {
            c.observed_at.is_none() || c.observed_at != newest.as_ref().and_then(|n| n.observed_at)
        });
        if let Some(displaced) = displaced {
            rows.push((series::of(tx, env, tenant, entity, attribute, displaced)?, encode(displaced)));
        }
    }
    for instance in &list {
        let seq = instance.modified_at.map_or(*recorded, DateTime::micros);
        rows.push((
            series::of(tx, env, tenant, entity, attribute, instance)?,
            encode_at(instance, seq),
        ));
    }
    insert(tx, tenant, &rows)?;
    Ok(newest.filter(|_| takes_over))
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

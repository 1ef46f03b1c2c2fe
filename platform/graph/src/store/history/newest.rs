//! The latest of an entity's history, for people.

use bisenzio_kernel::{Micros, TenantId};
use bisenzio_ngsi_ld::temporal::Window;
use bisenzio_ngsi_ld::{AttributeInstance, DateTime, storage};
use bisenzio_store::Tx;

use super::read::{Slice, instances};
use super::row::{as_current, current_seq};
use super::series::series_of;
use crate::GraphError;
use crate::store::entities;

/// One recorded state of one attribute.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Expanded name.
    pub attribute: String,
    /// `created`, `updated` or `deleted`.
    pub change: String,
    /// The instance in storage form; `None` when it was deleted.
    pub value: Option<String>,
    pub observed_at: Option<Micros>,
    pub recorded_at: Micros,
}

/// The newest records of an entity, newest first; the current state is among them.
pub(crate) fn newest(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    entity: &str,
    limit: i64,
) -> Result<Vec<Recorded>, GraphError> {
    let limit = usize::try_from(limit).unwrap_or(0);
    let current = entities::load(tx, tenant, entity)?;
    // Attribute by attribute: units may change, and then the next series goes on.
    let mut groups: Vec<(String, Option<String>, Vec<AttributeInstance>)> = Vec::new();
    let mut put = |attribute: &str, list: Vec<AttributeInstance>| {
        for instance in list {
            let dataset = instance.dataset_id.as_deref().map(str::to_owned);
            match groups
                .iter_mut()
                .find(|(a, d, _)| a == attribute && *d == dataset)
            {
                Some((_, _, all)) => all.push(instance),
                None => groups.push((attribute.to_owned(), dataset, vec![instance])),
            }
        }
    };
    for series in series_of(tx, tenant, entity)? {
        let slice = Slice {
            window: Window::ALL,
            property: None,
            newest_first: true,
            // One more tells whether the last one was the first ever.
            limit: limit.saturating_add(1),
        };
        put(&series.attribute, instances(tx, tenant, &series, slice)?);
    }
    for (name, list) in current.iter().flat_map(|e| &e.attributes) {
        let shown = list.iter().map(|i| as_current(tenant, entity, name, i)).collect();
        put(name, shown);
    }
    let mut out = Vec::new();
    for (attribute, _, mut list) in groups {
        list.sort_by_key(recorded_at);
        let mut before = false;
        for instance in list {
            let deleted = instance.deleted_at.is_some();
            let change = match (deleted, before) {
                (true, _) => "deleted",
                (false, true) => "updated",
                (false, false) => "created",
            };
            before = !deleted;
            out.push(Recorded {
                attribute: attribute.clone(),
                change: change.to_owned(),
                value: (!deleted).then(|| storage::instance_to_storage_json(&instance).to_string()),
                observed_at: instance.observed_at.map(DateTime::micros),
                recorded_at: recorded_at(&instance),
            });
        }
    }
    out.sort_by_key(|record| std::cmp::Reverse(record.recorded_at));
    out.truncate(limit);
    Ok(out)
}

fn recorded_at(instance: &AttributeInstance) -> Micros {
    instance.deleted_at.map_or_else(
        || {
            instance
                .created_at
                .map_or_else(|| current_seq(instance), DateTime::micros)
        },
        DateTime::micros,
    )
}

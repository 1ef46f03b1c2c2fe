//! Names of series as numbers, and the identifiers of instances.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bisenzio_kernel::{Env, Micros, TenantId};
use bisenzio_ngsi_ld::{AttributeInstance, Uri};
use bisenzio_store::{Row, StoreError, Tx, params};
use sha2::{Digest, Sha256};

/// Most series that a process remembers; then it starts over.
const MAX_KNOWN: usize = 250_000;
/// A remembered series is looked up again after so long, well before housekeeping may remove it.
const TRUSTED: Micros = 3_600 * 1_000_000;
/// Attempts to find a free number should two digests ever be the same.
const ATTEMPTS: i64 = 4;

/// The evolution of one attribute, datasetId and unit of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Series {
    pub(crate) number: i64,
    /// Expanded name.
    pub(crate) attribute: String,
    pub(crate) dataset: Option<Uri>,
    pub(crate) unit: Option<String>,
}

#[derive(Default)]
struct Known(Mutex<HashMap<u128, (i64, Micros)>>);

impl Known {
    fn get(&self, key: u128, now: Micros) -> Option<i64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (number, since) = known.get(&key)?;
        (now - since < TRUSTED).then_some(*number)
    }

    fn put(&self, key: u128, number: i64, now: Micros) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(key, (number, now));
    }
}

fn key(tenant: &TenantId, entity: &str, attribute: &str, dataset: &str, unit: &str) -> u128 {
    let mut hash = Sha256::new();
    for part in [tenant.as_str(), entity, attribute, dataset, unit] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut first = [0_u8; 16];
    first.copy_from_slice(&hash.finalize()[..16]);
    u128::from_be_bytes(first)
}

#[allow(clippy::cast_possible_truncation, reason = "the low half of a digest")]
fn number(key: u128) -> i64 {
    (key as i64) & i64::MAX
}

/// The number of the series that an instance belongs to, written down when it is new.
pub(super) fn of(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &TenantId,
    entity: &str,
    attribute: &str,
    instance: &AttributeInstance,
) -> Result<i64, StoreError> {
    let dataset = instance.dataset_id.as_deref().unwrap_or_default();
    let unit = instance.unit_code.as_deref().unwrap_or_default();
    let (key, now) = (key(tenant, entity, attribute, dataset, unit), env.now());
    let memory = tx.memory::<Known>();
    if let Some(number) = memory.get(key, now) {
        return Ok(number);
    }
    for attempt in 0..ATTEMPTS {
        let number = number(key).wrapping_add(attempt) & i64::MAX;
        tx.execute(
            "INSERT INTO history_series (tenant, series, entity, attribute, dataset, unit)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, series) DO UPDATE SET empty_since = NULL",
            params![tenant, number, entity, attribute, dataset, unit],
        )?;
        let row = tx.query_one(
            "SELECT entity, attribute, dataset, unit FROM history_series WHERE tenant = $1 AND series = $2",
            params![tenant, number],
        )?;
        let same = row.text(0)? == entity
            && row.text(1)? == attribute
            && row.text(2)? == dataset
            && row.text(3)? == unit;
        if same {
            tx.on_commit(move || memory.put(key, number, now));
            return Ok(number);
        }
    }
    Err(StoreError::Column("no number is free for a series".into()))
}

/// The series of an entity, by attribute, datasetId and unit.
pub(crate) fn series_of(tx: &mut Tx<'_>, tenant: &TenantId, entity: &str) -> Result<Vec<Series>, StoreError> {
    tx.query(
        "SELECT series, attribute, dataset, unit FROM history_series
         WHERE tenant = $1 AND entity = $2 ORDER BY attribute, dataset, unit",
        params![tenant, entity],
    )?
    .iter()
    .map(read)
    .collect()
}

fn read(row: &Row) -> Result<Series, StoreError> {
    let text = |at: usize| {
        row.text(at)
            .map(|text| (!text.is_empty()).then(|| text.to_owned()))
    };
    Ok(Series {
        number: row.get(0)?,
        attribute: row.get(1)?,
        dataset: text(2)?.and_then(|text| Uri::parse(&text).ok()),
        unit: text(3)?,
    })
}

const INSTANCE: &str = "urn:ngsi-ld:instance:";

/// The identifier of an instance: of its series and of when it was recorded, so that it stays the same when
/// the instance moves into the history.
pub(super) fn instance_id(
    tenant: &TenantId,
    entity: &str,
    attribute: &str,
    instance: &AttributeInstance,
    seq: i64,
) -> Option<Uri> {
    let dataset = instance.dataset_id.as_deref().unwrap_or_default();
    let unit = instance.unit_code.as_deref().unwrap_or_default();
    instance_id_in(number(key(tenant, entity, attribute, dataset, unit)), seq)
}

pub(super) fn instance_id_in(series: i64, seq: i64) -> Option<Uri> {
    Uri::parse(&format!("{INSTANCE}{series:x}-{seq:x}")).ok()
}

/// Series and time of recording of an identifier that [`instance_id`] made.
pub(super) fn parse_instance_id(id: &str) -> Option<(i64, i64)> {
    let (series, seq) = id.strip_prefix(INSTANCE)?.split_once('-')?;
    let hex = |text: &str| {
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit());
        plain.then(|| i64::from_str_radix(text, 16).ok()).flatten()
    };
    Some((hex(series)?, hex(seq)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn identifiers_of_instances_are_read_back() {
        let id = instance_id_in(0x1234, 1_700_000_000_000_000).unwrap();
        assert_eq!(parse_instance_id(&id), Some((0x1234, 1_700_000_000_000_000)));
        for bad in [
            "",
            "urn:ngsi-ld:instance:",
            "urn:ngsi-ld:instance:1-",
            "urn:ngsi-ld:instance:+1-2",
        ] {
            assert_eq!(parse_instance_id(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn foreign_identifiers_do_no_harm(text in "\\PC{0,60}") {
            let _ = parse_instance_id(&text);
            let _ = parse_instance_id(&format!("{INSTANCE}{text}"));
        }
    }
}

//! Instances as rows and back.

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::temporal::{SCOPE, deletion, scope_instance};
use bisenzio_ngsi_ld::{AttributeInstance, AttributeKind, AttributeValue, DateTime, storage};
use bisenzio_store::{Row, StoreError, Value as Sql};
use serde_json::Value;

use super::series::{Series, instance_id, instance_id_in, parse_instance_id};
use crate::GraphError;

/// Flags of `kind`.
pub(super) const OBSERVED: i64 = 1;
pub(super) const WHOLE: i64 = 2;
pub(super) const DELETED: i64 = 4;

/// What [`decode`] expects.
pub(super) const COLUMNS: &str = "time, seq, kind, number, modified_at, document";
/// Whole numbers that a double holds exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// One row, but for its tenant and series.
#[derive(Clone, Debug)]
pub(super) struct Encoded {
    pub(super) time: i64,
    pub(super) seq: i64,
    pub(super) kind: i64,
    pub(super) number: Option<f64>,
    pub(super) modified_at: Option<i64>,
    pub(super) document: Option<String>,
}

impl Encoded {
    pub(super) fn values(&self, tenant: &TenantId, series: i64) -> Vec<Sql> {
        vec![
            tenant.into(),
            series.into(),
            self.time.into(),
            self.seq.into(),
            self.kind.into(),
            self.number.into(),
            self.modified_at.into(),
            self.document.clone().into(),
        ]
    }
}

/// When the current instance was recorded.
pub(crate) fn current_seq(instance: &AttributeInstance) -> i64 {
    let changed_afterwards = instance.instance_id.as_deref().and_then(parse_instance_id);
    changed_afterwards.map_or_else(
        || {
            let times = [instance.modified_at, instance.created_at];
            times.into_iter().flatten().next().map_or(0, DateTime::micros)
        },
        |(_, seq)| seq,
    )
}

/// An instance that was current until now.
pub(super) fn encode(instance: &AttributeInstance) -> Encoded {
    let seq = current_seq(instance);
    let mut kind = 0;
    if instance.observed_at.is_some() {
        kind |= OBSERVED;
    }
    let (number, whole, restorable) = as_number(&instance.value);
    if whole {
        kind |= WHOLE;
    }
    let plain = restorable
        && instance.object_type.is_empty()
        && instance.value_type.is_none()
        && instance.sub_attributes.is_empty();
    Encoded {
        time: instance.observed_at.map_or(seq, DateTime::micros),
        seq,
        kind,
        number,
        modified_at: instance.modified_at.map(DateTime::micros).filter(|at| *at != seq),
        document: (!plain).then(|| document(instance, None)),
    }
}

/// The same for an instance that stays in its series though its unit is not that of the series any more.
pub(super) fn encode_in(instance: &AttributeInstance, series: &Series) -> Encoded {
    let mut row = encode(instance);
    if instance.unit_code != series.unit {
        row.document = Some(document(
            instance,
            Some(instance.unit_code.clone().unwrap_or_default()),
        ));
    }
    row
}

/// What the series and the other columns say is left out.
fn document(instance: &AttributeInstance, unit_code: Option<String>) -> String {
    let bare = AttributeInstance {
        unit_code,
        observed_at: None,
        dataset_id: None,
        instance_id: None,
        created_at: None,
        modified_at: None,
        ..instance.clone()
    };
    storage::instance_to_storage_json(&bare).to_string()
}

/// The number, whether it is whole, and whether these two give it back exactly.
fn as_number(value: &AttributeValue) -> (Option<f64>, bool, bool) {
    let AttributeValue::Property(Value::Number(given)) = value else {
        return (None, false, false);
    };
    let Some(number) = given.as_f64().filter(|n| n.is_finite()) else {
        return (None, false, false);
    };
    let whole = !given.is_f64();
    let exact = number.abs() < EXACT && !(number == 0.0 && number.is_sign_negative());
    (Some(number), whole, exact || !whole && number != 0.0)
}

pub(super) fn marker(kind: AttributeKind, at: i64) -> Encoded {
    Encoded {
        time: at,
        seq: at,
        kind: DELETED,
        number: None,
        modified_at: None,
        document: Some(kind.name().to_owned()),
    }
}

/// An instance with the times and identifier that the temporal representation shows.
pub(super) fn decode(row: &Row, series: &Series) -> Result<AttributeInstance, GraphError> {
    let (time, seq, kind): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let number: Option<f64> = row.get(3)?;
    let modified_at: Option<i64> = row.get(4)?;
    let document: Option<String> = row.get(5)?;
    let mut instance = match (kind & DELETED != 0, document, number) {
        (true, _, _) if series.attribute == SCOPE => {
            let mut none = scope_instance(&[]);
            none.deleted_at = Some(DateTime::from_micros(time));
            none
        }
        (true, document, _) => {
            let of = document.as_deref().and_then(AttributeKind::from_name);
            deletion(of.unwrap_or(AttributeKind::Property), DateTime::from_micros(time))
        }
        (false, Some(document), _) => {
            let stored = serde_json::from_str(&document).map_err(|e| StoreError::Column(e.to_string()))?;
            storage::instance_from_storage_json(stored)?
        }
        (false, None, Some(number)) => {
            AttributeInstance::new(AttributeValue::Property(restored(number, kind & WHOLE != 0)))
        }
        (false, None, None) => return Err(StoreError::Column("a row of history is empty".into()).into()),
    };
    instance.dataset_id.clone_from(&series.dataset);
    instance.instance_id = instance_id_in(series.number, seq);
    if kind & DELETED == 0 {
        // Only where it was changed afterwards does the document say another unit, or '' for none.
        instance.unit_code = match instance.unit_code.take() {
            Some(own) => (!own.is_empty()).then_some(own),
            None => series.unit.clone(),
        };
        instance.observed_at = (kind & OBSERVED != 0).then(|| DateTime::from_micros(time));
        instance.created_at = Some(DateTime::from_micros(seq));
        instance.modified_at = Some(DateTime::from_micros(modified_at.unwrap_or(seq)));
    }
    Ok(instance)
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "only whole numbers below 2^53 are stored so"
)]
fn restored(number: f64, whole: bool) -> Value {
    if whole {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}

/// The current instance as the temporal representation shows it.
pub(crate) fn as_current(
    tenant: &TenantId,
    entity: &str,
    attribute: &str,
    instance: &AttributeInstance,
) -> AttributeInstance {
    let seq = current_seq(instance);
    let own = instance.instance_id.clone();
    AttributeInstance {
        instance_id: own.or_else(|| instance_id(tenant, entity, attribute, instance, seq)),
        created_at: Some(DateTime::from_micros(seq)),
        ..instance.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn round_trip(value: Value) -> (bool, bool) {
        let mut instance = AttributeInstance::new(AttributeValue::Property(value));
        instance.observed_at = Some(DateTime::from_micros(7));
        instance.modified_at = Some(DateTime::from_micros(9));
        let row = encode(&instance);
        let back = match (&row.document, row.number) {
            (Some(document), _) => {
                storage::instance_from_storage_json(serde_json::from_str(document).unwrap())
                    .unwrap()
                    .value
            }
            (None, number) => AttributeValue::Property(restored(number.unwrap(), row.kind & WHOLE != 0)),
        };
        (row.document.is_none(), back == instance.value)
    }

    #[test]
    fn numbers_need_no_document_and_come_back_exactly() {
        for plain in [
            json!(0),
            json!(-3),
            json!(1.5),
            json!(3.0),
            json!(1e300),
            json!(9_007_199_254_740_991_i64),
        ] {
            assert_eq!(round_trip(plain.clone()), (true, true), "{plain}");
        }
        for other in [json!(-0.0), json!(u64::MAX), json!("1"), json!(true), json!([1])] {
            assert_eq!(round_trip(other.clone()), (false, true), "{other}");
        }
    }
}

//! Looking for a text in documents, for people: names and references that no index holds.

use std::collections::BTreeMap;

use bisenzio_kernel::TenantId;
use bisenzio_store::{StoreError, Tx, Value, params};

use super::entities::{self, Stored};
use super::shapes;
use crate::GraphError;
use crate::policy::Sight;

/// Entities looked at, the newest ones: a page must not read a whole large city.
pub(crate) const MOST: i64 = 250_000;
/// Shapes that a search of one type names; with more it looks at every entity.
const MOST_SHAPES: usize = 300;

/// Where a scan begins, and whether older entities are left out.
pub(crate) struct Horizon {
    first: i64,
    pub(crate) partial: bool,
}

pub(crate) fn horizon(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Horizon, StoreError> {
    let row = tx.query_opt(
        "SELECT number FROM entity WHERE tenant = $1 ORDER BY number DESC LIMIT 1 OFFSET $2",
        params![tenant, MOST],
    )?;
    Ok(match row {
        Some(row) => Horizon {
            first: row.get(0)?,
            partial: true,
        },
        None => Horizon {
            first: i64::MIN,
            partial: false,
        },
    })
}

/// Entities whose document may hold the text, newest first, with numbers below `before`. The caller looks closer:
/// letters beyond ASCII, and signs that JSON or LIKE write in their own way, match anything here.
pub(crate) fn scan(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    horizon: &Horizon,
    of_shapes: Option<&[i64]>,
    text: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<Stored>, GraphError> {
    let condition = match of_shapes {
        Some([]) => return Ok(Vec::new()),
        Some(list) => {
            let list: Vec<String> = list.iter().map(i64::to_string).collect();
            format!(" AND shape IN ({})", list.join(", "))
        }
        None => String::new(),
    };
    let sql = format!(
        "SELECT document, number FROM entity WHERE tenant = $1 AND number > $2 AND number < $3
         AND LOWER(document) LIKE $4{condition} ORDER BY number DESC LIMIT $5"
    );
    let values: [Value; 5] = [
        tenant.into(),
        horizon.first.into(),
        before.into(),
        like(text).into(),
        limit.into(),
    ];
    tx.query(&sql, &values)?
        .iter()
        .map(|row| {
            Ok(Stored {
                number: row.get(1)?,
                entity: entities::document(row)?,
            })
        })
        .collect()
}

/// Shapes with a type; `None` when there are too many to name.
pub(crate) fn shapes_of(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    of_type: &str,
) -> Result<Option<Vec<i64>>, StoreError> {
    let Some(all) = shapes::all(tx, tenant)? else {
        return Ok(None);
    };
    let numbers: Vec<i64> = all
        .iter()
        .filter(|(_, shape)| shape.types.iter().any(|name| name == of_type))
        .map(|(number, _)| *number)
        .collect();
    Ok((numbers.len() <= MOST_SHAPES).then_some(numbers))
}

/// A type in use.
#[derive(Clone, Debug)]
pub(crate) struct TypeInUse {
    /// Expanded name.
    pub(crate) name: String,
    pub(crate) count: i64,
    /// When an entity of the type was last changed; `None` in a city so large that this is not worked out.
    pub(crate) changed: Option<i64>,
    /// Whether the reader sees all of them just as they are.
    pub(crate) clear: bool,
}

/// Types in use with their numbers and last changes, by name; hidden ones among them.
pub(crate) fn types_in_use(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    sight: &Sight,
) -> Result<Vec<TypeInUse>, GraphError> {
    // The time of the last change is in no index.
    let changed = if horizon(tx, tenant)?.partial {
        "CAST(NULL AS BIGINT)"
    } else {
        "MAX(e.modified_at)"
    };
    let rows = tx.query(
        &format!(
            "SELECT s.definition, COUNT(*), {changed} FROM entity e
             JOIN entity_shape s ON s.tenant = e.tenant AND s.shape = e.shape
             WHERE e.tenant = $1 GROUP BY e.shape, s.definition"
        ),
        params![tenant],
    )?;
    let mut all: BTreeMap<String, TypeInUse> = BTreeMap::new();
    for row in &rows {
        let shape = shapes::Shape::parse(row.text(0)?);
        let (count, changed): (i64, Option<i64>) = (row.get(1)?, row.get(2)?);
        let clear = sight.is_clear_for(&shape.types, |name| shape.has_attribute(name));
        for name in shape.types {
            let known = all.entry(name.clone()).or_insert_with(|| TypeInUse {
                name,
                count: 0,
                changed: None,
                clear: true,
            });
            known.count += count;
            known.changed = known.changed.max(changed);
            known.clear &= clear;
        }
    }
    Ok(all.into_values().collect())
}

/// The pattern that documents with the text match.
fn like(text: &str) -> String {
    let mut out = String::from("%");
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || " -:./".contains(c) {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('%') {
            out.push('%');
        }
    }
    if !out.ends_with('%') {
        out.push('%');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn patterns_hold_no_sign_of_their_own() {
        assert_eq!(like("Via Roma"), "%via roma%");
        assert_eq!(like("Città_%\"x"), "%citt%x%");
        assert_eq!(like("é"), "%");
    }
}

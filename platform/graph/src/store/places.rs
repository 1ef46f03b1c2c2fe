//! Where entities are, as Z-order cells: the spatial prefilter, the same on both engines.
//!
//! A geometry is filed under the cell of its rectangle's middle, at the finest of four levels whose cells are
//! at least as large as the rectangle. Whatever touches a search window then has its middle within half a cell
//! of it, so the window is widened by that much and covered by a few ranges of cells per level.

use std::collections::BTreeSet;

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::Entity;
use bisenzio_ngsi_ld::spatial::{Bbox, attribute_bbox, morton_code, morton_ranges};
use bisenzio_store::{Tx, Value, params};

use crate::GraphError;

/// Bits per axis of the levels: cells of about 27 m, 440 m and 7 km at the equator, and the whole world.
const LEVELS: [u32; 4] = [20, 16, 12, 0];
const RANGES_PER_LEVEL: usize = 8;

type Filed = (String, i64, i64);

pub(crate) fn sync(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    before: Option<&Entity>,
    after: &Entity,
) -> Result<(), GraphError> {
    let old = before.map(filed).unwrap_or_default();
    let new = filed(after);
    let id = after.id.as_str();
    for (attribute, level, cell) in old.difference(&new) {
        tx.execute(
            "DELETE FROM entity_place WHERE tenant = $1 AND attribute = $2 AND level = $3 AND cell = $4 AND entity = $5",
            params![tenant, attribute, *level, *cell, id],
        )?;
    }
    for (attribute, level, cell) in new.difference(&old) {
        tx.execute(
            "INSERT INTO entity_place (tenant, attribute, level, cell, entity) VALUES ($1, $2, $3, $4, $5)",
            params![tenant, attribute, *level, *cell, id],
        )?;
    }
    Ok(())
}

/// Adds a condition to a query on `entity e` that keeps what may touch the window. `values` already holds the
/// tenant as `$1`.
pub(crate) fn condition(attribute: &str, window: &Bbox, values: &mut Vec<Value>) -> String {
    values.push(attribute.into());
    let name = values.len();
    let mut ranges = Vec::new();
    for level in LEVELS {
        let (half_lon, half_lat) = (
            180.0 / f64::from(1_u32 << level),
            90.0 / f64::from(1_u32 << level),
        );
        let widened = Bbox {
            min_lon: window.min_lon - half_lon,
            min_lat: window.min_lat - half_lat,
            max_lon: window.max_lon + half_lon,
            max_lat: window.max_lat + half_lat,
        };
        for (from, to) in morton_ranges(&widened, RANGES_PER_LEVEL) {
            values.extend([i64::from(level).into(), from.into(), to.into()]);
            let n = values.len();
            ranges.push(format!(
                "(p.level = ${} AND p.cell BETWEEN ${} AND ${n})",
                n - 2,
                n - 1
            ));
        }
    }
    format!(
        " AND EXISTS (SELECT 1 FROM entity_place p WHERE p.tenant = $1 AND p.entity = e.id AND p.attribute = ${name}
           AND ({}))",
        ranges.join(" OR ")
    )
}

fn filed(entity: &Entity) -> BTreeSet<Filed> {
    entity
        .attributes
        .keys()
        .filter_map(|attribute| {
            let bbox = attribute_bbox(entity, attribute)?;
            let middle = morton_code(
                (bbox.min_lon + bbox.max_lon) / 2.0,
                (bbox.min_lat + bbox.max_lat) / 2.0,
            );
            Some((attribute.clone(), i64::from(level_for(&bbox)), middle))
        })
        .collect()
}

fn level_for(bbox: &Bbox) -> u32 {
    let (width, height) = (bbox.max_lon - bbox.min_lon, bbox.max_lat - bbox.min_lat);
    LEVELS
        .into_iter()
        .find(|level| {
            let cells = f64::from(1_u32 << level);
            width <= 360.0 / cells && height <= 180.0 / cells
        })
        .unwrap_or(0)
}

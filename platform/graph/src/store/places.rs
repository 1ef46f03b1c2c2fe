//! Where entities are, as Z-order cells: the spatial prefilter, the same on both engines.
//!
//! A geometry is filed under the cell of its rectangle's middle, at the finest of four levels whose cells are
//! at least as large as the rectangle. Whatever touches a search window then has its middle within half a cell
//! of it, so the window is widened by that much and covered by a few ranges of cells per level.

use std::collections::BTreeSet;

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::Entity;
use bisenzio_ngsi_ld::spatial::{Bbox, attribute_bbox, morton_code, morton_in, morton_ranges};
use bisenzio_store::{StoreError, Tx, params};

use super::digest::digest;
use super::{bulk, insert_many_with};

/// Bits per axis of the levels: cells of about 27 m, 440 m and 7 km at the equator, and the whole world.
const LEVELS: [u32; 4] = [20, 16, 12, 0];
const RANGES_PER_LEVEL: usize = 8;
/// Degrees by which the middle of a rectangle may be off for the arithmetic of doubles, and some.
const ROUNDING: f64 = 1e-9;

const NO_LEVEL: i64 = -1;

pub(super) const INSERT: &str = "INSERT INTO entity_place (tenant, attribute, level, cell, number)";

/// Digest of the attribute's name, level, cell.
type Filed = (i64, i64, i64);

pub(crate) fn sync(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    number: i64,
    before: Option<&Entity>,
    after: &Entity,
) -> Result<(), StoreError> {
    let old = before.map(filed).unwrap_or_default();
    let new = filed(after);
    for place in old.difference(&new) {
        delete(tx, tenant, number, *place)?;
    }
    for (attribute, level, cell) in new.difference(&old) {
        let row = params![tenant, *attribute, *level, *cell, number].to_vec();
        let now = match before {
            // The row of a new entity may be put off with the entity's own.
            None => bulk::of(tx).put_off_place(row),
            Some(_) => Err(row),
        };
        if let Err(row) = now {
            insert_many_with(tx, INSERT, vec![row], "")?;
        }
    }
    Ok(())
}

pub(crate) fn remove(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    number: i64,
    entity: &Entity,
) -> Result<(), StoreError> {
    filed(entity)
        .into_iter()
        .try_for_each(|place| delete(tx, tenant, number, place))
}

fn delete(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    number: i64,
    (attribute, level, cell): Filed,
) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM entity_place
         WHERE tenant = $1 AND attribute = $2 AND level = $3 AND cell = $4 AND number = $5",
        params![tenant, attribute, level, cell, number],
    )?;
    Ok(())
}

/// Numbers of entities that may touch the window, ascending; of very many only some, but at least `limit`.
pub(crate) fn candidates(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    attribute: &str,
    window: &Bbox,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let windows = LEVELS.map(|level| (i64::from(level), widened(window, level)));
    let mut ranges: Vec<(i64, i64, i64)> = Vec::new();
    for (level, window) in &windows {
        let covered = morton_ranges(window, RANGES_PER_LEVEL);
        ranges.extend(covered.into_iter().map(|(from, to)| (*level, from, to)));
    }
    // One statement, and of few lengths to be kept prepared: filled up with ranges that hold nothing.
    ranges.resize(ranges.len().next_power_of_two(), (NO_LEVEL, 0, 0));
    let (head, attribute) = ("SELECT level, cell, number FROM entity_place", digest(attribute));
    let mut values = params![tenant, attribute, limit].to_vec();
    let mut parts = Vec::with_capacity(ranges.len());
    for (level, from, to) in ranges {
        let n = values.len();
        parts.push(format!(
            "{head} WHERE tenant = $1 AND attribute = $2 AND level = ${} AND cell BETWEEN ${} AND ${}",
            n + 1,
            n + 2,
            n + 3
        ));
        values.extend([level.into(), from.into(), to.into()]);
    }
    let sql = format!("{} LIMIT $3", parts.join(" UNION ALL "));
    let mut numbers: Vec<i64> = Vec::new();
    let full = usize::try_from(limit).unwrap_or(usize::MAX);
    let rows = tx.query(&sql, &values)?;
    for row in &rows {
        let (level, cell): (i64, i64) = (row.get(0)?, row.get(1)?);
        let near = || {
            windows
                .iter()
                .any(|(l, window)| *l == level && morton_in(cell, window))
        };
        if rows.len() >= full || near() {
            numbers.push(row.get(2)?);
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Where the middle may be of what is filed under the level and touches the window.
fn widened(window: &Bbox, level: u32) -> Bbox {
    let cells = f64::from(1_u32 << level);
    let (half_lon, half_lat) = (180.0 / cells + ROUNDING, 90.0 / cells + ROUNDING);
    Bbox {
        min_lon: window.min_lon - half_lon,
        min_lat: window.min_lat - half_lat,
        max_lon: window.max_lon + half_lon,
        max_lat: window.max_lat + half_lat,
    }
}

fn filed(entity: &Entity) -> BTreeSet<Filed> {
    entity
        .attributes
        .keys()
        .filter_map(|attribute| {
            let bbox = attribute_bbox(entity, attribute)?;
            let (level, cell) = cell_of(&bbox);
            Some((digest(attribute), i64::from(level), cell))
        })
        .collect()
}

fn cell_of(bbox: &Bbox) -> (u32, i64) {
    let middle = morton_code(
        (bbox.min_lon + bbox.max_lon) / 2.0,
        (bbox.min_lat + bbox.max_lat) / 2.0,
    );
    (level_for(bbox), middle)
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn boxes() -> impl Strategy<Value = Bbox> {
        // Sides from nothing to half the world: smaller and larger than the cells of every level.
        let side = || (-9.0..2.3_f64).prop_map(|exponent| 10_f64.powf(exponent));
        (-180.0..180.0_f64, -90.0..90.0_f64, side(), side()).prop_map(|(lon, lat, w, h)| Bbox {
            min_lon: lon,
            min_lat: lat,
            max_lon: (lon + w).min(180.0),
            max_lat: (lat + h).min(90.0),
        })
    }

    /// A second box that touches the first: its corner lies in it.
    fn touching() -> impl Strategy<Value = (Bbox, Bbox)> {
        (
            boxes(),
            boxes(),
            0.0..=1.0_f64,
            0.0..=1.0_f64,
            0.0..=1.0_f64,
            0.0..=1.0_f64,
        )
            .prop_map(|(a, b, fx, fy, gx, gy)| {
                let at = |min: f64, max: f64, f: f64| (min + (max - min) * f).clamp(min, max);
                let (x, y) = (at(a.min_lon, a.max_lon, fx), at(a.min_lat, a.max_lat, fy));
                let (w, h) = (b.max_lon - b.min_lon, b.max_lat - b.min_lat);
                let (min_lon, min_lat) = ((x - w * gx).max(-180.0), (y - h * gy).max(-90.0));
                let moved = Bbox {
                    min_lon,
                    min_lat,
                    max_lon: (min_lon + w).max(x).min(180.0),
                    max_lat: (min_lat + h).max(y).min(90.0),
                };
                (a, moved)
            })
    }

    fn found(window: &Bbox, level: u32, cell: i64) -> bool {
        let window = widened(window, level);
        let ranges = morton_ranges(&window, RANGES_PER_LEVEL);
        ranges.iter().any(|(from, to)| (from..=to).contains(&&cell)) && morton_in(cell, &window)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn whatever_touches_the_window_is_among_its_cells((thing, window) in touching()) {
            prop_assert!(thing.intersects(&window));
            let (level, cell) = cell_of(&thing);
            prop_assert!(
                found(&window, level, cell),
                "{:?} is filed under level {} and not found in {:?}", thing, level, window
            );
        }
    }

    #[test]
    fn a_street_is_filed_finely_and_far_things_are_left_out() {
        let street = Bbox {
            min_lon: 11.10,
            min_lat: 43.88,
            max_lon: 11.1001,
            max_lat: 43.8801,
        };
        assert_eq!(level_for(&street), 20);
        let (level, cell) = cell_of(&street);
        let far = Bbox {
            min_lon: 12.0,
            min_lat: 44.0,
            max_lon: 12.1,
            max_lat: 44.1,
        };
        assert!(!found(&far, level, cell));
    }
}

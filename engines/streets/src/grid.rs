//! A uniform grid over the plane to find what lies near a point.

use std::collections::HashMap;

use crate::geometry::Point;

/// Items (by number) filed under the cells their bounding box touches.
#[derive(Debug, Clone)]
pub struct Grid {
    cell: f64,
    cells: HashMap<(i32, i32), Vec<usize>>,
}

impl Grid {
    /// An empty grid with cells of `cell` metres.
    pub fn new(cell: f64) -> Self {
        Self {
            cell: cell.max(0.1),
            cells: HashMap::new(),
        }
    }

    fn key(&self, p: Point) -> (i32, i32) {
        (
            (p[0] / self.cell).floor() as i32,
            (p[1] / self.cell).floor() as i32,
        )
    }

    /// Files an item that is a point.
    pub fn insert_point(&mut self, item: usize, p: Point) {
        let key = self.key(p);
        self.cells.entry(key).or_default().push(item);
    }

    /// Files an item that is a segment, under the cells along it (with one cell of margin at most).
    pub fn insert_segment(&mut self, item: usize, a: Point, b: Point) {
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        let steps = (length / self.cell * 2.0).ceil().max(1.0) as usize;
        let mut last = None;
        for i in 0..=steps {
            let t = i as f64 / steps as f64;
            let key = self.key([a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]);
            if last != Some(key) {
                let items = self.cells.entry(key).or_default();
                if items.last() != Some(&item) {
                    items.push(item);
                }
                last = Some(key);
            }
        }
    }

    /// Items that may lie within `radius` of `p`, each once, in ascending order. The caller measures.
    pub fn near(&self, p: Point, radius: f64) -> Vec<usize> {
        // A segment between two samples may clip a corner cell, so look half a cell further.
        let reach = radius + self.cell / 2.0;
        let (lo, hi) = (
            self.key([p[0] - reach, p[1] - reach]),
            self.key([p[0] + reach, p[1] + reach]),
        );
        let mut found = Vec::new();
        for x in lo.0..=hi.0 {
            for y in lo.1..=hi.1 {
                if let Some(items) = self.cells.get(&(x, y)) {
                    found.extend_from_slice(items);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_segment_is_found_from_its_middle() {
        let mut grid = Grid::new(20.0);
        grid.insert_segment(7, [0.0, 0.0], [1000.0, 333.0]);
        assert_eq!(grid.near([500.0, 170.0], 10.0), vec![7]);
        assert!(grid.near([500.0, 400.0], 10.0).is_empty());
    }
}

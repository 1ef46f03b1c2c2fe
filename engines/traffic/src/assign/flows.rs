//! Volumes of every commodity on every arc.
//!
//! A commodity uses few of a city's arcs. Its row is kept in small blocks that exist only where it has flow: a lookup
//! costs one step more than in a plain table, while memory, copying and reading through follow what is used.

use super::commodity::Commodity;
use crate::network::Graph;
use crate::network::graph::NONE;

/// Arcs in a block.
const BLOCK: usize = 16;

/// Volumes of one commodity by arc, pcu per hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Where the block of an arc begins in `values`; block 0 is empty and stands for all that do not exist.
    start: Vec<u32>,
    values: Vec<f64>,
}

impl Row {
    fn zero(arcs: usize) -> Self {
        Self {
            start: vec![0; arcs.div_ceil(BLOCK)],
            values: vec![0.0; BLOCK],
        }
    }

    #[inline]
    pub fn get(&self, arc: u32) -> f64 {
        let arc = arc as usize;
        self.values[self.start[arc / BLOCK] as usize + arc % BLOCK]
    }

    #[inline]
    pub fn add(&mut self, arc: u32, by: f64) {
        let arc = arc as usize;
        let mut start = self.start[arc / BLOCK] as usize;
        if start == 0 {
            start = self.values.len();
            self.start[arc / BLOCK] = start as u32;
            self.values.resize(start + BLOCK, 0.0);
        }
        self.values[start + arc % BLOCK] += by;
    }

    /// Arcs with flow, ascending, and their volumes.
    pub fn used(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.start
            .iter()
            .enumerate()
            .filter(|(_, start)| **start != 0)
            .flat_map(|(block, &start)| {
                let values = self.values[start as usize..start as usize + BLOCK]
                    .iter()
                    .enumerate();
                values
                    .filter(|(_, v)| **v > 0.0)
                    .map(move |(i, &v)| ((block * BLOCK + i) as u32, v))
            })
    }

    /// The volumes as a plain table.
    pub fn expand(&self, table: &mut [f64]) {
        table.fill(0.0);
        for (arc, value) in self.used() {
            table[arc as usize] = value;
        }
    }

    fn from_table(table: &[f64]) -> Self {
        let mut row = Self::zero(table.len());
        for (arc, &value) in table.iter().enumerate().filter(|(_, v)| **v != 0.0) {
            row.add(arc as u32, value);
        }
        row
    }

    /// The smallest volume on a segment.
    #[inline]
    pub fn least(&self, arcs: &[u32]) -> f64 {
        arcs.iter()
            .map(|&arc| self.get(arc))
            .fold(f64::INFINITY, f64::min)
    }

    /// The arc with the most flow, if any has some.
    pub fn most_used(&self, arcs: impl Iterator<Item = u32>) -> Option<u32> {
        let mut most = (0.0, NONE);
        for arc in arcs {
            let flow = self.get(arc);
            if flow > most.0 {
                most = (flow, arc);
            }
        }
        (most.1 != NONE).then_some(most.1)
    }
}

/// For each commodity one row of volumes.
#[derive(Clone, Debug, PartialEq)]
pub struct Flows {
    arcs: usize,
    rows: Vec<Row>,
}

impl Flows {
    pub fn zero(commodities: usize, arcs: usize) -> Self {
        Self {
            arcs,
            rows: vec![Row::zero(arcs); commodities],
        }
    }

    #[inline]
    pub fn row(&self, commodity: usize) -> &Row {
        &self.rows[commodity]
    }

    #[inline]
    pub fn row_mut(&mut self, commodity: usize) -> &mut Row {
        &mut self.rows[commodity]
    }

    pub fn rows(&self) -> impl Iterator<Item = &Row> + Send {
        self.rows.iter()
    }

    /// Replaces a row by a plain table.
    pub fn set(&mut self, commodity: usize, table: &[f64]) {
        self.rows[commodity] = Row::from_table(table);
    }

    /// The sum of all rows.
    pub fn total(&self) -> Vec<f64> {
        let mut sum = vec![0.0; self.arcs];
        for (arc, value) in self.rows.iter().flat_map(Row::used) {
            sum[arc as usize] += value;
        }
        sum
    }

    /// Loads what each destination of a commodity asks for on the way of a tree. Destinations that the tree does
    /// not reach are left out and returned by their place in the commodity's list.
    pub fn load(&mut self, graph: &Graph, index: usize, commodity: &Commodity, via: &[u32]) -> Vec<usize> {
        let row = &mut self.rows[index];
        let mut unreached = Vec::new();
        for (place, &(_, node, amount)) in commodity.destinations.iter().enumerate() {
            let mut at = node as usize;
            if via[at] == NONE {
                unreached.push(place);
                continue;
            }
            while via[at] != NONE {
                row.add(via[at], amount);
                at = graph.tail[via[at] as usize] as usize;
            }
        }
        unreached
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_row_holds_what_a_table_holds(changes in prop::collection::vec((0u32..200, 0.0f64..9.0), 0..60)) {
            let (mut row, mut table) = (Row::zero(200), vec![0.0; 200]);
            for (arc, by) in changes {
                row.add(arc, by);
                table[arc as usize] += by;
            }
            let mut expanded = vec![1.0; 200];
            row.expand(&mut expanded);
            prop_assert_eq!(&expanded, &table);
            prop_assert!((0..200).all(|arc| row.get(arc) == table[arc as usize]));
            prop_assert_eq!(row.used().count(), table.iter().filter(|v| **v > 0.0).count());
        }
    }
}

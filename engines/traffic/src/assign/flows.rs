//! Volumes of every commodity on every arc.

use super::commodity::Commodity;
use crate::network::Graph;
use crate::network::graph::NONE;

/// For each commodity one row of volumes by arc, pcu per hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Flows {
    arcs: usize,
    values: Vec<f64>,
}

impl Flows {
    pub fn zero(commodities: usize, arcs: usize) -> Self {
        Self { arcs, values: vec![0.0; commodities * arcs] }
    }

    #[inline]
    pub fn row(&self, commodity: usize) -> &[f64] {
        &self.values[commodity * self.arcs..(commodity + 1) * self.arcs]
    }

    #[inline]
    pub fn row_mut(&mut self, commodity: usize) -> &mut [f64] {
        &mut self.values[commodity * self.arcs..(commodity + 1) * self.arcs]
    }

    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.arcs.max(1))
    }

    /// The sum of all rows.
    pub fn total(&self) -> Vec<f64> {
        let mut sum = vec![0.0; self.arcs];
        for row in self.rows() {
            for (total, value) in sum.iter_mut().zip(row) {
                *total += value;
            }
        }
        sum
    }

    /// Loads what each destination of a commodity asks for on the way of a tree. Destinations that the tree does
    /// not reach are left out and returned by their place in the commodity's list.
    pub fn load(&mut self, graph: &Graph, index: usize, commodity: &Commodity, via: &[u32]) -> Vec<usize> {
        let row = self.row_mut(index);
        let mut unreached = Vec::new();
        for (place, &(_, node, amount)) in commodity.destinations.iter().enumerate() {
            let mut at = node as usize;
            if via[at] == NONE {
                unreached.push(place);
                continue;
            }
            while via[at] != NONE {
                let arc = via[at] as usize;
                row[arc] += amount;
                at = graph.tail[arc] as usize;
            }
        }
        unreached
    }
}

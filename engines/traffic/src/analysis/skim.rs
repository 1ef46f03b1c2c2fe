//! Tables between zones: cost of the best way and what adds up along it.

use crate::assign::forest::share;
use crate::network::Graph;
use crate::network::graph::NONE;

/// Values for all pairs of zones, row by row; infinite where there is no way.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    pub zones: usize,
    pub values: Vec<f64>,
}

impl Matrix {
    pub fn filled(zones: usize, value: f64) -> Self {
        Self {
            zones,
            values: vec![value; zones * zones],
        }
    }

    pub fn get(&self, origin: usize, destination: usize) -> f64 {
        self.values[origin * self.zones + destination]
    }

    pub fn row(&self, origin: usize) -> &[f64] {
        &self.values[origin * self.zones..(origin + 1) * self.zones]
    }
}

/// Tables of one class: first the cost of the best way at `costs` (by arc, for the class), then for each of `along`
/// (by arc) its sum on that way. A zone costs nothing to itself.
pub fn skim(graph: &Graph, costs: &[f64], along: &[Vec<f64>], threads: usize) -> Vec<Matrix> {
    let zones = graph.zones.len();
    let mut rows: Vec<Vec<f64>> = vec![Vec::new(); zones];
    share(
        threads,
        graph.zones.iter().zip(rows.iter_mut()),
        |search, (&origin, row)| {
            let mut via = vec![NONE; graph.nodes];
            search.run(graph, costs, origin, &mut via);
            row.extend(graph.zones.iter().map(|&node| search.label[node as usize]));
            for values in along {
                search.follow(graph, values, origin, &mut via);
                row.extend(graph.zones.iter().map(|&node| search.label[node as usize]));
            }
        },
    );
    let mut tables = vec![Matrix::filled(zones, 0.0); 1 + along.len()];
    for (origin, row) in rows.iter().enumerate() {
        for (table, values) in tables.iter_mut().zip(row.chunks(zones.max(1))) {
            table.values[origin * zones..(origin + 1) * zones].copy_from_slice(values);
        }
    }
    tables
}

//! Volumes of all arcs with the costs they cause, kept in step.

use super::flows::Row;
use crate::network::{Curve, Graph};

/// Volume (pcu per hour), cost and slope of the cost of every arc.
#[derive(Clone, Debug)]
pub struct Volumes {
    pub volume: Vec<f64>,
    pub cost: Vec<f64>,
    pub slope: Vec<f64>,
}

impl Volumes {
    pub fn new(graph: &Graph, volume: Vec<f64>) -> Self {
        let mut all = Self {
            cost: vec![0.0; volume.len()],
            slope: vec![0.0; volume.len()],
            volume,
        };
        all.refresh(&graph.curves);
        all
    }

    /// Recomputes all costs from the volumes.
    pub fn refresh(&mut self, curves: &[Curve]) {
        for (arc, curve) in curves.iter().enumerate() {
            (self.cost[arc], self.slope[arc]) = curve.cost_and_slope(self.volume[arc]);
        }
    }

    /// Adds a row of flows to the volumes; the costs stay as they were until [`Volumes::refresh`].
    pub fn add_all(&mut self, row: &Row) {
        for (arc, flow) in row.used() {
            self.volume[arc as usize] += flow;
        }
    }

    /// Adds to the volume of an arc.
    #[inline]
    pub fn add(&mut self, curves: &[Curve], arc: usize, by: f64) {
        self.volume[arc] += by;
        (self.cost[arc], self.slope[arc]) = curves[arc].cost_and_slope(self.volume[arc]);
    }

    /// Total cost of all, common to the classes: pcu times time units.
    pub fn total_cost(&self) -> f64 {
        let used = self.volume.iter().zip(&self.cost).filter(|(v, _)| **v > 0.0);
        used.map(|(v, c)| v * c).sum()
    }

    /// Beckmann's objective, the integral of the common costs.
    pub fn objective(&self, curves: &[Curve]) -> f64 {
        curves
            .iter()
            .zip(&self.volume)
            .map(|(curve, &v)| curve.integral(v))
            .sum()
    }
}

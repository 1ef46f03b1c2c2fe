//! Correcting a demand so that assigned volumes come near to counts.
//!
//! Spiess, "A gradient approach for the O-D matrix adjustment problem" (1990): trips change in proportion to
//! themselves, so that pairs without trips stay without and the structure of the matrix is kept.

use crate::assign::ways::Ways;
use crate::assign::{Equilibrium, Options, Report};
use crate::demand::Demand;
use crate::network::Graph;

/// A counted volume.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Count {
    pub link: u32,
    /// pcu per hour.
    pub volume: f64,
}

/// How well volumes meet counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    pub counts: usize,
    /// Square of the correlation between volumes and counts; NaN when either does not vary.
    pub r2: f64,
    /// Root of the mean square difference, pcu per hour.
    pub rmse: f64,
    /// Mean GEH statistic, `sqrt(2 (m - c)² / (m + c))`.
    pub geh: f64,
    /// Share of counts with a GEH below 5, what practice calls a good match.
    pub geh_below_5: f64,
}

/// The fit of volumes by link to counts.
pub fn fit(volumes: &[f64], counts: &[Count]) -> Fit {
    let pairs: Vec<(f64, f64)> = counts
        .iter()
        .map(|c| (volumes[c.link as usize], c.volume))
        .collect();
    let n = pairs.len() as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (m, c) = (mean(&|p| p.0), mean(&|p| p.1));
    let covariance = mean(&|p| (p.0 - m) * (p.1 - c));
    let (vm, vc) = (mean(&|p| (p.0 - m).powi(2)), mean(&|p| (p.1 - c).powi(2)));
    let geh = |p: &(f64, f64)| {
        if p.0 + p.1 > 0.0 {
            (2.0 * (p.0 - p.1).powi(2) / (p.0 + p.1)).sqrt()
        } else {
            0.0
        }
    };
    Fit {
        counts: pairs.len(),
        r2: covariance * covariance / (vm * vc),
        rmse: mean(&|p| (p.0 - p.1).powi(2)).sqrt(),
        geh: mean(&geh),
        geh_below_5: mean(&|p| f64::from(u8::from(geh(p) < 5.0))),
    }
}

/// A corrected demand with its flows.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// By class, vehicles per hour.
    pub demand: Vec<Demand>,
    pub flows: Equilibrium,
    pub before: Fit,
    pub after: Fit,
    pub steps: usize,
}

/// Corrects the demand of a solved assignment in at most `steps` steps, each followed by a new equilibrium as
/// `options` ask. Stops earlier when a step no longer brings the volumes nearer to the counts.
pub fn calibrate(
    graph: &Graph,
    start: &Equilibrium,
    counts: &[Count],
    steps: usize,
    options: &Options,
    report: Report,
) -> Calibration {
    let before = fit(&graph.by_link(&start.volumes.volume), counts);
    let mut flows = start.clone();
    let mut after = before;
    let mut taken = 0;
    while taken < steps {
        let Some(changes) = step(graph, &flows, counts) else {
            break;
        };
        let row_of = |class: u32, zone: u32| {
            flows
                .commodities
                .iter()
                .position(|c| (c.class, c.zone) == (class, zone))
        };
        let mut next = Equilibrium::with_trips(&flows, graph, |class, origin, destination, amount| {
            let index = row_of(class, origin);
            let place = index.and_then(|i| {
                flows.commodities[i]
                    .destinations
                    .iter()
                    .position(|d| d.0 == destination)
            });
            index.zip(place).map_or(amount, |(i, p)| amount * changes[i][p])
        });
        next.solve(graph, options, report);
        let fitted = fit(&graph.by_link(&next.volumes.volume), counts);
        if fitted.rmse.is_nan() || fitted.rmse >= after.rmse {
            break;
        }
        (flows, after) = (next, fitted);
        taken += 1;
    }
    Calibration {
        demand: demand_of(graph, &flows),
        flows,
        before,
        after,
        steps: taken,
    }
}

/// By commodity and destination the factor of the trips in one step along the gradient; nothing if there is no step.
fn step(graph: &Graph, flows: &Equilibrium, counts: &[Count]) -> Option<Vec<Vec<f64>>> {
    let mut residual = vec![0.0; graph.arcs()];
    for count in counts {
        let arc = graph.arc_of_link[count.link as usize] as usize;
        residual[arc] += flows.volumes.volume[arc] - count.volume;
    }
    let mut gradients = Vec::with_capacity(flows.commodities.len());
    // Volumes that a step of length 1 adds.
    let mut response = vec![0.0; graph.arcs()];
    let mut along = vec![0.0; graph.nodes];
    let mut amounts = vec![0.0; graph.nodes];
    let mut steepest: f64 = 0.0;
    for (index, commodity) in flows.commodities.iter().enumerate() {
        let ways = Ways::new(
            graph,
            flows.flows.row(index),
            commodity.origin,
            flows.rounding(index),
        );
        along.fill(0.0);
        ways.forward(graph, &mut along, |arc, before| before + residual[arc as usize]);
        let gradient: Vec<f64> = commodity
            .destinations
            .iter()
            .map(|d| along[d.1 as usize])
            .collect();
        for (d, slope) in commodity.destinations.iter().zip(&gradient) {
            amounts[d.1 as usize] -= d.2 * slope;
            steepest = steepest.max(*slope);
        }
        ways.backward(graph, &mut amounts, &mut response);
        gradients.push(gradient);
    }
    let (mut gain, mut square) = (0.0, 0.0);
    let mut seen = vec![false; graph.arcs()];
    for count in counts {
        let arc = graph.arc_of_link[count.link as usize] as usize;
        if !std::mem::replace(&mut seen[arc], true) {
            gain -= response[arc] * residual[arc];
            square += response[arc] * response[arc];
        }
    }
    let mut length = gain / square;
    if !(length.is_finite() && length > 0.0) {
        return None;
    }
    // No pair may lose more than all its trips; nearly all is enough for one step.
    if steepest > 0.0 {
        length = length.min(0.9 / steepest);
    }
    Some(
        gradients
            .iter()
            .map(|g| g.iter().map(|slope| 1.0 - length * slope).collect())
            .collect(),
    )
}

/// The trips of a solved assignment as demand by class, vehicles per hour. Trips inside zones are not among them.
pub fn demand_of(graph: &Graph, flows: &Equilibrium) -> Vec<Demand> {
    let zones = graph.zones.len();
    let of = |class: usize| {
        let rows = flows.commodities.iter().filter(|c| c.class as usize == class);
        let entries = rows.flat_map(|c| {
            c.destinations.iter().map(move |d| super::OdTrips {
                origin: c.zone,
                destination: d.0,
                trips: d.2 / graph.pcu[class],
            })
        });
        Demand::from_entries(zones, entries).unwrap_or_else(|_| Demand::empty(zones))
    };
    (0..graph.classes()).map(of).collect()
}

//! Bi-conjugate Frank-Wolfe: volumes of links only.
//!
//! Mitradjieva and Lindberg, "The stiff is moving: conjugate direction Frank-Wolfe methods with applications to
//! traffic assignment", Transportation Science 47 (2013). Each iteration aims not at the all-or-nothing volumes but at
//! a mixture of them with the last two aims, such that the direction is conjugate to the last two.

use super::commodity::{Commodity, Unserved};
use super::forest::share;
use super::segments::class_costs;
use super::volumes::Volumes;
use super::{Control, Iteration, Options, Report};
use crate::network::Graph;
use crate::network::graph::NONE;

/// Volumes without knowledge of who causes them.
#[derive(Clone, Debug)]
pub struct LinkFlows {
    pub volumes: Volumes,
    /// Volumes by class and arc, pcu per hour.
    pub by_class: Vec<Vec<f64>>,
    pub unserved: Vec<Unserved>,
}

/// Parts in which origins are loaded, each summed by itself: fixed, so that the sums do not depend on threads.
const PARTS: usize = 16;
/// Line searches end when the step is known to this.
const STEP_PRECISION: f64 = 1e-12;
/// A last step beyond this leaves nothing to be conjugate to.
const FULL_STEP: f64 = 0.99;

/// A point in the space of volumes: those of each class and their sum.
#[derive(Clone)]
struct Point {
    by_class: Vec<Vec<f64>>,
    total: Vec<f64>,
}

impl Point {
    fn zero(graph: &Graph) -> Self {
        let zero = vec![0.0; graph.arcs()];
        Self {
            by_class: vec![zero.clone(); graph.classes()],
            total: zero,
        }
    }

    /// Moves towards another point by a share of the way; a share of 1 arrives exactly.
    fn towards(&mut self, other: &Self, share: f64) {
        let mix = |to: &mut Vec<f64>, from: &Vec<f64>| {
            for (a, b) in to.iter_mut().zip(from) {
                *a = if share == 1.0 { *b } else { *a + share * (b - *a) };
            }
        };
        mix(&mut self.total, &other.total);
        for (to, from) in self.by_class.iter_mut().zip(&other.by_class) {
            mix(to, from);
        }
    }
}

/// Runs until the gap is reached, the iterations are used up or the caller stops.
pub fn solve(
    graph: &Graph,
    mut all: Vec<Commodity>,
    options: &Options,
    report: Report,
) -> (LinkFlows, Iteration) {
    let unserved = leave_out_unreachable(graph, &mut all, options.threads);
    let mut volumes = Volumes::new(graph, vec![0.0; graph.arcs()]);
    let (mut at, _) = all_or_nothing(graph, &all, &volumes, options.threads);
    let mut aims: Vec<Point> = Vec::new();
    let mut last_step = 1.0;
    let mut number = 1;
    let iteration = loop {
        volumes = Volumes::new(graph, at.total.clone());
        let (target, sptt) = all_or_nothing(graph, &all, &volumes, options.threads);
        let own = own_cost(graph, &at);
        let objective = volumes.objective(&graph.curves) + own;
        let iteration = Iteration::new(number, objective, volumes.total_cost() + own, sptt);
        let enough = iteration.relative_gap <= options.gap || number >= options.iterations;
        if report(&iteration) == Control::Stop || enough {
            break iteration;
        }
        let aim = conjugate(&volumes, &at, target.clone(), &aims, last_step);
        let mut step = line_search(graph, &at, &aim);
        if step == 0.0 && !aims.is_empty() {
            // A direction that leads nowhere: begin again from the plain one.
            aims.clear();
            step = line_search(graph, &at, &target);
            at.towards(&target, step);
            aims.push(target);
        } else {
            at.towards(&aim, step);
            if step > FULL_STEP {
                aims.clear();
            } else {
                aims.insert(0, aim);
                aims.truncate(2);
            }
        }
        last_step = step;
        number += 1;
    };
    (
        LinkFlows {
            volumes,
            by_class: at.by_class,
            unserved,
        },
        iteration,
    )
}

/// The aim whose direction is conjugate to those of the last one or two aims, as far as they are known.
fn conjugate(volumes: &Volumes, at: &Point, target: Point, aims: &[Point], last_step: f64) -> Point {
    let Some(last) = aims.first() else {
        return target;
    };
    let (x, y, s1, slope) = (&at.total, &target.total, &last.total, &volumes.slope);
    let arcs = 0..x.len();
    let (mut mu, mut nu);
    let d1 = |i: usize| s1[i] - x[i];
    let plain = |i: usize| y[i] - x[i];
    let dot = |a: &dyn Fn(usize) -> f64, b: &dyn Fn(usize) -> f64| -> f64 {
        arcs.clone().map(|i| a(i) * slope[i] * b(i)).sum()
    };
    nu = -dot(&d1, &plain) / dot(&d1, &d1);
    mu = 0.0;
    if let Some(before) = aims.get(1) {
        let s2 = &before.total;
        let d2 = |i: usize| last_step * s1[i] - x[i] + (1.0 - last_step) * s2[i];
        let apart = |i: usize| s2[i] - s1[i];
        mu = -dot(&d2, &plain) / dot(&d2, &apart);
        if !(mu.is_finite() && mu > 0.0) {
            mu = 0.0;
        }
        nu += mu * last_step / (1.0 - last_step);
    }
    if !(nu.is_finite() && nu > 0.0) {
        nu = 0.0;
    }
    let whole = 1.0 + mu + nu;
    let mut aim = target;
    let blend = |to: &mut Vec<f64>, one: &Vec<f64>, two: Option<&Vec<f64>>| {
        for (i, value) in to.iter_mut().enumerate() {
            let far = two.map_or(0.0, |t| mu * t[i]);
            *value = (*value + nu * one[i] + far) / whole;
        }
    };
    blend(&mut aim.total, &last.total, aims.get(1).map(|p| &p.total));
    for (class, to) in aim.by_class.iter_mut().enumerate() {
        blend(to, &last.by_class[class], aims.get(1).map(|p| &p.by_class[class]));
    }
    aim
}

/// The share of the way to `aim` at which the objective is least.
fn line_search(graph: &Graph, at: &Point, aim: &Point) -> f64 {
    let own = own_cost(graph, aim) - own_cost(graph, at);
    let rise = |step: f64| {
        let mut sums = (own, 0.0);
        for (arc, curve) in graph.curves.iter().enumerate() {
            let way = aim.total[arc] - at.total[arc];
            if way != 0.0 {
                let (cost, slope) = curve.cost_and_slope(at.total[arc] + step * way);
                sums = (sums.0 + way * cost, sums.1 + way * way * slope);
            }
        }
        sums
    };
    if rise(0.0).0 >= 0.0 {
        return 0.0;
    }
    if rise(1.0).0 <= 0.0 {
        return 1.0;
    }
    let (mut low, mut high, mut step) = (0.0, 1.0, 0.5);
    while high - low > STEP_PRECISION {
        let (first, second) = rise(step);
        if first == 0.0 {
            break;
        }
        if first < 0.0 {
            low = step;
        } else {
            high = step;
        }
        let newton = step - first / second;
        let next = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        if (next - step).abs() < STEP_PRECISION {
            return next;
        }
        step = next;
    }
    step
}

/// What a point pays beside the common costs.
fn own_cost(graph: &Graph, point: &Point) -> f64 {
    let of = |(own, flows): (&Vec<f64>, &Vec<f64>)| -> f64 {
        own.iter()
            .zip(flows)
            .filter(|(_, v)| **v > 0.0)
            .map(|(c, v)| c * v)
            .sum()
    };
    graph.class_costs.iter().zip(&point.by_class).map(of).sum()
}

/// All trips on their best ways at the present costs, and what they then pay.
fn all_or_nothing(graph: &Graph, all: &[Commodity], volumes: &Volumes, threads: usize) -> (Point, f64) {
    let costs = class_costs(graph, volumes);
    let size = all.len().div_ceil(PARTS).max(1);
    let mut parts: Vec<(Point, f64)> = all.chunks(size).map(|_| (Point::zero(graph), 0.0)).collect();
    share(
        threads,
        all.chunks(size).zip(parts.iter_mut()),
        |search, (commodities, (point, cost))| {
            let mut via = vec![NONE; graph.nodes];
            for commodity in commodities {
                let class = commodity.class as usize;
                search.run(graph, &costs[class], commodity.origin, &mut via);
                for &(_, node, amount) in &commodity.destinations {
                    *cost += amount * search.label[node as usize];
                    let mut node = node as usize;
                    while via[node] != NONE {
                        point.by_class[class][via[node] as usize] += amount;
                        node = graph.tail[via[node] as usize] as usize;
                    }
                }
            }
        },
    );
    let mut sum = Point::zero(graph);
    let mut total = 0.0;
    for (part, cost) in parts {
        total += cost;
        for (class, flows) in part.by_class.iter().enumerate() {
            for (arc, flow) in flows.iter().enumerate() {
                sum.by_class[class][arc] += flow;
                sum.total[arc] += flow;
            }
        }
    }
    (sum, total)
}

/// Takes out of all commodities the destinations that cannot be reached.
fn leave_out_unreachable(graph: &Graph, all: &mut [Commodity], threads: usize) -> Vec<Unserved> {
    let costs = class_costs(graph, &Volumes::new(graph, vec![0.0; graph.arcs()]));
    let mut unreached: Vec<Vec<usize>> = vec![Vec::new(); all.len()];
    share(
        threads,
        all.iter().zip(unreached.iter_mut()),
        |search, (commodity, places)| {
            let mut via = vec![NONE; graph.nodes];
            search.run(
                graph,
                &costs[commodity.class as usize],
                commodity.origin,
                &mut via,
            );
            let lost = |d: &(u32, u32, f64)| search.label[d.1 as usize].is_infinite();
            let found = commodity.destinations.iter().enumerate().filter(|(_, d)| lost(d));
            *places = found.map(|(place, _)| place).collect();
        },
    );
    let mut unserved = Vec::new();
    for (commodity, places) in all.iter_mut().zip(unreached) {
        commodity.give_up(&places, &mut unserved);
    }
    unserved
}

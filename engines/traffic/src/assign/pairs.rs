//! Paired alternative segments: two ways from one node to another between which flow is balanced.
//!
//! Bar-Gera, "Traffic assignment by paired alternative segments", Transportation Research B 44 (2010). At
//! equilibrium the two segments of every pair cost the same wherever both are used; balancing one pair is a
//! problem in one unknown for all its origins at once.

use super::flows::{Flows, Row};
use super::volumes::Volumes;
use crate::network::Graph;

/// Two segments with the same ends and the commodities that may use them.
#[derive(Clone, Debug)]
pub struct Pair {
    class: u32,
    head: u32,
    /// The arcs of the first segment are `arcs[start..middle]` of the store, of the second `middle..end`, each
    /// from the head backwards.
    start: u32,
    middle: u32,
    end: u32,
    /// What the class pays on the first segment and not on the second, beside the common costs.
    fixed: f64,
    /// Commodities, ascending.
    members: Vec<u32>,
    /// Whether anything was moved in the present iteration, and iterations since.
    moved: bool,
    idle: u8,
    /// What was moved last from the first segment to the second, less what was moved back.
    net: f64,
}

/// All pairs, found by the node where they end.
#[derive(Clone, Debug, Default)]
pub struct Pairs {
    pairs: Vec<Pair>,
    arcs: Vec<u32>,
    by_head: Vec<Vec<u32>>,
}

/// Newton steps on one pair before the others have their turn.
const NEWTON_STEPS: usize = 6;
/// A step is good enough when it leaves no more than this share of the difference in cost.
const BALANCED: f64 = 0.1;
/// A known pair serves a commodity if it saves this share of its loss and can move this share of its flow.
const COST_EFFECTIVE: f64 = 0.5;
const FLOW_EFFECTIVE: f64 = 0.25;
/// Differences in cost below this share of the cost are rounding.
const ROUNDING: f64 = 4e-16;
/// How many times a sweep's moves can be repeated at most in one go.
const FARTHEST: f64 = 1e5;
/// Evaluations that find the step after it has been enclosed.
const REFINEMENTS: usize = 6;

impl Pairs {
    pub fn new(nodes: usize) -> Self {
        Self {
            by_head: vec![Vec::new(); nodes],
            ..Self::default()
        }
    }

    fn segments(&self, pair: &Pair) -> (&[u32], &[u32]) {
        segments(&self.arcs, pair)
    }

    /// A pair whose segments end with the arcs `cheap` and `dear` and which would take enough off `dear` for the
    /// commodity with the flows `row`, which loses `excess` by it.
    #[allow(clippy::too_many_arguments)]
    pub fn find(
        &self,
        graph: &Graph,
        class: u32,
        cheap: u32,
        dear: u32,
        volumes: &Volumes,
        row: &Row,
        excess: f64,
    ) -> Option<u32> {
        let head = graph.head[dear as usize] as usize;
        self.by_head[head].iter().copied().find(|&index| {
            let pair = &self.pairs[index as usize];
            let (first, second) = self.segments(pair);
            let (used, sign) = match (first[0], second[0]) {
                (a, b) if a == dear && b == cheap => (first, 1.0),
                (a, b) if a == cheap && b == dear => (second, -1.0),
                _ => return false,
            };
            pair.class == class
                && sign * self.difference(pair, volumes) >= COST_EFFECTIVE * excess
                && row.least(used) >= FLOW_EFFECTIVE * row.get(dear)
        })
    }

    /// Adds a pair unless it is there already, and a commodity to its members. Segments run from the head back.
    pub fn insert(&mut self, graph: &Graph, class: u32, dear: &[u32], cheap: &[u32], member: u32) -> u32 {
        let head = graph.head[dear[0] as usize];
        let known = self.by_head[head as usize].iter().copied().find(|&index| {
            let pair = &self.pairs[index as usize];
            let (first, second) = self.segments(pair);
            pair.class == class && ((first == dear && second == cheap) || (first == cheap && second == dear))
        });
        if let Some(index) = known {
            self.join(index, member);
            return index;
        }
        let fixed = graph.class_costs.get(class as usize).map_or(0.0, |own| {
            let sum = |arcs: &[u32]| arcs.iter().map(|&a| own[a as usize]).sum::<f64>();
            sum(dear) - sum(cheap)
        });
        let pair = Pair {
            class,
            head,
            start: 0,
            middle: 0,
            end: 0,
            fixed,
            members: vec![member],
            moved: false,
            idle: 0,
            net: 0.0,
        };
        self.push(pair, dear, cheap)
    }

    /// Adds a commodity to a pair's members.
    pub fn join(&mut self, index: u32, member: u32) {
        let members = &mut self.pairs[index as usize].members;
        if let Err(at) = members.binary_search(&member) {
            members.insert(at, member);
        }
    }

    /// Cost of the first segment less that of the second.
    #[inline]
    fn difference(&self, pair: &Pair, volumes: &Volumes) -> f64 {
        let (first, second) = self.segments(pair);
        sum(first, &volumes.cost) - sum(second, &volumes.cost) + pair.fixed
    }

    /// How much the segments of a pair differ in cost.
    pub fn imbalance(&self, index: u32, volumes: &Volumes) -> f64 {
        self.difference(&self.pairs[index as usize], volumes).abs()
    }

    /// Moves flow from the dearer segment of a pair to the cheaper until they cost the same or nobody is left on
    /// the dearer. Returns what was gained: flow times difference in cost.
    pub fn balance(&mut self, index: u32, graph: &Graph, volumes: &mut Volumes, flows: &mut Flows) -> f64 {
        let pair = &mut self.pairs[index as usize];
        let (start, middle, end) = (pair.start as usize, pair.middle as usize, pair.end as usize);
        let (first, second) = (&self.arcs[start..middle], &self.arcs[middle..end]);
        let mut gained = 0.0;
        let mut net = 0.0;
        for _ in 0..NEWTON_STEPS {
            let (one, other) = (sum(first, &volumes.cost), sum(second, &volumes.cost));
            let difference = one - other + pair.fixed;
            if difference.abs() <= ROUNDING * (one + other) {
                break;
            }
            let (from, to) = if difference > 0.0 {
                (first, second)
            } else {
                (second, first)
            };
            let slope = sum(from, &volumes.slope) + sum(to, &volumes.slope);
            let wanted = difference.abs() / slope;
            let moved = shift(flows, &pair.members, from, to, wanted);
            if moved == 0.0 {
                break;
            }
            for &arc in from {
                volumes.add(&graph.curves, arc as usize, -moved);
            }
            for &arc in to {
                volumes.add(&graph.curves, arc as usize, moved);
            }
            gained += moved * difference.abs();
            net += moved * difference.signum();
            let left = sum(first, &volumes.cost) - sum(second, &volumes.cost) + pair.fixed;
            let overshot = left.signum() != difference.signum();
            if left.abs() <= BALANCED * difference.abs() || (moved < wanted && !overshot) {
                break;
            }
        }
        pair.net = net;
        pair.moved |= gained > 0.0;
        gained
    }

    /// Arcs of all segments.
    pub fn size(&self) -> usize {
        self.arcs.len()
    }

    /// Balances every pair once, in the order they were found.
    pub fn sweep(&mut self, graph: &Graph, volumes: &mut Volumes, flows: &mut Flows) -> f64 {
        (0..self.pairs.len() as u32)
            .map(|index| self.balance(index, graph, volumes, flows))
            .sum()
    }

    /// Goes on in the direction in which the last sweep moved all pairs together, as far as the objective falls.
    ///
    /// Pairs that share steep arcs undo each other: each lets the other move by what the arcs that they do not share
    /// are worth, which may be a ten-thousandth. What they then agree on is small and goes on in the same direction
    /// for thousands of sweeps; this goes there in one step. Pairs that could not repeat their move `nearest` times
    /// before a segment is empty are left out.
    pub fn go_on(
        &mut self,
        graph: &Graph,
        volumes: &mut Volumes,
        flows: &mut Flows,
        direction: &mut Direction,
        nearest: f64,
    ) {
        direction.clear(graph.arcs());
        let mut farthest = FARTHEST;
        let mut fixed = 0.0;
        for pair in &mut self.pairs {
            if pair.net == 0.0 {
                continue;
            }
            let (first, second) = segments(&self.arcs, pair);
            let from = if pair.net > 0.0 { first } else { second };
            let there: f64 = pair
                .members
                .iter()
                .map(|&m| flows.row(m as usize).least(from))
                .sum();
            if there < nearest * pair.net.abs() {
                // Soon nobody is left on the segment: that is for the next sweep to find.
                pair.net = 0.0;
                continue;
            }
            farthest = farthest.min(there / pair.net.abs());
            direction.add(first, -pair.net);
            direction.add(second, pair.net);
            fixed -= pair.fixed * pair.net;
        }
        let step = direction.step(graph, volumes, fixed, farthest);
        if step <= 0.0 {
            return;
        }
        for pair in &self.pairs {
            if pair.net == 0.0 {
                continue;
            }
            let (first, second) = segments(&self.arcs, pair);
            let (from, to) = if pair.net > 0.0 {
                (first, second)
            } else {
                (second, first)
            };
            let moved = shift(flows, &pair.members, from, to, step * pair.net.abs());
            for &arc in from {
                volumes.volume[arc as usize] -= moved;
            }
            for &arc in to {
                volumes.volume[arc as usize] += moved;
            }
        }
        for &arc in &direction.arcs {
            volumes.add(&graph.curves, arc as usize, 0.0);
        }
    }

    /// Ends an iteration: forgets pairs that moved nothing in the last `patience` ones, and members that have left
    /// both segments.
    pub fn prune(&mut self, patience: u8, flows: &Flows) {
        self.retain(|pair, first, second| {
            pair.members.retain(|&m| {
                let row = flows.row(m as usize);
                row.least(first) > 0.0 || row.least(second) > 0.0
            });
            pair.idle = if std::mem::take(&mut pair.moved) {
                0
            } else {
                pair.idle + 1
            };
            pair.idle < patience && !pair.members.is_empty()
        });
    }

    /// Forgets pairs one of whose segments has been closed.
    pub fn retain_open(&mut self, graph: &Graph) {
        self.retain(|pair, first, second| {
            let own = graph.class_costs.get(pair.class as usize);
            let open = |&arc: &u32| {
                let arc = arc as usize;
                !graph.curves[arc].is_closed() && own.is_none_or(|c| c[arc].is_finite())
            };
            let fixed = |arcs: &[u32]| own.map_or(0.0, |c| sum(arcs, c));
            let all_open = first.iter().all(open) && second.iter().all(open);
            if all_open {
                pair.fixed = fixed(first) - fixed(second);
            }
            all_open
        });
    }

    /// Keeps the pairs for which `keep`, given the pair and its segments, says so, in their order.
    fn retain(&mut self, mut keep: impl FnMut(&mut Pair, &[u32], &[u32]) -> bool) {
        let old = std::mem::take(self);
        *self = Self::new(old.by_head.len());
        for mut pair in old.pairs {
            let (start, middle, end) = (pair.start as usize, pair.middle as usize, pair.end as usize);
            let (first, second) = (&old.arcs[start..middle], &old.arcs[middle..end]);
            if keep(&mut pair, first, second) {
                self.push(pair, first, second);
            }
        }
    }

    fn push(&mut self, mut pair: Pair, first: &[u32], second: &[u32]) -> u32 {
        pair.start = self.arcs.len() as u32;
        self.arcs.extend_from_slice(first);
        pair.middle = self.arcs.len() as u32;
        self.arcs.extend_from_slice(second);
        pair.end = self.arcs.len() as u32;
        let index = self.pairs.len() as u32;
        self.by_head[pair.head as usize].push(index);
        self.pairs.push(pair);
        index
    }
}

/// A change of the volumes of all arcs.
#[derive(Clone, Debug, Default)]
pub struct Direction {
    by_arc: Vec<f64>,
    arcs: Vec<u32>,
}

impl Direction {
    fn clear(&mut self, arcs: usize) {
        for arc in self.arcs.drain(..) {
            self.by_arc[arc as usize] = 0.0;
        }
        self.by_arc.resize(arcs, 0.0);
    }

    fn add(&mut self, arcs: &[u32], by: f64) {
        for &arc in arcs {
            if self.by_arc[arc as usize] == 0.0 {
                self.arcs.push(arc);
            }
            self.by_arc[arc as usize] += by;
        }
    }

    /// How fast the objective grows after `step`.
    fn slope(&self, graph: &Graph, volumes: &Volumes, fixed: f64, step: f64) -> f64 {
        let at = |&arc: &u32| {
            let arc = arc as usize;
            let by = self.by_arc[arc];
            by * graph.curves[arc].cost(volumes.volume[arc] + step * by)
        };
        self.arcs.iter().map(at).sum::<f64>() + fixed
    }

    /// A step after which the objective still falls or hardly rises, at most `farthest`; 0 if it does not fall at
    /// once.
    fn step(&self, graph: &Graph, volumes: &Volumes, fixed: f64, farthest: f64) -> f64 {
        let now = self.slope(graph, volumes, fixed, 0.0);
        if now >= 0.0 {
            return 0.0;
        }
        let (mut low, mut at_low) = (0.0, now);
        let mut high = 1.0_f64.min(farthest);
        let mut at_high = self.slope(graph, volumes, fixed, high);
        while at_high < 0.0 {
            if high >= farthest {
                return high;
            }
            (low, at_low) = (high, at_high);
            high = (8.0 * high).min(farthest);
            at_high = self.slope(graph, volumes, fixed, high);
        }
        for _ in 0..REFINEMENTS {
            // Between halving and the straight line through both ends, so that a bent curve stops neither.
            let straight = low + (high - low) * at_low / (at_low - at_high);
            let middle = 0.5 * (straight + 0.5 * (low + high));
            let there = self.slope(graph, volumes, fixed, middle);
            if there < 0.0 {
                (low, at_low) = (middle, there);
            } else {
                (high, at_high) = (middle, there);
            }
            if high - low <= 0.1 * low || there.abs() <= 0.05 * now.abs() {
                break;
            }
        }
        low
    }
}

fn segments<'a>(arcs: &'a [u32], pair: &Pair) -> (&'a [u32], &'a [u32]) {
    let (start, middle, end) = (pair.start as usize, pair.middle as usize, pair.end as usize);
    (&arcs[start..middle], &arcs[middle..end])
}

/// Moves up to `wanted` from one segment to the other, commodity by commodity; returns how much.
fn shift(flows: &mut Flows, members: &[u32], from: &[u32], to: &[u32], wanted: f64) -> f64 {
    let mut moved = 0.0;
    for &member in members {
        let row = flows.row_mut(member as usize);
        let part = row.least(from).min(wanted - moved);
        if part <= 0.0 {
            continue;
        }
        for &arc in from {
            row.add(arc, -part);
        }
        for &arc in to {
            row.add(arc, part);
        }
        moved += part;
        if moved >= wanted {
            break;
        }
    }
    moved
}

#[inline]
fn sum(arcs: &[u32], values: &[f64]) -> f64 {
    arcs.iter().map(|&arc| values[arc as usize]).sum()
}

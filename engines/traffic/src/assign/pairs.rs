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

impl Pairs {
    pub fn new(nodes: usize) -> Self {
        Self {
            by_head: vec![Vec::new(); nodes],
            ..Self::default()
        }
    }

    fn segments(&self, pair: &Pair) -> (&[u32], &[u32]) {
        let (start, middle, end) = (pair.start as usize, pair.middle as usize, pair.end as usize);
        (&self.arcs[start..middle], &self.arcs[middle..end])
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
            let left = sum(first, &volumes.cost) - sum(second, &volumes.cost) + pair.fixed;
            let overshot = left.signum() != difference.signum();
            if left.abs() <= BALANCED * difference.abs() || (moved < wanted && !overshot) {
                break;
            }
        }
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

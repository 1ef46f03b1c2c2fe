//! Carries names straight on from links with evidence to links without.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::evidence::is_square;
use crate::geometry::{Point, Projection, distance, dot, length, nearest_on_line, point_along, sub, unit};
use crate::grid::Grid;
use crate::model::{NameSource, Network};

/// Largest turn at which a street still goes straight on, in degrees.
const STRAIGHT_DEG: f64 = 40.0;
/// A name goes no further than this without new evidence, in metres.
const FAR_M: f64 = 1500.0;
/// Roundabouts and staggered junctions up to this size are crossed, in metres.
const ACROSS_M: f64 = 75.0;
/// A second carriageway lies no further away than this, in metres.
const BESIDE_M: f64 = 35.0;

struct Lines {
    lines: Vec<Vec<Point>>,
    lengths: Vec<f64>,
    by_node: Vec<Vec<usize>>,
    ends: Vec<(usize, usize)>,
    nodes: Vec<Point>,
    /// Links by the places they run through.
    grid: Grid,
}

pub(super) fn spread(network: &mut Network) {
    let centre = network.nodes.first().map_or([0.0, 0.0], |n| [n.lon, n.lat]);
    let projection = Projection::around(centre);
    let lines: Vec<Vec<Point>> = network
        .links
        .iter()
        .map(|l| l.geometry.iter().map(|p| projection.project(*p)).collect())
        .collect();
    let mut grid = Grid::new(50.0);
    for (i, line) in lines.iter().enumerate() {
        line.windows(2).for_each(|w| grid.insert_segment(i, w[0], w[1]));
    }
    let all = Lines {
        grid,
        lengths: lines.iter().map(|l| length(l)).collect(),
        lines,
        by_node: network.links_by_node(),
        ends: network.links.iter().map(|l| (l.from, l.to)).collect(),
        nodes: network
            .nodes
            .iter()
            .map(|n| projection.project([n.lon, n.lat]))
            .collect(),
    };
    straight_on(network, &all);
    for _ in 0..3 {
        let changed = beside(network, &all) + between(network, &all);
        straight_on(network, &all);
        if changed == 0 {
            break;
        }
    }
}

fn carry(network: &mut Network, to: usize, name: &str) {
    network.links[to].name = Some(name.to_owned());
    network.links[to].name_source = Some(NameSource::Propagated);
}

fn straight_on(network: &mut Network, all: &Lines) {
    let mut open: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    for (i, link) in network.links.iter().enumerate() {
        if link.name.as_deref().is_some_and(|n| !is_square(n)) {
            open.push(Reverse((0, i)));
        }
    }
    while let Some(Reverse((so_far, link))) = open.pop() {
        let Some(name) = network.links[link].name.clone() else {
            continue;
        };
        for node in [all.ends[link].0, all.ends[link].1] {
            let Some(next) = all.continuation(link, node) else {
                continue;
            };
            let metres = so_far + all.lengths[next] as u64;
            if network.links[next].name.is_none() && metres as f64 <= FAR_M {
                carry(network, next, &name);
                open.push(Reverse((metres, next)));
            }
        }
    }
}

/// A short link between two ends of one street belongs to it.
fn between(network: &mut Network, all: &Lines) -> usize {
    let mut found = Vec::new();
    for (i, link) in network.links.iter().enumerate() {
        if link.name.is_some() || all.lengths[i] > 2.0 * ACROSS_M {
            continue;
        }
        let names = |node: usize| {
            let mut at: BTreeMap<&str, usize> = BTreeMap::new();
            for &l in &all.by_node[node] {
                if let Some(n) = network.links[l].name.as_deref() {
                    *at.entry(n).or_default() += 1;
                }
            }
            at
        };
        let (a, b) = (names(link.from), names(link.to));
        let common = a.iter().filter_map(|(n, c)| b.get(n).map(|d| (c + d, *n))).max();
        if let Some((_, name)) = common {
            found.push((i, name.to_owned()));
        }
    }
    for (i, name) in &found {
        carry(network, *i, name);
    }
    found.len()
}

/// A link that runs beside a named one all along is its second carriageway.
fn beside(network: &mut Network, all: &Lines) -> usize {
    let mut found = Vec::new();
    for (i, link) in network.links.iter().enumerate() {
        if link.name.is_some() || all.lengths[i] < 30.0 {
            continue;
        }
        let mut support: BTreeMap<&str, usize> = BTreeMap::new();
        const LOOKS: usize = 8;
        for k in 0..LOOKS {
            let along = all.lengths[i] * (k as f64 + 0.5) / LOOKS as f64;
            let Some((p, dir)) = point_along(&all.lines[i], along) else {
                continue;
            };
            let near = all.grid.near(p, BESIDE_M).into_iter().filter(|j| *j != i);
            let best = near
                .filter_map(|j| {
                    let name = network.links[j].name.as_deref()?;
                    let (at, _, d) = nearest_on_line(p, &all.lines[j])?;
                    let inside = at > 0.5 && at < all.lengths[j] - 0.5;
                    let (_, other) = point_along(&all.lines[j], at)?;
                    (d <= BESIDE_M && inside && dot(dir, other).abs() > 0.94).then_some((d, name))
                })
                .min_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((_, name)) = best {
                *support.entry(name).or_default() += 1;
            }
        }
        if let Some((name, count)) = support.into_iter().max_by_key(|(n, c)| (*c, Reverse(*n)))
            && count * 3 >= LOOKS * 2
        {
            found.push((i, name.to_owned()));
        }
    }
    for (i, name) in &found {
        carry(network, *i, name);
    }
    found.len()
}

impl Lines {
    /// Unit direction in which a link leaves a node, looked at some metres away from it.
    fn leaving(&self, link: usize, node: usize) -> Point {
        let look = 25.0_f64.min(self.lengths[link] / 2.0).max(0.5);
        let along = if self.ends[link].0 == node {
            look
        } else {
            self.lengths[link] - look
        };
        point_along(&self.lines[link], along).map_or([0.0, 0.0], |(p, _)| unit(sub(p, self.nodes[node])))
    }

    /// Degrees by which one turns from `link`, arriving at `node`, into `next`, leaving `start`.
    fn turn(&self, link: usize, node: usize, next: usize, start: usize) -> f64 {
        let arriving = self.leaving(link, node);
        let leaving = self.leaving(next, start);
        dot([-arriving[0], -arriving[1]], leaving)
            .clamp(-1.0, 1.0)
            .acos()
            .to_degrees()
    }

    fn straightest(&self, link: usize, node: usize) -> Option<(f64, usize)> {
        let others = self.by_node[node].iter().filter(|l| **l != link);
        others
            .map(|&l| (self.turn(link, node, l, node), l))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .filter(|(turn, _)| *turn <= STRAIGHT_DEG || self.by_node[node].len() == 2)
    }

    /// The link on which the street of `link` goes on behind `node`.
    fn continuation(&self, link: usize, node: usize) -> Option<usize> {
        if let Some((_, next)) = self.straightest(link, node)
            && self.straightest(next, node).is_some_and(|(_, back)| back == link)
        {
            return Some(next);
        }
        self.across(link, node)
    }

    /// The same beyond a roundabout or a staggered junction.
    fn across(&self, link: usize, node: usize) -> Option<usize> {
        let mut reached: BTreeMap<usize, f64> = BTreeMap::from([(node, 0.0)]);
        let mut open = vec![node];
        while let Some(v) = open.pop() {
            for &l in &self.by_node[v] {
                let other = if self.ends[l].0 == v {
                    self.ends[l].1
                } else {
                    self.ends[l].0
                };
                let metres = reached[&v] + self.lengths[l];
                if l != link && metres <= ACROSS_M && reached.get(&other).is_none_or(|m| metres < *m) {
                    reached.insert(other, metres);
                    open.push(other);
                }
            }
        }
        let arriving = self.leaving(link, node);
        let ahead = [-arriving[0], -arriving[1]];
        let mut best: Option<(f64, usize)> = None;
        for (&v, _) in reached.iter().filter(|(v, _)| **v != node) {
            let way = sub(self.nodes[v], self.nodes[node]);
            if distance(self.nodes[v], self.nodes[node]) > 8.0 && dot(unit(way), ahead) < 0.6 {
                continue;
            }
            for &l in self.by_node[v]
                .iter()
                .filter(|l| **l != link && self.lengths[**l] > ACROSS_M)
            {
                let turn = self.turn(link, node, l, v);
                if turn <= STRAIGHT_DEG && best.is_none_or(|b| turn < b.0) {
                    best = Some((turn, l));
                }
            }
        }
        best.map(|b| b.1)
    }
}

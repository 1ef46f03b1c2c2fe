//! Cuts a street between two spots.

use std::collections::{BTreeMap, BTreeSet};

use super::LinkSpan;
use crate::geometry::{Point, Projection, distance, length, nearest_on_line};
use crate::model::{HouseNumber, Network, leading_number};

/// A cross street that ends this near to a street is taken to reach it, in metres.
const REACH_M: f64 = 60.0;
/// How much of the street around one spot is meant by "at the junction", in metres to each side.
const AROUND_M: f64 = 30.0;
/// A civic number is looked for between two known ones at most this far apart, in numbers.
const NUMBER_GAP: u32 = 60;
/// Links of other names may be used to get over junctions, at this price per metre.
const DETOUR: f64 = 6.0;

/// The network's links in metres.
#[derive(Debug)]
pub(super) struct Geometry {
    projection: Projection,
    lines: Vec<Vec<Point>>,
    lengths: Vec<f64>,
    by_node: Vec<Vec<usize>>,
}

impl Geometry {
    pub fn new(network: &Network) -> Self {
        let projection = Projection::around(network.nodes.first().map_or([0.0, 0.0], |n| [n.lon, n.lat]));
        let lines: Vec<Vec<Point>> = network
            .links
            .iter()
            .map(|l| l.geometry.iter().map(|p| projection.project(*p)).collect())
            .collect();
        Self {
            projection,
            lengths: lines.iter().map(|l| length(l)).collect(),
            lines,
            by_node: network.links_by_node(),
        }
    }
}

/// A spot on a link, in metres from its `from` end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spot {
    link: usize,
    along: f64,
}

/// The links of one street.
pub(super) struct Street<'a> {
    network: &'a Network,
    geometry: &'a Geometry,
    links: BTreeSet<usize>,
}

impl<'a> Street<'a> {
    pub fn new(network: &'a Network, geometry: &'a Geometry, links: &[usize]) -> Self {
        Self {
            network,
            geometry,
            links: links.iter().copied().collect(),
        }
    }

    pub fn whole(&self) -> Vec<LinkSpan> {
        self.links
            .iter()
            .map(|&link| LinkSpan {
                link,
                from_fraction: 0.0,
                to_fraction: 1.0,
            })
            .collect()
    }

    /// Where other links meet this street: common nodes, otherwise the nearest place within reach.
    pub fn spots_with(&self, others: &[usize]) -> Vec<Spot> {
        let nodes: BTreeSet<usize> = others
            .iter()
            .flat_map(|&o| [self.network.links[o].from, self.network.links[o].to])
            .collect();
        let mut spots: Vec<Spot> = Vec::new();
        let mut seen = BTreeSet::new();
        for &link in &self.links {
            let l = &self.network.links[link];
            for (node, along) in [(l.from, 0.0), (l.to, self.geometry.lengths[link])] {
                if nodes.contains(&node) && seen.insert(node) {
                    spots.push(Spot { link, along });
                }
            }
        }
        if !spots.is_empty() {
            return spots;
        }
        let mut best: Option<(f64, Spot)> = None;
        for &other in others {
            for p in &self.geometry.lines[other] {
                if let Some((d, spot)) = self.nearest(*p)
                    && d <= REACH_M
                    && best.is_none_or(|b| d < b.0)
                {
                    best = Some((d, spot));
                }
            }
        }
        best.map(|b| b.1).into_iter().collect()
    }

    fn nearest(&self, p: Point) -> Option<(f64, Spot)> {
        self.links
            .iter()
            .filter_map(|&link| {
                let (along, _, d) = nearest_on_line(p, &self.geometry.lines[link])?;
                Some((d, Spot { link, along }))
            })
            .min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// The place of a civic number: the number itself, or between its known neighbours on the street.
    pub fn spots_of_number(&self, number: &str, streets: &[String], known: &[HouseNumber]) -> Vec<Spot> {
        let Some(wanted) = leading_number(number) else {
            return Vec::new();
        };
        let mut on: Vec<(u32, Spot, Point)> = Vec::new();
        for h in known.iter().filter(|h| streets.contains(&h.street)) {
            let p = self.geometry.projection.project([h.lon, h.lat]);
            if let (Some(n), Some((d, spot))) = (h.leading_number(), self.nearest(p))
                && d <= REACH_M
            {
                on.push((n, spot, p));
            }
        }
        if let Some((_, spot, _)) = on.iter().find(|(n, ..)| *n == wanted) {
            return vec![*spot];
        }
        // Between the nearest lower and the nearest higher number, in proportion, along the straight line.
        let below = on.iter().filter(|(n, ..)| *n < wanted).max_by_key(|(n, ..)| *n);
        let above = on.iter().filter(|(n, ..)| *n > wanted).min_by_key(|(n, ..)| *n);
        let (Some((low, _, a)), Some((high, _, b))) = (below, above) else {
            return Vec::new();
        };
        if high - low > NUMBER_GAP {
            return Vec::new();
        }
        let t = f64::from(wanted - low) / f64::from(high - low);
        let p = crate::geometry::lerp(*a, *b, t);
        self.nearest(p)
            .filter(|(d, _)| *d <= REACH_M)
            .map(|(_, spot)| spot)
            .into_iter()
            .collect()
    }

    /// The parts of the street within some metres of the spots.
    pub fn around(&self, spots: &[Spot]) -> Vec<LinkSpan> {
        let mut spans: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        let mut add = |link: usize, from: f64, to: f64| {
            let (from, to) = (from.max(0.0), to.min(self.geometry.lengths[link]));
            if to > from {
                let span = spans.entry(link).or_insert((from, to));
                *span = (span.0.min(from), span.1.max(to));
            }
        };
        for spot in spots {
            add(spot.link, spot.along - AROUND_M, spot.along + AROUND_M);
            let l = &self.network.links[spot.link];
            let far = self.geometry.lengths[spot.link] - spot.along;
            for (node, left) in [(l.from, AROUND_M - spot.along), (l.to, AROUND_M - far)] {
                for &next in self.geometry.by_node[node]
                    .iter()
                    .filter(|n| **n != spot.link && self.links.contains(n))
                {
                    let len = self.geometry.lengths[next];
                    if left > 0.0 && self.network.links[next].from == node {
                        add(next, 0.0, left);
                    } else if left > 0.0 {
                        add(next, len - left, len);
                    }
                }
            }
        }
        spans
            .into_iter()
            .filter_map(|(link, (from, to))| self.span(link, from, to))
            .collect()
    }

    fn span(&self, link: usize, from: f64, to: f64) -> Option<LinkSpan> {
        let len = self.geometry.lengths[link];
        let fraction = |m: f64| if len > 0.0 { (m / len).clamp(0.0, 1.0) } else { 0.0 };
        (to - from > 0.5).then(|| LinkSpan {
            link,
            from_fraction: fraction(from),
            to_fraction: fraction(to),
        })
    }

    /// The way along the street between the nearest pair of spots; `None` when none leads there.
    pub fn between(&self, starts: &[Spot], ends: &[Spot]) -> Option<Vec<LinkSpan>> {
        let mut best: Option<(f64, Vec<LinkSpan>)> = None;
        for start in starts {
            for end in ends {
                if let Some((cost, spans)) = self.way(*start, *end)
                    && !spans.is_empty()
                    && best.as_ref().is_none_or(|b| cost < b.0)
                {
                    best = Some((cost, spans));
                }
            }
        }
        best.map(|b| b.1)
    }

    fn price(&self, link: usize) -> f64 {
        if self.links.contains(&link) { 1.0 } else { DETOUR }
    }

    fn way(&self, start: Spot, end: Spot) -> Option<(f64, Vec<LinkSpan>)> {
        if start.link == end.link {
            let (from, to) = (start.along.min(end.along), start.along.max(end.along));
            return Some((to - from, self.span(start.link, from, to)?)).map(|(c, s)| (c, vec![s]));
        }
        // Dijkstra over nodes; the network of a city is small enough for a plain ordered set.
        let mut cost: BTreeMap<usize, (f64, Option<(usize, usize)>)> = BTreeMap::new();
        let mut open: BTreeSet<(u64, usize)> = BTreeSet::new();
        let milli = |m: f64| (m * 1000.0) as u64;
        let l = &self.network.links[start.link];
        for (node, m) in [
            (l.from, start.along),
            (l.to, self.geometry.lengths[start.link] - start.along),
        ] {
            if cost.get(&node).is_none_or(|c| m < c.0) {
                cost.insert(node, (m, None));
                open.insert((milli(m), node));
            }
        }
        let straight = distance(self.at(start)?, self.at(end)?);
        let limit = 3.0 * straight + 500.0;
        while let Some((key, node)) = open.pop_first() {
            let so_far = cost[&node].0;
            if key > milli(so_far) {
                continue;
            }
            for &link in &self.geometry.by_node[node] {
                if link == start.link || link == end.link {
                    continue;
                }
                let l = &self.network.links[link];
                let other = if l.from == node { l.to } else { l.from };
                let m = so_far + self.geometry.lengths[link] * self.price(link);
                if m <= limit && cost.get(&other).is_none_or(|c| m < c.0) {
                    cost.insert(other, (m, Some((node, link))));
                    open.insert((milli(m), other));
                }
            }
        }
        let l = &self.network.links[end.link];
        let arrivals = [
            (l.from, end.along),
            (l.to, self.geometry.lengths[end.link] - end.along),
        ];
        let (total, arrival) = arrivals
            .into_iter()
            .filter_map(|(node, m)| Some((cost.get(&node)?.0 + m, node)))
            .min_by(|a, b| a.0.total_cmp(&b.0))?;
        let mut middle = Vec::new();
        let mut node = arrival;
        while let Some((previous, link)) = cost[&node].1 {
            middle.extend(self.span(link, 0.0, self.geometry.lengths[link]));
            node = previous;
        }
        let mut spans: Vec<LinkSpan> = self.partial(start, node).into_iter().collect();
        middle.reverse();
        spans.extend(middle);
        spans.extend(self.partial(end, arrival));
        Some((total, spans))
    }

    /// The part of a spot's link between the spot and one of the link's nodes.
    fn partial(&self, spot: Spot, node: usize) -> Option<LinkSpan> {
        let len = self.geometry.lengths[spot.link];
        let l = &self.network.links[spot.link];
        // On a ring both ends are the same node: the shorter side is meant.
        let to_start = l.from == node && (l.to != node || spot.along <= len / 2.0);
        if to_start {
            self.span(spot.link, 0.0, spot.along)
        } else {
            self.span(spot.link, spot.along, len)
        }
    }

    fn at(&self, spot: Spot) -> Option<Point> {
        crate::geometry::point_along(&self.geometry.lines[spot.link], spot.along).map(|p| p.0)
    }
}

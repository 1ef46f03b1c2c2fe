//! Folds parallel copies of a street onto one another, stretch by stretch, important ones first.

use std::collections::{BTreeMap, HashMap};

use super::ShapeOptions;
use super::noding::{Chain, chains, sorted};
use crate::geometry::{Point, distance, dot, length, nearest_on_segment, point_along, sub, unit};
use crate::grid::Grid;

/// Distance between two samples along a path, in metres.
const STEP_M: f64 = 4.0;

/// A growing graph of accepted segments.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    pub points: Vec<Point>,
    adjacent: Vec<Vec<usize>>,
    segments: Vec<Option<(usize, usize)>>,
    index: HashMap<(usize, usize), usize>,
    grid: Grid,
    /// Where vertices of folded stretches now lie.
    moved: HashMap<usize, Point>,
}

#[derive(Debug, Clone, Copy)]
struct Hit {
    segment: usize,
    at: Point,
    distance: f64,
}

pub(super) fn merge(points: Vec<Point>, chains: Vec<Chain>, options: &ShapeOptions) -> Graph {
    let mut graph = Graph::new(points);
    let cos = options.merge_angle_deg.to_radians().cos();
    for chain in &chains {
        graph.fold(&chain.vertices, options.merge_m, cos);
    }
    graph
}

impl Graph {
    pub fn new(points: Vec<Point>) -> Self {
        let adjacent = vec![Vec::new(); points.len()];
        Self {
            points,
            adjacent,
            segments: Vec::new(),
            index: HashMap::new(),
            grid: Grid::new(25.0),
            moved: HashMap::new(),
        }
    }

    /// The graph's segments, the smaller vertex first.
    pub fn segments(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.segments.iter().flatten().copied()
    }

    pub fn length_m(&self) -> f64 {
        self.segments()
            .map(|(a, b)| distance(self.points[a], self.points[b]))
            .sum()
    }

    pub fn degree(&self, vertex: usize) -> usize {
        self.adjacent[vertex].len()
    }

    pub fn neighbours(&self, vertex: usize) -> &[usize] {
        &self.adjacent[vertex]
    }

    /// Stretches between junctions as vertex lists.
    pub fn chains(&self) -> Vec<Vec<usize>> {
        chains(self.points.len(), self.segments())
    }

    /// Stretches between junctions, weighed and sorted.
    pub fn weighted_chains(&self, weigh: impl Fn(&[Point]) -> f64) -> Vec<Chain> {
        let weighed = self.chains().into_iter().map(|vertices| {
            let line: Vec<Point> = vertices.iter().map(|&v| self.points[v]).collect();
            Chain {
                weight: weigh(&line),
                vertices,
            }
        });
        sorted(weighed.collect())
    }

    pub fn add_vertex(&mut self, p: Point) -> usize {
        self.points.push(p);
        self.adjacent.push(Vec::new());
        self.points.len() - 1
    }

    pub fn add_segment(&mut self, a: usize, b: usize) {
        let key = (a.min(b), a.max(b));
        if a == b || self.index.contains_key(&key) {
            return;
        }
        self.index.insert(key, self.segments.len());
        self.grid
            .insert_segment(self.segments.len(), self.points[a], self.points[b]);
        self.segments.push(Some(key));
        self.adjacent[a].push(b);
        self.adjacent[b].push(a);
    }

    fn remove_segment(&mut self, segment: usize) {
        if let Some((a, b)) = self.segments[segment].take() {
            self.index.remove(&(a, b));
            self.adjacent[a].retain(|v| *v != b);
            self.adjacent[b].retain(|v| *v != a);
        }
    }

    /// Segments within `reach` of a point, with their nearest point and the distance.
    pub fn near(&self, p: Point, reach: f64) -> Vec<((usize, usize), Point, f64)> {
        let found = self
            .grid
            .near(p, reach)
            .into_iter()
            .filter_map(|s| self.segments[s]);
        let measured = found.map(|(a, b)| {
            let (_, at, d) = nearest_on_segment(p, self.points[a], self.points[b]);
            ((a, b), at, d)
        });
        measured.filter(|(_, _, d)| *d <= reach).collect()
    }

    /// Nearest segment within `reach`, if a direction is given only among the roughly parallel ones.
    fn nearest(&self, p: Point, direction: Option<(Point, f64)>, reach: f64) -> Option<Hit> {
        let mut best: Option<Hit> = None;
        for segment in self.grid.near(p, reach) {
            let Some((a, b)) = self.segments[segment] else {
                continue;
            };
            let (pa, pb) = (self.points[a], self.points[b]);
            let (_, at, d) = nearest_on_segment(p, pa, pb);
            if d > reach || best.is_some_and(|h| h.distance <= d) {
                continue;
            }
            if let Some((dir, cos)) = direction
                && dot(unit(sub(pb, pa)), dir).abs() < cos
            {
                continue;
            }
            best = Some(Hit {
                segment,
                at,
                distance: d,
            });
        }
        best
    }

    /// The vertex at `at` on a segment; cuts the segment unless an end is near.
    fn cut(&mut self, segment: usize, at: Point) -> Option<usize> {
        let (a, b) = self.segments[segment]?;
        let near = if distance(self.points[a], at) <= distance(self.points[b], at) {
            a
        } else {
            b
        };
        if distance(self.points[near], at) <= 3.0 {
            return Some(near);
        }
        self.remove_segment(segment);
        let v = self.add_vertex(at);
        self.add_segment(a, v);
        self.add_segment(v, b);
        Some(v)
    }

    /// The vertex on the accepted graph at or next to a position, within `reach`.
    pub fn attach(&mut self, at: Point, reach: f64) -> Option<usize> {
        let hit = self.nearest(at, None, reach)?;
        self.cut(hit.segment, hit.at)
    }

    /// Whether two vertices are connected by a way no longer than `limit`.
    pub fn connected_within(&self, a: usize, b: usize, limit: f64) -> bool {
        let mut best: BTreeMap<usize, f64> = BTreeMap::from([(a, 0.0)]);
        let mut open = vec![a];
        while let Some(v) = open.pop() {
            let so_far = best[&v];
            if v == b {
                return true;
            }
            for &n in &self.adjacent[v] {
                let d = so_far + distance(self.points[v], self.points[n]);
                if d <= limit && best.get(&n).is_none_or(|known| d < *known) {
                    best.insert(n, d);
                    open.push(n);
                }
            }
        }
        false
    }

    fn touch(&self, one: usize, other: usize) -> bool {
        match (self.segments[one], self.segments[other]) {
            (Some((a, b)), Some((c, d))) => a == c || a == d || b == c || b == d,
            _ => false,
        }
    }

    /// Adds a stretch, leaving out what runs beside accepted segments.
    fn fold(&mut self, chain: &[usize], reach: f64, cos: f64) {
        let line: Vec<Point> = chain.iter().map(|&v| self.points[v]).collect();
        let total = length(&line);
        if total <= 0.0 {
            return;
        }
        let count = (total / STEP_M).ceil().max(1.0) as usize;
        let at = |i: usize| total * i as f64 / count as f64;
        let mut hits: Vec<Option<Hit>> = (0..=count)
            .map(|i| {
                let (p, _) = point_along(&line, at(i))?;
                let (before, _) = point_along(&line, at(i) - 6.0)?;
                let (after, _) = point_along(&line, at(i) + 6.0)?;
                self.nearest(p, Some((unit(sub(after, before)), cos)), reach)
            })
            .collect();
        drop_short_hits(&mut hits);
        let gaps = widen(&hits, reach, count);
        let mut in_gap = vec![false; count + 1];
        for &(i, j) in &gaps {
            in_gap[i..=j].fill(true);
        }
        // Accepted positions are read before anything is cut.
        let steps: Vec<(Point, Point)> = (0..count)
            .filter(|&i| !in_gap[i] && !in_gap[i + 1])
            .filter_map(|i| Some((hits[i]?, hits[i + 1]?)))
            .filter(|(a, b)| !self.touch(a.segment, b.segment))
            .map(|(a, b)| (a.at, b.at))
            .collect();
        let mut along = 0.0;
        let mut targets = Vec::new();
        for (k, &v) in chain.iter().enumerate() {
            if k > 0 {
                along += distance(line[k - 1], line[k]);
            }
            let i = ((along / total * count as f64).round() as usize).min(count);
            if let (false, Some(hit)) = (in_gap[i], hits[i]) {
                let exact = self.nearest(line[k], None, hit.distance + STEP_M).unwrap_or(hit);
                let parallel =
                    self.nearest(line[k], Some((segment_direction(self, hit.segment), cos)), reach);
                targets.push((v, parallel.unwrap_or(exact)));
            }
        }
        for (v, hit) in targets {
            if self.adjacent[v].is_empty() {
                self.moved.insert(v, hit.at);
            } else if let Some(anchor) = self.attach(hit.at, 1.0)
                && anchor != v
                && !self.connected_within(v, anchor, (4.0 * hit.distance).max(50.0))
            {
                self.add_segment(v, anchor);
            }
        }
        // Where the stretch steps from one accepted street to another, they must be connected there.
        for (a, b) in steps {
            let metres = distance(a, b);
            if let (Some(a), Some(b)) = (self.attach(a, 1.0), self.attach(b, 1.0))
                && !self.connected_within(a, b, 2.0 * metres + 30.0)
            {
                self.add_segment(a, b);
            }
        }
        for (i, j) in gaps {
            self.add_run(chain, &line, (i, at(i)), (j, at(j)), count, &hits);
        }
    }

    /// Adds the samples `i..=j` of a stretch, tied to the accepted graph at both ends.
    fn add_run(
        &mut self,
        chain: &[usize],
        line: &[Point],
        (i, from): (usize, f64),
        (j, to): (usize, f64),
        count: usize,
        hits: &[Option<Hit>],
    ) {
        let start = if i == 0 {
            self.terminal(chain[0])
        } else {
            self.anchor(hits[i], line, from)
        };
        let last = chain[chain.len() - 1];
        let end = if j == count {
            self.terminal(last)
        } else {
            self.anchor(hits[j], line, to)
        };
        let placed = !self.adjacent[start].is_empty() && !self.adjacent[end].is_empty();
        let run = to - from;
        if placed && run < 25.0 && self.connected_within(start, end, 1.3 * run + 18.0) {
            return;
        }
        let mut previous = start;
        let mut along = 0.0;
        for k in 1..chain.len() - 1 {
            along += distance(line[k - 1], line[k]);
            let far =
                distance(self.points[start], line[k]) > 2.0 && distance(self.points[end], line[k]) > 2.0;
            if along > from && along < to && far {
                self.add_segment(previous, chain[k]);
                previous = chain[k];
            }
        }
        self.add_segment(previous, end);
    }

    fn anchor(&mut self, hit: Option<Hit>, line: &[Point], along: f64) -> usize {
        let at = hit
            .map(|h| h.at)
            .or_else(|| point_along(line, along).map(|p| p.0))
            .unwrap_or(line[0]);
        match self.attach(at, 2.0) {
            Some(v) => v,
            None => self.add_vertex(at),
        }
    }

    /// The vertex a stretch ends at: itself, or where its junction has been folded to.
    fn terminal(&mut self, v: usize) -> usize {
        if !self.adjacent[v].is_empty() {
            return v;
        }
        let attached = match self.moved.get(&v).copied() {
            Some(at) => self.attach(at, 3.0),
            None => self.attach(self.points[v], 2.0),
        };
        attached.unwrap_or(v)
    }
}

fn segment_direction(graph: &Graph, segment: usize) -> Point {
    graph.segments[segment].map_or([0.0, 0.0], |(a, b)| unit(sub(graph.points[b], graph.points[a])))
}

/// A short parallel contact in the middle of a stretch is a crossing, not a shared street.
fn drop_short_hits(hits: &mut [Option<Hit>]) {
    let mut i = 0;
    while i < hits.len() {
        let end = (i..hits.len())
            .find(|&k| hits[k].is_none() != hits[i].is_none())
            .unwrap_or(hits.len());
        let inner = i > 0 && end < hits.len();
        if hits[i].is_some() && inner && end - i < 5 {
            hits[i..end].fill(None);
        }
        i = end;
    }
}

/// The runs without a parallel, widened on both sides while the accepted street draws nearer, so that a street
/// leaves another where they really part and not where they are one tolerance apart.
fn widen(hits: &[Option<Hit>], reach: f64, count: usize) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut i = 0;
    while i <= count {
        if hits[i].is_some() {
            i += 1;
            continue;
        }
        let mut j = i;
        while j < count && hits[j + 1].is_none() {
            j += 1;
        }
        let next = j + 1;
        let (mut first, mut last) = (i, j);
        let mut d = reach + 1.0;
        while first > 0
            && let Some(h) = hits[first - 1]
            && h.distance < d - 0.05
        {
            d = h.distance;
            first -= 1;
            if d < 0.5 {
                break;
            }
        }
        let mut d = reach + 1.0;
        while last < count
            && let Some(h) = hits[last + 1]
            && h.distance < d - 0.05
        {
            d = h.distance;
            last += 1;
            if d < 0.5 {
                break;
            }
        }
        match runs.last_mut() {
            Some(previous) if previous.1 >= first => previous.1 = last,
            _ => runs.push((first, last)),
        }
        i = next;
    }
    runs
}

//! Exact topology: equal points become one vertex, segments are cut at the vertices that lie on them.

use std::collections::{BTreeMap, BTreeSet};

use super::{ShapeLine, ShapeOptions};
use crate::boundary::Boundary;
use crate::geometry::{Point, Projection, distance, nearest_on_segment};
use crate::grid::Grid;

/// How far outside the boundary paths are still looked at, in metres, so that streets along it merge well.
const MARGIN_M: f64 = 250.0;

/// Distinct vertices and segments of all paths.
pub(super) struct Noded {
    pub points: Vec<Point>,
    /// Uses of every segment, both directions together; the smaller vertex first.
    pub segments: BTreeMap<(usize, usize), u32>,
    /// For every shape, its vertices in driving order, in as many parts as the clipping left.
    pub lines: Vec<Vec<Vec<usize>>>,
    grid: Grid,
    keys: Vec<((usize, usize), u32)>,
}

/// A stretch between two junctions with its weight for the order of merging.
pub(super) struct Chain {
    pub vertices: Vec<usize>,
    pub weight: f64,
}

pub(super) fn node(
    lines: &[ShapeLine],
    projection: &Projection,
    boundary: Option<&Boundary>,
    options: &ShapeOptions,
) -> Noded {
    let window = boundary.map(|b| {
        let [w, s, e, n] = b.bbox();
        [w - MARGIN_M, s - MARGIN_M, e + MARGIN_M, n + MARGIN_M]
    });
    let inside = |a: Point, b: Point| {
        window.is_none_or(|[w, s, e, n]| {
            a[0].max(b[0]) >= w && a[0].min(b[0]) <= e && a[1].max(b[1]) >= s && a[1].min(b[1]) <= n
        })
    };
    let mut vertices = Vertices {
        points: Vec::new(),
        grid: Grid::new(options.snap_m * 2.0),
        snap: options.snap_m,
    };
    let mut raw: BTreeMap<(usize, usize), u32> = BTreeMap::new();
    let mut by_shape = Vec::new();
    for line in lines {
        let points: Vec<Point> = line.points.iter().map(|p| projection.project(*p)).collect();
        let mut parts: Vec<Vec<usize>> = vec![Vec::new()];
        for w in points.windows(2) {
            if !inside(w[0], w[1]) {
                parts.push(Vec::new());
                continue;
            }
            let (a, b) = (vertices.at(w[0]), vertices.at(w[1]));
            if a == b {
                continue;
            }
            *raw.entry((a.min(b), a.max(b))).or_default() += line.uses.max(1);
            if let Some(part) = parts.last_mut() {
                if part.last() != Some(&a) {
                    part.push(a);
                }
                part.push(b);
            }
        }
        parts.retain(|p| p.len() > 1);
        by_shape.push(parts);
    }
    let points = vertices.points;
    let segments = split_at_vertices(&points, &raw, options.snap_m);
    let mut grid = Grid::new(40.0);
    for (i, &(a, b)) in segments.keys().enumerate() {
        grid.insert_segment(i, points[a], points[b]);
    }
    let keys = segments.iter().map(|(k, u)| (*k, *u)).collect();
    Noded {
        points,
        segments,
        lines: by_shape,
        grid,
        keys,
    }
}

struct Vertices {
    points: Vec<Point>,
    grid: Grid,
    snap: f64,
}

impl Vertices {
    fn at(&mut self, p: Point) -> usize {
        let near = self
            .grid
            .near(p, self.snap)
            .into_iter()
            .map(|i| (i, distance(self.points[i], p)));
        if let Some((i, _)) = near
            .filter(|(_, d)| *d <= self.snap)
            .min_by(|a, b| a.1.total_cmp(&b.1))
        {
            return i;
        }
        self.points.push(p);
        self.grid.insert_point(self.points.len() - 1, p);
        self.points.len() - 1
    }
}

fn split_at_vertices(
    points: &[Point],
    raw: &BTreeMap<(usize, usize), u32>,
    snap: f64,
) -> BTreeMap<(usize, usize), u32> {
    let mut grid = Grid::new(25.0);
    let used: BTreeSet<usize> = raw.keys().flat_map(|&(a, b)| [a, b]).collect();
    for &v in &used {
        grid.insert_point(v, points[v]);
    }
    let mut out: BTreeMap<(usize, usize), u32> = BTreeMap::new();
    for (&(a, b), &uses) in raw {
        let (pa, pb) = (points[a], points[b]);
        let len = distance(pa, pb);
        let mut on: BTreeSet<(u64, usize)> = BTreeSet::new();
        let steps = (len / 25.0).ceil().max(1.0) as usize;
        for i in 0..=steps {
            let t = i as f64 / steps as f64;
            let at = [pa[0] + (pb[0] - pa[0]) * t, pa[1] + (pb[1] - pa[1]) * t];
            for v in grid.near(at, 14.0) {
                let (t, _, d) = nearest_on_segment(points[v], pa, pb);
                if v != a && v != b && d <= snap * 1.5 && t * len > snap && (1.0 - t) * len > snap {
                    on.insert(((t * len * 1000.0) as u64, v));
                }
            }
        }
        let mut previous = a;
        for v in on.into_iter().map(|(_, v)| v).chain([b]) {
            if v != previous {
                *out.entry((previous.min(v), previous.max(v))).or_default() += uses;
            }
            previous = v;
        }
    }
    out
}

impl Noded {
    pub fn length_m(&self) -> f64 {
        self.segments
            .keys()
            .map(|&(a, b)| distance(self.points[a], self.points[b]))
            .sum()
    }

    /// Stretches between junctions, the important ones first.
    pub fn chains(&self) -> Vec<Chain> {
        let chains = chains(self.points.len(), self.segments.keys().copied());
        let weigh = |vertices: Vec<usize>| {
            let uses = vertices
                .windows(2)
                .filter_map(|w| self.segments.get(&(w[0].min(w[1]), w[0].max(w[1]))))
                .max()
                .copied()
                .unwrap_or(1);
            let length: f64 = vertices
                .windows(2)
                .map(|w| distance(self.points[w[0]], self.points[w[1]]))
                .sum();
            Chain {
                weight: length * (1.0 + f64::from(uses)).ln(),
                vertices,
            }
        };
        sorted(chains.into_iter().map(weigh).collect())
    }

    /// The weight of a line by the uses of what runs near its middle.
    pub fn weight_along(&self, line: &[Point], reach: f64) -> f64 {
        let length = crate::geometry::length(line);
        let Some((middle, _)) = crate::geometry::point_along(line, length / 2.0) else {
            return 0.0;
        };
        let near = self.grid.near(middle, reach).into_iter().map(|i| self.keys[i]);
        let uses = near
            .filter(|((a, b), _)| nearest_on_segment(middle, self.points[*a], self.points[*b]).2 <= reach)
            .map(|(_, uses)| uses)
            .max();
        length * (1.0 + f64::from(uses.unwrap_or(1))).ln()
    }
}

/// Important chains first; ties by vertices, so that the result does not depend on chance.
pub(super) fn sorted(mut chains: Vec<Chain>) -> Vec<Chain> {
    chains.sort_by(|a, b| {
        b.weight
            .total_cmp(&a.weight)
            .then_with(|| a.vertices.cmp(&b.vertices))
    });
    chains
}

/// Splits segments into chains that end at junctions and dead ends; pure rings end where they begin.
pub(super) fn chains(vertices: usize, segments: impl Iterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let mut adjacent: Vec<Vec<usize>> = vec![Vec::new(); vertices];
    for (a, b) in segments {
        adjacent[a].push(b);
        adjacent[b].push(a);
    }
    for list in &mut adjacent {
        list.sort_unstable();
    }
    let mut done: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut out = Vec::new();
    let junctions = (0..vertices).filter(|&v| !adjacent[v].is_empty() && adjacent[v].len() != 2);
    let rings = (0..vertices).filter(|&v| adjacent[v].len() == 2);
    for start in junctions.chain(rings) {
        for &next in &adjacent[start] {
            if done.contains(&(start.min(next), start.max(next))) {
                continue;
            }
            let mut chain = vec![start];
            let (mut from, mut at) = (start, next);
            loop {
                done.insert((from.min(at), from.max(at)));
                chain.push(at);
                if at == start || adjacent[at].len() != 2 {
                    break;
                }
                let onward = if adjacent[at][0] == from {
                    adjacent[at][1]
                } else {
                    adjacent[at][0]
                };
                (from, at) = (at, onward);
            }
            out.push(chain);
        }
    }
    out
}

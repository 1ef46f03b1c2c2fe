//! Clears what merging leaves behind: crumbs at junctions, spurs, thin loops, small gaps.

use std::collections::BTreeMap;

use super::ShapeOptions;
use super::merge::Graph;
use crate::geometry::{Point, distance, length, lerp, nearest_on_line, simplify};

/// Links shorter than this between two junctions are one junction, in metres.
const JUNCTION_M: f64 = 14.0;
/// Loops shorter than this that leave and come back to one junction are turning places, in metres.
const LOOP_M: f64 = 90.0;
/// Points nearer to the straight line than this are left out of a geometry, in metres.
const SIMPLIFY_M: f64 = 1.0;

/// Prunes spurs, drops double links, contracts short ones and simplifies; repeated until nothing changes.
pub(super) fn tidy(graph: &mut Graph, options: &ShapeOptions) {
    for _ in 0..6 {
        let before = graph.segments().count();
        let lines = prune(graph, options);
        *graph = rebuild(contract(lines));
        if graph.segments().count() == before {
            break;
        }
    }
}

struct Line {
    from: usize,
    to: usize,
    points: Vec<Point>,
}

struct Lines {
    nodes: BTreeMap<usize, Point>,
    lines: Vec<Line>,
}

fn prune(graph: &Graph, options: &ShapeOptions) -> Lines {
    let mut lines: Vec<Line> = Vec::new();
    for chain in graph.chains() {
        let points: Vec<Point> = chain.iter().map(|&v| graph.points[v]).collect();
        let (from, to) = (chain[0], chain[chain.len() - 1]);
        let metres = length(&points);
        let dead_end = (graph.degree(from) == 1) != (graph.degree(to) == 1);
        if (dead_end && metres < options.spur_m) || (from == to && metres < LOOP_M) {
            continue;
        }
        let double = lines.iter().any(|l| {
            ((l.from == from && l.to == to) || (l.from == to && l.to == from))
                && from != to
                && apart(&points, &l.points) < options.merge_m * 1.2
        });
        if !double {
            lines.push(Line {
                from,
                to,
                points: simplify(&points, SIMPLIFY_M),
            });
        }
    }
    let nodes = lines
        .iter()
        .flat_map(|l| [l.from, l.to])
        .map(|v| (v, graph.points[v]))
        .collect();
    Lines { nodes, lines }
}

/// Largest distance of a line's vertices and segment middles from another line.
fn apart(a: &[Point], b: &[Point]) -> f64 {
    let middles = a.windows(2).map(|w| lerp(w[0], w[1], 0.5));
    let of = |p: Point| nearest_on_line(p, b).map_or(f64::INFINITY, |n| n.2);
    a.iter().copied().chain(middles).map(of).fold(0.0, f64::max)
}

fn contract(mut all: Lines) -> Lines {
    let mut order: Vec<usize> = (0..all.lines.len()).collect();
    order.sort_by(|&a, &b| length(&all.lines[a].points).total_cmp(&length(&all.lines[b].points)));
    let mut degree: BTreeMap<usize, usize> = BTreeMap::new();
    for l in &all.lines {
        *degree.entry(l.from).or_default() += 1;
        *degree.entry(l.to).or_default() += 1;
    }
    let mut parent: BTreeMap<usize, usize> = all.nodes.keys().map(|&v| (v, v)).collect();
    for i in order {
        let l = &all.lines[i];
        if length(&l.points) >= JUNCTION_M {
            break;
        }
        let (a, b) = (root(&parent, l.from), root(&parent, l.to));
        let (pa, pb) = (all.nodes[&a], all.nodes[&b]);
        if a == b || distance(pa, pb) >= JUNCTION_M || degree[&l.from] < 3 || degree[&l.to] < 3 {
            continue;
        }
        parent.insert(b, a);
        all.nodes.insert(a, lerp(pa, pb, 0.5));
    }
    for l in &mut all.lines {
        let moved = (root(&parent, l.from), root(&parent, l.to));
        let shifted = moved != (l.from, l.to)
            || l.points.first() != all.nodes.get(&moved.0)
            || l.points.last() != all.nodes.get(&moved.1);
        (l.from, l.to) = moved;
        if shifted {
            let (a, b) = (all.nodes[&l.from], all.nodes[&l.to]);
            let mut points = vec![a];
            points.extend(
                l.points
                    .iter()
                    .skip(1)
                    .take(l.points.len().saturating_sub(2))
                    .filter(|p| distance(**p, a) > JUNCTION_M / 2.0 && distance(**p, b) > JUNCTION_M / 2.0),
            );
            points.push(b);
            l.points = points;
        }
    }
    all.lines
        .retain(|l| l.from != l.to || length(&l.points) >= JUNCTION_M);
    all
}

fn root(parent: &BTreeMap<usize, usize>, mut v: usize) -> usize {
    while let Some(&p) = parent.get(&v)
        && p != v
    {
        v = p;
    }
    v
}

fn rebuild(all: Lines) -> Graph {
    let mut graph = Graph::new(Vec::new());
    let at: BTreeMap<usize, usize> = all
        .nodes
        .iter()
        .map(|(&v, &p)| (v, graph.add_vertex(p)))
        .collect();
    for l in &all.lines {
        let mut previous = at[&l.from];
        for p in &l.points[1..l.points.len() - 1] {
            let v = graph.add_vertex(*p);
            graph.add_segment(previous, v);
            previous = v;
        }
        graph.add_segment(previous, at[&l.to]);
    }
    graph
}

/// Ties dead ends to other components within `reach` metres, nearest first; returns how many ties were made.
pub(super) fn bridge(graph: &mut Graph, reach: f64) -> usize {
    let mut component = components(graph);
    let ends: Vec<usize> = (0..graph.points.len())
        .filter(|&v| graph.degree(v) == 1)
        .collect();
    let mut ties: Vec<(f64, usize, Point)> = Vec::new();
    for v in ends {
        for (segment, at, d) in graph.near(graph.points[v], reach) {
            if component[segment.0] != component[v] {
                ties.push((d, v, at));
            }
        }
    }
    ties.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut made = 0;
    for (_, v, at) in ties {
        let Some(other) = graph.attach(at, 0.5) else {
            continue;
        };
        // Cutting may have made a vertex since the components were counted.
        component = if other < component.len() {
            component
        } else {
            components(graph)
        };
        if component[other] != component[v] {
            graph.add_segment(v, other);
            component = components(graph);
            made += 1;
        }
    }
    made
}

fn components(graph: &Graph) -> Vec<usize> {
    let mut of = vec![usize::MAX; graph.points.len()];
    for start in 0..graph.points.len() {
        if of[start] != usize::MAX {
            continue;
        }
        of[start] = start;
        let mut open = vec![start];
        while let Some(v) = open.pop() {
            for &n in graph.neighbours(v) {
                if of[n] == usize::MAX {
                    of[n] = start;
                    open.push(n);
                }
            }
        }
    }
    of
}

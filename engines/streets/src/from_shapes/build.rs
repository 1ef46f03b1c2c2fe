//! Clips the merged graph, keeps its largest component and writes it as a [`Network`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::merge::Graph;
use super::noding::Noded;
use super::{MergeReport, ShapeError, ShapeNetwork, ShapeOptions};
use crate::boundary::Boundary;
use crate::geometry::{
    Point, Projection, distance, dot, ground_length, length, lerp, nearest_on_segment, sub, unit,
};
use crate::grid::Grid;
use crate::model::{Direction, Link, Network, Node, RoadClass};

/// Distance between two places where a shape is matched to the network, in metres.
const MATCH_STEP_M: f64 = 25.0;
/// A shape uses a link, or a direction of it, from this share of its length on.
const USED_SHARE: f64 = 0.4;

struct Stretch {
    from: usize,
    to: usize,
    points: Vec<Point>,
}

pub(super) fn build(
    graph: &Graph,
    noded: &Noded,
    projection: &Projection,
    boundary: Option<&Boundary>,
    options: &ShapeOptions,
) -> Result<ShapeNetwork, ShapeError> {
    let mut report = MergeReport::default();
    let (nodes, stretches) = clip(graph, boundary);
    let (nodes, mut stretches) = largest(nodes, stretches, &mut report);
    if stretches.is_empty() {
        return Err(ShapeError::NothingInside);
    }
    let use_of = match_shapes(noded, &stretches, options);
    let mut ids = Ids::default();
    let mut network = Network {
        attribution: options.attribution.clone(),
        ..Network::default()
    };
    for p in &nodes {
        let [lon, lat] = projection.unproject(*p);
        let id = ids.make('n', &[position_key([lon, lat], 1e6)]);
        network.nodes.push(Node { id, lon, lat });
    }
    for (s, uses) in stretches.iter_mut().zip(&use_of) {
        let direction = match (uses.forward, uses.backward) {
            (false, true) => {
                s.points.reverse();
                std::mem::swap(&mut s.from, &mut s.to);
                Direction::Forward
            }
            (true, false) => Direction::Forward,
            _ => Direction::Both,
        };
        let geometry: Vec<[f64; 2]> = s.points.iter().map(|p| projection.unproject(*p)).collect();
        let mut ends = [
            position_key(geometry[0], 1e5),
            position_key(geometry[geometry.len() - 1], 1e5),
        ];
        ends.sort_unstable();
        let middle =
            crate::geometry::point_along(&s.points, length(&s.points) / 2.0).map_or(s.points[0], |m| m.0);
        let id = ids.make(
            's',
            &[ends[0], ends[1], position_key(projection.unproject(middle), 1e4)],
        );
        network.links.push(Link {
            id,
            from: s.from,
            to: s.to,
            length_m: ground_length(&geometry),
            geometry,
            name: None,
            name_source: None,
            class: RoadClass::Road,
            direction,
            direction_observed: true,
            lanes: None,
            speed_kmh: None,
        });
    }
    let by_id: HashMap<String, Vec<usize>> = network
        .links
        .iter()
        .zip(use_of)
        .map(|(l, u)| (l.id.clone(), u.shapes.into_iter().collect()))
        .collect();
    network.canonicalise();
    let shapes_by_link = network
        .links
        .iter()
        .map(|l| by_id.get(&l.id).cloned().unwrap_or_default())
        .collect();
    report.nodes = network.nodes.len();
    report.links = network.links.len();
    report.network_km = network.length_km();
    Ok(ShapeNetwork {
        network,
        shapes_by_link,
        report,
    })
}

fn clip(graph: &Graph, boundary: Option<&Boundary>) -> (Vec<Point>, Vec<Stretch>) {
    let mut nodes: Vec<Point> = Vec::new();
    let mut at: HashMap<(i64, i64), usize> = HashMap::new();
    let mut node = |p: Point| {
        *at.entry(((p[0] * 100.0).round() as i64, (p[1] * 100.0).round() as i64))
            .or_insert_with(|| {
                nodes.push(p);
                nodes.len() - 1
            })
    };
    let mut stretches = Vec::new();
    for chain in graph.chains() {
        let line: Vec<Point> = chain.iter().map(|&v| graph.points[v]).collect();
        let parts = match boundary {
            Some(boundary) => boundary.clip(&line),
            None => vec![line],
        };
        for points in parts {
            // A crumb at the boundary would only be noise.
            if length(&points) >= 1.0 {
                let (from, to) = (node(points[0]), node(points[points.len() - 1]));
                stretches.push(Stretch { from, to, points });
            }
        }
    }
    (nodes, stretches)
}

fn largest(
    nodes: Vec<Point>,
    stretches: Vec<Stretch>,
    report: &mut MergeReport,
) -> (Vec<Point>, Vec<Stretch>) {
    let pairs: Vec<(usize, usize)> = stretches.iter().map(|s| (s.from, s.to)).collect();
    let component = crate::graph::components_of(nodes.len(), &pairs);
    let mut metres: BTreeMap<usize, f64> = BTreeMap::new();
    for s in &stretches {
        *metres.entry(component[s.from]).or_default() += length(&s.points);
    }
    let best = metres.iter().max_by(|a, b| a.1.total_cmp(b.1)).map(|(c, _)| *c);
    report.dropped_components = metres.len().saturating_sub(1);
    report.dropped_km = metres
        .iter()
        .filter(|(c, _)| Some(**c) != best)
        .map(|(_, m)| m / 1000.0)
        .sum();
    let mut new = HashMap::new();
    let mut kept_nodes = Vec::new();
    let mut kept = Vec::new();
    for mut s in stretches {
        if Some(component[s.from]) != best {
            continue;
        }
        for end in [&mut s.from, &mut s.to] {
            *end = *new.entry(*end).or_insert_with(|| {
                kept_nodes.push(nodes[*end]);
                kept_nodes.len() - 1
            });
        }
        kept.push(s);
    }
    (kept_nodes, kept)
}

#[derive(Default)]
struct Use {
    forward: bool,
    backward: bool,
    shapes: BTreeSet<usize>,
}

/// A stretch, whether it is driven forward, and the metres of it.
type Match = (usize, bool, f64);

fn match_shapes(noded: &Noded, stretches: &[Stretch], options: &ShapeOptions) -> Vec<Use> {
    let mut grid = Grid::new(25.0);
    let mut segments = Vec::new();
    for (s, stretch) in stretches.iter().enumerate() {
        for w in stretch.points.windows(2) {
            grid.insert_segment(segments.len(), w[0], w[1]);
            segments.push((s, w[0], w[1]));
        }
    }
    let reach = options.merge_m * 1.3;
    let cos = (options.merge_angle_deg + 10.0).min(80.0).to_radians().cos();
    let find = |p: Point, dir: Point| {
        let mut best: Option<(f64, usize, bool)> = None;
        for i in grid.near(p, reach) {
            let (s, a, b) = segments[i];
            let (_, _, d) = nearest_on_segment(p, a, b);
            let along = dot(unit(sub(b, a)), dir);
            if d <= reach && along.abs() >= cos && best.is_none_or(|k| d < k.0) {
                best = Some((d, s, along > 0.0));
            }
        }
        best.map(|(_, s, forward)| (s, forward))
    };
    // One look per distinct segment: most shapes share theirs.
    let mut known: HashMap<(usize, usize), Vec<Match>> = HashMap::new();
    let mut used: Vec<Use> = stretches.iter().map(|_| Use::default()).collect();
    for (shape, parts) in noded.lines.iter().enumerate() {
        let mut metres: BTreeMap<(usize, bool), f64> = BTreeMap::new();
        for w in parts.iter().flat_map(|p| p.windows(2)) {
            let matches = known.entry((w[0], w[1])).or_insert_with(|| {
                let (a, b) = (noded.points[w[0]], noded.points[w[1]]);
                let (len, dir) = (distance(a, b), unit(sub(b, a)));
                let count = (len / MATCH_STEP_M).ceil().max(1.0) as usize;
                (0..count)
                    .filter_map(|i| find(lerp(a, b, (i as f64 + 0.5) / count as f64), dir))
                    .map(|(s, forward)| (s, forward, len / count as f64))
                    .collect()
            });
            for &(s, forward, m) in matches.iter() {
                *metres.entry((s, forward)).or_default() += m;
            }
        }
        for ((s, forward), m) in metres {
            if m >= USED_SHARE * length(&stretches[s].points) {
                used[s].shapes.insert(shape);
                used[s].forward |= forward;
                used[s].backward |= !forward;
            }
        }
    }
    used
}

fn position_key([lon, lat]: [f64; 2], scale: f64) -> (i64, i64) {
    ((lon * scale).round() as i64, (lat * scale).round() as i64)
}

/// Makes short identifiers from positions: the same positions give the same identifiers.
#[derive(Default)]
struct Ids {
    taken: BTreeSet<String>,
}

impl Ids {
    fn make(&mut self, prefix: char, keys: &[(i64, i64)]) -> String {
        // FNV-1a, 64 bits: small, fixed for all time and good enough to spread positions.
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in keys
            .iter()
            .flat_map(|(x, y)| x.to_le_bytes().into_iter().chain(y.to_le_bytes()))
        {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let base: String = (0..8)
            .map(|i| char::from(LETTERS[((hash >> (i * 5)) & 31) as usize]))
            .collect();
        let mut id = format!("{prefix}{base}");
        let mut copy = 1;
        while !self.taken.insert(id.clone()) {
            copy += 1;
            id = format!("{prefix}{base}-{copy}");
        }
        id
    }
}

//! Which link a stop speaks for, and what a link is called when several stops speak.

use std::collections::BTreeMap;

use super::{Anchor, StopEvidence};
use crate::geometry::{
    Point, Projection, ground_length, length, nearest_on_line, nearest_on_segment, sub_line,
};
use crate::grid::Grid;
use crate::model::{Link, NameSource, Network, Node};
use crate::names::StreetName;

/// A stop speaks for a link of its own lines within this distance, for any link within half of it.
const REACH_M: f64 = 45.0;
/// An anchor names the nearest link within this distance.
const ANCHOR_M: f64 = 40.0;
/// A street must be this long on both sides to end between two junctions.
const PART_M: f64 = 120.0;
/// A link longer than this is no square.
const SQUARE_M: f64 = 250.0;

#[derive(Debug, Clone)]
pub(super) struct Vote {
    /// Metres along the link.
    pub along: f64,
    pub name: String,
    pub by_acts: bool,
}

pub(super) struct Finder {
    projection: Projection,
    lines: Vec<Vec<Point>>,
    segments: Vec<(usize, Point, Point)>,
    grid: Grid,
}

impl Finder {
    pub fn new(network: &Network) -> Self {
        let centre = network.nodes.first().map_or([0.0, 0.0], |n| [n.lon, n.lat]);
        let projection = Projection::around(centre);
        let project = |l: &Link| l.geometry.iter().map(|p| projection.project(*p)).collect();
        let lines: Vec<Vec<Point>> = network.links.iter().map(project).collect();
        let mut segments = Vec::new();
        let mut grid = Grid::new(50.0);
        for (i, line) in lines.iter().enumerate() {
            for w in line.windows(2) {
                grid.insert_segment(segments.len(), w[0], w[1]);
                segments.push((i, w[0], w[1]));
            }
        }
        Self {
            projection,
            lines,
            segments,
            grid,
        }
    }

    /// The link a stop stands on and the metres along it.
    pub fn link_of(&self, stop: &StopEvidence, shapes_by_link: &[Vec<usize>]) -> Option<(usize, f64)> {
        let p = self.projection.project([stop.lon, stop.lat]);
        let mut best: Option<(f64, usize)> = None;
        for i in self.grid.near(p, REACH_M) {
            let (link, a, b) = self.segments[i];
            let d = nearest_on_segment(p, a, b).2;
            let served = shapes_by_link
                .get(link)
                .is_some_and(|on| stop.shapes.iter().any(|s| on.contains(s)));
            // A link of other lines counts as if it were twice as far away.
            let weighted = if served { d } else { d * 2.0 };
            if weighted <= REACH_M && best.is_none_or(|b| weighted < b.0) {
                best = Some((weighted, link));
            }
        }
        let link = best?.1;
        nearest_on_line(p, &self.lines[link]).map(|(along, ..)| (link, along))
    }
}

/// Names links by their votes; a link whose votes fall into two clear groups is cut between them.
pub(super) fn assign(network: &mut Network, votes: Vec<Vec<Vote>>) {
    for (i, mut votes) in votes.into_iter().enumerate() {
        if votes.is_empty() {
            continue;
        }
        votes.sort_by(|a, b| a.along.total_cmp(&b.along).then_with(|| a.name.cmp(&b.name)));
        let streets: Vec<Vote> = votes.iter().filter(|v| !is_square(&v.name)).cloned().collect();
        if streets.is_empty() {
            if network.links[i].length_m <= SQUARE_M {
                set(&mut network.links[i], majority(&votes));
            }
            continue;
        }
        match boundary(&streets, network.links[i].length_m) {
            Some((cut, at)) => {
                let second = split(network, i, at);
                set(&mut network.links[i], majority(&streets[..cut]));
                set(&mut network.links[second], majority(&streets[cut..]));
            }
            None => set(&mut network.links[i], majority(&streets)),
        }
    }
}

/// Names the links the city's list puts streets on; returns how many places found no link.
pub(super) fn anchor(network: &mut Network, anchors: &[Anchor]) -> usize {
    let finder = Finder::new(network);
    let mut left_out = 0;
    for anchor in anchors {
        for at in &anchor.at {
            let p = finder.projection.project(*at);
            let near = finder.grid.near(p, ANCHOR_M).into_iter().map(|i| {
                let (link, a, b) = finder.segments[i];
                (nearest_on_segment(p, a, b).2, link)
            });
            match near
                .filter(|(d, _)| *d <= ANCHOR_M)
                .min_by(|a, b| a.0.total_cmp(&b.0))
            {
                Some((_, link)) => {
                    network.links[link].name = Some(anchor.street.clone());
                    network.links[link].name_source = Some(NameSource::Acts);
                }
                None => left_out += 1,
            }
        }
    }
    left_out
}

pub(super) fn is_square(name: &str) -> bool {
    StreetName::parse(name).kind.is_some_and(|k| k.is_square())
}

fn set(link: &mut Link, name: Option<(String, bool)>) {
    if let Some((name, by_acts)) = name {
        link.name = Some(name);
        link.name_source = Some(if by_acts {
            NameSource::StopAndActs
        } else {
            NameSource::Stop
        });
    }
}

fn majority(votes: &[Vote]) -> Option<(String, bool)> {
    let mut count: BTreeMap<&str, (usize, bool)> = BTreeMap::new();
    for v in votes {
        let entry = count.entry(v.name.as_str()).or_default();
        entry.0 += 1;
        entry.1 |= v.by_acts;
    }
    let best = count
        .into_iter()
        .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)))?;
    Some((best.0.to_owned(), best.1.1))
}

/// Where one street becomes another along a link: the first vote behind the cut and the metres of the cut.
fn boundary(votes: &[Vote], length: f64) -> Option<(usize, f64)> {
    let changes: Vec<usize> = (1..votes.len())
        .filter(|&i| votes[i].name != votes[i - 1].name)
        .collect();
    let [cut] = changes.as_slice() else { return None };
    let at = (votes[cut - 1].along + votes[*cut].along) / 2.0;
    (at >= PART_M && length - at >= PART_M).then_some((*cut, at))
}

/// Cuts a link; the first part keeps its place, the second is appended and its index returned.
fn split(network: &mut Network, i: usize, at: f64) -> usize {
    let link = network.links[i].clone();
    let projection = Projection::around(link.geometry[0]);
    let line: Vec<Point> = link.geometry.iter().map(|p| projection.project(*p)).collect();
    let total = length(&line);
    let degrees = |part: Vec<Point>| {
        part.into_iter()
            .map(|p| projection.unproject(p))
            .collect::<Vec<_>>()
    };
    let (first, second) = (
        degrees(sub_line(&line, 0.0, at)),
        degrees(sub_line(&line, at, total)),
    );
    let middle = second[0];
    let node = network.nodes.len();
    network.nodes.push(Node {
        id: format!("{}x", link.id),
        lon: middle[0],
        lat: middle[1],
    });
    let part = |id: &str, from, to, geometry: Vec<[f64; 2]>| Link {
        id: format!("{}-{id}", link.id),
        from,
        to,
        length_m: ground_length(&geometry),
        geometry,
        ..link.clone()
    };
    network.links[i] = part("a", link.from, node, first);
    network.links.push(part("b", node, link.to, second));
    network.links.len() - 1
}

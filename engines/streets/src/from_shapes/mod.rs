//! Merges many overlapping paths (the shapes of bus lines) into one topological street graph.
//!
//! 1. [`noding`]: points that are the same but for noise become one vertex; segments are cut where another
//!    path has a vertex on them. Two segments that cross without a vertex stay apart: paths come from street
//!    graphs, which have a vertex at every junction, so such a crossing is a bridge or an underpass.
//! 2. [`merge`]: stretch by stretch, what runs beside something already accepted is folded onto it.
//! 3. [`tidy`]: short leftovers are contracted, spurs pruned, small gaps bridged.
//! 4. [`build`]: clipping, the largest component, directions from use, stable names for nodes and links.

mod build;
mod merge;
mod noding;
mod tidy;

use serde::Serialize;

use crate::boundary::Boundary;
use crate::geometry::Projection;
use crate::model::{Attribution, Network};

/// One path along streets.
#[derive(Debug, Clone, PartialEq)]
pub struct ShapeLine {
    pub id: String,
    /// `[lon, lat]` in degrees, in driving order.
    pub points: Vec<[f64; 2]>,
    /// How often it is driven (trips); only a weight.
    pub uses: u32,
}

/// How [`from_shapes`] merges. Lengths in metres.
#[derive(Debug, Clone)]
pub struct ShapeOptions {
    /// Points nearer than this are one vertex.
    pub snap_m: f64,
    /// Roughly parallel paths nearer than this are one street.
    pub merge_m: f64,
    /// "Roughly parallel": largest angle between them, in degrees.
    pub merge_angle_deg: f64,
    /// Gaps up to this length between dead ends and another component are bridged.
    pub bridge_m: f64,
    /// Dead ends shorter than this are noise.
    pub spur_m: f64,
    /// The network ends here; `None` keeps everything.
    pub boundary: Option<Boundary>,
    pub attribution: Attribution,
}

impl Default for ShapeOptions {
    fn default() -> Self {
        Self {
            snap_m: 1.0,
            merge_m: 14.0,
            merge_angle_deg: 30.0,
            bridge_m: 25.0,
            spur_m: 30.0,
            boundary: None,
            attribution: Attribution::default(),
        }
    }
}

/// What merging did, in kilometres on the ground.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MergeReport {
    pub shapes: usize,
    pub shape_points: usize,
    /// Distinct segments before parallels were folded together.
    pub distinct_km: f64,
    pub merged_km: f64,
    pub bridged_gaps: usize,
    /// Components outside the largest one, left out.
    pub dropped_components: usize,
    pub dropped_km: f64,
    pub nodes: usize,
    pub links: usize,
    pub network_km: f64,
}

/// The merged network and which shapes use each link.
#[derive(Debug, Clone)]
pub struct ShapeNetwork {
    pub network: Network,
    /// For every link of the network, the ascending indices of the shapes that run along it.
    pub shapes_by_link: Vec<Vec<usize>>,
    pub report: MergeReport,
}

/// Why no network came out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ShapeError {
    #[error("there is no shape with at least two points")]
    Empty,
    #[error("shape {shape}, point {point}: longitude {lon}, latitude {lat} is not a position on Earth")]
    BadPoint {
        shape: String,
        point: usize,
        lon: f64,
        lat: f64,
    },
    #[error("no shape runs inside the boundary; check that both use longitude and latitude in degrees")]
    NothingInside,
}

/// Merges shapes into one street network. Names are not given here: see [`crate::naming`].
pub fn from_shapes(lines: &[ShapeLine], options: &ShapeOptions) -> Result<ShapeNetwork, ShapeError> {
    let mut first = None;
    for line in lines {
        for (point, &[lon, lat]) in line.points.iter().enumerate() {
            if !(lon.abs() <= 180.0 && lat.abs() <= 90.0) {
                return Err(ShapeError::BadPoint {
                    shape: line.id.clone(),
                    point,
                    lon,
                    lat,
                });
            }
            first = first.or(Some([lon, lat]));
        }
    }
    let centre = options
        .boundary
        .as_ref()
        .map(Boundary::centre)
        .or(first)
        .ok_or(ShapeError::Empty)?;
    if !lines.iter().any(|l| l.points.len() > 1) {
        return Err(ShapeError::Empty);
    }
    let projection = Projection::around(centre);
    let boundary = options.boundary.as_ref().map(|b| b.project(&projection));

    let noded = noding::node(lines, &projection, boundary.as_ref(), options);
    let distinct_km = noded.length_m() / 1000.0;
    let mut graph = merge::merge(noded.points.clone(), noded.chains(), options);
    // The second round folds what only became parallel by the first.
    for _ in 0..2 {
        tidy::tidy(&mut graph, options);
        let chains = graph.weighted_chains(|line| noded.weight_along(line, options.merge_m));
        graph = merge::merge(graph.points.clone(), chains, options);
    }
    tidy::tidy(&mut graph, options);
    let bridged_gaps = tidy::bridge(&mut graph, options.bridge_m);
    tidy::tidy(&mut graph, options);
    let merged_km = graph.length_m() / 1000.0;

    let mut built = build::build(&graph, &noded, &projection, boundary.as_ref(), options)?;
    built.report.shapes = lines.len();
    built.report.shape_points = lines.iter().map(|l| l.points.len()).sum();
    built.report.distinct_km = distinct_km;
    built.report.merged_km = merged_km;
    built.report.bridged_gaps = bridged_gaps;
    Ok(built)
}

#[cfg(test)]
mod tests;

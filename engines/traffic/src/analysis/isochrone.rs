//! How soon every link is reached from one of several places.

use crate::network::Graph;
use crate::network::graph::NONE;
use crate::shortest::Search;

/// Least cost at `costs` (by arc) from the nearest of `sources` (nodes of the network) to the far end of every link:
/// then wherever on the link somebody waits has been passed. Infinite where nobody comes. From a source at a node with
/// turn rules every way out is free.
pub fn reach(graph: &Graph, costs: &[f64], sources: &[u32]) -> Vec<f64> {
    let mut via = vec![NONE; graph.nodes];
    let mut search = Search::default();
    let mut reached = vec![f64::INFINITY; graph.arc_of_link.len()];
    let at = (0..graph.nodes as u32).filter(|&v| sources.contains(&graph.node_of[v as usize]));
    for source in at {
        search.run(graph, costs, source, &mut via);
        for (link, &arc) in graph.arc_of_link.iter().enumerate() {
            let tail = graph.tail[arc as usize] as usize;
            if graph.passable[tail] || tail == source as usize {
                let time = search.label[tail] + costs[arc as usize];
                reached[link] = reached[link].min(time);
            }
        }
    }
    reached
}

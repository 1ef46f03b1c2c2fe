//! Questions about a network as a graph.

use crate::model::Network;

/// For every node the smallest node of its component.
pub fn components_of(nodes: usize, links: &[(usize, usize)]) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..nodes).collect();
    fn root(parent: &mut [usize], mut v: usize) -> usize {
        while parent[v] != v {
            parent[v] = parent[parent[v]];
            v = parent[v];
        }
        v
    }
    for &(a, b) in links {
        let (a, b) = (root(&mut parent, a), root(&mut parent, b));
        parent[a.max(b)] = a.min(b);
    }
    (0..nodes).map(|v| root(&mut parent, v)).collect()
}

impl Network {
    /// Total length of all links in kilometres.
    pub fn length_km(&self) -> f64 {
        self.links.iter().map(|l| l.length_m).sum::<f64>() / 1000.0
    }

    /// Share (0 to 1) of the length that carries a name; 0 for an empty network.
    pub fn named_share(&self) -> f64 {
        let named: f64 = self
            .links
            .iter()
            .filter(|l| l.name.is_some())
            .map(|l| l.length_m)
            .sum();
        let total = self.length_km() * 1000.0;
        if total > 0.0 { named / total } else { 0.0 }
    }

    /// For every node the links that begin or end there, in ascending order; a loop stands once.
    pub fn links_by_node(&self) -> Vec<Vec<usize>> {
        let mut by_node = vec![Vec::new(); self.nodes.len()];
        for (i, link) in self.links.iter().enumerate() {
            by_node[link.from].push(i);
            if link.to != link.from {
                by_node[link.to].push(i);
            }
        }
        by_node
    }

    /// The nodes one link away from `node` with the link, whatever the driving direction.
    pub fn neighbours(&self, node: usize) -> Vec<(usize, usize)> {
        let of = |(i, l): (usize, &crate::model::Link)| {
            if l.from == node {
                Some((i, l.to))
            } else if l.to == node {
                Some((i, l.from))
            } else {
                None
            }
        };
        self.links.iter().enumerate().filter_map(of).collect()
    }

    /// The connected components as lists of nodes, the largest first, whatever the driving direction.
    pub fn components(&self) -> Vec<Vec<usize>> {
        let pairs: Vec<(usize, usize)> = self.links.iter().map(|l| (l.from, l.to)).collect();
        let mut lists = vec![Vec::new(); self.nodes.len()];
        for (node, root) in components_of(self.nodes.len(), &pairs).into_iter().enumerate() {
            lists[root].push(node);
        }
        lists.retain(|l| !l.is_empty());
        lists.sort_by_key(|l| std::cmp::Reverse(l.len()));
        lists
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_follow_the_links() {
        assert_eq!(components_of(5, &[(0, 3), (3, 1), (2, 4)]), vec![0, 0, 2, 0, 2]);
    }
}

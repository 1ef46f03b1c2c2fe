//! `*_flow.tntp` and `*_node.tntp`: published solutions and where nodes lie.

use super::scan::{TntpError, content_lines, index, number};

/// A link of a published solution; nodes count from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PublishedFlow {
    pub from: u32,
    pub to: u32,
    pub volume: f64,
    pub cost: f64,
}

/// Reads a published solution: after one line of titles `From To Volume Cost`.
///
/// # Errors
/// The line and what is wrong with it.
pub fn read_flows(text: &str, nodes: usize) -> Result<Vec<PublishedFlow>, TntpError> {
    let mut flows = Vec::new();
    for (line, content) in content_lines(text, 1).skip(1) {
        let mut fields = content
            .split_ascii_whitespace()
            .filter(|f| !matches!(*f, ":" | ";"));
        let mut next = |name: &str| {
            fields
                .next()
                .ok_or_else(|| TntpError::new(line, format!("{name} is missing")))
        };
        let (from, to) = (next("from")?, next("to")?);
        let (volume, cost) = (next("volume")?, next("cost")?);
        flows.push(PublishedFlow {
            from: index(from, "node", nodes, line)?,
            to: index(to, "node", nodes, line)?,
            volume: number(volume, "volume", line)?,
            cost: number(cost, "cost", line)?,
        });
    }
    Ok(flows)
}

/// Reads node coordinates: after one line of titles `node x y`.
///
/// # Errors
/// The line and what is wrong with it, or a node without coordinates.
pub fn read_nodes(text: &str, nodes: usize) -> Result<Vec<[f64; 2]>, TntpError> {
    let mut found = vec![None; nodes];
    let mut last = 1;
    for (line, content) in content_lines(text, 1).skip(1) {
        last = line;
        let mut fields = content.split_ascii_whitespace().map(|f| f.trim_end_matches(';'));
        let mut next = |name: &str| {
            fields
                .next()
                .ok_or_else(|| TntpError::new(line, format!("{name} is missing")))
        };
        let node = index(next("node")?, "node", nodes, line)?;
        let x = number(next("x")?, "x", line)?;
        let y = number(next("y")?, "y", line)?;
        found[node as usize] = Some([x, y]);
    }
    let complete = found.iter().enumerate().map(|(node, at)| {
        at.ok_or_else(|| TntpError::new(last, format!("node {} has no coordinates", node + 1)))
    });
    complete.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flows_and_nodes_skip_their_titles() {
        let flows = read_flows("From \tTo \tVolume \tCost \n1 \t2 \t44.5 \t6.25 \n", 2).unwrap();
        assert_eq!(
            flows,
            [PublishedFlow {
                from: 0,
                to: 1,
                volume: 44.5,
                cost: 6.25
            }]
        );
        assert_eq!(
            read_nodes("Node X Y ;\n1 5 6 ;\n2 7 8;\n", 2).unwrap(),
            [[5.0, 6.0], [7.0, 8.0]]
        );
        assert!(
            read_nodes("Node X Y ;\n1 5 6 ;\n", 2)
                .unwrap_err()
                .message
                .contains("node 2")
        );
        assert_eq!(read_flows("t\n1 9 1 1\n", 2).unwrap_err().line, 2);
    }
}

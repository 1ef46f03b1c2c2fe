//! `*_net.tntp`: nodes, links and where trips may pass.

use super::scan::{Document, TntpError, amount, index, number};
use crate::network::{Delay, Link, Network};

/// What tolls and lengths weigh in a driver's choice, in time units per unit. The files of the test problems do
/// not carry them; their descriptions do (Chicago-Sketch: 0.02 for tolls, 0.04 for lengths).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weights {
    pub toll: f64,
    pub length: f64,
}

const FIELDS: [&str; 10] = [
    "init node",
    "term node",
    "capacity",
    "length",
    "free flow time",
    "B",
    "power",
    "speed",
    "toll",
    "link type",
];

/// Reads a network whose first nodes are its zones. Times are taken as minutes.
///
/// `weights` is used where the text has no `<TOLL FACTOR>` or `<DISTANCE FACTOR>`; both may be absent and are 0 then.
/// A `B` of 0 makes a link's time constant. Lengths and tolls below zero, which cost nothing, are refused like
/// everything else below zero.
///
/// # Errors
/// The line and what is wrong with it: a missing field, something that is no number, an unknown node, a negative
/// capacity, fewer or more links than announced.
pub fn read_network(text: &str, weights: Option<Weights>) -> Result<Network, TntpError> {
    let document = Document::new(text)?;
    let zones = document.count("NUMBER OF ZONES")?;
    let nodes = document.count("NUMBER OF NODES")?;
    let links = document.count("NUMBER OF LINKS")?;
    if zones > nodes {
        return Err(TntpError::new(1, format!("{zones} zones but only {nodes} nodes")));
    }
    let first_through = match document.number("FIRST THRU NODE")? {
        None => 1,
        Some(_) => document.count("FIRST THRU NODE")?,
    };
    let mut network = Network::new(nodes, zones);
    for passable in network.passable.iter_mut().take(first_through.saturating_sub(1)) {
        *passable = false;
    }
    let given = weights.unwrap_or_default();
    network.classes[0].toll_weight = document.number("TOLL FACTOR")?.unwrap_or(given.toll);
    network.classes[0].length_weight = document.number("DISTANCE FACTOR")?.unwrap_or(given.length);
    network.links.reserve(links.min(text.len() / 10));
    for (line, content) in document.lines() {
        network.links.push(read_link(content, line, nodes)?);
        if network.links.len() > links {
            return Err(TntpError::new(
                line,
                format!("more links than the {links} announced"),
            ));
        }
    }
    if network.links.len() < links {
        let found = network.links.len();
        return Err(TntpError::new(
            document.last_line(),
            format!("{links} links announced, {found} found"),
        ));
    }
    Ok(network)
}

fn read_link(content: &str, line: usize, nodes: usize) -> Result<Link, TntpError> {
    let mut values = [""; FIELDS.len()];
    let mut fields = content.split_ascii_whitespace().filter(|f| *f != ";");
    for (value, name) in values.iter_mut().zip(FIELDS) {
        let missing = || {
            TntpError::new(
                line,
                format!("{name} is missing ({} fields expected)", FIELDS.len()),
            )
        };
        *value = fields.next().ok_or_else(missing)?.trim_end_matches(';');
    }
    let get = |i: usize| amount(values[i], FIELDS[i], line);
    let (b, power) = (get(5)?, get(6)?);
    number(values[7], FIELDS[7], line)?;
    Ok(Link {
        from: index(values[0], "node", nodes, line)?,
        to: index(values[1], "node", nodes, line)?,
        capacity: get(2)?,
        length: get(3)?,
        free_flow_time: get(4)?,
        delay: if b == 0.0 {
            Delay::Constant
        } else {
            Delay::Bpr { b, power }
        },
        toll: get(8)?,
        kind: get(9)? as u32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "<NUMBER OF ZONES> 2\n<NUMBER OF NODES> 3\n<FIRST THRU NODE> 3\n<NUMBER OF LINKS> 1\n\
                        <END OF METADATA>\n\n~ \tinit term ;\n";

    fn read(line: &str) -> Result<Network, TntpError> {
        read_network(&format!("{HEAD}{line}\n"), None)
    }

    #[test]
    fn a_link_is_read_field_by_field() {
        let network = read("\t1\t3\t900\t2.5\t1.5\t0.15\t4\t50\t7\t1\t;").unwrap();
        assert_eq!(network.passable, [false, false, true]);
        let link = &network.links[0];
        assert_eq!((link.from, link.to, link.capacity), (0, 2, 900.0));
        assert_eq!((link.length, link.free_flow_time, link.toll), (2.5, 1.5, 7.0));
        assert_eq!(link.delay, Delay::Bpr { b: 0.15, power: 4.0 });
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        for (line, said) in [
            ("1 3 900 2 1 0.15 4 0 0", "link type is missing"),
            ("1 4 900 2 1 0.15 4 0 0 1 ;", "node 4 does not exist"),
            ("1 0 900 2 1 0.15 4 0 0 1 ;", "node 0 does not exist"),
            ("1 3 -900 2 1 0.15 4 0 0 1 ;", "capacity is -900"),
            ("1 3 900 2 NaN 0.15 4 0 0 1 ;", "free flow time is \"NaN\""),
            ("1 3 900 2 x 0.15 4 0 0 1 ;", "free flow time is \"x\""),
        ] {
            let error = read(line).unwrap_err();
            assert_eq!(error.line, 8, "{error}");
            assert!(error.message.contains(said), "{error}");
        }
    }

    #[test]
    fn counts_must_agree() {
        let link = "1 3 900 2 1 0.15 4 0 0 1 ;";
        assert_eq!(read(&format!("{link}\n{link}")).unwrap_err().line, 9);
        assert!(
            read("")
                .unwrap_err()
                .message
                .contains("1 links announced, 0 found")
        );
        assert!(read_network("<NUMBER OF ZONES> 2\n", None).is_err());
        assert!(read_network("", None).is_err());
    }
}

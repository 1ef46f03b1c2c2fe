//! Links as people write them: by the numbers of their end nodes, as in the network's file.

use anyhow::{Context, Result, bail};
use bisenzio_traffic::Network;

/// `FROM-TO`; parallel links are all meant.
pub fn find(network: &Network, text: &str) -> Result<Vec<u32>> {
    let (from, to) = text
        .split_once('-')
        .with_context(|| format!("\"{text}\" is no link: write FROM-TO, such as 12-34"))?;
    let (from, to) = (node(network, from)?, node(network, to)?);
    let found: Vec<u32> = network
        .links
        .iter()
        .enumerate()
        .filter(|(_, link)| (link.from, link.to) == (from, to))
        .map(|(index, _)| index as u32)
        .collect();
    if found.is_empty() {
        bail!("there is no link from node {} to node {}", from + 1, to + 1);
    }
    Ok(found)
}

/// A node by its number in the file, which counts from 1.
pub fn node(network: &Network, text: &str) -> Result<u32> {
    let number: usize = text
        .trim()
        .parse()
        .with_context(|| format!("\"{text}\" is no number of a node"))?;
    if number == 0 || number > network.nodes {
        bail!(
            "there is no node {number}: the network has 1 to {}",
            network.nodes
        );
    }
    Ok(number as u32 - 1)
}

/// `FROM-TO=NUMBER`.
pub fn with_factor(network: &Network, text: &str) -> Result<(Vec<u32>, f64)> {
    let (link, factor) = text
        .split_once('=')
        .with_context(|| format!("\"{text}\": write FROM-TO=FACTOR, such as 12-34=0.5"))?;
    let factor: f64 = factor
        .trim()
        .parse()
        .with_context(|| format!("\"{factor}\" is no number"))?;
    Ok((find(network, link)?, factor))
}

/// `FROM-VIA-TO`: a movement at a junction, by the links that it joins.
pub fn turn(network: &Network, text: &str) -> Result<Vec<(u32, u32)>> {
    let parts: Vec<&str> = text.split('-').collect();
    let [from, via, to] = parts.as_slice() else {
        bail!("\"{text}\" is no movement: write FROM-VIA-TO, such as 12-34-56");
    };
    let before = find(network, &format!("{from}-{via}"))?;
    let after = find(network, &format!("{via}-{to}"))?;
    Ok(before
        .iter()
        .flat_map(|b| after.iter().map(|a| (*b, *a)))
        .collect())
}

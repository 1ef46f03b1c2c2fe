//! Headings of the outermost level: cleaned, levels closed up, anchors unique.

use std::collections::HashSet;

use crate::model::{Block, Heading};
use crate::sanitize::{line, slug};

/// For each block the prepared heading, or `None` when it is no heading or an empty one.
pub(super) fn prepare(blocks: &[Block], numbered: bool) -> Vec<Option<Heading>> {
    let mut taken = HashSet::new();
    let mut previous = 0;
    let mut prepared: Vec<Option<Heading>> = blocks
        .iter()
        .map(|block| {
            let Block::Heading(heading) = block else {
                return None;
            };
            let mut clean = clean(heading, numbered)?;
            clean.level = clean.level.clamp(1, 4).min(previous + 1);
            previous = clean.level;
            Some(clean)
        })
        .collect();
    // Anchors that somebody chose come first, so that links to them keep working.
    for heading in prepared.iter_mut().flatten() {
        heading.anchor = heading
            .anchor
            .take()
            .map(|anchor| unique(slug(&anchor), &mut taken));
    }
    for heading in prepared.iter_mut().flatten().filter(|h| h.anchor.is_none()) {
        let base = match &heading.number {
            Some(number) => slug(&format!("{number} {}", heading.text)),
            None => slug(&heading.text),
        };
        heading.anchor = Some(unique(base, &mut taken));
    }
    prepared
}

/// The heading with clean text; the number is the text when there is no other; `None` when empty.
pub(super) fn clean(heading: &Heading, numbered: bool) -> Option<Heading> {
    let mut number = heading
        .number
        .as_deref()
        .map(line)
        .filter(|n| numbered && !n.is_empty());
    let mut text = line(&heading.text);
    if text.is_empty() {
        text = number.take()?;
    }
    let anchor = heading.anchor.clone().filter(|a| !line(a).is_empty());
    Some(Heading {
        level: heading.level,
        number,
        text,
        anchor,
    })
}

fn unique(base: String, taken: &mut HashSet<String>) -> String {
    let mut candidate = base.clone();
    let mut n = 1u32;
    while !taken.insert(candidate.clone()) {
        n += 1;
        candidate = format!("{base}-{n}");
    }
    candidate
}

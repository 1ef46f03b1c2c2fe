//! How a thing is linked: what it points to, and what points to it.

use bisenzio_ngsi_ld::{AttributeValue, Entity, Uri};
use bisenzio_store::Tx;

use super::index::ThingRow;
use super::reading::Reader;
use super::words::tail;
use super::{Words, links};
use crate::GraphError;

/// Targets whose names are looked up.
const MOST_TARGETS: usize = 100;
/// Things that point here and are shown.
const MOST_INCOMING: usize = 100;

/// A relationship with the things on its other side.
pub(crate) struct Link {
    pub(crate) label: String,
    pub(crate) ends: Vec<End>,
}

/// A thing on the other side; without `href` it is not in this graph.
pub(crate) struct End {
    pub(crate) title: String,
    pub(crate) kind: String,
    pub(crate) href: String,
}

pub(crate) struct Incoming {
    pub(crate) links: Vec<Link>,
    /// Whether there may be more.
    pub(crate) partial: bool,
}

/// What the entity points to, in the order of its attributes.
pub(crate) fn outgoing(
    tx: &mut Tx<'_>,
    reader: &Reader,
    words: &Words,
    entity: &Entity,
) -> Result<Vec<Link>, GraphError> {
    let mut left = MOST_TARGETS;
    let mut all = Vec::new();
    for (name, list) in &entity.attributes {
        let mut ends = Vec::new();
        for id in list.iter().flat_map(|instance| targets(&instance.value)) {
            if left == 0 {
                break;
            }
            left -= 1;
            ends.push(end(tx, reader, words, id)?);
        }
        if !ends.is_empty() {
            all.push(Link {
                label: words.attribute(name),
                ends,
            });
        }
    }
    Ok(all)
}

fn end(tx: &mut Tx<'_>, reader: &Reader, words: &Words, id: &str) -> Result<End, GraphError> {
    Ok(match reader.one(tx, id)? {
        Some(target) => {
            let row = ThingRow::new(words, &target);
            End {
                title: row.title,
                kind: row.kind,
                href: row.href,
            }
        }
        None => End {
            title: tail(id).to_owned(),
            kind: words.t("non in questo grafo", "not in this graph").to_owned(),
            href: links::web_address(id),
        },
    })
}

/// What points to the entity, by the words of the relationship.
pub(crate) fn incoming(
    tx: &mut Tx<'_>,
    reader: &Reader,
    words: &Words,
    id: &Uri,
) -> Result<Incoming, GraphError> {
    let points_here = |entity: &Entity| entity.id != *id && relations_to(entity, id).next().is_some();
    let found = reader.search(tx, None, id, MOST_INCOMING, &points_here)?;
    let mut links: Vec<Link> = Vec::new();
    for entity in &found.entities {
        let row = ThingRow::new(words, entity);
        for name in relations_to(entity, id) {
            let label = words.attribute(name);
            let end = End {
                title: row.title.clone(),
                kind: row.kind.clone(),
                href: row.href.clone(),
            };
            match links.iter_mut().find(|link| link.label == label) {
                Some(link) => link.ends.push(end),
                None => links.push(Link {
                    label,
                    ends: vec![end],
                }),
            }
        }
    }
    for link in &mut links {
        link.ends.sort_by_cached_key(|end| end.title.to_lowercase());
    }
    links.sort_by_cached_key(|link| link.label.to_lowercase());
    Ok(Incoming {
        links,
        partial: found.partial,
    })
}

/// Relationships (expanded) of an entity that have the target.
fn relations_to<'e>(entity: &'e Entity, id: &'e Uri) -> impl Iterator<Item = &'e str> {
    entity.attributes.iter().filter_map(move |(name, list)| {
        let points = list.iter().any(|instance| targets(&instance.value).contains(id));
        points.then_some(name.as_str())
    })
}

fn targets(value: &AttributeValue) -> &[Uri] {
    match value {
        AttributeValue::Relationship(ids) | AttributeValue::ListRelationship(ids) => ids,
        _ => &[],
    }
}

//! OpenStreetMap extracts in PBF form: the ways that are streets, their nodes, the turn restrictions.
//!
//! The file is read twice: first ways and relations, then only the nodes the ways need, so that memory follows
//! the streets and not the extract.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bisenzio_streets::from_osm::{Member, MemberKind, OsmNode, OsmRelation, OsmWay, Tags, is_street};
use osmpbf::{BlobDecode, BlobReader, Element, PrimitiveBlock, RelMemberType};

use super::archive::open;
use super::{ImportError, Limits, Source};

/// Features of the format that this reader understands (OSM PBF format, "required_features").
const KNOWN_FEATURES: [&str; 2] = ["OsmSchema-V0.6", "DenseNodes"];

/// The streets of an extract.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extract {
    pub nodes: Vec<OsmNode>,
    pub ways: Vec<OsmWay>,
    pub relations: Vec<OsmRelation>,
}

/// Reads the streets of an extract, inside `bbox` (`[west, south, east, north]`) if one is given.
///
/// # Errors
/// When the file is damaged, cut off or asks for more than the limits allow.
pub fn read<'a>(
    source: impl Into<Source<'a>>,
    bbox: Option<[f64; 4]>,
    limits: &Limits,
) -> Result<Extract, ImportError> {
    let source = source.into();
    let mut extract = Extract::default();
    let mut wanted: HashSet<i64> = HashSet::new();
    each_block(source, limits, |block| {
        for element in block.elements() {
            match element {
                Element::Way(way) => {
                    let tags: Tags = owned(way.tags());
                    if is_street(&tags) {
                        let nodes: Vec<i64> = way.refs().collect();
                        wanted.extend(&nodes);
                        extract.ways.push(OsmWay {
                            id: way.id(),
                            nodes,
                            tags,
                        });
                    }
                }
                Element::Relation(relation) => {
                    let tags: Tags = owned(relation.tags());
                    if tags.get("type").is_some_and(|t| t == "restriction") {
                        let members = relation.members().map(|m| Member {
                            role: m.role().unwrap_or_default().to_owned(),
                            kind: match m.member_type {
                                RelMemberType::Node => MemberKind::Node,
                                RelMemberType::Way => MemberKind::Way,
                                RelMemberType::Relation => MemberKind::Relation,
                            },
                            id: m.member_id,
                        });
                        extract.relations.push(OsmRelation {
                            id: relation.id(),
                            members: members.collect(),
                            tags,
                        });
                    }
                }
                _ => {}
            }
        }
        within(
            limits,
            extract.ways.len() + extract.relations.len() + wanted.len(),
        )
    })?;
    let inside =
        |lon: f64, lat: f64| bbox.is_none_or(|[w, s, e, n]| (w..=e).contains(&lon) && (s..=n).contains(&lat));
    let mut nodes: BTreeMap<i64, OsmNode> = BTreeMap::new();
    each_block(source, limits, |block| {
        for element in block.elements() {
            let (id, lon, lat) = match element {
                Element::Node(n) => (n.id(), n.lon(), n.lat()),
                Element::DenseNode(n) => (n.id(), n.lon(), n.lat()),
                _ => continue,
            };
            let on_earth = lon.abs() <= 180.0 && lat.abs() <= 90.0;
            if wanted.contains(&id) && on_earth && inside(lon, lat) {
                nodes.insert(id, OsmNode { id, lon, lat });
            }
        }
        Ok(())
    })?;
    extract.nodes = nodes.into_values().collect();
    Ok(extract)
}

fn owned<'a>(tags: impl Iterator<Item = (&'a str, &'a str)>) -> Tags {
    tags.map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

fn within(limits: &Limits, elements: usize) -> Result<(), ImportError> {
    if elements > limits.elements {
        Err(ImportError::TooManyElements {
            limit: limits.elements,
        })
    } else {
        Ok(())
    }
}

/// Hands every data block to `each`. Blocks larger than the format allows (32 MiB unpacked) are refused by
/// the decoder while it unpacks.
fn each_block(
    source: Source,
    limits: &Limits,
    mut each: impl FnMut(&PrimitiveBlock) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let taken = Arc::new(AtomicU64::new(0));
    let mut reader = BlobReader::new(Counted {
        inner: open(source, limits)?,
        taken: Arc::clone(&taken),
    });
    let mut whole = 0;
    let mut blocks = 0;
    let mut header_seen = false;
    loop {
        let fault = |problem: String| ImportError::Osm { blocks, problem };
        // The decoder does unchecked arithmetic on deltas and indices; a hostile file must not end the process.
        let step = catch_unwind(AssertUnwindSafe(|| -> Result<bool, ImportError> {
            let Some(blob) = reader.next() else {
                return Ok(false);
            };
            let blob = blob.map_err(|e| fault(e.to_string()))?;
            match blob.decode().map_err(|e| fault(e.to_string()))? {
                BlobDecode::OsmHeader(header) => {
                    header_seen = true;
                    let unknown = header
                        .required_features()
                        .iter()
                        .find(|f| !KNOWN_FEATURES.contains(&f.as_str()));
                    if let Some(feature) = unknown {
                        return Err(ImportError::OsmFeature {
                            feature: feature.clone(),
                        });
                    }
                }
                BlobDecode::OsmData(block) => each(&block)?,
                BlobDecode::Unknown(_) => {}
            }
            Ok(true)
        }));
        match step {
            Ok(Ok(true)) => {
                blocks += 1;
                whole = taken.load(Ordering::Relaxed);
            }
            // The decoder takes one to three bytes of a next block for the end of the file.
            Ok(Ok(false)) if taken.load(Ordering::Relaxed) > whole => {
                return Err(fault("the file ends inside a block".to_owned()));
            }
            Ok(Ok(false)) if header_seen => return Ok(()),
            Ok(Ok(false)) => return Err(fault("there is no OSMHeader block".to_owned())),
            Ok(Err(error)) => return Err(error),
            Err(_) => return Err(fault("a block holds numbers out of range".to_owned())),
        }
    }
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.taken.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

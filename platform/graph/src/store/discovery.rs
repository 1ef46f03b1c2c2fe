//! What types and attributes there are: counted by shape, never by entity.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::query::{EntityFilter, TypeSelection};
use bisenzio_ngsi_ld::{Entity, Uri};
use bisenzio_store::{Tx, params};

use super::shapes::Shape;
use crate::GraphError;
use crate::policy::Sight;
use crate::query::walk;

/// Entities looked at to learn of what kind their attributes are.
const SAMPLE: usize = 200;

/// Stands for any entity of a shape before the rules.
const SHELL: &str = "urn:ngsi-ld:shape";

/// By expanded name.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    pub(crate) types: BTreeMap<String, Kind>,
    pub(crate) attributes: BTreeMap<String, Attribute>,
}

#[derive(Debug, Default)]
pub(crate) struct Kind {
    pub(crate) entities: i64,
    /// Attributes of its entities, with how many have each.
    pub(crate) attributes: BTreeMap<String, i64>,
}

#[derive(Debug, Default)]
pub(crate) struct Attribute {
    pub(crate) entities: i64,
    /// Types of the entities that have it.
    pub(crate) types: BTreeSet<String>,
}

/// What whoever this transaction reads for may know of.
pub(crate) fn inventory(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Inventory, GraphError> {
    let sight = Sight::on(tx);
    let rows = tx.query(
        "SELECT s.definition, COUNT(*) FROM entity e
         JOIN entity_shape s ON s.tenant = e.tenant AND s.shape = e.shape
         WHERE e.tenant = $1 GROUP BY e.shape, s.definition",
        params![tenant],
    )?;
    let mut found = Inventory::default();
    for row in &rows {
        let mut shape = Shape::parse(row.text(0)?);
        let count: i64 = row.get(1)?;
        let shell = Entity::new(Uri::parse(SHELL)?, shape.types.clone());
        shape.attributes.retain(|name| !sight.hides(&shell, name));
        if sight.show(shell).is_none() {
            continue;
        }
        for name in &shape.types {
            let kind = found.types.entry(name.clone()).or_default();
            kind.entities += count;
            for attribute in &shape.attributes {
                *kind.attributes.entry(attribute.clone()).or_default() += count;
            }
        }
        for name in shape.attributes {
            let attribute = found.attributes.entry(name).or_default();
            attribute.entities += count;
            attribute.types.extend(shape.types.iter().cloned());
        }
    }
    Ok(found)
}

/// The kinds (`Property`, `Relationship` ...) that the attributes of a type's entities are of, by a sample.
pub(crate) fn kinds_of_type(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    name: &str,
) -> Result<BTreeMap<String, BTreeSet<&'static str>>, GraphError> {
    let filter = EntityFilter {
        types: Some(TypeSelection::one(name)),
        ..EntityFilter::default()
    };
    kinds(tx, tenant, &filter)
}

/// The kinds that an attribute is of, by a sample.
pub(crate) fn kinds_of_attribute(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    name: &str,
) -> Result<BTreeSet<&'static str>, GraphError> {
    let filter = EntityFilter {
        attrs: Some(vec![name.to_owned()]),
        ..EntityFilter::default()
    };
    Ok(kinds(tx, tenant, &filter)?.remove(name).unwrap_or_default())
}

fn kinds(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    filter: &EntityFilter,
) -> Result<BTreeMap<String, BTreeSet<&'static str>>, GraphError> {
    let mut kinds: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    let mut seen = 0;
    // Where it ends early is of no interest: the sample is full.
    let _end = walk(tx, tenant, filter, &mut |_, entity| {
        for (name, list) in &entity.attributes {
            let known = kinds.entry(name.clone()).or_default();
            known.extend(list.iter().map(|instance| instance.kind().name()));
        }
        seen += 1;
        Ok(if seen < SAMPLE {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        })
    })?;
    Ok(kinds)
}

//! Shapes: which types and attribute names occur together. A query by type or presence of attributes first
//! picks shapes, in memory, and then reads the entities that have them by one index range each.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::Entity;
use bisenzio_store::{StoreError, Tx, params};

use super::digest::digest;

/// Shapes that queries plan with. A tenant with more (every entity unlike every other) is searched without them.
const MOST: usize = 20_000;

/// Types and attribute names, both sorted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) types: Vec<String>,
    pub(crate) attributes: Vec<String>,
}

impl Shape {
    pub(crate) fn parse(definition: &str) -> Self {
        let (types, attributes) = definition.split_once('\t').unwrap_or((definition, ""));
        let list = |text: &str| {
            text.split(' ')
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
                .collect()
        };
        Self {
            types: list(types),
            attributes: list(attributes),
        }
    }

    pub(crate) fn has_attribute(&self, name: &str) -> bool {
        self.attributes.binary_search_by(|n| n.as_str().cmp(name)).is_ok()
    }
}

/// All shapes of a tenant by number.
pub(crate) type Shapes = BTreeMap<i64, Arc<Shape>>;

/// What is known to be committed. Shapes never change and never go, so this only misses new ones.
#[derive(Default)]
struct Known(RwLock<HashMap<TenantId, Arc<Shapes>>>);

impl Known {
    fn holds(&self, tenant: &TenantId, shape: i64) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known
            .get(tenant)
            .is_some_and(|shapes| shapes.contains_key(&shape))
    }

    fn all(&self, tenant: &TenantId) -> Arc<Shapes> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(tenant).cloned().unwrap_or_default()
    }

    fn add(&self, tenant: &TenantId, new: impl IntoIterator<Item = (i64, Arc<Shape>)>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let shapes = Arc::make_mut(known.entry(tenant.clone()).or_default());
        for (number, shape) in new {
            if shapes.len() < MOST {
                shapes.insert(number, shape);
            }
        }
    }
}

/// Names hold no white space (they are IRIs), so white space parts them.
fn definition(entity: &Entity) -> String {
    let types: BTreeSet<&str> = entity.types.iter().map(String::as_str).collect();
    let names: BTreeSet<&str> = entity.attributes.keys().map(String::as_str).collect();
    let join = |set: BTreeSet<&str>| set.into_iter().collect::<Vec<_>>().join(" ");
    format!("{}\t{}", join(types), join(names))
}

/// The number of an entity's shape, which is written down when it is new.
pub(crate) fn of(tx: &mut Tx<'_>, tenant: &TenantId, entity: &Entity) -> Result<i64, StoreError> {
    let definition = definition(entity);
    let number = digest(&definition);
    let known = tx.memory::<Known>();
    if known.holds(tenant, number) {
        return Ok(number);
    }
    tx.execute(
        "INSERT INTO entity_shape (tenant, shape, definition) VALUES ($1, $2, $3) ON CONFLICT (tenant, shape) DO NOTHING",
        params![tenant, number, &definition],
    )?;
    let tenant = tenant.clone();
    tx.on_commit(move || known.add(&tenant, [(number, Arc::new(Shape::parse(&definition)))]));
    Ok(number)
}

/// Whether two states have the same shape, without computing it.
pub(crate) fn same(before: &Entity, after: &Entity) -> bool {
    before.types == after.types
        && before.attributes.len() == after.attributes.len()
        && before
            .attributes
            .keys()
            .all(|name| after.attributes.contains_key(name))
}

/// Shapes that occur, as the transaction sees them; `None` when there are too many to plan with.
pub(crate) fn all(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Option<Arc<Shapes>>, StoreError> {
    let known = tx.memory::<Known>();
    let shapes = known.all(tenant);
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let count: i64 = tx
        .query_one(
            "SELECT COUNT(*) FROM (SELECT 1 FROM entity_shape WHERE tenant = $1 LIMIT $2) s",
            params![tenant, most + 1],
        )?
        .get(0)?;
    if count > most {
        return Ok(None);
    }
    if usize::try_from(count).ok() == Some(shapes.len()) {
        return Ok(Some(shapes));
    }
    let shapes = read(tx, tenant)?;
    // What a writing transaction sees may yet be undone; readers see what is committed.
    if !tx.is_writing() {
        known.add(tenant, shapes.clone());
    }
    Ok(Some(Arc::new(shapes)))
}

fn read(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Shapes, StoreError> {
    let rows = tx.query(
        "SELECT shape, definition FROM entity_shape WHERE tenant = $1",
        params![tenant],
    )?;
    rows.iter()
        .map(|row| {
            let definition: String = row.get(1)?;
            Ok((row.get(0)?, Arc::new(Shape::parse(&definition))))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bisenzio_ngsi_ld::{Context, parse};
    use serde_json::json;

    #[test]
    fn a_shape_is_read_back_as_it_was_written() {
        let body = json!({ "id": "urn:a:1", "type": ["B", "A"], "z": 1, "a": 2 });
        let entity = parse::entity(&body, &Context::core(), parse::InputFormat::Normalized).unwrap();
        let shape = Shape::parse(&definition(&entity));
        let names = |list: &[&str]| -> Vec<String> {
            list.iter()
                .map(|n| format!("https://uri.etsi.org/ngsi-ld/default-context/{n}"))
                .collect()
        };
        assert_eq!(shape.types, names(&["A", "B"]));
        assert_eq!(shape.attributes, names(&["a", "z"]));
        assert!(shape.has_attribute(&names(&["z"])[0]) && !shape.has_attribute("z"));
    }
}

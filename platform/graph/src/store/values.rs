//! Indexes of values, made for the attributes that queries ask for.
//!
//! Indexing every value of every attribute would make each write pay for questions that nobody asks. So the
//! first query that has to look at many entities for an attribute's value orders an index for it
//! ([`order`]); from then on writes keep it, a job fills in what was there before, and queries use it once it is
//! whole. Rows are candidates: the exact filter decides.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bisenzio_kernel::{Micros, TenantId};
use bisenzio_ngsi_ld::{AttributeInstance, AttributeValue, Entity};
use bisenzio_store::{StoreError, Tx, Value, params};
use serde_json::Value as Json;

use super::digest::digest;
use super::entities::Stored;
use super::insert_many_with;

/// Indexed attributes of one tenant.
const MOST: usize = 64;
/// Characters of a text that are indexed: queries compare as many.
const TEXT: usize = 100;
/// Scalars of one attribute of one entity that are indexed. An entity with more is filed under [`MANY`] instead, and
/// is a candidate for every question.
const SCALARS: usize = 500;
const MANY: &str = "\u{fffd} many";

/// Attributes with an index, by name, and whether it is whole: holds also what was there before it.
pub(crate) type Indexes = Arc<HashMap<String, bool>>;
type OfTenant = (i64, Indexes);

/// Asked once for each tenant of a transaction: many entities are written in one.
#[derive(Default)]
struct Asked(Mutex<HashMap<TenantId, Indexes>>);

/// By tenant: number of rows and of ready ones when they were read, and the rows.
#[derive(Default)]
struct Known(RwLock<HashMap<TenantId, OfTenant>>);

/// The tenant's indexes by attribute name, as the transaction sees them.
pub(crate) fn all(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Indexes, StoreError> {
    let asked = tx.scratch::<Asked>();
    let mut asked = asked.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = asked.get(tenant) {
        return Ok(known.clone());
    }
    let found = current(tx, tenant)?;
    asked.insert(tenant.clone(), found.clone());
    Ok(found)
}

fn current(tx: &mut Tx<'_>, tenant: &TenantId) -> Result<Indexes, StoreError> {
    // Rows are only added and made ready once: their numbers are a version.
    let version: i64 = tx
        .query_one(
            "SELECT COUNT(*) + COUNT(ready_at) FROM value_index WHERE tenant = $1",
            params![tenant],
        )?
        .get(0)?;
    let known = tx.memory::<Known>();
    let remembered = known
        .0
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(tenant)
        .cloned();
    match remembered {
        Some((at, list)) if at == version => Ok(list),
        _ if version == 0 => Ok(Arc::default()),
        _ => {
            let rows = tx.query(
                "SELECT name, ready_at FROM value_index WHERE tenant = $1",
                params![tenant],
            )?;
            let list: HashMap<String, bool> = rows
                .iter()
                .map(|row| Ok((row.get(0)?, row.get::<Option<i64>>(1)?.is_some())))
                .collect::<Result<_, StoreError>>()?;
            let list = Arc::new(list);
            if !tx.is_writing() {
                let mut all = known.0.write().unwrap_or_else(PoisonError::into_inner);
                all.insert(tenant.clone(), (version, list.clone()));
            }
            Ok(list)
        }
    }
}

/// Orders an index. `false` when there is one already, or there are too many.
pub(crate) fn order(tx: &mut Tx<'_>, tenant: &TenantId, name: &str, now: Micros) -> Result<bool, StoreError> {
    let indexes = all(tx, tenant)?;
    if indexes.contains_key(name) || indexes.len() >= MOST {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO value_index (tenant, attribute, name, created_at) VALUES ($1, $2, $3, $4)",
        params![tenant, digest(name), name, now],
    )?;
    let asked = tx.scratch::<Asked>();
    asked.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    Ok(true)
}

/// The index is whole.
pub(crate) fn finish(tx: &mut Tx<'_>, tenant: &TenantId, name: &str, now: Micros) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE value_index SET ready_at = $3 WHERE tenant = $1 AND attribute = $2 AND ready_at IS NULL",
        params![tenant, digest(name), now],
    )?;
    Ok(())
}

/// Brings index rows in line with a change; `after` is `None` when the entity goes.
pub(crate) fn sync(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    number: i64,
    before: Option<&Entity>,
    after: Option<&Entity>,
) -> Result<(), StoreError> {
    let indexes = all(tx, tenant)?;
    for name in indexes.keys() {
        let (old, new) = (instances(before, name), instances(after, name));
        if old == new {
            continue;
        }
        let (old, new) = (scalars(old), scalars(new));
        for scalar in old.difference(&new) {
            let table = scalar.table();
            tx.execute(
                &format!(
                    "DELETE FROM {table} WHERE tenant = $1 AND attribute = $2 AND value = $3 AND number = $4"
                ),
                params![tenant, digest(name), scalar.value(), number],
            )?;
        }
        let mut rows = Rows::new(tenant, name);
        for scalar in new.difference(&old) {
            rows.add(number, scalar);
        }
        rows.insert(tx)?;
    }
    Ok(())
}

/// Files the values that entities have; once more does no harm.
pub(crate) fn fill(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    name: &str,
    entities: &[Stored],
) -> Result<(), StoreError> {
    let mut rows = Rows::new(tenant, name);
    for stored in entities {
        for scalar in &scalars(instances(Some(&stored.entity), name)) {
            rows.add(stored.number, scalar);
        }
    }
    rows.insert(tx)
}

/// Index rows to come: as many as may be go into one statement.
struct Rows<'t> {
    tenant: &'t TenantId,
    attribute: i64,
    numbers: Vec<Vec<Value>>,
    texts: Vec<Vec<Value>>,
}

impl<'t> Rows<'t> {
    fn new(tenant: &'t TenantId, name: &str) -> Self {
        Self {
            tenant,
            attribute: digest(name),
            numbers: Vec::new(),
            texts: Vec::new(),
        }
    }

    fn add(&mut self, number: i64, scalar: &Scalar) {
        let row = vec![
            self.tenant.into(),
            self.attribute.into(),
            scalar.value(),
            number.into(),
        ];
        match scalar {
            Scalar::Number(_) => self.numbers.push(row),
            Scalar::Text(_) => self.texts.push(row),
        }
    }

    fn insert(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let tail = " ON CONFLICT (tenant, attribute, value, number) DO NOTHING";
        for (table, rows) in [
            ("entity_number_value", self.numbers),
            ("entity_text_value", self.texts),
        ] {
            let head = format!("INSERT INTO {table} (tenant, attribute, value, number)");
            insert_many_with(tx, &head, rows, tail)?;
        }
        Ok(())
    }
}

/// A condition that an index can answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Lookup {
    /// Least and greatest, both included.
    Numbers(f64, f64),
    /// Any of these.
    Texts(Vec<String>),
}

/// Index rows of one value.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    attribute: i64,
    scalar: Scalar,
}

/// The rows that hold everything that is equal to one value or one of a few; `None` for a range of numbers.
pub(crate) fn keys(name: &str, lookup: &Lookup) -> Option<Vec<Key>> {
    let mut scalars = vec![Scalar::Text(MANY.to_owned())];
    match lookup {
        Lookup::Numbers(least, most) if least == most => scalars.push(Scalar::Number(least + 0.0)),
        Lookup::Numbers(..) => return None,
        Lookup::Texts(texts) => scalars.extend(texts.iter().map(|t| Scalar::Text(shortened(t)))),
    }
    let attribute = digest(name);
    Some(
        scalars
            .into_iter()
            .map(|scalar| Key { attribute, scalar })
            .collect(),
    )
}

/// Table, attribute and value of the rows.
pub(crate) fn row_of(key: &Key) -> (&'static str, i64, Value) {
    (key.scalar.table(), key.attribute, key.scalar.value())
}

/// Numbers of entities that may have such a value, ascending, at most `limit` read from the index.
pub(crate) fn candidates(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    name: &str,
    lookup: &Lookup,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let key = digest(name);
    let mut numbers: BTreeSet<i64> = BTreeSet::new();
    let mut collect = |rows: Vec<bisenzio_store::Row>| -> Result<(), StoreError> {
        for row in &rows {
            numbers.insert(row.get(0)?);
        }
        Ok(())
    };
    let mut texts: Vec<&str> = vec![MANY];
    match lookup {
        Lookup::Numbers(least, most) => collect(tx.query(
            "SELECT number FROM entity_number_value
             WHERE tenant = $1 AND attribute = $2 AND value BETWEEN $3 AND $4 LIMIT $5",
            params![tenant, key, *least, *most, limit],
        )?)?,
        Lookup::Texts(wanted) => texts.extend(wanted.iter().map(String::as_str)),
    }
    for text in texts {
        collect(tx.query(
            "SELECT number FROM entity_text_value WHERE tenant = $1 AND attribute = $2 AND value = $3 LIMIT $4",
            params![tenant, key, shortened(text), limit],
        )?)?;
    }
    Ok(numbers.into_iter().collect())
}

fn instances<'e>(entity: Option<&'e Entity>, name: &str) -> &'e [AttributeInstance] {
    entity.map_or(&[], |e| e.instances(name))
}

/// One indexed value.
#[derive(Clone, Debug)]
enum Scalar {
    Number(f64),
    Text(String),
}

impl Scalar {
    fn table(&self) -> &'static str {
        match self {
            Scalar::Number(_) => "entity_number_value",
            Scalar::Text(_) => "entity_text_value",
        }
    }

    fn value(&self) -> Value {
        match self {
            Scalar::Number(n) => (*n).into(),
            Scalar::Text(t) => t.as_str().into(),
        }
    }
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Scalar {}

impl PartialOrd for Scalar {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scalar {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Scalar::Number(a), Scalar::Number(b)) => a.total_cmp(b),
            (Scalar::Text(a), Scalar::Text(b)) => a.cmp(b),
            (Scalar::Number(_), Scalar::Text(_)) => std::cmp::Ordering::Less,
            (Scalar::Text(_), Scalar::Number(_)) => std::cmp::Ordering::Greater,
        }
    }
}

/// Every number and text that `q` may compare with.
fn scalars(instances: &[AttributeInstance]) -> BTreeSet<Scalar> {
    let mut out = BTreeSet::new();
    for instance in instances {
        match &instance.value {
            AttributeValue::Property(value) | AttributeValue::JsonProperty(value) => of_json(value, &mut out),
            AttributeValue::ListProperty(list) => list.iter().for_each(|v| of_json(v, &mut out)),
            AttributeValue::LanguageProperty(map) => map.values().for_each(|v| of_json(v, &mut out)),
            AttributeValue::VocabProperty(terms) => terms.iter().for_each(|t| text(t, &mut out)),
            AttributeValue::Relationship(targets) | AttributeValue::ListRelationship(targets) => {
                targets.iter().for_each(|t| text(t, &mut out));
            }
            AttributeValue::GeoProperty(_) => {}
        }
    }
    if out.len() > SCALARS {
        return BTreeSet::from([Scalar::Text(MANY.to_owned())]);
    }
    out
}

fn of_json(value: &Json, out: &mut BTreeSet<Scalar>) {
    match value {
        Json::Number(n) if out.len() <= SCALARS => {
            if let Some(number) = n.as_f64() {
                // -0 and 0 are equal to a query and not to an index.
                out.insert(Scalar::Number(number + 0.0));
            }
        }
        Json::String(s) => text(s, out),
        Json::Array(items) => items.iter().for_each(|v| of_json(v, out)),
        Json::Object(map) => {
            if let Some(inner) = map.get("@value") {
                of_json(inner, out);
            }
        }
        _ => {}
    }
}

fn text(text: &str, out: &mut BTreeSet<Scalar>) {
    if out.len() <= SCALARS && !text.contains('\0') {
        out.insert(Scalar::Text(shortened(text)));
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(TEXT).collect()
}

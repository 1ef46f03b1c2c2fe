//! Finding entities: SQL narrows by type, identifier, attribute and place; the engine decides.

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::query::EntityFilter;
use bisenzio_ngsi_ld::{Entity, storage};
use bisenzio_store::{Tx, Value};

use crate::GraphError;
use crate::store::places;

/// Rows read at once while the engine decides.
const CHUNK: i64 = 500;

/// Which part of the result is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    pub limit: usize,
    pub offset: usize,
    /// Whether the total is wanted too.
    pub count: bool,
}

/// A part of the result, by identifier.
#[derive(Debug, Default)]
pub struct Found {
    pub entities: Vec<Entity>,
    /// Whether there are more after these.
    pub more: bool,
    /// The total, when it was asked for.
    pub total: Option<usize>,
}

/// Entities that meet the filter.
///
/// # Errors
/// When the store fails.
pub fn find(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    filter: &EntityFilter,
    page: Page,
) -> Result<Found, GraphError> {
    let narrowed = Narrowed::by(tenant, filter);
    if narrowed.exact {
        narrowed.page(tx, page)
    } else {
        narrowed.scan(tx, filter, page)
    }
}

struct Narrowed {
    /// ` FROM ... WHERE ...` on `entity e`.
    tail: String,
    values: Vec<Value>,
    /// SQL alone decides.
    exact: bool,
}

impl Narrowed {
    fn by(tenant: &TenantId, filter: &EntityFilter) -> Self {
        let mut values: Vec<Value> = vec![tenant.into()];
        let mut tail = String::from(" FROM entity e WHERE e.tenant = $1");
        let mut exact = filter.q.is_none() && filter.scope_q.is_none() && filter.id_pattern.is_none();
        if let Some(types) = &filter.types {
            match types.alternatives() {
                Some(names) => {
                    let marks = push_all(&mut values, names);
                    tail.push_str(&of_type(&marks));
                }
                // Types that must come together: the engine decides among those that have any of them.
                None => {
                    exact = false;
                    let marks = push_all(&mut values, types.mentioned());
                    tail.push_str(&of_type(&marks));
                }
            }
        }
        if let Some(ids) = &filter.ids {
            let marks = push_all(&mut values, ids.iter().map(bisenzio_ngsi_ld::Uri::as_str));
            tail.push_str(&format!(" AND e.id IN ({marks})"));
        }
        if let Some(attributes) = &filter.attrs {
            let marks = push_all(&mut values, attributes.iter().map(String::as_str));
            tail.push_str(&format!(
                " AND EXISTS (SELECT 1 FROM entity_attribute a WHERE a.tenant = $1 AND a.entity = e.id AND a.attribute IN ({marks}))"
            ));
        }
        if let Some(geo) = &filter.geo_q {
            exact = false;
            if let Some(window) = geo.bbox() {
                tail.push_str(&places::condition(&geo.geoproperty, &window, &mut values));
            }
        }
        Self { tail, values, exact }
    }

    fn page(mut self, tx: &mut Tx<'_>, page: Page) -> Result<Found, GraphError> {
        let total = match page.count {
            true => {
                let count: i64 = tx
                    .query_one(&format!("SELECT COUNT(*){}", self.tail), &self.values)?
                    .get(0)?;
                Some(usize::try_from(count).unwrap_or(0))
            }
            false => None,
        };
        let (limit, offset) = (as_int(page.limit).saturating_add(1), as_int(page.offset));
        let mut entities = self.rows(tx, limit, offset)?;
        let more = entities.len() > page.limit;
        entities.truncate(page.limit);
        Ok(Found {
            entities,
            more,
            total,
        })
    }

    fn scan(mut self, tx: &mut Tx<'_>, filter: &EntityFilter, page: Page) -> Result<Found, GraphError> {
        let mut met = 0_usize;
        let mut found = Found::default();
        // Each chunk starts after the last identifier of the one before: no row is read twice.
        let start = self.values.len();
        let tail = self.tail.clone();
        loop {
            let chunk = self.rows(tx, CHUNK, 0)?;
            let last = as_int(chunk.len()) < CHUNK;
            if let Some(entity) = chunk.last() {
                self.values.truncate(start);
                self.values.push(entity.id.as_str().into());
                self.tail = format!("{tail} AND e.id > ${}", self.values.len());
            }
            for entity in chunk {
                if !filter.matches(&entity) {
                    continue;
                }
                met += 1;
                if met > page.offset && found.entities.len() < page.limit {
                    found.entities.push(entity);
                }
            }
            found.more = met > page.offset + page.limit;
            if last || (found.more && !page.count) {
                found.total = page.count.then_some(met);
                return Ok(found);
            }
        }
    }

    fn rows(&mut self, tx: &mut Tx<'_>, limit: i64, offset: i64) -> Result<Vec<Entity>, GraphError> {
        let n = self.values.len();
        self.values.extend([limit.into(), offset.into()]);
        let sql = format!(
            "SELECT e.document{} ORDER BY e.id LIMIT ${} OFFSET ${}",
            self.tail,
            n + 1,
            n + 2
        );
        let rows = tx.query(&sql, &self.values)?;
        self.values.truncate(n);
        rows.iter()
            .map(|row| Ok(storage::from_storage_str(&row.get::<String>(0)?)?))
            .collect()
    }
}

fn of_type(marks: &str) -> String {
    format!(
        " AND EXISTS (SELECT 1 FROM entity_type t WHERE t.tenant = $1 AND t.entity = e.id AND t.type IN ({marks}))"
    )
}

fn push_all<'a>(values: &mut Vec<Value>, texts: impl IntoIterator<Item = &'a str>) -> String {
    let marks: Vec<String> = texts
        .into_iter()
        .map(|text| {
            values.push(text.into());
            format!("${}", values.len())
        })
        .collect();
    // `IN ()` is no SQL: an empty list matches nothing.
    if marks.is_empty() {
        "NULL".to_owned()
    } else {
        marks.join(", ")
    }
}

fn as_int(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

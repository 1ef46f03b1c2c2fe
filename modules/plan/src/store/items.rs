//! The records that officers edit, by the columns their forms name. Table and column names are our own
//! constants; foreign text enters only as parameters.

use bisenzio_kernel::TenantId;
use bisenzio_store::{Row, StoreError, Tx, Value, params};

use crate::model::{FieldKind, ItemKind, Values};

/// Which record of which project and year.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    pub tenant: &'a TenantId,
    pub year: i64,
    pub project: &'a str,
    /// Not used for a project itself.
    pub id: &'a str,
}

#[derive(Clone, Debug)]
pub struct Item {
    pub id: String,
    pub values: Values,
    pub version: i64,
    pub deleted: bool,
}

impl Key<'_> {
    fn columns(&self, kind: ItemKind) -> &'static [&'static str] {
        if kind == ItemKind::Project {
            &["tenant", "year", "project"]
        } else {
            &["tenant", "year", "project", "id"]
        }
    }

    fn values(&self, kind: ItemKind) -> Vec<Value> {
        let mut out = vec![
            Value::from(self.tenant),
            Value::from(self.year),
            Value::from(self.project),
        ];
        if kind != ItemKind::Project {
            out.push(Value::from(self.id));
        }
        out
    }

    /// "tenant = $1 AND year = $2 AND ...".
    fn condition(&self, kind: ItemKind) -> String {
        let parts: Vec<String> = self
            .columns(kind)
            .iter()
            .enumerate()
            .map(|(n, column)| format!("{column} = ${}", n + 1))
            .collect();
        parts.join(" AND ")
    }
}

fn names(kind: ItemKind) -> Vec<&'static str> {
    kind.fields().iter().map(|spec| spec.name).collect()
}

fn stored(kind: ItemKind, values: &Values) -> Vec<Value> {
    kind.fields()
        .iter()
        .map(|spec| {
            let text = values.get(spec.name).map_or("", String::as_str);
            match spec.kind {
                FieldKind::Number => Value::from(text.parse::<f64>().ok()),
                FieldKind::Flag => Value::from(i64::from(!text.is_empty())),
                _ => Value::from(text),
            }
        })
        .collect()
}

fn read(kind: ItemKind, row: &Row) -> Result<Item, StoreError> {
    let mut values = Values::new();
    for (spec, value) in kind.fields().iter().zip(&row.values()[3..]) {
        let text = match value {
            Value::Text(text) => text.clone(),
            Value::Real(number) => number.to_string(),
            Value::Int(number) if matches!(spec.kind, FieldKind::Flag) => {
                if *number == 0 {
                    String::new()
                } else {
                    "1".to_owned()
                }
            }
            Value::Int(number) => number.to_string(),
            Value::Null | Value::Blob(_) => String::new(),
        };
        values.insert(spec.name.to_owned(), text);
    }
    Ok(Item {
        id: row.get(0)?,
        version: row.get(1)?,
        deleted: row.get(2)?,
        values,
    })
}

fn selected(kind: ItemKind) -> String {
    let id = if kind == ItemKind::Project {
        "project"
    } else {
        "id"
    };
    format!(
        "SELECT {id}, version, deleted, {} FROM {}",
        names(kind).join(", "),
        kind.table()
    )
}

pub fn fetch(tx: &mut Tx<'_>, key: Key<'_>, kind: ItemKind) -> Result<Option<Item>, StoreError> {
    if kind == ItemKind::Edition {
        return super::editions::texts(tx, key.tenant, key.year);
    }
    let sql = format!("{} WHERE {}", selected(kind), key.condition(kind));
    tx.query_opt(&sql, &key.values(kind))?
        .as_ref()
        .map(|row| read(kind, row))
        .transpose()
}

/// Adds a record at the end of its list, as version 1.
pub fn insert(tx: &mut Tx<'_>, key: Key<'_>, kind: ItemKind, values: &Values) -> Result<(), StoreError> {
    let mut columns: Vec<&str> = key.columns(kind).to_vec();
    let mut given = key.values(kind);
    if kind != ItemKind::Project {
        let sql = format!(
            "SELECT COALESCE(MAX(position), 0) FROM {} WHERE tenant = $1 AND year = $2 AND project = $3",
            kind.table()
        );
        let last: i64 = tx
            .query_one(&sql, params![key.tenant, key.year, key.project])?
            .get(0)?;
        columns.push("position");
        given.push(Value::from(last + 1));
    }
    columns.extend(["version", "deleted"]);
    given.extend([Value::from(1_i64), Value::from(0_i64)]);
    columns.extend(names(kind));
    given.extend(stored(kind, values));
    let marks: Vec<String> = (1..=given.len()).map(|n| format!("${n}")).collect();
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        kind.table(),
        columns.join(", "),
        marks.join(", ")
    );
    tx.execute(&sql, &given)?;
    Ok(())
}

/// Replaces the fields if the record still has this version; says whether it had.
pub fn update(
    tx: &mut Tx<'_>,
    key: Key<'_>,
    kind: ItemKind,
    values: &Values,
    version: i64,
) -> Result<bool, StoreError> {
    if kind == ItemKind::Edition {
        return super::editions::save_texts(tx, key.tenant, key.year, values, version);
    }
    let mut given = key.values(kind);
    given.push(Value::from(version));
    let expected = given.len();
    let mut sets = Vec::new();
    for (name, value) in names(kind).into_iter().zip(stored(kind, values)) {
        given.push(value);
        sets.push(format!("{name} = ${}", given.len()));
    }
    let sql = format!(
        "UPDATE {} SET {}, version = version + 1 WHERE {} AND version = ${expected} AND deleted = 0",
        kind.table(),
        sets.join(", "),
        key.condition(kind)
    );
    Ok(tx.execute(&sql, &given)? == 1)
}

/// Marks a record deleted, or takes the mark away; says whether there was one to change.
pub fn set_deleted(tx: &mut Tx<'_>, key: Key<'_>, kind: ItemKind, deleted: bool) -> Result<bool, StoreError> {
    let mut given = key.values(kind);
    given.push(Value::from(i64::from(deleted)));
    let sql = format!(
        "UPDATE {} SET deleted = ${}, version = version + 1 WHERE {} AND deleted <> ${}",
        kind.table(),
        given.len(),
        key.condition(kind),
        given.len()
    );
    Ok(tx.execute(&sql, &given)? == 1)
}

/// The deleted records of a project.
pub fn deleted(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    year: i64,
    project: &str,
    kind: ItemKind,
) -> Result<Vec<Item>, StoreError> {
    let sql = format!(
        "{} WHERE tenant = $1 AND year = $2 AND project = $3 AND deleted = 1 ORDER BY position, id",
        selected(kind)
    );
    tx.query(&sql, params![tenant, year, project])?
        .iter()
        .map(|row| read(kind, row))
        .collect()
}

//! Backup and restore, online and the same for both engines: what one wrote the other can read, so moving
//! a city from SQLite to PostgreSQL (or back) is a backup and a restore.
//!
//! The file is gzip over JSON lines: a header (`format`, applied migrations), per table a line
//! `{"table": ..., "columns": [...]}` followed by one array per row, and a trailer with the number of rows
//! and the SHA-256 of every line before it.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::{Engine, Store, StoreError, Tx, Value, params};

const FORMAT: &str = "bisenzio-backup/1";
const PAGE: i64 = 2_000;

#[derive(Clone, Debug, serde::Serialize)]
pub struct BackupReport {
    pub tables: usize,
    pub rows: u64,
    pub sha256: String,
}

/// Writes everything to a file from one snapshot while the city goes on working. The file appears under
/// its name only when it is whole.
///
/// # Errors
/// When the store cannot be read or the file cannot be written.
pub async fn backup(store: &Store, path: &Path) -> Result<BackupReport, StoreError> {
    let part = part_path(path);
    let target = part.clone();
    let report = store.read(move |tx| dump(tx, &target)).await?;
    std::fs::rename(&part, path)?;
    Ok(report)
}

/// Fills an empty, migrated store from a backup. The checksum is verified before anything is written; the
/// rows enter in one transaction.
///
/// # Errors
/// `StoreError::Backup` when the file is cut off, altered, or of other migrations, or the store holds data.
pub async fn restore(store: &Store, path: &Path) -> Result<BackupReport, StoreError> {
    let report = verify(path)?;
    let path = path.to_owned();
    store.write(move |tx| load(tx, &path)).await?;
    Ok(report)
}

fn part_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

fn dump(tx: &mut Tx<'_>, path: &Path) -> Result<BackupReport, StoreError> {
    let file = File::create(path)?;
    let mut out = Hashed {
        hash: Sha256::new(),
        out: GzEncoder::new(BufWriter::new(file), Compression::default()),
    };
    let migrations = applied(tx)?;
    out.line(&json!({ "format": FORMAT, "migrations": migrations }))?;
    let mut rows = 0;
    let tables = tables(tx)?;
    for table in &tables {
        rows += dump_table(tx, table, &mut out)?;
    }
    let sha256 = out.digest();
    out.line(&json!({ "rows": rows, "sha256": sha256 }))?;
    let file = out
        .out
        .finish()?
        .into_inner()
        .map_err(|e| StoreError::Io(e.into_error()))?;
    file.sync_all()?;
    Ok(BackupReport {
        tables: tables.len(),
        rows,
        sha256,
    })
}

fn dump_table(tx: &mut Tx<'_>, table: &str, out: &mut Hashed) -> Result<u64, StoreError> {
    let columns = columns(tx, table)?;
    out.line(&json!({ "table": table, "columns": columns }))?;
    // Ordering by every column makes the pages disjoint without knowing the key.
    let list = columns
        .iter()
        .map(|c| format!("\"{c}\""))
        .collect::<Vec<_>>()
        .join(", ");
    let mut written = 0_u64;
    loop {
        let sql = format!("SELECT {list} FROM \"{table}\" ORDER BY {list} LIMIT $1 OFFSET $2");
        let page = tx.query(&sql, params![PAGE, i64::try_from(written).unwrap_or(i64::MAX)])?;
        for row in &page {
            out.line(&Json::Array(row.values().iter().map(to_json).collect()))?;
        }
        written += page.len() as u64;
        if i64::try_from(page.len()).unwrap_or(0) < PAGE {
            return Ok(written);
        }
    }
}

fn verify(path: &Path) -> Result<BackupReport, StoreError> {
    let mut hash = Sha256::new();
    let (mut tables, mut rows) = (0, 0_u64);
    let mut trailer = None;
    for (index, line) in lines(path)?.enumerate() {
        let line = line.map_err(|e| StoreError::Backup(format!("the file is cut off or damaged: {e}")))?;
        let value: Json = serde_json::from_str(&line)
            .map_err(|e| StoreError::Backup(format!("line {}: {e}", index + 1)))?;
        if trailer.is_some() {
            return Err(StoreError::Backup("there is more after the end".into()));
        }
        if index == 0 && value["format"] != FORMAT {
            return Err(StoreError::Backup("this is not a Bisenzio backup".into()));
        }
        if value.get("sha256").is_some() {
            trailer = Some(value);
            continue;
        }
        tables += usize::from(value.get("table").is_some());
        rows += u64::from(value.is_array());
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    let trailer = trailer.ok_or_else(|| StoreError::Backup("the file is cut off: it has no end".into()))?;
    let sha256 = hex(&hash.finalize());
    if trailer["sha256"] != Json::String(sha256.clone()) || trailer["rows"] != json!(rows) {
        return Err(StoreError::Backup(
            "the checksum does not match: the file was altered".into(),
        ));
    }
    Ok(BackupReport { tables, rows, sha256 })
}

fn load(tx: &mut Tx<'_>, path: &Path) -> Result<(), StoreError> {
    let damaged = |e: serde_json::Error| StoreError::Backup(e.to_string());
    let mut insert: Option<String> = None;
    for line in lines(path)? {
        let value: Json = serde_json::from_str(&line?).map_err(damaged)?;
        match &value {
            Json::Array(cells) => {
                let sql = insert
                    .as_ref()
                    .ok_or_else(|| StoreError::Backup("a row before its table".into()))?;
                let cells = cells.iter().map(from_json).collect::<Result<Vec<_>, _>>()?;
                tx.execute(sql, &cells)?;
            }
            _ if value.get("format").is_some() && value["migrations"] != applied(tx)? => {
                return Err(StoreError::Backup(
                    "the backup was made by another version of Bisenzio: restore it with that version, then update"
                        .into(),
                ));
            }
            _ if value.get("table").is_some() => insert = Some(begin_table(tx, &value)?),
            _ => {}
        }
    }
    Ok(())
}

fn begin_table(tx: &mut Tx<'_>, header: &Json) -> Result<String, StoreError> {
    let table = header["table"].as_str().unwrap_or_default();
    // Only names that the schema itself holds are ever put into SQL.
    if !tables(tx)?.iter().any(|known| known == table) {
        return Err(StoreError::Backup(format!("unknown table \"{table}\"")));
    }
    let filled: i64 = tx
        .query_one(&format!("SELECT COUNT(*) FROM \"{table}\""), &[])?
        .get(0)?;
    if filled > 0 {
        return Err(StoreError::Backup(format!(
            "the store already holds data (table {table}): restore into an empty one"
        )));
    }
    let known = columns(tx, table)?;
    let names: Vec<&str> = header["columns"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    if names.is_empty() || names.iter().any(|name| !known.iter().any(|k| k == name)) {
        return Err(StoreError::Backup(format!(
            "unknown columns in table \"{table}\""
        )));
    }
    let list = names
        .iter()
        .map(|n| format!("\"{n}\""))
        .collect::<Vec<_>>()
        .join(", ");
    let marks = (1..=names.len())
        .map(|i| format!("${i}"))
        .collect::<Vec<_>>()
        .join(", ");
    Ok(format!("INSERT INTO \"{table}\" ({list}) VALUES ({marks})"))
}

fn applied(tx: &mut Tx<'_>) -> Result<Json, StoreError> {
    let rows = tx.query(
        "SELECT module, version, checksum FROM schema_migration ORDER BY module, version",
        &[],
    )?;
    Ok(rows
        .iter()
        .map(|row| Json::Array(row.values().iter().map(to_json).collect()))
        .collect())
}

/// Tables to save: all but the list of migrations, which the program itself writes.
fn tables(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let sql = match tx.engine() {
        Engine::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        }
        Engine::Postgres => {
            "SELECT table_name::TEXT FROM information_schema.tables
             WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name"
        }
    };
    let mut names = tx
        .query(sql, &[])?
        .iter()
        .map(|row| row.get(0))
        .collect::<Result<Vec<String>, _>>()?;
    names.retain(|name| name != "schema_migration");
    // The two engines sort names differently; the file must not.
    names.sort();
    Ok(names)
}

fn columns(tx: &mut Tx<'_>, table: &str) -> Result<Vec<String>, StoreError> {
    let sql = match tx.engine() {
        Engine::Sqlite => "SELECT name FROM pragma_table_info($1) ORDER BY cid",
        Engine::Postgres => {
            "SELECT column_name::TEXT FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
        }
    };
    tx.query(sql, params![table])?
        .iter()
        .map(|row| row.get(0))
        .collect()
}

fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Int(v) => json!(v),
        // Reals are marked: 1.0 must not come back as the integer 1.
        Value::Real(v) => json!({ "r": v }),
        Value::Text(v) => json!(v),
        Value::Blob(v) => json!({ "b": BASE64.encode(v) }),
    }
}

fn from_json(value: &Json) -> Result<Value, StoreError> {
    let wrong = || StoreError::Backup(format!("not a value: {value}"));
    match value {
        Json::Null => Ok(Value::Null),
        Json::Number(n) => n.as_i64().map(Value::Int).ok_or_else(wrong),
        Json::String(s) => Ok(Value::Text(s.clone())),
        Json::Object(o) => {
            if let Some(real) = o.get("r").and_then(Json::as_f64) {
                return Ok(Value::Real(real));
            }
            let text = o.get("b").and_then(Json::as_str).ok_or_else(wrong)?;
            BASE64.decode(text).map(Value::Blob).map_err(|_| wrong())
        }
        _ => Err(wrong()),
    }
}

fn lines(path: &Path) -> Result<impl Iterator<Item = std::io::Result<String>>, StoreError> {
    let file = File::open(path).map_err(|e| StoreError::Backup(format!("{}: {e}", path.display())))?;
    Ok(BufReader::new(GzDecoder::new(BufReader::new(file))).lines())
}

struct Hashed {
    hash: Sha256,
    out: GzEncoder<BufWriter<File>>,
}

impl Hashed {
    fn line(&mut self, value: &Json) -> Result<(), StoreError> {
        let mut line = value.to_string();
        line.push('\n');
        self.hash.update(line.as_bytes());
        self.out.write_all(line.as_bytes())?;
        Ok(())
    }

    fn digest(&self) -> String {
        hex(&self.hash.clone().finalize())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

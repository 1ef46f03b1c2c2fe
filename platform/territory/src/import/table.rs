//! Tables of comma-separated values whose faults are named by file, line and column.

use std::io::Read;

use csv::{ReaderBuilder, StringRecord};

use super::ImportError;

/// The columns a table must have, by name, and where they stand.
pub(super) struct Table<'a> {
    file: &'a str,
    columns: Vec<(&'static str, Option<usize>)>,
    record: &'a StringRecord,
    line: u64,
}

/// Reads a table row by row. `required` columns must exist; `optional` ones may.
pub(super) fn rows(
    file: &str,
    reader: &mut dyn Read,
    required: &[&'static str],
    optional: &[&'static str],
    limit: usize,
    mut each: impl FnMut(&Table) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let mut csv = ReaderBuilder::new().flexible(false).from_reader(reader);
    let headers = csv.byte_headers().map_err(|e| fault(file, &e))?.clone();
    let clean = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes)
            .trim_start_matches('\u{feff}')
            .trim()
            .trim_matches('"')
            .to_owned()
    };
    let names: Vec<String> = headers.iter().map(clean).collect();
    let mut columns = Vec::new();
    for &column in required.iter().chain(optional) {
        let at = names.iter().position(|n| n == column);
        if at.is_none() && required.contains(&column) {
            return Err(ImportError::MissingColumn {
                file: file.to_owned(),
                column,
            });
        }
        columns.push((column, at));
    }
    let mut record = StringRecord::new();
    let mut count = 0;
    while csv.read_record(&mut record).map_err(|e| fault(file, &e))? {
        count += 1;
        if count > limit {
            return Err(ImportError::TooManyRows {
                file: file.to_owned(),
                limit,
            });
        }
        let line = record.position().map_or(0, csv::Position::line);
        let table = Table {
            file,
            columns,
            record: &record,
            line,
        };
        each(&table)?;
        columns = table.columns;
    }
    Ok(())
}

fn fault(file: &str, error: &csv::Error) -> ImportError {
    let line = error.position().map_or(1, csv::Position::line);
    let problem = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "not UTF-8 text; save the table as UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("{len} values where the first line names {expected_len} columns")
        }
        _ => error.to_string(),
    };
    ImportError::Row {
        file: file.to_owned(),
        line,
        problem,
    }
}

impl Table<'_> {
    /// The value of a column, without blanks around it; empty when the column or the value is missing.
    pub fn text(&self, column: &'static str) -> &str {
        let at = self
            .columns
            .iter()
            .find(|(name, _)| *name == column)
            .and_then(|(_, at)| *at);
        at.and_then(|at| self.record.get(at)).unwrap_or_default().trim()
    }

    /// The value of a column that must not be empty.
    pub fn required(&self, column: &'static str) -> Result<&str, ImportError> {
        match self.text(column) {
            "" => Err(self.wrong(column, "the value is empty")),
            text => Ok(text),
        }
    }

    /// A number.
    pub fn number<T: std::str::FromStr>(&self, column: &'static str) -> Result<T, ImportError> {
        let text = self.required(column)?;
        let shown: String = text.chars().take(40).collect();
        text.parse()
            .map_err(|_| self.wrong(column, &format!("\"{shown}\" is not a number")))
    }

    /// A position from two columns, checked against the Earth's ranges.
    pub fn position(&self, lon: &'static str, lat: &'static str) -> Result<[f64; 2], ImportError> {
        let (x, y): (f64, f64) = (self.number(lon)?, self.number(lat)?);
        if !(-180.0..=180.0).contains(&x) {
            return Err(self.wrong(lon, &format!("{x} is not between -180 and 180")));
        }
        if !(-90.0..=90.0).contains(&y) {
            return Err(self.wrong(lat, &format!("{y} is not between -90 and 90")));
        }
        Ok([x, y])
    }

    /// A fault in this row.
    pub fn wrong(&self, column: &'static str, problem: &str) -> ImportError {
        ImportError::Value {
            file: self.file.to_owned(),
            line: self.line,
            column,
            problem: problem.to_owned(),
        }
    }
}

//! SQL, nothing but SQL. Absent text is stored as NULL or as "": both read as absent.

pub mod documents;
pub mod editions;
pub mod items;
pub mod read;
pub mod write;

use bisenzio_store::{Row, StoreError};

/// An optional text column.
pub(crate) fn optional(row: &Row, index: usize) -> Result<Option<String>, StoreError> {
    Ok(row.get::<Option<String>>(index)?.filter(|text| !text.is_empty()))
}

/// An optional text column that readers need no absence for.
pub(crate) fn text(row: &Row, index: usize) -> Result<String, StoreError> {
    Ok(row.get::<Option<String>>(index)?.unwrap_or_default())
}

/// A text column that holds what a type can be read from.
pub(crate) fn parsed<T: std::str::FromStr>(row: &Row, index: usize) -> Result<T, StoreError> {
    let text: String = row.get(index)?;
    text.parse()
        .map_err(|_| StoreError::Column(format!("column {index} holds \"{text}\"")))
}

pub(crate) fn parsed_optional<T: std::str::FromStr>(
    row: &Row,
    index: usize,
) -> Result<Option<T>, StoreError> {
    optional(row, index)?
        .map(|text| {
            text.parse()
                .map_err(|_| StoreError::Column(format!("column {index} holds \"{text}\"")))
        })
        .transpose()
}

pub(crate) fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Column(error.to_string()))
}

pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Column(error.to_string()))
}

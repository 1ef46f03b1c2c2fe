//! SQL, nothing but SQL.

pub mod acts;
pub mod filter;
pub mod places;
pub mod rooms;
pub mod streets;
pub mod worksites;

use bisenzio_store::StoreError;
use jiff::civil::Date;
use serde::de::DeserializeOwned;

/// A stored JSON text as its type.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|e| StoreError::Column(format!("stored record: {e}")))
}

pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Column(e.to_string()))
}

pub(crate) fn day(text: Option<String>) -> Result<Option<Date>, StoreError> {
    text.map(|t| {
        t.parse()
            .map_err(|_| StoreError::Column(format!("\"{t}\" is not a day")))
    })
    .transpose()
}

/// What a query gives.
pub type StoreErrorOr<T> = Result<T, StoreError>;

//! The five kinds of value both engines share.

use std::sync::Arc;

use bisenzio_kernel::TenantId;

use crate::StoreError;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

macro_rules! from {
    ($($type:ty => |$v:ident| $made:expr),* $(,)?) => {
        $(impl From<$type> for Value { fn from($v: $type) -> Self { $made } })*
    };
}

from! {
    i64 => |v| Value::Int(v),
    i32 => |v| Value::Int(v.into()),
    i16 => |v| Value::Int(v.into()),
    u32 => |v| Value::Int(v.into()),
    bool => |v| Value::Int(v.into()),
    f64 => |v| Value::Real(v),
    String => |v| Value::Text(v),
    &str => |v| Value::Text(v.to_owned()),
    &String => |v| Value::Text(v.clone()),
    Vec<u8> => |v| Value::Blob(v),
    &[u8] => |v| Value::Blob(v.to_vec()),
    &TenantId => |v| Value::Text(v.as_str().to_owned()),
    TenantId => |v| Value::Text(v.as_str().to_owned()),
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// One row of a result: columns by position, in the order of the `SELECT`.
#[derive(Clone, Debug)]
pub struct Row {
    pub(crate) columns: Arc<[String]>,
    pub(crate) values: Vec<Value>,
}

impl Row {
    /// # Errors
    /// `StoreError::Column` when the column is missing or of another kind.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T, StoreError> {
        let value = self
            .values
            .get(index)
            .ok_or_else(|| StoreError::Column(format!("no column {index}")))?;
        T::from_value(value).ok_or_else(|| {
            let name = self.columns.get(index).map_or("?", String::as_str);
            StoreError::Column(format!("column {index} ({name}) holds {value:?}"))
        })
    }

    /// A text without copying it.
    ///
    /// # Errors
    /// `StoreError::Column` when the column is missing or holds no text.
    pub fn text(&self, index: usize) -> Result<&str, StoreError> {
        match self.values.get(index) {
            Some(Value::Text(text)) => Ok(text),
            other => Err(StoreError::Column(format!("column {index} holds {other:?}"))),
        }
    }

    pub fn values(&self) -> &[Value] {
        &self.values
    }

    pub fn columns(&self) -> &[String] {
        &self.columns
    }
}

pub trait FromValue: Sized {
    fn from_value(value: &Value) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Int(v) => Some(*v),
            _ => None,
        }
    }
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).map(|v| v != 0)
    }
}

impl FromValue for f64 {
    #[allow(clippy::cast_precision_loss, reason = "an integer literal in a REAL column")]
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Real(v) => Some(*v),
            Value::Int(v) => Some(*v as f64),
            _ => None,
        }
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(v) => Some(v.clone()),
            _ => None,
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Blob(v) => Some(v.clone()),
            _ => None,
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            other => T::from_value(other).map(Some),
        }
    }
}

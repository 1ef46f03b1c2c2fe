//! The internal JSON form in which entities are stored: expanded names, short keys, no loss.
//!
//! Entity: `{"i": id, "t": [types], "s": [scopes], "c": created, "m": modified, "x": deleted,
//! "a": {attribute IRI: instance | [instances]}}`. Instance: `{"k": kind letter, "v": value, "u": unitCode,
//! "d": datasetId, "z": valueType, "n": instanceId, "o": observedAt, "y": objectType, "c", "m", "x",
//! "s": {sub-attributes}}`. Times are microseconds since 1970 UTC; absent members are left out.
//!
//! Every write and most reads pass here, so both go straight between text and model, without a tree of values
//! in between.

mod read;
mod write;

use crate::error::{ErrorKind, NgsiError, Result};
use crate::model::{AttributeInstance, Entity};
use read::{ReadEntity, ReadInstance};
use serde_json::Value;
use write::{WriteEntity, WriteInstance};

/// Writes an entity in the storage form.
pub fn to_storage_json(entity: &Entity) -> Value {
    serde_json::to_value(WriteEntity(entity)).unwrap_or_default()
}

/// [`to_storage_json`] as text.
pub fn to_storage_string(entity: &Entity) -> String {
    text(&WriteEntity(entity))
}

/// Writes one attribute instance in the storage form (history, notifications).
pub fn instance_to_storage_json(instance: &AttributeInstance) -> Value {
    serde_json::to_value(WriteInstance(instance)).unwrap_or_default()
}

/// [`instance_to_storage_json`] as text.
pub fn instance_to_storage_string(instance: &AttributeInstance) -> String {
    text(&WriteInstance(instance))
}

/// Nothing of the model can fail to be written: keys are texts and numbers are finite.
fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Reads an entity back from the storage form.
///
/// Errors: `InternalError` when the stored value is damaged.
pub fn from_storage_json(stored: Value) -> Result<Entity> {
    serde_json::from_value::<ReadEntity>(stored)
        .map(|read| read.0)
        .map_err(|e| damaged(&e))
}

/// [`from_storage_json`] from text.
pub fn from_storage_str(text: &str) -> Result<Entity> {
    serde_json::from_str::<ReadEntity>(text)
        .map(|read| read.0)
        .map_err(|e| damaged(&e))
}

/// Reads one attribute instance back from the storage form.
pub fn instance_from_storage_json(stored: Value) -> Result<AttributeInstance> {
    serde_json::from_value::<ReadInstance>(stored)
        .map(|read| read.0)
        .map_err(|e| damaged(&e))
}

/// [`instance_from_storage_json`] from text.
pub fn instance_from_storage_str(text: &str) -> Result<AttributeInstance> {
    serde_json::from_str::<ReadInstance>(text)
        .map(|read| read.0)
        .map_err(|e| damaged(&e))
}

fn damaged(error: &serde_json::Error) -> NgsiError {
    NgsiError::new(
        ErrorKind::InternalError,
        format!("stored entity is damaged: {error}"),
    )
}
